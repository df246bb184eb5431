"""Utilities of links and the chances of taking them, for travellers who ride trains more or less often.

A ground link costs so much per 100 km and so much per link; a train a constant more, found so that trains carry the
assumed share of ground kilometres. A flight inside Mexico competes with a dozen ground links: its utility is set
relative to the value of the ground way between its ends, by the assumed share of people who fly. Nothing of this is
known from data (see `caudal corridor show assumptions`); it moves paths and travel times, not totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.corridor._ground import Ground
from caudal.corridor._routes import Routes, walk

__all__ = ["Ways", "absorbed", "balanced", "rail_constant", "rail_share", "utilities", "ways"]

Floats = npt.NDArray[np.float64]

_STEP = 1e-4


@dataclass(frozen=True)
class Ways:
    """Chances of taking links, by profile of traveller.

    Attributes
    ----------
    to_draw : array, (profiles, links)
        Towards the places where a destination is chosen.
    to_goal : array, (profiles, destinations, links)
        Towards each destination.
    value : array, (profiles, draws, destinations)
        Value of the ways from the places of choice.
    radius : float
        Largest spectral radius.
    """

    to_draw: Floats
    to_goal: Floats
    value: Floats
    radius: float


def utilities(
    net: Ground,
    *,
    scale: float = 1.0,
    per_link: float = 0.5,
    per_km: float = 0.004,
    rail: float = 0.0,
    fly: float = 0.05,
    closed: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """Return the utility of each link.

    Parameters
    ----------
    net : Ground
        Places and links.
    scale : float
        Multiplier of everything below.
    per_link, per_km : float
        Cost of a link and of a km on the ground, in units of the logit's noise.
    rail : float
        What a train link costs more.
    fly : float
        Share of people at the start of a flight bound for its end who fly.
    closed : array of bool, (links,), optional
        Links nobody enters.
    """
    step, air = net.is_mode("step"), net.is_mode("air")
    utility = np.where(step, -net.cost, -scale * (per_km * net.km + per_link))
    utility = utility - rail * net.is_mode("rail")
    utility[air] = -np.inf
    if closed is not None:
        utility = np.where(closed, -np.inf, utility)
    if fly > 0 and air.any():
        ends = np.unique(net.end[air])
        goals = np.zeros((ends.size, len(net.places)))
        goals[np.arange(ends.size), ends] = 1.0
        by_ground = walk(net.start, net.end, utility, goals, places=len(net.places), check=False).value
        row = {int(e): i for i, e in enumerate(ends)}
        for k in np.flatnonzero(air):
            worth = by_ground[row[int(net.end[k])], net.start[k]]
            # Where no ground way leads (across the sea), a flight costs like one ground link.
            base = worth if np.isfinite(worth) else -2.0 * per_link
            utility[k] = base + np.log(fly / (1 - fly)) if closed is None or not closed[k] else -np.inf
    return np.asarray(utility)


def rail_share(net: Ground, utility: Floats, start: int) -> float:
    """Return the share of ground km by train from a place to all destinations, each weighing the same.

    The expected km on a set of links is the derivative of ``ln z`` with respect to a cost per km on that set.
    """
    rail = net.is_mode("rail")
    ground = rail | net.is_mode("road") | net.is_mode("foot")
    base = walk(net.start, net.end, utility, net.goals, places=len(net.places), check=False).value[:, start]
    with_rail, with_ground = (
        walk(
            net.start,
            net.end,
            utility + _STEP * net.km / 100 * on,
            net.goals,
            places=len(net.places),
            check=False,
        ).value[:, start]
        for on in (rail, ground)
    )
    reach = np.isfinite(base)
    return float((with_rail - base)[reach].sum() / (with_ground - base)[reach].sum())


def rail_constant(net: Ground, target: float, start: int, options: dict[str, Any]) -> float:
    """Find the constant by bisection: the share falls with it."""
    low, high = -4.0, 8.0
    for _ in range(14):
        middle = (low + high) / 2
        share = rail_share(net, utilities(net, rail=middle, **{**options, "fly": 0.0}), start)
        low, high = (middle, high) if share > target else (low, middle)
    return (low + high) / 2


def ways(
    net: Ground,
    rail_km: Sequence[float],
    *,
    start: str,
    constants: Sequence[float] | None = None,
    check: bool = True,
    **options: Any,
) -> tuple[Ways, list[float]]:
    """Return the chances of taking links for each profile, and the train constants found.

    Parameters
    ----------
    net : Ground
        Places and links.
    rail_km : sequence of float
        Share of ground km by train, one per profile.
    start : str
        Where that share is counted from.
    constants : sequence of float, optional
        Train constants to keep (when links were closed, people's tastes stay).
    check : bool
        Whether to look at the spectral radius.
    options
        As for `utilities`.
    """
    tastes = list(constants or [])
    if not tastes:
        open_options = {k: v for k, v in options.items() if k != "closed"}
        tastes = [rail_constant(net, share, net.index(start), open_options) for share in rail_km]
    n = len(net.places)
    draws = np.array([net.index(p) for p in net.draws])
    to_draw = np.zeros((1, n))
    to_draw[0, draws] = 1.0
    first: list[Floats] = []
    second: list[Floats] = []
    value: list[Floats] = []
    radius = 0.0
    for taste in tastes:
        utility = utilities(net, rail=taste, **options)
        lines = _open_goals(net, options.get("closed"))
        on: Routes = walk(net.start, net.end, utility, lines, places=n, check=check)
        early = walk(net.start, net.end, utility, to_draw, places=n, check=False)
        first.append(early.chance[0])
        second.append(on.chance)
        value.append(on.value[:, draws].T)
        radius = max(radius, on.radius if check else 0.0)
    return Ways(np.stack(first), np.stack(second), np.stack(value), radius), tastes


def balanced(net: Ground, start: str, part: Floats, *, rounds: int = 40, **options: Any) -> Ground:
    """Return the ground with costs of the last steps such that cities and ports get their declared parts.

    Where a destination has several last steps (a sector approached from two cities, an office with five ports), only
    their parts are declared or follow from capacity; the costs that give these parts to people who set out at
    ``start`` are found by the same contraction as shares.

    Parameters
    ----------
    net : Ground
        With last steps at any cost.
    start : str
        Where people come from.
    part : array, (links,)
        Wanted part of each last step within its destination; NaN for other links.
    rounds : int
        Steps of the contraction.
    options
        As for `utilities`.
    """
    chosen = np.flatnonzero(~np.isnan(part))
    cost = net.cost.copy()
    n, at = len(net.places), net.index(start)
    for _ in range(rounds):
        trial = replace(net, cost=cost)
        on = walk(net.start, net.end, utilities(trial, **options), net.goals, places=n, check=False)
        change = np.zeros_like(cost)
        for k in range(len(net.destinations)):
            mine = [i for i in chosen if net.goals[k, net.end[i]] > 0]
            step = np.zeros((n, n))
            np.add.at(step, (net.start, net.end), on.chance[k])
            source = np.zeros(n)
            source[at] = 1.0
            visits = np.linalg.solve(np.eye(n) - step.T, source)
            got = np.array([visits[net.start[i]] * on.chance[k, i] for i in mine])
            for i, x in zip(mine, got, strict=True):
                change[i] = np.log(max(x, 1e-12) / part[i])
        cost = cost + np.clip(change, -3, 3)
        if np.abs(change).max() < 1e-6:
            break
    return replace(net, cost=cost)


def _open_goals(net: Ground, closed: npt.NDArray[np.bool_] | None) -> Floats:
    """Return the goals without the lines of closed ports."""
    if closed is None:
        return net.goals
    goals = net.goals.copy()
    for k in np.flatnonzero(closed):
        if net.kind[net.start[k]] == "line":
            goals[:, net.start[k]] = 0.0
    return goals


def absorbed(net: Ground, chance: Floats, entry: Floats) -> Floats:
    """Return where people who enter at places with shares ``entry`` choose a destination.

    Shapes (places,) → (draws,), or (n, places) → (n, draws).
    """
    n = len(net.places)
    draws = np.array([net.index(p) for p in net.draws])
    step = np.zeros((n, n))
    np.add.at(step, (net.start, net.end), chance)
    visits = np.linalg.solve(np.eye(n) - step.T, entry.T)
    return np.asarray(visits[draws].T)
