"""The last published month, moved by growth that has been seen before (the empirical random walk).

A path repeats a stretch of the record: a month ``t`` is drawn, and the last value grows by
``log((y[t+h] + 1) / (y[t] + 1))``, h = 1 … horizon, with either sign, so that the median stays at the last value and
the interval at every horizon is the one the record itself shows. All rows draw the same ``t`` and sign: what moved
together moves together. It is the fair form of "no change": counts near zero, slow growth of the interval and heavy
tails come from the record instead of a normal distribution.

Rows with fewer than `FEWEST` stretches borrow those of the other rows; a panel that has none uses the declared
log growth `PRIOR_SD` a month (the standard deviation of monthly log growth of Border Patrol encounters at
the southwest border, FY2000-FY2019).
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel

__all__ = ["FEWEST", "PRIOR_SD", "paths", "stretches"]

#: Fewer stretches of full length than these are no distribution.
FEWEST = 8
#: Standard deviation of log growth a month when nothing has been seen.
PRIOR_SD = 0.24


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
        Shape ``(rows, months - horizon, horizon)``; NaN where a month is missing.
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


def paths(panel: Panel, horizon: int, samples: int, seed: int) -> Array:
    """Return sample paths, shape ``(rows, samples, horizon)``; see `caudal.forecast.models.Model`."""
    rng = np.random.default_rng(seed)
    growth = stretches(panel.values, horizon)
    seen = np.asarray(np.isfinite(growth).all(axis=2))
    common = np.flatnonzero(seen.all(axis=0))
    drawn = growth[:, common, :] if len(common) >= FEWEST else _borrowed(growth, seen, horizon, rng)
    # Every stretch with either sign equally often: less noise than drawing, the same distribution.
    deck = np.concatenate([drawn, -drawn], axis=1)
    order = _dealt(deck.shape[1], samples, rng)
    last = last_values(panel.values)
    return np.asarray(np.maximum((last[:, None, None] + 1.0) * np.exp(deck[:, order, :]) - 1.0, 0.0))


def _dealt(cards: int, samples: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return ``samples`` indices below ``cards``, each as often as any other within one, in random order."""
    rounds = [rng.permutation(cards) for _ in range(-(-samples // cards))]
    return np.asarray(rng.permutation(np.concatenate(rounds)[:samples]))


def _borrowed(growth: Array, seen: np.ndarray, horizon: int, rng: np.random.Generator) -> Array:
    """Return stretches for rows that do not share enough of them: their own, else all rows', else the prior."""
    pool = growth[seen]
    if len(pool) < FEWEST:
        pool = np.cumsum(rng.normal(0.0, PRIOR_SD, (200, horizon)), axis=1)
    most = max(FEWEST, int(seen.sum(axis=1).max(initial=0)), 200)
    drawn = np.empty((len(growth), most, horizon))
    for row, mask in enumerate(seen):
        own = growth[row][mask]
        source = own if len(own) >= FEWEST else pool
        drawn[row] = source[_dealt(len(source), most, rng)]
    return drawn
