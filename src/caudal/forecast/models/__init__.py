"""Models: one small module each, one protocol.

A model is a function ``marginals(panel, horizon) -> numpy.ndarray``: quantiles of counts, shape
``(rows, horizon, 23)``. It sees the panel and nothing else, so what is not in the panel (a later release, a later
month) cannot reach it; whatever it fits, it fits there and then. Joint sample paths are drawn from the quantiles in the
order the record shows (`caudal.forecast._growth.ranks`) and made to add up.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, cast

from caudal._core.errors import OptionError, did_you_mean
from caudal.forecast._panel import Array, Panel

__all__ = ["MODELS", "OFFERED", "Model", "model", "offered"]

#: Entry points that offer models from rooms above (or other packages): used when named, and scored with the others.
OFFERED = "caudal.forecast_models"

#: name → (module, one line)
MODELS: dict[str, tuple[str, str]] = {
    "naive": ("naive", "The last published month, moved by growth that has been seen before."),
    "gaussian": ("gaussian", "The last published month, log growth normal: the textbook random walk."),
    "levelled": ("levelled", "Naive; far above its usual level a series rises less and falls further."),
    "seasonal": ("seasonal", "The same month of last year."),
    "growth": (
        "growth",
        "Naive with a small drift from season and recent growth that dies out with distance.",
    ),
    "drift": ("drift", "The same drift taken at its word."),
    "theta": ("theta", "The Theta method (statsforecast)."),
    "ets": ("ets", "Exponential smoothing (statsforecast)."),
    "ces": ("ces", "Complex exponential smoothing (statsforecast)."),
    "mstl": ("mstl", "Season and trend by LOESS (statsforecast)."),
    "boosting": ("boosting", "Global gradient boosting (lightgbm)."),
    "upstream": ("upstream", "Naive, shifted by what was counted in the Darién; citizenships only."),
    "ensemble": ("ensemble", "A mixture of levelled, gaussian and growth, weighted by how they did lately."),
    "calibrated": ("calibrated", "The ensemble, its intervals widened by how earlier ones did."),
}


class Model(Protocol):
    """What every model does."""

    def __call__(self, panel: Panel, horizon: int) -> Array:
        """Return quantiles of counts, shape ``(rows, horizon, 23)``; finite, not negative, not crossing."""


def offered() -> list[str]:
    """Return the names of all models: our own, then those of entry points `OFFERED`."""
    return [*MODELS, *sorted({point.name for point in entry_points(group=OFFERED)} - set(MODELS))]


def model(name: str) -> Model:
    """Return a model by name.

    Raises
    ------
    OptionError
        When there is none of that name.
    """
    if name not in MODELS:
        for point in entry_points(group=OFFERED, name=name):
            return cast(Model, point.load())
        raise OptionError(f"{name!r} is not a model", where="--model", remedy=did_you_mean(name, offered()))
    return cast(Model, import_module(f"caudal.forecast.models.{MODELS[name][0]}").marginals)
