"""Expected flow over the corridor, compiled: the rules of `caudal.flow.Model` without draws, for one shape of model.

The general engine keeps every state of every link and step and takes seconds per simulated year with 200 classes. The
corridor needs that hundreds of times. This loop does the same arithmetic in the same order (a test holds it to the
engine's expected mode), but keeps travellers by the place they will reach and the days left, sums outcomes by
month, and finds by itself the interceptions per day that were counted (decision 017).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.flow._compiled import compiled

__all__ = ["run_expected"]


@compiled()
def run_expected(tab: Any, out: Any) -> None:
    """Run ``tab`` (see `caudal.corridor._rules.Tables`) and fill ``out`` (`caudal.corridor._rules.Record`)."""
    days = tab.month.size
    places, kinds = tab.initial.shape  # kinds: classes on their way to no destination yet, then pairs
    gates = tab.gate_link.size
    classes = tab.undrawn
    ring = tab.ring
    here = np.zeros((places, kinds))
    new = np.zeros((places, kinds))
    road = tab.road.copy()  # place reached, slot, 0 free | 1 under interception, kind
    back = tab.back.copy()
    line = np.zeros((gates, days + tab.queue.shape[1], kinds))  # by day of joining; first those there before
    older = tab.queue.shape[1]
    line[:, :older] = tab.queue
    first = np.zeros(gates, np.int64)
    go = np.zeros(kinds)
    watched = np.zeros(classes)
    rate = np.zeros(classes)
    gone = np.zeros(classes)

    for t in range(days):
        now = t % ring
        m = tab.month[t]
        gone[:] = 0.0
        # Arrivals.
        for p in range(places):
            for q in range(tab.come_lo[p], tab.come_hi[p]):
                new[p, q] = back[p, now, q] + road[p, now, 0, q] + road[p, now, 1, q]
                back[p, now, q] = 0.0
                road[p, now, 0, q] = 0.0
                road[p, now, 1, q] = 0.0
        if t == 0:
            new += tab.initial
        for i in range(tab.entry_place.size):
            new[tab.entry_place[i], tab.entry_kind[i]] += tab.inflow[t, i]
            out.inflow[t, tab.cls[tab.entry_kind[i]]] += tab.inflow[t, i]
        # Changes of destination on arrival: drawn (late), forgotten (returned south), given up (at a port).
        s = tab.share_row[t]
        for p in range(places):
            d = tab.draw_at[p]
            if d >= 0:
                for c in range(classes):
                    n = new[p, c]
                    if n > 0.0 and tab.drawn[s, d, c]:
                        new[p, c] = 0.0
                        for j in range(tab.pair_ptr[c], tab.pair_ptr[c + 1]):
                            new[p, j] += n * tab.share[s, d, j]
            elif tab.forget_at[p]:
                for q in range(classes, kinds):
                    new[p, tab.cls[q]] += new[p, q]
                    new[p, q] = 0.0
            elif tab.give_up_at[p]:
                for q in range(classes, kinds):
                    target = tab.give_up_to[p, q]
                    if target >= 0 and target != q:
                        new[p, target] += new[p, q]
                        new[p, q] = 0.0
            for q in range(tab.come_lo[p], tab.stand_lo[p]):  # not drawn, since nothing can be reached
                here[p, q] += new[p, q]
                new[p, q] = 0.0
            for q in range(tab.stand_lo[p], tab.stand_hi[p]):
                here[p, q] += new[p, q]
                new[p, q] = 0.0
        # At a sector: met, met and put back, or not met. At a port: admitted to inspection.
        for i in range(tab.sector_place.size):
            p = tab.sector_place[i]
            for q in range(classes, kinds):
                n = here[p, q]
                if n > 0.0:
                    c = tab.cls[q]
                    met = n * tab.meet[t, c]
                    again = met * tab.retry[t, c]
                    out.between[m, q] += met
                    out.repeat[m, c] += again
                    out.unseen[m, c] += n - met
                    again += (n - met) * tab.evade[t, c]
                    back[tab.push_to[p], (t + 1 + tab.push_delay) % ring, q] += again
                    gone[c] += n - again
                    here[p, q] = 0.0
        for g in range(gates):
            p = tab.gate_end[g]
            for q in range(classes, kinds):
                n = here[p, q]
                if n > 0.0:
                    out.ports[m, g, tab.cls[q]] += n
                    out.at_ports[m, q] += n
                    gone[tab.cls[q]] += n
                    here[p, q] = 0.0
        # Departures.
        r = tab.regime[t]
        for p in range(places):
            if tab.out_ptr[p] == tab.out_ptr[p + 1]:
                continue
            some = 0.0
            lo, hi = tab.stand_lo[p], tab.stand_hi[p]
            for q in range(lo, hi):
                go[q] = here[p, q] * tab.leave[r, p, q]  # 0 for those with no way on
                here[p, q] -= go[q]
                some += go[q]
            if some <= 0.0:
                continue
            for i in range(tab.out_ptr[p], tab.out_ptr[p + 1]):
                k = tab.out_link[i]
                g = tab.gate[k]
                if g >= 0:
                    for q in range(lo, hi):
                        line[g, older + t, q] += go[q] * tab.choice[r, k, q]
                    continue
                end, slot, flag = tab.end[k], (t + tab.steps[k]) % ring, tab.watched[k]
                on, part = road[end, slot, flag], tab.choice[r, k]
                for q in range(lo, min(hi, classes)):
                    x = go[q] * part[q]
                    on[q] += x
                    out.entered[m, k, q] += x
                if hi > classes:
                    for c in range(classes):
                        whole = 0.0
                        for q in range(tab.pair_ptr[c], tab.pair_ptr[c + 1]):
                            x = go[q] * part[q]
                            on[q] += x
                            whole += x
                        out.entered[m, k, c] += whole
        # Queues: first come, first served, across classes.
        for g in range(gates):
            k = tab.gate_link[g]
            room = np.floor(tab.capacity[t, g])
            slot = (t + tab.steps[k]) % ring
            for j in range(first[g], older + t + 1):
                total = 0.0
                for q in range(classes, kinds):
                    total += line[g, j, q]
                if total <= 0.0:
                    if j == first[g]:
                        first[g] = j + 1
                    continue
                if room <= 0.0:
                    break
                take = min(room, total)
                room -= take
                part = take / total
                for q in range(classes, kinds):
                    x = line[g, j, q] * part
                    line[g, j, q] -= x
                    road[tab.gate_end[g], slot, 0, q] += x
                    out.entered[m, k, tab.cls[q]] += x
                waited = older + t - j
                out.waited[m, g] += take * waited
                out.served[m, g] += take
                if take >= total:
                    for q in range(classes, kinds):
                        line[g, j, q] = 0.0
            for j in range(first[g], older + t + 1):
                for q in range(classes, kinds):
                    n = line[g, j, q]
                    if n > 0.0 and tab.abandon[g, q] > 0.0:
                        x = n * tab.abandon[g, q]
                        line[g, j, q] -= x
                        back[tab.abandon_to[g], (t + 1) % ring, q] += x
                        out.abandoned[m, g] += x
        # Interceptions on watched links, for everybody on one at the end of the day.
        watched[:] = 0.0
        for i in range(tab.watched_end.size):
            p = tab.watched_end[i]
            for d in range(1, tab.watched_most[i] + 1):
                slot = (t + d) % ring
                on = road[p, slot, 1]
                for q in range(tab.come_lo[p], min(tab.come_hi[p], classes)):
                    watched[q] += on[q]
                if tab.come_hi[p] > classes:
                    for c in range(classes):
                        whole = 0.0
                        for q in range(tab.pair_ptr[c], tab.pair_ptr[c + 1]):
                            whole += on[q]
                        watched[c] += whole
        for c in range(classes):
            if tab.pinned[t]:
                wanted = tab.counted[t, c]
                rate[c] = min(wanted / watched[c], tab.most) if watched[c] > 0.0 else 0.0
                if wanted > 0.0:
                    out.short[m, c] += max(0.0, wanted - rate[c] * watched[c])
            else:
                rate[c] = min(tab.hazard[t, c], tab.most)
            out.rate[t, c] = rate[c]
            out.watched[m, c] += watched[c]
        for i in range(tab.watched_end.size):
            p = tab.watched_end[i]
            for d in range(1, tab.watched_most[i] + 1):
                slot = (t + d) % ring
                for q in range(tab.come_lo[p], tab.come_hi[p]):
                    n = road[p, slot, 1, q]
                    if n <= 0.0:
                        continue
                    c = tab.cls[q]
                    x = n * rate[c]
                    if x <= 0.0:
                        continue
                    road[p, slot, 1, q] = n - x
                    out.intercepted[m, c] += x
                    sent = x * tab.removed[t, c]
                    out.removals[m, c] += sent
                    quit_ = x * tab.discouraged[t, c]
                    out.discouraged[m, c] += quit_
                    gone[c] += sent + quit_
                    south = x * tab.returned[t, c]
                    for w in range(tab.return_place.size):
                        y = south * tab.return_part[w]
                        back[tab.return_place[w], (t + 1 + tab.return_delay) % ring, q] += y
                    out.sent_south[m, c] += south
                    kept = x * tab.held[t, c]
                    back[p, (t + 1 + tab.held_delay) % ring, q] += kept
                    rest = x - sent - quit_ - south - kept
                    back[p, (t + 1 + tab.release_delay) % ring, q] += rest
        for c in range(classes):
            out.left[t, c] = gone[c]
        # What there is at the end of the day; summed up daily only when asked for, it costs as much as the rest.
        for q in range(kinds if tab.audit else 0):
            c = tab.cls[q]
            total = 0.0
            for p in range(places):
                total += here[p, q]
            for p in range(places):
                for d in range(ring):
                    total += back[p, d, q] + road[p, d, 0, q] + road[p, d, 1, q]
            out.inside[t, c] += total
        for g in range(gates if tab.audit else 0):
            for j in range(first[g], older + t + 1):
                for q in range(classes, kinds):
                    out.inside[t, tab.cls[q]] += line[g, j, q]
        if t + 1 == days or tab.month[t + 1] != m:
            for q in range(kinds):
                c = tab.cls[q]
                for p in range(places):
                    out.stock[m, p, c] += here[p, q]
                    for d in range(ring):
                        out.away[m, p, c] += back[p, d, q]
                        out.coming[m, p, c] += road[p, d, 0, q] + road[p, d, 1, q]
            for g in range(gates):
                for j in range(first[g], older + t + 1):
                    for q in range(classes, kinds):
                        out.queue[m, g, tab.cls[q]] += line[g, j, q]
    # What rounding leaves below zero is nobody.
    out.end_here[:] = np.maximum(here, 0.0)
    # Travellers and returners by days left, so that a later run can go on from here.
    for p in range(places):
        for d in range(ring):
            for q in range(kinds):
                out.end_back[p, d, q] = max(back[p, (days + d) % ring, q], 0.0)
                out.end_road[p, d, 0, q] = max(road[p, (days + d) % ring, 0, q], 0.0)
                out.end_road[p, d, 1, q] = max(road[p, (days + d) % ring, 1, q], 0.0)
