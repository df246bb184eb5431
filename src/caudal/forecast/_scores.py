"""Scores of quantile forecasts, from their definitions.

Weighted interval score: Bracher et al., PLOS Computational Biology 17 (2021) e1008618; over K central intervals and the
median it equals twice the mean pinball loss of their 2 K + 1 quantiles, and that is how it is computed here. (The
numpy version of ``scoringrules.weighted_interval_score`` adds the median instead of its absolute error.)
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array
from caudal.forecast._quantiles import LEVELS, MEDIAN

__all__ = ["INTERVALS", "inside", "interval_score", "pinball", "tail_score", "wis"]

#: Central intervals whose coverage is reported.
INTERVALS = (0.5, 0.8, 0.95)
_TAU = np.asarray(LEVELS)


def pinball(quantiles: Array, outcome: Array) -> Array:
    """Return the quantile loss at every level.

    Parameters
    ----------
    quantiles : numpy.ndarray
        Shape ``(…, 23)``.
    outcome : numpy.ndarray
        Shape ``(…)``.

    Returns
    -------
    numpy.ndarray
        ``(y - q) τ`` where the outcome lies above, ``(q - y) (1 - τ)`` where below; shape ``(…, 23)``.
    """
    off = outcome[..., None] - quantiles
    return np.where(off >= 0, _TAU * off, (_TAU - 1) * off)


def wis(quantiles: Array, outcome: Array) -> Array:
    """Return the weighted interval score, in the unit of the outcome, shape ``(…)``."""
    return np.asarray(2.0 * pinball(quantiles, outcome).mean(axis=-1))


def interval_score(lower: Array, upper: Array, outcome: Array, coverage: float) -> Array:
    """Return the interval score of a central interval: its width, and what it misses by times 2 / (1 - coverage)."""
    alpha = 1.0 - coverage
    below, above = np.maximum(lower - outcome, 0), np.maximum(outcome - upper, 0)
    return np.asarray(upper - lower + 2.0 / alpha * (below + above))


def tail_score(quantiles: Array, outcome: Array) -> Array:
    """Return twice the mean pinball loss of the quantiles from 0.9 upwards: how well surges are foreseen."""
    return np.asarray(2.0 * pinball(quantiles, outcome)[..., _TAU >= 0.9].mean(axis=-1))


def inside(quantiles: Array, outcome: Array, coverage: float) -> Array:
    """Return whether the outcome lies in a central interval, ends rounded outwards to whole counts."""
    lower = int(np.argmin(np.abs(_TAU - (1 - coverage) / 2)))
    upper = 2 * MEDIAN - lower
    held = (outcome >= np.floor(quantiles[..., lower])) & (outcome <= np.ceil(quantiles[..., upper]))
    return np.where(np.isfinite(outcome), held, False)
