"""The calendar of a Flee case: everything about places, links and displacement known beforehand.

Conflicts, closures, camps that open, attraction scores, chances of leaving, new arrivals: none of it
depends on where people are, so it is laid out day by day here, once, and shared by every engine and
replicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal._core.errors import InputError, OptionError
from caudal.flow._links import LinkBook
from caudal.network import Closure, FleeCase, FleeSettings

__all__ = ["COMPAT", "Schedule", "schedule"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

COMPAT = ("flee", "documented")
_ZERO = 1e-6
#: The reference turns a place that is left more rarely than this into a camp.
_RARELY_LEFT = 0.005


@dataclass(frozen=True)
class Schedule:
    """The calendar of a case; first axis day, second axis place unless said otherwise.

    ``spawn_factor`` times population gives the weights of displacement, ``spawn_total`` how many people are
    displaced in all (data-driven); ``intensity`` drives it where conflicts do. ``epoch`` numbers the states
    of the set of open links; ``opened[e]`` lists, per place, its open links as indices of the link book.
    ``shut`` lists, per day, the links that close on it. ``raw`` is the reference's running count of
    registrations.
    """

    days: int
    camp: Flags
    town: Flags
    move_chance: Floats
    score: Floats
    capacity: Floats
    intensity: Floats
    spawn_factor: Floats
    spawn_total: Ints
    initial: Ints
    population: Floats
    epoch: Ints
    opened: list[list[list[int]]]
    shut: list[list[int]]
    links: LinkBook
    observed: Ints
    observed_places: list[int]
    raw: Ints


class _Places:
    """The state of places while the calendar is laid out."""

    def __init__(self, case: FleeCase, settings: FleeSettings, compat: str) -> None:
        s, places = settings, case.network.places
        n = len(places)
        kinds = [p.kind for p in places]
        late = np.array([p.kind == "conflict_zone" and p.conflict_day > 0 for p in places], dtype=bool)
        conflict = np.array([k == "conflict_zone" for k in kinds], dtype=bool) & ~late
        self.camp = np.array([k in ("camp", "idpcamp") for k in kinds], dtype=bool)
        self.town = np.array([k in ("town", "flood_zone") for k in kinds], dtype=bool) | late
        chance = {
            "camp": s.camp_movechance,
            "idpcamp": s.idpcamp_movechance,
            "forwarding_hub": 1.0,
            "marker": 1.0,
            "conflict_zone": s.conflict_movechance,
        }
        self.chance = np.array([chance.get(k, s.default_movechance) for k in kinds])
        self.chance[late] = s.default_movechance
        if compat == "flee":
            rarely = (self.chance < _RARELY_LEFT) & ~self.camp & np.array([k != "flood_zone" for k in kinds])
            self.camp |= rarely
            self.town &= ~rarely
        self.home_camp = self.camp.copy()
        self.intensity = np.where(conflict, [p.conflict_intensity for p in places], 0.0)
        self.since = np.where(conflict, -1, -(10**6))
        home = places[0].country
        self.foreign = np.array([p.country != home for p in places], dtype=bool)
        self.settings, self.compat, self.n = s, compat, n

    def fight(self, case: FleeCase, day: int) -> bool:
        """Apply the transitions of ``conflicts.csv`` on a day; return whether there was one."""
        changed = False
        index = case.network.index
        for column, name in enumerate(case.conflict_names):
            now = case.conflicts[day][column]
            before = case.conflicts[day - 1][column] if day else 0.0
            begins = now > _ZERO and (day == 0 or before < _ZERO)
            if not begins and not (day and before >= _ZERO and now < _ZERO):
                # The reference overlooks changes of intensity between two positive values.
                if self.compat == "documented" and now > _ZERO and now != before:
                    self.intensity[index[name]] = now
                    changed = True
                continue
            if name not in index:
                raise InputError(f"{name!r} is not in locations.csv", where="conflicts.csv", remedy="Add it")
            i = index[name]
            changed = True
            if begins:
                self.chance[i], self.intensity[i] = self.settings.conflict_movechance, now
                self.town[i], self.since[i] = False, day
            else:
                self.chance[i], self.intensity[i], self.town[i] = self.settings.default_movechance, 0.0, True
        return changed

    def decay(self, day: int) -> Floats:
        """Return the multiplier by age of each place's conflict, 1 where the case gives none."""
        steps = self.settings.conflict_spawn_decay
        if not steps:
            return np.ones(self.n)
        interval = self.settings.conflict_spawn_decay_interval
        at = np.clip((day - self.since) // interval, 0, len(steps) - 1)
        return np.asarray(np.asarray(steps, dtype=float)[at])

    def spawn_factor(self, day: int) -> Floats:
        """Return the weight of displacement per resident."""
        return np.maximum(self.intensity, 0.0) * self.decay(day)

    def score(self, day: int) -> Floats:
        """Return each place's attraction."""
        s = self.settings
        out = np.ones(self.n)
        out[self.foreign] *= s.foreign_weight
        out[self.camp] *= s.camp_weight
        fight = self.intensity > 0
        return np.asarray(np.where(fight, out * s.conflict_weight ** (self.decay(day) * self.intensity), out))

    def convert(self, kind: str, i: int, opening: bool) -> None:
        """Open or close a camp."""
        if opening:
            self.camp[i], self.town[i] = True, False
            self.chance[i] = (
                self.settings.idpcamp_movechance if kind == "idpcamp" else self.settings.camp_movechance
            )
        else:
            self.camp[i], self.town[i], self.chance[i] = False, True, self.settings.default_movechance


def schedule(
    case: FleeCase, *, settings: FleeSettings | None = None, days: int | None = None, compat: str = "flee"
) -> Schedule:
    """Lay out a case's calendar.

    Parameters
    ----------
    case : FleeCase
        As read.
    settings : FleeSettings, optional
        Instead of the case's own.
    days : int, optional
        Instead of the case's own length.
    compat : {"flee", "documented"}
        Reproduce the reference as it behaves, or as it is documented.

    Raises
    ------
    InputError
        When conflicts end before the period does, or nobody can be displaced on a day that needs it.
    OptionError
        When ``compat`` is neither.
    """
    s = settings or case.settings
    if compat not in COMPAT:
        raise OptionError(f"compat cannot be {compat!r}", remedy="Use 'flee' or 'documented'")
    total_days = days or case.days
    if len(case.conflicts) < total_days:
        raise InputError(
            f"{len(case.conflicts)} days of conflict for {total_days} days of simulation",
            where=f"{case.name}/input_csv/conflicts.csv",
            remedy="Add a row per day or shorten the period",
        )
    n = len(case.network.places)
    state = _Places(case, s, compat)
    book = LinkBook(case.network, compat)
    grid: dict[str, Any] = {
        name: np.zeros((total_days, n), dtype=kind)
        for name, kind in (
            ("camp", bool),
            ("town", bool),
            ("move_chance", float),
            ("score", float),
            ("spawn_factor", float),
            ("intensity", float),
        )
    }
    epoch = np.zeros(total_days, dtype=np.int64)
    epochs: dict[str, int] = {}
    opened: list[list[list[int]]] = []
    shut: list[list[int]] = []
    factor = state.spawn_factor(0)
    for day in range(total_days):
        if state.fight(case, day):
            factor = state.spawn_factor(day)
        grid["intensity"][day] = np.maximum(state.intensity, 0.0)
        # On a day without a transition the reference still uses yesterday's weights.
        grid["spawn_factor"][day] = factor if compat == "flee" else state.spawn_factor(day)
        shut.append(_close_and_open(case.closures, day, state, book, case))
        key = repr(book.open)
        if key not in epochs:
            epochs[key] = len(opened)
            opened.append([list(links) for links in book.open])
        epoch[day] = epochs[key]
        grid["camp"][day], grid["town"][day] = state.camp, state.town
        grid["move_chance"][day], grid["score"][day] = state.chance, state.score(day)
        factor = state.spawn_factor(day)
    people = _people(case, s, state.home_camp, total_days)
    return Schedule(days=total_days, epoch=epoch, opened=opened, shut=shut, links=book, **grid, **people)


def _close_and_open(
    closures: tuple[Closure, ...], day: int, state: _Places, book: LinkBook, case: FleeCase
) -> list[int]:
    """Apply the day's closures in the order of the file; return the links shut."""
    shut: list[int] = []
    for closure in closures:
        for action, when in (("close", closure.start), ("open", closure.end)):
            if day != when:
                continue
            if closure.kind in ("camp", "idpcamp"):
                state.convert(closure.kind, case.network.index[closure.first], action == "open")
            elif closure.kind != "remove_forced_redirection":
                shut += book.apply(action, closure)
    return shut


def _people(case: FleeCase, s: FleeSettings, camps: Flags, days: int) -> dict[str, Any]:
    """Return populations, capacities, displacement and registrations."""
    places = case.network.places
    hasten = max(1, s.hasten)
    population = np.array([p.population // hasten if not camps[i] else 0 for i, p in enumerate(places)])
    capacity = np.array([p.capacity // hasten if p.capacity >= 0 else -1 for p in places], dtype=float)
    names = [name for name in case.observed if name != "total"]
    where = [case.network.index[n] for n in names if n in case.network.index]
    observed = np.zeros((days, len(where)), dtype=np.int64)
    stock = np.zeros((days, len(names) + 1), dtype=np.int64)
    for column, name in enumerate(["total", *names]):
        if name not in case.observed:
            continue
        series = case.observed[name].divided(hasten)
        offset = series.at(0) if s.empty_camps_on_day0 else 0.0
        stock[:, column] = [int(series.at(day) - offset) for day in range(days)]
    kept = [j for j, n in enumerate(names) if n in case.network.index]
    observed[:] = stock[:, [j + 1 for j in kept]]
    initial = np.zeros(len(places), dtype=np.int64)
    for j, i in enumerate(where):
        if not camps[i]:
            continue
        if s.insert_day0 and not s.empty_camps_on_day0:
            initial[i] += observed[0, j]
        if s.insert_day0 and capacity[i] > 0:
            capacity[i] -= observed[0, j]
    if not s.empty_camps_on_day0:
        initial += np.array([p.initial_people if camps[i] else 0 for i, p in enumerate(places)])
    per_day = np.array([p.capacity_per_day for p in places], dtype=float)
    capacities = capacity + per_day * (1 + np.arange(days))[:, None]
    total, raw = _arrivals(stock, s)
    return {
        "capacity": np.where(capacity < 0, np.where(per_day > 0, capacities, -1.0), capacities),
        "population": population.astype(float),
        "initial": initial,
        "spawn_total": total,
        "observed": observed,
        "observed_places": where,
        "raw": raw,
    }


def _arrivals(stock: Ints, s: FleeSettings) -> tuple[Ints, Ints]:
    """Return newly displaced people per day, and the reference's running count of registrations.

    A fall in registrations becomes a debt that later arrivals pay first. On day 0 the reference counts the
    row called total as well as the camps.
    """
    days = len(stock)
    if s.spawn_mode != "data":
        return np.zeros(days, dtype=np.int64), np.zeros(days, dtype=np.int64)
    series = stock[:, 1:].sum(axis=1) if s.sum_from_camps else stock[:, 0]
    change = np.diff(series, prepend=0)
    change[0] = stock[0].sum() if s.sum_from_camps else stock[0, 0]
    new, debt = np.zeros(days, dtype=np.int64), 0
    for day, more in enumerate(change):
        wanted = 0 if day == 0 and s.insert_day0 else int(more) - debt
        debt = -wanted if wanted < 0 else 0
        new[day] = max(wanted, 0)
    return new, np.cumsum(change)
