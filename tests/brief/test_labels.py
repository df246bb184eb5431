"""Numbers in the charts of the briefing: none touches a line or another number, none is crowded."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from caudal import brief, figures
from caudal.brief._labels import SIZE, Spot, months_shown, spots
from caudal.brief._model import Chart

ARCHIVE = figures.open_archive("/nonexistent")
WIDE, HIGH = 584.0, 190.0


def _inside(line: np.ndarray, box: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = box
    fine = np.concatenate([np.linspace(a, b, 400) for a, b in pairwise(line)])
    return bool(
        ((fine[:, 0] > left) & (fine[:, 0] < right) & (fine[:, 1] > top) & (fine[:, 1] < bottom)).any()
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_number_touches_the_line_or_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.normal(0, 1, 120))
    y = HIGH * (0.07 + 0.86 * (steps - steps.min()) / np.ptp(steps))
    line = np.stack([np.linspace(0, WIDE, 120), y], axis=1)
    points = [(*line[i], "269,735") for i in (int(y.argmax()), int(y.argmin()), 119)]
    found = spots(points, line, (WIDE, HIGH))
    assert found[-1] is not None
    assert found[-1].box[0] > WIDE
    boxes = [one.box for one in found if isinstance(one, Spot)]
    for i, box in enumerate(boxes):
        assert box[3] - box[1] == pytest.approx(SIZE)
        assert box[0] >= 0
        assert not _inside(line, box)
        for other in boxes[:i]:
            assert box[2] < other[0] or box[0] > other[2] or box[3] < other[1] or box[1] > other[3]


def test_a_number_with_room_is_shown() -> None:
    line = np.array([(0.0, 150.0), (300.0, 30.0), (WIDE, 150.0)])
    (high, end) = spots([(300.0, 30.0, "269,735"), (WIDE, 150.0, "1")], line, (WIDE, HIGH))
    assert high is not None
    assert high.box[3] <= 30.0
    assert end is not None


@pytest.mark.parametrize("count", [2, 7, 15, 20, 42, 66])
@pytest.mark.parametrize("first", [1, 6, 12])
def test_months_on_the_axis_are_not_crowded_and_the_last_is_named(count: int, first: int) -> None:
    shown = months_shown(count, WIDE, first)
    assert shown[-1] == count - 1
    assert all((b - a) * WIDE / (count - 1) >= 64 for a, b in pairwise(shown))
    assert len(shown) >= min(3, count - 1)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("day", ["2023-12-22", None])
def test_the_fan_names_its_last_month_and_its_bands(day: str | None, language: str) -> None:
    made = brief.build(as_of=day, archive=ARCHIVE, language=language)
    charts = {b.id: b for s in made.sections for b in s.blocks if isinstance(b, Chart)}
    fan = charts["fan-total"]
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", fan.svg)
    year, month = fan.data[-1]["month"].split("-")
    months = {"05": ("May", "may"), "03": ("Mar", "mar")}
    assert f"{months[month][language == 'es']} {year}" in texts
    assert {"95 %", "80 %", "50 %"} <= set(texts)
    for one in charts.values():
        assert ">0k<" not in one.svg
    # The months ahead are not pressed flat by what came before them.
    highest = max(float(t[:-1]) * 1000 for t in texts if re.fullmatch(r"\d+k", t))
    assert fan.data[-1]["upper_95"] >= highest / 4


def test_years_below_a_strip_are_not_crowded_and_the_newest_is_named() -> None:
    made = brief.build(as_of="2024-10-22", archive=ARCHIVE)
    strips = [b for s in made.sections for b in s.blocks if isinstance(b, Chart) and b.id.startswith("strip")]
    assert max(len(one.data) for one in strips) >= 20
    for one in strips:
        years = re.findall(r">(20\d\d|19\d\d)<", one.svg)
        assert len(years) <= 14
        assert one.data[-1]["period"][:4] in years


def test_small_forecasts_are_rounded_to_tens() -> None:
    made = brief.build(as_of="2024-10-22", archive=ARCHIVE)
    text = brief.html(made)
    row = re.sub(r"<[^>]+>", " ", text[text.index("Big Bend Sector", text.index('id="next"')) :][:3000])
    last, middle = (int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", row)[0:3:2])
    assert abs(middle - last) / last < 0.1
