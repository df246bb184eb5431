"""What a series would have been, in three ways: synthetic control, structural model, seasonal before and after.

Each returns the counterfactual path of logarithms for the months after the baseline. All three start from the level
of the last two months of the baseline, because these series wander: on placebos the root mean square error one month
ahead is 0.61, against 0.69 from the level of the whole window.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

__all__ = ["STEPS", "STRUCTURAL_WINDOW", "WINDOW", "Gap", "gaps", "seasonal_factors", "simplex_weights"]

Array = npt.NDArray[np.float64]

#: Months of baseline that synthetic control fits and that the structural model is estimated on.
WINDOW, STRUCTURAL_WINDOW = 18, 24
#: Last months of the baseline whose level counts.
_ANCHOR = 2
#: Months after the baseline: month 0, twelve after it, and one more where the baseline ends a month early.
STEPS = 14
#: Makes the weights sum to one: a row of this size beside residuals of order one.
_SUM_TO_ONE = 1e3
_SEASON_YEARS = 10


@dataclass(frozen=True)
class Gap:
    """Log of what was over what would have been, by estimator, for the months after the baseline.

    Attributes
    ----------
    paths : ndarray, shape (3, steps)
        Synthetic control, structural, seasonal; NaN where the archive ends or an estimator has nothing to stand on.
    pre_rmse : float
        Root mean square error of the synthetic control over its window; NaN without controls.
    weights : dict of str to float
        Weights of the controls above one per cent.
    """

    paths: Array
    pre_rmse: float
    weights: dict[str, float]

    @property
    def effect(self) -> Array:
        """Median of the estimators that could say something, shape (steps,)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # months in which none could
            return np.asarray(np.nanmedian(self.paths, axis=0), float)

    @property
    def spread(self) -> Array:
        """Largest minus smallest of the estimators, shape (steps,)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return np.asarray(np.nanmax(self.paths, axis=0) - np.nanmin(self.paths, axis=0), float)


def simplex_weights(target: Array, controls: Array) -> Array:
    """Return the weights, not negative and summing to one, that bring the controls nearest to the target.

    Parameters
    ----------
    target : ndarray, shape (months,)
    controls : ndarray, shape (months, N)

    Returns
    -------
    ndarray, shape (N,)

    Notes
    -----
    Least squares under the constraints of Abadie, Diamond and Hainmueller (2010) with outcomes as the only predictors,
    solved by non-negative least squares with one heavy row. ``pysyncon`` gives the same weights (see the tests).
    """
    heavy = np.full((1, controls.shape[1]), _SUM_TO_ONE)
    weights, _ = nnls(np.vstack([controls, heavy]), np.append(target, _SUM_TO_ONE))
    return np.asarray(weights / weights.sum(), float)


def seasonal_factors(total: Array, end: int, first_month: int) -> Array:
    """Return twelve additive factors of log encounters, January first, from up to ten years before ``end``.

    Parameters
    ----------
    total : ndarray, shape (months,)
        Encounters of everyone.
    end : int
        First row that may not be seen.
    first_month : int
        Month of the year (1–12) of row 0.
    """
    start = max(0, end - 12 * _SEASON_YEARS)
    seen = np.log(total[start:end] + 1.0)
    if len(seen) < 25:
        return np.zeros(12)
    trend = np.convolve(seen, np.r_[0.5, np.ones(11), 0.5] / 12, mode="valid")
    loose = seen[6:-6] - trend
    month = (np.arange(start + 6, end - 6) + first_month - 1) % 12
    # The median: one month of 2020 does not make a season.
    factors = np.array([np.median(loose[month == m]) for m in range(12)])
    return np.asarray(factors - factors.mean(), float)


def gaps(y: Array, controls: Array, names: tuple[str, ...], end: int, total: Array, first_month: int) -> Gap:
    """Return what was over what would have been after a baseline that ends before row ``end``.

    Parameters
    ----------
    y : ndarray, shape (months,)
        Logarithms of the group.
    controls : ndarray, shape (months, N)
        Logarithms of the controls; N may be 0.
    names : tuple of str
        Names of the controls.
    end : int
        First row after the baseline.
    total, first_month
        See `seasonal_factors`.
    """
    paths = np.full((3, STEPS), np.nan)
    steps = np.arange(end, min(end + STEPS, len(y)))
    pre_rmse, weights = float("nan"), {}
    if controls.shape[1]:
        fitted, pre_rmse, found = _synthetic(y, controls, end)
        paths[0, : len(steps)] = (y - fitted)[steps]
        weights = {n: round(float(w), 3) for n, w in zip(names, found, strict=True) if w > 0.01}
    paths[1, : len(steps)] = y[steps] - _structural(y, controls, end, len(steps))
    season = seasonal_factors(total, end, first_month)[(np.arange(len(y)) + first_month - 1) % 12]
    before = slice(end - _ANCHOR, end)
    paths[2, : len(steps)] = y[steps] - season[steps] - (y[before] - season[before]).mean()
    return Gap(paths, pre_rmse, weights)


def _synthetic(y: Array, controls: Array, end: int) -> tuple[Array, float, Array]:
    window = slice(end - WINDOW, end)
    level, levels = y[window].mean(), controls[window].mean(axis=0)
    weights = simplex_weights(y[window] - level, controls[window] - levels)
    fitted = level + (controls - levels) @ weights
    miss = y[window] - fitted[window]
    fitted = fitted + miss[-_ANCHOR:].mean()
    return fitted, float(np.sqrt(np.mean(miss**2))), weights


def _structural(y: Array, controls: Array, end: int, steps: int) -> Array:
    """Local level with a regression on the mean of the controls; without controls the level alone."""
    from statsmodels.tsa.statespace.structural import (
        UnobservedComponents,  # slow to import, and scenarios do without
    )

    window = slice(end - STRUCTURAL_WINDOW, end)
    mean = controls.mean(axis=1, keepdims=True) if controls.shape[1] else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a flat likelihood warns; the placebos price what it costs
        model = UnobservedComponents(y[window], "local level", exog=None if mean is None else mean[window])
        fit = model.fit(disp=0, maxiter=40, cov_type="none")
        ahead = fit.forecast(steps, exog=None if mean is None else mean[end : end + steps])
    return np.asarray(ahead, float)
