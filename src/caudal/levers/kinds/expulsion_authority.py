"""Authority to expel: people put back without consequence try again more often."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the factor on repeated attempts."""
    return [Move("repeat", name, setting.degree * np.log(strength)) for name in context.classes]
