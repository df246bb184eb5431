"""Barriers: people choose another sector; net effects found are near zero."""

from __future__ import annotations

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the share of people bound there who choose another sector."""
    del context
    return [Move("sector_shift", sector, setting.degree * strength) for sector in setting.targets]
