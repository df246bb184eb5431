"""Caudal: the movement of people towards the US-Mexico border, measured.

Rooms are imported when they are first used, so ``import caudal`` costs next to nothing.

Examples
--------
>>> import caudal
>>> caudal.figures.series("sw-encounters", period=("2023-11", "2023-11"))["value"].to_list()
[242399]
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from caudal._core.errors import CaudalError

try:
    __version__ = version("caudal")
except PackageNotFoundError:  # a source tree on the path without an install
    __version__ = "0+source"

_ROOMS = (
    "figures",
    "forecast",
    "brief",
    "opinion",
    "bargain",
    "statements",
    "network",
    "flow",
    "corridor",
    "levers",
)

__all__ = ["CaudalError", "__version__", *_ROOMS]


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return importlib.import_module(f"caudal.{name}")
    raise AttributeError(f"module 'caudal' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
