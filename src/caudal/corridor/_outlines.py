"""Outlines of countries, border states and schematic sectors: enough to draw a map without a tile server."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Literal

__all__ = ["Shape", "inside", "outlines", "provenance"]

Point = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True)
class Shape:
    """A closed shape: outer rings only, longitude before latitude."""

    kind: Literal["country", "state", "sector"]
    code: str
    rings: tuple[tuple[Point, ...], ...]


@cache
def _file() -> dict[str, object]:
    data: dict[str, object] = json.loads(
        resources.files("caudal.corridor.data").joinpath("outlines.json").read_text(encoding="utf-8")
    )
    return data


@cache
def outlines() -> tuple[Shape, ...]:
    """Return countries of the corridor, the four border states and the nine sectors (schematic)."""
    shapes: list[dict[str, list[list[list[float]]]]] = _file()["shapes"]  # type: ignore[assignment]
    return tuple(
        Shape(
            shape["kind"],  # type: ignore[arg-type]
            str(shape["code"]),
            tuple(tuple((x, y) for x, y in ring) for ring in shape["rings"]),
        )
        for shape in shapes
    )


def provenance() -> dict[str, object]:
    """Return where the outlines come from, and how they were simplified."""
    about: dict[str, object] = _file()["about"]  # type: ignore[assignment]
    return about


def inside(point: Point, rings: Iterable[Sequence[Point]], *, within: float = 0.0) -> bool:
    """Whether a point lies in one of the rings, or within so many degrees of one."""
    return any(_winds(point, ring) or _degrees_from(point, ring) <= within for ring in rings)


def _winds(point: Point, ring: Sequence[Point]) -> bool:
    x, y = point
    odd = False
    for (xa, ya), (xb, yb) in pairwise([*ring, ring[0]]):
        if (ya > y) != (yb > y) and x < xa + (y - ya) * (xb - xa) / (yb - ya):
            odd = not odd
    return odd


def _degrees_from(point: Point, ring: Sequence[Point]) -> float:
    nearest = math.inf
    for (xa, ya), (xb, yb) in pairwise(ring):
        dx, dy = xb - xa, yb - ya
        square = dx * dx + dy * dy
        t = 0.0 if square == 0 else max(0.0, min(1.0, ((point[0] - xa) * dx + (point[1] - ya) * dy) / square))
        nearest = min(nearest, math.hypot(point[0] - xa - t * dx, point[1] - ya - t * dy))
    return nearest
