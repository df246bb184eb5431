"""Maps and Sankeys say what the result says, alone, in two languages, and for those who do not see them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from caudal import corridor
from caudal._core.errors import InputError, OptionError
from caudal._core.tables import declared
from caudal.corridor._canvas import Sheet
from caudal.corridor._map import Drawing
from caudal.corridor._outlines import inside, outlines
from caudal.corridor._picture import order, picture
from caudal.corridor._sankey import region_flows
from conftest import Command

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Part:
    places: tuple[str, ...]
    values: np.ndarray[Any, Any]


@dataclass(frozen=True)
class Result:
    """What a simulation hands to a map, by hand: two months, three draws, two classes."""

    months: tuple[date, ...] = (date(2023, 12, 1), date(2024, 1, 1))
    parts: dict[str, Part] = field(default_factory=dict)
    flows: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=lambda: {"as_of": "2023-12-22"})


WAYS = [
    ("tapachula", "ixtepec", "road"),
    ("ixtepec", "mexico-city", "road"),
    ("mexico-city", "torreon", "rail"),
    ("torreon", "ciudad-juarez", "rail"),
    ("ciudad-juarez", "torreon", "road"),
    ("ciudad-juarez", "sector:EPT", "step"),
    ("ciudad-juarez", "line:2402", "step"),
    ("line:2402", "port:2402", "step"),
    ("gave-up:ciudad-juarez", "ciudad-juarez", "step"),
]
PEOPLE = [9000.0, 9000.0, 8000.0, 8000.0, 1000.0, 6000.0, 500.0, 400.0, 100.0]


def result() -> Result:
    draws = np.array([0.8, 1.0, 1.2]).reshape(3, 1, 1, 1)

    def part(places: tuple[str, ...], people: list[list[float]]) -> Part:
        return Part(places, draws * np.array(people)[None, :, :, None] * np.ones((1, 1, 1, 2)) / 2)

    entered = np.stack([np.array(PEOPLE), np.array(PEOPLE) / 2])[:, :, None] * np.array([0.25, 0.75])
    return Result(
        parts={
            "encounters_between_ports": part(("EPT", "RGV"), [[30_000, 10_000], [15_000, 5_000]]),
            "encounters_at_ports": part(("FO-EL-PASO",), [[6_000], [6_000]]),
            "waiting": part(("ciudad-juarez", "reynosa"), [[4_000, 1_000], [3_000, 800]]),
            "queue": part(("2402", "2404"), [[2_000, 0], [2_500, 500]]),
            "held": part(("mexico",), [[20_000], [22_000]]),
        },
        flows={
            "entered": entered,
            "start": [a for a, _, _ in WAYS],
            "end": [b for _, b, _ in WAYS],
            "mode": [m for _, _, m in WAYS],
        },
    )


def test_a_result_becomes_a_picture() -> None:
    seen = picture(result())
    assert ("ciudad-juarez", "sector-ept", "foot") in seen.links
    assert ("ciudad-juarez", "port-el-paso", "foot") in seen.links
    assert not any("gave-up" in place for link in seen.links for place in link)
    assert seen.flow.sum(axis=1) == pytest.approx([sum(PEOPLE[:7]), sum(PEOPLE[:7]) / 2])
    assert seen.layers["queue"].places == ("ciudad-juarez",)  # both ports stand before one city
    assert seen.layers["queue"].mean[1] == pytest.approx([3_000])
    mean, low, high = seen.totals["between"]
    assert (mean[0], low[0], high[0]) == pytest.approx((40_000, 0.82 * 40_000, 1.18 * 40_000))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_map_is_one_file_that_speaks_once(language: str) -> None:
    for text in (
        corridor.flow_map(result(), language=language),
        corridor.sankey(result(), language=language),
        corridor.network_map(language=language),
    ):
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert len(root.get("aria-label") or "") > 100
        assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
        assert "<image" not in text
        assert "<script" not in text


def test_the_title_states_what_the_month_shows() -> None:
    text = corridor.flow_map(result(), month="2024-01")
    assert "January 2024: 20,000 encounters between ports, 75 % in El Paso; 3,800 people waiting" in text
    assert (
        "Between ports 16,400–23,600, waiting 3,120–4,480 (90 % of 3 draws). As of December 22, 2023" in text
    )
    spanish = corridor.flow_map(result(), month="2023-12", language="es")
    assert "Diciembre 2023: 40,000 encuentros entre puertos, 75 % en El Paso" in spanish
    assert "Ciudad de México" in spanish
    assert "Mexico City" not in spanish


def test_one_draw_has_no_interval() -> None:
    whole = result()
    one = replace(whole, parts={k: Part(p.places, p.values[1:2]) for k, p in whole.parts.items()})
    text = corridor.flow_map(one)
    assert "no interval" in text
    assert "90 %" not in text


def test_widths_and_areas_are_in_proportion_over_all_months() -> None:
    drawing = Drawing(picture(result()))
    assert drawing.width(9000) == pytest.approx(2 * drawing.width(4500))
    assert drawing.radius(4000) == pytest.approx(2 * drawing.radius(1000))
    widths = [
        {
            float(path.get("stroke-width", 0))
            for path in ElementTree.fromstring(corridor.flow_map(result(), month=month)).iter(f"{SVG}path")
            if (path.get("id") or "").startswith("link-")
        }
        for month in ("2023-12", "2024-01")
    ]
    assert max(widths[0]) == pytest.approx(2 * max(widths[1]), abs=0.01)


def test_the_network_map_shows_every_place_and_link() -> None:
    root = ElementTree.fromstring(corridor.network_map())
    shown = corridor.places().filter(kind="sector")
    circles = [c for c in root.iter(f"{SVG}circle") if c.get("stroke") == "#fff"]
    assert len(circles) == len(corridor.places()) - len(shown)
    curves = [p for p in root.iter(f"{SVG}path") if "Q" in (p.get("d") or "")]
    last = corridor.links().filter(~corridor.links()["to"].str.contains("^(sector|port)-"))
    assert len(curves) == len(last)


def test_labels_never_cover_one_another() -> None:
    sheet = Sheet()
    for row in corridor.places().iter_rows(named=True):
        sheet.label((row["longitude"], row["latitude"]), row["name"])
    boxes = sheet.boxes
    assert len(boxes) > 50
    for i, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[i + 1 :])


def test_flows_between_regions_are_net() -> None:
    flows = {(a, b): n for a, b, n in region_flows(picture(result()), [0])}
    assert flows["north-centre", "border-chihuahua"] == pytest.approx(7_000)  # 8,000 there, 1,000 back
    assert flows["border-chihuahua", "EPT"] == pytest.approx(6_000)
    assert flows["border-chihuahua", "FO-EL-PASO"] == pytest.approx(500)
    assert ("border-chihuahua", "north-centre") not in flows


def test_the_sankey_names_the_way_most_take() -> None:
    text = corridor.sankey(result(), months=["2023-12"])
    assert "100 % of 7,000 movements into border cities pass Zacatecas to Chihuahua" in text
    assert "December 2023 to December 2023" in text


def test_every_region_is_declared_and_every_month_has_a_frame() -> None:
    regions = {row["region"] for row in declared("caudal.corridor.data", "regions.csv")}
    assert set(corridor.places().filter(country="MEX")["region"]) <= regions
    page = corridor.animated_map(result())
    assert page.count('data-month="') == 2
    assert page.count('display="none"') == 1  # without JavaScript the first month is shown
    assert re.findall(r"https?://[^\"]+", page) == ["http://www.w3.org/2000/svg"]
    assert "40,000 (32,800–47,200)" in page
    assert "</scri" in page
    assert '<html lang="es">' in corridor.animated_map(result(), language="es")


def test_the_same_result_gives_the_same_files() -> None:
    assert corridor.flow_map(result()) == corridor.flow_map(result())
    assert corridor.animated_map(result()) == corridor.animated_map(result())


def test_sectors_stand_from_west_to_east() -> None:
    codes = ["RGV", "FO-LAREDO", "SDC", "LRT", "FO-SAN-DIEGO", "EPT", "FO-EL-PASO"]
    assert order(codes) == ["SDC", "FO-SAN-DIEGO", "EPT", "FO-EL-PASO", "LRT", "FO-LAREDO", "RGV"]


def test_outlines_hold_what_lies_in_them() -> None:
    shapes = {(shape.kind, shape.code): shape.rings for shape in outlines()}
    assert inside((-99.13, 19.43), shapes["country", "MEX"])
    assert not inside((-99.13, 19.43), shapes["country", "USA"])
    assert inside((-110.9, 32.2), shapes["sector", "TCA"])
    assert inside((-99.5, 27.8), shapes["sector", "LRT"])
    for code in ("SDC", "ELC", "YUM", "TCA", "EPT", "BBT", "DRT", "LRT", "RGV"):
        assert all(ring[0] == ring[-1] for ring in shapes["sector", code]), code


def test_what_cannot_be_drawn_is_said() -> None:
    with pytest.raises(OptionError, match="2024-01"):
        corridor.flow_map(result(), month="2024-02")
    with pytest.raises(OptionError, match="'fr' is not a language"):
        corridor.flow_map(result(), language="fr")
    with pytest.raises(InputError, match="no flows"):
        corridor.sankey(replace(result(), flows={}))


def test_the_command(caudal_command: Command, tmp_path: Path) -> None:
    out = tmp_path / "corridor.svg"
    caudal_command("corridor", "map", "-o", out, "--lang", "es")
    assert "lugares" in out.read_text("utf-8")
