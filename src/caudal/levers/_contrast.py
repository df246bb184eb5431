"""A contrast: the exposed part of everyone against the part that was exempt.

The June 2024 proclamation reached every citizenship at once but exempted unaccompanied children. Adults and families
are held against the children: synthetic control over all children and those of the three citizenships with most, the
structural model on their mean, and before-and-after of the difference, in which the common season cancels.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from caudal.levers._estimators import STEPS, Gap
from caudal.levers._pool import HORIZONS, Pool
from caudal.levers._status import status_of

if TYPE_CHECKING:
    from caudal.levers._evidence import Evidence, Study
    from caudal.levers._panel import Panel

__all__ = ["contrast_gap", "contrast_rows"]

_CHILDREN = ("children", "GTM", "HND", "SLV")
#: First baseline end of placebos: two years of data with family status stand before it.
_FIRST_END = 24
_LEAST = 9


def contrast_rows(study: Study, pool: Pool) -> list[Evidence]:
    """Return the rows of a contrast."""
    from caudal.levers._evidence import made

    pool, names = _with_children(study, pool)
    end = pool.panel.index(study.event.baseline_end)
    offset = pool.panel.index(study.event.month) - end
    gap = _gap(pool, study.unit, end, _CHILDREN)
    rows = []
    for horizon in HORIZONS:
        step = horizon + offset
        if step >= STEPS or math.isnan(gap.effect[step]):
            continue
        effect = float(gap.effect[step])
        # Placebos in time end before the event; those in space are exempt children of each citizenship.
        dates = range(_FIRST_END, end - step)
        time = [_gap(pool, study.unit, e, _CHILDREN).effect[step] for e in dates]
        space = [
            _gap(pool, n, end, ("children",)).effect[step] for n in names if pool.mean_before(n, end) >= 30
        ]
        half, least = np.quantile(np.abs(time), 0.8), -np.quantile(time, 0.1)
        p_time, p_space = _rank(effect, time), _rank(effect, space)
        told = status_of(effect, p_space, p_time, gap.pre_rmse, float(gap.spread[step]), float(least))
        width = (float(half), float(least))
        rows.append(made(study, horizon, gap, step, width, (p_space, p_time), told))
    return rows


def contrast_gap(study: Study, pool: Pool) -> tuple[Panel, str, int, Gap]:
    """Return the panel with all children as a unit, the exposed unit, the end of the baseline and the gaps."""
    pool, _ = _with_children(study, pool)
    end = pool.panel.index(study.event.baseline_end)
    return pool.panel, study.unit, end, _gap(pool, study.unit, end, _CHILDREN)


def _with_children(study: Study, pool: Pool) -> tuple[Pool, list[str]]:
    names = [n for n in pool.panel.names if n != study.unit]
    return Pool(pool.panel.with_unit("children", names), pool.known), names


def _rank(effect: float, others: list[float]) -> float | None:
    values = np.abs(others)
    if len(values) < _LEAST:
        return None
    return float((1 + (values >= abs(effect)).sum()) / (1 + len(values)))


def _gap(pool: Pool, unit: str, end: int, controls: tuple[str, ...]) -> Gap:
    """Like `Pool.gap`, the third estimator being the difference to all children before and after."""
    found = pool.gap(unit, end, controls)
    logs, index = pool.panel.logs, pool.panel.names.index
    difference = logs[:, index(unit)] - logs[:, index("children")]
    paths = found.paths.copy()
    after = difference[end : end + STEPS] - difference[end - 2 : end].mean()
    paths[2] = np.nan
    paths[2, : len(after)] = after
    return Gap(paths, found.pre_rmse, found.weights)
