"""The committed places and links are what the program makes of the publishers' files."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest

from caudal import corridor
from caudal.corridor import _compile
from caudal.corridor._compile import Railway, compile_places_and_links, great_circle_km

LECHERIA, TAPACHULA = (-99.19, 19.598), (-92.25891, 14.90541)
NUEVO_LAREDO, JUAREZ, NOGALES = (-99.51639, 27.47629), (-106.46084, 31.72024), (-110.94217, 31.30862)
CHIHUAHUA, ARRIAGA, IXTEPEC = (-106.08889, 28.63528), (-93.89972, 16.23557), (-95.10375, 16.56052)


def test_great_circle() -> None:
    assert math.isclose(great_circle_km((0, 0), (90, 0)), math.pi * 6371.0088 / 2)
    assert great_circle_km(LECHERIA, LECHERIA) == 0


def test_lines_that_nearly_meet_are_joined() -> None:
    def line(*points: tuple[float, float]) -> dict[str, object]:
        return {"geometry": {"type": "LineString", "coordinates": [list(p) for p in points]}}

    apart = {"features": [line((0, 0), (1, 0)), line((1.01, 0), (2, 0)), line((2.05, 0), (3, 0))]}
    railway = Railway(apart)
    assert math.isclose(railway.distance((0, 0), (2, 0)), great_circle_km((0, 0), (2, 0)))
    assert math.isinf(railway.distance((0, 0), (3, 0)))
    assert math.isfinite(Railway(apart, join=0.06).distance((0, 0), (3, 0)))


def test_compiling_again_gives_the_same_tables(shared_data: Path, tmp_path: Path) -> None:
    compile_places_and_links(shared_data / "geography", tmp_path)
    kept = Path(_compile.__file__).parent / "data"
    for name in ("places.csv", "links.csv"):
        assert (tmp_path / name).read_text("utf-8") == (kept / name).read_text("utf-8"), name


@pytest.fixture(scope="module")
def railway(shared_data: Path) -> Railway:
    return Railway(
        json.loads((shared_data / "geography/ne_rail_mexico_centralamerica.geojson").read_text("utf-8"))
    )


@pytest.mark.parametrize(
    ("a", "b", "km", "reported"),
    [
        (CHIHUAHUA, JUAREZ, 359, 370),
        (ARRIAGA, IXTEPEC, 144, 153),
        (TAPACHULA, IXTEPEC, 412, 458),
        (LECHERIA, JUAREZ, 1933, 1970),
    ],
)
def test_distances_follow_the_lines(
    railway: Railway, a: tuple[float, float], b: tuple[float, float], km: float, reported: float
) -> None:
    measured = railway.distance(a, b)
    assert measured == pytest.approx(km, abs=1)
    assert measured == pytest.approx(reported, rel=0.12)  # as printed by operators and the press
    assert measured > great_circle_km(a, b)


class Snapped(Railway):
    """The measure of the first study: every point moved to the corner of a grid of 0.02 degrees."""

    def __init__(self, collection: dict[str, list[dict[str, dict[str, list[list[float]]]]]]) -> None:
        self.edges = {}
        for feature in collection["features"]:
            points = [(p[0], p[1]) for p in feature["geometry"]["coordinates"]]
            for a, b in pairwise(points):
                u, v = ((round(x / 0.02) * 0.02, round(y / 0.02) * 0.02) for x, y in (a, b))
                if u != v:
                    length = min(great_circle_km(a, b), self.edges.get(u, {}).get(v, math.inf))
                    self.edges.setdefault(u, {})[v] = self.edges.setdefault(v, {})[u] = length


def test_a_grid_gives_the_first_studys_figures_and_swallows_track(shared_data: Path) -> None:
    lines = json.loads((shared_data / "geography/ne_rail_mexico_centralamerica.geojson").read_text("utf-8"))
    grid = Snapped(lines)
    for goal, km in ((TAPACHULA, 1141), (NUEVO_LAREDO, 1002), (JUAREZ, 1657), (NOGALES, 2421)):
        assert grid.distance(LECHERIA, goal) == pytest.approx(km, rel=0.003)
    assert grid.distance(CHIHUAHUA, JUAREZ) < great_circle_km(CHIHUAHUA, JUAREZ)


def test_no_link_is_shorter_than_the_straight_line() -> None:
    where = {
        row["place"]: (row["longitude"], row["latitude"]) for row in corridor.places().iter_rows(named=True)
    }
    for row in corridor.links().iter_rows(named=True):
        if row["mode"] != "foot":
            assert row["distance_km"] > great_circle_km(where[row["from"]], where[row["to"]]) - 12, row[
                "link"
            ]
