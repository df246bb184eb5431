"""The last published month, moved by growth that has been seen before (the empirical random walk).

``log((y[t+h] + 1) / (y[t] + 1))`` of every month ``t`` in the record, with either sign, so that the median stays at the
last value and the interval at every horizon is the one the record itself shows. It is the fair form of "no change":
counts near zero, slow growth of the interval and heavy tails come from the record instead of a normal distribution.
A row with fewer than `FEWEST` stretches borrows those of the other rows; a panel that has none uses `PRIOR_SD`.
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._growth import FEWEST, borrowed, last_values, stretches
from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS

__all__ = ["growth_quantiles", "marginals"]


def growth_quantiles(values: Array, horizon: int) -> Array:
    """Return quantiles of symmetrised log growth, shape ``(rows, horizon, 23)``."""
    count = values.shape[1]
    logs = np.log1p(values)
    pool = borrowed(stretches(values, horizon))
    found = np.empty((len(values), horizon, len(LEVELS)))
    for h in range(1, horizon + 1):
        # Every step of h months, not only those that begin a stretch of full length.
        step = logs[:, h:] - logs[:, : max(count - h, 0)]
        whole = np.isfinite(step).all(axis=1) & (step.shape[1] >= FEWEST)
        if whole.any():
            both = np.concatenate([step[whole], -step[whole]], axis=1)
            found[whole, h - 1] = np.quantile(both, LEVELS, axis=1).T
        for row in np.flatnonzero(~whole):
            seen = step[row][np.isfinite(step[row])]
            seen = seen if len(seen) >= FEWEST else pool[:, h - 1]
            found[row, h - 1] = np.quantile(np.concatenate([seen, -seen]), LEVELS)
    return found


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    last = last_values(panel.values) + 1.0
    grown = last[:, None, None] * np.exp(growth_quantiles(panel.values, horizon)) - 1.0
    return np.asarray(np.maximum(grown, 0.0))
