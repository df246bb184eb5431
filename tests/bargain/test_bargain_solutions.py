"""Solutions against brute force, against negmas, and under the invariances that define them."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from caudal import bargain

GAMES = 200


def _games() -> list[np.ndarray]:
    rng = np.random.default_rng(20231222)
    return [rng.normal(0.1, 1, (int(rng.integers(2, 60)), int(rng.integers(2, 4)))) for _ in range(GAMES)]


def test_every_solution_equals_brute_force() -> None:
    seen_none = 0
    for gains in _games():
        rows = [tuple(r) for r in gains]
        undominated = [
            i
            for i, a in enumerate(rows)
            if not any(
                all(y >= x for x, y in zip(a, b, strict=True))
                and any(y > x for x, y in zip(a, b, strict=True))
                for b in rows
            )
        ]
        assert np.flatnonzero(bargain.pareto(gains)).tolist() == undominated
        zone = [i for i, r in enumerate(rows) if min(r) >= 0 and max(r) > 0]
        mask = bargain.agreement_zone(gains)
        assert np.flatnonzero(mask).tolist() == zone
        if not zone:
            seen_none += 1
            assert bargain.nash(gains, mask) is None
            assert bargain.kalai_smorodinsky(gains, mask) is None
            assert bargain.egalitarian(gains, mask) is None
            continue
        ideal = [max(rows[i][a] for i in zone) for a in range(gains.shape[1])]
        assert bargain.nash(gains, mask) == max(zone, key=lambda i: np.prod(rows[i]))
        assert bargain.egalitarian(gains, mask) == max(zone, key=lambda i: min(rows[i]))
        best = max(zone, key=lambda i: min(g / m for g, m in zip(rows[i], ideal, strict=True)))
        assert bargain.kalai_smorodinsky(gains, mask) == best
    assert seen_none > 0  # the set of games holds some without an agreement


def test_negmas_agrees_on_two_hundred_games() -> None:
    """negmas 0.16 as an independent oracle.

    Its own ``ks_points`` takes the most *equal* shares on the frontier, even where all get less; the largest smallest
    share is its ``kalai_points`` with every gain divided by its ideal, which is what is compared here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # negmas and what it imports warn on import
        from negmas.outcomes import make_issue
        from negmas.preferences import MappingUtilityFunction
        from negmas.preferences.ops import kalai_points, nash_points, pareto_frontier_bf

    def points(values: np.ndarray, call: Callable[..., Any], index: list[int]) -> list[tuple[float, ...]]:
        outcomes = [(i,) for i in range(len(values))]
        issues = [make_issue(len(values), "package")]
        functions = [
            MappingUtilityFunction(
                {o: float(column[o[0]]) for o in outcomes}, reserved_value=0.0, issues=issues
            )
            for column in values.T
        ]
        frontier = [tuple(float(x) for x in values[i]) for i in index]
        ranges = [(0.0, max(float(column.max()), 1e-6)) for column in values.T]
        return [p for p, _ in call(functions, frontier, outcomes=outcomes, ranges=ranges)]

    compared = 0
    for gains in _games():
        frontier_index = sorted(pareto_frontier_bf(gains))
        assert np.flatnonzero(bargain.pareto(gains)).tolist() == frontier_index
        zone = bargain.agreement_zone(gains)
        # With three actors negmas multiplies two losses into a gain: it is given the rational part of the frontier.
        frontier_index = [i for i in frontier_index if zone[i]]
        if not zone.any():
            assert points(gains, nash_points, frontier_index) == []
            continue
        compared += 1
        ideal = gains[zone].max(axis=0)
        for mine, theirs in (
            (gains[bargain.nash(gains, zone)], points(gains, nash_points, frontier_index)),
            (gains[bargain.egalitarian(gains, zone)], points(gains, kalai_points, frontier_index)),
            (
                gains[bargain.kalai_smorodinsky(gains, zone)] / ideal,
                points(gains / ideal, kalai_points, frontier_index),
            ),
        ):
            assert any(np.allclose(mine, point) for point in theirs), (mine, theirs)
    assert compared > 150


GAMES_OF_TWO = arrays(
    float, st.tuples(st.integers(1, 25), st.just(2)), elements=st.integers(-50, 100).map(lambda v: v / 10)
)


@given(GAMES_OF_TWO, st.floats(0.1, 10), st.floats(0.1, 10))
@settings(max_examples=150, deadline=None)
def test_nash_and_ks_do_not_depend_on_units(gains: np.ndarray, a: float, b: float) -> None:
    """Gains are already over reservation: affine changes of utility leave a change of unit only."""
    scaled = gains * np.array([a, b])
    zone = bargain.agreement_zone(gains)
    assert (bargain.agreement_zone(scaled) == zone).all()
    if not zone.any():
        return
    for solution, score in (
        (bargain.nash, lambda g, z: np.maximum(g, 0).prod(axis=1)),
        (bargain.kalai_smorodinsky, lambda g, z: (g / np.maximum(g[z].max(axis=0), 1e-12)).min(axis=1)),
    ):
        one, other = solution(gains, zone), solution(scaled, zone)
        # The same package, or one that is exactly as good (integers make ties common).
        assert one == other or np.isclose(score(gains, zone)[one], score(gains, zone)[other])


@given(GAMES_OF_TWO)
@settings(max_examples=150, deadline=None)
def test_solutions_lie_in_the_zone_and_are_undominated(gains: np.ndarray) -> None:
    zone = bargain.agreement_zone(gains)
    for solution in (bargain.nash, bargain.kalai_smorodinsky, bargain.egalitarian):
        found = solution(gains, zone)
        assert (found is None) == (not zone.any())
        if found is not None:
            assert zone[found]
            better = (gains >= gains[found]).all(axis=1) & (gains > gains[found]).any(axis=1)
            assert not better.any()


@given(GAMES_OF_TWO, st.data())
@settings(max_examples=150, deadline=None)
def test_independence_and_monotony(gains: np.ndarray, data: st.DataObject) -> None:
    """Nash ignores what it did not choose; egalitarian and KS never give the worst-off less when packages are added."""
    zone = bargain.agreement_zone(gains)
    if not zone.any():
        return
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(gains), max_size=len(gains))))
    chosen = bargain.nash(gains, zone)
    smaller = zone & (keep | (np.arange(len(gains)) == chosen))
    assert bargain.nash(gains, smaller) == chosen
    fewer = zone & keep
    if not fewer.any():
        return
    before, after = bargain.egalitarian(gains, fewer), bargain.egalitarian(gains, zone)
    assert gains[after].min() >= gains[before].min() - 1e-12
    if np.allclose(gains[fewer].max(axis=0), gains[zone].max(axis=0)):
        ideal = np.maximum(gains[zone].max(axis=0), 1e-12)
        before, after = bargain.kalai_smorodinsky(gains, fewer), bargain.kalai_smorodinsky(gains, zone)
        on = gains[zone].max(axis=0) > 1e-12
        assert (gains[after] / ideal)[on].min() >= (gains[before] / ideal)[on].min() - 1e-9


def test_what_nobody_prefers_is_no_agreement() -> None:
    gains = np.array([[0.0, 0.0], [0.0, 0.0], [-0.1, 5.0]])
    assert not bargain.agreement_zone(gains).any()
    assert bargain.agreement_zone(np.array([[0.0, 0.0], [0.0, 0.2]])).tolist() == [False, True]


def test_symmetric_game_gives_equal_gains() -> None:
    gains = np.array(list(itertools.product(np.linspace(0, 1, 11), repeat=2)))
    gains = gains[gains.sum(axis=1) <= 1.0 + 1e-12]
    zone = bargain.agreement_zone(gains)
    for solution in (bargain.nash, bargain.kalai_smorodinsky, bargain.egalitarian):
        assert gains[solution(gains, zone)] == pytest.approx([0.5, 0.5])
