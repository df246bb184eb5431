"""Parameters of a run: declared assumptions and the levers' handles, each a number or a step function of the day.

A value is a number; steps ``[(day, value), ...]`` that hold from a day on (before the first day the neutral value
holds); a function of the day; or a mapping from class (citizenship group) to any of these. Handles are neutral at the
value that changes nothing: a scenario at degree 0 is the baseline, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal._core.dates import parse_day
from caudal._core.errors import OptionError, did_you_mean

__all__ = ["HANDLES", "Closure", "Parameters", "closures_of"]

Floats = npt.NDArray[np.float64]
Value = float | Sequence[tuple[str | date, float]] | Callable[[date], float] | Mapping[str, Any]

#: What levers move and no assumption names: neutral value and meaning.
HANDLES: dict[str, tuple[float, str]] = {
    "removal": (1.0, "multiplier of the share of people intercepted who are deported"),
    "air_share": (1.0, "multiplier of arrivals by air (Nicaragua and Mexico), by class"),
    "air_to_land": (0.0, "share of people kept off planes who come by land, after `air_to_land_days`"),
    "air_to_land_days": (60.0, "days until they do"),
    "appointments_per_day": (-1.0, "appointments a day at all ports; below 0 means those in force"),
    "port_capacity": (1.0, "multiplier of what ports admit, by port or all"),
    "parole_added": (0.0, "people paroled a month beyond those of the baseline, by class"),
    "parole_substitution": (0.0, "share of them who would otherwise have come by land"),
    "repeat": (1.0, "multiplier of the chance of trying again after being put back"),
    "sector_shift": (0.0, "share of people bound for a sector who choose another, by sector"),
    "death_rate": (1.0, "multiplier of deaths per 10,000 encounters, by sector"),
}


@dataclass(frozen=True)
class Closure:
    """Something nobody enters from ``first`` to ``last`` (both included): a port, a link, or all links of a mode."""

    kind: str
    name: str
    first: date
    last: date


def closures_of(rows: Sequence[Closure | Mapping[str, Any]]) -> tuple[Closure, ...]:
    """Return closures from rows with ``port`` | ``link`` | ``mode``, ``first`` and ``last``.

    Raises
    ------
    OptionError
        When a row names nothing to close, or ends before it begins.
    """
    found = []
    for row in rows:
        if isinstance(row, Closure):
            found.append(row)
            continue
        kinds = [k for k in ("port", "link", "mode") if row.get(k)]
        if len(kinds) != 1:
            raise OptionError(
                "a closure names one port, link or mode", remedy="For instance port: eagle-pass"
            )
        first, last = parse_day(row["first"]), parse_day(row.get("last") or "2100-01-01")
        if last < first:
            raise OptionError(f"the closure of {row[kinds[0]]!r} ends before it begins")
        found.append(Closure(kinds[0], str(row[kinds[0]]), first, last))
    return tuple(found)


class Parameters:
    """Values of every parameter over the days of a run.

    Parameters
    ----------
    central : mapping of str to float
        Declared assumptions with the value to use.
    given : mapping of str to value, optional
        What to set otherwise, by name; also the names of `HANDLES`.
    classes : sequence of str
        Classes, for values by class.

    Raises
    ------
    OptionError
        For a name that is not a parameter.
    """

    def __init__(
        self, central: Mapping[str, float], given: Mapping[str, Any] | None, classes: Sequence[str]
    ) -> None:
        self.base = {**{name: neutral for name, (neutral, _) in HANDLES.items()}, **central}
        self.given = dict(given or {})
        self.classes = tuple(classes)
        for name in self.given:
            if name not in self.base:
                raise OptionError(
                    f"{name!r} is not a parameter of the corridor", remedy=did_you_mean(name, self.base)
                )

    def number(self, name: str) -> float:
        """Return a parameter that cannot change in time or by class.

        Raises
        ------
        OptionError
            When it was given as steps, a function or by class.
        """
        value = self.given.get(name, self.base[name])
        if isinstance(value, (int, float)):
            return float(value)
        raise OptionError(f"{name} takes one number", where=name)

    def daily(self, name: str, days: Sequence[date]) -> Floats:
        """Return a parameter by day, (days,)."""
        return self._steps(name, self.given.get(name, self.base[name]), days)

    def by_class(self, name: str, days: Sequence[date]) -> Floats:
        """Return a parameter by day and class, (days, classes)."""
        value = self.given.get(name, self.base[name])
        if not isinstance(value, Mapping):
            return np.repeat(self._steps(name, value, days)[:, None], len(self.classes), axis=1)
        table = self.by_key(name, days, self.classes)
        return np.stack([table[c] for c in self.classes], axis=1)

    def by_key(self, name: str, days: Sequence[date], keys: Sequence[str]) -> dict[str, Floats]:
        """Return a parameter by key (a class, port or sector), each by day.

        Raises
        ------
        OptionError
            For a key that does not exist.
        """
        value = self.given.get(name, self.base[name])
        if not isinstance(value, Mapping):
            return {key: self._steps(name, value, days) for key in keys}
        for key in value:
            if key not in keys:
                raise OptionError(f"{name} has no {key!r}", where=name, remedy=did_you_mean(str(key), keys))
        return {key: self._steps(name, value.get(key, self.base[name]), days) for key in keys}

    def _steps(self, name: str, value: Any, days: Sequence[date]) -> Floats:
        if isinstance(value, (int, float)):
            return np.full(len(days), float(value))
        if callable(value):
            return np.array([float(value(day)) for day in days])
        try:
            steps = sorted((parse_day(day), float(x)) for day, x in value)
        except (TypeError, ValueError) as error:
            raise OptionError(
                f"{name} is neither a number, steps [(day, value), …] nor a function of the day", where=name
            ) from error
        out = np.full(len(days), float(self.base[name]))
        for day, x in steps:
            out[[d >= day for d in days]] = x
        return out
