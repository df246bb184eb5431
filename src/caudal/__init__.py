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
from types import ModuleType
from typing import TYPE_CHECKING

from caudal._core.errors import CaudalError

if TYPE_CHECKING:
    __version__: str

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
    "web",
)

__all__ = ["CaudalError", "__version__", *_ROOMS]


def __getattr__(name: str) -> ModuleType | str:
    if name in _ROOMS:
        return importlib.import_module(f"caudal.{name}")
    if name == "__version__":
        return _version()
    raise AttributeError(f"module 'caudal' has no attribute {name!r}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow to import, seldom asked for

    try:
        return version("caudal")
    except PackageNotFoundError:  # a source tree on the path without an install
        return "0+source"


def __dir__() -> list[str]:
    return sorted(__all__)
