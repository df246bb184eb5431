"""A series as an address asks for it: the frame, and what a reader needs to know beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

import polars as pl

from caudal import figures
from caudal._core.dates import add_periods, parse_day, parse_period, period_label
from caudal._core.errors import CaudalError, NotKnownError, OptionError, did_you_mean
from caudal._core.identifiers import VIEWS, name_of, resolve, resolve_dimension
from caudal.web._words import Words, words

__all__ = ["Shown", "dimensions_of", "measure_named", "places_in", "releases_used", "shown"]

#: Dimensions that are places, in the order in which a name is looked for in them.
_PLACES = ("sector", "field_office", "state", "port", "country", "citizenship", "region")


def measure_named(name: str) -> figures.Measure:
    """Return a measure.

    Raises
    ------
    NotKnownError
        When there is none: its address leads nowhere.
    """
    found = figures.measures().get(name)
    if found is None:
        raise NotKnownError(f"{name!r} is not a measure", remedy=did_you_mean(name, figures.measures()))
    return found


@cache
def dimensions_of(measure: str) -> tuple[str, ...]:
    """Return the dimensions and views that some table breaks a measure down by."""
    asked = measure_named(measure)
    stored: dict[str, None] = {}
    for table in figures.tables().values():
        if table.base == asked.base:
            stored.update(dict.fromkeys(table.dims))
    kept = [name for name in stored if name not in asked.where]
    views = [view for view, name in VIEWS.items() if name in kept]
    component = asked.where.get("component")
    if component:
        views = ["sector" if component == "USBP" else "field_office"]
    elif set(kept) & {"area"}:
        kept = [name for name in kept if name != "area"] + (["area"] if not views else [])
    return (*[name for name in kept if name != "area" or not views], *(views if "area" in stored else ()))


def places_in(measure: str, given: list[str]) -> dict[str, tuple[str, ...]]:
    """Return places as conditions on the dimension of the measure that knows them.

    Raises
    ------
    OptionError
        When none does.
    """
    found: dict[str, tuple[str, ...]] = {}
    known = [name for name in _PLACES if name in dimensions_of(measure)]
    for text in given:
        last: CaudalError | None = None
        for dimension in known:
            try:
                code = resolve(dimension, text, where="geo")
            except OptionError as error:
                last = last or error
                continue
            found[dimension] = (*found.get(dimension, ()), code)
            break
        else:
            if last is not None:
                raise last
            raise OptionError(f"{measure!r} is not broken down by place", where="geo", remedy="Leave it out")
    return found


@dataclass(frozen=True)
class Shown:
    """A series with the question it answers.

    Attributes
    ----------
    measure : Measure
        What.
    frame : polars.DataFrame
        As `caudal.figures.series` returns it.
    by : tuple of str
        Its dimensions.
    conditions : dict
        What it is limited to.
    calendar : str
        Length of its periods.
    archive : Archive
        As of the day asked.
    as_of : datetime.date
        That day; the newest release's when none was asked.
    """

    measure: figures.Measure
    frame: pl.DataFrame
    by: tuple[str, ...]
    conditions: dict[str, tuple[str, ...]]
    calendar: str
    archive: figures.Archive
    as_of: date
    t: Words

    @property
    def title(self) -> str:
        """What is measured."""
        return str(getattr(self.measure, f"title_{self.t.language}"))

    @property
    def unit(self) -> str:
        """The unit of its values."""
        return str(getattr(self.measure, f"unit_{self.t.language}"))

    @property
    def definition(self) -> str:
        """What counts."""
        return str(getattr(self.measure, f"definition_{self.t.language}"))

    @property
    def limits(self) -> str:
        """What it is limited to, in words; empty when to nothing."""
        parts = [
            ", ".join(name_of(dimension, _code(dimension, value), self.t.language) for value in values)
            for dimension, values in self.conditions.items()
        ]
        return " · ".join(parts)

    @property
    def freq(self) -> str:
        """Length of a period as dates know it."""
        return "month" if self.calendar == "fytd" else self.calendar

    def must_hold(self) -> None:
        """Raise an error when no period of the span had been published: there is nothing to draw.

        Raises
        ------
        NotKnownError
            When the frame is empty.
        """
        if self.frame.is_empty():
            raise NotKnownError(
                "no period of that span had been published", where="from, to", remedy="Widen the span"
            )

    @cached_property
    def releases(self) -> list[figures.Release]:
        """The releases behind it."""
        return releases_used(self.frame, self.archive)

    def day(self, label: str) -> date:
        """Return the first day of a period."""
        return parse_period(self.freq, label)

    def year_before(self, label: str) -> str | None:
        """Return the same period a year before, where there is such a thing."""
        if self.freq in ("week", "day"):
            return None
        steps = 12 if self.freq == "month" else 1
        return period_label(self.freq, add_periods(self.freq, self.day(label), -steps))

    def name(self, row: dict[str, Any]) -> str:
        """Return what a row is of, by the names of its dimensions."""
        return ", ".join(name_of(name, str(row[name]), self.t.language) for name in self.by)


def _code(dimension: str, value: str) -> str:
    try:
        return resolve(dimension, value)
    except OptionError:
        return value


def releases_used(frame: pl.DataFrame, archive: figures.Archive) -> list[figures.Release]:
    """Return the releases that a frame of `caudal.figures.series` names, by day."""
    names = {one for text in frame["release"].unique() for one in text.split("; ")}
    return sorted((archive.release(name) for name in names), key=lambda one: (one.released, one.id))


def shown(measure: str, asked: Any, archive: figures.Archive) -> Shown:
    """Return the series that an address asks for.

    Parameters
    ----------
    measure : str
        Its slug.
    asked : SeriesAsked
        The parameters.
    archive : Archive
        Everything that is held.

    Raises
    ------
    NotKnownError
        When nothing that answers had been published.
    OptionError
        When a parameter does not fit.
    """
    declared = measure_named(measure)
    held = archive.at(parse_day(asked.as_of, option="as_of") if asked.as_of else None)
    by = tuple(dict.fromkeys(resolve_dimension(name) for name in asked.by))
    conditions = dict(asked.conditions())
    for dimension, codes in places_in(measure, asked.geo).items():
        conditions[dimension] = (*conditions.get(dimension, ()), *codes)
    frame = figures.series(
        measure,
        by=by,
        where=conditions,
        period=(asked.first, asked.last),
        calendar=asked.calendar,
        publisher=asked.publisher,
        archive=held,
    )
    return Shown(
        declared, frame, by, conditions, asked.calendar or declared.freq, held,
        held.as_of or held.latest.released, words(asked.lang),
    )  # fmt: skip
