"""The estimators find what was put in, agree with pysyncon, and never look past the end of the baseline."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from caudal.levers._estimators import STEPS, gaps, seasonal_factors, simplex_weights

RNG = np.random.default_rng(7)


def world(months: int = 90, controls: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    common = np.cumsum(RNG.normal(0, 0.15, months)) + 8
    donors = common[:, None] + RNG.normal(0, 0.1, (months, controls)) + np.linspace(-1, 1, controls)
    y = donors @ np.full(controls, 1 / controls) + RNG.normal(0, 0.05, months)
    return y, donors, np.exp(donors).sum(axis=1)


def test_weights_are_those_of_pysyncon() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pysyncon import Dataprep, Synth

    y, donors, _ = world()
    months = range(18)
    names = [f"c{i}" for i in range(donors.shape[1])]
    long = pd.concat(
        [pd.DataFrame({"unit": n, "t": months, "y": s[:18] - s[:18].mean()})
         for n, s in zip(["treated", *names], [y, *donors.T], strict=True)]
    )  # fmt: skip
    prepared = Dataprep(
        foo=long, predictors=["y"], predictors_op="mean", dependent="y", unit_variable="unit", time_variable="t",
        treatment_identifier="treated", controls_identifier=names, time_predictors_prior=months,
        time_optimize_ssr=months, special_predictors=[("y", [t], "mean") for t in months],
    )  # fmt: skip
    theirs = Synth()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(dataprep=prepared, custom_V=np.r_[0.0, np.ones(18)] / 18)
    ours = simplex_weights(y[:18] - y[:18].mean(), donors[:18] - donors[:18].mean(axis=0))
    # pysyncon scales every predictor by its own deviation; the fit, not each weight, is what must agree.
    a, b = donors[:18] - donors[:18].mean(axis=0), y[:18] - y[:18].mean()
    ours_error = np.sum((b - a @ ours) ** 2)
    their_error = np.sum((b - a @ np.asarray(theirs.W)) ** 2)
    assert ours_error <= their_error + 1e-9
    assert np.abs(a @ ours - a @ np.asarray(theirs.W)).max() < 0.05


def test_weights_are_a_mixture() -> None:
    y, donors, _ = world()
    w = simplex_weights(y, donors)
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1)


@pytest.mark.parametrize("size", [-2.0, -0.5, 1.0])
def test_an_effect_put_in_is_found(size: float) -> None:
    y, donors, total = world()
    end = 60
    y = y.copy()
    y[end + 1 :] += size
    gap = gaps(y, donors, tuple(map(str, range(8))), end, total, 1)
    assert gap.effect[2] == pytest.approx(size, abs=0.35)
    assert gap.pre_rmse < 0.2


def test_the_counterfactual_of_the_season_does_not_see_the_future() -> None:
    y, donors, total = world()
    before = gaps(y, donors, tuple(map(str, range(8))), 60, total, 1)
    later = y.copy()
    later[60 + STEPS :] = 99
    total = total.copy()
    total[60:] = 1
    after = gaps(later, donors, tuple(map(str, range(8))), 60, total, 1)
    np.testing.assert_array_equal(before.paths, after.paths)
    assert before.pre_rmse == after.pre_rmse


def test_without_controls_there_is_no_synthetic_control() -> None:
    y, donors, total = world()
    gap = gaps(y, donors[:, :0], (), 60, total, 1)
    assert np.isnan(gap.paths[0]).all()
    assert np.isnan(gap.pre_rmse)
    assert np.isfinite(gap.effect[1])


def test_seasonal_factors_find_a_season() -> None:
    month = np.arange(120) % 12
    total = np.exp(8 + 0.4 * np.sin(2 * np.pi * month / 12))
    np.testing.assert_allclose(
        seasonal_factors(total, 120, 1), 0.4 * np.sin(2 * np.pi * np.arange(12) / 12), atol=0.02
    )
