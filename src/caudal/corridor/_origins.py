"""Rolling origins of the corridor: what it would have said, as of each month, and what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal._core.dates import add_months, month_label, month_range
from caudal.corridor._calibrate import Calibration, _row, calibrate_inputs
from caudal.corridor._inputs import Inputs, Read, inputs, published
from caudal.corridor._outlook import outlook, season
from caudal.corridor._scored import Row, relative_error
from caudal.corridor._setting import RELABEL, setting

__all__ = ["BLIND", "FIRST_ORIGIN", "GROUPS", "LAST_ORIGIN", "TRAINING", "Origin", "origins", "score_rows"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]

TRAINING = 18
#: With 18 months of every input: Darién by citizenship begins in January 2020.
FIRST_ORIGIN, LAST_ORIGIN = date(2021, 6, 1), date(2024, 6, 1)
#: Origins nobody looked at while the model was made.
BLIND = (date(2024, 7, 1), date(2025, 4, 1))
GROUPS = {"1 month": (1,), "2-3 months": (2, 3), "4-6 months": (4, 5, 6)}
_HORIZON = 6


@dataclass(frozen=True)
class Origin:
    """One origin.

    Attributes
    ----------
    cal : Calibration
        Fitted to what was known.
    ante, given : tuple of array
        Total, classes, destinations: ex ante; given the actual counts in Panama and Honduras.
    """

    cal: Calibration
    ante: tuple[Floats, Floats, Floats]
    given: tuple[Floats, Floats, Floats]


def origins(
    first: date, last: date, later: Inputs, *, read: Read | None = None, progress: Progress | None = None
) -> list[Origin]:
    """Calibrate and forecast as of the day each month was published.

    Parameters
    ----------
    first, last : datetime.date
        First and last origin: the last month with encounters.
    later : Inputs
        Everything known today, for the forecasts given the actual inflow.
    """
    given = setting()
    more: dict[str, Any] = {} if read is None else {"read": read}
    found = []
    for month in month_range(first, last):
        day = published("usbp-encounters", month)
        known = inputs(day, given.classes, given.net.destinations, relabel=RELABEL, **more)
        cal = calibrate_inputs(known, TRAINING, given)
        made = []
        for actual in (None, later):
            one = outlook(cal, _HORIZON, actual=actual)
            made.append((one.total[:, None], one.classes, one.destinations))
        found.append(Origin(cal, made[0], made[1]))
        if progress:
            progress(f"origin {month_label(month)}")
    return found


def score_rows(made: Sequence[Origin], later: Inputs, label: str, *, thresholds: bool = True) -> list[Row]:
    """Return relative errors of totals, classes and destinations, with intervals and thresholds."""
    rows = []
    for group, horizons in GROUPS.items():
        others = {
            name: _errors(made, later, horizons, 0, name) for name in ("seasonal", "half season", "AR(1)")
        }
        naive = _errors(made, later, horizons, 0, "last")
        best = min(float(np.nansum(e) / np.nansum(naive)) for e in others.values())
        for way in ("ante", "given"):
            for i, what in enumerate(("total", "classes", "destinations")):
                value, interval = relative_error(
                    _errors(made, later, horizons, i, way), _errors(made, later, horizons, i, "last")
                )
                limit = _threshold(group, way, what, best) if thresholds else None
                rows.append(
                    Row(
                        f"{label}: {what}, {group}, "
                        + ("ex ante" if way == "ante" else "given the actual inflow"),
                        value,
                        1.0,
                        interval,
                        "" if limit is None else f"<= {limit:.2f}",
                        None if limit is None else bool(value <= limit),
                        f"best of seasonal and AR(1): {best:.2f}" if what == "total" else "",
                    )
                )
    return rows


def _threshold(group: str, way: str, what: str, best: float) -> float | None:
    if group == "1 month":
        return 1.05
    if group == "2-3 months" and way == "ante" and what == "total":
        return min(0.85, 0.95 * best)
    if group == "4-6 months" and way == "given":
        return {"total": 0.78, "classes": 0.88, "destinations": 0.95}[what]
    return None


def _errors(made: Sequence[Origin], later: Inputs, horizons: Sequence[int], axis: int, way: str) -> Floats:
    """Return the sum of absolute errors of each origin, NaN where nothing has come yet."""
    truth = (
        later.encounters.sum(axis=(1, 2))[:, None],
        later.encounters.sum(axis=2),
        later.encounters.sum(axis=1),
    )[axis]
    out = np.full(len(made), np.nan)
    for n, one in enumerate(made):
        at = _row(one.cal.last)
        seen = [h for h in horizons if at + h < len(truth)]
        if not seen:
            continue
        said = _said(one, truth[at], axis, way)
        out[n] = sum(float(np.abs(said[h - 1] - truth[at + h]).sum()) for h in seen)
    return out


def _said(one: Origin, last: Floats, axis: int, way: str) -> Floats:
    if way in ("ante", "given"):
        return getattr(one, way)[axis]  # type: ignore[no-any-return]
    if way == "last":
        return np.repeat(last[None], _HORIZON, axis=0)
    if way == "AR(1)":
        return _autoregression(one.cal.inputs)[:, None]
    growth = season(one.cal.inputs, _HORIZON) * (0.5 if way == "half season" else 1.0)
    return np.asarray(last[None] * np.exp(growth)[:, None])


def _autoregression(known: Inputs) -> Floats:
    """Return an AR(1) of the log total, fitted to the last five years known."""
    labels = [month_label(m) for m in month_range(add_months(known.last, -59), known.last)]
    y = np.log([known.totals[x] for x in labels if x in known.totals])
    slope, constant = np.polyfit(y[:-1], y[1:], 1)
    out, value = [], y[-1]
    for _ in range(_HORIZON):
        value = constant + slope * value
        out.append(np.exp(value))
    return np.array(out)
