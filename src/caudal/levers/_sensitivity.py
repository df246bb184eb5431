"""Which assumption moves the answer most: Shapley shares of variance over the drawn assumptions and strengths.

Inputs are drawn independently. For independent inputs the Shapley effect of a linear model is each one's share of the
variance, its squared standardised coefficient (Owen 2014); so the shares come from the draws of the scenario itself, on
ranks, without another run. What the linear model does not explain is printed as ``unexplained``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

__all__ = ["shares"]

Array = npt.NDArray[np.float64]

#: Fewer draws than this for each input, and a fit would find what is not there.
_DRAWS_PER_INPUT = 3


def shares(inputs: Mapping[str, Array], answer: Array) -> dict[str, float]:
    """Return the share of the variance of ``answer`` that each input accounts for, largest first, and ``unexplained``.

    Parameters
    ----------
    inputs : mapping of str to ndarray, shape (draws,)
    answer : ndarray, shape (draws,)

    Returns
    -------
    dict of str to float
        Adding up to one; empty when the answer does not vary or there are too few draws.
    """
    moving = {k: v for k, v in inputs.items() if np.ptp(v) > 0}
    n = len(answer)
    if not moving or np.ptp(answer) < 1e-9 or n < _DRAWS_PER_INPUT * len(moving):
        return {}
    x = np.stack([_standard(v) for v in moving.values()], axis=1)
    y = _standard(answer)
    coefficients, *_ = np.linalg.lstsq(x, y, rcond=None)
    fitted = x @ coefficients
    explained = 1 - float(np.mean((y - fitted) ** 2))
    # A linear model finds p/n by chance: take that off before the shares are dealt out.
    explained = max(0.0, 1 - (1 - explained) * (n - 1) / max(n - x.shape[1] - 1, 1))
    part = coefficients**2
    total = float(part.sum()) or 1.0
    found = {k: explained * float(p) / total for k, p in zip(moving, part, strict=True)}
    ordered = dict(sorted(found.items(), key=lambda kv: -kv[1]))
    return {**ordered, "unexplained": 1 - explained}


def _standard(values: Array) -> Array:
    ranks = rankdata(values)
    return np.asarray((ranks - ranks.mean()) / ranks.std(), float)
