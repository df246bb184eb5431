"""A mean of too few polls for a model, with the error that polls are known to have."""

from __future__ import annotations

import numpy as np
import polars as pl

from caudal.opinion._latent import noise_variance, to_logit

__all__ = ["TOTAL_SURVEY_ERROR", "from_few"]

#: Root-mean-square error of a US poll against the count, in points, about twice what sampling alone implies:
#: Shirani-Mehr, Rothschild, Goel and Gelman (2018), "Disentangling bias and variance in election polls",
#: Journal of the American Statistical Association 113(522), doi 10.1080/01621459.2018.1448823.
TOTAL_SURVEY_ERROR = 3.5
_SAMPLING = TOTAL_SURVEY_ERROR / 2
_OTHER = float(np.sqrt(TOTAL_SURVEY_ERROR**2 - _SAMPLING**2))


def from_few(frame: pl.DataFrame, answer: str) -> tuple[float, float]:
    """Return the mean and standard deviation (logit) of a handful of polls.

    Parameters
    ----------
    frame : polars.DataFrame
        Polls with ``answer`` known; ``n`` may be missing.
    answer : {"approve", "disapprove"}
        The answer.

    Notes
    -----
    Generalised least squares: sampling error is independent between polls (typical where ``n`` is missing),
    the other error is shared by polls of one house. With one poll of unknown size the standard deviation is
    `TOTAL_SURVEY_ERROR`.
    """
    share = np.clip(frame[answer].to_numpy().astype(float) / 100, 0.005, 0.995)
    per_point = 1 / (100 * share * (1 - share))  # logit per point
    sizes = frame["n"].cast(pl.Float64).to_numpy()
    typical = (_SAMPLING * per_point) ** 2
    sampling = np.where(
        np.isnan(sizes), typical, noise_variance(share, np.where(np.isnan(sizes), 1.0, sizes))
    )
    houses = np.array(frame["house"].to_list(), dtype=str)
    same = houses[:, None] == houses[None, :]
    covariance = np.diag(sampling) + same * np.outer(_OTHER * per_point, _OTHER * per_point)
    weights = np.linalg.solve(covariance, np.ones(len(share)))
    return float(weights @ to_logit(share) / weights.sum()), float(np.sqrt(1 / weights.sum()))
