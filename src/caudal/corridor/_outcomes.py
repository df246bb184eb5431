"""What a run prints: outcomes by month, place, class and draw, enforcement and humanitarian ones together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal._core.dates import month_label
from caudal._core.errors import OptionError, did_you_mean

__all__ = ["OUTCOMES", "Outcomes", "Part"]

Floats = npt.NDArray[np.float64]

#: Outcome → (unit, meaning, what produced the number).
OUTCOMES: dict[str, tuple[str, str, str]] = {
    "encounters_between_ports": (
        "encounters a month",
        "Border Patrol encounters, repeated attempts included",
        "data",
    ),
    "encounters_at_ports": ("encounters a month", "encounters at ports, by field office", "data"),
    "lawful_entries": (
        "people a month",
        "appointments kept, by port, and paroles by air",
        "data and assumption",
    ),
    "unseen_crossings": ("people a month", "crossings without an encounter", "assumption"),
    "interceptions": ("events a month", "stopped by Mexico's migration institute", "data"),
    "removals": ("people a month", "deported by Mexico after an interception", "data"),
    "returned_south": ("people a month", "sent back to southern Mexico after an interception", "assumption"),
    "discouraged": ("people a month", "journeys that ended after an interception", "assumption"),
    "waiting": ("people at month end", "in Mexican border cities, without those in a line", "assumption"),
    "held": ("people at month end", "in southern Mexico or on the way back there", "assumption"),
    "on_the_way": ("people at month end", "on links and at other places of the corridor", "assumption"),
    "queue": ("people at month end", "in line at a port", "assumption"),
    "waiting_days": ("days", "mean wait of those a port let through in the month", "assumption"),
    "delay_days": (
        "days",
        "days in the corridor per person leaving it, less those at the start",
        "assumption",
    ),
    "deaths_at_risk": (
        "people a month",
        "encounters times deaths per encounter of sector and season",
        "data and assumption",
    ),
}


@dataclass(frozen=True)
class Part:
    """One outcome: places and classes it is told by, and values (draws, months, places, classes)."""

    places: tuple[str, ...]
    classes: tuple[str, ...]
    values: Floats


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of one scenario.

    Attributes
    ----------
    months : tuple of date
        Months ahead.
    parts : dict of str to Part
        By outcome; see `OUTCOMES`.
    drawn : dict of str to array, (draws,)
        Assumptions as sampled in each draw.
    flows : dict
        ``entered`` (draws averaged; months, links, classes) and names, for maps.
    meta : dict
        As-of day, last month known, parameters, closures, seed, mode.
    """

    months: tuple[date, ...]
    parts: dict[str, Part]
    drawn: dict[str, Floats]
    flows: dict[str, Any] = field(default_factory=dict, repr=False)
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws."""
        return int(next(iter(self.parts.values())).values.shape[0])

    @property
    def frame(self) -> pl.DataFrame:
        """``month, outcome, place, class, draw, value``: every value."""
        frames = []
        for name, part in self.parts.items():
            d, m, p, c = part.values.shape
            at = np.indices((d, m, p, c)).reshape(4, -1)
            frames.append(
                pl.DataFrame(
                    {
                        "month": np.array([month_label(x) for x in self.months])[at[1]],
                        "outcome": np.repeat(name, at.shape[1]),
                        "place": np.array(part.places)[at[2]],
                        "class": np.array(part.classes)[at[3]],
                        "draw": at[0],
                        "value": part.values.ravel(),
                    }
                )
            )
        return pl.concat(frames)

    def total(self, outcome: str, *, places: Sequence[str] = (), classes: Sequence[str] = ()) -> Floats:
        """Return an outcome summed over places and classes, (draws, months); means for those counted in days.

        Raises
        ------
        OptionError
            When there is no such outcome, place or class.
        """
        if outcome not in self.parts:
            raise OptionError(f"there is no outcome {outcome!r}", remedy=did_you_mean(outcome, self.parts))
        part = self.parts[outcome]
        p = _positions(places, part.places)
        c = _positions(classes, part.classes)
        picked = part.values[:, :, p][:, :, :, c]
        return np.asarray(picked.mean(axis=(2, 3)) if outcome.endswith("_days") else picked.sum(axis=(2, 3)))

    def summary(self, levels: Sequence[float] = (0.05, 0.5, 0.95)) -> pl.DataFrame:
        """Return ``month, outcome, unit, produced_by`` and quantiles over draws of the totals."""
        rows = []
        for name in self.parts:
            values = np.quantile(self.total(name), levels, axis=0)
            unit, _, by = OUTCOMES[name]
            for i, month in enumerate(self.months):
                row: dict[str, Any] = {
                    "month": month_label(month),
                    "outcome": name,
                    "unit": unit,
                    "produced_by": by,
                }
                rows.append(
                    row | {f"q{level:g}": float(v) for level, v in zip(levels, values[:, i], strict=True)}
                )
        return pl.DataFrame(rows)


def _positions(wanted: Sequence[str], known: Sequence[str]) -> list[int]:
    for name in wanted:
        if name not in known:
            raise OptionError(f"there is no {name!r}", remedy=did_you_mean(name, known))
    return [known.index(name) for name in wanted] or list(range(len(known)))
