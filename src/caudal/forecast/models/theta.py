"""A yardstick: the Theta method (statsforecast)."""

from __future__ import annotations

from caudal.forecast._panel import Array, Panel
from caudal.forecast.models._statistical import marginals_with

__all__ = ["marginals"]


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    return marginals_with(lambda library: library.Theta(season_length=12), panel, horizon)
