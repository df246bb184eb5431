"""The series that are forecast together and scored: two declared systems of levels that add up.

``levels.csv`` declares them. A level is a breakdown of a measure; its parts add up to a row of another level. The
panel of a system ends with the last month that all of its levels have.

What was visible at an origin is the panel up to that month: CBP publishes a month as a whole, between the 12th and the
24th day after it, so that "the last published month" and everything before is what a forecaster had. Where the archive
holds the release of that month (consecutive since October 2023, without components) its figures stand in place of
today's; before that, no releases are held and the figures are today's, cut off (pseudo-real-time). In-year revisions
are 1 to 61 encounters a month.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from caudal import figures
from caudal._core.dates import add_months, month_label, month_range, parse_month
from caudal._core.errors import NotKnownError
from caudal._core.tables import declared
from caudal.figures import Archive
from caudal.forecast._panel import Array, Panel, panel_of
from caudal.forecast.models.upstream import BESIDE

__all__ = ["Level", "System", "levels", "system_of", "systems"]


@dataclass(frozen=True)
class Level:
    """A breakdown of a measure."""

    system: str
    level: str
    measure: str
    by: str
    parent: str
    first: str
    title: str


@dataclass(frozen=True)
class System:
    """Levels that add up, as of now, and what was printed about them at each origin.

    Attributes
    ----------
    name : str
        Name of the system.
    panel : Panel
        Everything known.
    printed : dict of date to numpy.ndarray
        Month to the figures as the release that first held this month printed them, NaN where it did not; shape
        ``(rows, months up to that month)``.
    """

    name: str
    panel: Panel
    printed: dict[date, Array]

    def at(self, month: date) -> Panel:
        """Return what was known when ``month`` was the last published one."""
        count = (month.year - self.panel.first.year) * 12 + month.month - self.panel.first.month + 1
        values = self.panel.values[:, :count]
        if month in self.printed:
            values = np.where(np.isnan(self.printed[month]), values, self.printed[month])
        beside = {name: array[..., :count] for name, array in self.panel.beside.items()}
        return replace(self.panel, values=values, beside=beside)


def levels(system: str | None = None) -> list[Level]:
    """Return the declared levels, of one system or all."""
    rows = [Level(**row) for row in declared("caudal.forecast", "levels.csv")]
    return [row for row in rows if system is None or row.system == system]


def systems() -> list[str]:
    """Return the names of the declared systems."""
    return list(dict.fromkeys(row.system for row in levels()))


def system_of(name: str, archive: Archive | None = None, *, printed: bool = True) -> System:
    """Return a declared system from the archive, without the levels of which nothing had been published.

    Parameters
    ----------
    name : str
        ``"border-patrol"`` or ``"southwest"``.
    archive : Archive, optional
        Where to look; its as-of day holds.
    printed : bool
        Whether to look up what earlier releases printed.

    Raises
    ------
    NotKnownError
        When not even the total had been published.
    """
    held = archive or figures.open_archive()
    found = [
        (level, *rows)
        for level, rows in ((one, _rows(one, held)) for one in levels(name))
        if rows is not None
    ]
    if not found or found[0][0].by:
        raise NotKnownError(f"nothing had been published about {name!r} by then")
    first = min(panel.first for _, panel, _ in found)
    last = min(panel.last for _, panel, _ in found)
    months = month_range(first, last)
    locations: list[str] = []
    named: list[str] = []
    values: list[Array] = []
    sums: list[tuple[int, tuple[int, ...]]] = []
    for level, panel, rows in found:
        start = len(locations)
        locations += [f"{level.level}/{panel.locations[i]}" if level.by else level.level for i in rows]
        named += [level.level if level.by else "total"] * len(rows)
        values += [_fit(panel, i, months, level.first) for i in rows]
        if level.parent in locations[:start]:
            sums.append((locations.index(level.parent), tuple(range(start, len(locations)))))
    whole = Panel(tuple(locations), first, np.vstack(values), tuple(sums), tuple(named))
    whole = replace(whole, beside=_beside(whole, held))
    return System(name, whole, _printed(name, whole, held) if printed else {})


def _rows(level: Level, archive: Archive) -> tuple[Panel, list[int]] | None:
    frame = _visible(level, archive)
    if frame is None:
        return None
    panel = panel_of(frame, [level.by] if level.by else [])
    return panel, list(range(1, len(panel.locations))) if level.by else [0]


def _fit(panel: Panel, row: int, months: list[date], first: str) -> Array:
    known = dict(zip(panel.months, panel.values[row], strict=True))
    start = parse_month(first) if first else months[0]
    return np.array([known.get(month, np.nan) if month >= start else np.nan for month in months])


def _beside(panel: Panel, archive: Archive) -> dict[str, Array]:
    """Return Darién entries by citizenship, aligned with the rows that are citizenships."""
    try:
        frame = figures.series(BESIDE, by=["citizenship"], archive=archive)
    except NotKnownError:
        return {}
    place = {month_label(month): i for i, month in enumerate(panel.months)}
    found = np.full(panel.values.shape, np.nan)
    code = {
        location.partition("/")[2]: i
        for i, location in enumerate(panel.locations)
        if "citizenship/" in location
    }
    for period, citizenship, value in frame.select("period", "citizenship", "value").iter_rows():
        if citizenship in code and period in place:
            found[code[citizenship], place[period]] = value
    return {BESIDE: found}


def _printed(name: str, panel: Panel, archive: Archive) -> dict[date, Array]:
    """Return, per month that a release was the first to hold, what was visible at the end of that day."""
    found: dict[date, Array] = {}
    for level in levels(name):
        for day in sorted({release.released for release in archive.releases}):
            frame = _visible(level, archive.at(day))
            if frame is None:
                continue
            last = parse_month(str(frame["period"].max()))
            typical = add_months(last, 1)
            # A release is the first to hold its last month when it came within the month after.
            if not (typical <= day < add_months(typical, 1)) or last > panel.last:
                continue
            count = (last.year - panel.first.year) * 12 + last.month - panel.first.month + 1
            array = found.setdefault(last, np.full((len(panel.locations), count), np.nan))
            _enter(array, frame, level, panel)
    return found


def _visible(level: Level, archive: Archive) -> pl.DataFrame | None:
    try:
        return figures.series(level.measure, by=[level.by] if level.by else [], archive=archive)
    except NotKnownError:
        return None


def _enter(array: Array, frame: pl.DataFrame, level: Level, panel: Panel) -> None:
    place = {location: i for i, location in enumerate(panel.locations)}
    for row in frame.iter_rows(named=True):
        location = f"{level.level}/{row[level.by]}" if level.by else level.level
        month = parse_month(row["period"])
        at = (month.year - panel.first.year) * 12 + month.month - panel.first.month
        if (
            location in place
            and 0 <= at < array.shape[1]
            and (not level.first or row["period"] >= level.first)
        ):
            array[place[location], at] = row["value"]
