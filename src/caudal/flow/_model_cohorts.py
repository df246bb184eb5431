"""Cohorts and expected flow for a `Model`: counts by place, link and step on it, queue, class."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.flow._compiled import compiled
from caudal.flow._sampling import binomial, mix, open_stream, poisson, uniform

__all__ = ["run_model_cohorts"]

_JUMP = np.uint64(0xD1342543DE82EF95)


@compiled(inline=True)
def _draw(rng: Any, n: float, p: float, expected: bool) -> Any:
    if expected:
        return n * min(max(p, 0.0), 1.0)
    return binomial(rng, n, p)


@compiled()
def _without_replacement(rng: Any, marked: float, others: float, drawn: float) -> float:
    """Return how many of ``drawn`` people, taken at random from two groups, belong to the first."""
    total = marked + others
    few = min(drawn, total - drawn)  # who stays is as random as who goes
    hits, left, rest = 0.0, marked, total
    for _ in range(int(few)):
        if uniform(rng) * rest < left:
            hits += 1.0
            left -= 1.0
        rest -= 1.0
    return hits if few == drawn else marked - hits


@compiled()
def run_model_cohorts(tab: Any, seed: Any, expected: bool, draw_inflow: bool, record: Any) -> None:
    """Run once and fill ``record``; every draw has its own key, so paired scenarios stay aligned."""
    stock, on_link, entered, queue, served, waits, events, away, arrived, left = record
    steps, places, classes = tab.inflow.shape
    links, gates = tab.link_start.size, tab.gate_link.size
    hazards = tab.hazard_to.size
    longest = 1
    for k in range(links):
        longest = max(longest, tab.link_steps[k])
    for h in range(hazards):
        longest = max(longest, tab.hazard_delay[h] + 1)
    ring = longest + 1
    rng = np.zeros(1, np.uint64)
    here = tab.initial.copy()
    road = np.zeros((links, ring, classes))  # by step of arrival
    back = np.zeros((places, ring, classes))
    line = np.zeros((gates, steps, classes))  # by step of joining
    first = np.zeros(gates, np.int64)
    new = np.zeros((places, classes))

    for t in range(steps):
        key = mix(seed + np.uint64(t + 1) * _JUMP)
        now = t % ring
        # Arrivals, and changes of class on arrival.
        new[:] = 0.0
        for p in range(places):
            for c in range(classes):
                mean = tab.inflow[t, p, c]
                if draw_inflow and not expected and mean > 0.0:
                    open_stream(rng, key, 1, p * classes + c)
                    mean = poisson(rng, mean)
                new[p, c] = mean + back[p, now, c]
                if t == 0:
                    new[p, c] += here[p, c]
                    here[p, c] = 0.0
                back[p, now, c] = 0.0
        for k in range(links):
            for c in range(classes):
                new[tab.link_end[k], c] += road[k, now, c]
                road[k, now, c] = 0.0
        for p in range(places):
            matrix = tab.switch_at[p]
            row = t if tab.switch.shape[0] > 1 else 0
            for c in range(classes):
                n = new[p, c]
                if n <= 0.0:
                    continue
                arrived[t, p, c] += n
                if matrix < 0:
                    here[p, c] += n
                    continue
                mass = 1.0
                open_stream(rng, key, 2, p * classes + c)
                base = rng[0]
                for other in range(classes):
                    chance = tab.switch[row, matrix, c, other]
                    if chance <= 0.0:
                        continue
                    share = chance / mass
                    rng[0] = base + np.uint64(other + 1) * _JUMP
                    g = n if share > 1.0 - 1e-12 else _draw(rng, n, share, expected)
                    here[p, other] += g
                    n -= g
                    mass -= chance
        # Hazards at places, then departures.
        hrow = t if tab.hazard.shape[0] > 1 else 0
        lrow = t if tab.leave.shape[0] > 1 else 0
        crow = t if tab.choice.shape[0] > 1 else 0
        for p in range(places):
            for c in range(classes):
                n = here[p, c]
                if n <= 0.0:
                    continue
                mass = 1.0
                for i in range(tab.place_ptr[p], tab.place_ptr[p + 1]):
                    h = tab.place_hazard[i]
                    chance = tab.hazard[hrow, h, c]
                    if chance <= 0.0 or n <= 0.0:
                        continue
                    open_stream(rng, key, 3, h * classes + c)
                    g = _draw(rng, n, chance / mass, expected)
                    mass -= chance
                    n -= g
                    events[t, h, c] += g
                    if tab.hazard_to[h] >= 0:
                        back[tab.hazard_to[h], (t + 1 + tab.hazard_delay[h]) % ring, c] += g
                    else:
                        left[t, c] += g
                open_stream(rng, key, 4, p * classes + c)
                base = rng[0]
                go = _draw(rng, n, tab.leave[lrow, p, c], expected)
                mass = 0.0
                for i in range(tab.out_ptr[p], tab.out_ptr[p + 1]):
                    mass += tab.choice[crow, tab.out_link[i], c]
                if mass <= 0.0:
                    go = 0.0
                here[p, c] = n - go
                for i in range(tab.out_ptr[p], tab.out_ptr[p + 1]):
                    k = tab.out_link[i]
                    chance = tab.choice[crow, k, c]
                    if chance <= 0.0 or go <= 0.0:
                        continue
                    share = chance / mass
                    rng[0] = base + np.uint64(k + 1) * _JUMP
                    g = go if share > 1.0 - 1e-12 else _draw(rng, go, share, expected)
                    go -= g
                    mass -= chance
                    if tab.gate[k] >= 0:
                        line[tab.gate[k], t, c] += g
                    else:
                        entered[t, k, c] += g
                        road[k, (t + tab.link_steps[k]) % ring, c] += g
        # Gates: who came first goes first; people of one step are in random order.
        for g in range(gates):
            k = tab.gate_link[g]
            room = tab.capacity[t, g]
            waiting = 0.0
            for j in range(first[g], t + 1):
                for c in range(classes):
                    waiting += line[g, j, c]
            if tab.service[g] > 0.0:
                open_stream(rng, key, 5, g)
                room = _draw(
                    rng, min(room, np.floor(waiting) if not expected else waiting), tab.service[g], expected
                )
            for j in range(first[g], t + 1):
                total = 0.0
                for c in range(classes):
                    total += line[g, j, c]
                if total <= 0.0:
                    continue
                if room <= 0.0:
                    break
                take = min(room, total)
                room -= take
                rest, others = take, total
                open_stream(rng, key, 6, g * steps + j)
                for c in range(classes):
                    n = line[g, j, c]
                    others -= n
                    if n <= 0.0 or rest <= 0.0:
                        continue
                    if others <= 0.0:
                        x = rest
                    elif expected:
                        x = take * n / total
                    elif rest >= n + others:
                        x = n
                    else:
                        x = _without_replacement(rng, n, others, rest)
                    x = min(x, n)
                    rest -= x
                    line[g, j, c] -= x
                    served[t, g, c] += x
                    waits[g, t - j, c] += x
                    entered[t, k, c] += x
                    road[k, (t + tab.link_steps[k]) % ring, c] += x
            while first[g] < t and line[g, first[g]].sum() <= 0.0:
                first[g] += 1
            for j in range(first[g], t + 1):
                for c in range(classes):
                    n = line[g, j, c]
                    if n > 0.0 and tab.abandon[g, c] > 0.0:
                        open_stream(rng, key, 7, (g * steps + j) * classes + c)
                        x = _draw(rng, n, tab.abandon[g, c], expected)
                        line[g, j, c] -= x
                        back[tab.abandon_to[g], (t + 1) % ring, c] += x
                    queue[t, g, c] += line[g, j, c]
        # Hazards on links, for everybody on one at the end of the step.
        for k in range(links):
            if tab.link_ptr[k] == tab.link_ptr[k + 1]:
                continue
            for d in range(ring):
                for c in range(classes):
                    n = road[k, d, c]
                    mass = 1.0
                    for i in range(tab.link_ptr[k], tab.link_ptr[k + 1]):
                        h = tab.link_hazard[i]
                        chance = tab.hazard[hrow, h, c]
                        if chance <= 0.0 or n <= 0.0:
                            continue
                        # By steps still to go, so that the key does not depend on the ring.
                        open_stream(rng, key, 8, (h * ring + (d - now) % ring) * classes + c)
                        x = _draw(rng, n, chance / mass, expected)
                        mass -= chance
                        n -= x
                        events[t, h, c] += x
                        if tab.hazard_to[h] >= 0:
                            back[tab.hazard_to[h], (t + 1 + tab.hazard_delay[h]) % ring, c] += x
                        else:
                            left[t, c] += x
                    road[k, d, c] = n
        for p in range(places):
            for c in range(classes):
                stock[t, p, c] = here[p, c]
                for d in range(ring):
                    away[t, p, c] += back[p, d, c]
        for k in range(links):
            for c in range(classes):
                for d in range(ring):
                    on_link[t, k, c] += road[k, d, c]
