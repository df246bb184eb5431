"""Log growth: what has been seen, and the joint order in which it was seen."""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array

__all__ = ["FEWEST", "PRIOR_SD", "borrowed", "last_values", "ranks", "stretches"]

#: Fewer stretches of full length than these are no distribution.
FEWEST = 8
#: Standard deviation of log growth a month when nothing has been seen: that of Border Patrol encounters at the
#: southwest border, FY2000-FY2019.
PRIOR_SD = 0.24
#: A declared sample of the prior: normal scores.
_PRIOR_DRAWS = 200


def stretches(values: Array, horizon: int) -> Array:
    """Return log growth over 1 … ``horizon`` months from every month that allows it.

    Parameters
    ----------
    values : numpy.ndarray
        Counts, shape ``(rows, months)``, NaN for gaps.
    horizon : int
        The longest step.

    Returns
    -------
    numpy.ndarray
        ``log((y[t+h] + 1) / (y[t] + 1))``, shape ``(rows, months - horizon, horizon)``; NaN where a month is missing.
    """
    logs = np.log1p(values)
    count = max(values.shape[1] - horizon, 0)
    steps = np.arange(1, horizon + 1)
    starts = np.arange(count)
    return np.asarray(logs[:, starts[:, None] + steps] - logs[:, starts, None])


def last_values(values: Array) -> Array:
    """Return each row's last published count (a gap takes the one before; nothing at all is zero)."""
    known = ~np.isnan(values)
    where = values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    last = values[np.arange(len(values)), where]
    return np.where(known.any(axis=1), last, 0.0)


def borrowed(growth: Array) -> Array:
    """Return what rows that have too few stretches use instead: all rows' stretches, else the declared prior.

    Parameters
    ----------
    growth : numpy.ndarray
        Of `stretches`.

    Returns
    -------
    numpy.ndarray
        Shape ``(stretches, horizon)``.
    """
    pool = growth[np.isfinite(growth).all(axis=2)]
    if len(pool) >= FEWEST:
        return np.asarray(pool)
    rng = np.random.default_rng(0)
    return np.asarray(np.cumsum(rng.normal(0.0, PRIOR_SD, (_PRIOR_DRAWS, growth.shape[2])), axis=1))


def ranks(values: Array, horizon: int, samples: int, seed: int) -> Array:
    """Return joint ranks of sample paths, in the order the record shows (Schaake shuffle).

    Every sample repeats a stretch of the record that all rows share, with either sign; its rank among the samples of
    that row and horizon is returned. What moved together, over rows and over months, moves together in the paths.
    Clark et al., Journal of Hydrometeorology 5 (2004) 243-262.

    Returns
    -------
    numpy.ndarray
        Probabilities strictly between 0 and 1, shape ``(rows, samples, horizon)``.
    """
    rng = np.random.default_rng(seed)
    growth = stretches(values, horizon)
    whole = np.asarray(np.isfinite(growth).all(axis=2))
    common = np.flatnonzero(whole.any(axis=0))
    if len(common) < FEWEST:
        deck = np.repeat(borrowed(growth)[None], len(values), axis=0)
    else:
        deck = growth[:, common, :]
        # A row that lacks a stretch takes the mean of those that have it, so that its ranks still go along.
        mean = np.nanmean(np.where(whole[:, common, None], deck, np.nan), axis=0)
        deck = np.where(whole[:, common, None], deck, mean)
    deck = np.concatenate([deck, -deck], axis=1)
    rounds = [rng.permutation(deck.shape[1]) for _ in range(-(-samples // deck.shape[1]))]
    order = rng.permutation(np.concatenate(rounds)[:samples])
    drawn = deck[:, order, :]
    # Ties (the same stretch drawn twice, months without change) are broken at random, one draw for all rows.
    jitter = np.broadcast_to(rng.random((1, samples, 1)), drawn.shape)
    place = np.lexsort((jitter, drawn), axis=1)
    found = np.empty(drawn.shape)
    np.put_along_axis(found, place, (np.arange(samples) + 0.5)[None, :, None] / samples, axis=1)
    return found
