"""A case laid out as arrays for the compiled engines: built once, read by all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from caudal._core.errors import InputError, OptionError
from caudal.flow._classes import RuleClasses, rule_classes
from caudal.flow._couplings import couplings
from caudal.flow._graph import Graph, build_graph
from caudal.flow._schedule import Schedule, schedule
from caudal.flow._weights import base_weights
from caudal.network import FleeCase, FleeSettings, check_network
from caudal.network._checks import check_closures, raise_first

__all__ = ["Program", "Tables", "compile_case"]

Array = npt.NDArray[Any]


class Tables(NamedTuple):
    """The arrays that compiled code reads. Nodes: those of departure first, then by distance covered."""

    spot_place: Array  # spot
    spot_final: Array  # spot: destination of its route, -1 without one
    follow: Array  # epoch, spot: which of the spot's lanes a route goes on with, -1 none
    lane_ptr: Array  # spot → range of its lanes
    lane_link: Array  # lane of a spot → directed link
    lane_walk: Array  # lane of a spot → chance of walking
    cand_ptr: Array  # epoch, place → range of candidates
    cand_lane: Array  # candidate → which of the spot's lanes
    cand_dest: Array  # candidate → place weighed
    base: Array  # weight row, class
    day_epoch: Array  # day
    day_base: Array  # day → first weight row of its epoch
    node_spot: Array
    node_km: Array
    node_stop: Array
    edge_ptr: Array  # node → range of edges, one per lane of its spot
    edge_ride: Array  # edge → node, or -1 - cell
    edge_ride_km: Array
    edge_walk: Array
    edge_walk_km: Array
    edge_foot: Array
    bit: Array  # place → bit of a place with capacity
    reach: Array  # node → bits of places with capacity that can be reached today
    minds: Array  # node → bits of places whose occupancy a decision from here on today looks at
    cell_ride: Array  # cell → node, or -1 - cell
    cell_ride_km: Array
    cell_walk: Array
    cell_walk_km: Array
    cell_chance: Array  # cell → chance of walking
    cell_link: Array
    cell_shadow: Array
    shut_ptr: Array  # day → range of links that close
    shut_link: Array
    camp: Array  # day, place
    town: Array
    chance: Array  # day, place: chance of leaving
    capacity: Array  # day, place: scaled; below 1 means no limit
    spawn_factor: Array  # day, place
    spawn_total: Array  # day
    population: Array  # place
    initial: Array  # place
    class_share: Array  # place, class: cumulative


@dataclass(frozen=True)
class Program:
    """A compiled case.

    ``tables`` are its arrays; ``speed`` the distance below which recent travel counts as little;
    ``longest`` the most that can be covered in a day. Both in km.
    """

    case: FleeCase
    settings: FleeSettings
    compat: str
    schedule: Schedule
    graph: Graph
    tables: Tables
    classes: RuleClasses
    speed: float
    longest: float

    @property
    def days(self) -> int:
        """Days simulated."""
        return self.schedule.days

    @property
    def whole(self) -> bool:
        """Whether distances and speeds are whole kilometres, so that recent travel can be kept exactly."""
        km = self.tables.node_km
        return bool(np.all(km == np.round(km))) and self.speed == round(self.speed)


def compile_case(
    case: FleeCase,
    *,
    settings: FleeSettings | None = None,
    days: int | None = None,
    compat: str = "flee",
) -> Program:
    """Lay a case out for the engines.

    Parameters
    ----------
    case : FleeCase
        As read by `caudal.network.read_flee`.
    settings : FleeSettings, optional
        Instead of the case's own.
    days : int, optional
        Instead of the case's own length.
    compat : {"flee", "documented"}
        Reproduce the reference as it behaves, or as it is documented.
    """
    raise_first([*check_network(case.network), *check_closures(case)])
    s = settings or case.settings
    if s.take_from_population and (s.use_pop_for_loc_weight or s.movechance_pop_scale_factor):
        raise OptionError(
            "take_from_population cannot stand with rules that weigh population",
            remedy="Switch off take_from_population, or the rules that weigh population",
        )
    plan = schedule(case, settings=s, days=days, compat=compat)
    _require_sources(case, plan, s, compat)
    shut = {link for links in plan.shut for link in links}
    graph = build_graph(case.network, plan.links, plan.opened, shut, s, compat)
    classes = rule_classes(case, s, plan.population)
    weights = base_weights(case.network, graph, plan, s, classes, compat)
    parts = _spots(graph) | _nodes(graph, plan) | _calendar(plan, s) | weights
    parts |= couplings(parts)
    tables = Tables(class_share=np.cumsum(classes.shares, axis=1), **parts)
    longest = float(tables.node_km.max(initial=0.0)) + max(
        [s.max_move_speed, *(link.speed or 0.0 for link in plan.links.all)]
    )
    return Program(case, s, compat, plan, graph, tables, classes, s.max_move_speed, longest)


def _require_sources(case: FleeCase, plan: Schedule, s: FleeSettings, compat: str) -> None:
    if s.spawn_mode != "data":
        return
    empty = (plan.spawn_factor @ plan.population) <= 0
    bad = empty & ((plan.spawn_total > 0) | (compat == "flee"))
    if bad.any():
        day = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"no conflict zone with residents on day {day}, so nobody can be displaced",
            where=f"{case.name}/input_csv/conflicts.csv, row of day {day}",
            remedy="Give a place an intensity above 0 that day and a population in locations.csv",
        )


def _ptr(lists: list[list[Any]]) -> Array:
    return np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int32)


def _spots(graph: Graph) -> dict[str, Array]:
    local = [{lane: j for j, lane in enumerate(lanes)} for lanes in graph.spot_lanes]
    follow = [[local[s].get(lane, -1) for s, lane in enumerate(row)] for row in graph.follow]
    offers = [offer for epoch in graph.candidates for offer in epoch]
    ptr = _ptr([list(o) for o in offers])
    count = graph.places
    starts = np.array([ptr[e * count : (e + 1) * count + 1] for e in range(len(graph.candidates))], np.int32)
    flat = [(local[i % count][c.lane], c.destination) for i, offer in enumerate(offers) for c in offer]
    lanes = [lane for own in graph.spot_lanes for lane in own]
    return {
        "spot_place": np.array([place for place, _ in graph.spots], np.int32),
        "spot_final": np.array([route[-1] if route else -1 for _, route in graph.spots], np.int32),
        "follow": np.array(follow, np.int32).reshape(len(graph.follow), -1),
        "lane_ptr": _ptr([list(own) for own in graph.spot_lanes]),
        "lane_link": np.array([graph.lanes[lane][0] for lane in lanes], np.int32),
        "cand_ptr": starts,
        "cand_lane": np.array([lane for lane, _ in flat], np.int32),
        "cand_dest": np.array([place for _, place in flat], np.int32),
    }


def _nodes(graph: Graph, plan: Schedule) -> dict[str, Array]:
    """Number nodes by distance covered today (departures stay first) and cells as they are."""
    spots = len(graph.spots)
    km = np.array([k for _, k, _ in graph.nodes])
    order = np.concatenate([np.arange(spots), spots + np.argsort(km[spots:], kind="stable")])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))

    def target(code: int) -> int:
        return int(rank[code]) if code >= 0 else code

    edges = [graph.edges[i] for i in order]
    flat = [edge for own in edges for edge in own]
    moves = graph.moves
    links = plan.links.all
    cell_links = [graph.lanes[lane][0] for lane, _, _, _ in graph.cells]
    lanes = [lane for own in graph.spot_lanes for lane in own]
    return {
        "node_spot": np.array([graph.nodes[i][0] for i in order], np.int32),
        "node_km": km[order],
        "node_stop": np.array([graph.nodes[i][2] for i in order], np.uint8),
        "edge_ptr": _ptr([list(own) for own in edges]),
        "edge_ride": np.array([target(edge[0]) for edge in flat], np.int32),
        "edge_ride_km": np.array([edge[1] for edge in flat]),
        "edge_walk": np.array([target(edge[2]) for edge in flat], np.int32),
        "edge_walk_km": np.array([edge[3] for edge in flat]),
        "edge_foot": np.array([target(edge[4]) for edge in flat], np.int32),
        "cell_ride": np.array([target(m[0]) for m in moves], np.int32),
        "cell_ride_km": np.array([m[1] for m in moves]),
        "cell_walk": np.array([target(m[2]) for m in moves], np.int32),
        "cell_walk_km": np.array([m[3] for m in moves]),
        "cell_chance": np.array([links[k].walk for k in cell_links]),
        "cell_link": np.array(cell_links, np.int32),
        "cell_shadow": np.array(graph.shadow, np.int32),
        "lane_walk": np.array([links[graph.lanes[lane][0]].walk for lane in lanes]),
    }


def _calendar(plan: Schedule, s: FleeSettings) -> dict[str, Array]:
    people = np.maximum(plan.population[None, :], plan.capacity)
    scale = (people / s.movechance_pop_base) ** s.movechance_pop_scale_factor
    chance = plan.move_chance * (scale if s.movechance_pop_scale_factor else 1.0)
    shut = [list(links) for links in plan.shut]
    factor = plan.intensity if s.spawn_mode != "data" else plan.spawn_factor
    return {
        "day_epoch": plan.epoch.astype(np.int32),
        "shut_ptr": _ptr(shut),
        "shut_link": np.array([k for links in shut for k in links], np.int32),
        "camp": plan.camp.astype(np.uint8),
        "town": plan.town.astype(np.uint8),
        "chance": np.clip(chance, 0.0, 1.0),
        "capacity": plan.capacity * s.capacity_scaling,
        "spawn_factor": factor,
        "spawn_total": plan.spawn_total.astype(float),
        "population": plan.population,
        "initial": plan.initial.astype(float),
    }
