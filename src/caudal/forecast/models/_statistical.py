"""Automatic statistical models of the statsforecast library, series by series, on log(1 + count)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from caudal._core.errors import OptionError
from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS, MEDIAN
from caudal.forecast.models import naive

__all__ = ["marginals_with"]

#: Months of record a model is fitted on, and the fewest it needs.
_WINDOW, _FEWEST = 120, 36


def _classes() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import statsforecast.models as found
    except ImportError:
        raise OptionError(
            "this model needs the statsforecast library",
            where="--model",
            remedy="Install caudal[models], or choose another model",
        ) from None
    return found


def marginals_with(
    make: Callable[[Any], Any], panel: Panel, horizon: int, *, most: int | None = None
) -> Array:
    """Return quantiles of counts by one statsforecast model; rows it cannot fit keep those of naive.

    Parameters
    ----------
    make : callable
        Makes the model from the module ``statsforecast.models``.
    panel, horizon
        As for `caudal.forecast.models.Model`.
    most : int, optional
        Leave levels of more rows than this to naive: for models that take seconds a row.
    """
    library = _classes()
    found = naive.marginals(panel, horizon)
    coverages = [round(100 * (1 - 2 * level), 6) for level in LEVELS[:MEDIAN]]
    widest = 2.0 + np.max(np.log1p(np.nan_to_num(panel.values)), axis=1)
    for row, own in enumerate(panel.values):
        if most is not None and panel.levels.count(panel.levels[row]) > most:
            continue
        recent = np.log1p(own[-_WINDOW:])
        known = np.isfinite(recent)
        recent = recent[np.argmax(known) :] if known.any() else recent[:0]
        if len(recent) < _FEWEST or not np.isfinite(recent).all() or np.ptp(recent) == 0:
            continue
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                made = make(library).forecast(y=recent, h=horizon, level=coverages)
        except Exception:  # a fit that does not converge has no forecast of its own: naive stands
            continue
        logs = np.empty((horizon, len(LEVELS)))
        logs[:, MEDIAN] = made["mean"]
        for i, coverage in enumerate(coverages):
            name = f"{coverage:g}"
            logs[:, i], logs[:, 2 * MEDIAN - i] = _ends(made, name, coverage)
        if np.isfinite(logs).all():
            # No series has yet passed seven times its own record within six months.
            found[row] = np.expm1(np.clip(np.sort(logs, axis=1), 0.0, widest[row]))
    return found


def _ends(made: dict[str, Array], name: str, coverage: float) -> tuple[Array, Array]:
    for key in (name, str(coverage), str(int(coverage))):
        if f"lo-{key}" in made:
            return made[f"lo-{key}"], made[f"hi-{key}"]
    raise KeyError(name)
