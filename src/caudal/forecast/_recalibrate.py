"""Widen or narrow intervals by how earlier ones did.

For every level and horizon the central intervals of 50, 80 and 95 % are stretched about the median, in logs, by the
factor that would have made the intervals of the last months hold what they promise: the weighted quantile of how far
outcomes lay from the median in units of the interval (split conformal prediction with fading weights). The factor is
shrunk towards one by `_PRIOR` months of evidence, so that a short past changes little.
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS, MEDIAN, weighted_quantiles
from caudal.forecast._scores import INTERVALS

__all__ = ["MONTHS", "recalibrated"]

#: How many earlier forecasts are looked back on, and the half-life of their weight, in months.
MONTHS, _HALF_LIFE = 120, 36.0
#: Months of evidence that say "leave it".
_PRIOR = 12.0
_NARROWEST, _WIDEST = 0.6, 2.5
#: Counts are logged with this added.
_C = 1.0


def recalibrated(panel: Panel, made: Array, earlier: Array, came: Array) -> Array:
    """Return quantiles whose intervals would have held what they promise.

    Parameters
    ----------
    panel : Panel
        Says which rows belong to one level.
    made : numpy.ndarray
        Quantiles to correct, shape ``(rows, horizon, 23)``.
    earlier : numpy.ndarray
        Earlier quantiles of the same model, shape ``(origins, rows, horizon, 23)``.
    came : numpy.ndarray
        Their outcomes, shape ``(origins, rows, horizon)``, NaN where not yet known.
    """
    if not len(earlier):
        return made
    logs, outcome = np.log(earlier + _C), np.log(came + _C)
    middle = logs[..., MEDIAN]
    off = outcome - middle
    needed = []
    for coverage in INTERVALS:
        low = int(np.argmin(np.abs(np.asarray(LEVELS) - (1 - coverage) / 2)))
        up = 2 * MEDIAN - low
        above = off / np.maximum(logs[..., up] - middle, 1e-3)
        below = -off / np.maximum(middle - logs[..., low], 1e-3)
        needed.append(np.maximum(above, below))
    found = np.log(made + _C)
    age = np.arange(len(earlier))[::-1]
    distance = np.abs(2 * np.asarray(LEVELS) - 1)
    for level in dict.fromkeys(panel.levels):
        rows = [i for i, own in enumerate(panel.levels) if own == level]
        for h in range(made.shape[1]):
            weights = np.broadcast_to(0.5 ** (age / _HALF_LIFE), (len(rows), len(age))).T
            factors = [
                _factor(ratio[:, rows, h], weights, c) for ratio, c in zip(needed, INTERVALS, strict=True)
            ]
            stretch = np.interp(distance, (0.0, *INTERVALS), (factors[0], *factors))
            centre = found[rows, h, MEDIAN][:, None]
            found[rows, h] = np.sort(centre + (found[rows, h] - centre) * stretch, axis=-1)
    return np.asarray(np.maximum(np.exp(found) - _C, 0.0))


def _factor(ratio: Array, weights: Array, coverage: float) -> float:
    known = np.isfinite(ratio)
    if not known.any():
        return 1.0
    evidence = float((weights[:, 0] * known.any(axis=1)).sum())
    raw = weighted_quantiles(ratio[known], weights[known], (coverage,))[0]
    return float(np.exp(np.log(np.clip(raw, _NARROWEST, _WIDEST)) * evidence / (evidence + _PRIOR)))
