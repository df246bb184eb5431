"""Carry those whose turn it is through the day, node by node, nearest first."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.flow._cohort_parts import add, draw, merge, position, spread
from caudal.flow._compiled import compiled
from caudal.flow._sampling import open_stream, uniform

__all__ = ["carry"]

_GO = np.uint64(6)
_NONE, _ONE = np.uint64(0), np.uint64(1)
_JUMP = np.uint64(0xD1342543DE82EF95)


@compiled(inner=True)
def carry(
    law: Any,
    chance: Any,
    town: Any,
    choices: Any,
    nodes: Any,
    roads: Any,
    rng: Any,
    camps: Any,
    pull: Any,
    due: Any,
    today: Any,
    tomorrow: Any,
    t: int,
    epoch: int,
    key: Any,
    turn: int,
    step: int,
    entered: Any,
) -> None:
    """Decide who stays, who goes on and where, until nobody is left at a node of the day."""
    cand_ptr, cand_dest, cand_lane, follow = choices.ptr, choices.dest, choices.lane, choices.follow
    edge_ptr, edge_foot, edge_ride, edge_walk = (
        roads.edge_ptr,
        roads.edge_foot,
        roads.edge_ride,
        roads.edge_walk,
    )
    edge_ride_km, edge_walk_km = roads.edge_ride_km, roads.edge_walk_km
    lane_ptr, lane_link, lane_walk = roads.lane_ptr, roads.lane_link, roads.lane_walk
    node_km, node_spot, node_stop = nodes.km, nodes.spot, nodes.stop
    spot_place, spot_final = nodes.place, nodes.final
    node_n, node_list, node_used, flags, slot = due.n, due.listed, due.used, due.flags, due.slot
    occ, arrived, today_total, refuses = camps.occ, camps.arrived, camps.today, camps.refuses
    weight, total, picks = pull.weight, pull.total, pull.picks
    cell_n, cell_list, cell_used = today.cell_n, today.cell_list, today.used[1]
    spot_new, spot_list_new, spot_used_new = tomorrow.spot_n, tomorrow.spot_list, tomorrow.used[0]
    cell_new, cell_list_new, cell_used_new = tomorrow.cell_n, tomorrow.cell_list, tomorrow.used[1]
    expected, feet, classes, bins, size = law.expected, law.feet, law.classes, law.bins, law.size
    bin_km, speed, few = law.bin_km, law.speed, law.few
    first_row = cand_ptr[epoch, 0]
    places = occ.size
    room = size + 1 if size > 1 else 1  # of a node's list
    stream = key + np.uint64(step * 2 + turn)
    for word in range(flags.size):
        while flags[word] != _NONE:
            bits = flags[word]
            low_bit = bits & (~bits + _ONE)
            flags[word] = bits ^ low_bit
            node = (word << 6) + position(low_bit)
            s = node_spot[node]
            p = spot_place[s]
            km = node_km[node]
            edge = edge_ptr[node]
            start, many = node * room, 1
            if size > 1:
                many = node_used[node]
                if many > 1:
                    many = merge(node_n, node_list, slot, start, many)
            for q in range(start, start + many):
                m = node_list[q] if size > 1 else 0
                at = node * size + m
                n = node_n[q]
                node_n[q] = 0.0
                x, c = m, 0
                foot = False
                if size > bins:  # divisions are dear
                    x, c = m % bins, (m // bins) % classes
                    foot = feet == 2 and (m // (bins * classes)) % 2 == 1
                if turn == 1 and foot:
                    m -= bins * classes
                    foot = False
                # How many go on, and where.
                stay, dropped = 0.0, 0.0
                ways = 0
                first = 0
                open_stream(rng, stream, _GO, at)
                base_state = rng[0]
                if turn == 1 and node_stop[node]:
                    stay = n
                elif s >= places:  # on a route: the next link, unless it is gone or the end is full
                    if follow[epoch, s] < 0 or refuses[spot_final[s]]:
                        dropped = n
                    else:
                        picks[0] = n
                        ways = 1
                        first = -1
                else:
                    go = n
                    if turn == 1:
                        may = chance[t, p]
                        if bins > 1 and town[t, p] and x * bin_km + km < speed:
                            may = 1.0
                        go = draw(rng, n, may, expected)
                    first = cand_ptr[epoch, p]
                    ways = cand_ptr[epoch, p + 1] - first
                    if ways == 0:
                        go = 0.0
                    stay = n - go
                    if go > 0.0:
                        row = first - first_row
                        mass = total[p, c]
                        even = mass <= 0.0
                        if even:
                            mass = float(ways)
                        if go <= few and not expected:  # a few: one by one is cheaper
                            for j in range(ways):
                                picks[j] = 0.0
                            for _ in range(int(go)):
                                u = uniform(rng) * mass
                                last = 0
                                for j in range(ways):
                                    w = 1.0 if even else weight[row + j, c]
                                    if w > 0.0:
                                        last = j
                                        if u < w:
                                            break
                                    u -= w
                                picks[last] += 1.0
                        else:
                            rest = go
                            for j in range(ways):
                                w = 1.0 if even else weight[row + j, c]
                                k = 0.0
                                if rest > 0.0 and w > 0.0:
                                    part = w / mass
                                    if part > 1.0 - 1e-12:
                                        k = rest
                                    else:
                                        # Every draw has its own stretch of the stream, so that paired
                                        # scenarios stay aligned whatever one draw uses.
                                        rng[0] = base_state + np.uint64(j + 1) * _JUMP
                                        k = draw(rng, rest, part, expected)
                                picks[j] = k
                                rest -= k
                                mass -= w
                    else:
                        ways = 0
                for j in range(ways):
                    k = picks[j]
                    if k <= 0.0:
                        continue
                    if first < 0:
                        way = follow[epoch, s]
                    else:
                        if refuses[cand_dest[first + j]]:
                            dropped += k
                            continue
                        way = cand_lane[first + j]
                    lane = lane_ptr[s] + way
                    entered[t, lane_link[lane]] += k
                    if turn == 0:
                        occ[p] -= k
                        to = edge_foot[edge + way] if foot else edge_ride[edge + way]
                        cell_used = add(cell_n, cell_list, (-1 - to) * size + m, cell_used, k)
                        continue
                    walkers = 0.0
                    if lane_walk[lane] > 0.0:
                        rng[0] = base_state + np.uint64(ways + j + 2) * _JUMP
                        walkers = draw(rng, k, lane_walk[lane], expected)
                    for gait in range(2):
                        g = walkers if gait == 1 else k - walkers
                        if g <= 0.0:
                            continue
                        to = edge_walk[edge + way] if gait == 1 else edge_ride[edge + way]
                        if to >= 0:
                            flags[to >> 6] |= _ONE << np.uint64(to & 63)
                            if size > 1:
                                last = node_used[to]
                                if last == room:
                                    last = merge(node_n, node_list, slot, to * room, last)
                                node_list[to * room + last], node_n[to * room + last] = m, g
                                node_used[to] = last + 1
                            else:
                                node_n[to] += g
                            continue
                        at = (-1 - to) * size + m - x
                        if bins == 1:
                            cell_used_new = add(cell_new, cell_list_new, at, cell_used_new, g)
                            continue
                        covered = edge_walk_km[edge + way] if gait == 1 else edge_ride_km[edge + way]
                        cell_used_new = spread(
                            rng, cell_new, cell_list_new, at, cell_used_new, g, x, covered, bin_km, expected
                        )
                # Those who stay, at their spot or with their route dropped.
                for h in range(2):
                    k = stay if h == 0 else dropped
                    if k <= 0.0:
                        continue
                    at = (s if h == 0 else p) * size + m - x
                    if turn == 1:
                        occ[p] += k
                        arrived[p] += k
                        today_total[p] += k
                    if bins == 1:
                        spot_used_new = add(spot_new, spot_list_new, at, spot_used_new, k)
                        continue
                    spot_used_new = spread(
                        rng, spot_new, spot_list_new, at, spot_used_new, k, x, km, bin_km, expected
                    )
            if size > 1:
                node_used[node] = 0
    today.used[1] = cell_used
    tomorrow.used[0], tomorrow.used[1] = spot_used_new, cell_used_new
