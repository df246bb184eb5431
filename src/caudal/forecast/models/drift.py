"""The drift of the growth model taken at its word: no naive share, no dying out. A member of the ensemble."""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel
from caudal.forecast.models import naive
from caudal.forecast.models.growth import MEMORY, SEASON, WARM_UP, C, regressed

__all__ = ["marginals"]


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    plain = naive.marginals(panel, horizon)
    if panel.values.shape[1] < WARM_UP + 2 * horizon:
        return plain
    mean = np.mean(regressed(panel, horizon, (MEMORY, SEASON)), axis=0)
    return np.where(np.isfinite(mean), np.maximum(np.exp(mean) - C, 0.0), plain)
