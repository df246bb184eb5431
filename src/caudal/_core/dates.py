"""Calendar months, US federal fiscal years, and the days as-of dates are given in.

A fiscal year runs from 1 October of the year before to 30 September: FY2024 began in October 2023.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from caudal._core.errors import OptionError

__all__ = [
    "FREQUENCIES",
    "MONTH_ABBREVIATIONS",
    "add_months",
    "add_periods",
    "fiscal_start",
    "fiscal_year",
    "last_day",
    "month_label",
    "month_range",
    "parse_day",
    "parse_month",
    "parse_period",
    "period_label",
]

#: How long a period of a table may be.
FREQUENCIES = ("day", "week", "month", "calendar_year", "fiscal_year")

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
    day = re.fullmatch(r"(\d{4}-(?:0[1-9]|1[0-2]))-\d{2}", text.strip())
    like = day[1] if day else "2023-11"
    raise OptionError(f"{text!r} is not a month", where=option, remedy=f"Write it as YYYY-MM, e.g. {like}")


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


def add_periods(freq: str, day: date, count: int = 1) -> date:
    """Return the first day of the period ``count`` after the one that begins on ``day``."""
    if freq == "day":
        return day + timedelta(days=count)
    if freq == "week":
        return day + timedelta(days=7 * count)
    return add_months(day, count if freq == "month" else 12 * count)


def period_label(freq: str, day: date) -> str:
    """Return ``2023-11-20``, ``2023-W47``, ``2023-11``, ``2023`` or ``FY2024`` for the period from ``day`` on."""
    if freq == "day":
        return day.isoformat()
    if freq == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if freq == "month":
        return month_label(day)
    return f"FY{fiscal_year(day):04d}" if freq == "fiscal_year" else f"{day.year:04d}"


def parse_period(freq: str, text: str, *, option: str = "period") -> date:
    """Return the first day of the period of that length which ``text`` names, or that a month or day of it falls in.

    Raises
    ------
    OptionError
        When ``text`` names none.
    """
    bare = text.strip().upper()
    if freq == "week" and (found := re.fullmatch(r"(\d{4})-?W(\d{2})", bare)):
        try:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            pass
    elif freq in ("day", "week") and re.fullmatch(r"\d{4}-\d{2}", bare):
        day = parse_month(bare, option=option)
        return day if freq == "day" else add_periods("week", _monday(day), int(day.weekday() > 0))
    elif freq in ("day", "week"):
        day = parse_day(bare, option=option)
        return day if freq == "day" else _monday(day)
    elif freq == "fiscal_year":
        found = re.fullmatch(r"(?:FY)?(\d{4})", bare)
        month = None if found else _month_of(bare)
        year = int(found[1]) if found else fiscal_year(month) if month else 0
        if year > 1:  # fiscal year 1 would begin before the calendar does
            return fiscal_start(year)
    elif freq == "calendar_year":
        if re.fullmatch(r"\d{4}", bare) and int(bare) > 0:
            return date(int(bare), 1, 1)
        if month := _month_of(bare):
            return month.replace(month=1)
    else:
        return parse_month(bare, option=option)
    raise OptionError(
        f"{text!r} is not a {freq.replace('_', ' ')}", where=option, remedy=f"Write it as {_EXAMPLES[freq]}"
    )


_EXAMPLES = {
    "week": "2023-W47, or a day in it",
    "fiscal_year": "FY2023, or a month of it as 2023-11",
    "calendar_year": "2023, or a month of it as 2023-11",
}


def _month_of(text: str) -> date | None:
    try:
        return parse_month(text)
    except OptionError:
        return None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
