"""Is one forecast better than another, or lucky? Diebold and Mariano's test."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from caudal.forecast._panel import Array

__all__ = ["diebold_mariano"]


def diebold_mariano(difference: Array, horizon: int) -> tuple[float, float]:
    """Test whether a loss difference has mean zero.

    Parameters
    ----------
    difference : numpy.ndarray
        Loss of one forecast minus that of the other, per origin, in order.
    horizon : int
        Steps ahead: differences up to ``horizon - 1`` apart overlap.

    Returns
    -------
    (float, float)
        The statistic (negative: the first is better) and its two-sided p-value, with Harvey, Leybourne and Newbold's
        small-sample correction (International Journal of Forecasting 13 (1997) 281-291); NaN when it cannot be tested.
    """
    d = difference[np.isfinite(difference)]
    n = len(d)
    if n < 2 * horizon + 2 or np.ptp(d) == 0:
        return float("nan"), float("nan")
    centred = d - d.mean()
    # Bartlett weights keep the variance positive where the plain sum of autocovariances need not be.
    spread = sum(
        (1.0 if lag == 0 else 2.0 * (1 - lag / horizon)) * float(centred[lag:] @ centred[: n - lag]) / n
        for lag in range(horizon)
    )
    if spread <= 0:
        return float("nan"), float("nan")
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    statistic = float(d.mean() / np.sqrt(spread / n) * np.sqrt(max(correction, 0.0)))
    return statistic, float(2 * student.sf(abs(statistic), n - 1))
