"""The fast loop against the general engine, and its invariants."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from caudal.corridor._engine import kind_names, model_of
from caudal.corridor._rules import conserved, run_tables
from caudal.flow import run_model

from .reduced import CLASSES, rules

CASES = {
    "plain": {},
    "rail at half": {"given": {"rail_capacity": [(date(2023, 5, 1), 0.5)]}},
    "held and closed": {
        "given": {"southern_hold": [(date(2023, 5, 5), 0.4)], "nesting": 0.2},
        "closures": ({"port": "2305", "first": "2023-05-01", "last": "2023-05-20"},),
    },
    "no trains": {"closures": ({"mode": "rail", "first": "2023-05-01"},)},
}


@pytest.mark.parametrize("case", CASES)
def test_the_fast_loop_is_the_engines_expected_mode(case):
    net, tab = rules(**CASES[case])
    mine = run_tables(tab)
    kinds = kind_names(CLASSES, net.destinations)
    model = model_of(tab, net.places, kinds, mine.rate)
    theirs = run_model(model, engine="expected")
    names = [h.name for h in model.hazards]

    def events(*wanted: str) -> np.ndarray:
        return theirs.events[:, [n in wanted for n in names]].sum(axis=(0, 1))

    np.testing.assert_allclose(
        mine.between.sum(axis=0), events("encounter", "encounter-repeat"), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(mine.at_ports.sum(axis=0), events("port"), rtol=1e-9, atol=1e-9)
    by_class = np.zeros((2, tab.cls.size))
    by_class[tab.cls, np.arange(tab.cls.size)] = 1.0
    for record, name in (
        (mine.removals, "removal"),
        (mine.discouraged, "discouraged"),
        (mine.sent_south, "sent-south"),
    ):
        np.testing.assert_allclose(record.sum(axis=0), by_class @ events(name), rtol=1e-9, atol=1e-9)
    ends = np.flatnonzero(np.append(np.diff(tab.month), 1))
    np.testing.assert_allclose(mine.stock, theirs.stock[ends] @ by_class.T, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(mine.queue, theirs.queue[ends] @ by_class.T, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(mine.away, theirs.away[ends] @ by_class.T, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(
        mine.coming.sum(axis=1), theirs.on_link[ends].sum(axis=1) @ by_class.T, rtol=1e-9, atol=1e-7
    )
    entered = np.stack([theirs.entered[tab.month == m].sum(axis=0) for m in range(len(ends))])
    np.testing.assert_allclose(mine.entered, entered @ by_class.T, rtol=1e-9, atol=1e-7)
    waits = np.arange(theirs.waits.shape[1])
    np.testing.assert_allclose(
        mine.waited.sum(axis=0), theirs.waits.sum(axis=2) @ waits, rtol=1e-9, atol=1e-7
    )


@pytest.mark.parametrize("case", CASES)
def test_people_are_conserved_every_day(case):
    _, tab = rules(**CASES[case])
    assert conserved(tab, run_tables(tab)) < 1e-9


def test_interceptions_counted_are_interceptions_made():
    _, tab = rules(103, counted=3.0)  # 20 April to 31 July
    made = run_tables(tab)
    assert made.intercepted[1:, 1] == pytest.approx([31 * 3.0, 30 * 3.0, 31 * 3.0], rel=1e-9)
    assert conserved(tab, made) < 1e-9


def test_a_closed_port_lets_no_one_through():
    net, tab = rules(**CASES["held and closed"])
    made = run_tables(tab)
    shut = [p.code for p in net.ports].index("2305")
    link = next(k for k in range(len(net.start)) if net.places[net.end[k]] == "line:2305")
    whole = rules(40, closures=({"port": "2305", "first": "2023-04-01", "last": "2024-01-01"},))
    record = run_tables(whole[1])
    assert record.ports[:, shut].sum() == 0
    assert record.entered[:, link].sum() == 0
    assert made.ports[:, shut].sum() > 0  # it opens again


def test_a_run_can_be_continued_where_another_ended():
    _, whole = rules(80, capacity=None)
    _, first = rules(80, capacity=None)
    first = first._replace(month=first.month[:50], inflow=first.inflow[:50])
    made = run_tables(first)
    rest = whole._replace(
        month=whole.month[50:] - whole.month[50],
        inflow=whole.inflow[50:],
        initial=made.end_here,
        road_at=made.end_road_at,
        road=made.end_road,
        back_at=made.end_back_at,
        back=made.end_back,
        share_row=whole.share_row[50:],
        regime=whole.regime[50:],
        meet=whole.meet[50:],
        retry=whole.retry[50:],
        evade=whole.evade[50:],
        capacity=whole.capacity[50:],
        pinned=whole.pinned[50:],
        counted=whole.counted[50:],
        hazard=whole.hazard[50:],
        removed=whole.removed[50:],
        discouraged=whole.discouraged[50:],
        returned=whole.returned[50:],
        held=whole.held[50:],
    )
    both = made.between.sum() + run_tables(rest).between.sum()
    assert both == pytest.approx(run_tables(whole).between.sum(), rel=1e-12)
