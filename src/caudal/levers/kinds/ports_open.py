"""Ports of entry: a closed crossing's share of a port comes back, or a port closes."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the part of the port's capacity that the closed crossing is worth."""
    part = strength if setting.degree > 0 else np.ones_like(strength)
    factor = np.maximum(1 + setting.degree * part, 1e-9)
    return [Move("port_capacity", context.ports[port], np.log(factor)) for port in setting.targets]
