"""Visas that let people stay in Mexico: fewer leave the south, and stay in the count of people in Mexico."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the share of visas that keep a person from going on."""
    held = np.minimum(setting.degree * strength / max(context.departures, 1.0), 0.85)
    return [Move(setting.lever.parameter, "", held)]
