"""Derived series: each takes a frame of `series` and keeps the releases it came from.

Months that are absent stay absent: a change over a gap is null, never a change against another month.
"""

from __future__ import annotations

import polars as pl

from caudal._core.dates import add_periods, parse_period, period_label
from caudal._core.errors import OptionError

__all__ = ["length_of_periods", "rolling", "same_month", "share", "year_on_year"]

_KNOWN = ("period", "value", "unit", "status", "release")


def _dims(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in _KNOWN]


def length_of_periods(frame: pl.DataFrame) -> str:
    """Return the length of a series' periods from how they are written."""
    label = str(frame["period"][0]) if frame.height else "2000-01"
    if label.startswith("FY"):
        return "fiscal_year"
    return {4: "calendar_year", 7: "month", 8: "week"}.get(len(label), "day")


def _shifted(frame: pl.DataFrame, periods: int) -> pl.Series:
    """Return the period that many later than each row's, in the row's own notation."""
    freq = length_of_periods(frame)
    later = {
        label: period_label(freq, add_periods(freq, parse_period(freq, label), periods))
        for label in frame["period"].unique()
    }
    return frame["period"].replace_strict(later, return_dtype=pl.String)


def year_on_year(frame: pl.DataFrame) -> pl.DataFrame:
    """Return each row beside the same month (or fiscal year) a year before.

    Parameters
    ----------
    frame : polars.DataFrame
        A series by month, fiscal year or calendar year.

    Returns
    -------
    polars.DataFrame
        The frame with ``previous``, ``previous_release``, ``change`` (same unit as ``value``) and ``percent``.

    Raises
    ------
    OptionError
        When the series is by week or day.
    """
    freq = length_of_periods(frame)
    if freq in ("week", "day"):
        raise OptionError(f"a {freq} has no {freq} a year before it", where="period", remedy="Compare months")
    before = frame.select(
        _shifted(frame, 12 if freq == "month" else 1).alias("period"),
        *_dims(frame),
        pl.col("value").alias("previous"),
        pl.col("release").alias("previous_release"),
    )
    joined = frame.join(before, on=["period", *_dims(frame)], how="left", maintain_order="left")
    change = pl.col("value") - pl.col("previous")
    return joined.with_columns(
        change.alias("change"),
        pl.when(pl.col("previous") > 0).then(100 * change / pl.col("previous")).alias("percent"),
    )


def same_month(frame: pl.DataFrame, month: int) -> pl.DataFrame:
    """Return the rows of one calendar month of all years, with ``rank`` 1 for the highest.

    Parameters
    ----------
    frame : polars.DataFrame
        A series by month.
    month : int
        1 to 12.

    Raises
    ------
    OptionError
        When ``month`` is none.
    """
    if not 1 <= month <= 12:
        raise OptionError(f"{month} is not a month", where="month", remedy="Give 1 to 12")
    rows = frame.filter(pl.col("period").str.ends_with(f"-{month:02d}"))
    rank = pl.col("value").rank("min", descending=True)
    return rows.with_columns((rank.over(_dims(frame)) if _dims(frame) else rank).cast(pl.Int64).alias("rank"))


def share(frame: pl.DataFrame) -> pl.DataFrame:
    """Return each row as ``percent`` of its period's total over all rows of the frame."""
    total = pl.col("value").sum().over("period")
    return frame.with_columns(pl.when(total > 0).then(100 * pl.col("value") / total).alias("percent"))


def rolling(frame: pl.DataFrame, months: int) -> pl.DataFrame:
    """Return ``mean`` over each month and the ``months - 1`` before it; null where any of them is absent.

    Parameters
    ----------
    frame : polars.DataFrame
        A series by month.
    months : int
        Length of the window.

    Raises
    ------
    OptionError
        When ``months`` is below 1.
    """
    if months < 1:
        raise OptionError(f"a window of {months} months is none", where="months", remedy="Give 1 or more")
    result = frame.with_columns(pl.lit(0.0).alias("mean"))
    for lag in range(months):
        earlier = frame.select(
            _shifted(frame, lag).alias("period"), *_dims(frame), pl.col("value").alias("_part")
        )
        result = result.join(earlier, on=["period", *_dims(frame)], how="left", maintain_order="left")
        result = result.with_columns(mean=pl.col("mean") + pl.col("_part") / months).drop("_part")
    return result
