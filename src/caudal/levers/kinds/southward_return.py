"""Returns to southern Mexico: of those intercepted, more are taken south, and set out again."""

from __future__ import annotations

from caudal.levers._lever import Array, Context, Move, Setting

__all__ = ["act"]


def act(setting: Setting, strength: Array, context: Context) -> list[Move]:
    """Return the moves; ``strength`` is the share of ordered returns carried out."""
    del context
    return [Move(setting.lever.parameter, "", setting.degree * strength)]
