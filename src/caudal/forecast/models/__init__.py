"""Models: one small module each, one protocol.

A model is a function ``paths(panel, horizon, samples, seed) -> numpy.ndarray`` of shape ``(rows, samples, horizon)``.
It sees the panel and nothing else, so what is not in the panel (a later release, a later month) cannot reach it; what
it fits, it fits there and then. Rows are modelled jointly: sample ``s`` of one row belongs to sample ``s`` of another.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from caudal._core.errors import OptionError, did_you_mean
from caudal.forecast._panel import Array, Panel

__all__ = ["MODELS", "Model", "model"]

#: name → (module, one line)
MODELS: dict[str, tuple[str, str]] = {
    "naive": ("naive", "The last published month, moved by growth that has been seen before."),
}


class Model(Protocol):
    """What every model does."""

    def __call__(self, panel: Panel, horizon: int, samples: int, seed: int) -> Array:
        """Return sample paths, shape ``(rows, samples, horizon)``; finite and not negative."""


def model(name: str) -> Model:
    """Return a model by name.

    Raises
    ------
    OptionError
        When there is none of that name.
    """
    if name not in MODELS:
        raise OptionError(f"{name!r} is not a model", where="--model", remedy=did_you_mean(name, MODELS))
    return cast(Model, import_module(f"caudal.forecast.models.{MODELS[name][0]}").paths)
