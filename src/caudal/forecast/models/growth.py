"""Pooled growth rates: a small drift towards what the season and the last months' growth say, dying out with distance.

Log growth over h months, ``log(y[t+h] + C) - log(y[t] + C)``, of all rows of a level is regressed on a few features
of the row itself and of the total, each divided by the row's own recent volatility, with exponentially fading weights
and a ridge towards no change. Two small regressions are made (`MEMORY`: growth of the last month; `SEASON`: growth of
the same months of earlier years, and of the last one and three months) and their quantiles averaged.

The drift gets the weight ``SHARE * FADING ** (h - 1)`` against the naive model, in log counts: beyond three months
nothing in the record up to 2019 beat the last value in every year. Both numbers were chosen on targets 2012-2019 as
the smallest mean over 2015-2019 among those whose worst year was within 5 % of naive
(docs/decisions/012-forecast-protocol.md).
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS, weighted_quantiles
from caudal.forecast.models import naive

__all__ = ["FADING", "MEMORY", "SEASON", "SHARE", "WARM_UP", "C", "marginals", "regressed"]

#: Weight of the drift at one month, and its factor for every further month.
SHARE, FADING = 0.75, 0.6
#: Counts are logged with this added: below some twenty a month growth rates are noise.
C = 20.0
#: Half-lives in months: regression weights, volatility, spread of errors, pool of errors.
_FIT, _VOLATILITY, _ERRORS, _POOL = 36.0, 24.0, 9.0, 60.0
#: A month's ridge towards no change, in months of evidence.
_RIDGE = 2.0
#: Fading of a year's season, and years of evidence that say "no season".
_YEARS, _NO_SEASON = 0.85, 1.0
#: Months before a feature can be trusted.
WARM_UP = 36

MEMORY = ("surprise", "total_surprise", "last", "total_last")
SEASON = ("season", "total_season", "last", "total_last", "quarter", "total_quarter")


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    plain = naive.marginals(panel, horizon)
    if panel.values.shape[1] < WARM_UP + 2 * horizon:
        return plain
    found = plain.copy()
    logged = np.log(plain + C)
    mean = np.mean(regressed(panel, horizon, (MEMORY, SEASON)), axis=0)
    for h in range(horizon):
        share = SHARE * FADING**h
        blended = (1 - share) * logged[:, h] + share * mean[:, h]
        found[:, h] = np.where(np.isfinite(blended), np.maximum(np.exp(blended) - C, 0.0), plain[:, h])
    return found


def regressed(panel: Panel, horizon: int, choices: tuple[tuple[str, ...], ...]) -> Array:
    """Return quantiles of log counts, shape ``(choices, rows, horizon, 23)``; NaN where a regression cannot speak."""
    logs = np.log(panel.values + C)
    volatility = _spread(_ahead(logs, 1, past=True), _VOLATILITY, np.full(len(logs), 0.2))
    drift = np.zeros((len(choices), horizon, *logs.shape))
    error = np.full(drift.shape, np.nan)
    for h in range(1, horizon + 1):
        target = _ahead(logs, h)
        for i, names in enumerate(choices):
            features = _features(logs, volatility, h, names)
            for rows in groups(panel):
                slope = _slope(features[rows], (target / volatility)[rows], h)
                limit = 2.0 * np.sqrt(h)
                drift[i, h - 1, rows] = np.clip(features[rows] @ slope, -limit, limit) * volatility[rows]
            error[i, h - 1] = target - drift[i, h - 1]
    prior = 0.2 * np.sqrt(np.arange(1, horizon + 1))
    priors = np.broadcast_to(prior[None, :, None], drift.shape[:3])
    spread = _spread(error.reshape(-1, logs.shape[1]), _ERRORS, priors.ravel()).reshape(error.shape)
    found = np.full((len(choices), len(logs), horizon, len(LEVELS)), np.nan)
    age = np.arange(logs.shape[1])[::-1]
    for i in range(len(choices)):
        for h in range(1, horizon + 1):
            # The spread usable at month s is that of errors complete by s, i.e. of steps begun h months before.
            usable = np.full_like(logs, prior[h - 1])
            usable[:, h:] = spread[i, h - 1][:, :-h]
            scaled = (error[i, h - 1] / usable)[:, WARM_UP:]
            for rows in groups(panel):
                weights = np.broadcast_to(0.5 ** (age[WARM_UP:] / _POOL), scaled[rows].shape)
                seen = np.isfinite(scaled[rows])
                if seen.any():
                    pool, weight = scaled[rows][seen], weights[seen]
                    both = np.concatenate([pool, -pool]), np.concatenate([weight, weight])
                    centre = logs[rows, -1] + drift[i, h - 1, rows, -1]
                    wide = usable[rows, -1:] * weighted_quantiles(*both)
                    found[i, rows, h - 1] = centre[:, None] + wide
    return found


def groups(panel: Panel) -> list[np.ndarray[tuple[int, ...], np.dtype[np.intp]]]:
    """Return row numbers by level; the total goes with the first level it is broken down by."""
    named = list(dict.fromkeys(panel.levels))
    if len(named) == 1:
        return [np.arange(len(panel.levels))]
    return [
        np.array([i for i, own in enumerate(panel.levels) if own == level or (own == named[0] and not place)])
        for place, level in enumerate(named[1:])
    ]


def _ahead(logs: Array, h: int, *, past: bool = False) -> Array:
    """Return growth over the next (or the past) ``h`` months, NaN where it is not known."""
    step = np.full_like(logs, np.nan)
    if past:
        step[:, h:] = logs[:, h:] - logs[:, :-h]
    else:
        step[:, :-h] = logs[:, h:] - logs[:, :-h]
    return step


def _spread(errors: Array, half_life: float, prior: Array) -> Array:
    """Return the fading standard deviation of errors up to each month; outliers beyond three spreads count as three."""
    known = np.isfinite(errors)
    fade = 0.5 ** (1 / half_life)
    total, count = 4 * prior**2, np.full(len(errors), 4.0)
    found = np.empty_like(errors)
    squares = np.where(known, errors, 0.0) ** 2
    for s in range(errors.shape[1]):
        square = np.minimum(squares[:, s], 9.0 * total / count)
        total = np.where(known[:, s], fade * total + square, total)
        count = np.where(known[:, s], fade * count + 1.0, count)
        found[:, s] = total / count
    return np.asarray(np.sqrt(found + 0.04**2))


def _season(logs: Array, h: int) -> Array:
    """Return the fading mean growth over the same ``h`` months of earlier years, as known at each month."""
    step = _ahead(logs, h)
    total, count = np.zeros_like(logs), np.zeros_like(logs)
    for start in range(12, logs.shape[1], 12):
        now = slice(start, min(start + 12, logs.shape[1]))
        then = slice(start - 12, now.stop - 12)
        known = np.isfinite(step[:, then])
        total[:, now] = _YEARS * (total[:, then] + np.where(known, step[:, then], 0.0))
        count[:, now] = _YEARS * (count[:, then] + known)
    return np.asarray(total / (count + _NO_SEASON))


def _features(logs: Array, volatility: Array, h: int, names: tuple[str, ...]) -> Array:
    """Return features in units of volatility, shape ``(rows, months, features)``; unknown ones are zero."""
    last, quarter = _ahead(logs, 1, past=True), _ahead(logs, 3, past=True)
    own = {"last": last, "quarter": quarter}
    if any("season" in name for name in names):
        own["season"] = _season(logs, h)
    if any("surprise" in name for name in names):
        expected = _season(logs, 1)
        own["surprise"] = last.copy()
        own["surprise"][:, 1:] -= expected[:, :-1]
    limit = 3.0 * np.sqrt(h)
    columns = []
    for name in names:
        of_total = name.startswith("total_")
        column = own[name.removeprefix("total_")]
        column = np.repeat(column[:1], len(logs), axis=0) if of_total else column
        columns.append(np.clip(column / volatility, -limit, limit))
    stacked = np.stack(columns, axis=-1)
    return np.where(np.isfinite(stacked), stacked, 0.0)


def _slope(features: Array, target: Array, h: int) -> Array:
    """Return ridge coefficients over all rows; a month counts once however many rows there are."""
    limit = 2.5 * np.sqrt(h)
    known = np.isfinite(target)
    known[:, :12] = False
    wanted = np.where(known, np.clip(target, -limit, limit), 0.0)
    age = np.arange(target.shape[1])[::-1] - h
    weights = np.where(age >= 0, 0.5 ** (age / _FIT), 0.0) / np.maximum(known.sum(axis=0), 1)
    x = np.where(known[..., None], features, 0.0)
    square = np.einsum("ntk,ntl,t->kl", x, x, weights, optimize=True)
    product = np.einsum("ntk,nt,t->k", x, wanted, weights, optimize=True)
    return np.asarray(np.linalg.solve(square + _RIDGE * np.eye(len(square)), product))
