"""A yardstick: exponential smoothing, error and trend chosen by AICc, no season (statsforecast)."""

from __future__ import annotations

from caudal.forecast._panel import Array, Panel
from caudal.forecast.models._statistical import marginals_with

__all__ = ["marginals"]


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    return marginals_with(lambda library: library.AutoETS(season_length=1, model="ZZN"), panel, horizon)
