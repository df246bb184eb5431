"""Everything declared that the model takes, in one object: geography, classes, entries, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal._core.tables import declared
from caudal.corridor._ground import Ground, ground
from caudal.corridor._ways import balanced

__all__ = ["Assumption", "Setting", "setting"]

Floats = npt.NDArray[np.float64]

#: Who rides trains in numbers that accounts mention.
_RIDERS = ("venezuela", "honduras")
#: Publishers' labels that are wrong: Honduras counts Chinese citizens as Taiwan's (23,443 against 416 in Panama).
RELABEL = {("honduras-entries", "TWN"): "CHN"}


@dataclass(frozen=True)
class Assumption:
    """A declared number: central value, range, unit, status and what it moves."""

    name: str
    central: float
    low: float
    high: float
    unit: str
    status: str
    moves: str
    reason: str


@dataclass(frozen=True)
class Setting:
    """What is declared.

    Attributes
    ----------
    net : Ground
        Places and links.
    classes : dict of str to tuple of str
        Class to citizenships.
    riders : tuple of str
        Classes that ride trains.
    observed : dict of str to str
        Class → ``"darien" | "honduras" | "none"``: who counts them on the way.
    entries : dict of str to dict of str to float
        Class → place → share of those nobody counts on the way.
    assumptions : dict of str to Assumption
    """

    net: Ground
    classes: dict[str, tuple[str, ...]]
    riders: tuple[str, ...]
    observed: dict[str, str]
    entries: dict[str, dict[str, float]]
    assumptions: dict[str, Assumption]

    @property
    def central(self) -> dict[str, float]:
        """Central values by name."""
        return {name: one.central for name, one in self.assumptions.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of classes, in order."""
        return tuple(self.classes)

    def entry_mix(self) -> Floats:
        """Return where people whom nobody counts come in, (classes, places)."""
        mix = np.zeros((len(self.classes), len(self.net.places)))
        for i, name in enumerate(self.classes):
            for place, share in self.entries[name].items():
                mix[i, self.net.index(place)] += share
        return mix


def _table(name: str) -> pl.DataFrame:
    rows = declared("caudal.corridor", f"data/{name}")
    return pl.DataFrame([{k: v or None for k, v in row.items()} for row in rows], infer_schema_length=None)


def _assumptions(rows: tuple[dict[str, str], ...]) -> Mapping[str, Assumption]:
    return {
        r["parameter"]: Assumption(
            r["parameter"],
            float(r["central"]),
            float(r["low"]),
            float(r["high"]),
            r["unit"],
            r["status"],
            r["moves"],
            r["reason"],
        )
        for r in rows
    }


def _parts(net: Ground) -> Floats:
    """Return the wanted part of each last step: declared for cities of a sector, by capacity for ports of an office."""
    part = np.full(len(net.start), np.nan)
    for i, (mode, end) in enumerate(zip(net.mode, net.end, strict=True)):
        if mode == "step" and net.kind[end] in ("sector", "line"):
            part[i] = net.part[i]
    for k in range(len(net.destinations)):
        mine = [i for i in range(len(part)) if not np.isnan(part[i]) and net.goals[k, net.end[i]] > 0]
        part[mine] = part[mine] / part[mine].sum()
    return part


@cache
def setting() -> Setting:
    """Return what the package declares."""
    found = dict(_assumptions(declared("caudal.corridor", "data/assumptions.csv")))
    classes, observed = {}, {}
    for row in declared("caudal.corridor", "data/classes.csv"):
        classes[row["class"]] = tuple(row["citizenships"].split("|"))
        observed[row["class"]] = row["observed_upstream"]
    entries: dict[str, dict[str, float]] = {name: {} for name in classes}
    for row in declared("caudal.corridor", "data/entry_places.csv"):
        entries[row["class"]][row["place"]] = float(row["share"])
    net = ground(_table("places.csv"), _table("links.csv"), _table("sectors.csv"), _table("ports.csv"))
    central = {name: one.central for name, one in found.items()}
    net = balanced(
        net,
        "mexico-city",
        _parts(net),
        per_link=-central["link_constant_road"],
        per_km=central["route_cost_per_km"],
        fly=central["fly_share"],
    )
    return Setting(net, classes, _RIDERS, observed, entries, found)
