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
def run_expected(tab: Any, out: Any, work: Any) -> None:
    """Run ``tab`` from what is in ``work`` and fill ``out`` (see `caudal.corridor._rules`)."""
    days = tab.month.size
    places, kinds = tab.initial.shape  # kinds: classes on their way to no destination yet, then pairs
    gates = tab.gate_link.size
    classes = tab.undrawn
    ring = tab.ring
    here, road, back, on_road, on_back = work.here, work.road, work.back, work.on_road, work.on_back
    line, in_line = work.line, work.in_line
    older = in_line.shape[1] - days
    new = np.zeros((places, kinds))
    first = np.zeros(gates, np.int64)
    arrived = np.zeros(places, np.bool_)
    go = np.zeros(kinds)
    moved = np.zeros((places, kinds))  # left a place since the choice of links or the month changed
    quits = np.zeros((gates, line.shape[2]))  # chance of giving up a day, in the order of the line
    for g in range(gates):
        for i in range(work.in_gate[g]):
            quits[g, i] = tab.abandon[g, work.gate_kind[g, i]]
    lost = np.zeros(line.shape[2])
    passed = np.zeros((gates, line.shape[2]))  # let through a gate this month
    caught = np.zeros(kinds)
    every = np.zeros(kinds)
    held_part = np.zeros(kinds)
    released_part = np.zeros(kinds)
    chance = np.zeros(kinds)
    watched = np.zeros(classes)
    rate = np.zeros(classes)
    gone = np.zeros(classes)

    for t in range(days):
        now = t % ring
        m = tab.month[t]
        gone[:] = 0.0
        # Arrivals.
        for p in range(places):
            come = new[p]
            arrived[p] = t == 0
            if on_back[p, now]:
                _move(back[p, now], come)
                on_back[p, now] = False
                arrived[p] = True
            for flag in range(2):
                if on_road[p, now, flag]:
                    _move(road[p, now, flag], come)
                    on_road[p, now, flag] = False
                    arrived[p] = True
        if t == 0:
            new += tab.initial
        for i in range(tab.entry_place.size):
            new[tab.entry_place[i], tab.entry_kind[i]] += tab.inflow[t, i]
            arrived[tab.entry_place[i]] = True
            out.inflow[t, tab.cls[tab.entry_kind[i]]] += tab.inflow[t, i]
        # Changes of destination on arrival: drawn (late), forgotten (returned south), given up (at a port).
        s = tab.share_row[t]
        for p in range(places):
            if not arrived[p]:
                continue
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
            _move(new[p, tab.stand_lo[p] : tab.stand_hi[p]], here[p, tab.stand_lo[p] : tab.stand_hi[p]])
        # At a sector: met, met and put back, or not met. At a port: admitted to inspection.
        for i in range(tab.sector_place.size):
            p = tab.sector_place[i]
            on_back[tab.push_to[p], (t + 1 + tab.push_delay) % ring] = True
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
            lo, hi = tab.stand_lo[p], tab.stand_hi[p]
            there, leave, off, since = here[p, lo:hi], tab.leave[r, p, lo:hi], go[lo:hi], moved[p, lo:hi]
            if not _any(there):
                continue
            for i in range(there.size):
                x = there[i] * leave[i]  # 0 for those with no way on
                off[i] = x
                there[i] -= x
                since[i] += x
            if not _any(off):
                continue
            for j in range(tab.out_ptr[p], tab.out_ptr[p + 1]):
                k = tab.out_link[j]
                part = tab.choice[r, k, lo:hi]
                g = tab.gate[k]
                if g >= 0:
                    for i in range(work.in_gate[g]):
                        q = work.gate_kind[g, i]
                        if lo <= q < hi:
                            line[g, older + t, i] += go[q] * tab.choice[r, k, q]
                    continue
                slot = (t + tab.steps[k]) % ring
                on = road[tab.end[k], slot, tab.watched[k], lo:hi]
                on_road[tab.end[k], slot, tab.watched[k]] = True
                for i in range(on.size):
                    on[i] += off[i] * part[i]
        last = t + 1 == days or tab.month[t + 1] != m
        if last or tab.regime[t + 1] != r:
            _entered(tab, moved, r, out.entered[m])
        # Queues: first come, first served, across classes.
        for g in range(gates):
            k = tab.gate_link[g]
            room = np.floor(tab.capacity[t, g])
            count, who = work.in_gate[g], work.gate_kind[g]
            slot = (t + tab.steps[k]) % ring
            into, through = road[tab.gate_end[g], slot, 0], passed[g]
            in_line[g, older + t] = _total(line[g, older + t])
            for j in range(first[g], older + t + 1):
                total = in_line[g, j]
                if total <= 0.0:
                    if j == first[g]:
                        first[g] = j + 1
                    continue
                if room <= 0.0:
                    break
                on_road[tab.gate_end[g], slot, 0] = True
                take = min(room, total)
                room -= take
                part_of = take / total
                row = line[g, j]
                for i in range(count):
                    x = row[i] * part_of
                    row[i] -= x
                    into[who[i]] += x
                    through[i] += x
                out.waited[m, g] += take * (older + t - j)
                out.served[m, g] += take
                in_line[g, j] -= take
                if take >= total:
                    row[:] = 0.0
                    in_line[g, j] = 0.0
            give_up = quits[g]
            if not _any(give_up):
                continue
            lost[:] = 0.0
            gave_up = back[tab.abandon_to[g], (t + 1) % ring]
            on_back[tab.abandon_to[g], (t + 1) % ring] = True
            for j in range(first[g], older + t + 1):
                if in_line[g, j] <= 0.0:
                    continue
                row = line[g, j]
                for i in range(row.size):
                    x = row[i] * give_up[i]
                    row[i] -= x
                    lost[i] += x
                in_line[g, j] = _total(row)
            for i in range(count):
                gave_up[who[i]] += lost[i]
                out.abandoned[m, g] += lost[i]
        # Interceptions on watched links, for everybody on one at the end of the day.
        every[:] = 0.0
        for i in range(tab.watched_end.size):
            p = tab.watched_end[i]
            lo, hi = tab.come_lo[p], tab.come_hi[p]
            sum_of = every[lo:hi]
            for d in range(1, tab.watched_most[i] + 1):
                if not on_road[p, (t + d) % ring, 1]:
                    continue
                on = road[p, (t + d) % ring, 1, lo:hi]
                for j in range(on.size):
                    sum_of[j] += on[j]
        watched[:] = 0.0
        for q in range(kinds):
            watched[tab.cls[q]] += every[q]
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
        for q in range(kinds):
            c = tab.cls[q]
            chance[q] = rate[c]
            held_part[q] = tab.held[t, c]
            released_part[q] = (
                1.0 - tab.removed[t, c] - tab.discouraged[t, c] - tab.returned[t, c] - tab.held[t, c]
            )
        every[:] = 0.0
        for i in range(tab.watched_end.size):
            p = tab.watched_end[i]
            lo, hi = tab.come_lo[p], tab.come_hi[p]
            here_caught, per = caught[lo:hi], chance[lo:hi]
            here_caught[:] = 0.0
            for d in range(1, tab.watched_most[i] + 1):
                if not on_road[p, (t + d) % ring, 1]:
                    continue
                on = road[p, (t + d) % ring, 1, lo:hi]
                for j in range(on.size):
                    x = on[j] * per[j]
                    on[j] -= x
                    here_caught[j] += x
            if not _any(here_caught):
                continue
            later, soon = (t + 1 + tab.held_delay) % ring, (t + 1 + tab.release_delay) % ring
            on_back[p, later] = on_back[p, soon] = True
            held, released, all_caught = back[p, later, lo:hi], back[p, soon, lo:hi], every[lo:hi]
            to_hold, to_release = held_part[lo:hi], released_part[lo:hi]
            for j in range(held.size):
                x = here_caught[j]
                held[j] += x * to_hold[j]
                released[j] += x * to_release[j]
                all_caught[j] += x
        southward = (t + 1 + tab.return_delay) % ring
        for w in range(tab.return_place.size):
            on_back[tab.return_place[w], southward] = True
        for q in range(kinds):
            x = every[q]
            if x <= 0.0:
                continue
            c = tab.cls[q]
            sent, quit_, south = x * tab.removed[t, c], x * tab.discouraged[t, c], x * tab.returned[t, c]
            out.intercepted[m, c] += x
            out.removals[m, c] += sent
            out.discouraged[m, c] += quit_
            out.sent_south[m, c] += south
            gone[c] += sent + quit_
            for w in range(tab.return_place.size):
                back[tab.return_place[w], southward, q] += south * tab.return_part[w]
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
                for i in range(work.in_gate[g]):
                    out.inside[t, tab.cls[work.gate_kind[g, i]]] += line[g, j, i]
        if last:
            for g in range(gates):
                for i in range(work.in_gate[g]):
                    c = tab.cls[work.gate_kind[g, i]]
                    out.entered[m, tab.gate_link[g], c] += passed[g, i]
                    for j in range(first[g], older + t + 1):
                        out.queue[m, g, c] += line[g, j, i]
            passed[:] = 0.0
            for p in range(places):
                caught[:] = 0.0
                every[:] = 0.0
                for d in range(ring):
                    if on_back[p, d]:
                        _add(back[p, d], caught)
                    for flag in range(2):
                        if on_road[p, d, flag]:
                            _add(road[p, d, flag], every)
                for q in range(kinds):
                    c = tab.cls[q]
                    out.stock[m, p, c] += here[p, q]
                    out.away[m, p, c] += caught[q]
                    out.coming[m, p, c] += every[q]


@compiled()
def _entered(tab: Any, moved: Any, regime: int, entered: Any) -> None:
    """Book who entered each link, by class, of those who left its start; then begin anew."""
    for k in range(tab.start.size):
        if tab.gate[k] < 0:
            for q in range(moved.shape[1]):
                entered[k, tab.cls[q]] += moved[tab.start[k], q] * tab.choice[regime, k, q]
    moved[:] = 0.0


@compiled()
def _any(row: Any) -> bool:
    """Return whether there is anybody."""
    for x in row:  # noqa: SIM110  (compiled)
        if x > 0.0:
            return True
    return False


@compiled()
def _total(row: Any) -> float:
    """Return the sum, in four strands: one waits for the addition before."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    whole = row.size // 4 * 4
    for i in range(0, whole, 4):
        a += row[i]
        b += row[i + 1]
        c += row[i + 2]
        d += row[i + 3]
    for i in range(whole, row.size):
        a += row[i]
    return (a + b) + (c + d)


@compiled()
def _add(row: Any, to: Any) -> None:
    """Count people of a row at another."""
    for i in range(row.size):
        to[i] += row[i]


@compiled()
def _move(row: Any, to: Any) -> None:
    """Move everybody of a row to another."""
    for i in range(row.size):
        to[i] += row[i]
        row[i] = 0.0
