"""Recursive logit on the reduced corridor and on the declared one."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from caudal._core.errors import OptionError
from caudal.corridor._routes import CircleWarning, expected_distance, walk
from caudal.corridor._setting import setting
from caudal.corridor._ways import rail_share, utilities, ways

from .reduced import reduced

OPTIONS = {"per_link": 1.5, "per_km": 0.004, "fly": 0.1}


def test_chances_add_up_and_lead_to_the_goal():
    net = reduced()
    routes = walk(net.start, net.end, utilities(net, **OPTIONS), net.goals, places=len(net.places))
    for k, chance in enumerate(routes.chance):
        whole = np.zeros(len(net.places))
        np.add.at(whole, net.start, chance)
        on_the_way = np.isfinite(routes.value[k]) & (net.goals[k] == 0)
        np.testing.assert_allclose(whole[on_the_way], 1.0, rtol=1e-12)


def test_chances_are_those_of_choosing_among_whole_paths():
    """Without circles, recursive logit equals a logit over paths (the property it is built for)."""
    start, end = np.array([0, 0, 1, 1]), np.array([1, 2, 2, 3])
    start, end = np.append(start, 2), np.append(end, 3)
    utility = np.array([-1.0, -2.0, -0.5, -2.5, -1.0])
    goal = np.array([[0.0, 0, 0, 1]])
    chance = walk(start, end, utility, goal, places=4).chance[0]
    paths = np.exp([-1.0 - 0.5 - 1.0, -1.0 - 2.5, -2.0 - 1.0])
    share = paths / paths.sum()
    assert chance[1] == pytest.approx(share[2])
    assert chance[0] * chance[3] == pytest.approx(share[1])


def test_circles_worth_more_than_arriving_are_an_error_with_a_remedy():
    start, end = np.array([0, 1, 1]), np.array([1, 0, 2])
    with pytest.raises(OptionError, match="Raise the cost scale"):
        walk(start, end, np.array([0.1, 0.1, -1.0]), np.array([[0.0, 0, 1]]), places=3)
    with pytest.warns(CircleWarning, match="walk in circles"):
        walk(start, end, np.array([-0.1, -0.1, -1.0]), np.array([[0.0, 0, 1]]), places=3)


def test_no_way_no_chance():
    net = reduced()
    utility = utilities(net, closed=net.is_mode("step"), **OPTIONS)
    routes = walk(net.start, net.end, utility, net.goals, places=len(net.places))
    assert routes.chance.sum() == 0
    assert not np.isfinite(routes.value[:, net.index("tapachula")]).any()


def test_expected_distance_is_at_most_1_4_times_the_shortest_and_the_radius_is_moderate():
    net = setting().net
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, tastes = ways(net, [0.33, 0.1], start="tapachula", **OPTIONS)
    assert found.radius < 0.8
    length = np.full((len(net.places),) * 2, np.inf)
    ground = ~net.is_mode("air")
    for a, b, km in zip(net.start[ground], net.end[ground], net.km[ground], strict=True):
        length[a, b] = min(length[a, b], km + 1e-6)
    shortest = shortest_path(csr_matrix(np.where(np.isfinite(length), length, 0)))
    for taste in tastes:
        utility = utilities(net, rail=taste, **OPTIONS)
        routes = walk(net.start, net.end, utility, net.goals, places=len(net.places))
        for origin in ("tapachula", "darien", "mexico-city"):
            at = net.index(origin)
            mean = expected_distance(routes, net.start, net.end, net.km)[:, at]
            least = [shortest[at, np.flatnonzero(goal)].min() for goal in net.goals]
            assert (mean / least).max() <= 1.4


def test_trains_carry_the_share_assumed():
    net = setting().net
    _, tastes = ways(net, [0.33, 0.1], start="tapachula", **OPTIONS)
    for taste, share in zip(tastes, (0.33, 0.1), strict=True):
        utility = utilities(net, rail=taste, **{**OPTIONS, "fly": 0.0})
        assert rail_share(net, utility, net.index("tapachula")) == pytest.approx(share, abs=0.002)
