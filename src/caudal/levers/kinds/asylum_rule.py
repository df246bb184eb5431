"""Restriction of asylum between ports: fewer set out; Mexicans, under other rules, are left out."""

from __future__ import annotations

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the logarithm of the inflow that remains."""
    return [
        Move("origin_inflow", name, setting.degree * strength) for name in context.classes if name != "mexico"
    ]
