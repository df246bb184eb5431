"""Where a person can be, and what can follow within a day: spots, lanes, cells and nodes.

A *spot* is a place together with the route still to be followed (none, with awareness 1). A *lane* is a
link together with the spot it leads to. A *cell* is a lane with the distance already covered on it; a lane
that closes has shadow cells from which people turn back. A *node* is a spot reached in the course of a day
with the distance covered that day: what a person may still do today depends on nothing else. Nodes come in
the order of that distance, so one pass over them carries everybody through the day. All of it is finite,
found once per case and shared by every engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from caudal._core.errors import OptionError
from caudal.flow._links import LinkBook
from caudal.network import FleeSettings, Network

__all__ = ["Candidate", "Graph", "build_graph"]

#: More nodes than this and a case is better run with agents or whole kilometres.
MOST_NODES = 2_000_000
_DIGITS = 6  # kilometres are compared to a thousandth of a metre

Route = tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """One choice at a place: the lane to take, the destination that is weighed, and the way there."""

    lane: int
    destination: int
    km: float


@dataclass
class Graph:
    """See the module. Targets are a node ``>= 0`` or a cell written ``-1 - cell``."""

    places: int
    spots: list[tuple[int, Route]] = field(default_factory=list)
    lanes: list[tuple[int, int]] = field(default_factory=list)  # (link, spot at its end)
    spot_lanes: list[list[int]] = field(default_factory=list)
    candidates: list[list[list[Candidate]]] = field(default_factory=list)  # epoch, place
    follow: list[list[int]] = field(default_factory=list)  # epoch, spot: the lane a route goes on with, or -1
    cells: list[tuple[int, bool, bool, float]] = field(default_factory=list)  # lane, on foot, shut, km
    moves: list[tuple[int, float, int, float]] = field(
        default_factory=list
    )  # ride: target, km; walk: target, km
    shadow: list[int] = field(default_factory=list)  # the cell that takes over when the lane shuts
    nodes: list[tuple[int, float, bool]] = field(default_factory=list)  # spot, km today, no more today
    # Per node and lane of its spot: target and km of a ride, of a walk, and the cell of a first link on foot.
    edges: list[list[tuple[int, float, int, float, int]]] = field(default_factory=list)


class _Builder:
    def __init__(
        self, network: Network, book: LinkBook, s: FleeSettings, shut: set[int], compat: str
    ) -> None:
        self.network, self.book, self.s, self.shut, self.compat = network, book, s, shut, compat
        self.graph = Graph(len(network.places))
        self.spot_ids: dict[tuple[int, Route], int] = {}
        self.lane_ids: dict[tuple[int, int], int] = {}
        self.cell_ids: dict[tuple[int, bool, bool, float], int] = {}
        self.node_ids: dict[tuple[int, float, bool], int] = {}
        self.marker = [p.kind == "marker" for p in network.places]
        for i in range(len(network.places)):
            self.spot(i, ())

    def spot(self, place: int, route: Route) -> int:
        key = (place, route)
        if key not in self.spot_ids:
            self.spot_ids[key] = len(self.graph.spots)
            self.graph.spots.append(key)
            self.graph.spot_lanes.append([])
        return self.spot_ids[key]

    def lane(self, spot: int, link: int, route: Route) -> int:
        """Return the lane of a link towards the rest of a route, listed among the lanes of ``spot``."""
        key = (link, self.spot(self.book.all[link].end, route))
        if key not in self.lane_ids:
            self.lane_ids[key] = len(self.graph.lanes)
            self.graph.lanes.append(key)
        lane = self.lane_ids[key]
        if lane not in self.graph.spot_lanes[spot]:
            self.graph.spot_lanes[spot].append(lane)
        return lane

    def epoch(self, opened: list[list[int]]) -> None:
        """Add the choices that a set of open links offers."""
        offers: list[list[Candidate]] = []
        for place in range(self.graph.places):
            here: list[Candidate] = []
            for route, km in self._routes(place, opened):
                first = next(k for k in opened[place] if self.book.all[k].end == route[0])
                here.append(Candidate(self.lane(place, first, route[1:]), route[-1], km))
            offers.append(here)
        self.graph.candidates.append(offers)

    def _routes(self, place: int, opened: list[list[int]]) -> Iterator[tuple[Route, float]]:
        level = self.s.awareness_level
        if level == 0:
            if self.compat == "documented":  # the reference looks an index up as a name and moves nobody
                yield from (((self.book.all[k].end,), 0.0) for k in opened[place])
            return
        for k in opened[place]:
            yield from self._beyond(k, (place,), 0.0, 1, level, opened)

    def _beyond(
        self, link: int, passed: Route, km: float, step: int, level: int, opened: list[list[int]]
    ) -> Iterator[tuple[Route, float]]:
        """Yield the routes over one more link; markers are passed through and cost no step."""
        end = self.book.all[link].end
        km += self.book.all[link].length
        if self.marker[end]:
            step -= 1
        else:
            yield (*passed[1:], end), km
        if level > step:
            for k in opened[end]:
                if self.book.all[k].end not in passed:
                    yield from self._beyond(k, (*passed, end), km, step + 1, level, opened)

    def routes_onward(self, epochs: list[list[list[int]]]) -> None:
        """For each set of open links, find how every spot with a route goes on (or that it cannot)."""
        spot = 0
        follow: list[list[int]] = [[] for _ in epochs]
        while spot < len(self.graph.spots):  # following a route and turning back both add spots
            place, route = self.graph.spots[spot]
            for e, opened in enumerate(epochs):
                ways = [k for k in opened[place] if route and self.book.all[k].end == route[0]]
                follow[e].append(self.lane(spot, ways[0], route[1:]) if ways else -1)
            for lane in self.graph.spot_lanes[spot]:
                link, end = self.graph.lanes[lane]
                if link in self.shut:
                    self.spot(self.book.all[link].start, self.graph.spots[end][1])
            spot += 1
        self.graph.follow = follow

    # Cells and nodes

    def speeds(self, link: int, foot: bool) -> tuple[float, float]:
        """Return the distance of a day's ride and of a day's walk on a link."""
        ride = self.book.all[link].speed or self.s.max_move_speed
        return (self.s.max_walk_speed if foot else ride), self.s.max_walk_speed

    def cell(self, lane: int, foot: bool, shut: bool, km: float) -> int:
        key = (lane, foot, shut, round(km, _DIGITS))
        if key not in self.cell_ids:
            self.cell_ids[key] = len(self.graph.cells)
            self.graph.cells.append(key)
        return self.cell_ids[key]

    def node(self, spot: int, km: float, stop: bool) -> int:
        key = (spot, round(km, _DIGITS), stop)
        if key not in self.node_ids:
            if len(self.graph.nodes) >= MOST_NODES:
                raise OptionError(
                    "distances make too many states within a day",
                    remedy="Round link lengths to whole kilometres or use --engine agent",
                )
            self.node_ids[key] = len(self.graph.nodes)
            self.graph.nodes.append(key)
        return self.node_ids[key]

    def step(
        self, lane: int, foot: bool, shut: bool, at: float, speed: float, today: float
    ) -> tuple[int, float]:
        """Return where a day's travel on a lane leads, and the distance covered today after it."""
        link, end = self.graph.lanes[lane]
        length = self.book.all[link].length
        if at + speed <= length:
            return -1 - self.cell(lane, foot, shut, at + speed), today + speed
        km = today + length - at
        if shut:
            back = self.spot(self.book.all[link].start, self.graph.spots[end][1])
            return self.node(back, km, True), km
        return self.node(end, km, km >= speed), km

    def within_a_day(self) -> None:
        """Find every cell and node that can be reached."""
        feet = (False, True) if self.s.start_on_foot else (False,)
        lanes = range(len(self.graph.lanes))
        starts = {(lane, foot): self.cell(lane, foot, False, 0.0) for lane in lanes for foot in feet}
        for spot, own in enumerate(self.graph.spot_lanes):  # departures of the morning: node = spot
            self.node(spot, 0.0, False)
            self.graph.edges.append(
                [
                    (-1 - starts[x, False], 0.0, -1 - starts[x, False], 0.0, -1 - starts[x, feet[-1]])
                    for x in own
                ]
            )
        done_cells, done_nodes = 0, len(self.graph.nodes)
        while done_cells < len(self.graph.cells) or done_nodes < len(self.graph.nodes):
            while done_cells < len(self.graph.cells):
                lane, foot, shut, at = self.graph.cells[done_cells]
                ride, walk = self.speeds(self.graph.lanes[lane][0], foot)
                uncertain = self.book.all[self.graph.lanes[lane][0]].walk > 0
                moved = self.step(lane, foot, shut, at, ride, 0.0)
                walked = self.step(lane, foot, shut, at, walk, 0.0) if uncertain else moved
                self.graph.moves.append((*moved, *walked))
                shuts = not shut and self.graph.lanes[lane][0] in self.shut
                self.graph.shadow.append(self.cell(lane, foot, True, at) if shuts else -1)
                done_cells += 1
            while done_nodes < len(self.graph.nodes):
                self.graph.edges.append(self._onward(*self.graph.nodes[done_nodes]))
                done_nodes += 1

    def _onward(self, spot: int, km: float, stop: bool) -> list[tuple[int, float, int, float, int]]:
        """Return where each lane leads when entered in the course of a day (a full day's distance again)."""
        out: list[tuple[int, float, int, float, int]] = []
        for lane in () if stop else self.graph.spot_lanes[spot]:
            ride, walk = self.speeds(self.graph.lanes[lane][0], False)
            moved = self.step(lane, False, False, 0.0, ride, km)
            uncertain = self.book.all[self.graph.lanes[lane][0]].walk > 0
            walked = self.step(lane, False, False, 0.0, walk, km) if uncertain else moved
            out.append((*moved, *walked, moved[0]))
        return out


def build_graph(
    network: Network,
    book: LinkBook,
    epochs: list[list[list[int]]],
    shut: set[int],
    s: FleeSettings,
    compat: str,
) -> Graph:
    """Find spots, lanes, cells and nodes of a case.

    Parameters
    ----------
    network, book
        Places, and links in both directions.
    epochs : list
        Every set of open links that occurs: per place, its open links.
    shut : set of int
        Links that close while people may be on them.
    s : FleeSettings
        Speeds and awareness.
    compat : {"flee", "documented"}
        What awareness 0 means.
    """
    builder = _Builder(network, book, s, shut, compat)
    for opened in epochs:
        builder.epoch(opened)
    builder.routes_onward(epochs)
    builder.within_a_day()
    return builder.graph
