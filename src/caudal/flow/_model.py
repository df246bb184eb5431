"""General rules of movement: dwelling, choices, travel, hazards, returns, gates with queues, classes.

A `Model` says what may happen; it knows nothing of borders. One object drives cohorts (draws per state),
expected flow (no draws) and agents. A step is a day, or any other unit the caller keeps to. Within a step,
in this order: people arrive (from outside, off links, back from a delay) and may change class; hazards at
places; departures and choices; gates serve their queues first come, first served; abandonment; hazards on
links.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError, did_you_mean

__all__ = ["Gate", "Hazard", "Model", "Passage", "daily_capacity"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Passage:
    """A directed link: who enters arrives ``steps`` later (at least 1)."""

    start: str
    end: str
    steps: int = 1


@dataclass(frozen=True)
class Hazard:
    """Something that may happen to a person at a place or on a link, with a chance per step.

    Parameters
    ----------
    name : str
        What it is called in the outcomes.
    at : str, tuple of (str, str) or int
        A place, (start, end) of a link, or the position of a link (where several have the same ends).
    chance : float or array, shape (classes,) or (steps, classes)
        Chance per step. Hazards of one place exclude each other: their chances may not add up to more than 1.
    to : str or None
        Where the person is put, or None for leaving the network.
    delay : int
        After how many steps; 0 means at once (at the start of the next step).
    """

    name: str
    at: str | tuple[str, str] | int
    chance: Any
    to: str | None = None
    delay: int = 0


@dataclass(frozen=True)
class Gate:
    """A queue in front of a link, served first come, first served, across classes.

    Parameters
    ----------
    at : tuple of (str, str)
        Start and end of the link.
    capacity : float or array, shape (steps,)
        People let through per step (see `daily_capacity` for opening hours); with ``service`` the servers.
    service : float, optional
        When given, each of ``capacity`` servers finishes with this chance per step, as in a queue with
        random service.
    abandon : float or array, shape (classes,)
        Chance per step that a waiting person gives up.
    abandon_to : str, optional
        Where they go then; the start of the link if not said.
    """

    at: tuple[str, str]
    capacity: Any
    service: float | None = None
    abandon: Any = 0.0
    abandon_to: str | None = None


def daily_capacity(
    per_hour: float, hours: Sequence[float], steps: int, *, first_weekday: int = 0, closed: Sequence[int] = ()
) -> Floats:
    """Return people per day for opening hours by weekday and days on which the gate is closed.

    Parameters
    ----------
    per_hour : float
        People let through per open hour.
    hours : sequence of 7 floats
        Hours open, Monday first.
    steps : int
        Days.
    first_weekday : int
        Weekday of day 0 (Monday is 0).
    closed : sequence of int
        Days without any opening.
    """
    if len(hours) != 7 or min(hours) < 0 or max(hours) > 24 or per_hour < 0:
        raise OptionError("opening hours need seven values from 0 to 24 and a rate of 0 or more")
    out = np.array([per_hour * hours[(first_weekday + day) % 7] for day in range(steps)])
    out[[day for day in closed if 0 <= day < steps]] = 0.0
    return np.asarray(np.floor(out))


@dataclass(frozen=True)
class Model:
    """What may happen to people on a network.

    Parameters
    ----------
    places, classes : sequence of str
        Names.
    links : sequence of Passage
        Directed.
    steps : int
        Length of the run.
    inflow : array, shape (steps, places, classes)
        People arriving from outside; whole numbers (means are drawn with ``poisson_inflow``).
    leave : array, shape (places, classes) or (steps, places, classes)
        Chance of leaving a place in a step.
    choice : array, shape (links, classes) or (steps, links, classes)
        Share of those leaving a place that takes each of its links; shares of a place add up to 1 (or to 0
        where nobody leaves).
    hazards, gates : sequence
        See `Hazard` and `Gate`.
    switch : dict of str to array, shape (classes, classes) or (steps, classes, classes)
        At a place, on arrival: chance of becoming another class (rows add up to 1).
    initial : array, shape (places, classes), optional
        People there before step 0.
    poisson_inflow : bool
        Draw each inflow from a Poisson distribution instead of taking it as it is.
    """

    places: Sequence[str]
    classes: Sequence[str]
    links: Sequence[Passage]
    steps: int
    inflow: Any
    leave: Any
    choice: Any
    hazards: Sequence[Hazard] = ()
    gates: Sequence[Gate] = ()
    switch: dict[str, Any] = field(default_factory=dict)
    initial: Any = None
    poisson_inflow: bool = False

    def index(self, place: str) -> int:
        """Return the position of a place.

        Raises
        ------
        OptionError
            When there is none of that name.
        """
        if place not in self.places:
            raise OptionError(f"there is no place {place!r}", remedy=did_you_mean(place, self.places))
        return list(self.places).index(place)

    def link_index(self, ends: tuple[str, str] | int) -> int:
        """Return the position of a link by its ends (a position is returned as it is)."""
        if isinstance(ends, int):
            return ends
        for i, link in enumerate(self.links):
            if (link.start, link.end) == tuple(ends):
                return i
        known = [f"{k.start} → {k.end}" for k in self.links]
        raise OptionError(f"there is no link {ends[0]} → {ends[1]}", remedy=did_you_mean(str(ends[0]), known))


Engine = Literal["cohort", "expected", "agent"]
