"""Removal flights: of those flown to their country, fewer try again. Deterrence of others is not claimed."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the share of repeated attempts that falls away."""
    del context
    return [Move("repeat", origin, np.log1p(-setting.degree * strength)) for origin in setting.targets]
