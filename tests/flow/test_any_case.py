"""Invariants on any case in Flee's terms: networks, rules and closures made by hypothesis."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caudal.flow import Options, compile_case, run, run_once
from caudal.network import Closure, FleeCase, FleeSettings, Link, Network, Place, Series

ENGINES = [
    Options(),
    Options(order="creation"),
    Options(bin_km=16.0),
    Options(engine="agent"),
    Options(engine="agent", order="creation"),
    Options(engine="expected"),
]
COUNTRIES = ("Home", "Away", "Far")


@st.composite
def rules(draw: Any) -> FleeSettings:
    chance = st.floats(0.0, 1.0)
    by_data = draw(st.booleans())
    return FleeSettings(
        insert_day0=by_data and draw(st.booleans()),
        spawn_mode="data" if by_data else draw(st.sampled_from(["constant", "poisson"])),
        displaced_per_conflict_day=draw(st.integers(0, 60)),
        conflict_spawn_decay=draw(st.sampled_from([(), (1.0, 0.5, 0.1)])),
        conflict_spawn_decay_interval=draw(st.integers(1, 15)),
        max_move_speed=draw(st.sampled_from([50.0, 200.0, 360.0])),
        max_walk_speed=draw(st.sampled_from([20.0, 35.0])),
        foreign_weight=draw(st.floats(0.5, 3.0)),
        camp_weight=draw(st.floats(0.5, 3.0)),
        camp_movechance=draw(chance),
        default_movechance=draw(chance),
        conflict_movechance=draw(st.floats(0.01, 1.0)),  # rarer than 0.005, and it counts as a camp
        awareness_level=draw(st.integers(0, 3)),
        capacity_buffer=draw(st.floats(0.5, 0.99)),
        avoid_short_stints=draw(st.booleans()),
        start_on_foot=draw(st.booleans()),
        weight_power=draw(st.floats(0.5, 2.0)),
        pruning_threshold=draw(st.sampled_from([1.0, 5.0])),
    )


@st.composite
def cases(draw: Any) -> FleeCase:
    days = draw(st.integers(2, 25))
    kinds = [
        "conflict_zone",
        *draw(st.lists(st.sampled_from(["conflict_zone", "town", "forwarding_hub"]), max_size=4)),
    ]
    kinds += ["camp"] * draw(st.integers(1, 3))
    places = tuple(
        Place(
            f"P{i}",
            kind,
            country="Home" if i == 0 else draw(st.sampled_from(COUNTRIES)),
            population=draw(st.integers(1000, 5000)),
            capacity=draw(st.sampled_from([-1, 3, 40, 2000])) if kind == "camp" else -1,
        )
        for i, kind in enumerate(kinds)
    )
    km = st.integers(1, 500).map(float)
    # A tree, so that everything can be reached, and some links more (parallel ones among them).
    links = [Link(f"P{draw(st.integers(0, i - 1))}", f"P{i}", draw(km)) for i in range(1, len(places))]
    for _ in range(draw(st.integers(0, 4))):
        a, b = draw(st.lists(st.integers(0, len(places) - 1), min_size=2, max_size=2, unique=True))
        links.append(Link(f"P{a}", f"P{b}", draw(km), forced_redirection=draw(st.sampled_from([0, 0, 0, 2]))))
    names = st.sampled_from([p.name for p in places])
    present = sorted({p.country for p in places})
    closures = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["location", "country", "links"]))
        first = draw(st.sampled_from(present) if kind == "country" else names)
        second = draw(st.sampled_from(present) if kind == "country" else names)
        start = draw(st.integers(0, days - 1))
        closures.append(Closure(kind, first, second, start, draw(st.integers(start, days + 3))))
    zones = [p.name for p in places if p.kind == "conflict_zone"]
    fights = draw(st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=len(zones), max_size=len(zones)),
                           min_size=days, max_size=days))  # fmt: skip
    for today in fights:  # a day without conflict is refused where registrations drive displacement
        today[0] = 1.0
    camps = [p.name for p in places if p.kind == "camp"]
    observed = {
        c: Series((0, days), (float(draw(st.integers(0, 50))), float(draw(st.integers(0, 900)))))
        for c in camps
    }
    first, last = (sum(s.people[k] for s in observed.values()) for k in (0, 1))
    observed["total"] = Series((0, days), (first, max(first, last)))
    return FleeCase(
        "any", Network(places, tuple(links)), date(2020, 1, 1), days, tuple(zones),
        tuple(map(tuple, fights)), tuple(closures), observed, (), draw(rules()),
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(case=cases(), compat=st.sampled_from(["flee", "documented"]), seed=st.integers(0, 2**32 - 1))
def test_invariants_hold_on_any_case(case: FleeCase, compat: str, seed: int) -> None:
    program = compile_case(case, compat=compat)
    for options in ENGINES:
        one = run_once(program, seed, options)
        everybody = one.spawned.sum(axis=1).cumsum()
        there = one.occupancy.sum(axis=1) + one.on_link.sum(axis=1)
        np.testing.assert_allclose(there, everybody, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(one.by_class.sum(axis=1), everybody, rtol=1e-9, atol=1e-9)
        for counts in (one.occupancy, one.on_link, one.entered, one.by_class, one.spawned):
            assert counts.min() >= -1e-9
            assert np.isfinite(counts).all()
            if options.engine != "expected":
                assert (counts == np.round(counts)).all()  # people, not shares of people
        for day in range(program.days):
            opened = {k for links in program.schedule.opened[program.schedule.epoch[day]] for k in links}
            shut = [k for k in range(one.entered.shape[1]) if k not in opened]
            assert one.entered[day, shut].sum() == 0
        again = run_once(program, seed, options)
        assert one.occupancy.tobytes() == again.occupancy.tobytes()
        assert one.entered.tobytes() == again.entered.tobytes()


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(case=cases(), seed=st.integers(0, 2**32 - 1))
def test_the_number_of_workers_changes_nothing_on_any_case(case: FleeCase, seed: int) -> None:
    program = compile_case(case)
    found = {
        run(program, replicates=9, seed=seed, workers=workers)[0].occupancy.tobytes() for workers in (1, 2, 8)
    }
    assert len(found) == 1
