"""The ensemble with its intervals widened by how its earlier ones did: the default."""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel
from caudal.forecast._past import marginals_of, outcomes, past
from caudal.forecast._recalibrate import MONTHS, recalibrated

__all__ = ["BASE", "marginals"]

#: What is recalibrated.
BASE = "ensemble"


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    made = marginals_of(BASE, panel, horizon)
    earlier = past(BASE, panel, horizon, MONTHS)
    came = outcomes(panel, horizon, len(earlier))
    starts = np.nan_to_num(panel.values[:, -len(earlier) - 1 :])
    return recalibrated(panel, made, earlier, came, starts)
