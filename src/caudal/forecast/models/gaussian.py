"""The textbook random walk: log growth normal, its variance growing with the horizon. A yardstick only."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from caudal.forecast._growth import FEWEST, PRIOR_SD, last_values
from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS

__all__ = ["marginals"]


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    step = np.diff(np.log1p(panel.values), axis=1)
    seen = np.isfinite(step)
    count = np.maximum(seen.sum(axis=1), 1)
    spread = np.sqrt(np.where(seen, step, 0.0).__pow__(2).sum(axis=1) / count)
    spread = np.where(seen.sum(axis=1) >= FEWEST, spread, PRIOR_SD)
    widths = spread[:, None] * np.sqrt(np.arange(1, horizon + 1))
    last = last_values(panel.values) + 1.0
    grown = last[:, None, None] * np.exp(widths[:, :, None] * norm.ppf(LEVELS)) - 1.0
    return np.asarray(np.maximum(grown, 0.0))
