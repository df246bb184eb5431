"""Parole by origin: people fly in lawfully; part of them would otherwise have come by land."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the share of people paroled who would otherwise have come."""
    each = np.full(len(strength), setting.degree / len(setting.targets))
    moves = [Move("parole_added", origin, each) for origin in setting.targets]
    del context
    return [*moves, Move("parole_substitution", "", strength)]
