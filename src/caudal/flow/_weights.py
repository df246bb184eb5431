"""How much each choice weighs before capacity: attraction over distance."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.flow._classes import RuleClasses
from caudal.flow._graph import Graph
from caudal.flow._schedule import Schedule
from caudal.network import FleeSettings, Network

__all__ = ["base_weights"]

Floats = npt.NDArray[np.float64]
_EARTH_KM = 6371.0


def base_weights(
    network: Network, graph: Graph, plan: Schedule, s: FleeSettings, classes: RuleClasses, compat: str
) -> dict[str, npt.NDArray[Any]]:
    """Return ``base`` (weight row, class) and ``day_base`` (day → first row), equal days sharing rows.

    The weight of a choice is ``[(weight_softening + score) / (softening +
    km)^distance_power]^weight_power``; the capacity factor multiplies inside the outer power and is applied
    while people move.
    """
    far = [
        [(c.destination, c.km, place) for place, own in enumerate(e) for c in own] for e in graph.candidates
    ]
    columns = [np.array(rows, dtype=float).reshape(-1, 3) for rows in far]
    towns = _crowd(plan, s)
    seen: dict[bytes, int] = {}
    blocks: list[Floats] = []
    first, day_base = 0, np.zeros(plan.days, np.int64)
    for day in range(plan.days):
        e = int(plan.epoch[day])
        crowd = np.where(plan.camp[day], 1.0, towns)
        key = bytes([e % 256, e // 256]) + plan.score[day].tobytes() + crowd.tobytes()
        if key not in seen:
            seen[key] = first
            block = _block(columns[e], plan.score[day], crowd, network, s, classes, compat)
            blocks.append(block)
            first += len(block)
        day_base[day] = seen[key]
    base = np.concatenate(blocks) if blocks else np.zeros((0, len(classes.powers)))
    return {"base": np.ascontiguousarray(base), "day_base": day_base}


def _crowd(plan: Schedule, s: FleeSettings) -> Floats:
    """Return the factor of a place's population in its attraction (camps apart)."""
    if not s.use_pop_for_loc_weight:
        return np.ones(len(plan.population))
    return np.maximum(1.0, plan.population) ** s.pop_power_for_loc_weight


def _block(
    columns: Floats,
    score: Floats,
    crowd: Floats,
    network: Network,
    s: FleeSettings,
    classes: RuleClasses,
    compat: str,
) -> Floats:
    to, km, start = columns[:, 0].astype(int), columns[:, 1], columns[:, 2].astype(int)
    out = np.empty((len(to), len(classes.powers)))
    near = _nearness(network, start, to, s, compat) if s.stay_close_to_home else 1.0
    for c, power in enumerate(classes.powers):
        attraction = score[to] ** power * near * crowd[to]
        out[:, c] = (s.weight_softening + attraction) / (s.softening + km) ** s.distance_power
    if s.awareness_level == 0:
        out[:] = 1.0
    return np.asarray(out**s.weight_power)


def _nearness(network: Network, start: Any, to: Any, s: FleeSettings, compat: str) -> Floats:
    """Return 1/km^power. The reference measures from where a person is, with the two coordinates swapped."""
    first = np.radians([p.latitude for p in network.places])
    second = np.radians([p.longitude for p in network.places])
    lat, lon = (second, first) if compat == "flee" else (first, second)
    h = (
        np.sin((lat[to] - lat[start]) / 2) ** 2
        + np.cos(lat[to]) * np.cos(lat[start]) * np.sin((lon[to] - lon[start]) / 2) ** 2
    )
    km = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1)))
    return np.asarray(1.0 / np.maximum(1.0, km) ** s.home_distance_power)
