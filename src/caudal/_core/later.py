"""Names of a room that are loaded when they are first used, so that what needs little starts at once."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["later"]


def later(room: str, where: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a room.

    Parameters
    ----------
    room : str
        The package, as in ``__name__``.
    where : mapping
        Public name → module of the room that holds it.
    """

    def load(name: str) -> Any:
        if name in where:
            return getattr(importlib.import_module(f"{room}.{where[name]}"), name)
        raise AttributeError(f"module {room!r} has no attribute {name!r}")

    return load
