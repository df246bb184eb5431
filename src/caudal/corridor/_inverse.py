"""What would have to be true: the hold or the discouragement that gives a path of encounters, and the stock it implies.

Two mechanisms can bring encounters down in Mexico without more interceptions: people are kept from leaving the south
(a *hold*: they are still there), or journeys end (*discouragement*: they are not). Encounters alone cannot tell which.
So both are solved for the same path, and each is printed with the people it leaves in Mexico.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import least_squares

from caudal._core.dates import add_months, month_label, parse_month
from caudal._core.errors import OptionError
from caudal.corridor._calibrate import Calibration
from caudal.corridor._inputs import Inputs
from caudal.corridor._outcomes import Outcomes
from caudal.corridor._simulate import simulate

__all__ = ["MECHANISMS", "Inverse", "encounters", "inverse", "stock_in_mexico"]

Floats = npt.NDArray[np.float64]

#: Mechanism → (parameter, smallest, largest value, reading).
MECHANISMS = {
    "hold": ("southern_hold", 0.02, 1.0, "departures from southern Mexico are multiplied by it"),
    "discouragement": ("discouragement", 0.0, 0.94, "share of interceptions that end the journey"),
}


#: Weight of changes from month to month: of answers that fit alike the steadier is reported.
_ROUGH = 0.03


@dataclass(frozen=True)
class Inverse:
    """What would have to be true for a path.

    Attributes
    ----------
    frame : polars.DataFrame
        ``month, wished, baseline`` and per mechanism its value, the encounters it gives and the stock in Mexico.
    answers : polars.DataFrame
        ``mechanism, parameter, value, reading, wape, baseline_wape, stock_end, stock_baseline, stock_change,
        reached``.
    """

    frame: pl.DataFrame
    answers: pl.DataFrame


def encounters(made: Outcomes) -> Floats:
    """Return total encounters, (draws, months)."""
    return np.asarray(made.total("encounters_between_ports") + made.total("encounters_at_ports"))


def stock_in_mexico(made: Outcomes) -> Floats:
    """Return people waiting, held, on the way and in line, (draws, months)."""
    return np.asarray(sum(made.total(name) for name in ("waiting", "held", "on_the_way", "queue")))


def inverse(
    path: Mapping[str | date, float] | Sequence[float],
    calibration: Calibration,
    *,
    parameters: Mapping[str, Any] | None = None,
    actual: Inputs | None = None,
    counts: bool = False,
) -> Inverse:
    """Return the hold and the discouragement, by month, that come nearest to a path of total encounters.

    Parameters
    ----------
    path : mapping of month to encounters, or sequence
        Total encounters of the months ahead, from the first on.
    calibration : Calibration
        See `caudal.corridor.calibrate`.
    parameters : mapping, optional
        What else is set, in the baseline too.
    actual, counts
        See `caudal.corridor.simulate`: use later counts of people on the way and of interceptions.

    Raises
    ------
    OptionError
        When the path is empty, has a gap, or does not begin with the first month ahead.
    """
    wished = _wished(path, calibration)
    horizon = len(wished)
    given = dict(parameters or {})

    def run(more: dict[str, Any]) -> Outcomes:
        return simulate(calibration, horizon, {**given, **more}, actual=actual, counts=counts)

    base = run({})
    start = encounters(base)[0]
    columns: dict[str, Any] = {
        "month": [month_label(m) for m in base.months],
        "wished": wished,
        "baseline": start,
        "stock_baseline": stock_in_mexico(base)[0],
    }
    answers = []
    for name, (parameter, low, high, reading) in MECHANISMS.items():

        def steps(values: Floats, parameter: str = parameter) -> dict[str, Any]:
            return {parameter: [(m, float(x)) for m, x in zip(base.months, values, strict=True)]}

        def off(values: Floats, steps: Any = steps, width: float = high - low) -> Floats:
            gap = np.log(encounters(run(steps(values)))[0] / wished)
            return np.concatenate([gap, _ROUGH * np.diff(values) / width])

        begin = np.full(horizon, low + 0.6 * (high - low))
        best = least_squares(off, begin, bounds=(low, high), diff_step=0.05, max_nfev=6)
        made = run(steps(best.x))
        got, stock = encounters(made)[0], stock_in_mexico(made)[0]
        columns |= {name: best.x, f"{name}_encounters": got, f"{name}_stock": stock}
        wape = float(np.abs(got - wished).sum() / wished.sum())
        answers.append(
            {
                "mechanism": name,
                "parameter": parameter,
                "value": float(np.mean(best.x)),
                "reading": reading,
                "wape": wape,
                "baseline_wape": float(np.abs(start - wished).sum() / wished.sum()),
                "stock_end": float(stock[-1]),
                "stock_baseline": float(columns["stock_baseline"][-1]),
                "stock_change": float(stock[-1] - columns["stock_baseline"][-1]),
                "deaths_at_risk_change": float(
                    (made.total("deaths_at_risk") - base.total("deaths_at_risk")).sum()
                ),
                "reached": wape <= 0.1,
            }
        )
    return Inverse(pl.DataFrame(columns), pl.DataFrame(answers))


def _wished(path: Mapping[str | date, float] | Sequence[float], cal: Calibration) -> Floats:
    if isinstance(path, Mapping):
        months = {m if isinstance(m, date) else parse_month(str(m)): float(x) for m, x in path.items()}
        ahead = [add_months(cal.last, h + 1) for h in range(len(months))]
        if sorted(months) != ahead:
            raise OptionError(
                f"the path must give every month from {month_label(add_months(cal.last, 1))} on",
                where="path",
                remedy="Fill the gap, or calibrate as of another day",
            )
        values = [months[m] for m in ahead]
    else:
        values = [float(x) for x in path]
    if not values or min(values) <= 0:
        raise OptionError("the path needs encounters above 0 for at least one month", where="path")
    return np.array(values)
