"""Appointments at ports: lines move faster or slower, and irregular flow answers slowly."""

from __future__ import annotations

import numpy as np

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the elasticity of irregular to lawful crossing."""
    added = np.full(len(strength), setting.degree)
    lawful = max(context.appointments, 100.0)
    answer = strength * np.log(max(lawful + setting.degree, 0.05 * lawful) / lawful)
    # The answer takes ten months to come in full: within a scenario only part of it is seen.
    slow = [Move("origin_inflow", name, 0.35 * answer) for name in context.classes if name != "mexico"]
    return [Move("appointments_per_day", "", added), *slow]
