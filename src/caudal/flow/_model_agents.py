"""Agents for a `Model`: the same law, one person after the other; the oracle cohorts are proved against."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.flow._compiled import compiled
from caudal.flow._sampling import mix, open_stream, poisson, uniform

__all__ = ["run_model_agents"]

_JUMP = np.uint64(0xD1342543DE82EF95)
_PLACE, _ROAD, _BACK, _LINE, _GONE = 0, 1, 2, 3, 4


@compiled()
def run_model_agents(tab: Any, seed: Any, draw_inflow: bool, room: int, record: Any) -> int:
    """Run once; returns people created, or -1 when there are more than ``room``."""
    stock, on_link, entered, queue, served, waits, events, away, arrived, left = record
    steps, places, classes = tab.inflow.shape
    gates = tab.gate_link.size
    rng = np.zeros(1, np.uint64)
    state, where = np.zeros(room, np.int8), np.zeros(room, np.int32)
    when, kind = np.zeros(room, np.int32), np.zeros(room, np.int32)
    people = 0
    line = np.zeros((max(gates, 1), room), np.int32)
    head, tail = np.zeros(max(gates, 1), np.int64), np.zeros(max(gates, 1), np.int64)
    joined = np.zeros(room, np.int32)
    for t in range(steps):
        key = mix(seed + np.uint64(t + 1) * _JUMP)
        open_stream(rng, key, 21, 0)
        hrow = t if tab.hazard.shape[0] > 1 else 0
        lrow = t if tab.leave.shape[0] > 1 else 0
        crow = t if tab.choice.shape[0] > 1 else 0
        srow = t if tab.switch.shape[0] > 1 else 0
        before = people
        for p in range(places):
            for c in range(classes):
                n = tab.inflow[t, p, c]
                if draw_inflow and n > 0.0:
                    n = poisson(rng, n)
                if t == 0:
                    n += tab.initial[p, c]
                for _ in range(int(n)):
                    if people >= room:
                        return -1
                    state[people], where[people], kind[people] = _BACK, p, c
                    when[people] = t
                    people += 1
        old_tail = tail.copy()
        for i in range(people):
            if (state[i] == _ROAD or state[i] == _BACK) and when[i] == t:
                if state[i] == _ROAD:
                    where[i] = tab.link_end[where[i]]
                state[i] = _PLACE
                p = where[i]
                arrived[t, p, kind[i]] += 1.0
                matrix = tab.switch_at[p]
                if matrix >= 0:
                    u, c = uniform(rng), 0
                    while c < classes - 1 and u >= tab.switch[srow, matrix, kind[i], c]:
                        u -= tab.switch[srow, matrix, kind[i], c]
                        c += 1
                    kind[i] = c
            if state[i] != _PLACE:
                continue
            p, c = where[i], kind[i]
            u, struck = uniform(rng), -1
            for j in range(tab.place_ptr[p], tab.place_ptr[p + 1]):
                h = tab.place_hazard[j]
                if struck < 0 and u < tab.hazard[hrow, h, c]:
                    struck = h
                u -= tab.hazard[hrow, h, c]
            if struck >= 0:
                events[t, struck, c] += 1.0
                state[i] = _BACK if tab.hazard_to[struck] >= 0 else _GONE
                where[i], when[i] = tab.hazard_to[struck], t + 1 + tab.hazard_delay[struck]
                if state[i] == _GONE:
                    left[t, c] += 1.0
                continue
            if uniform(rng) >= tab.leave[lrow, p, c]:
                continue
            mass = 0.0
            for j in range(tab.out_ptr[p], tab.out_ptr[p + 1]):
                mass += tab.choice[crow, tab.out_link[j], c]
            if mass <= 0.0:
                continue
            u, k = uniform(rng) * mass, -1
            for j in range(tab.out_ptr[p], tab.out_ptr[p + 1]):
                w = tab.choice[crow, tab.out_link[j], c]
                if w > 0.0 and u >= 0.0:
                    k = tab.out_link[j]
                u -= w
            g = tab.gate[k]
            if g >= 0:
                state[i], where[i], joined[i] = _LINE, g, t
                line[g, tail[g]] = i
                tail[g] += 1
            else:
                entered[t, k, c] += 1.0
                state[i], where[i], when[i] = _ROAD, k, t + tab.link_steps[k]
        for g in range(gates):
            for j in range(tail[g] - 1, old_tail[g], -1):  # people of one step stand in random order
                o = old_tail[g] + int(uniform(rng) * (j - old_tail[g] + 1))
                line[g, j], line[g, o] = line[g, o], line[g, j]
            k = tab.gate_link[g]
            free = tab.capacity[t, g]
            if tab.service[g] > 0.0:
                waiting = 0
                for j in range(head[g], tail[g]):
                    if state[line[g, j]] == _LINE:
                        waiting += 1
                servers, free = min(free, float(waiting)), 0.0
                for _ in range(int(servers)):
                    if uniform(rng) < tab.service[g]:
                        free += 1.0
            while head[g] < tail[g]:
                i = line[g, head[g]]
                if state[i] == _LINE and where[i] == g:
                    if free < 1.0:
                        break
                    free -= 1.0
                    c = kind[i]
                    served[t, g, c] += 1.0
                    waits[g, t - joined[i], c] += 1.0
                    entered[t, k, c] += 1.0
                    state[i], where[i], when[i] = _ROAD, k, t + tab.link_steps[k]
                head[g] += 1
        # Who gives up is taken out of the line here, before anybody can join it again.
        for g in range(gates):
            kept = 0
            for j in range(head[g], tail[g]):
                i = line[g, j]
                c = kind[i]
                if tab.abandon[g, c] > 0.0 and uniform(rng) < tab.abandon[g, c]:
                    state[i], where[i], when[i] = _BACK, tab.abandon_to[g], t + 1
                    continue
                line[g, kept] = i
                kept += 1
                queue[t, g, c] += 1.0
            head[g], tail[g] = 0, kept
        for i in range(people):
            if state[i] == _ROAD:
                k, c = where[i], kind[i]
                if tab.link_ptr[k + 1] > tab.link_ptr[k]:
                    u, struck = uniform(rng), -1
                    for j in range(tab.link_ptr[k], tab.link_ptr[k + 1]):
                        h = tab.link_hazard[j]
                        if struck < 0 and u < tab.hazard[hrow, h, c]:
                            struck = h
                        u -= tab.hazard[hrow, h, c]
                    if struck >= 0:
                        events[t, struck, c] += 1.0
                        state[i] = _BACK if tab.hazard_to[struck] >= 0 else _GONE
                        where[i], when[i] = tab.hazard_to[struck], t + 1 + tab.hazard_delay[struck]
                        if state[i] == _GONE:
                            left[t, c] += 1.0
            if state[i] == _PLACE:
                stock[t, where[i], kind[i]] += 1.0
            elif state[i] == _ROAD:
                on_link[t, where[i], kind[i]] += 1.0
            elif state[i] == _BACK:
                away[t, where[i], kind[i]] += 1.0
        before = people
    return before
