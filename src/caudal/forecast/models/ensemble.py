"""Three forms of "no change", weighted by how they did lately.

The empirical random walk with growth by level, the textbook random walk and the growth model are mixed: any of them
may be right (a linear pool; averages of their quantiles scored no better and held less). A member's weight is its
discounted WIS of the last three years, relative to that of the first, to the power of minus six, by level and over all
horizons: nearly equal weights while members are alike, and none for one that fails on a level (the textbook walk on
sparse citizenships).

Members, pool and power were chosen on targets to 2019 (docs/decisions/012-forecast-protocol.md): the best mean over
levels among ensembles whose worst year stayed within 1.5 % of naive and that need nothing beyond the base install.
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel
from caudal.forecast._past import marginals_of, outcomes, past
from caudal.forecast._quantiles import pooled
from caudal.forecast._scores import wis

__all__ = ["MEMBERS", "marginals", "weights"]

MEMBERS = ("levelled", "gaussian", "growth")
#: How many earlier forecasts are looked back on, the half-life of their weight in months, and the power.
_MONTHS, _HALF_LIFE, _POWER = 36, 24.0, 6.0


def weights(scores: Array) -> Array:
    """Return members' weights from their scores, ``(members, origins)``, NaN where no outcome is known yet."""
    known = np.isfinite(scores).all(axis=0)
    if not known.any():
        return np.full(len(scores), 1.0 / len(scores))
    fade = 0.5 ** (np.arange(scores.shape[1])[::-1] / _HALF_LIFE)
    loss = (scores[:, known] * fade[known]).sum(axis=1)
    power = np.maximum(loss / max(float(loss[0]), 1e-9), 1e-9) ** -_POWER
    return np.asarray(power / power.sum())


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    made = np.stack([marginals_of(name, panel, horizon) for name in MEMBERS])
    earlier = [past(name, panel, horizon, _MONTHS) for name in MEMBERS]
    came = outcomes(panel, horizon, len(earlier[0]))
    found = np.empty(made.shape[1:])
    for level in dict.fromkeys(panel.levels):
        rows = [i for i, own in enumerate(panel.levels) if own == level]
        scores = np.stack([_scored(one[:, rows], came[:, rows]) for one in earlier])
        found[rows] = pooled(made[:, rows], weights(scores))
    return found


def _scored(earlier: Array, came: Array) -> Array:
    """Return a score per origin, summed over rows and the horizons whose outcome is known."""
    score = wis(earlier, came)
    known = np.isfinite(score)
    total = np.where(known, score, 0.0).sum(axis=(1, 2))
    return np.where(known.any(axis=(1, 2)), total, np.nan)
