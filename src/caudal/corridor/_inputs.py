"""What the model is fitted to, as of a day: encounters by place and class, and the counts on the way.

Where the archive holds a release of that day or earlier, its figures are taken. Sector by citizenship was released in
one file a year at most, so for most days there is none: then today's figures are used up to the last month that must
have been out by then (``publication.csv``), and every such month is reported as *pseudo*. CBP's in-year revisions are
1 to 61 encounters a month; those of Panama, Honduras and Mexico are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal import figures
from caudal._core.dates import add_months, month_label, month_range, parse_day, parse_month
from caudal._core.errors import NotKnownError, OptionError
from caudal._core.tables import declared

__all__ = ["COUNTED", "Inputs", "Seen", "inputs", "published", "visible"]

Floats = npt.NDArray[np.float64]
Read = Callable[..., pl.DataFrame]

#: Counts on the way, by citizenship.
COUNTED = ("darien-entries", "honduras-entries", "mexico-inm-encounters", "mexico-inm-returns")
_BORDER = ("usbp-encounters", "ofo-encounters")
_TOTAL = "sw-encounters"
#: First month of the total (fiscal year 2014), for the season.
FIRST_TOTAL = date(2013, 10, 1)
#: First month with area by citizenship.
FIRST = date(2019, 10, 1)


@dataclass(frozen=True)
class Seen:
    """One series as of a day.

    Attributes
    ----------
    frame : polars.DataFrame
        ``period``, dimensions, ``value``, ``release``.
    last : datetime.date
        Last month held.
    pseudo : str
        Months taken from later releases ("2021-10 to 2023-11"), "" when there are none.
    """

    frame: pl.DataFrame
    last: date
    pseudo: str


@dataclass(frozen=True)
class Inputs:
    """Everything that counts as known on a day, on one axis of months.

    Attributes
    ----------
    as_of : datetime.date
        The day.
    months : tuple of datetime.date
        Months, the last one the last with encounters.
    classes, destinations : tuple of str
        Axes.
    encounters : array, (months, classes, destinations)
        CBP encounters.
    counts : dict of str to array, (months + ahead, classes)
        Measures of `COUNTED`; NaN where not yet published; ``ahead`` months may be known beyond the last encounters.
    appointments, paroles : array, (months + ahead,)
        CBP One appointments; CHNV paroles by class would be ``paroles_by``.
    totals : dict of str to float
        All encounters by month from October 2013.
    sources : tuple of dict
        ``measure, last_month, releases, pseudo``: what each number rests on.
    """

    as_of: date
    months: tuple[date, ...]
    classes: tuple[str, ...]
    destinations: tuple[str, ...]
    encounters: Floats
    counts: dict[str, Floats]
    appointments: Floats
    paroles: Floats
    totals: dict[str, float]
    sources: tuple[dict[str, str], ...] = field(default=())

    @property
    def last(self) -> date:
        """The last month with encounters."""
        return self.months[-1]


@cache
def _known_days() -> dict[str, date]:
    frame = figures.release_days()
    kept = frame.filter((pl.col("kind") == "official") & pl.col("relation").is_in(["at", "by"]))
    return dict(zip(kept["month"].to_list(), kept["released"].to_list(), strict=True))


def published(measure: str, month: date) -> date:
    """Return the day from which a month of a measure counts as published where no release is held.

    Raises
    ------
    OptionError
        For a measure without a declared rule.
    """
    for row in declared("caudal.corridor", "publication.csv"):
        if row["measure"] == measure:
            if measure in (*_BORDER, _TOTAL) and month_label(month) in _known_days():
                return _known_days()[month_label(month)]
            return add_months(month, int(row["months_after"])).replace(day=int(row["day"]))
    raise OptionError(f"no rule of publication is declared for {measure!r}", where="publication.csv")


def visible(
    measure: str,
    by: Sequence[str],
    day: date,
    *,
    read: Read = figures.series,
    pseudo: bool = True,
    since: date = FIRST,
) -> Seen:
    """Return a series as of a day: true releases first, later ones cut off at what must have been out.

    Parameters
    ----------
    measure, by, day
        What, broken down how, as of when.
    read : callable
        ``figures.series`` or one that reads another archive.
    pseudo : bool
        False: only releases of that day or before.
    since : datetime.date
        First month.

    Raises
    ------
    NotKnownError
        When nothing was known.
    """
    first = month_label(since)
    try:
        true = read(measure, by=by, as_of=day, period=(first, None))
    except NotKnownError:
        if not pseudo:
            raise
        true = None
    keep = ["period", *by, "value", "release"]
    last = "" if true is None or true.is_empty() else str(true["period"].max())
    if pseudo:
        today = read(measure, by=by, period=(first, None))
        months = [
            p
            for p in today["period"].unique().to_list()
            if p > last and published(measure, parse_month(p)) <= day
        ]
        later = today.filter(pl.col("period").is_in(months)).select(keep)
    else:
        months, later = [], None
    parts = [x.select(keep) for x in (true, later) if x is not None and not x.is_empty()]
    if not parts:
        raise NotKnownError(f"nothing had been published about {measure!r} by {', '.join(by)} as of {day}")
    frame = pl.concat(parts)
    label = f"{min(months)} to {max(months)}" if months else ""
    return Seen(frame, parse_month(str(frame["period"].max())), label)


def inputs(
    as_of: str | date,
    classes: Mapping[str, Sequence[str]],
    destinations: Sequence[str],
    *,
    read: Read = figures.series,
    pseudo: bool = True,
    relabel: Mapping[tuple[str, str], str] | None = None,
) -> Inputs:
    """Return what was known on a day.

    Parameters
    ----------
    as_of : str or datetime.date
        The day.
    classes : mapping of str to sequence of str
        Class to citizenships; the class holding ``"OTHER"`` takes every citizenship no class names.
    destinations : sequence of str
        Sectors, then field offices, by code.
    read, pseudo
        See `visible`.
    relabel : mapping of (measure, citizenship) to citizenship, optional
        Publishers' labels to mend.

    Raises
    ------
    NotKnownError
        When no encounters by place and citizenship were known.
    """
    day = parse_day(as_of)
    names, places = tuple(classes), tuple(destinations)
    of = {code: name for name, codes in classes.items() for code in codes}
    rest = of.get("OTHER", names[-1])
    mend = relabel or {}
    sources: list[dict[str, str]] = []
    border = {m: visible(m, ["area", "citizenship"], day, read=read, pseudo=pseudo) for m in _BORDER}
    last = min(seen.last for seen in border.values())
    months = month_range(FIRST, last)
    encounters = np.zeros((len(months), len(names), len(places)))
    where = {place: i for i, place in enumerate(places)}
    row = {month_label(m): i for i, m in enumerate(months)}
    column = {name: i for i, name in enumerate(names)}
    for measure, seen in border.items():
        _source(sources, measure, seen)
        for period, area, code, value in seen.frame.select(
            "period", "area", "citizenship", "value"
        ).iter_rows():
            if period in row and area in where:
                encounters[row[period], column[of.get(code, rest)], where[area]] += value
    ahead = month_range(FIRST, add_months(last, 2))
    spot = {month_label(m): i for i, m in enumerate(ahead)}
    counts = {}
    for measure in COUNTED:
        counts[measure] = np.full((len(ahead), len(names)), np.nan)
        seen_or = _maybe(measure, ["citizenship"], day, read, pseudo)
        if seen_or is None:
            continue
        _source(sources, measure, seen_or)
        for period in seen_or.frame["period"].unique().to_list():
            if period in spot:
                counts[measure][spot[period]] = 0.0
        for period, code, value in seen_or.frame.select("period", "citizenship", "value").iter_rows():
            if period in spot:
                code = mend.get((measure, code), code)
                counts[measure][spot[period], column[of.get(code, rest)]] += value
    totals = []
    for measure in ("cbp-one-appointments", "chnv-paroles"):
        series = np.full(len(ahead), np.nan)
        seen_or = _maybe(measure, [], day, read, pseudo)
        if seen_or is not None:
            _source(sources, measure, seen_or)
            for period, value in seen_or.frame.select("period", "value").iter_rows():
                if period in spot:
                    series[spot[period]] = value
        totals.append(series)
    total = visible(_TOTAL, [], day, read=read, pseudo=pseudo, since=FIRST_TOTAL)
    _source(sources, _TOTAL, total)
    long = {str(p): float(v) for p, v in total.frame.select("period", "value").iter_rows()}
    return Inputs(
        day, tuple(months), names, places, encounters, counts, totals[0], totals[1], long, tuple(sources)
    )


def _maybe(measure: str, by: list[str], day: date, read: Read, pseudo: bool) -> Seen | None:
    try:
        return visible(measure, by, day, read=read, pseudo=pseudo)
    except NotKnownError:
        return None


def _source(sources: list[dict[str, Any]], measure: str, seen: Seen) -> None:
    sources.append(
        {
            "measure": measure,
            "last_month": month_label(seen.last),
            "releases": ", ".join(sorted({str(x) for x in seen.frame["release"].unique().to_list()})),
            "pseudo": seen.pseudo,
        }
    )
