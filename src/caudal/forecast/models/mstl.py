"""A yardstick: season and trend by LOESS, the rest by exponential smoothing (statsforecast)."""

from __future__ import annotations

from caudal.forecast._panel import Array, Panel
from caudal.forecast.models._statistical import marginals_with

__all__ = ["marginals"]


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    return marginals_with(
        lambda library: library.MSTL(season_length=12, trend_forecaster=library.AutoETS(model="AAN")),
        panel,
        horizon,
    )
