"""The engines on a small case: conservation, closures, determinism, and equality in distribution."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from caudal.flow import Options, compile_case, run, run_once
from flow.conftest import LOCATIONS

ENGINES = [
    Options(),
    Options(order="creation"),
    Options(engine="agent"),
    Options(engine="agent", order="creation"),
    Options(engine="expected"),
]


@pytest.mark.parametrize("options", ENGINES, ids=lambda o: f"{o.engine}-{o.order}")
def test_people_are_conserved_and_never_negative(make_case: Any, options: Options) -> None:
    program = compile_case(make_case())
    one = run_once(program, 3, options)
    everybody = one.spawned.sum(axis=1).cumsum()
    np.testing.assert_allclose(one.occupancy.sum(axis=1) + one.on_link.sum(axis=1), everybody, rtol=1e-12)
    np.testing.assert_allclose(one.by_class.sum(axis=1), everybody, rtol=1e-12)
    assert one.occupancy.min() >= -1e-9
    assert one.on_link.min() >= -1e-9
    planned = program.schedule.spawn_total.sum() + program.schedule.initial.sum()
    assert everybody[-1] == pytest.approx(planned)


@pytest.mark.parametrize("options", ENGINES, ids=lambda o: f"{o.engine}-{o.order}")
def test_nobody_enters_a_closed_link(make_case: Any, options: Options) -> None:
    program = compile_case(make_case())
    one = run_once(program, 5, options)
    for day in range(program.days):
        opened = {k for links in program.schedule.opened[program.schedule.epoch[day]] for k in links}
        shut = [k for k in range(one.entered.shape[1]) if k not in opened]
        assert one.entered[day, shut].sum() == 0
    assert one.entered.sum() > 0


def test_same_seed_same_bytes_and_another_seed_differs(make_case: Any) -> None:
    program = compile_case(make_case())
    first, again, other = (run_once(program, seed) for seed in (7, 7, 8))
    assert first.occupancy.tobytes() == again.occupancy.tobytes()
    assert first.entered.tobytes() == again.entered.tobytes()
    assert first.occupancy.tobytes() != other.occupancy.tobytes()


def test_the_number_of_workers_changes_nothing(make_case: Any) -> None:
    program = compile_case(make_case())
    ensembles = [run(program, replicates=25, seed=2, workers=w)[0] for w in (1, 2, 8)]
    assert len({e.occupancy.tobytes() for e in ensembles}) == 1
    assert len({e.entered.tobytes() for e in ensembles}) == 1


#: Three camps over correlated days hold few independent numbers, so their root mean square scatters widely.
MOST = 1.8


def compare(program: Any, one: Options, two: Options, runs: int) -> tuple[float, float]:
    """Return the root-mean-square z over camps and days, and the least Holm-corrected p-value."""
    days = np.unique(np.linspace(program.days // 20, program.days - 1, 20).astype(int))
    camps = program.schedule.observed_places
    a, b = (
        run(program, replicates=runs, seed=seed, options=o, workers=2)[0].occupancy[:, days][:, :, camps]
        for seed, o in ((11, one), (12, two))
    )
    se = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / runs)
    z = ((a.mean(axis=0) - b.mean(axis=0)) / np.where(se > 0, se, 1.0))[se > 0]
    p = np.sort(2 * stats.norm.sf(np.abs(z)))
    return float(np.sqrt((z**2).mean())), float((p * np.arange(len(p), 0, -1)).min())


CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "short stints": {"avoid_short_stints": True, "max_move_speed": 120.0},
    "on foot": {"start_on_foot": True, "avoid_short_stints": True, "max_move_speed": 120.0},
    "two links ahead": {"awareness_level": 2},
    "three links ahead": {"awareness_level": 3, "weight_power": 1.5},
    "people leave the population": {"take_from_population": True},
    "nearer places": {"stay_close_to_home": True, "use_pop_for_loc_weight": True},
}


@pytest.mark.parametrize("changes", CASES.values(), ids=list(CASES))
def test_cohorts_and_agents_are_equal_in_distribution(make_case: Any, changes: dict[str, Any]) -> None:
    program = compile_case(make_case(**changes))
    rms, holm = compare(program, Options(), Options(engine="agent"), 200)
    assert holm > 0.01
    assert rms < MOST


def test_creation_order_brings_cohorts_to_the_agents_served_in_that_order(make_case: Any) -> None:
    program = compile_case(make_case())
    ordered = Options(order="creation")
    rms, holm = compare(program, ordered, Options(engine="agent", order="creation"), 200)
    assert holm > 0.01
    assert rms < MOST


def test_a_different_law_is_noticed(make_case: Any) -> None:
    """The comparison can fail: a slightly different chance of leaving towns is rejected."""
    case = make_case()
    program = compile_case(case)
    other = compile_case(replace(case, settings=case.settings.changed(default_movechance=0.34)))
    days = [20, 40, 59]
    a = run(program, replicates=200, seed=1, workers=2)[0].occupancy[:, days]
    b = run(other, replicates=200, seed=2, options=Options(engine="agent"), workers=2)[0].occupancy[:, days]
    assert stats.ttest_ind(a, b).pvalue.min() < 1e-6


def test_expected_flow_is_the_mean_of_the_draws_without_capacity(make_case: Any) -> None:
    free = compile_case(make_case(files={"locations": re.sub(r"camp,,\d+", "camp,,0", LOCATIONS)}))
    mean = run(free, replicates=300, seed=4, workers=2)[0].occupancy
    expected = run_once(free, 1, Options(engine="expected")).occupancy
    se = mean.std(axis=0) / np.sqrt(300)
    z = (expected - mean.mean(axis=0))[se > 0] / se[se > 0]
    assert np.sqrt((z**2).mean()) < 1.4


def test_expected_flow_with_capacity_is_close(make_case: Any) -> None:
    program = compile_case(make_case())
    mean = run(program, replicates=100, seed=4, workers=2)[0].occupancy.mean(axis=0)
    expected = run_once(program, 1, Options(engine="expected")).occupancy
    assert np.abs(expected[-1] - mean[-1]).max() < 0.03 * mean[-1].sum()
