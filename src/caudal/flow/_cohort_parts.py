"""What the phases of a cohort's day share: the law's numbers, the people, the desk they are counted on.

Memory of a person in one number ``m``: ``((age class · feet + on first link) · classes + class) · bins + recent
travel``. A spot's or cell's people of one memory stand at ``spot · size + m``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from caudal.flow._compiled import compiled
from caudal.flow._sampling import binomial

__all__ = [
    "Displaced",
    "Law",
    "add",
    "desk_for",
    "draw",
    "factor",
    "halved",
    "merge",
    "people_for",
    "position",
    "sections",
    "spread",
]

Array = npt.NDArray[Any]
_NONE = np.uint64(0)


class Law(NamedTuple):
    """The numbers of the rules that the phases read.

    ``size`` memories at a spot, ``block`` of them of one age class; ``few`` people together are walked through a
    day one by one.
    """

    expected: bool
    feet: int
    classes: int
    bins: int
    generations: int
    block: int
    size: int
    bin_km: float
    speed: float
    buffer: float
    power: float
    pruning: float
    epsilon: float
    slices: int
    few: float


class People(NamedTuple):
    """Sparse vectors over (spot, memory) and (cell, memory); all zero where they are not listed."""

    spot_n: Array
    spot_list: Array
    cell_n: Array
    cell_list: Array
    used: Array  # entries in use: of spots, of cells


class Calendar(NamedTuple):
    """What holds on a day: its epoch and first weight row, and by place kind, chance of leaving and capacity."""

    epoch: Array
    base: Array
    camp: Array
    town: Array
    chance: Array
    capacity: Array


class Choices(NamedTuple):
    """Where one can go from a place, and how much each choice weighs before capacity."""

    ptr: Array
    lane: Array
    dest: Array
    base: Array
    follow: Array


class Nodes(NamedTuple):
    """Spots reached after so many kilometres of the day, and the camps that matter from there."""

    spot: Array
    km: Array
    stop: Array
    reach: Array
    minds: Array
    bit: Array
    place: Array  # spot → place
    final: Array  # spot → destination of its route


class Roads(NamedTuple):
    """Edges between nodes of a day, and the links their lanes run on."""

    edge_ptr: Array
    edge_foot: Array
    edge_ride: Array
    edge_ride_km: Array
    edge_walk: Array
    edge_walk_km: Array
    lane_ptr: Array
    lane_link: Array
    lane_walk: Array


class Cells(NamedTuple):
    """Where a day takes people who wake up on a link, and the links that close."""

    ride: Array
    ride_km: Array
    walk: Array
    walk_km: Array
    chance: Array
    link: Array
    shadow: Array
    shut_ptr: Array
    shut_link: Array


class Displaced(NamedTuple):
    """How many are displaced, where and of which class; ``population`` and ``born`` change as a run goes."""

    mode: int
    rate: float
    take: bool
    counts: Array
    factor: Array
    total: Array
    initial: Array
    class_share: Array
    ages: Array
    population: Array
    born: Array


class Camps(NamedTuple):
    """By place: people there now, arrivals, and what is known of the room left."""

    occ: Array
    arrived: Array
    today: Array
    yesterday: Array
    fac: Array  # capacity factor in force
    looks: Array
    binds: Array
    refuses: Array
    point: Array  # the least occupancy at which a camp refuses people
    coming: Array
    direct: Array
    ahead: Array


class Pull(NamedTuple):
    """Weights in force and their sums, and room to split a number over choices."""

    weight: Array
    total: Array
    picks: Array


class Turns(NamedTuple):
    """People waiting their turn in a pass; kind 0 is indifferent, 1 leaves a full camp, 2 looks for a place."""

    node: Array
    m: Array
    kind: Array
    n: Array


class Due(NamedTuple):
    """People due at nodes of the day, and the set of nodes with people as bits.

    With one memory, ``n`` is a number per node. With more it is a list per node, ``size + 1`` long, beside the
    memories in ``listed``: entries are put at its end as people come, so that the day stays in the cache
    (a number for each node and memory would be hundreds of megabytes), and `merge` joins those of one memory.
    """

    n: Array
    listed: Array
    used: Array
    flags: Array
    slot: Array  # memory: scratch of `merge`


def sections(tab: Any) -> tuple[Calendar, Choices, Nodes, Roads, Cells]:
    """Return the tables of a case by topic, so that each phase is handed what it reads and no more."""
    calendar = Calendar(tab.day_epoch, tab.day_base, tab.camp, tab.town, tab.chance, tab.capacity)
    choices = Choices(tab.cand_ptr, tab.cand_lane, tab.cand_dest, tab.base, tab.follow)
    nodes = Nodes(
        tab.node_spot,
        tab.node_km,
        tab.node_stop,
        tab.reach,
        tab.minds,
        tab.bit,
        tab.spot_place,
        tab.spot_final,
    )
    roads = Roads(
        tab.edge_ptr, tab.edge_foot, tab.edge_ride, tab.edge_ride_km, tab.edge_walk, tab.edge_walk_km, tab.lane_ptr,
        tab.lane_link, tab.lane_walk,
    )  # fmt: skip
    cells = Cells(
        tab.cell_ride, tab.cell_ride_km, tab.cell_walk, tab.cell_walk_km, tab.cell_chance, tab.cell_link,
        tab.cell_shadow, tab.shut_ptr, tab.shut_link,
    )  # fmt: skip
    return calendar, choices, nodes, roads, cells


def people_for(spots: int, cells: int, size: int) -> People:
    """Return an empty state; numpy's zeros are pages that cost nothing until they are touched."""
    return People(
        np.zeros(spots * size),
        np.zeros(spots * size, np.int64),
        np.zeros(cells * size),
        np.zeros(cells * size, np.int64),
        np.zeros(2, np.int64),
    )


def desk_for(tab: Any, size: int) -> tuple[Camps, Pull, Turns, Due]:
    """Return the scratch arrays of one replicate, laid out here so that compiled code allocates nothing."""
    places, classes, nodes = tab.camp.shape[1], tab.class_share.shape[1], len(tab.node_spot)
    kinds = {"looks": np.uint8, "binds": np.bool_, "refuses": np.bool_}
    marks = {name: np.zeros(places, kinds.get(name, np.float64)) for name in Camps._fields}
    marks |= {"fac": np.ones(places), "coming": np.zeros(64)}
    rows = max(int(tab.cand_ptr[:, -1].max(initial=0)), 1)
    most = max(int(np.diff(tab.cand_ptr, axis=1).max(initial=0)), 1)
    room = max(len(tab.spot_place), 2 * len(tab.cell_ride)) * size + 1
    return (
        Camps(**marks),
        Pull(np.zeros((rows, classes)), np.zeros((places, classes)), np.zeros(most)),
        Turns(np.zeros(room, np.int32), np.zeros(room, np.int32), np.zeros(room, np.int8), np.zeros(room)),
        Due(
            np.zeros(nodes * (size + 1 if size > 1 else 1)),
            np.zeros(nodes * (size + 1) if size > 1 else 1, np.int32),
            np.zeros(nodes, np.int32),
            np.zeros((nodes + 63) // 64, np.uint64),
            np.zeros(size, np.int32),
        ),
    )


@compiled(inline=True)
def draw(rng: Any, n: float, p: float, expected: bool) -> Any:
    """Return how many of ``n`` do what each does with chance ``p``; their mean with ``expected``."""
    if expected:
        return n * (0.0 if p < 0.0 else 1.0 if p > 1.0 else p)
    return binomial(rng, n, p)


@compiled(inline=True)
def add(values: Any, touched: Any, at: int, count: int, n: float) -> int:
    """Add ``n`` to a sparse vector and return how many of its entries are in use."""
    if values[at] == 0.0:
        touched[count] = at
        count += 1
    values[at] += n
    return count


@compiled(inline=True)
def factor(n: float, cap: float, buffer: float) -> float:
    """Return the share of its attraction a place with capacity ``cap`` keeps at occupancy ``n``."""
    if cap < 1.0 or n <= buffer * cap:
        return 1.0
    if n >= cap:
        return 0.0
    return 1.0 - (n - buffer * cap) / (cap * (1.0 - buffer))


@compiled(inline=True)
def halved(x: int, km: float, bin_km: float) -> tuple[int, float]:
    """Return the lower bin of tomorrow's recent travel ``(x + km) / 2`` and the share that belongs one above.

    With bins of 1 km and whole kilometres the floor is exact (comparisons see no difference) and nobody is
    above.
    """
    if bin_km == 1.0:
        return int(x + km) >> 1, 0.0
    value = 0.5 * (x + km / bin_km)
    low = int(value)
    return low, value - low


@compiled(inline=True)
def spread(
    rng: Any,
    values: Any,
    touched: Any,
    at: int,
    count: int,
    n: float,
    x: int,
    km: float,
    bin_km: float,
    expected: bool,
) -> int:
    """Add ``n`` with tomorrow's recent travel to a sparse vector from ``at``; return how many entries are in use."""
    low, part = halved(x, km, bin_km)
    up = draw(rng, n, part, expected) if part > 0.0 else 0.0
    if n > up:
        count = add(values, touched, at + low, count, n - up)
    if up > 0.0:
        count = add(values, touched, at + low + 1, count, up)
    return count


@compiled(inline=True)
def position(bit: Any) -> int:
    """Return the index of the only bit set."""
    place, width = 0, 32
    while width > 0:
        if bit >> np.uint64(width) != _NONE:
            bit >>= np.uint64(width)
            place += width
        width >>= 1
    return place


@compiled(inner=True)
def merge(n: Any, listed: Any, slot: Any, start: int, many: int) -> int:
    """Join entries of one memory in a node's list from ``start``; return how many are left, in order of coming."""
    kept = 0
    for q in range(start, start + many):
        m = listed[q]
        if slot[m] == 0:
            listed[start + kept], n[start + kept] = m, n[q]
            kept += 1
            slot[m] = kept
        else:
            n[start + slot[m] - 1] += n[q]
    for q in range(start, start + kept):
        slot[listed[q]] = 0
    return kept
