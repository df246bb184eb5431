"""Naive whose growth depends on where the series stands: far above its usual level it rises less and falls further.

The record shows it before 2020: on every level of the scoreboard the median and the lower quantiles of growth fall as
a series stands higher, and on most the upper ones. (The size of growth as such does not fall with the level, and steps
of a power of counts in place of logs score worse the higher the power.) So past rises are multiplied by
``(y / m) ** REACH`` and past falls by ``(y / m) ** -REACH``, `y` the count they began with and `m` the geometric mean
of the series up to then; of these, with either sign, quantiles are taken, and scaled back to where the series stands
now. The median stays at the last value. Where the series stands beyond what it has seen, the furthest it has stood
counts.

``REACH`` was chosen on targets to 2019 (docs/decisions/012-forecast-protocol.md): the best mean over levels of the
ensemble it is part of, of 0.1, 0.15, 0.2 and 0.25, whose worst year stayed within 1.5 % of naive.
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._growth import FEWEST, last_values
from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS
from caudal.forecast.models.naive import growth_quantiles

__all__ = ["REACH", "marginals"]

#: How strongly rises shrink and falls grow with the level: the exponent.
REACH = 0.15


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    logs = np.log1p(panel.values)
    last = np.log1p(last_values(panel.values))
    found = growth_quantiles(panel.values, horizon)
    above = logs - _usual(logs)
    now = last - _usual(logs)[:, -1]
    for h in range(1, min(horizon, logs.shape[1] - 1) + 1):
        step, stood = logs[:, h:] - logs[:, :-h], above[:, :-h]
        for rows in _alike(np.isfinite(step)):
            seen = np.isfinite(step[rows[0]])
            if seen.sum() >= FEWEST:
                grown = _scaled(step[rows][:, seen], stood[rows][:, seen])
                both = np.quantile(np.concatenate([grown, -grown], axis=1), LEVELS, axis=1).T
                limits = stood[rows][:, seen].min(axis=1), stood[rows][:, seen].max(axis=1)
                found[rows, h - 1] = _scaled(both, -np.clip(now[rows], *limits)[:, None])
    return np.asarray(np.maximum(np.expm1(last[:, None, None] + found), 0.0))


def _usual(logs: Array) -> Array:
    """Return the mean of logs up to each month (zero before the first)."""
    known = np.isfinite(logs)
    total = np.cumsum(np.where(known, logs, 0.0), axis=1)
    return np.asarray(total / np.maximum(np.cumsum(known, axis=1), 1))


def _scaled(growth: Array, above: Array) -> Array:
    return growth * np.exp(REACH * above * np.sign(growth))


def _alike(seen: np.ndarray) -> list[list[int]]:
    """Return rows that are known in the same months, together."""
    found: dict[bytes, list[int]] = {}
    for row, months in enumerate(seen):
        found.setdefault(months.tobytes(), []).append(row)
    return list(found.values())
