"""Compile deaths by sector and month from Missing Migrants' events, once, when its file changes."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

from caudal._core.tables import declared
from caudal.corridor._compile import PACKAGE, Point, great_circle_km, read_text, write_table

__all__ = ["compile_deaths", "sector_at"]

_EVENTS = "mmp_central_american_route_events.csv.gz"
#: An event in Mexico belongs to a sector when it lies this near the line; one in the United States, south of 37° N.
_NEAR_KM = 40.0
_NORTH = 37.0


def compile_deaths(directory: Path, out: Path) -> int:
    """Write ``sector_deaths.csv`` (sector, month, deaths) to ``out`` and return how many deaths it holds.

    Parameters
    ----------
    directory : path
        Holds Missing Migrants' events with coordinates.
    out : path
        A directory.
    """
    line = _border()
    deaths: Counter[tuple[str, str]] = Counter()
    for event in csv.DictReader(read_text(directory / _EVENTS).splitlines()):
        where = float(event["lon"]), float(event["lat"])
        near = event["geo"] == "USA" and where[1] < _NORTH
        near = near or (event["geo"] == "MEX" and _km_from(where, line) < _NEAR_KM)
        if near and (sector := sector_at(where[0])):
            deaths[sector, event["month"]] += round(float(event["dead"] or 0))
    rows = [{"sector": s, "month": m, "deaths": n} for (s, m), n in sorted(deaths.items()) if n]
    write_table(out / "sector_deaths.csv", ("sector", "month", "deaths"), rows)
    return sum(deaths.values())


def sector_at(longitude: float) -> str | None:
    """Return the sector whose stretch of the border holds a longitude; ``None`` beyond the ends."""
    for row in declared(PACKAGE, "sector_limits.csv"):
        if float(row["west"]) <= longitude < float(row["east"]):
            return row["sector"]
    return None


def _border() -> list[Point]:
    """Return the border as a line through its ports of entry, from west to east."""
    ports = [row for row in declared(PACKAGE, "places.csv") if row["kind"] == "port"]
    return sorted((float(row["longitude"]), float(row["latitude"])) for row in ports)


def _km_from(point: Point, line: list[Point]) -> float:
    """Return km from a point to a line; 20 points on each piece are near enough for a limit of 40 km."""
    steps = [i / 20 for i in range(21)]
    return (
        min(
            great_circle_km(point, (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
            for a, b in pairwise(line)
            if min(abs(a[0] - point[0]), abs(b[0] - point[0])) < 3
            for t in steps
        )
        if line[0][0] - 1 < point[0] < line[-1][0] + 1
        else float("inf")
    )
