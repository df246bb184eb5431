"""Validation of a case: an ensemble's errors against registrations, as one row others can read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from caudal.flow._ensemble import Ensemble
from caudal.flow._scores import ERRORS

__all__ = ["validation_row"]


def validation_row(ensemble: Ensemble) -> dict[str, Any]:
    """Return case, people, days, replicates and each error's mean, spread and 90 % interval.

    An error that is not defined (a naive forecast without any error, a period too short) has the value None.
    """
    summaries = ensemble.summaries
    row: dict[str, Any] = {
        "case": ensemble.program.case.name,
        "people": round(float(np.mean([s.people for s in summaries]))),
        "days": ensemble.program.days,
        "replicates": len(summaries),
    }
    for name in ERRORS:
        row[name] = _spread([s.errors[name] for s in summaries])
    row["processor_seconds_per_replicate"] = float(np.mean([s.seconds for s in summaries]))
    row["states"] = max(s.states for s in summaries)
    return row


def _spread(values: list[float]) -> dict[str, float | None]:
    if not all(map(math.isfinite, values)):
        return dict.fromkeys(("mean", "sd", "q05", "q95"))
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    low, high = np.quantile(values, [0.05, 0.95])
    return {"mean": float(np.mean(values)), "sd": sd, "q05": float(low), "q95": float(high)}
