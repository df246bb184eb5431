"""What comes in the next months: growth factors on the last value, from people on the way, reversion and season.

For each class the corridor says how many encounters people counted in Panama and Honduras lead to, and when (the
response to a month's inflow, measured on the fitted corridor). The forecast is the last value, plus the change of
that, drawn towards the mean of the last year, times a damped season of the total. Destinations are those of the last
month, whose error is reported (shares frozen for one to four quarters are far off), but for one thing known on the
day: where appointments are capped, the ports admit as many as they did, and what is more or less comes between ports.

Everything here that was chosen was chosen on origins June 2021 to June 2024 (``data/assumptions.csv``, group outlook).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from caudal._core.dates import add_months, month_label, month_range
from caudal._core.tables import declared
from caudal.corridor._calibrate import Calibration, _at, _row
from caudal.corridor._inputs import Inputs

__all__ = ["SEASON", "Outlook", "appointments_in_force", "drift", "outlook", "season"]

Floats = npt.NDArray[np.float64]

#: Weight of the season one, two, three months ahead; none beyond.
SEASON = (0.5, 0.4, 0.3, 0.0, 0.0, 0.0)
#: Years whose growth over the same months gives the season (the median).
_YEARS = 6
_LEAST, _SMALL = 0.3, 20.0


@dataclass(frozen=True)
class Outlook:
    """Encounters of the months ahead.

    Attributes
    ----------
    months : tuple of date
    classes : array, (months, classes)
    total : array, (months,)
    destinations : array, (months, destinations)
    factor : array, (months,)
        Total over the last value.
    between, at_ports : array, (months,)
        Encounters between ports, and at ports, over the last values.
    """

    months: tuple[date, ...]
    classes: Floats
    total: Floats
    destinations: Floats
    factor: Floats
    between: Floats
    at_ports: Floats


def outlook(cal: Calibration, horizon: int = 6, *, actual: Inputs | None = None) -> Outlook:
    """Return the outlook as of a calibration.

    Parameters
    ----------
    cal : Calibration
        Fitted as of a day (its response to inflow is used).
    horizon : int
        Months ahead, at most 12.
    actual : Inputs, optional
        Later inputs whose counts in Panama and Honduras are taken instead of projected ones: a test of the model given
        the inflow, never a forecast.
    """
    last = cal.observed[-1].sum(axis=1)
    counted = _pipeline(cal, horizon, actual)
    change = counted[1:] - counted[0]
    moved = np.maximum(last + change, _LEAST * last)
    classes = moved * np.exp(drift(cal, horizon))
    total = classes.sum(axis=1)
    months = month_range(add_months(cal.last, 1), add_months(cal.last, horizon))
    between, at_ports = _parts(cal, total)
    port = np.array([d.startswith("FO-") for d in cal.destinations])
    destinations = np.where(port, at_ports[:, None], between[:, None]) * cal.observed[-1].sum(axis=0)
    return Outlook(tuple(months), classes, total, destinations, total / last.sum(), between, at_ports)


def _parts(cal: Calibration, total: Floats) -> tuple[Floats, Floats]:
    """Return growth since the last month between ports and at ports, (months ahead,) each; together the total's.

    Ports whose appointments were capped when the last month began and still are on the day admit what they admitted,
    unless sectors would be left with less than the least share of theirs. Without a cap both grow alike.
    """
    last = cal.observed[-1].sum(axis=0)
    port = np.array([d.startswith("FO-") for d in cal.destinations])
    whole, offices = last.sum(), last[port].sum()
    capped = min(appointments_in_force(day) for day in (cal.last, cal.inputs.as_of))
    if capped <= 0 or offices <= 0:
        return total / whole, total / whole
    sectors = whole - offices
    admitted = np.minimum(offices, total * (1 - _LEAST * sectors / whole))
    return (total - admitted) / sectors, admitted / offices


def appointments_in_force(day: date) -> float:
    """Return the daily cap on appointments on a day, 0 before there were any (declared table)."""
    for row in declared("caudal.corridor", "data/appointment_caps.csv"):
        first, last = date.fromisoformat(row["from"]), row["to"]
        if first <= day and (not last or day <= date.fromisoformat(last)):
            return float(row["cap_per_day"])
    return 0.0


def drift(cal: Calibration, horizon: int) -> Floats:
    """Return the log growth of reversion to the last year's mean and of season, (months ahead, classes)."""
    by_class = cal.observed.sum(axis=2)
    gap = np.log(by_class[-12:].mean(axis=0) + _SMALL) - np.log(by_class[-1] + _SMALL)
    pull = 1 - (1 - cal.setting.assumptions["class_reversion"].central) ** np.arange(1, horizon + 1)
    weight = np.array([*SEASON, *[0.0] * max(horizon - len(SEASON), 0)])[:horizon]
    return np.asarray(pull[:, None] * gap + (weight * season(cal.inputs, horizon))[:, None])


def season(known: Inputs, horizon: int) -> Floats:
    """Return the median log growth of total encounters over the same months of the last six years."""
    value = known.totals
    found = np.zeros(horizon)
    for h in range(1, horizon + 1):
        grown = []
        for years in range(1, _YEARS + 1):
            start, end = add_months(known.last, -12 * years), add_months(known.last, h - 12 * years)
            if month_label(start) in value and month_label(end) in value:
                grown.append(np.log(value[month_label(end)] / value[month_label(start)]))
        found[h - 1] = np.median(grown) if grown else 0.0
    return found


def _pipeline(cal: Calibration, horizon: int, actual: Inputs | None) -> Floats:
    """Return encounters due to people counted on the way, from the last month known on, (1 + horizon, classes).

    A class gets no more than it has had: where fewer were met than counted, the response is scaled down.
    """
    response = cal.cache["response"]
    lags = len(response)
    first = _row(cal.last) - 5 - lags
    rows = list(range(first, _row(cal.last) + horizon + 1))
    here = len(rows) - horizon
    people = np.stack([_counted(cal, cal.inputs, r) for r in rows[:here]])
    if actual is None:
        pull = cal.setting.assumptions["upstream_reversion"].central
        year = np.stack([_counted(cal, cal.inputs, _row(cal.last) - i) for i in range(12)]).mean(axis=0)
        future = [year + (people[-1] - year) * (1 - pull) ** (h + 1) for h in range(horizon)]
        known = [_counted(cal, cal.inputs, r, nan=True) for r in rows[here:]]
        later = np.stack([np.where(np.isnan(k), f, k) for k, f in zip(known, future, strict=True)])
    else:
        later = np.stack([_counted(cal, actual, r) for r in rows[here:]])
    whole = np.concatenate([people, later])
    met = np.zeros_like(whole)
    for lag in range(lags):
        met[lag:] += response[lag] * whole[: len(whole) - lag]
    recent = met[here - 6 : here].mean(axis=0)
    seen = cal.observed[-6:].sum(axis=2).mean(axis=0)
    scale = np.minimum(1.0, np.divide(seen, recent, out=np.ones_like(seen), where=recent > 0))
    return np.asarray(met[here - 1 :] * scale)


def _counted(cal: Calibration, known: Inputs, row: int, *, nan: bool = False) -> Floats:
    """Return people counted in Panama, and in Honduras beyond those, by class in a month."""
    darien, honduras = known.counts["darien-entries"], known.counts["honduras-entries"]
    lag = cal.setting.assumptions["darien_to_honduras_days"].central / 30.4
    land, before, later = _at(darien, row), _at(darien, row - 1), _at(honduras, row)
    if not nan:
        land, before, later = (np.nan_to_num(x) for x in (land, before, later))
    out = land + np.maximum(0.0, later - (1 - lag) * land - lag * before)
    watched = np.array([cal.setting.observed[name] != "none" for name in cal.classes])
    return np.where(watched, out, 0.0)
