"""Relief of sanctions: conditions at the origin, slowly; nobody knows the sign."""

from __future__ import annotations

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the logarithm of inflow after relief in full."""
    del context
    return [Move("origin_inflow", origin, setting.degree * strength) for origin in setting.targets]
