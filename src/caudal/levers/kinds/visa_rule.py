"""Entry visas: fewer of a citizenship fly in; part of those kept off planes come by land later."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the logarithm of air arrivals that remain."""
    del context
    taken = 1 - np.exp(np.minimum(strength, 0.0) * setting.degree)
    # Ecuadorians stayed away for a year, Venezuelans were all there by land in six months: hence the wide range.
    land = np.linspace(0.2, 1.0, len(strength))[np.argsort(np.argsort(strength))]
    moves = [Move("air_share", origin, taken) for origin in setting.targets]
    return [*moves, Move("air_to_land", "", land), Move("air_to_land_days", "", np.full(len(strength), 90.0))]
