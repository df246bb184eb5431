"""From geography, parameters and what drives a run to the arrays of the loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.corridor._chosen import destinations_of
from caudal.corridor._ground import Ground
from caudal.corridor._leaving import (
    closed_links,
    closed_ports,
    departures,
    distinct,
    dwell_leave,
    link_choice,
    regimes_of,
)
from caudal.corridor._parameters import Closure, Parameters
from caudal.corridor._rules import Tables
from caudal.corridor._ways import Ways, ways

__all__ = ["TITLE_42", "Drivers", "State", "build", "day_list", "routes_for"]

Array = npt.NDArray[Any]
#: Title 42 orders: from the order of 2020-03-20 to 2023-05-11, 23:59 Eastern.
TITLE_42 = (date(2020, 3, 21), date(2023, 5, 11))
#: Citizens whom Mexico took back under Title 42 throughout (the order of 2020 and the arrangements with Mexico).
_EXPELLED = ("mexico", "guatemala", "honduras", "el-salvador")
_MOST_PER_DAY = 0.35


@dataclass(frozen=True)
class State:
    """People in the corridor at the start of a run (shapes as in `Tables`)."""

    here: Array
    road_at: Array
    road: Array
    back_at: Array
    back: Array
    queue: Array


@dataclass(frozen=True)
class Drivers:
    """What drives a run, by day.

    Attributes
    ----------
    days : tuple of date
    entries : tuple of (place, class, kind of entry)
        Columns of ``inflow``; the kind is ``land`` or ``air``.
    inflow : array, (days, entries)
    shares : array, (periods, classes, destinations)
        Shares of encounters to reproduce.
    period : array, (days,)
        Row of ``shares``.
    counted : array, (days, classes)
        Interceptions counted per day; NaN where the rate is given instead.
    hazard, removed : array, (days, classes)
        Chance of interception per day on watched links; share of those intercepted who are deported.
    capacity : array, (days, ports), or None
        People admitted per day; None admits everybody (calibration).
    entry_mix : array, (classes, places)
        Where people of a class come in (for the weights of λ).
    abandon : array, (ports, classes), optional
        Chance per day of leaving a line; the declared one by default.
    """

    days: tuple[date, ...]
    entries: tuple[tuple[str, str, str], ...]
    inflow: Array
    shares: Array
    period: Array
    counted: Array
    hazard: Array
    removed: Array
    capacity: Array | None
    entry_mix: Array
    abandon: Array | None = None


def day_list(first: date, count: int) -> tuple[date, ...]:
    """Return ``count`` days from ``first`` on."""
    return tuple(first + timedelta(days=i) for i in range(count))


def routes_for(
    net: Ground, par: Parameters, riders: float, others: float, **more: Any
) -> tuple[Ways, list[float]]:
    """Return ways for the two profiles of traveller (those who ride trains, and others)."""
    return ways(
        net,
        [riders, others],
        start=_south(net),
        scale=par.number("route_cost_scale"),
        per_link=-par.number("link_constant_road"),
        per_km=par.number("route_cost_per_km"),
        fly=par.number("fly_share"),
        **more,
    )


def _south(net: Ground) -> str:
    return "tapachula" if "tapachula" in net.places else net.places[0]


def build(
    net: Ground,
    classes: Sequence[str],
    riders: Sequence[str],
    par: Parameters,
    drive: Drivers,
    *,
    state: State | None = None,
    closures: Sequence[Closure] = (),
    tastes: list[float] | None = None,
    cache: dict[Any, Any] | None = None,
    check: bool = False,
    audit: bool = False,
) -> Tables:
    """Return the arrays of a run.

    Parameters
    ----------
    net : Ground
        Places and links.
    classes, riders : sequence of str
        Classes, and those of them who ride trains.
    par : Parameters
        Values.
    drive : Drivers
        Inflow, shares, interceptions and capacity by day.
    state : State, optional
        People there at the start; nobody by default.
    closures : sequence of Closure
        What is closed when.
    tastes : list of float, optional
        Train constants to keep.
    cache : dict, optional
        Kept between calls with the same parameters: ways by closed links.
    check, audit : bool
        Look at the spectral radius; keep a daily account of people.
    """
    days, c, n = drive.days, len(classes), len(net.places)
    k = len(net.destinations)
    kinds = c + c * k
    cls = np.concatenate([np.arange(c), np.repeat(np.arange(c), k)])
    profile = np.array([0 if name in riders else 1 for name in classes])
    masks = closed_links(net, closures, days)
    keys, closed_row = distinct(masks)
    kept = {} if cache is None else cache
    found: list[Ways] = []
    share = par.number("rail_share")
    for mask in np.vstack([np.zeros(len(net.start), bool), keys]):
        name = mask.tobytes()
        if name not in kept:
            kept[name], tastes = routes_for(
                net,
                par,
                share,
                share * par.number("rail_share_others"),
                closed=mask,
                constants=tastes,
                check=check,
            )
            kept["tastes"] = tastes
        tastes = kept["tastes"]
        found.append(kept[name])
    regimes, regime = regimes_of(par, days, closed_row, classes)
    leave = np.zeros((len(regimes), n, kinds))
    choice = np.zeros((len(regimes), len(net.start), kinds))
    base_leave = dwell_leave(net, par)
    for r, (row, rail, hold) in enumerate(regimes):
        chosen = link_choice(net, found[row + 1], profile, c, k)
        leave[r], choice[r] = departures(
            net, base_leave, chosen, rail, par.number("rail_bus_substitution"), hold, cls
        )
    draw, drawn, draw_at, rows = destinations_of(net, par, drive, found, closed_row, profile, kept)
    period = rows
    meet = np.repeat(par.daily("encounter_probability", days)[:, None], c, axis=1)
    retry = np.clip(_retry(par, days, classes) * par.by_class("repeat", days), 0, 0.95)
    ports = net.ports
    gate_link = np.array([i for i in range(len(net.start)) if net.kind[net.start[i]] == "line"], np.int64)
    gate = np.full(len(net.start), -1, np.int64)
    gate[gate_link] = np.arange(gate_link.size)
    capacity = np.full((len(days), len(ports)), np.inf) if drive.capacity is None else drive.capacity.copy()
    capacity[closed_ports(net, closures, days)] = 0.0
    start, end = net.start.astype(np.int64), net.end.astype(np.int64)
    order = [np.flatnonzero(start == p) for p in range(n)]
    forget_to: list[str] = [p for p in ("tapachula", "villahermosa") if p in net.places]
    forget_to = forget_to or [net.places[0]]
    watched_end, watched_most = _watched(net)
    delays = [int(par.number(x)) for x in ("return_delay", "release_delay", "retry_delay", "held_days")]
    people = state or _nobody(n, kinds, len(ports))
    there = [int(at[:, 1].max(initial=0)) for at in (people.road_at, people.back_at)]
    ring = max(int(net.steps.max()), max(delays) + 1, *there) + 1
    removed = np.clip(drive.removed * par.by_class("removal", days), 0, 1)
    quit_ = np.minimum(par.by_class("discouragement", days), 1 - removed)
    south = np.minimum(par.by_class("return_south", days), 1 - removed - quit_)
    held = np.minimum(par.by_class("held_after_interception", days), 1 - removed - quit_ - south)
    index = {name: i for i, name in enumerate(classes)}
    at = {name: i for i, name in enumerate(net.places)}
    give_up_at, give_up_to, abandon = _giving_up(
        net, par, drive, c, k, cls, kinds, drive.capacity is not None
    )
    counted = np.nan_to_num(drive.counted)
    used = np.maximum(link_choice(net, found[0], profile, c, k), choice.max(axis=0))
    ranges = _ranges(net, used, c, draw_at, [at[p] for p, _, _ in drive.entries], [at[p] for p in forget_to])
    push = np.zeros(n, np.int64)
    for sector, city in net.sector_home.items():
        push[at[f"sector:{sector}"]] = at[city]
    return Tables(
        month=_months(days),
        undrawn=c,
        cls=cls,
        pair_ptr=np.array([c + i * k for i in range(c + 1)], np.int64),
        start=start,
        end=end,
        steps=net.steps.astype(np.int64),
        watched=net.watched.astype(np.int64),
        gate=gate,
        out_ptr=np.concatenate([[0], np.cumsum([len(x) for x in order])]).astype(np.int64),
        out_link=np.concatenate(order).astype(np.int64),
        initial=people.here,
        road_at=people.road_at,
        road=people.road,
        back_at=people.back_at,
        back=people.back,
        queue=people.queue,
        ring=ring,
        entry_place=np.array([at[p] for p, _, _ in drive.entries], np.int64),
        entry_kind=np.array([index[x] for _, x, _ in drive.entries], np.int64),
        inflow=np.ascontiguousarray(drive.inflow),
        draw_at=draw_at,
        share=draw,
        drawn=drawn,
        share_row=period,
        forget_at=np.array([name in forget_to for name in net.places]),
        give_up_at=give_up_at,
        give_up_to=give_up_to,
        regime=regime,
        leave=leave,
        choice=choice,
        sector_place=np.array([i for i, x in enumerate(net.kind) if x == "sector"], np.int64),
        meet=meet,
        retry=retry,
        evade=np.clip(par.by_class("evasion_retry", days), 0, 0.95),
        push_to=push,
        push_delay=delays[2],
        **ranges,
        gate_link=gate_link,
        gate_end=end[gate_link],
        capacity=capacity,
        abandon=abandon,
        abandon_to=np.array([at[f"gave-up:{p.city}"] for p in ports], np.int64),
        watched_end=watched_end,
        watched_most=watched_most,
        pinned=np.asarray(~np.isnan(drive.counted).any(axis=1)),
        counted=counted,
        hazard=np.clip(drive.hazard * par.by_class("interception_factor", days), 0, _MOST_PER_DAY),
        most=_MOST_PER_DAY,
        removed=removed,
        discouraged=quit_,
        returned=south,
        held=held,
        return_place=np.array([at[p] for p in forget_to], np.int64),
        return_part=_return_part(forget_to, par.number("return_to_tapachula")),
        return_delay=delays[0],
        release_delay=delays[1],
        held_delay=delays[3],
        audit=audit,
    )


def _ranges(
    net: Ground, used: Array, c: int, draw_at: Array, entries: Sequence[int], forget: Sequence[int]
) -> dict[str, Array]:
    """Return which kinds may arrive and stand at each place, so that the loop passes over the others.

    Nobody in the south has a destination (it is forgotten on return), nobody in the north has none.
    """
    n, kinds = len(net.places), used.shape[1]
    early, late = used[:, :c].max(axis=1) > 0, used[:, c:].max(axis=1) > 0
    undrawn, drawn = np.zeros(n, bool), np.zeros(n, bool)
    undrawn[[*entries, *forget]] = True
    drawn[draw_at >= 0] = True
    drawn[np.isin(net.kind, ["gave-up"])] = True
    stays = draw_at < 0  # elsewhere those without a destination go on without
    while True:
        before = undrawn.sum() + drawn.sum()
        undrawn[net.end[early & (undrawn & stays)[net.start]]] = True
        drawn[net.end[late & drawn[net.start]]] = True
        if undrawn.sum() + drawn.sum() == before:
            break
    drawn[list(forget)] = True  # on arrival only
    standing = drawn.copy()
    standing[list(forget)] = False
    return {
        "come_lo": np.where(undrawn, 0, c),
        "come_hi": np.where(drawn, kinds, c),
        "stand_lo": np.where(undrawn & stays, 0, c),
        "stand_hi": np.where(standing, kinds, c),
    }


def _return_part(places: Sequence[str], first: float) -> Array:
    return np.array([first, 1 - first]) if len(places) == 2 else np.ones(len(places))


def _months(days: Sequence[date]) -> Array:
    first = days[0]
    return np.array([(d.year - first.year) * 12 + d.month - first.month for d in days], np.int64)


def _nobody(n: int, kinds: int, ports: int) -> State:
    return State(
        np.zeros((n, kinds)),
        np.zeros((0, 3), np.int64),
        np.zeros((0, kinds)),
        np.zeros((0, 2), np.int64),
        np.zeros((0, kinds)),
        np.zeros((ports, 0, kinds)),
    )


def _retry(par: Parameters, days: Sequence[date], classes: Sequence[str]) -> Array:
    expelled = par.daily("retry_title_42", days)
    mexican = par.daily("retry_mexican", days)
    other = par.daily("retry_other", days)
    order = np.array([TITLE_42[0] <= d <= TITLE_42[1] for d in days])
    out = np.repeat(other[:, None], len(classes), axis=1)
    for i, name in enumerate(classes):
        if name == "mexico":
            out[:, i] = mexican
        if name in _EXPELLED:
            out[order, i] = expelled[order]
    return out


def _watched(net: Ground) -> tuple[Array, Array]:
    most: dict[int, int] = {}
    for end, steps, seen in zip(net.end, net.steps, net.watched, strict=True):
        if seen:
            most[int(end)] = max(most.get(int(end), 0), int(steps))
    ends = sorted(most)
    return np.array(ends, np.int64), np.array([most[e] for e in ends], np.int64)


def _giving_up(
    net: Ground, par: Parameters, drive: Drivers, c: int, k: int, cls: Array, kinds: int, waits: bool
) -> tuple[Array, Array, Array]:
    """Return where people who leave a line go, and the chance per day that they do.

    They try between ports, at the sector the city lies nearest to.
    """
    n = len(net.places)
    give_up_at = np.array([x == "gave-up" for x in net.kind])
    give_up_to = np.full((n, kinds), -1, np.int64)
    abandon = np.zeros((len(net.ports), kinds))
    cities = {p.city for p in net.ports}
    near = {city: net.near_sector(city) for city in cities}
    for i in np.flatnonzero(give_up_at):
        target = near[net.places[i].removeprefix("gave-up:")]
        give_up_to[i, c:] = c + cls[c:] * k + target
    if waits:
        rate = par.number("abandonment")
        for g, port in enumerate(net.ports):
            office = net.destinations.index(port.office)
            abandon[g, c + office :: k] = rate if drive.abandon is None else drive.abandon[g]
    return give_up_at, give_up_to, abandon
