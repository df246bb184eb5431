"""Before anybody moves: the day's displaced people, and links that close under those on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from caudal.flow._cohort_parts import add, draw, factor
from caudal.flow._compiled import compiled
from caudal.flow._sampling import open_stream

__all__ = ["close_links", "displace", "find_points"]

_DISPLACED, _NOWHERE = np.uint64(1), np.int64(0)


@compiled(inner=True)
def find_points(law: Any, capacity: Any, point: Any, t: int) -> None:
    """Find the least occupancy at which each camp refuses people today."""
    for p in range(point.size):
        cap = capacity[t, p]
        at = 0.5 * (1.0 + law.buffer) * cap
        if cap >= 1.0 and not law.expected:
            at = math.floor(at) - 1.0 if at >= 1.0 else 0.0
            while factor(at, cap, law.buffer) >= 0.5:
                at += 1.0
        point[p] = at


@compiled(inner=True)
def displace(
    law: Any, displaced: Any, rng: Any, occ: Any, today: Any, t: int, key: Any, created: float, spawned: Any
) -> float:
    """Put the displaced at their places, by generation and class; return the people created so far."""
    spot_n, spot_list, spot_used = today.spot_n, today.spot_list, today.used[0]
    spawn_factor, class_share, ages = displaced.factor, displaced.class_share, displaced.ages
    population, born = displaced.population, displaced.born
    places = born.size
    classes, feet, bins, size, expected = law.classes, law.feet, law.bins, law.size, law.expected
    last = law.generations - 1
    for turn in range(2):  # those there before day 0, then the day's displaced
        if turn == 0:
            if t > 0:
                continue
            for p in range(places):
                born[p] = displaced.initial[p]
        else:
            open_stream(rng, key, _DISPLACED, _NOWHERE)
            if displaced.mode == 0:
                left, mass = displaced.total[t], 0.0
                for p in range(places):
                    if population[p] > 0.0:
                        mass += population[p] * spawn_factor[t, p]
                for p in range(places):
                    born[p] = 0.0
                    w = population[p] * spawn_factor[t, p] if population[p] > 0.0 else 0.0
                    if w > 0.0 and left > 0.0:
                        share = w / mass
                        born[p] = left if share > 1.0 - 1e-12 else draw(rng, left, share, expected)
                        left -= born[p]
                        mass -= w
            else:
                for p in range(places):
                    born[p] = displaced.counts[t, p]
                    if displaced.mode == 2:
                        born[p] = math.floor(displaced.rate * population[p] * spawn_factor[t, p])
        for p in range(places):
            if born[p] <= 0.0:
                continue
            spawned[t, p] += born[p]
            occ[p] += born[p]
            if displaced.take and turn == 1:
                population[p] -= born[p]
            left = born[p]
            while left > 0.0:  # one generation (age class) after the other
                a = 0
                while a < last and created >= ages[a]:
                    a += 1
                here = left
                if a < last and ages[a] - created < left:
                    here = ages[a] - created
                created += here
                left -= here
                before, rest = 0.0, here
                for c in range(classes):
                    k = rest
                    if c < classes - 1:
                        k = 0.0
                        if rest > 0.0 and before < 1.0:
                            k = draw(rng, rest, (class_share[p, c] - before) / (1.0 - before), expected)
                    before = class_share[p, c]
                    rest -= k
                    if k > 0.0:
                        m = ((a * feet + feet - 1) * classes + c) * bins
                        spot_used = add(spot_n, spot_list, p * size + m, spot_used, k)
    today.used[0] = spot_used
    return created


@compiled(inner=True)
def close_links(law: Any, cells: Any, today: Any, t: int) -> None:
    """Move whoever is on a link that closes today to its shadow, from which they will turn back."""
    cell_n, cell_list, used = today.cell_n, today.cell_list, today.used[1]
    cell_link, shadow, size = cells.link, cells.shadow, law.size
    for i in range(cells.shut_ptr[t], cells.shut_ptr[t + 1]):
        held = used
        for j in range(held):
            at = cell_list[j]
            cell = at // size
            if cell_link[cell] != cells.shut_link[i] or shadow[cell] < 0 or cell_n[at] <= 0.0:
                continue
            n = cell_n[at]
            cell_n[at] = 0.0
            to = shadow[cell] * size + at % size
            if cell_n[to] == 0.0:
                seen = False
                for q in range(used):  # rare: only on days with a closure
                    seen = seen or cell_list[q] == to
                if not seen:
                    cell_list[used] = to
                    used += 1
            cell_n[to] += n
    today.used[1] = used
