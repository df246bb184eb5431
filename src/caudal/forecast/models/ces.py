"""A yardstick: complex exponential smoothing without season (statsforecast); of totals only, for it takes long."""

from __future__ import annotations

from caudal.forecast._panel import Array, Panel
from caudal.forecast.models._statistical import marginals_with

__all__ = ["marginals"]


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    return marginals_with(lambda library: library.AutoCES(season_length=1, model="N"), panel, horizon, most=1)
