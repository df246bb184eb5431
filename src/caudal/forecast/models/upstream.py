"""Naive, shifted by what was counted upstream: people of the same citizenship who came through the Darién.

Two features per citizenship, as known on the day: the change of Darién entries over the last two months, and the log
ratio of Darién entries to encounters against its own mean of the last two years. One pooled ridge per horizon towards
no change, fitted on the months seen; only citizenships for which the last three months' Darién entries come to a tenth
of their encounters take part, at fit and at forecast, and no shift beyond `REACH` months (nothing was left at three).
Mexico's interceptions are no feature: they move together with encounters, not ahead of them.
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel
from caudal.forecast.models import naive

__all__ = ["BESIDE", "REACH", "marginals"]

#: Name of the series in `Panel.beside`, aligned with the panel's rows; NaN for rows without.
BESIDE = "darien-entries"
#: Months ahead that are shifted.
REACH = 2
_C, _RIDGE, _MATERIAL, _YEARS, _LIMIT = 20.0, 30.0, 0.1, 24, 2.0
#: Fewer cells than these are no fit.
_FEWEST = 24


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    found = naive.marginals(panel, horizon)
    upstream = panel.beside.get(BESIDE)
    if upstream is None or panel.values.shape[1] <= _YEARS:
        return found
    logs, logs_up = np.log(panel.values + _C), np.log(upstream + _C)
    features = _features(logs, logs_up)
    taking_part = _recent(upstream) >= _MATERIAL * _recent(panel.values)
    usable = taking_part & np.isfinite(features).all(axis=-1)
    for h in range(1, min(REACH, horizon) + 1):
        step = logs[:, h:] - logs[:, :-h]
        known = usable[:, :-h] & np.isfinite(step)
        if known.sum() < _FEWEST:
            continue
        x, y = features[:, :-h][known], np.clip(step[known], -1.0, 1.0)
        slope = np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ y)
        shift = np.where(usable[:, -1], np.nan_to_num(features[:, -1]) @ slope, 0.0)
        found[:, h - 1] = np.maximum((found[:, h - 1] + _C) * np.exp(shift)[:, None] - _C, 0.0)
    return found


def _features(logs: Array, upstream: Array) -> Array:
    change = np.full_like(logs, np.nan)
    change[:, 2:] = upstream[:, 2:] - upstream[:, :-2]
    ratio = upstream - logs
    known = np.isfinite(ratio)
    total = np.cumsum(np.where(known, ratio, 0.0), axis=1)
    count = np.cumsum(known, axis=1)
    total[:, _YEARS:] -= total[:, :-_YEARS].copy()
    count[:, _YEARS:] -= count[:, :-_YEARS].copy()
    away = np.where(known, ratio - total / np.maximum(count, 1), np.nan)
    return np.asarray(np.clip(np.stack([change, away], axis=-1), -_LIMIT, _LIMIT))


def _recent(values: Array) -> Array:
    """Return the sum of the last three months at each month; NaN counts as nothing."""
    total = np.cumsum(np.nan_to_num(values), axis=1)
    total[:, 3:] -= total[:, :-3].copy()
    return np.asarray(total)
