"""Gradient boosting over all rows at once (LightGBM): median log growth from features of the row and of the total."""

from __future__ import annotations

import numpy as np

from caudal._core.errors import OptionError
from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS, weighted_quantiles
from caudal.forecast.models import naive

__all__ = ["marginals"]

_C = 20.0
#: Months of record that are learnt from, and the fewest.
_WINDOW, _FEWEST = 120, 48
_SETTINGS = {
    "objective": "l1",
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 40,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_fraction": 0.7,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
    "verbosity": -1,
}
_ROUNDS = 60


def marginals(panel: Panel, horizon: int) -> Array:
    """Return quantiles of counts, shape ``(rows, horizon, 23)``; see `caudal.forecast.models.Model`."""
    try:
        import lightgbm
    except ImportError:
        raise OptionError(
            "this model needs the lightgbm library",
            where="--model",
            remedy="Install caudal[models], or choose another model",
        ) from None
    found = naive.marginals(panel, horizon)
    if panel.values.shape[1] < _FEWEST:
        return found
    logs = np.log(panel.values + _C)
    features = _features(panel, logs)
    for h in range(1, horizon + 1):
        step = (logs[:, h:] - logs[:, :-h])[:, -_WINDOW:]
        x = features[:, :-h][:, -_WINDOW:]
        known = np.isfinite(step) & np.isfinite(features[:, :-h, 0][:, -_WINDOW:])
        if known.sum() < _FEWEST:
            continue
        months = np.broadcast_to(np.arange(step.shape[1]), step.shape)[known]
        # A fifth of the months, spread over the record, is kept for the errors.
        held = months % 5 == 4
        learnt = lightgbm.Dataset(x[known][~held], step[known][~held])
        fitted = lightgbm.train(_SETTINGS, learnt, num_boost_round=_ROUNDS)
        errors = step[known][held] - np.asarray(fitted.predict(x[known][held]))
        spread = weighted_quantiles(np.concatenate([errors, -errors]), np.ones(2 * len(errors)))
        centre = np.asarray(fitted.predict(features[:, -1]))
        able = np.isfinite(logs[:, -1])
        grown = (logs[:, -1] + centre)[:, None] + spread[None, :]
        found[able, h - 1] = np.maximum(np.exp(grown[able]) - _C, 0.0)
    return np.asarray(found).reshape(len(panel.locations), horizon, len(LEVELS))


def _features(panel: Panel, logs: Array) -> Array:
    columns = []
    for lag in (1, 2, 3, 6, 12):
        change = np.full_like(logs, np.nan)
        change[:, lag:] = logs[:, lag:] - logs[:, :-lag]
        columns += [change, np.repeat(change[:1], len(logs), axis=0)]
    month = (np.arange(logs.shape[1]) + panel.first.month - 1) % 12
    angle = np.broadcast_to(2 * np.pi * month / 12, logs.shape)
    columns += [logs, np.sin(angle), np.cos(angle)]
    return np.stack(columns, axis=-1)
