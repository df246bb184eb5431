"""Penalised deconvolution."""

from __future__ import annotations

import numpy as np
import pytest

from caudal._core.errors import OptionError
from caudal.corridor._inflow import deconvolve, mixture, smooth_step, whittaker

RESPONSE = np.array([0.1, 0.5, 0.3, 0.1])


def test_a_smooth_scale_is_found_again():
    months, lead = 36, len(RESPONSE) - 1
    rng = np.random.default_rng(3)
    base = rng.uniform(5000, 40000, months + lead)
    true = 0.5 * np.sin(np.arange(months + lead) / 9) + 0.3
    seen = np.convolve(base * np.exp(true), RESPONSE)[: len(base)][lead:]
    found = deconvolve(seen, base, RESPONSE, penalty=0.01)
    assert np.abs(found - true)[lead:].max() < 0.02


def test_noise_is_smoothed_and_not_followed():
    months, lead = 36, len(RESPONSE) - 1
    rng = np.random.default_rng(4)
    base = np.full(months + lead, 10_000.0)
    seen = 10_000 * np.exp(rng.normal(0, 0.2, months))
    rough = deconvolve(seen, base, RESPONSE, penalty=1e-4)
    smooth = deconvolve(seen, base, RESPONSE, penalty=30.0)
    assert np.diff(smooth, 2).std() < 0.05 * np.diff(rough, 2).std()
    assert np.abs(smooth).max() < 0.3


def test_mixture_says_whose_encounters_these_are():
    jacobian = mixture(np.array([100.0, 0.0, 50.0, 50.0]), RESPONSE)
    np.testing.assert_allclose(jacobian.sum(axis=1), 1.0)
    assert jacobian[3, 0] == pytest.approx(10 / (10 + 25 + 5))


def test_straight_lines_cost_nothing():
    line = np.linspace(-1, 2, 12)
    assert line @ whittaker(12) @ line == pytest.approx(0.0, abs=1e-12)


def test_without_a_penalty_it_is_refused():
    with pytest.raises(OptionError, match="ill-posed"):
        smooth_step(np.zeros(3), np.zeros(3), np.ones(3), np.eye(3), 0.0)
