"""The panel: what a model is given. Monthly counts of a total and its parts, gaps as NaN, and what sums to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from caudal._core.dates import add_months, month_label, month_range, parse_month
from caudal._core.errors import InputError

__all__ = ["Array", "Panel", "panel_of"]

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

#: Columns of `caudal.figures.series` that are not dimensions.
_NOT_DIMENSIONS = frozenset(
    {"period", "value", "unit", "status", "release", "table", "rows", "first_row", "last_row"}
)

#: Months in which a part must have been counted to keep a row of its own beside ``OTHER``.
_CURRENT = 60


@dataclass(frozen=True)
class Panel:
    """Monthly counts of one measure, the total first.

    Attributes
    ----------
    locations : tuple of str
        One name per row: ``"total"``, then codes (``"VEN"``; ``"USBP/VEN"`` for two dimensions).
    first : datetime.date
        The first month.
    values : numpy.ndarray
        Counts, shape ``(rows, months)``; NaN where nothing was published.
    sums : tuple of (int, tuple of int)
        Row and the rows that add up to it, parents before their children. A row may be added up in several ways.
    levels : tuple of str
        One name per row: the dimensions that break it down, ``"total"`` for the first.
    beside : dict of str to numpy.ndarray
        Other series known by then, by month from `first` (people counted upstream), shape ``(…, months + ahead)``.
    ahead : int
        How many months further than the panel itself these reach.
    """

    locations: tuple[str, ...]
    first: date
    values: Array
    sums: tuple[tuple[int, tuple[int, ...]], ...]
    levels: tuple[str, ...]
    beside: dict[str, Array] = field(default_factory=dict)
    ahead: int = 0

    @property
    def last(self) -> date:
        """The last published month."""
        return add_months(self.first, self.values.shape[1] - 1)

    @property
    def months(self) -> list[date]:
        """The first days of all months."""
        return month_range(self.first, self.last)


def panel_of(frame: pl.DataFrame, dimensions: Sequence[str] | None = None) -> Panel:
    """Return the panel of a frame of `caudal.figures.series`.

    Parameters
    ----------
    frame : polars.DataFrame
        ``period`` (``"2023-11"``), dimensions, ``value``.
    dimensions : sequence of str, optional
        Default: every column that is not one of those that a series always has.

    Notes
    -----
    In a month that was published a part without a row is a zero. A part of which the newest five years have nothing (a
    citizenship that one publisher prints and another puts under ``OTHER``) is added to ``OTHER`` where there is one.

    Raises
    ------
    InputError
        When the frame lacks a column, has no row, or has two rows for one cell.
    """
    dims = [c for c in frame.columns if c not in _NOT_DIMENSIONS] if dimensions is None else list(dimensions)
    for column in ("period", *dims, "value"):
        if column not in frame.columns:
            raise InputError(
                f"a series to forecast needs the column {column!r}",
                remedy="Take it from caudal.figures.series",
            )
    if frame.is_empty():
        raise InputError("a series to forecast has no row", remedy="Ask for a longer period or a later day")
    if frame["period"].str.contains(r"^\d{4}-\d{2}$").not_().any():
        raise InputError("only months can be forecast", where="period", remedy="Use calendar='month'")
    if frame.select("period", *dims).is_duplicated().any():
        raise InputError(
            "two rows speak about the same month and part", remedy="Add them up, or name the dimension apart"
        )
    named = frame.select(
        "period",
        pl.concat_str([pl.col(d) for d in dims], separator="/").alias("location")
        if dims
        else pl.lit("total").alias("location"),
        pl.col("value").cast(pl.Float64),
    )
    if dims:
        named = _fold_parts(named)
    first, last = (parse_month(str(named["period"].sort()[i])) for i in (0, -1))
    months = {month_label(month): i for i, month in enumerate(month_range(first, last))}
    parts = sorted(named["location"].unique())
    place = {location: i for i, location in enumerate(parts)}
    values = np.full((len(parts), len(months)), np.nan)
    for period in named["period"].unique():
        values[:, months[period]] = 0.0
    for period, location, value in named.iter_rows():
        values[place[location], months[period]] = np.nan if value is None else max(value, 0.0)
    if not dims:
        return Panel(("total",), first, values, (), ("total",))
    level = "/".join(dims)
    return Panel(
        ("total", *parts),
        first,
        np.vstack([values.sum(axis=0), values]),
        ((0, tuple(range(1, len(parts) + 1))),),
        ("total", *([level] * len(parts))),
    )


def _fold_parts(named: pl.DataFrame) -> pl.DataFrame:
    recent = sorted(named["period"].unique())[-_CURRENT:]
    current = set(named.filter(pl.col("period").is_in(recent) & (pl.col("value") > 0))["location"])
    if "OTHER" not in set(named["location"]):
        return named
    return (
        named.with_columns(
            pl.when(pl.col("location").is_in([*sorted(current), "OTHER"]))
            .then(pl.col("location"))
            .otherwise(pl.lit("OTHER"))
            .alias("location")
        )
        .group_by("period", "location")
        .agg(pl.col("value").sum())
    )
