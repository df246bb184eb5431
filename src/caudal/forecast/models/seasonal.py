"""The same month of last year, moved by twelve-month growth seen before. A yardstick: breaks make last year useless."""

from __future__ import annotations

import numpy as np

from caudal.forecast._growth import FEWEST
from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS
from caudal.forecast.models import naive

__all__ = ["marginals"]

_YEAR = 12


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    found = naive.marginals(panel, horizon)
    logs = np.log1p(panel.values)
    months = logs.shape[1]
    if months <= _YEAR:
        return found
    step = logs[:, _YEAR:] - logs[:, :-_YEAR]
    for row, own in enumerate(step):
        seen = own[np.isfinite(own)]
        if len(seen) < FEWEST:
            continue
        spread = np.quantile(np.concatenate([seen, -seen]), LEVELS)
        for h in range(1, horizon + 1):
            # Beyond twelve months ahead the year before is itself not yet known: take the one before that.
            before = logs[row, months - 1 + h - _YEAR * (-(-h // _YEAR))]
            if np.isfinite(before):
                found[row, h - 1] = np.maximum(np.expm1(before + spread), 0.0)
    return found
