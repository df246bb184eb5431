"""Scores of forecasts from rolling origins: relative mean absolute error with block-bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Row", "relative_error", "rows_frame", "wape"]

Floats = npt.NDArray[np.float64]

_BLOCK, _RESAMPLES, _SEED = 6, 2000, 20231222


@dataclass(frozen=True)
class Row:
    """One line of the validation report."""

    check: str
    value: float
    baseline: float | None = None
    interval: tuple[float, float] | None = None
    threshold: str = ""
    holds: bool | None = None
    note: str = ""


def rows_frame(rows: list[Row]) -> pl.DataFrame:
    """Return ``check, value, baseline, interval, threshold, holds, note``; the interval as ``"[low, high]"``."""
    return pl.DataFrame(
        {
            "check": [r.check for r in rows],
            "value": [float(r.value) for r in rows],
            "baseline": [r.baseline for r in rows],
            "interval": [
                None if r.interval is None else f"[{r.interval[0]:.2f}, {r.interval[1]:.2f}]" for r in rows
            ],
            "threshold": [r.threshold for r in rows],
            "holds": [r.holds for r in rows],
            "note": [r.note for r in rows],
        },
        schema={
            "check": pl.String,
            "value": pl.Float64,
            "baseline": pl.Float64,
            "interval": pl.String,
            "threshold": pl.String,
            "holds": pl.Boolean,
            "note": pl.String,
        },
    )


def wape(made: Floats, seen: Floats) -> float:
    """Return the sum of absolute errors over the sum of what was seen."""
    return float(np.abs(made - seen).sum() / seen.sum())


def relative_error(errors: Floats, against: Floats) -> tuple[float, tuple[float, float]]:
    """Return the ratio of mean absolute errors and its 90 % interval by a moving-block bootstrap over origins.

    Parameters
    ----------
    errors, against : array, (origins,)
        Sum of absolute errors of each origin (in time order; NaN where nothing is known yet).
    """
    known = ~(np.isnan(errors) | np.isnan(against))
    mine, theirs = errors[known], against[known]
    n = len(mine)
    rng = np.random.default_rng(_SEED)
    block = min(_BLOCK, n)
    starts = rng.integers(0, n - block + 1, (_RESAMPLES, -(-n // block)))
    picks = (starts[:, :, None] + np.arange(block)).reshape(_RESAMPLES, -1)[:, :n]
    ratios = mine[picks].sum(axis=1) / theirs[picks].sum(axis=1)
    low, high = np.quantile(ratios, [0.05, 0.95])
    return float(mine.sum() / theirs.sum()), (float(low), float(high))
