"""Slices of a pass: how much of the day each is, the weights in force during it, and who takes their turn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from caudal.flow._cohort_parts import draw, factor, merge
from caudal.flow._compiled import compiled
from caudal.flow._sampling import open_stream

__all__ = ["call", "fraction_of_day", "weigh"]

_TURN, _ONE = np.uint64(4), np.uint64(1)


@compiled(inner=True)
def fraction_of_day(
    law: Any,
    capacity: Any,
    nodes: Any,
    camps: Any,
    turns: Any,
    t: int,
    waiting: int,
    only: int,
    step: int,
    settled: bool,
    spare: float,
    last_slice: float,
) -> float:
    """Return how much of the day the next slice of arrivals is, small enough for capacity factors to stand.

    ``only`` is the generation served, -1 for all; ``spare`` the part of the day not yet served. Leaves in
    ``camps.ahead`` who is expected at each camp by the middle of the slice.
    """
    occ, arrived, point, binds = camps.occ, camps.arrived, camps.point, camps.binds
    coming, direct, ahead, yesterday = camps.coming, camps.direct, camps.ahead, camps.yesterday
    bit, spot_place, node_spot = nodes.bit, nodes.place, nodes.spot
    epsilon, buffer, block = law.epsilon, law.buffer, law.block
    places = occ.size
    fraction = spare
    for p in range(places):
        direct[p], ahead[p] = 0.0, 0.0
    for i in range(waiting):
        if only < 0 or turns.m[i] // block == only:
            direct[spot_place[node_spot[turns.node[i]]]] += turns.n[i]
    seeking = False
    for p in range(places):
        cap = capacity[t, p]
        if not binds[p] or occ[p] >= cap:
            continue
        guess = 0.0
        gap = buffer * cap - occ[p]
        half = point[p] - occ[p]
        may = epsilon * (cap * (1.0 - buffer))
        if gap > 0.0:
            may += gap
        if half > 0.0:  # do not jump over the point of refusal
            short = half - 1.5 * math.sqrt(half)
            if short < 0.05 * half:
                short = 0.05 * half
            if short < may:
                may = short
        # Past the point of refusal only those already on the way arrive, and they are known.
        rate = direct[p] / spare
        if half > 0.0:
            seeking = True
            if step == 0:
                # Yesterday's pace unless links or attractions changed: then a pilot slice.
                rate = coming[bit[p]]
                if settled:
                    if rate > 1.5 * yesterday[p] + 10.0:
                        rate = 1.5 * yesterday[p] + 10.0
                    guess = yesterday[p] if yesterday[p] < rate else rate
            else:
                guess = arrived[p] / (1.0 - spare)
                if guess < rate:
                    guess = rate
                seen = (arrived[p] + 1.0) / (1.0 - spare)
                if seen > rate:
                    rate = seen
        else:
            guess = rate
        ahead[p] = 0.5 * guess
        if rate <= 0.0:
            continue
        least = 0.01 + 2e-5 * cap
        part = (least if least > may else may) / rate
        if part < fraction:
            fraction = part
    if step == 0 and seeking and not settled:
        if fraction >= spare:
            fraction = spare
        elif fraction < 1.0 / 64.0:
            fraction = 1.0 / 64.0
        elif fraction > 1.0 / 8.0:
            fraction = 1.0 / 8.0
    elif step > 0 and seeking and fraction > 4.0 * last_slice:
        fraction = 4.0 * last_slice
    if fraction < 1e-5:
        fraction = 1e-5
    if fraction > spare:
        fraction = spare
    for p in range(places):
        ahead[p] *= fraction
    return fraction


@compiled(inner=True)
def weigh(law: Any, calendar: Any, choices: Any, camps: Any, pull: Any, t: int, changed: bool) -> None:
    """Renew capacity factors and weights as they will stand half way through the slice."""
    occ, ahead, fac, refuses, looks = camps.occ, camps.ahead, camps.fac, camps.refuses, camps.looks
    weight, total, capacity, camp = pull.weight, pull.total, calendar.capacity, calendar.camp
    base, cand_ptr, cand_dest = choices.base, choices.ptr, choices.dest
    buffer, power, pruning = law.buffer, law.power, law.pruning
    epoch = calendar.epoch[t]
    first = cand_ptr[epoch, 0]
    shift = calendar.base[t] - first
    places = occ.size
    renew = changed
    for p in range(places):
        f = factor(occ[p] + ahead[p], capacity[t, p], buffer)
        refuses[p] = camp[t, p] and factor(occ[p], capacity[t, p], buffer) < 0.5
        if f != fac[p]:
            fac[p] = f
            renew = True
    if not renew:
        return
    for p in range(places):
        if not changed and looks[p] == 0:
            continue
        lo, hi = cand_ptr[epoch, p], cand_ptr[epoch, p + 1]
        for c in range(law.classes):
            mass, best = 0.0, 0.0
            for j in range(lo, hi):
                w = base[shift + j, c]
                f = fac[cand_dest[j]]
                if f < 1.0:
                    w *= f if power == 1.0 else f**power
                weight[j - first, c] = w
                mass += w
                if w > best:
                    best = w
            if pruning >= 1.001:
                mass = 0.0
                for j in range(lo, hi):
                    if weight[j - first, c] < best / pruning:
                        weight[j - first, c] = 0.0
                    mass += weight[j - first, c]
            total[p, c] = mass


@compiled(inner=True)
def call(
    law: Any,
    rng: Any,
    turns: Any,
    due: Any,
    key: Any,
    turn: int,
    step: int,
    waiting: int,
    only: int,
    share: float,
    leavers: bool,
    lookers: bool,
) -> int:
    """Draw whose turn it is and put them at their nodes; return how many entries still wait."""
    node_n, node_list, node_used, flags, slot = due.n, due.listed, due.used, due.flags, due.slot
    size, block, expected = law.size, law.block, law.expected
    room = size + 1  # of a node's list
    stream, purpose = key + np.uint64(step), _TURN + np.uint64(turn)
    kept = 0
    for i in range(waiting):
        node, n, m, kind = turns.node[i], turns.n[i], np.int64(turns.m[i]), turns.kind[i]
        at = node * size + m
        k = 0.0
        if (only < 0 or m // block == only) and (
            kind == 0 or (kind == 1 and leavers) or (kind == 2 and lookers)
        ):
            k = n
            if kind > 0 and share < 1.0:
                open_stream(rng, stream, purpose, at)
                k = draw(rng, n, share, expected)
        if k > 0.0:
            flags[node >> 6] |= _ONE << np.uint64(node & 63)
            if size > 1:
                last = node_used[node]
                if last == room:
                    last = merge(node_n, node_list, slot, node * room, last)
                node_list[node * room + last], node_n[node * room + last] = m, k
                node_used[node] = last + 1
            else:
                node_n[node] += k
        if n - k > 0.0:
            turns.node[kept], turns.m[kept], turns.kind[kept] = node, m, kind
            turns.n[kept] = n - k
            kept += 1
    return kept
