"""Several levers on one parameter: combined by the parameter's own way, never past its limits.

A share that two levers take of the same people is taken once of what is left (1 − Π(1 − x)); factors multiply;
additions add. Whatever comes out is held within the limits below, so that no heap of levers does more than the
mechanism can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal._core.dates import add_months
from caudal.levers._lever import Move, Setting

__all__ = ["WAYS", "Way", "parameters"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """How moves of one parameter combine: kind, smallest and largest value, and whether it may change in time."""

    kind: str
    low: float
    high: float
    steps: bool = True


#: Parameter → way. Limits are those of the corridor's declared ranges where it declares one.
WAYS: dict[str, Way] = {
    "rail_capacity": Way("remaining", 0.0, 1.0),
    "interception_factor": Way("factor", 0.5, 2.0),
    "return_south": Way("towards", 0.0, 0.95),
    "southern_hold": Way("remaining", 0.15, 1.0),
    "air_share": Way("remaining", 0.0, 1.0),
    "air_to_land": Way("number", 0.0, 1.0, steps=False),
    "air_to_land_days": Way("number", 30.0, 180.0, steps=False),
    "appointments_per_day": Way("added", 0.0, 10_000.0),
    "port_capacity": Way("factor", 0.0, 2.0),
    "parole_added": Way("added", 0.0, 100_000.0),
    "parole_substitution": Way("number", 0.0, 1.0, steps=False),
    "repeat": Way("factor", 0.25, 2.0),
    "origin_inflow": Way("factor", 0.25, 2.0),
    "sector_shift": Way("taken", 0.0, 0.5),
}


def weight(setting: Setting, month: date) -> float:
    """Return how much of a lever acts in a month: onset in a straight line, wearing off by half-lives."""
    if (setting.first and month < setting.first.replace(day=1)) or (setting.last and month > setting.last):
        return 0.0
    first = setting.first.replace(day=1) if setting.first else month
    age = (month.year - first.year) * 12 + month.month - first.month
    risen = min(1.0, (age + 1) / setting.lever.onset_months) if setting.lever.onset_months else 1.0
    half = setting.lever.half_life_months
    return risen * (0.5 ** (age / half) if half else 1.0)


def parameters(
    moves: Sequence[tuple[Setting, Move]],
    months: Sequence[date],
    draws: int,
    neutral: Mapping[str, Array],
) -> list[dict[str, Any]]:
    """Return what to set in the corridor, one mapping per draw; empty where nothing moves.

    Parameters
    ----------
    moves : sequence of (Setting, Move)
    months : sequence of date
        Months ahead.
    draws : int
    neutral : mapping of str to ndarray, shape (draws,)
        Value without any lever where the way of combining does not imply it: drawn assumptions, what is in force.
    """
    out: list[dict[str, Any]] = [{} for _ in range(draws)]
    groups: dict[tuple[str, str], list[tuple[Setting, Move]]] = {}
    for setting, move in moves:
        if setting.degree != 0:
            groups.setdefault((move.parameter, move.key), []).append((setting, move))
    ends = add_months(months[-1], 1)
    for (name, key), mine in groups.items():
        way = WAYS[name]
        values = np.stack([_value(way, mine, m, neutral.get(name)) for m in months])  # months × draws
        for i in range(draws):
            column = values[:, i]
            told: Any = float(column[0])
            if way.steps:
                told = [(m, float(v)) for m, v in zip(months, column, strict=True)] + [
                    (ends, float(column[-1]))
                ]
            if key:
                out[i].setdefault(name, {})[key] = told
            else:
                out[i][name] = told
    return out


def _value(way: Way, moves: list[tuple[Setting, Move]], month: date, neutral: Array | None) -> Array:
    weights = [weight(s, month) for s, _ in moves]
    amounts = [m.amount for _, m in moves]
    base = neutral if neutral is not None else np.zeros(1)
    if way.kind == "number":
        value = np.max(amounts, axis=0)
    elif way.kind == "factor":
        value = np.exp(sum((w * a for w, a in zip(weights, amounts, strict=True)), np.zeros_like(amounts[0])))
    elif way.kind == "added":
        value = base + sum((w * a for w, a in zip(weights, amounts, strict=True)), np.zeros_like(amounts[0]))
    else:
        left = np.prod([1 - w * np.clip(a, 0.0, 1.0) for w, a in zip(weights, amounts, strict=True)], axis=0)
        if way.kind == "remaining":
            value = left
        elif way.kind == "taken":
            value = 1 - left
        else:  # towards one, from where it stands
            value = 1 - (1 - base) * left
    # A value that stands outside the limit before any lever moves is left where it is.
    low, high = (
        (np.minimum(way.low, base), np.maximum(way.high, base))
        if way.kind == "towards"
        else (way.low, way.high)
    )
    return np.asarray(np.clip(value, low, high), float)
