"""Calendar months, US federal fiscal years, and the days as-of dates are given in.

A fiscal year runs from 1 October of the year before to 30 September: FY2024 began in October 2023.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

from caudal._core.errors import OptionError

__all__ = [
    "MONTH_ABBREVIATIONS",
    "add_months",
    "fiscal_start",
    "fiscal_year",
    "last_day",
    "month_label",
    "month_range",
    "parse_day",
    "parse_month",
]

#: JAN … DEC as the publishers print them, to the number of the month.
MONTH_ABBREVIATIONS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if number}


def fiscal_year(day: date) -> int:
    """Return the US federal fiscal year that ``day`` falls in."""
    return day.year + (day.month >= 10)


def fiscal_start(year: int) -> date:
    """Return the first day of fiscal year ``year`` (1 October of the year before)."""
    return date(year - 1, 10, 1)


def add_months(day: date, months: int) -> date:
    """Return the first day of the month ``months`` after that of ``day``."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def last_day(day: date) -> date:
    """Return the last day of the month of ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_range(first: date, last: date) -> list[date]:
    """Return the first days of all months from that of ``first`` to that of ``last``, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first, i) for i in range(max(count, 0))]


def month_label(day: date) -> str:
    """Return ``"2023-11"`` for any day of November 2023."""
    return f"{day.year:04d}-{day.month:02d}"


def parse_month(text: str, *, option: str = "month") -> date:
    """Return the first day of a month written ``YYYY-MM``.

    Raises
    ------
    OptionError
        When ``text`` is not a month.
    """
    found = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
    if found and 1 <= int(found[2]) <= 12 and int(found[1]) > 0:
        return date(int(found[1]), int(found[2]), 1)
    raise OptionError(f"{text!r} is not a month", where=option, remedy="Write it as YYYY-MM, e.g. 2023-11")


def parse_day(text: str | date, *, option: str = "date") -> date:
    """Return a day written ``YYYY-MM-DD`` (a `datetime.date` passes through).

    Raises
    ------
    OptionError
        When ``text`` is not a day of the calendar.
    """
    if isinstance(text, date):
        return text
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise OptionError(
        f"{text!r} is not a day", where=option, remedy="Write it as YYYY-MM-DD, e.g. 2023-12-22"
    )
