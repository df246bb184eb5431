"""Control of freight railways: fewer people ride, the others wait or take a bus; nobody turns back for it."""

from __future__ import annotations

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the share of what is ordered that is carried out."""
    del context
    return [Move(setting.lever.parameter, "", setting.degree * strength)]
