"""Aid to countries of origin: about nothing within a year, in either direction."""

from __future__ import annotations

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the logarithm of inflow per thousand million dollars."""
    del context
    part = setting.degree / 1e9 / len(setting.targets)
    return [Move("origin_inflow", origin, part * strength) for origin in setting.targets]
