"""Spans of whole months that statements are about: a month, a fiscal year, a calendar year, any run of months.

Only spans of one kind are compared with each other: a month with months (or with the same month of other years), a
fiscal year with fiscal years, the first quarter of a fiscal year with the same quarter of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from caudal._core.dates import add_months, fiscal_year, month_label
from caudal._core.errors import OptionError

__all__ = ["MONTHS", "Span", "calendar_year", "fiscal", "month"]

#: Names of months; position 0 is January.
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Span:
    """A run of whole months.

    Attributes
    ----------
    first : datetime.date
        First day of its first month.
    months : int
        How many months, at least 1.
    """

    first: date
    months: int = 1

    def __post_init__(self) -> None:
        if self.first.day != 1 or self.months < 1:
            raise OptionError(
                f"{self.first} and {self.months} months are no span", remedy="Begin on the first of a month"
            )

    @property
    def kind(self) -> str:
        """``month``, ``fiscal_year``, ``calendar_year`` or ``range``."""
        if self.months == 1:
            return "month"
        if self.months == 12 and self.first.month in (1, 10):
            return "calendar_year" if self.first.month == 1 else "fiscal_year"
        return "range"

    @property
    def last(self) -> date:
        """First day of the last month."""
        return add_months(self.first, self.months - 1)

    @property
    def end(self) -> date:
        """First day after the span."""
        return add_months(self.first, self.months)

    def shift(self, months: int) -> Span:
        """Return the span of the same length ``months`` later."""
        return Span(add_months(self.first, months), self.months)

    def month_list(self) -> list[date]:
        """Return the first days of its months."""
        return [add_months(self.first, i) for i in range(self.months)]

    @property
    def key(self) -> str:
        """The label used in tables and JSON: ``2023-11``, ``FY2023``, ``2023``, ``2023-10/2023-12``."""
        if self.kind == "month":
            return month_label(self.first)
        if self.kind == "fiscal_year":
            return f"FY{fiscal_year(self.first)}"
        if self.kind == "calendar_year":
            return str(self.first.year)
        return f"{month_label(self.first)}/{month_label(self.last)}"

    def name(self, language: str = "en", *, short: bool = False) -> str:
        """Return the span in words: ``November 2023``, ``fiscal year 2023``, ``October to December 2023``."""
        names = MONTHS[language]
        joiner = " de " if language == "es" and not short else " "

        def one(day: date, year: bool = True) -> str:
            word = names[day.month - 1]
            if short:
                word = word[:3]
            return f"{word}{joiner}{day.year}" if year else word

        if self.kind == "month":
            return one(self.first)
        if self.kind == "fiscal_year":
            year = fiscal_year(self.first)
            return (
                f"{'AF' if language == 'es' else 'FY'}{year}"
                if short
                else (f"año fiscal {year}" if language == "es" else f"fiscal year {year}")
            )
        if self.kind == "calendar_year":
            return str(self.first.year)
        to = " a " if language == "es" else " to "
        return one(self.first, self.first.year != self.last.year) + to + one(self.last)


def month(year: int, number: int) -> Span:
    """Return one month."""
    return Span(date(year, number, 1))


def fiscal(year: int) -> Span:
    """Return a US federal fiscal year (October of the year before to September)."""
    return Span(date(year - 1, 10, 1), 12)


def calendar_year(year: int) -> Span:
    """Return a calendar year."""
    return Span(date(year, 1, 1), 12)
