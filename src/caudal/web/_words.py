"""The application's words in English and Spanish; numbers, days and periods as pages show them."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import cache

from caudal._core.speech import LANGUAGES, Tongue, sign_of
from caudal._core.tables import declared

__all__ = ["LANGUAGES", "Words", "words"]


#: Numbers beyond this are scores of a model that failed, not figures: they are written as powers of ten.
_BEYOND = 1e15


def _minus(text: str) -> str:
    return text.replace("-", "−")


class Words(Tongue):
    """A language for pages to speak.

    Parameters
    ----------
    language : {"en", "es"}
        The language.
    """

    def __init__(self, language: str) -> None:
        super().__init__("caudal.web", language)

    def __call__(self, key: str, **fields: object) -> str:
        """Return a declared phrase with its fields filled in."""
        return self.text(key, **fields)

    def value(self, value: float | None, unit_decimals: int = 0) -> str:
        """Return a figure: whole numbers with separators, others with the decimals they need."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return "–"
        if abs(value) >= _BEYOND:
            digits, _, power = f"{value:.1e}".partition("e+")
            return _minus(f"{digits} × 10^{int(power)}") if power else "–"
        if float(value).is_integer() and not unit_decimals:
            return _minus(self.number(value))
        decimals = unit_decimals or (0 if abs(value) >= 10_000 else 1 if abs(value) >= 100 else 2)
        return _minus(self.number(value, decimals=decimals))

    def exact(self, value: float) -> str:
        """Return a number as it was declared, in the language's notation."""
        return _minus(self.decimal(value, "#,##0.######"))

    def percent(self, value: float | None, decimals: int = 0) -> str:
        """Return ``3 %``, ``< 1 %`` for what is more than nothing."""
        if value is None:
            return "–"
        if 0 < value < 1 and not decimals:
            return "< 1 %"
        if 99 < value < 100 and not decimals:
            return "> 99 %"
        return self.value(round(value, decimals) if decimals else round(value), decimals) + " %"

    def signed(self, value: float | None, decimals: int = 0) -> str:
        """Return a difference with its sign."""
        if value is None:
            return "–"
        rounded = round(value, decimals) if decimals else value
        return sign_of(rounded) + self.value(abs(rounded), decimals)

    def mistake(self, text: str) -> tuple[str, str]:
        """Return what an error says, and its language: the library's are English, the common ones are declared."""
        if self.language == "en":
            return text, "en"
        for pattern, said in _mistakes():
            if found := pattern.fullmatch(text):
                parts = [_quoted(part) for part in found.groups()]
                return said.format(text, *parts, day=self._day_in(parts)), self.language
        return text, "en"

    def _day_in(self, parts: list[str]) -> str:
        first = parts[0] if parts else ""
        try:
            return self.day(first)
        except ValueError:
            return first

    def day(self, day: date | str | None) -> str:
        """Return ``December 22, 2023`` or ``22 de diciembre de 2023``; text in ISO's notation is read."""
        if day is None:
            return "–"
        return super().day(date.fromisoformat(day) if isinstance(day, str) else day)

    def short_day(self, day: date | None) -> str:
        """Return ``Dec 22, 2023`` or ``22 dic 2023``."""
        return "–" if day is None else super().short_day(day)

    def period(self, label: str) -> str:
        """Return a period as people say it: ``November 2023``, ``fiscal year 2023``, ``week 47 of 2023``."""
        if label.startswith("FY"):
            return self("fiscal_year_of", year=label[2:])
        if "W" in label:
            year, _, week = label.partition("-W")
            return self("week_of", week=int(week), year=year)
        if len(label) == 10:
            return self.day(label)
        return self.month(label) if len(label) == 7 else label


@cache
def _mistakes() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"]), row["es"]) for row in declared("caudal.web", "mistakes.csv"))


def _quoted(text: str) -> str:
    """Return names as Spanish quotes and joins them."""
    return re.sub(r"'([^']*)'", r"«\1»", text).replace("» or «", "» o «")


@cache
def words(language: str) -> Words:
    """Return the one speaker of a language."""
    return Words(language)
