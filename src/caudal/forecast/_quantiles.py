"""The 23 quantile levels of the hubverse, and quantile functions drawn through them."""

from __future__ import annotations

from typing import Final

import numpy as np

from caudal.forecast._panel import Array

__all__ = ["LEVELS", "MEDIAN", "draw", "pooled", "weighted_quantiles"]

#: 0.01, 0.025, 0.05, 0.10 … 0.95, 0.975, 0.99: median and eleven central intervals.
LEVELS: Final[tuple[float, ...]] = (
    0.01,
    0.025,
    *(round(0.05 * i, 2) for i in range(1, 20)),
    0.975,
    0.99,
)

#: Place of the median among `LEVELS`.
MEDIAN: Final = LEVELS.index(0.5)

#: Beyond the outermost quantiles the tail goes on as far again as from 0.975 to 0.99, then stops: the record holds
#: nothing that says more.
_ENDS = (0.0, *LEVELS, 1.0)
#: A forecast's share in a mixture is this many values of equal weight.
_DRAWS = 400


def draw(quantiles: Array, ranks: Array) -> Array:
    """Return values at ``ranks`` from quantile functions that are linear in log(1 + count) between the levels.

    Parameters
    ----------
    quantiles : numpy.ndarray
        Counts, shape ``(rows, horizon, 23)``.
    ranks : numpy.ndarray
        Probabilities, shape ``(rows, samples, horizon)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, samples, horizon)``.
    """
    knots = _knots(quantiles)
    found = np.empty(ranks.shape)
    for row in range(ranks.shape[0]):
        for h in range(ranks.shape[2]):
            found[row, :, h] = np.interp(ranks[row, :, h], _ENDS, knots[row, h])
    return np.maximum(np.expm1(found), 0.0)


def _knots(quantiles: Array) -> Array:
    """Return log(1 + count) at `_ENDS`."""
    logs = np.log1p(quantiles)
    low = np.maximum(logs[..., :1] - (logs[..., 1:2] - logs[..., :1]), 0.0)
    high = logs[..., -1:] + (logs[..., -1:] - logs[..., -2:-1])
    return np.concatenate([low, logs, high], axis=-1)


def pooled(quantiles: Array, weights: Array) -> Array:
    """Return the quantiles of a mixture of forecasts (linear pool): any of them may be right, with these odds.

    Parameters
    ----------
    quantiles : numpy.ndarray
        Counts, shape ``(forecasts, rows, horizon, 23)``.
    weights : numpy.ndarray
        One per forecast, summing to one.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, horizon, 23)``.
    """
    probabilities = (np.arange(_DRAWS) + 0.5) / _DRAWS
    between = np.stack([np.interp(probabilities, _ENDS, unit) for unit in np.eye(len(_ENDS))])
    values = np.moveaxis(_knots(quantiles) @ between, 0, -2)
    values = values.reshape(*values.shape[:-2], -1)
    spread = np.repeat(np.asarray(weights), _DRAWS)
    found = np.empty(quantiles.shape[1:])
    for cell in np.ndindex(*found.shape[:-1]):
        found[cell] = weighted_quantiles(values[cell], spread)
    return np.asarray(np.maximum(np.expm1(found), 0.0))


def weighted_quantiles(values: Array, weights: Array, levels: Array | tuple[float, ...] = LEVELS) -> Array:
    """Return quantiles of a weighted sample (midpoint rule, linear between neighbours).

    Parameters
    ----------
    values, weights : numpy.ndarray
        One-dimensional, of the same length, at least one.
    levels : sequence of float
        Probabilities.
    """
    order = np.argsort(values, kind="stable")
    heap = np.cumsum(weights[order])
    place = (heap - 0.5 * weights[order]) / heap[-1]
    return np.asarray(np.interp(levels, place, values[order]))
