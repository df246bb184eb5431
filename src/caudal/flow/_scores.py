"""Validation errors of a Flee case, exactly as the reference and its validation suite define them.

With simulated and registered people per camp and day (registrations truncated to whole people):

- *total error* of a day: sum over camps of absolute differences over the running count of registrations (0
  where that
  is 0); reported as the mean over days;
- *normal error*: mean over days of the same sum over the day's registrations in camps (at least 1);
- *rescaled error*: the same after scaling the day's simulated people to the day's registrations;
- *MASE*: mean absolute rescaled difference over that of a naive forecast made on day 7 or 30 (flat; sloped,
  value × day;
  ratio, constant share of the total), camps weighted by their registrations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.flow._program import Program

__all__ = ["ERRORS", "case_errors", "errors_of"]

Floats = npt.NDArray[np.float64]

#: The errors reported per replicate.
ERRORS = (
    "error_normal",
    "error_rescaled",
    "mean_total_error",
    "mase7",
    "mase7_sloped",
    "mase7_ratio",
    "mase30",
    "mase30_sloped",
    "mase30_ratio",
)


def case_errors(program: Program, occupancy: Floats) -> dict[str, float]:
    """Return the errors of one replicate of a case.

    Parameters
    ----------
    program : Program
        Holds the registrations.
    occupancy : array, shape (days, places)
        People at each place at the end of each day.
    """
    plan = program.schedule
    return errors_of(occupancy[:, plan.observed_places], plan.observed, plan.raw)


def errors_of(simulated: Any, registered: Any, raw: Any) -> dict[str, float]:
    """Return the errors of simulated against registered people.

    Parameters
    ----------
    simulated, registered : array, shape (days, camps)
        People.
    raw : array, shape (days,)
        Running count of registrations, the denominator of the total error.
    """
    sim, data = np.asarray(simulated, dtype=float), np.asarray(registered, dtype=float)
    count = np.asarray(raw, dtype=float)
    gap = np.abs(sim - data).sum(axis=1)
    in_camps, people = data.sum(axis=1), sim.sum(axis=1)
    scale = np.divide(in_camps, people, out=np.zeros(len(people)), where=people > 0)
    rescaled = sim * scale[:, None]
    least = np.maximum(in_camps, 1.0)
    out = {
        "error_normal": float((gap / least).mean()),
        "error_rescaled": float((np.abs(rescaled - data).sum(axis=1) / least).mean()),
        "mean_total_error": float(np.divide(gap, count, out=np.zeros(len(gap)), where=count != 0).mean()),
    }
    for day in (7, 30):
        for name, naive in _naive(data, in_camps, day).items():
            out[f"mase{day}{name}"] = _mase(rescaled, data, naive, day)
    return out


def _naive(data: Floats, total: Floats, day: int) -> dict[str, Floats]:
    if len(data) <= day + 1:
        return dict.fromkeys(("", "_sloped", "_ratio"), np.full_like(data, np.nan))
    days = np.arange(len(data))[:, None]
    flat = np.broadcast_to(data[day], data.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = total[:, None] * (data[day] / total[day])
    # The reference asks for registrations on day 7 in both sloped forecasts.
    return {"": flat, "_sloped": np.where(data[7] > 0, flat * days, 0.0), "_ratio": ratio}


def _mase(sim: Floats, data: Floats, naive: Floats, day: int) -> float:
    """Return the weighted MASE; infinite where a camp's naive forecast is perfect, as in the reference."""
    weights = data.sum(axis=0)
    if weights.sum() <= 0 or len(data) <= day + 1:
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.abs(sim - data).mean(axis=0) / np.abs(naive - data)[day + 1 :].mean(axis=0)
        each = np.where(weights > 0, np.round(each, 4), 0.0)
    return float((each * weights).sum() / weights.sum())
