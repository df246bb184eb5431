"""Compile simplified outlines of countries, border states and schematic sectors from two public-domain atlases.

The atlases come as TopoJSON (npm packages ``world-atlas`` and ``us-atlas``): shapes are lists of shared arcs. Arcs are
simplified once, so that neighbours keep a common border; a sector is the counties it is made of, without the arcs
that two of them share.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from caudal._core.errors import InputError
from caudal.corridor._compile import Point, read_text

__all__ = ["Topology", "compile_outlines", "simplified"]

_COUNTRIES = {
    "484": "MEX", "320": "GTM", "084": "BLZ", "222": "SLV", "340": "HND", "558": "NIC", "188": "CRI", "591": "PAN",
    "170": "COL", "840": "USA", "192": "CUB",
}  # fmt: skip
_STATES = {"06": "CA", "04": "AZ", "35": "NM", "48": "TX"}
#: Only what the map shows: rings wholly outside are dropped.
_WINDOW = (-125.0, 4.0, -74.0, 42.0)
_TOLERANCE = 0.04
_SMALLEST = 0.02
"""Rings of a smaller area (square degrees) are islets that no one could see."""

Ring = list[Point]


class Topology:
    """A TopoJSON file whose arcs are decoded and simplified.

    Parameters
    ----------
    data : dict
        The file.
    tolerance : float
        How far in degrees a simplified arc may stray.
    """

    def __init__(self, data: dict[str, Any], *, tolerance: float) -> None:
        self.objects = data["objects"]
        kx, ky = data["transform"]["scale"]
        x0, y0 = data["transform"]["translate"]
        self.arcs: list[Ring] = []
        for arc in data["arcs"]:
            x = y = 0
            points = []
            for dx, dy, *_ in arc:
                x, y = x + dx, y + dy
                points.append((x * kx + x0, y * ky + y0))
            self.arcs.append(simplified(points, tolerance))

    def rings(self, geometry: dict[str, Any]) -> list[Ring]:
        """Return the outer rings of a polygon or of several."""
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        return [self._joined(polygon[0]) for polygon in polygons]

    def merged(self, geometries: Iterable[dict[str, Any]]) -> list[Ring]:
        """Return the rings around several polygons: what two of them share is inside, and left out."""
        used: Counter[int] = Counter()
        turned: dict[int, int] = {}
        for geometry in geometries:
            polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
            for arc in (arc for polygon in polygons for ring in polygon for arc in ring):
                key = arc if arc >= 0 else ~arc
                used[key] += 1
                turned[key] = arc
        return self._stitched([turned[key] for key, n in used.items() if n == 1])

    def _points(self, arc: int) -> Ring:
        return self.arcs[arc] if arc >= 0 else self.arcs[~arc][::-1]

    def _joined(self, arcs: Iterable[int]) -> Ring:
        ring: Ring = []
        for arc in arcs:
            ring += self._points(arc)[1 if ring else 0 :]
        return ring

    def _stitched(self, arcs: list[int]) -> list[Ring]:
        starts = {self._points(arc)[0]: arc for arc in arcs}
        rings = []
        while starts:
            _, arc = starts.popitem()
            ring = list(self._points(arc))
            while ring[-1] in starts:
                ring += self._points(starts.pop(ring[-1]))[1:]
            rings.append(ring)
        return rings


def simplified(points: Ring, tolerance: float) -> Ring:
    """Return a line without the points that stray less than ``tolerance`` (Douglas and Peucker, 1973)."""
    keep = {0, len(points) - 1}
    open_pieces = [(0, len(points) - 1)]
    while open_pieces:
        first, last = open_pieces.pop()
        if last - first < 2:
            continue
        far, away = max(
            ((i, _stray(points[i], points[first], points[last])) for i in range(first + 1, last)),
            key=lambda pair: pair[1],
        )
        if away > tolerance:
            keep.add(far)
            open_pieces += [(first, far), (far, last)]
    return [points[i] for i in sorted(keep)]


def _stray(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = 0.0 if square == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


def compile_outlines(atlas: Path, sectors: Path, out: Path) -> int:
    """Write ``outlines.json`` to ``out`` and return how many shapes it has.

    Parameters
    ----------
    atlas : path
        Holds ``world-atlas/countries-50m.json`` and ``us-atlas/counties-10m.json``, as npm installs them.
    sectors : path
        ``usbp_sector_counties.csv``: counties (FIPS) by sector.
    out : path
        A directory.

    Raises
    ------
    InputError
        When a file is missing, or a county is not in the atlas.
    """
    files = [atlas / "world-atlas" / "countries-50m.json", atlas / "us-atlas" / "counties-10m.json"]
    world, states = (Topology(json.loads(read_text(file)), tolerance=_TOLERANCE) for file in files)
    shapes = [
        _shape("country", _COUNTRIES[g["id"]], world.rings(g))
        for g in world.objects["countries"]["geometries"]
        if g.get("id") in _COUNTRIES
    ]
    shapes += [
        _shape("state", _STATES[g["id"]], states.rings(g))
        for g in states.objects["states"]["geometries"]
        if g["id"] in _STATES
    ]
    counties = {g["id"]: g for g in states.objects["counties"]["geometries"]}
    members: dict[str, list[dict[str, Any]]] = {}
    for n, row in enumerate(csv.DictReader(read_text(sectors).splitlines()), 2):
        if row["fips"] not in counties:
            raise InputError(f"the atlas has no county {row['fips']}", where=f"{sectors.name}, row {n}")
        members.setdefault(row["sector"], []).append(counties[row["fips"]])
    shapes += [_shape("sector", code, states.merged(of)) for code, of in sorted(members.items())]
    text = json.dumps({"about": _about(files), "shapes": shapes}, ensure_ascii=False, separators=(",", ":"))
    (out / "outlines.json").write_text(text.replace('{"kind"', '\n{"kind"') + "\n", encoding="utf-8")
    return len(shapes)


def _about(files: list[Path]) -> dict[str, Any]:
    return {
        "countries": "Natural Earth 1:50m, public domain, as packaged by world-atlas 2.0.2",
        "states and counties": "US Census Bureau cartographic boundaries, public domain, as packaged by us-atlas 3.0.1",
        "sectors": "schematic: dissolved from counties; border counties certain, inland Texas and Arizona approximate",
        "simplified": f"Douglas–Peucker, {_TOLERANCE} degrees; longitude, latitude to two decimals",
        "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
    }


def _shape(kind: str, code: str, rings: list[Ring]) -> dict[str, Any]:
    kept = [ring for ring in rings if _seen(ring) and abs(_area(ring)) > _SMALLEST]
    return {
        "kind": kind,
        "code": code,
        "rings": [[[round(x, 2), round(y, 2)] for x, y in ring] for ring in kept],
    }


def _seen(ring: Ring) -> bool:
    west, south, east, north = _WINDOW
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return max(xs) > west and min(xs) < east and max(ys) > south and min(ys) < north


def _area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2
