"""Histories: what a definition's value was in each span, with the interval that rounding leaves open.

Where the archive holds no figure of a definition for a month, a relative of it may bound the value: all CBP
encounters are at least those of the Border Patrol, and at most those plus the most that ports of entry recorded in
any month known. Bounds only ever decide comparisons; a bounded month has no value of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from caudal import figures
from caudal._core.dates import add_months, fiscal_year, month_label
from caudal._core.errors import NotKnownError, OptionError
from caudal.statements._definitions import Definition
from caudal.statements._span import Span

__all__ = ["Histories", "History", "Reading"]


@dataclass(frozen=True)
class Reading:
    """The value of one span: as published, and between which bounds it lies."""

    value: float
    low: float
    high: float
    releases: tuple[str, ...] = ()
    known: bool = True

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            self.value + other.value,
            self.low + other.low,
            self.high + other.high,
            tuple(dict.fromkeys((*self.releases, *other.releases))),
            self.known and other.known,
        )


class History:
    """One definition's values by span, from an archive as of a day."""

    def __init__(self, definition: Definition, archive: figures.Archive) -> None:
        self.definition = definition
        self._archive = archive
        self.problem: str | None = None
        #: Bounds of months without a figure, from relatives; filled by `Histories`.
        self.bounds: dict[date, tuple[float, float]] = {}

    def _frame(self, calendar: str) -> list[dict[str, object]]:
        try:
            frame = figures.series(
                self.definition.measure,
                where=dict(self.definition.where),
                calendar=calendar,
                archive=self._archive,
                rows=calendar == "month",
            )
        except NotKnownError as error:
            if error.what.startswith("no table"):  # else nothing had been published by then
                self.problem = error.what
            return []
        except OptionError as error:  # the measure cannot be broken down or added up that way
            self.problem = error.what
            return []
        return frame.to_dicts()

    @cached_property
    def months(self) -> dict[date, Reading]:
        """Value of every month the archive holds."""
        rounding = {table.id: table.rounding for table in figures.tables().values()}
        found = {}
        for row in self._frame("month"):
            year, number = str(row["period"]).split("-")
            step = rounding[str(row["table"])]
            slack = 0.0 if step == 1 else step / 2 * max(int(str(row["rows"])), 1)
            value = float(str(row["value"]))
            found[date(int(year), int(number), 1)] = Reading(
                value, max(value - slack, 0), value + slack, (str(row["release"]),)
            )
        return found

    @cached_property
    def _fiscal(self) -> dict[date, Reading]:
        return self._years("fiscal_year")

    @cached_property
    def _calendar(self) -> dict[date, Reading]:
        return self._years("calendar_year")

    def _years(self, calendar: str) -> dict[date, Reading]:
        found = {}
        for row in self._frame(calendar):
            label = str(row["period"])
            year = int(label.removeprefix("FY"))
            first = date(year - 1, 10, 1) if label.startswith("FY") else date(year, 1, 1)
            value = float(str(row["value"]))
            steps = [int(text) for text in re.findall(r"rounded to (\d+)", str(row["unit"]))]
            slack = 12 * max(steps) / 2 if steps else 0.0
            releases = tuple(str(row["release"]).split("; "))
            found[first] = Reading(value, max(value - slack, 0), value + slack, releases)
        return found

    def at(self, span: Span) -> Reading | None:
        """Return the value of a span, or None when the archive does not hold all of it."""
        if span.kind in ("fiscal_year", "calendar_year"):
            years = self._fiscal if span.kind == "fiscal_year" else self._calendar
            if span.first in years:
                return years[span.first]
        parts = [self.months.get(day) for day in span.month_list()]
        total: Reading | None = None
        for part in parts:
            if part is None:
                return None
            total = part if total is None else total + part
        return total

    def bounded(self, span: Span) -> Reading | None:
        """Return the value of a span, or its bounds where relatives give them, or None."""
        exact = self.at(span)
        if exact is not None:
            return exact
        low = high = 0.0
        for day in span.month_list():
            if day in self.months:
                low, high = low + self.months[day].low, high + self.months[day].high
            elif day in self.bounds:
                low, high = low + self.bounds[day][0], high + self.bounds[day][1]
            else:
                return None
        return Reading((low + high) / 2, low, high, (), known=False)

    def spans_like(self, span: Span, step: int) -> list[Span]:
        """Return every span of the same length, ``step`` months apart from it, from the first to the last held."""
        starts = [*self.months, *self.bounds]
        if span.kind == "fiscal_year":
            starts += list(self._fiscal)
        elif span.kind == "calendar_year":
            starts += list(self._calendar)
        if not starts:
            return []
        first, last = min(starts), max(starts)
        found = []
        offset = -((_index(span.first) - _index(first)) // step) * step
        while add_months(span.first, offset) <= last:
            if span.first != add_months(span.first, offset):
                found.append(span.shift(offset))
            offset += step
        return found

    @cached_property
    def first(self) -> date | None:
        """First month (or year) held."""
        starts = [*self.months, *self._fiscal, *self._calendar] if not self.months else [*self.months]
        return min(starts, default=None)

    @cached_property
    def solid(self) -> date:
        """First month of the run without gaps that ends with the last month held."""
        day = self.last
        if day is None:
            return self.first or date.max
        while add_months(day, -1) in self.months:
            day = add_months(day, -1)
        return day

    @cached_property
    def last(self) -> date | None:
        """Last month held."""
        return max(self.months, default=None)

    def extent(self, span: Span, language: str = "en") -> str:
        """Return how far the history reaches, in fiscal years (``FY2018–FY2025``) or calendar years."""
        if span.kind == "calendar_year":
            exact = [day for day, one in self._calendar.items() if one.low == one.high]
            starts = sorted(exact or self._calendar) or sorted(self.months)
            return f"{starts[0].year}–{starts[-1].year}" if starts else ""
        days = sorted(day for day in self.months if day >= self.solid) or sorted(self._fiscal)
        # Rounded figures of another publisher before the exact ones are compared with, but are not its record.
        exact = [day for day in days if day in self.months and self.months[day].low == self.months[day].high]
        days = [day for day in days if not exact or day >= exact[0]]
        if not days:
            return ""
        if span.kind == "fiscal_year" and self._fiscal:
            exact = [day for day, one in self._fiscal.items() if one.low == one.high]
            days = sorted(exact or self._fiscal)
        prefix = "AF" if language == "es" else "FY"
        return f"{prefix}{fiscal_year(days[0])}–{prefix}{fiscal_year(days[-1])}"


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


class Histories:
    """Histories of one archive, each read once."""

    def __init__(self, archive: figures.Archive) -> None:
        self.archive = archive
        self._held: dict[tuple[str, tuple[tuple[str, str], ...]], History] = {}
        self._earlier: dict[date, Histories] = {}

    def at(self, day: date) -> Histories:
        """Return the histories as the archive stood at the end of a day."""
        if day not in self._earlier:
            self._earlier[day] = Histories(self.archive.at(day))
        return self._earlier[day]

    def of(self, definition: Definition, *, relatives: bool = False) -> History:
        """Return a definition's history, with bounds from relatives when asked for."""
        key = (definition.measure, definition.where)
        if key not in self._held:
            self._held[key] = History(definition, self.archive)
        history = self._held[key]
        if relatives and not history.bounds:
            self._bound(history)
        return history

    def _bound(self, history: History) -> None:
        measure = figures.measures()[history.definition.measure]
        if measure.base != "encounters":
            return
        whole, part = self._relatives(measure)
        where = history.definition.where
        if (
            part is not None
        ):  # this is the whole: at least the part, at most the part and the most of the rest
            inner = self.of(Definition(part, where)).months
            gaps = [history.months[day].high - inner[day].low for day in history.months if day in inner]
            if gaps:
                most = max(gaps)
                history.bounds = {
                    day: (one.low, one.high + most) for day, one in inner.items() if day not in history.months
                }
        elif whole is not None:  # this is a part: nothing, or at most the whole
            outer = self.of(Definition(whole, where)).months
            history.bounds = {day: (0.0, one.high) for day, one in outer.items() if day not in history.months}

    @staticmethod
    def _relatives(measure: figures.Measure) -> tuple[str | None, str | None]:
        """Return the measure this one is a part of, and the Border Patrol part of this one."""
        whole = part = None
        region = measure.where.get("region")
        for other in figures.measures().values():
            if other.base != measure.base or other.freq != "month" or other.where.get("region") != region:
                continue
            if set(other.where) - {"region", "component"}:
                continue
            component = other.where.get("component")
            if measure.where.get("component") is None and component == "USBP":
                part = other.id
            elif measure.where.get("component") is not None and component is None:
                whole = other.id
        return whole, part


def label(day: date) -> str:
    """Return ``2023-11``."""
    return month_label(day)
