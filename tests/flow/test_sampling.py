"""Samplers against scipy, from n = 0 to 10⁹ and p from 0 to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from caudal.flow._compiled import compiled
from caudal.flow._sampling import binomial, multinomial, poisson


@compiled()
def many_binomials(seed: int, n: float, p: float, out: Any) -> None:
    rng = np.zeros(1, np.uint64)
    rng[0] = seed
    for i in range(out.size):
        out[i] = binomial(rng, n, p)


@compiled()
def many_multinomials(seed: int, n: float, weights: Any, out: Any) -> None:
    rng = np.zeros(1, np.uint64)
    rng[0] = seed
    for i in range(len(out)):
        multinomial(rng, n, weights, out[i])


@compiled()
def many_poissons(seed: int, rate: float, out: Any) -> None:
    rng = np.zeros(1, np.uint64)
    rng[0] = seed
    for i in range(out.size):
        out[i] = poisson(rng, rate)


def fits(sample: Any, law: Any) -> float:
    """Return the p-value of a chi-square test over up to 40 bins of about equal probability."""
    edges = np.unique(law.ppf(np.linspace(0, 1, 41)[1:-1]))
    cdf = np.concatenate([[0.0], law.cdf(edges), [1.0]])
    expected = np.diff(cdf) * len(sample)
    counts = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(expected))
    keep = expected > 5
    observed = np.append(counts[keep], counts[~keep].sum())
    wanted = np.append(expected[keep], expected[~keep].sum())
    if wanted[-1] < 5:
        observed[-2] += observed[-1]
        wanted[-2] += wanted[-1]
        observed, wanted = observed[:-1], wanted[:-1]
    if len(wanted) < 2:
        return 1.0
    return float(stats.chisquare(observed, wanted * observed.sum() / wanted.sum()).pvalue)


SIZES = [1, 5, 6, 7, 19, 20, 64, 65, 400, 10**4, 10**6, 10**9]
CHANCES = [1e-9, 1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.97, 0.9999]


def test_binomial_matches_scipy() -> None:
    out = np.zeros(20_000)
    p_values = []
    for i, n in enumerate(SIZES):
        for j, p in enumerate(CHANCES):
            many_binomials(1000 * i + j, float(n), p, out)
            assert out.min() >= 0
            assert out.max() <= n
            assert (out == np.floor(out)).all()
            p_values.append(fits(out, stats.binom(n, p)))
    assert min(p_values) * len(p_values) > 0.01
    # Under the null the p-values themselves are uniform (degenerate laws apart).
    spread = [p for p in p_values if p < 1]
    assert stats.kstest(spread, "uniform").pvalue > 0.001


@pytest.mark.parametrize(("n", "p", "value"), [(0, 0.5, 0), (9, 0.0, 0), (9, 1.0, 9), (10**9, 1.0, 10**9)])
def test_binomial_at_the_ends(n: int, p: float, value: int) -> None:
    out = np.zeros(50)
    many_binomials(1, float(n), p, out)
    assert (out == value).all()


def test_binomial_costs_the_same_at_any_size() -> None:
    """Counted in uniforms used, not in seconds: the clock of a shared machine proves nothing."""
    used = []
    for n in (10**3, 10**6, 10**9):
        rng = np.array([7], np.uint64)
        for _ in range(400):
            binomial(rng, float(n), 0.3)
        steps = (int(rng[0]) - 7) * pow(0x9E3779B97F4A7C15, -1, 2**64) % 2**64
        used.append(steps / 400)
    assert max(used) < 4
    assert max(used) / min(used) < 1.2


def test_multinomial_matches_its_margins_and_totals() -> None:
    weights = np.array([0.0, 3.0, 1.0, 0.0, 6.0])
    for n in (3, 40, 10**6):
        out = np.zeros((20_000, 5))
        many_multinomials(3, float(n), weights, out)
        assert (out.sum(axis=1) == n).all()
        assert out[:, [0, 3]].sum() == 0
        assert min(fits(out[:, j], stats.binom(n, weights[j] / 10)) for j in (1, 2, 4)) > 0.001
        # Two cells of a multinomial are correlated by -sqrt(pq / (1-p)(1-q)).
        wanted = -np.sqrt(0.3 * 0.6 / (0.7 * 0.4))
        assert np.corrcoef(out[:, 1], out[:, 4])[0, 1] == pytest.approx(wanted, abs=0.03)


def test_poisson_matches_scipy() -> None:
    out = np.zeros(20_000)
    for i, rate in enumerate((0.1, 3.0, 9.9, 10.1, 75.0, 1e4, 1e7)):
        many_poissons(i, rate, out)
        assert fits(out, stats.poisson(rate)) > 0.001
