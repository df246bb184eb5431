"""Scores are held to their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from caudal.forecast import LEVELS, diebold_mariano, wis
from caudal.forecast._quantiles import MEDIAN, weighted_quantiles
from caudal.forecast._scores import inside, interval_score, pinball, tail_score

values = arrays(float, 23, elements=st.floats(0.5, 1e6))
outcomes = st.floats(0.25, 1e6)


@given(values, outcomes)
def test_wis_is_its_definition_over_eleven_intervals_and_the_median(raw: np.ndarray, outcome: float) -> None:
    quantiles = np.sort(raw)
    total = 0.5 * abs(outcome - quantiles[MEDIAN])
    for k in range(MEDIAN):
        alpha = 2 * LEVELS[k]
        low, up = quantiles[k], quantiles[22 - k]
        score = interval_score(np.array(low), np.array(up), np.array(outcome), 1 - alpha)
        total += alpha / 2 * float(score)
    assert float(wis(quantiles, np.array(outcome))) == pytest.approx(total / (MEDIAN + 0.5), rel=1e-9)


@given(values, outcomes)
def test_wis_is_twice_the_mean_pinball_loss(raw: np.ndarray, outcome: float) -> None:
    quantiles = np.sort(raw)
    losses = [
        max(level * (outcome - q), (level - 1) * (outcome - q))
        for level, q in zip(LEVELS, quantiles, strict=True)
    ]
    assert float(wis(quantiles, np.array(outcome))) == pytest.approx(2 * np.mean(losses), rel=1e-9)
    assert np.allclose(pinball(quantiles, np.array(outcome)), losses)
    assert float(tail_score(quantiles, np.array(outcome))) == pytest.approx(
        2 * np.mean(losses[19:]), rel=1e-9
    )


@given(outcomes)
def test_a_certain_and_right_forecast_scores_nothing(outcome: float) -> None:
    assert wis(np.full(23, outcome), np.array(outcome)) == 0


def test_the_true_quantiles_score_best() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.lognormal(10, 0.3, 4000)
    true = np.quantile(drawn, LEVELS)
    best = wis(np.broadcast_to(true, (4000, 23)), drawn).mean()
    for worse in (
        true * 1.1,
        true * 0.9,
        np.sort(true[11] + (true - true[11]) * 0.5),
        np.maximum(true[11] + (true - true[11]) * 2, 0),
    ):
        assert wis(np.broadcast_to(worse, (4000, 23)), drawn).mean() > best


def test_inside_counts_whole_numbers_at_the_ends() -> None:
    quantiles = np.linspace(10.5, 32.5, 23)
    assert inside(quantiles, np.array(quantiles[3] - 0.4), 0.8).item()
    assert not inside(quantiles, np.array(quantiles[3] - 1.6), 0.8).item()
    assert not inside(quantiles, np.array(np.nan), 0.95).item()


def test_diebold_mariano_tells_luck_from_skill() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=120)
    assert diebold_mariano(noise - noise.mean(), 3)[1] == pytest.approx(1.0)
    statistic, p = diebold_mariano(noise - 1.0, 1)
    assert statistic < -5
    assert p < 1e-6
    assert np.isnan(diebold_mariano(np.zeros(50), 1)[1])
    assert np.isnan(diebold_mariano(noise[:3], 2)[1])


def test_diebold_mariano_holds_its_size_under_overlap() -> None:
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(400):
        steps = rng.normal(size=155)
        overlapping = np.convolve(steps, np.ones(6), "valid")
        found += diebold_mariano(overlapping, 6)[1] < 0.05
    assert found / 400 < 0.17  # Bartlett weights undercorrect; unweighted differences give 0.4


@given(arrays(float, 40, elements=st.floats(-5, 5)))
def test_weighted_quantiles_lie_within_the_sample_and_do_not_cross(sample: np.ndarray) -> None:
    found = weighted_quantiles(sample, np.ones(40))
    assert (np.diff(found) >= 0).all()
    assert sample.min() <= found[0]
    assert found[-1] <= sample.max()
