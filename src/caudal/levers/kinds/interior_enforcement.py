"""Interception inside Mexico: hazards rise; what follows an interception is left to the assumptions."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is interceptions carried out of those ordered."""
    del context
    return [Move(setting.lever.parameter, "", np.log1p(setting.degree * strength))]
