"""The agent engine: the same rules over the same tables, one person after the other, compiled.

For users who need paths, and the oracle the cohort engine is proved against. People are kept in order of
creation. ``shuffled`` serves them in a fresh random order every day, otherwise they are served in order of
creation, as in the reference. Weights are kept per place and class and renewed only when a capacity factor
they use has moved.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from caudal.flow._cohort_parts import factor
from caudal.flow._compiled import compiled
from caudal.flow._sampling import mix, open_stream, uniform

__all__ = ["run_agents_loop"]

_JUMP = np.uint64(0xD1342543DE82EF95)


@compiled(inline=True)
def _shuffle(rng: Any, items: Any, count: int) -> None:
    for i in range(count - 1, 0, -1):
        j = int(uniform(rng) * (i + 1))
        items[i], items[j] = items[j], items[i]


@compiled()
def run_agents_loop(
    tab: Any,
    seed: Any,
    spawn_mode: int,
    spawn_counts: Any,
    rate: float,
    take: bool,
    feet: int,
    stints: bool,
    exact: bool,
    speed: float,
    buffer: float,
    power: float,
    pruning: float,
    shuffled: bool,
    where: Any,
    kind: Any,
    recent: Any,
    people: Any,
    seen: Any,
    log: Any,
    record: Any,
) -> int:
    """Run one replicate with agents; fill ``record`` and, if it has room, ``log``.

    ``where`` (spot, or -1 - cell), ``kind`` (class, foot bit), ``recent`` (km) hold one entry per person
    that can be created; ``people`` is scratch of the same length for the day's order. Each row of ``log``
    is (day, person, place at the end of the day or -1 - link), written when that changes from ``seen``; the
    number of rows wanted is returned, which may be more than there is room for.
    """
    occupancy, on_link, entered, by_class, spawned, states = record
    days, places = tab.camp.shape
    classes = tab.class_share.shape[1]
    rows = max(1, tab.cand_ptr[:, places].max())
    most = 1
    for e in range(tab.cand_ptr.shape[0]):
        for p in range(places):
            most = max(most, tab.cand_ptr[e, p + 1] - tab.cand_ptr[e, p])
    rng = np.zeros(1, np.uint64)
    occ, fac = np.zeros(places), np.ones(places)
    version = 0  # moves on whenever a factor does
    weight, total = np.zeros((rows, classes)), np.zeros((places, classes))
    fresh = np.full((places, classes), -1, np.int64)
    population, born = tab.population.copy(), np.zeros(places)
    totals = np.zeros(classes)
    alive, logged = 0, 0

    for t in range(days):
        key = mix(seed + np.uint64(t + 1) * _JUMP)
        open_stream(rng, key, 11, 0)
        epoch = tab.day_epoch[t]
        first_row = tab.cand_ptr[epoch, 0]
        version += 1

        # 1. Displacement, one person at a time where registrations drive it.
        if t == 0:
            for p in range(places):
                born[p] = tab.initial[p]
        mass = 0.0
        for p in range(places):
            mass += max(population[p], 0.0) * tab.spawn_factor[t, p]
        for turn in range(2):
            if turn == 0 and t > 0:
                continue
            count = 0
            if turn == 1 and spawn_mode == 0:
                count = int(tab.spawn_total[t])
                for p in range(places):
                    born[p] = 0.0
            else:
                if turn == 1:
                    for p in range(places):
                        born[p] = spawn_counts[t, p]
                        if spawn_mode == 2:
                            born[p] = math.floor(rate * population[p] * tab.spawn_factor[t, p])
                for p in range(places):
                    count += int(born[p])
            at_place, left = 0, int(born[0])
            for p in range(places):
                spawned[t, p] += born[p]
            for _ in range(count):
                if turn == 1 and spawn_mode == 0:
                    u = uniform(rng) * mass
                    p, last = 0, 0
                    while p < places:
                        w = max(population[p], 0.0) * tab.spawn_factor[t, p]
                        if w > 0.0:
                            last = p
                            if u < w:
                                break
                        u -= w
                        p += 1
                    p = last
                    born[p] += 1.0
                    spawned[t, p] += 1.0
                else:
                    while left == 0:
                        at_place += 1
                        left = int(born[at_place])
                    p = at_place
                    left -= 1
                c = 0
                if classes > 1:
                    u = uniform(rng)
                    while c < classes - 1 and u >= tab.class_share[p, c]:
                        c += 1
                where[alive] = p
                kind[alive] = c * feet + feet - 1
                recent[alive] = 0.0
                totals[c] += 1.0
                alive += 1
                occ[p] += 1.0
            if take and turn == 1:
                for p in range(places):
                    population[p] -= born[p]

        # 2. Links that close.
        if tab.shut_ptr[t + 1] > tab.shut_ptr[t]:
            for i in range(alive):
                if where[i] < 0:
                    cell = -1 - where[i]
                    for j in range(tab.shut_ptr[t], tab.shut_ptr[t + 1]):
                        if tab.cell_link[cell] == tab.shut_link[j] and tab.cell_shadow[cell] >= 0:
                            where[i] = -1 - tab.cell_shadow[cell]
                            break

        # 3. Two passes: 0 decides in the morning, 1 travels.
        for turn in range(2):
            count = 0
            if turn == 0:
                for i in range(alive):
                    s = where[i]
                    if s >= 0:
                        if s >= places:
                            people[count] = i
                            count += 1
                        else:
                            chance = tab.chance[t, s]
                            if chance >= 1.0 or uniform(rng) < chance:
                                people[count] = i
                                count += 1
                            elif stints:
                                recent[i] = float(int(recent[i]) >> 1) if exact else recent[i] * 0.5
                    # People on a link are gathered in the second pass.
            else:
                for i in range(alive):
                    if where[i] < 0:
                        people[count] = i
                        count += 1
            if shuffled:
                _shuffle(rng, people, count)
            for index in range(count):
                i = people[index]
                c = kind[i] // feet
                foot = feet == 2 and kind[i] % 2 == 1
                km = 0.0
                deciding = turn == 0
                if turn == 1:
                    cell = -1 - where[i]
                    walks = tab.cell_chance[cell] > 0.0 and uniform(rng) < tab.cell_chance[cell]
                    to = tab.cell_walk[cell] if walks else tab.cell_ride[cell]
                    km = tab.cell_walk_km[cell] if walks else tab.cell_ride_km[cell]
                    where[i] = to
                    if to >= 0:
                        node = to
                        if foot:
                            kind[i] -= 1
                            foot = False
                        deciding = True
                else:
                    node = where[i]
                while deciding:
                    s = tab.node_spot[node]
                    p = tab.spot_place[s]
                    if turn == 1:
                        km = tab.node_km[node]
                        where[i] = s
                        occ[p] += 1.0
                        f = factor(occ[p], tab.capacity[t, p], buffer)
                        if f != fac[p]:
                            fac[p] = f
                            version += 1
                        if tab.node_stop[node]:
                            break
                    way, end = -1, -1
                    if s >= places:
                        way, end = tab.follow[epoch, s], tab.spot_final[s]
                        where[i] = p
                    else:
                        if turn == 1:
                            chance = tab.chance[t, p]
                            if stints and tab.town[t, p] and recent[i] + km < speed:
                                chance = 1.0
                            if uniform(rng) >= chance:
                                break
                        lo, hi = tab.cand_ptr[epoch, p], tab.cand_ptr[epoch, p + 1]
                        if hi == lo:
                            break
                        if fresh[p, c] != version:
                            fresh[p, c] = version
                            weight_sum, best = 0.0, 0.0
                            for j in range(lo, hi):
                                w = tab.base[tab.day_base[t] + j - first_row, c]
                                d = tab.cand_dest[j]
                                f = factor(occ[d], tab.capacity[t, d], buffer)
                                fac[d] = f
                                if f < 1.0:
                                    w *= f if power == 1.0 else f**power
                                weight[j - first_row, c] = w
                                weight_sum += w
                                best = max(best, w)
                            if pruning >= 1.001:
                                weight_sum = 0.0
                                for j in range(lo, hi):
                                    if weight[j - first_row, c] < best / pruning:
                                        weight[j - first_row, c] = 0.0
                                    weight_sum += weight[j - first_row, c]
                            total[p, c] = weight_sum
                        even = total[p, c] <= 0.0
                        u = uniform(rng) * (float(hi - lo) if even else total[p, c])
                        j, last = lo, lo
                        while j < hi:
                            w = 1.0 if even else weight[j - first_row, c]
                            if w > 0.0:
                                last = j
                                if u < w:
                                    break
                            u -= w
                            j += 1
                        way, end = tab.cand_lane[last], tab.cand_dest[last]
                    if way < 0:
                        break
                    if tab.camp[t, end] and factor(occ[end], tab.capacity[t, end], buffer) < 0.5:
                        break
                    lane = tab.lane_ptr[s] + way
                    edge = tab.edge_ptr[node] + way
                    entered[t, tab.lane_link[lane]] += 1.0
                    occ[p] -= 1.0
                    f = factor(occ[p], tab.capacity[t, p], buffer)
                    if f != fac[p]:
                        fac[p] = f
                        version += 1
                    if turn == 0:
                        where[i] = tab.edge_foot[edge] if foot else tab.edge_ride[edge]
                        break
                    walks = tab.lane_walk[lane] > 0.0 and uniform(rng) < tab.lane_walk[lane]
                    to = tab.edge_walk[edge] if walks else tab.edge_ride[edge]
                    km = tab.edge_walk_km[edge] if walks else tab.edge_ride_km[edge]
                    where[i] = to
                    if to < 0:
                        break
                    node = to
                # Who stayed in the morning has had the day; who left is counted after the second pass.
                if stints and (turn == 1 or where[i] >= 0):
                    sum_km = recent[i] + km
                    recent[i] = float(int(sum_km) >> 1) if exact else sum_km * 0.5
        # 4. The record.
        for p in range(places):
            occupancy[t, p] = occ[p]
        for i in range(alive):
            if where[i] < 0:
                on_link[t, tab.cell_link[-1 - where[i]]] += 1.0
        for c in range(classes):
            by_class[t, c] = totals[c]
        states[t] = alive
        if log.shape[0] > 0:
            for i in range(alive):
                now = tab.spot_place[where[i]] if where[i] >= 0 else -1 - tab.cell_link[-1 - where[i]]
                if now != seen[i]:
                    seen[i] = now
                    if logged < log.shape[0]:
                        log[logged, 0], log[logged, 1], log[logged, 2] = t, i, now
                    logged += 1
    return logged
