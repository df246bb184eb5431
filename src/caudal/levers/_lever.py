"""A lever: declared in ``levers.csv``, its action on the corridor's parameters in a file of its own.

A lever never touches encounters. It returns `Move` objects: so much of one parameter, by class, port or sector, from a
day on. What several levers do to one parameter is combined by `caudal.levers._combine`, within that parameter's limits.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError, did_you_mean
from caudal._core.tables import declared

__all__ = ["Context", "Lever", "Move", "Setting", "action_of", "lever", "levers"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lever:
    """What is declared of a lever.

    Attributes
    ----------
    name, actor, target, mechanism, parameter, unit : str
        As in ``levers.csv``.
    low, high : float
        Range of the degree.
    onset_months : float
        Months until it acts in full.
    half_life_months : float or None
        Months until half of it has worn off; None when it does not.
    title_en, title_es, note : str
    """

    name: str
    actor: str
    target: str
    mechanism: str
    parameter: str
    unit: str
    low: float
    high: float
    onset_months: float
    half_life_months: float | None
    title_en: str
    title_es: str
    note: str


@dataclass(frozen=True)
class Setting:
    """One lever as a scenario sets it: degree, targets, and from when to when."""

    lever: Lever
    degree: float
    targets: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Context:
    """What an action may know.

    Attributes
    ----------
    classes, sectors : sequence of str
        Classes and sectors of the corridor.
    ports : mapping of str to str
        Name to code.
    appointments : float
        Appointments a day in force.
    departures : float
        People a month in the baseline, to set visas in Mexico against.
    """

    classes: Sequence[str]
    sectors: Sequence[str]
    ports: Mapping[str, str]
    appointments: float
    departures: float


@dataclass(frozen=True)
class Move:
    """So much of one parameter.

    Attributes
    ----------
    parameter : str
        An assumption or handle of the corridor.
    key : str
        Class, port or sector; empty for all.
    amount : ndarray, shape (draws,)
        Meaning by the parameter's way of combining: a share taken, the logarithm of a factor, or an addition.
    """

    parameter: str
    key: str
    amount: Array


Action = Callable[[Setting, Array, Context], list[Move]]


@cache
def levers() -> dict[str, Lever]:
    """Return every declared lever by name."""
    return {
        r["lever"]: Lever(
            r["lever"], r["actor"], r["target"], r["mechanism"], r["parameter"], r["unit"], float(r["low"]),
            float(r["high"]), float(r["onset_months"]),
            float(r["half_life_months"]) if r["half_life_months"] else None, r["title_en"], r["title_es"], r["note"],
        )
        for r in declared("caudal.levers", "levers.csv")
    }  # fmt: skip


def lever(name: str, where: str = "levers") -> Lever:
    """Return a lever by name.

    Raises
    ------
    OptionError
        When there is none of that name.
    """
    known = levers()
    if name not in known:
        raise OptionError(f"no lever {name!r}", where=where, remedy=did_you_mean(name, known))
    return known[name]


def action_of(name: str) -> Action:
    """Return what a lever does: ``act`` of its file."""
    found: Action = importlib.import_module(f"caudal.levers.kinds.{name}").act
    return found
