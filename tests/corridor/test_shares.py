"""Berry inversion."""

from __future__ import annotations

import numpy as np
import pytest

from caudal._core.errors import OptionError
from caudal.corridor._shares import choice_shares, invert_shares


def _case(seed: int, places: int = 12, classes: int = 15, destinations: int = 13):
    rng = np.random.default_rng(seed)
    seen = rng.dirichlet(np.full(destinations, 0.6), classes)
    value = rng.normal(-15, 3, (places, classes, destinations))
    weight = rng.random((places, classes))
    return seen, value, weight


@pytest.mark.parametrize("coupling", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_shares_are_reproduced_to_1e_8_within_100_steps(coupling, seed):
    seen, value, weight = _case(seed)
    found = invert_shares(seen, value, weight=weight, coupling=coupling)
    assert found.iterations <= 100
    implied = np.einsum(
        "pc,pck->ck", weight / weight.sum(axis=0), choice_shares(found.utility, value, coupling)
    )
    assert np.abs(implied - seen).max() <= 1e-8


def test_without_coupling_the_utilities_are_log_shares():
    seen, value, _ = _case(1)
    found = invert_shares(seen, value)
    apart = found.utility - np.log(seen)
    assert np.ptp(apart, axis=1).max() < 1e-12


def test_a_destination_nobody_went_to_stays_without_people():
    seen, value, weight = _case(2)
    seen[:, 3] = 0.0
    seen /= seen.sum(axis=1, keepdims=True)
    found = invert_shares(seen, value, weight=weight, coupling=0.2)
    assert np.all(choice_shares(found.utility, value, 0.2)[:, :, 3] == 0)


def test_a_closed_way_sends_nobody_and_leaves_proportions():
    seen, value, _ = _case(3)
    found = invert_shares(seen, value)
    closed = value.copy()
    closed[:, :, 0] = -np.inf
    chosen = choice_shares(found.utility, closed, 0.0)
    assert np.all(chosen[:, :, 0] == 0)
    rest = seen[:, 1:] / seen[:, 1:].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(chosen[0, :, 1:], rest, rtol=1e-12)


def test_shares_that_do_not_add_up_and_a_wrong_coupling_are_errors():
    with pytest.raises(OptionError, match="add up to 1"):
        invert_shares(np.array([[0.5, 0.6]]))
    with pytest.raises(OptionError, match="outside 0 to 1"):
        invert_shares(np.array([[0.5, 0.5]]), coupling=1.5)


def test_shares_out_of_reach_are_an_error_with_a_remedy():
    value = np.zeros((1, 1, 2))
    value[0, 0, 1] = -np.inf
    with pytest.raises(OptionError, match="cannot be reached"):
        invert_shares(np.array([[0.5, 0.5]]), value, coupling=0.2)
