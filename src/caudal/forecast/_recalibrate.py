"""Widen intervals by how earlier ones did, never narrow them below what the model says.

For each horizon the central intervals of 50, 80 and 95 % are moved outwards, in logs, by what the intervals of the
last months lacked: the weighted quantile of how far outcomes fell outside them (conformalised quantile regression:
Romano, Patterson, Candès, NeurIPS 2019, with fading weights). Rows of one level count together; citizenships and other
fine breakdowns are told apart by the size of their last count, because tens and ten thousands miss by different
factors. The promise aimed at is a little higher than the one made (`AIMED`): what is looked back on lags what is
coming, and turning points are missed by everyone. The shift is shrunk towards none by `_PRIOR` months of evidence and
never more than doubles a half-interval (or moves it by `_ALWAYS` in logs, for intervals of no width).

Chosen on targets 2014-2019 (docs/decisions/012-forecast-protocol.md).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS, MEDIAN, weighted_quantiles
from caudal.forecast._scores import INTERVALS

__all__ = ["AIMED", "MONTHS", "recalibrated"]

#: What intervals of 50, 80 and 95 % aim to hold.
AIMED = (0.54, 0.85, 0.975)
#: How many earlier forecasts are looked back on, and the half-life of their weight, in months.
MONTHS, _HALF_LIFE = 72, 36.0
#: Months of evidence that say "leave it", and the fewest outcomes that count.
_PRIOR, _FEWEST = 12.0, 8
#: A shift in logs that is always allowed at the outermost quantiles.
_ALWAYS = 0.3
#: Bounds of the size classes, by last count, for levels of at least `_MANY` rows.
_SIZES, _MANY = (0.0, 10.0, 100.0, 1000.0, np.inf), 12


def recalibrated(panel: Panel, made: Array, earlier: Array, came: Array, starts: Array) -> Array:
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
    starts : numpy.ndarray
        The last count at each of them and, as the last column, now; shape ``(rows, origins + 1)``.
    """
    if not len(earlier):
        return made
    logs, outcome = np.log1p(earlier), np.log1p(came)
    ends = [int(np.argmin(np.abs(np.asarray(LEVELS) - (1 - coverage) / 2))) for coverage in INTERVALS]
    missed = [np.maximum(outcome - logs[..., 2 * MEDIAN - low], logs[..., low] - outcome) for low in ends]
    weights = 0.5 ** (np.arange(len(earlier))[::-1] / _HALF_LIFE)
    found = np.log1p(made)
    side = np.sign(np.asarray(LEVELS) - 0.5)
    distance = np.abs(2 * np.asarray(LEVELS) - 1)
    for rows, within in _classes(panel, starts):
        for h in range(made.shape[1]):
            shifts = [
                _shift(part[:, :, h], within[:, :-1].T, weights, aim)
                for part, aim in zip(missed, AIMED, strict=True)
            ]
            wanted = np.interp(distance, (0.0, *INTERVALS), (0.0, *shifts))
            half = np.abs(found[rows, h] - found[rows, h, MEDIAN][:, None])
            moved = np.minimum(wanted, np.maximum(half, _ALWAYS * distance)) * side
            found[rows, h] = np.sort(found[rows, h] + moved, axis=-1)
    return np.asarray(np.maximum(np.expm1(found), 0.0))


def _classes(panel: Panel, starts: Array) -> list[tuple[list[int], np.ndarray]]:
    """Return rows that are corrected alike, and which row was in their class at which origin."""
    found = []
    for level in dict.fromkeys(panel.levels):
        mine = np.array([own == level for own in panel.levels])
        sizes = list(pairwise(_SIZES)) if mine.sum() >= _MANY else [(0.0, np.inf)]
        for low, high in sizes:
            within = mine[:, None] & (starts >= low) & (starts < high)
            rows = [int(i) for i in np.flatnonzero(within[:, -1])]
            if rows:
                found.append((rows, within))
    return found


def _shift(missed: Array, within: np.ndarray, weights: Array, aim: float) -> float:
    known = within & np.isfinite(missed)
    if known.sum() < _FEWEST:
        return 0.0
    evidence = float((weights * known.any(axis=1)).sum())
    spread = np.broadcast_to(weights[:, None], missed.shape)
    raw = float(weighted_quantiles(missed[known], spread[known], (aim,))[0])
    return max(raw, 0.0) * evidence / (evidence + _PRIOR)
