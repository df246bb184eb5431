"""Out of an event's text goes what was filed of days later than the one it is read as of."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date

__all__ = ["as_told_by"]

_MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
_DATED = re.compile(
    r"(?P<iso>\b\d{4}-\d{2}-\d{2}\b)"
    r"|(?<![\d-])(?P<short>\d{2}-\d{2})(?![\d-])"
    rf"|\b(?P<month>{'|'.join(_MONTHS)}) (?P<year>(?:19|20)\d{{2}})\b"
)
#: "Closed 08:00 to 12-22 14:00 ET": the end goes, the rest stays.
_UNTIL = re.compile(r" to (?:\d{4}-)?\d{2}-\d{2}(?: \d{2}:\d{2})?(?: E[SD]?T)?")


def as_told_by(what: str, first: date, day: date) -> str:
    """Return the text of an event without the clauses that name a day later than ``day``.

    Parameters
    ----------
    what : str
        The text; days in it are written ``2023-12-22``, ``12-22`` (of the event's year) or ``December 2023``.
    first : datetime.date
        When the event was.
    day : datetime.date
        As of when it is read.
    """

    def late(text: str) -> bool:
        return any(_day_of(found, first) > day for found in _DATED.finditer(text))

    if not late(what):
        return what
    what = _UNTIL.sub(lambda found: "" if late(found[0]) else found[0], what)
    what = re.sub(r" ?\(([^()]*)\)", lambda found: _parenthesis(found[1], late), what)
    return "; ".join(part for part in what.split("; ") if not late(part))


def _parenthesis(inside: str, late: Callable[[str], bool]) -> str:
    if not late(inside):
        return f" ({inside})"
    kept = [part for part in re.split(r"[;,] ", inside) if not late(part)]
    return f" ({'; '.join(kept)})" if kept else ""


def _day_of(found: re.Match[str], first: date) -> date:
    """Return the first day that a date in the text can mean."""
    if found["iso"]:
        return _day(found["iso"])
    if found["short"]:
        this = _day(f"{first.year}-{found['short']}")
        return this if this >= first.replace(day=1) else _day(f"{first.year + 1}-{found['short']}")
    return date(int(found["year"]), _MONTHS[found["month"]], 1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:  # no day of the calendar: not a date at all
        return date.min
