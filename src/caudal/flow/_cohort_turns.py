"""Who has a turn in each of the day's two passes, and whether a camp's capacity binds while they take it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from caudal.flow._cohort_parts import add, draw, position, spread
from caudal.flow._compiled import compiled
from caudal.flow._sampling import open_stream

__all__ = ["choose", "travel"]

_LEAVE, _WALK = np.uint64(2), np.uint64(3)
_NONE, _ONE = np.uint64(0), np.uint64(1)


@compiled(inner=True)
def choose(
    law: Any,
    calendar: Any,
    cand_ptr: Any,
    cand_dest: Any,
    nodes: Any,
    rng: Any,
    camps: Any,
    turns: Any,
    today: Any,
    t: int,
    key: Any,
) -> tuple[int, bool]:
    """Draw who leaves this morning; return how many entries wait for a turn, and whether a camp binds."""
    occ, point, looks, binds = camps.occ, camps.point, camps.looks, camps.binds
    spot_n, spot_list, used = today.spot_n, today.spot_list, today.used[0]
    capacity, chance, epoch = calendar.capacity, calendar.chance, calendar.epoch[t]
    spot_place, spot_final = nodes.place, nodes.final
    size, buffer, expected = law.size, law.buffer, law.expected
    places = occ.size
    tight, waiting = False, 0
    for p in range(places):
        looks[p] = 0
        # A camp binds this morning if leavers move its factor, or carry it over the point of refusal.
        cap = capacity[t, p]
        binds[p] = False
        if cap >= 1.0 and occ[p] > buffer * cap:
            leaving = chance[t, p] * occ[p]
            over = occ[p] - point[p]
            within = over >= 0.0 and over <= leaving + 5.0 * math.sqrt(leaving) + 1.0
            smooth = occ[p] - leaving < cap and leaving > law.epsilon * cap * (1.0 - buffer)
            binds[p] = within or smooth
    for p in range(places):
        for j in range(cand_ptr[epoch, p], cand_ptr[epoch, p + 1]):
            d = cand_dest[j]
            if capacity[t, d] >= 1.0:
                looks[p] = 2 if binds[d] or looks[p] == 2 else 1
                tight = tight or binds[d]
    for i in range(used):
        at = spot_list[i]
        n = spot_n[at]
        if n <= 0.0:
            continue
        s, m = (at // size, at % size) if size > 1 else (at, 0)
        p = spot_place[s]
        k = n
        if s < places:
            open_stream(rng, key, _LEAVE, at)
            k = draw(rng, n, chance[t, p], expected)
        if k <= 0.0:
            continue
        spot_n[at] -= k
        final = spot_final[s]
        kind = 0
        if binds[p]:
            kind = 1
        elif looks[p] == 2 or (final >= 0 and binds[final]):
            kind = 2
        turns.node[waiting], turns.m[waiting], turns.n[waiting] = s, m, k
        turns.kind[waiting] = kind
        waiting += 1
    return waiting, tight


@compiled(inner=True)
def travel(
    law: Any,
    capacity: Any,
    nodes: Any,
    cells: Any,
    rng: Any,
    camps: Any,
    turns: Any,
    today: Any,
    tomorrow: Any,
    t: int,
    key: Any,
) -> tuple[int, bool]:
    """Carry people along their links; return how many entries arrive somewhere, and whether a camp binds."""
    occ, binds, coming = camps.occ, camps.binds, camps.coming
    cell_n, cell_list, used = today.cell_n, today.cell_list, today.used[1]
    cell_new, cell_list_new, used_new = tomorrow.cell_n, tomorrow.cell_list, tomorrow.used[1]
    walk_chance, ride_to, ride_km = cells.chance, cells.ride, cells.ride_km
    walk_to, walk_km, reach, minds, bit = cells.walk, cells.walk_km, nodes.reach, nodes.minds, nodes.bit
    size, bins, bin_km, buffer, expected = law.size, law.bins, law.bin_km, law.buffer, law.expected
    waiting = 0
    for b in range(coming.size):
        coming[b] = 0.0
    for i in range(used):
        at = cell_list[i]
        n = cell_n[at]
        cell_n[at] = 0.0
        if n <= 0.0:
            continue
        cell, m = (at // size, at % size) if size > 1 else (at, 0)
        walkers = 0.0
        if walk_chance[cell] > 0.0 or bin_km != 1.0:
            open_stream(rng, key, _WALK, at)
        if walk_chance[cell] > 0.0:
            walkers = draw(rng, n, walk_chance[cell], expected)
        for gait in range(2):
            k = walkers if gait == 1 else n - walkers
            if k <= 0.0:
                continue
            to = walk_to[cell] if gait == 1 else ride_to[cell]
            if to >= 0:
                turns.node[waiting], turns.m[waiting], turns.n[waiting] = to, m, k
                turns.kind[waiting] = 0
                waiting += 1
                bits = reach[to]
                while bits != _NONE:
                    low_bit = bits & (~bits + _ONE)
                    bits ^= low_bit
                    coming[position(low_bit)] += k
                continue
            first = (-1 - to) * size + m
            if bins == 1:
                used_new = add(cell_new, cell_list_new, first, used_new, k)
                continue
            x = m if size == bins else m % bins
            first -= x
            km = walk_km[cell] if gait == 1 else ride_km[cell]
            used_new = spread(rng, cell_new, cell_list_new, first, used_new, k, x, km, bin_km, expected)
    today.used[1] = 0
    tomorrow.used[1] = used_new

    mask = _NONE
    for p in range(occ.size):
        cap = capacity[t, p]
        binds[p] = cap >= 1.0 and occ[p] < cap and occ[p] + coming[bit[p]] > buffer * cap
        if binds[p]:
            mask |= _ONE << np.uint64(bit[p])
    tight = False
    if mask != _NONE:
        for i in range(waiting):
            if minds[turns.node[i]] & mask != _NONE:
                tight = True
    if tight:
        for i in range(waiting):
            if (minds[turns.node[i]] | reach[turns.node[i]]) & mask != _NONE:
                turns.kind[i] = 2
    return waiting, tight
