"""Rows for the ledger of reports, proposed from the sentences of an article; never entered unasked.

A sentence is a candidate when it names encounters and a number of them and says which days of one month it counts.
It is a proposal: the reader decides whether it is about the measure, and enters it with ``caudal figures report``.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date, timedelta

from caudal._core.dates import last_day
from caudal.figures import Report

__all__ = ["propose_reports"]

_MONTH = "|".join(name for name in calendar.month_name if name)
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d{4,7})"
_ABOUT = re.compile(r"encounter|apprehen|migrant|crossing|arrest|intercept|processed", re.IGNORECASE)
_OTHER = re.compile(r"deport|death|asylum case|court|visa|poll|dollar|\$|fiscal", re.IGNORECASE)
_QUALIFIERS = (
    "more than",
    "over",
    "nearly",
    "fewer than",
    "below",
    "about",
    "approximately",
    "roughly",
    "around",
    "almost",
)
_DAYS = (
    re.compile(rf"first\s+(?P<count>\d{{1,2}})\s+days\s+of\s+(?P<month>{_MONTH})"),
    re.compile(
        rf"(?P<month>{_MONTH})\s+(?P<from>\d{{1,2}})\s*(?:-|–|to|through|and)\s*(?:(?:{_MONTH})\s+)?(?P<to>\d{{1,2}})\b(?!,\s*\d{{4}}\b)"
    ),
    re.compile(rf"(?:through|as of|until|by)\s+(?P<month>{_MONTH})\s+(?P<to>\d{{1,2}})\b"),
    re.compile(rf"\b(?:in|during|for)\s+(?:all of\s+|the month of\s+)?(?P<month>{_MONTH})\b"),
)


def propose_reports(sentences: Iterable[str], published: date, *, who: str, source: str) -> list[Report]:
    """Return reports that an article seems to give.

    Parameters
    ----------
    sentences : iterable of str
        English sentences.
    published : datetime.date
        The day of the article: nothing it counts is later, and months without a year are the last ones before it.
    who, source : str
        Whose figures they are said to be, and where they can be read.
    """
    found: list[Report] = []
    for sentence in sentences:
        text = " ".join(sentence.split())
        if not _ABOUT.search(text) or _OTHER.search(text):
            continue
        span = _span(text, published)
        if span is None:
            continue
        numbers = [match for match in re.finditer(_NUMBER, text) if not _is_year(match[1])]
        if len(numbers) != 1:
            continue  # more than one number needs a reader
        value = float(numbers[0][1].replace(",", ""))
        before = text[: numbers[0].start()].casefold().rstrip()
        after = text[numbers[0].end() :].casefold()
        per_day = re.match(r"[^.;]{0,40}\b(a day|per day|daily|each day)\b", after) is not None
        patrol = re.search(r"border patrol|between (?:the )?ports", text, re.IGNORECASE)
        found.append(
            Report(
                measure="usbp-encounters" if patrol else "sw-encounters",
                first=span[0],
                last=span[1],
                value=value,
                published=published,
                who=who,
                source=source,
                basis="per_day" if per_day else "total",
                qualifier=next((word for word in _QUALIFIERS if before.endswith(word)), ""),
                certainty="proposed by a machine",
                statement=text,
            )
        )
    return found


def _span(text: str, published: date) -> tuple[date, date] | None:
    for pattern in _DAYS:
        match = pattern.search(text)
        if match is None:
            continue
        groups = match.groupdict()
        number = list(calendar.month_name).index(groups["month"])
        year = published.year if number <= published.month else published.year - 1
        first = date(year, number, 1)
        end = last_day(first)
        begin, stop = int(groups.get("from") or 1), int(groups.get("to") or groups.get("count") or 0)
        if not stop:  # a whole month, or what has passed of it
            last = min(end, published - timedelta(days=1))
        elif begin <= stop <= end.day:
            first, last = date(year, number, begin), date(year, number, stop)
        else:
            return None
        return (first, last) if first <= last < published else None
    return None


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.startswith(("19", "20"))
