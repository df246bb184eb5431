"""The corridor's rules as arrays: what the compiled loop and the general engine both read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from caudal._core.errors import CaudalError

__all__ = ["Record", "Tables", "conserved", "run_tables"]

Array = npt.NDArray[Any]


class Tables(NamedTuple):
    """Rules of one run. A *kind* is a class with no destination yet (the first ones) or a class × destination."""

    month: Array  # day → row of the outcomes
    undrawn: int  # how many classes
    cls: Array  # kind → class
    pair_ptr: Array  # class → range of its pairs
    # links
    start: Array
    end: Array
    steps: Array
    watched: Array  # 1: interceptions happen there
    gate: Array  # link → gate or -1
    out_ptr: Array
    out_link: Array
    # people
    initial: Array  # place, kind
    road_at: Array  # row of road: place reached, days left, whether on a watched link
    road: Array  # row, kind
    back_at: Array  # row of back: place, days left
    back: Array  # row, kind
    queue: Array  # gate, age (oldest first), kind
    ring: int
    entry_place: Array
    entry_kind: Array
    inflow: Array  # day, entry
    # destinations
    draw_at: Array  # place → row of share or -1
    share: Array  # period, row, kind
    drawn: Array  # period, row, class: whether anything can be reached
    share_row: Array  # day → period
    forget_at: Array  # place: people sent back choose again
    give_up_at: Array
    give_up_to: Array  # place, kind → kind or -1
    # choice of ways
    regime: Array  # day → row of leave and choice
    leave: Array  # regime, place, kind
    choice: Array  # regime, link, kind
    # the border
    sector_place: Array
    meet: Array  # day, class
    retry: Array  # day, class
    evade: Array  # day, class: of those not met, who try again (0: they have arrived)
    push_to: Array  # place → place
    push_delay: int
    come_lo: Array  # place → kinds that may arrive there: from, to
    come_hi: Array
    stand_lo: Array  # place → kinds that may stand there
    stand_hi: Array
    gate_link: Array
    gate_end: Array
    capacity: Array  # day, gate
    abandon: Array  # gate, kind
    abandon_to: Array
    # interception
    watched_end: Array
    watched_most: Array  # days of the longest watched link that ends there
    pinned: Array  # day: find the rate that gives the count
    counted: Array  # day, class
    hazard: Array  # day, class
    most: float
    removed: Array  # day, class: share of interceptions
    discouraged: Array
    returned: Array
    held: Array
    return_place: Array
    return_part: Array
    return_delay: int
    release_delay: int
    held_delay: int
    audit: bool


class Record(NamedTuple):
    """What happened, by month; a few things by day."""

    between: Array  # month, kind: encounters between ports
    repeat: Array  # month, class: of these put back
    unseen: Array  # month, class: crossed without an encounter
    ports: Array  # month, gate, class
    at_ports: Array  # month, kind
    entered: Array  # month, link, class
    waited: Array  # month, gate: days waited by those let through, summed
    served: Array  # month, gate
    abandoned: Array  # month, gate
    watched: Array  # month, class: person-days on watched links
    intercepted: Array  # month, class
    removals: Array
    discouraged: Array
    sent_south: Array
    short: Array  # counted interceptions that could not be made
    stock: Array  # month end, place, class
    away: Array
    coming: Array  # on links, by place reached
    queue: Array  # month end, gate, class
    rate: Array  # day, class
    inflow: Array  # day, class
    left: Array
    inside: Array
    end_here: Array  # as the people of `Tables`, after the last day
    end_road_at: Array
    end_road: Array
    end_back_at: Array
    end_back: Array

    @property
    def days(self) -> int:
        """Days of the run."""
        return int(self.rate.shape[0])


class _Work(NamedTuple):
    """What the loop changes from day to day. Most rows stay empty: ``on_road``, ``on_back`` say which are not."""

    here: Array  # place, kind
    road: Array  # place reached, day of arrival modulo ring, watched, kind
    back: Array  # place, day of arrival modulo ring, kind
    on_road: Array
    on_back: Array
    line: Array  # gate, day of joining (first those there before), position in gate_kind
    in_line: Array  # gate, day of joining: people
    gate_kind: Array  # gate, position: kinds that can stand there
    in_gate: Array  # gate: how many of these


def _work(tab: Tables) -> _Work:
    places, kinds = tab.initial.shape
    on_road, on_back = np.zeros((places, tab.ring, 2), bool), np.zeros((places, tab.ring), bool)
    road, back = np.zeros((*on_road.shape, kinds)), np.zeros((*on_back.shape, kinds))
    for at, rows, whole, on in (
        (tab.road_at, tab.road, road, on_road),
        (tab.back_at, tab.back, back, on_back),
    ):
        whole[tuple(at.T)] = rows
        on[tuple(at.T)] = True
    gates, older = tab.queue.shape[:2]
    lines = tab.start[tab.gate_link]
    used = tab.choice.max(axis=0) > 0
    can = (tab.initial[lines] > 0) | (tab.queue.sum(axis=1) > 0)
    for g, place in enumerate(lines):
        can[g] |= used[tab.end == place].any(axis=0)
        can[g] |= (tab.road[tab.road_at[:, 0] == place] > 0).any(axis=0)
        can[g] |= (tab.back[tab.back_at[:, 0] == place] > 0).any(axis=0)
    in_gate = can.sum(axis=1)
    gate_kind = np.zeros((gates, max(int(in_gate.max(initial=0)), 1)), np.int64)
    line = np.zeros((gates, older + tab.month.size, gate_kind.shape[1]))
    for g in range(gates):
        mine = np.flatnonzero(can[g])
        gate_kind[g, : mine.size] = mine
        line[g, :older, : mine.size] = tab.queue[g][:, mine]
    return _Work(
        np.zeros((places, kinds)), road, back, on_road, on_back, line, line.sum(axis=2), gate_kind, in_gate
    )


def run_tables(tab: Tables) -> Record:
    """Run expected flow."""
    from caudal.corridor._kernel import run_expected

    m = int(tab.month.max()) + 1
    places, kinds = tab.initial.shape
    c, g, k, days = tab.undrawn, tab.gate_link.size, tab.start.size, tab.month.size
    shapes: dict[str, tuple[int, ...]] = {
        "between": (m, kinds),
        "at_ports": (m, kinds),
        "ports": (m, g, c),
        "entered": (m, k, c),
        "stock": (m, places, c),
        "away": (m, places, c),
        "coming": (m, places, c),
        "queue": (m, g, c),
        **dict.fromkeys(("waited", "served", "abandoned"), (m, g)),
        **dict.fromkeys(("rate", "inflow", "left", "inside"), (days, c)),
    }
    record = Record(**{name: np.zeros(shapes.get(name, (m, c))) for name in Record._fields})
    work = _work(tab)
    run_expected(tab, record, work)
    road_at, back_at = np.argwhere(work.on_road), np.argwhere(work.on_back)
    # What rounding leaves below zero is nobody.
    road, back = (np.maximum(x[tuple(at.T)], 0.0) for x, at in ((work.road, road_at), (work.back, back_at)))
    for at in (road_at, back_at):
        at[:, 1] = (at[:, 1] - days) % tab.ring
    return record._replace(
        end_here=np.maximum(work.here, 0.0),
        end_road_at=road_at,
        end_road=road,
        end_back_at=back_at,
        end_back=back,
    )


def conserved(tab: Tables, record: Record) -> float:
    """Return the largest relative difference, over days, between people who came, who left and who are inside.

    Raises
    ------
    CaudalError
        When the run kept no daily account (``audit`` off).
    """
    if not tab.audit:
        raise CaudalError("the run kept no daily account of people", remedy="Run with audit=True")
    before = tab.initial.sum() + tab.road.sum() + tab.back.sum() + tab.queue.sum()
    came = before + record.inflow.sum(axis=1).cumsum()
    left = record.left.sum(axis=1).cumsum()
    gap = np.abs(came - left - record.inside.sum(axis=1))
    return float((gap / np.maximum(came, 1.0)).max())
