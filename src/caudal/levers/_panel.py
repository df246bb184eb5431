"""The archive as panels of logarithms by month: one unit per citizenship, or per kind of family.

Publishers round small cells to 10, so logarithms are taken of the count plus ten: a month of none is log 10, no hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal import figures
from caudal._core.dates import add_months, month_label, month_range, parse_day, parse_month

__all__ = ["OFFSET", "Panel", "citizenship_panel", "family_panel", "totals"]

Array = npt.NDArray[np.float64]

#: Added to every count before the logarithm: the unit to which OHSS rounds.
OFFSET = 10.0
_FIRST = "2007-10"
#: Citizenships that every publisher prints in every month since October 2007, those with few people left out.
_UNITS = (
    "MEX", "GTM", "HND", "SLV", "VEN", "CUB", "COL", "ECU", "NIC", "BRA", "PER", "IND", "CHN", "HTI", "TUR", "ROU",
    "RUS",
)  # fmt: skip
#: From this month every row carries both citizenship and family status.
_FAMILY_FIRST = "2019-10"
#: Day of the month by which last month's figures have come out (see `caudal.figures.release_days`).
_OUT_BY = 24


@dataclass(frozen=True)
class Panel:
    """Counts of units by month.

    Attributes
    ----------
    first : datetime.date
        First month.
    names : tuple of str
        Units, N of them.
    counts : ndarray, shape (months, N)
        Encounters a month.
    total : ndarray, shape (months,)
        Encounters of everyone, from which the seasonal pattern is taken.
    """

    first: date
    names: tuple[str, ...]
    counts: Array
    total: Array

    @property
    def logs(self) -> Array:
        """Logarithm of the counts plus ten, shape (months, N)."""
        return np.log(self.counts + OFFSET)

    def __len__(self) -> int:
        return len(self.counts)

    def index(self, month: date) -> int:
        """Return the row of a month; it may lie outside."""
        return (month.year - self.first.year) * 12 + month.month - self.first.month

    def month(self, row: int) -> date:
        """Return the month of a row."""
        return add_months(self.first, row)

    def with_unit(self, name: str, codes: Sequence[str]) -> Panel:
        """Return the panel with one more unit, the sum of several."""
        summed = self.counts[:, [self.names.index(c) for c in codes]].sum(axis=1, keepdims=True)
        return Panel(self.first, (*self.names, name), np.hstack([self.counts, summed]), self.total)


def _matrix(frame: pl.DataFrame, column: str, names: Sequence[str], months: Sequence[str]) -> Array:
    wide = (
        frame.group_by("period", column)
        .agg(pl.col("value").sum())
        .pivot(on=column, index="period", values="value")
    )
    rows = pl.DataFrame({"period": list(months)}).join(wide, on="period", how="left")
    out = [
        rows[name].fill_null(0).to_numpy() if name in rows.columns else np.zeros(len(months))
        for name in names
    ]
    return np.stack(out, axis=1).astype(float)


def _known(
    measure: str, by: tuple[str, ...], first: str, as_of: str | date | None, archive: figures.Archive | None
) -> pl.DataFrame:
    """Return a series as of a day; months that were out but of which no release of then is held come from later ones.

    The archive begins in October 2022 and holds few early releases by citizenship. Months of closed fiscal years hardly
    move afterwards; no month later than the last one out on that day is ever taken.
    """
    if as_of is None:
        return figures.series(measure, by=by, period=(first, None), archive=archive)
    day = parse_day(as_of, option="as_of")
    held = figures.series(measure, by=by, as_of=day, period=(first, None), archive=archive)
    if held.height and held["period"].min() == first:
        return held
    # Without a release of then: the figures of a month are out by the last week of the next.
    out = month_label(add_months(day, -1 if day.day >= _OUT_BY else -2))
    last = str(held["period"].max()) if held.height else out
    later = figures.series(measure, by=by, period=(first, last), archive=archive)
    mine = set(held["period"].to_list())
    return pl.concat([later.filter(~pl.col("period").is_in(list(mine))), held], how="vertical_relaxed")


def _months(frame: pl.DataFrame, first: str) -> list[str]:
    return [month_label(m) for m in month_range(parse_month(first), parse_month(str(frame["period"].max())))]


def citizenship_panel(
    measure: str, *, as_of: str | date | None = None, archive: figures.Archive | None = None
) -> Panel:
    """Return encounters by citizenship and month.

    Parameters
    ----------
    measure : str
        Declared measure with citizenship, e.g. ``"usbp-encounters"``.
    as_of : str or datetime.date, optional
        Only what had been released by that day.
    archive : Archive, optional
        Where the figures come from.
    """
    first = _FIRST if measure == "usbp-encounters" else _FAMILY_FIRST
    frame = _known(measure, ("citizenship",), first, as_of, archive)
    months = _months(frame, first)
    counts = _matrix(frame, "citizenship", _UNITS, months)
    return Panel(parse_month(first), _UNITS, counts, totals(frame, months))


def totals(frame: pl.DataFrame, months: Sequence[str]) -> Array:
    """Return the sum over all rows of each month."""
    by_month = dict(frame.group_by("period").agg(pl.col("value").sum()).iter_rows())
    return np.array([float(by_month.get(m, 0)) for m in months])


def family_panel(
    measure: str, *, as_of: str | date | None = None, archive: figures.Archive | None = None
) -> Panel:
    """Return adults and families together as one unit, and unaccompanied children by citizenship; Mexicans left out.

    The June 2024 proclamation exempted unaccompanied children; Mexican children can be returned at once by another law.
    """
    frame = _known(measure, ("citizenship", "family_status"), _FAMILY_FIRST, as_of, archive)
    frame = frame.filter(pl.col("citizenship") != "MEX")
    months = _months(frame, _FAMILY_FIRST)
    children = frame.filter(pl.col("family_status") == "unaccompanied")
    others = frame.filter(pl.col("family_status") != "unaccompanied").with_columns(
        pl.lit("adults-and-families").alias("citizenship")
    )
    rows = pl.concat([children, others], how="vertical")
    names = ("adults-and-families", *(u for u in _UNITS if u != "MEX"), "OTHER")
    counts = _matrix(rows, "citizenship", names, months)
    return Panel(parse_month(_FAMILY_FIRST), names, counts, totals(frame, months))
