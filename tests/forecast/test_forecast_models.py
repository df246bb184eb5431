"""Every model keeps the protocol, on real and on degenerate series, and sees nothing of the future."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from caudal.forecast import LEVELS, MODELS, Panel
from caudal.forecast._past import marginals_of
from caudal.forecast._quantiles import pooled
from caudal.forecast._recalibrate import recalibrated
from caudal.forecast._reconcile import add_up
from caudal.forecast._run import sample_paths
from caudal.forecast._systems import system_of
from caudal.forecast.models.upstream import BESIDE

QUICK = [name for name in MODELS if name not in ("ensemble", "boosting", "theta", "ets", "ces", "mstl")]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def panel_of(rows: list[list[float]], sums: bool = True) -> Panel:
    values = np.array(rows, float)
    total = values.sum(axis=0, keepdims=True)
    count = len(rows)
    return Panel(
        ("total", *(f"P{i}" for i in range(count))),
        date(2015, 1, 1),
        np.vstack([total, values]),
        ((0, tuple(range(1, count + 1))),) if sums else (),
        ("total", *["part"] * count),
    )


def walk(seed: int, months: int = 90, level: float = 5000) -> list[float]:
    rng = np.random.default_rng(seed)
    return [float(round(v)) for v in level * np.exp(np.cumsum(rng.normal(0, 0.15, months)))]


gap = [float("nan") if i % 7 == 3 else v for i, v in enumerate(walk(4))]
DEGENERATE = {
    "ordinary": panel_of([walk(1), walk(2, level=300)]),
    "zeros": panel_of([[0.0] * 90, walk(1)]),
    "all zero": panel_of([[0.0] * 90]),
    "constant": panel_of([[50.0] * 90, [7.0] * 90]),
    "sparse": panel_of([[0.0] * 85 + [1, 0, 0, 2, 0.0], walk(3)]),
    "short": panel_of([walk(5, 5)]),
    "one month": panel_of([[12.0]]),
    "gapped": panel_of([gap, walk(6)]),
    "all missing": panel_of([[float("nan")] * 90, walk(6)]),
    "break up": panel_of([[100.0] * 89 + [100_000.0], walk(7)]),
    "break down": panel_of([[100_000.0] * 89 + [0.0], walk(7)]),
    "last is missing": panel_of([[*walk(8)[:-1], float("nan")], walk(9)]),
}


@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.parametrize("name", [*QUICK, pytest.param("ensemble", marks=pytest.mark.slow)])
def test_degenerate_series_have_a_forecast(name: str, case: str) -> None:
    panel = DEGENERATE[case]
    found = marginals_of(name, panel, 6)
    assert found.shape == (len(panel.locations), 6, len(LEVELS))
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (np.diff(found, axis=-1) >= 0).all()
    paths = sample_paths(panel, found, 200, 1)
    assert np.isfinite(paths).all()
    assert (paths >= 0).all()
    assert np.allclose(paths[0], paths[1:].sum(axis=0), rtol=1e-9, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.parametrize("name", ["theta", "ets", "ces", "mstl", "boosting"])
def test_yardsticks_keep_the_protocol(name: str, case: str) -> None:
    panel = DEGENERATE[case]
    found = marginals_of(name, panel, 6)
    assert found.shape == (len(panel.locations), 6, len(LEVELS))
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@pytest.mark.parametrize("name", QUICK)
def test_the_same_panel_has_the_same_forecast(name: str) -> None:
    panel = DEGENERATE["ordinary"]
    assert marginals_of(name, panel, 6).tobytes() == marginals_of(name, replace(panel), 6).tobytes()


def test_forecasts_are_kept_by_content(own_cache: object, tmp_path: object) -> None:
    from caudal.forecast import _past

    panel = DEGENERATE["ordinary"]
    made = marginals_of("growth", panel, 3, own_cache)  # type: ignore[arg-type]
    _past._REMEMBERED.clear()
    files = list(own_cache.rglob("*.npy"))  # type: ignore[attr-defined]
    assert files
    assert marginals_of("growth", panel, 3, own_cache).tobytes() == made.tobytes()  # type: ignore[arg-type]
    _past._REMEMBERED.clear()
    files[0].write_bytes(b"half a file")
    assert marginals_of("growth", panel, 3, own_cache).tobytes() == made.tobytes()  # type: ignore[arg-type]
    changed = replace(panel, values=panel.values + 1)
    assert marginals_of("growth", changed, 3, own_cache).tobytes() != made.tobytes()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["naive", "levelled", "growth", "upstream", "calibrated"])
def test_the_future_changes_no_forecast_byte(name: str) -> None:
    system = system_of("southwest", printed=False)
    month = date(2023, 11, 1)
    before = marginals_of(name, system.at(month), 6)
    place = (month.year - system.panel.first.year) * 12 + month.month - system.panel.first.month + 1
    scrambled = system.panel.values.copy()
    scrambled[:, place:] = (
        np.random.default_rng(0).permutation(scrambled[:, place:].ravel()).reshape(scrambled[:, place:].shape)
    )
    upstream = system.panel.beside[BESIDE].copy()
    upstream[:, place:] = 1e6
    later = replace(system, panel=replace(system.panel, values=scrambled, beside={BESIDE: upstream}))
    assert marginals_of(name, later.at(month), 6).tobytes() == before.tobytes()
    gone = replace(system.panel, values=system.panel.values[:, :place], beside={BESIDE: upstream[:, :place]})
    assert marginals_of(name, replace(system, panel=gone).at(month), 6).tobytes() == before.tobytes()


def test_an_origin_sees_the_figures_printed_then() -> None:
    system = system_of("southwest")
    month = date(2023, 11, 1)
    row = system.panel.locations.index("sw-total")
    assert system.at(month).values[row, -1] == 242_418
    assert system.panel.values[row, system.panel.months.index(month)] == 242_399


def test_intervals_are_widened_where_they_missed_and_left_where_they_held() -> None:
    panel = panel_of([walk(1)], sums=False)
    rng = np.random.default_rng(1)
    quantiles = np.exp(8 + 0.1 * np.linspace(-2.3, 2.3, 23))
    earlier = np.broadcast_to(quantiles, (60, 2, 1, 23))
    starts = np.full((2, 61), 3000.0)
    missed = np.exp(8 + rng.normal(0, 0.4, (60, 2, 1)))
    wider = recalibrated(panel, earlier[-1], earlier, missed, starts)
    assert wider[0, 0, -1] > quantiles[-1]
    assert wider[0, 0, 0] < quantiles[0]
    assert wider[0, 0, 11] == pytest.approx(quantiles[11])
    held = np.exp(8 + rng.normal(0, 0.01, (60, 2, 1)))
    assert np.allclose(recalibrated(panel, earlier[-1], earlier, held, starts), quantiles)
    assert np.array_equal(
        recalibrated(panel, earlier[-1], earlier[:0], missed[:0], starts[:, -1:]), earlier[-1]
    )


def test_far_above_its_usual_level_a_series_rises_less_and_falls_further() -> None:
    record = walk(1)
    record[-1] = float(np.exp(np.mean(np.log(record))))
    high, low = (
        np.log1p(marginals_of("levelled", panel_of([[*record, record[-1] * by]], sums=False), 6))
        for by in (2.0, 0.5)
    )
    assert np.allclose(high[..., 11] - low[..., 11], np.log(4), atol=0.001)
    growth = [found - found[..., 11:12] for found in (high, low)]
    assert (growth[0][..., [2, 5, 17, 20]] < growth[1][..., [2, 5, 17, 20]]).all()


def test_a_series_that_never_moved_from_its_level_is_naive() -> None:
    panel = panel_of([[4000.0] * 60, [9.0] * 60])
    assert np.allclose(marginals_of("levelled", panel, 6), marginals_of("naive", panel, 6))


def test_a_mixture_holds_what_either_forecast_holds() -> None:
    shape = np.exp(0.1 * np.linspace(-2.3, 2.3, 23))
    low, high = 100 * shape, 10_000 * shape
    made = np.stack([low, high])[:, None, None]
    mixed = pooled(made, np.array([0.5, 0.5]))[0, 0]
    assert mixed[6] == pytest.approx(low[11], rel=0.01)
    assert mixed[16] == pytest.approx(high[11], rel=0.01)
    assert mixed[0] > low[0]
    assert mixed[-1] < high[-1]
    assert np.allclose(pooled(made, np.array([1.0, 0.0]))[0, 0], low, rtol=0.01)


def test_a_total_broken_down_in_two_ways_adds_up_in_both() -> None:
    panel = Panel(
        ("total", "a", "b", "a1", "a2", "x", "y"),
        date(2020, 1, 1),
        np.ones((7, 30)),
        ((0, (1, 2)), (1, (3, 4)), (0, (5, 6))),
        ("total", "ab", "ab", "a", "a", "xy", "xy"),
    )
    drawn = np.random.default_rng(1).lognormal(5, 1, (7, 300, 6))
    drawn[3:5, :10] = 0
    found = add_up(panel, drawn)
    assert (found >= 0).all()
    for parent, children in panel.sums:
        assert np.allclose(found[parent], found[list(children)].sum(axis=0), rtol=1e-12)
