"""What a Flee case says: the network, and what happens on it day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from caudal.network._flee_settings import FleeSettings
from caudal.network._network import Network

__all__ = ["Closure", "Demographic", "FleeCase", "Series"]


@dataclass(frozen=True)
class Closure:
    """A row of ``closures.csv``: what closes, and the days on which it closes and opens again."""

    kind: str
    first: str
    second: str
    start: int
    end: int
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class Series:
    """Registrations at one camp: days relative to the start, people; linear in between, flat outside."""

    days: tuple[int, ...]
    people: tuple[float, ...]

    def at(self, day: int) -> float:
        """Return the value on ``day`` as a real number."""
        days, people = self.days, self.people
        if not days:
            return 0.0
        if day <= days[0]:
            return people[0]
        # The first row that is later, as the reference looks it up; a file out of order is a warning of
        # `check`.
        later = next((i for i in range(1, len(days)) if days[i] > day), None)
        if later is None:
            return people[-1]
        share = (day - days[later - 1]) / (days[later] - days[later - 1])
        return people[later - 1] + share * (people[later] - people[later - 1])

    def divided(self, by: float) -> Series:
        """Return the series with every value divided."""
        return Series(self.days, tuple(p / by for p in self.people))


@dataclass(frozen=True)
class Demographic:
    """Weights of an attribute's values, by place of origin; ``"Default"`` where a place has no column."""

    attribute: str
    values: tuple[str, ...]
    weights: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class FleeCase:
    """A case in Flee's format, as read: nothing scaled, nothing computed.

    Parameters
    ----------
    name : str
        Name of the case (its directory).
    network : Network
        Places and links.
    start : datetime.date
        Day 0.
    days : int
        How many days are simulated.
    conflict_names, conflicts : sequence
        Places of ``conflicts.csv`` and intensity by day and place (row = day).
    closures : tuple of Closure
        In the order of the file.
    observed : mapping of str to Series
        Registrations by camp and for ``"total"``, corrected as ``registration_corrections.csv`` says.
    demographics : tuple of Demographic
        Attributes drawn when people are displaced.
    settings : FleeSettings
        The rules.
    notes : tuple of str
        What in the files has no effect or would be silently wrong in the reference.
    """

    name: str
    network: Network
    start: date
    days: int
    conflict_names: Sequence[str]
    conflicts: Sequence[Sequence[float]]
    closures: tuple[Closure, ...]
    observed: Mapping[str, Series]
    demographics: tuple[Demographic, ...]
    settings: FleeSettings
    notes: tuple[str, ...] = ()

    @property
    def camps(self) -> list[str]:
        """Names of the camps in the order of the file."""
        return [p.name for p in self.network.places if p.kind in ("camp", "idpcamp")]
