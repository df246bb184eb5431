"""Compile the corridor's places and links from the publishers' files, once, when the declared data change.

People declare *what* is in the corridor (``gazetteer.csv``: places; ``routes.csv``: which are joined, and how);
the publishers say *where* and *how far* (GeoNames' coordinates, Natural Earth's railways). The result, ``places.csv``
and ``links.csv``, is committed, so that nothing of this runs for a user.
"""

from __future__ import annotations

import csv
import gzip
import heapq
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from caudal._core.errors import InputError, did_you_mean
from caudal._core.identifiers import identities
from caudal._core.tables import declared

__all__ = [
    "PACKAGE",
    "Point",
    "Railway",
    "compile_places_and_links",
    "great_circle_km",
    "read_text",
    "write_table",
]

PACKAGE = "caudal.corridor.data"
_EARTH_KM = 6371.0088
_GEONAMES = "geonames-cities15000-corridor.csv.gz"
_RAIL = "ne_rail_mexico_centralamerica.geojson"
#: A place that is told to have a railway but lies further from one than this is a mistake.
_FAR_FROM_RAILWAY_KM = 15.0

Point = tuple[float, float]
"""Longitude and latitude in degrees."""

_PLACES = (
    "place",
    "name",
    "name_es",
    "country",
    "kind",
    "region",
    "code",
    "latitude",
    "longitude",
    "dwell",
    "source",
    "status",
    "note",
)
_LINKS = (
    "link", "from", "to", "mode", "distance_km", "speed_parameter", "speed_km_per_day", "interception",
    "source", "status", "note",
)  # fmt: skip


def great_circle_km(a: Point, b: Point) -> float:
    """Return the distance between two points (longitude, latitude) over a sphere of 6,371.0088 km."""
    (xa, ya), (xb, yb) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((yb - ya) / 2) ** 2 + math.cos(ya) * math.cos(yb) * math.sin((xb - xa) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


class Railway:
    """Lines of a GeoJSON file as a graph of the points they were drawn with.

    Lines drawn by different hands do not meet: an end of one is joined to the points of others that lie within
    ``join`` degrees, by a straight piece. Snapping every point to a grid of that width joins them too, but swallows
    what lies within a cell: Chihuahua – Ciudad Juárez then measures 326 km, less than the straight line (345 km);
    along the lines it is 359 km, and reports say 370.

    Parameters
    ----------
    collection : mapping
        A GeoJSON feature collection of lines, longitude before latitude.
    join : float
        Widest gap in degrees between an end and another line that is closed.
    """

    def __init__(self, collection: Mapping[str, Any], *, join: float = 0.02) -> None:
        self.edges: dict[Point, dict[Point, float]] = {}
        lines = [line for feature in collection["features"] for line in _lines(feature["geometry"])]
        for line in lines:
            for a, b in pairwise(line):
                self._add(a, b)
        for line in lines:
            for end in (line[0], line[-1]):
                for other in self._within(end, join, set(line)):
                    self._add(end, other)

    def _add(self, a: Point, b: Point) -> None:
        if a != b:
            length = min(great_circle_km(a, b), self.edges.get(a, {}).get(b, math.inf))
            self.edges.setdefault(a, {})[b] = length
            self.edges.setdefault(b, {})[a] = length

    def _within(self, point: Point, width: float, apart: set[Point]) -> list[Point]:
        x, y = point
        return [
            p
            for p in self.edges
            if abs(p[0] - x) <= width and math.hypot(p[0] - x, p[1] - y) <= width and p not in apart
        ]

    def nearest(self, point: Point) -> tuple[Point, float]:
        """Return the point of a line nearest to a point, and the kilometres to it."""
        node = min(self.edges, key=lambda key: (great_circle_km(key, point), key))
        return node, great_circle_km(node, point)

    def distance(self, a: Point, b: Point) -> float:
        """Return kilometres along the lines from the point nearest ``a`` to that nearest ``b``; ``inf`` if apart."""
        start, goal = self.nearest(a)[0], self.nearest(b)[0]
        best, queue = {start: 0.0}, [(0.0, start)]
        while queue:
            so_far, node = heapq.heappop(queue)
            if node == goal:
                return so_far
            if so_far > best[node]:
                continue
            for other, length in self.edges[node].items():
                if so_far + length < best.get(other, math.inf):
                    best[other] = so_far + length
                    heapq.heappush(queue, (so_far + length, other))
        return math.inf


def _lines(shape: Mapping[str, Any]) -> list[list[Point]]:
    several = [shape["coordinates"]] if shape["type"] == "LineString" else shape["coordinates"]
    return [[(float(p[0]), float(p[1])) for p in line] for line in several]


def compile_places_and_links(directory: Path, out: Path) -> dict[str, int]:
    """Write ``places.csv`` and ``links.csv`` to ``out`` and return how many rows each has.

    Parameters
    ----------
    directory : path
        Holds the publishers' files: GeoNames' cities and Natural Earth's railways.
    out : path
        A directory.

    Raises
    ------
    InputError
        When a file is missing, a place is not in GeoNames, or a railway is told where there is none.
    """
    places = _places(directory / _GEONAMES)
    railway = Railway(json.loads(read_text(directory / _RAIL)))
    links = _links(places, railway)
    write_table(out / "places.csv", _PLACES, places.values())
    write_table(out / "links.csv", _LINKS, links)
    return {"places.csv": len(places), "links.csv": len(links)}


def read_text(path: Path) -> str:
    if not path.is_file():
        raise InputError(
            "file not found", where=str(path), remedy="Name the directory of the publishers' files"
        )
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")


def write_table(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _places(geonames: Path) -> dict[str, dict[str, str]]:
    """Return every place by its slug: those of the gazetteer, then sectors, then ports that have a place."""
    known = {row["geonameid"]: row for row in csv.DictReader(read_text(geonames).splitlines())}
    places = {}
    for n, row in enumerate(declared(PACKAGE, "gazetteer.csv"), 2):
        row = dict(row) | {"name": row["name_en"]}
        if row["geonames"] in known:
            there = known[row["geonames"]]
            row |= {"latitude": there["lat"], "longitude": there["lon"], "status": "measured"}
            row["source"] = f"GeoNames {row['geonames']} (CC BY 4.0)"
        elif row["geonames"]:
            raise InputError(
                f"GeoNames has no {row['geonames']} for {row['place']!r}",
                where=f"gazetteer.csv, row {n}",
                remedy="Give coordinates instead",
            )
        else:
            row |= {"source": "declared", "status": "assumption"}
        places[row["place"]] = row
    for dimension in ("sector", "port"):
        places |= _official(dimension)
    return places


def _official(dimension: str) -> dict[str, dict[str, str]]:
    """Return sectors (at their headquarters) or ports (at the crossing) as places, from Caudal's own codes."""
    table, key = ("sectors.csv", "sector") if dimension == "sector" else ("ports.csv", "port")
    wanted = {row[key]: row.get("place", "") for row in declared(PACKAGE, table)}
    out = {}
    for code, named in wanted.items():
        what = identities(dimension)[code]
        slug = named or f"sector-{code.lower()}"
        if slug in out or (named and not _owns(code, named)):
            continue
        out[slug] = {
            "place": slug, "name": what.name_en, "name_es": what.name_es, "country": "USA", "kind": dimension,
            "code": code,
            "region": code if dimension == "sector" else _office(code),
            "latitude": str(what.latitude), "longitude": str(what.longitude), "dwell": "",
            "source": "Caudal's geographies: headquarters" if dimension == "sector" else "BTS, port codes",
            "status": "measured", "note": "", "railway": "0",
        }  # fmt: skip
    return out


def _office(port: str) -> str:
    return next(row["field_office"] for row in declared(PACKAGE, "ports.csv") if row["port"] == port)


def _owns(code: str, place: str) -> bool:
    """Whether a port gives the place its name; smaller crossings are counted with their neighbour."""
    return next(r["port"] for r in declared(PACKAGE, "ports.csv") if r["place"] == place) == code


def _links(places: Mapping[str, Mapping[str, str]], railway: Railway) -> list[dict[str, object]]:
    """Return every directed link; where two rows declare the same, the first counts."""
    rail = _rail_distances(places, railway)
    links: dict[str, dict[str, object]] = {}
    for mode, start, end, note in _declared_links(places):
        links.setdefault(f"{start}--{end}--{mode}", _link(places, mode, start, end, note, rail))
    return list(links.values())


def _declared_links(places: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (mode, from, to, note): the chains of ``routes.csv``, then border cities to their sectors and ports."""
    for n, row in enumerate(declared(PACKAGE, "routes.csv"), 2):
        for a, b in pairwise(row["chain"].split(">")):
            for name in (a, b):
                if name not in places:
                    raise InputError(
                        f"there is no place {name!r}",
                        where=f"corridor/data/routes.csv, row {n}",
                        remedy=did_you_mean(name, places),
                    )
            yield row["mode"], a, b, row["note"]
            if row["two_way"] == "1":
                yield row["mode"], b, a, row["note"]
    for row in declared(PACKAGE, "sectors.csv"):
        yield "foot", row["border_city"], f"sector-{row['sector'].lower()}", ""
    for row in declared(PACKAGE, "ports.csv"):
        if _owns(row["port"], row["place"]):
            yield "foot", row["border_city"], row["place"], ""


def _point(place: Mapping[str, str]) -> Point:
    return float(place["longitude"]), float(place["latitude"])


def _central(parameter: str) -> float:
    return next(
        float(r["central"]) for r in declared(PACKAGE, "assumptions.csv") if r["parameter"] == parameter
    )


def _rail_distances(
    places: Mapping[str, Mapping[str, str]], railway: Railway
) -> dict[frozenset[str], tuple[float, str]]:
    """Return km by pair of places along the lines, gaps bridged at the median winding of the measured pairs."""
    for slug, place in places.items():
        if place.get("railway") == "1" and (away := railway.nearest(_point(place))[1]) > _FAR_FROM_RAILWAY_KM:
            raise InputError(f"{slug!r} lies {away:.0f} km from the nearest railway", where="gazetteer.csv")
    gaps = {frozenset((r["from"], r["to"])): r["note"] for r in declared(PACKAGE, "rail_bridges.csv")}
    measured: dict[frozenset[str], float] = {}
    pairs = [r["chain"].split(">") for r in declared(PACKAGE, "routes.csv") if r["mode"] == "rail"]
    for pair in dict.fromkeys(frozenset(p) for stops in pairs for p in pairwise(stops)):
        if pair not in gaps:
            a, b = sorted(pair)
            measured[pair] = railway.distance(_point(places[a]), _point(places[b]))
            if math.isinf(measured[pair]):
                raise InputError(
                    f"no railway joins {a} and {b}",
                    where="routes.csv",
                    remedy="Add a row to rail_bridges.csv",
                )
    straight = {
        pair: great_circle_km(*(_point(places[p]) for p in sorted(pair))) for pair in [*measured, *gaps]
    }
    winding = median(measured[pair] / straight[pair] for pair in measured)
    bridged = {
        pair: (straight[pair] * winding, f"{note}; {winding:.3f} × straight line")
        for pair, note in gaps.items()
    }
    return {pair: (km, "") for pair, km in measured.items()} | bridged


def _link(
    places: Mapping[str, Mapping[str, str]],
    mode: str,
    start: str,
    end: str,
    note: str,
    rail: Mapping[frozenset[str], tuple[float, str]],
) -> dict[str, object]:
    straight = great_circle_km(_point(places[start]), _point(places[end]))
    source, status, km = "straight line between places", "measured", straight
    if places[end]["kind"] in ("sector", "port"):
        source, status, km = "declared: a day's approach", "assumption", _central("approach_km")
    elif mode == "rail":
        km, bridge = rail[frozenset((start, end))]
        source, status = ("bridge", "assumption") if bridge else ("Natural Earth railways", "measured")
        note = "; ".join(filter(None, (note, bridge)))
    elif mode in ("road", "foot"):
        km = straight * _central("road_winding")
        source, status = "straight line × road_winding", "assumption"
    speed = _speed(mode, start, end)
    mexican = places[start]["country"] == places[end]["country"] == "MEX"
    return {
        "link": f"{start}--{end}--{mode}", "from": start, "to": end, "mode": mode, "distance_km": round(km),
        "speed_parameter": speed, "speed_km_per_day": f"{_central(speed):g}", "interception": int(mexican),
        "source": source, "status": status, "note": note,
    }  # fmt: skip


def _speed(mode: str, start: str, end: str) -> str:
    """Return the assumption that holds the link's speed: the Chiapas and south-eastern lines have poor track."""
    slow = {"tapachula", "arriaga", "tenosique", "palenque"}
    return "rail_speed_south" if mode == "rail" and start in slow and end else f"{mode}_speed"
