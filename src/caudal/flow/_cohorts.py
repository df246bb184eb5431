"""The cohort engine: counts per state, split by binomial and multinomial draws, one pass over a day's nodes.

People who share place (or link and distance on it), class, first-link bit and recent travel are
exchangeable; they are counted, not looped over. A day has two passes, as in the reference: everybody
decides in the morning, then everybody on a link travels and may decide again on arrival. Only occupancies
of camps couple people; where a capacity may bind, a pass is cut into slices of a random order (or of the
order of creation) small enough that the capacity factor moves by little within one, and all slices together
are one random order of the day.

With ``expected`` nothing is drawn: shares of people move, which is what calibration and quick what-ifs need.

Everything is one function on purpose: a compiled helper that takes thirty arrays costs five times the work
it does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from caudal.flow._compiled import compiled
from caudal.flow._sampling import binomial, mix, open_stream, uniform

__all__ = ["run_cohorts"]

_JUMP = np.uint64(0xD1342543DE82EF95)


@compiled(inline=True)
def _draw(rng: Any, n: float, p: float, expected: bool) -> Any:
    if expected:
        return n * min(max(p, 0.0), 1.0)
    return binomial(rng, n, p)


@compiled(inline=True)
def _add(values: Any, touched: Any, at: int, count: int, n: float) -> int:
    """Add ``n`` to a sparse vector and return how many of its entries are in use."""
    if values[at] == 0.0:
        touched[count] = at
        count += 1
    values[at] += n
    return count


@compiled(inline=True)
def _factor(n: float, cap: float, buffer: float) -> float:
    """Return the share of its attraction a place with capacity ``cap`` keeps at occupancy ``n``."""
    if cap < 1.0 or n <= buffer * cap:
        return 1.0
    if n >= cap:
        return 0.0
    return 1.0 - (n - buffer * cap) / (cap * (1.0 - buffer))


@compiled(inline=True)
def _halved(x: int, km: float, bin_km: float) -> tuple[int, float]:
    """Return the lower bin of tomorrow's recent travel ``(x + km) / 2`` and the share that belongs one above.

    With bins of 1 km and whole kilometres the floor is exact (comparisons see no difference) and nobody is
    above.
    """
    if bin_km == 1.0:
        return int(x + km) >> 1, 0.0
    value = 0.5 * (x + km / bin_km)
    low = int(value)
    return low, value - low


@compiled(inline=True)
def _position(bit: Any) -> int:
    """Return the index of the only bit set."""
    place = 0
    if bit >= np.uint64(1) << np.uint64(32):
        bit >>= np.uint64(32)
        place += 32
    if bit >= np.uint64(1) << np.uint64(16):
        bit >>= np.uint64(16)
        place += 16
    if bit >= np.uint64(1) << np.uint64(8):
        bit >>= np.uint64(8)
        place += 8
    if bit >= np.uint64(1) << np.uint64(4):
        bit >>= np.uint64(4)
        place += 4
    if bit >= np.uint64(1) << np.uint64(2):
        bit >>= np.uint64(2)
        place += 2
    if bit >= np.uint64(1) << np.uint64(1):
        place += 1
    return place


@compiled()
def run_cohorts(
    tab: Any,
    seed: Any,
    expected: bool,
    spawn_mode: int,
    spawn_counts: Any,
    rate: float,
    take: bool,
    feet: int,
    bins: int,
    bin_km: float,
    speed: float,
    buffer: float,
    power: float,
    pruning: float,
    ages: Any,
    epsilon: float,
    slices: int,
    few: float,
    work: Any,
    waiting_room: Any,
    record: Any,
) -> tuple[int, float]:
    """Run one replicate and fill ``record`` (occupancy, on_link, entered, by_class, spawned, states).

    Returns
    -------
    tuple of (int, float)
        The largest number of states at the end of a day, and the people displaced in all.
    """
    occupancy, on_link, entered, by_class, spawned, states = record
    # Local names: compiled code reads them faster than fields, and compiles faster.
    tab_base = tab.base
    tab_bit = tab.bit
    tab_camp = tab.camp
    tab_cand_dest = tab.cand_dest
    tab_cand_lane = tab.cand_lane
    tab_cand_ptr = tab.cand_ptr
    tab_capacity = tab.capacity
    tab_cell_chance = tab.cell_chance
    tab_cell_link = tab.cell_link
    tab_cell_ride = tab.cell_ride
    tab_cell_ride_km = tab.cell_ride_km
    tab_cell_shadow = tab.cell_shadow
    tab_cell_walk = tab.cell_walk
    tab_cell_walk_km = tab.cell_walk_km
    tab_chance = tab.chance
    tab_class_share = tab.class_share
    tab_day_base = tab.day_base
    tab_day_epoch = tab.day_epoch
    tab_edge_foot = tab.edge_foot
    tab_edge_ptr = tab.edge_ptr
    tab_edge_ride = tab.edge_ride
    tab_edge_ride_km = tab.edge_ride_km
    tab_edge_walk = tab.edge_walk
    tab_edge_walk_km = tab.edge_walk_km
    tab_follow = tab.follow
    tab_initial = tab.initial
    tab_lane_link = tab.lane_link
    tab_lane_ptr = tab.lane_ptr
    tab_lane_walk = tab.lane_walk
    tab_minds = tab.minds
    tab_node_km = tab.node_km
    tab_node_spot = tab.node_spot
    tab_node_stop = tab.node_stop
    tab_population = tab.population
    tab_reach = tab.reach
    tab_shut_link = tab.shut_link
    tab_shut_ptr = tab.shut_ptr
    tab_spawn_factor = tab.spawn_factor
    tab_spawn_total = tab.spawn_total
    tab_spot_final = tab.spot_final
    tab_spot_place = tab.spot_place
    tab_town = tab.town
    days, places = tab_camp.shape
    nodes = tab_node_spot.size
    classes = tab_class_share.shape[1]
    block = feet * classes * bins
    generations = ages.size
    size = generations * block
    most = 0
    for e in range(tab_cand_ptr.shape[0]):
        for p in range(places):
            most = max(most, tab_cand_ptr[e, p + 1] - tab_cand_ptr[e, p])
    rows = tab_cand_ptr[:, places].max() if tab_cand_ptr.shape[0] else 0
    rng = np.zeros(1, np.uint64)

    # The state: sparse vectors over (spot, memory) and (cell, memory), today's and tomorrow's; all zero on
    # entry.
    (
        spot_n,
        spot_new,
        spot_list,
        spot_list_new,
        cell_n,
        cell_new,
        cell_list,
        cell_list_new,
        node_n,
        node_list,
    ) = work
    spot_used, spot_used_new, cell_used, cell_used_new = 0, 0, 0, 0
    node_used = np.zeros(nodes, np.int32)
    words = (nodes + 63) // 64
    flags = np.zeros(words, np.uint64)
    # People waiting their turn in a pass: node, memory, number, kind (0 indifferent, 1 leaves a full camp,
    # 2 looks).
    turn_node, turn_m, turn_kind, turn_n = waiting_room
    occ = np.zeros(places)
    arrived = np.zeros(places)
    fac = np.ones(places)
    weight = np.zeros((max(rows, 1), classes))
    total = np.zeros((places, classes))
    looks = np.zeros(places, np.uint8)
    binds, refuses = np.zeros(places, np.bool_), np.zeros(places, np.bool_)
    point = np.zeros(places)
    coming, direct, ahead = np.zeros(64), np.zeros(places), np.zeros(places)
    picks = np.zeros(max(most, 1))
    population = tab_population.copy()
    born = np.zeros(places)
    created, most_states = 0.0, 0
    last_epoch, last_base = -1, -1
    yesterday, today_total = np.zeros(places), np.zeros(places)

    for t in range(days):
        key = mix(seed + np.uint64(t + 1) * _JUMP)
        epoch = tab_day_epoch[t]
        settled = epoch == last_epoch and tab_day_base[t] == last_base
        for p in range(places):
            yesterday[p], today_total[p] = today_total[p], 0.0

        for p in range(places):  # the least occupancy at which a camp refuses people
            cap = tab_capacity[t, p]
            point[p] = 0.5 * (1.0 + buffer) * cap
            if cap >= 1.0 and not expected:
                point[p] = max(math.floor(point[p]) - 1.0, 0.0)
                while _factor(point[p], cap, buffer) >= 0.5:
                    point[p] += 1.0

        # 1. Displacement.
        for p in range(places):
            born[p] = tab_initial[p] if t == 0 else 0.0
        for turn in range(2):  # those there before day 0, then the day's displaced
            if turn == 0 and t > 0:
                continue
            if turn == 1:
                open_stream(rng, key, 1, 0)
                if spawn_mode == 0:
                    left, mass = tab_spawn_total[t], 0.0
                    for p in range(places):
                        mass += max(population[p], 0.0) * tab_spawn_factor[t, p]
                    for p in range(places):
                        w = max(population[p], 0.0) * tab_spawn_factor[t, p]
                        born[p] = 0.0
                        if w > 0.0 and left > 0.0:
                            share = w / mass
                            born[p] = left if share > 1.0 - 1e-12 else _draw(rng, left, share, expected)
                            left -= born[p]
                            mass -= w
                else:
                    for p in range(places):
                        born[p] = spawn_counts[t, p]
                        if spawn_mode == 2:
                            born[p] = math.floor(rate * population[p] * tab_spawn_factor[t, p])
            for p in range(places):
                if born[p] <= 0.0:
                    continue
                spawned[t, p] += born[p]
                occ[p] += born[p]
                if take and turn == 1:
                    population[p] -= born[p]
                left = born[p]
                while left > 0.0:  # one generation (age class) after the other
                    a = 0
                    while a < generations - 1 and created >= ages[a]:
                        a += 1
                    here = left if a == generations - 1 else min(left, ages[a] - created)
                    created += here
                    left -= here
                    before, rest = 0.0, here
                    for c in range(classes):
                        k = rest
                        if c < classes - 1:
                            k = 0.0
                            if rest > 0.0 and before < 1.0:
                                share = (tab_class_share[p, c] - before) / (1.0 - before)
                                k = _draw(rng, rest, share, expected)
                        before = tab_class_share[p, c]
                        rest -= k
                        if k > 0.0:
                            m = ((a * feet + feet - 1) * classes + c) * bins
                            spot_used = _add(spot_n, spot_list, p * size + m, spot_used, k)

        # 2. Links that close: whoever is on them will turn back.
        for i in range(tab_shut_ptr[t], tab_shut_ptr[t + 1]):
            held = cell_used
            for j in range(held):
                at = cell_list[j]
                cell = at // size
                if (
                    tab_cell_link[cell] == tab_shut_link[i]
                    and tab_cell_shadow[cell] >= 0
                    and cell_n[at] > 0.0
                ):
                    n = cell_n[at]
                    cell_n[at] = 0.0
                    to = tab_cell_shadow[cell] * size + at % size
                    if cell_n[to] == 0.0:
                        seen = False
                        for q in range(cell_used):  # rare: only on days with a closure
                            seen = seen or cell_list[q] == to
                        if not seen:
                            cell_list[cell_used] = to
                            cell_used += 1
                    cell_n[to] += n

        # 3. Two passes: 0 decides in the morning, 1 travels.
        for turn in range(2):
            tight = False
            waiting = 0
            if turn == 0:
                for p in range(places):
                    looks[p] = 0
                    # A camp binds this morning if leavers move its factor, or carry it over the point of
                    # refusal.
                    cap = tab_capacity[t, p]
                    binds[p] = False
                    if cap >= 1.0 and occ[p] > buffer * cap:
                        leaving = tab_chance[t, p] * occ[p]
                        over = occ[p] - point[p]
                        within = over >= 0.0 and over <= leaving + 5.0 * math.sqrt(leaving) + 1.0
                        smooth = occ[p] - leaving < cap and leaving > epsilon * cap * (1.0 - buffer)
                        binds[p] = within or smooth
                for p in range(places):
                    for j in range(tab_cand_ptr[epoch, p], tab_cand_ptr[epoch, p + 1]):
                        d = tab_cand_dest[j]
                        if tab_capacity[t, d] >= 1.0:
                            looks[p] = 2 if binds[d] or looks[p] == 2 else 1
                            tight = tight or binds[d]
                for i in range(spot_used):
                    at = spot_list[i]
                    n = spot_n[at]
                    if n <= 0.0:
                        continue
                    s, m = (at // size, at % size) if size > 1 else (at, 0)
                    p = tab_spot_place[s]
                    open_stream(rng, key, 2, at)
                    k = n if s >= places else _draw(rng, n, tab_chance[t, p], expected)
                    if k <= 0.0:
                        continue
                    spot_n[at] -= k
                    final = tab_spot_final[s]
                    kind = 0
                    if binds[p]:
                        kind = 1
                    elif looks[p] == 2 or (final >= 0 and binds[final]):
                        kind = 2
                    turn_node[waiting], turn_m[waiting], turn_n[waiting] = s, m, k
                    turn_kind[waiting] = kind
                    waiting += 1
            else:
                coming[:] = 0.0
                for i in range(cell_used):
                    at = cell_list[i]
                    n = cell_n[at]
                    cell_n[at] = 0.0
                    if n <= 0.0:
                        continue
                    cell, m = (at // size, at % size) if size > 1 else (at, 0)
                    walkers = 0.0
                    open_stream(rng, key, 3, at)
                    if tab_cell_chance[cell] > 0.0:
                        walkers = _draw(rng, n, tab_cell_chance[cell], expected)
                    for gait in range(2):
                        k = walkers if gait == 1 else n - walkers
                        if k <= 0.0:
                            continue
                        to = tab_cell_walk[cell] if gait == 1 else tab_cell_ride[cell]
                        km = tab_cell_walk_km[cell] if gait == 1 else tab_cell_ride_km[cell]
                        if to >= 0:
                            turn_node[waiting], turn_m[waiting], turn_n[waiting] = to, m, k
                            turn_kind[waiting] = 0
                            waiting += 1
                            bits = tab_reach[to]
                            while bits != np.uint64(0):
                                low_bit = bits & (~bits + np.uint64(1))
                                bits ^= low_bit
                                coming[_position(low_bit)] += k
                            continue
                        first = (-1 - to) * size + m
                        if bins == 1:
                            cell_used_new = _add(cell_new, cell_list_new, first, cell_used_new, k)
                            continue
                        x = m % bins
                        first -= x
                        low, part = _halved(x, km, bin_km)
                        up = _draw(rng, k, part, expected) if part > 0.0 else 0.0
                        if k > up:
                            cell_used_new = _add(cell_new, cell_list_new, first + low, cell_used_new, k - up)
                        if up > 0.0:
                            cell_used_new = _add(cell_new, cell_list_new, first + low + 1, cell_used_new, up)
                cell_used = 0
                mask = np.uint64(0)
                for p in range(places):
                    cap = tab_capacity[t, p]
                    binds[p] = cap >= 1.0 and occ[p] < cap and occ[p] + coming[tab_bit[p]] > buffer * cap
                    if binds[p]:
                        mask |= np.uint64(1) << np.uint64(tab_bit[p])
                if mask != np.uint64(0):
                    for i in range(waiting):
                        if tab_minds[turn_node[i]] & mask != np.uint64(0):
                            tight = True
                    for i in range(waiting):
                        if tight and (tab_minds[turn_node[i]] | tab_reach[turn_node[i]]) & mask != np.uint64(
                            0
                        ):
                            turn_kind[i] = 2

            turns = generations if tight else 1
            for a in range(turns):
                for p in range(places):
                    arrived[p] = 0.0
                parts = max(1, slices // generations) if tight else 0
                step, last_slice, spare = 0, 1.0, 1.0
                ahead[:] = 0.0
                while True:
                    # 3a. How much of the day this slice is.
                    share, leavers = 1.0, True
                    lookers = True
                    if tight and turn == 0:
                        # Leavers of full camps are half a slice ahead of those who look for a place.
                        leavers, lookers = step % 2 == 0, step % 2 == 1
                        if leavers:
                            at_end = step == 2 * parts
                            share = (
                                0.5 / parts
                                if step == 0
                                else 1.0
                                if at_end
                                else 1.0 / (parts - step // 2 + 0.5)
                            )
                        else:
                            share = 1.0 / (parts - step // 2)
                    elif tight:
                        fraction = spare
                        direct[:] = 0.0
                        for i in range(waiting):
                            if turns == 1 or turn_m[i] // block == a:
                                direct[tab_spot_place[tab_node_spot[turn_node[i]]]] += turn_n[i]
                        seeking = False
                        ahead[:] = 0.0
                        for p in range(places):
                            cap = tab_capacity[t, p]
                            if not binds[p] or occ[p] >= cap:
                                continue
                            width = cap * (1.0 - buffer)
                            guess = 0.0
                            gap = buffer * cap - occ[p]
                            half = point[p] - occ[p]
                            least = 0.01 + 2e-5 * cap
                            may = epsilon * width
                            if gap > 0.0:
                                may += gap
                            if half > 0.0:  # do not jump over the point of refusal
                                may = min(may, max(half - 1.5 * math.sqrt(half), 0.05 * half))
                            # Past the point of refusal only those already on the way arrive, and they are
                            # known.
                            rate_now = direct[p] / spare
                            if half > 0.0:
                                seeking = True
                                if step == 0:
                                    # Yesterday's pace unless links or attractions changed: then a pilot
                                    # slice.
                                    rate_now = coming[tab_bit[p]]
                                    if settled:
                                        rate_now = min(rate_now, 1.5 * yesterday[p] + 10.0)
                                        guess = min(rate_now, yesterday[p])
                                else:
                                    guess = max(rate_now, arrived[p] / (1.0 - spare))
                                    rate_now = max(rate_now, (arrived[p] + 1.0) / (1.0 - spare))
                            else:
                                guess = rate_now
                            ahead[p] = 0.5 * guess
                            if rate_now <= 0.0:
                                continue
                            fraction = min(fraction, max(may, least) / rate_now)
                        if step == 0 and seeking and not settled:
                            fraction = (
                                min(max(fraction, 1.0 / 64.0), 1.0 / 8.0) if fraction < spare else spare
                            )
                        elif step > 0 and seeking:
                            fraction = min(fraction, 4.0 * last_slice)
                        fraction = min(max(fraction, 1e-5), spare)
                        last_slice = fraction
                        for p in range(places):
                            ahead[p] *= fraction
                        share = fraction / spare
                        spare -= fraction
                        if spare < 1e-9:
                            share, spare = 1.0, 0.0
                    # 3b. Capacity factors and weights, as they will stand half way through the slice.
                    changed = epoch != last_epoch or tab_day_base[t] != last_base
                    renew = changed
                    last_epoch, last_base = epoch, tab_day_base[t]
                    for p in range(places):
                        f = _factor(occ[p] + ahead[p], tab_capacity[t, p], buffer)
                        refuses[p] = tab_camp[t, p] and _factor(occ[p], tab_capacity[t, p], buffer) < 0.5
                        if f != fac[p]:
                            fac[p] = f
                            renew = True
                    if renew:
                        first = tab_cand_ptr[epoch, 0]
                        for p in range(places):
                            if not changed and looks[p] == 0:
                                continue
                            lo, hi = tab_cand_ptr[epoch, p], tab_cand_ptr[epoch, p + 1]
                            for c in range(classes):
                                mass, best = 0.0, 0.0
                                for j in range(lo, hi):
                                    w = tab_base[tab_day_base[t] + j - first, c]
                                    f = fac[tab_cand_dest[j]]
                                    if f < 1.0:
                                        w *= f if power == 1.0 else f**power
                                    weight[j - first, c] = w
                                    mass += w
                                    best = max(best, w)
                                if pruning >= 1.001:
                                    mass = 0.0
                                    for j in range(lo, hi):
                                        if weight[j - first, c] < best / pruning:
                                            weight[j - first, c] = 0.0
                                        mass += weight[j - first, c]
                                total[p, c] = mass

                    kept = 0
                    for i in range(waiting):
                        n, m, kind = turn_n[i], turn_m[i], turn_kind[i]
                        mine = turns == 1 or m // block == a
                        k = 0.0
                        if mine and (kind == 0 or (kind == 1 and leavers) or (kind == 2 and lookers)):
                            k = n
                            if kind > 0 and share < 1.0:
                                open_stream(rng, key + np.uint64(step), 4 + turn, turn_node[i] * size + m)
                                k = _draw(rng, n, share, expected)
                        if k > 0.0:
                            node = turn_node[i]
                            at = node * size + m
                            if node_n[at] == 0.0:
                                if size > 1:
                                    node_list[node * size + node_used[node]] = m
                                    node_used[node] += 1
                                flags[node >> 6] |= np.uint64(1) << np.uint64(node & 63)
                            node_n[at] += k
                        if n - k > 0.0:
                            turn_node[kept], turn_m[kept], turn_kind[kept] = turn_node[i], m, kind
                            turn_n[kept] = n - k
                            kept += 1
                    waiting = kept

                    # 3c. Carry them through the day, nearest first.
                    for word in range(words):
                        while flags[word] != np.uint64(0):
                            bits = flags[word]
                            low_bit = bits & (~bits + np.uint64(1))
                            flags[word] = bits ^ low_bit
                            node = (word << 6) + _position(low_bit)
                            s = tab_node_spot[node]
                            p = tab_spot_place[s]
                            km = tab_node_km[node]
                            many = node_used[node] if size > 1 else 1
                            for q in range(many):
                                m = node_list[node * size + q] if size > 1 else 0
                                at = node * size + m
                                n = node_n[at]
                                node_n[at] = 0.0
                                x, c = 0, 0
                                foot = False
                                if size > 1:  # divisions are dear
                                    x, c = m % bins, (m // bins) % classes
                                    foot = feet == 2 and (m // (bins * classes)) % 2 == 1
                                if turn == 1 and foot:
                                    m -= bins * classes
                                    foot = False
                                # How many go on, and where.
                                stay, dropped = 0.0, 0.0
                                edge = tab_edge_ptr[node]
                                ways = 0
                                first = 0
                                open_stream(rng, key + np.uint64(step * 2 + turn), 6, at)
                                base_state = rng[0]
                                if turn == 1 and tab_node_stop[node]:
                                    stay = n
                                elif (
                                    s >= places
                                ):  # on a route: the next link, unless it is gone or the end is full
                                    way = tab_follow[epoch, s]
                                    d = tab_spot_final[s]
                                    if way < 0 or refuses[d]:
                                        dropped = n
                                    else:
                                        picks[0] = n
                                        ways = 1
                                        first = -1
                                else:
                                    go = n
                                    if turn == 1:
                                        chance = tab_chance[t, p]
                                        if bins > 1 and tab_town[t, p] and x * bin_km + km < speed:
                                            chance = 1.0
                                        go = _draw(rng, n, chance, expected)
                                    first = tab_cand_ptr[epoch, p]
                                    ways = tab_cand_ptr[epoch, p + 1] - first
                                    if ways == 0:
                                        go = 0.0
                                    stay = n - go
                                    if go > 0.0:
                                        row = first - tab_cand_ptr[epoch, 0]
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
                                                        # Every draw has its own stretch of the stream, so
                                                        # that paired scenarios stay aligned whatever one
                                                        # draw uses.
                                                        rng[0] = base_state + np.uint64(j + 1) * _JUMP
                                                        k = _draw(rng, rest, part, expected)
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
                                        way = tab_follow[epoch, s]
                                    else:
                                        d = tab_cand_dest[first + j]
                                        if refuses[d]:
                                            dropped += k
                                            continue
                                        way = tab_cand_lane[first + j]
                                    lane = tab_lane_ptr[s] + way
                                    entered[t, tab_lane_link[lane]] += k
                                    if turn == 0:
                                        occ[p] -= k
                                        to = tab_edge_foot[edge + way] if foot else tab_edge_ride[edge + way]
                                        cell_used = _add(
                                            cell_n, cell_list, (-1 - to) * size + m, cell_used, k
                                        )
                                        continue
                                    walkers = 0.0
                                    if tab_lane_walk[lane] > 0.0:
                                        rng[0] = base_state + np.uint64(ways + j + 2) * _JUMP
                                        walkers = _draw(rng, k, tab_lane_walk[lane], expected)
                                    for gait in range(2):
                                        g = walkers if gait == 1 else k - walkers
                                        if g <= 0.0:
                                            continue
                                        to = (
                                            tab_edge_walk[edge + way]
                                            if gait == 1
                                            else tab_edge_ride[edge + way]
                                        )
                                        if to >= 0:
                                            at = to * size + m
                                            if node_n[at] == 0.0:
                                                if size > 1:
                                                    node_list[to * size + node_used[to]] = m
                                                    node_used[to] += 1
                                                flags[to >> 6] |= np.uint64(1) << np.uint64(to & 63)
                                            node_n[at] += g
                                            continue
                                        at = (-1 - to) * size + m - x
                                        if bins == 1:
                                            cell_used_new = _add(
                                                cell_new, cell_list_new, at, cell_used_new, g
                                            )
                                            continue
                                        covered = (
                                            tab_edge_walk_km[edge + way]
                                            if gait == 1
                                            else tab_edge_ride_km[edge + way]
                                        )
                                        low, part = _halved(x, covered, bin_km)
                                        up = _draw(rng, g, part, expected) if part > 0.0 else 0.0
                                        if g > up:
                                            cell_used_new = _add(
                                                cell_new, cell_list_new, at + low, cell_used_new, g - up
                                            )
                                        if up > 0.0:
                                            cell_used_new = _add(
                                                cell_new, cell_list_new, at + low + 1, cell_used_new, up
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
                                        spot_used_new = _add(spot_new, spot_list_new, at, spot_used_new, k)
                                        continue
                                    low, part = _halved(x, km, bin_km)
                                    up = _draw(rng, k, part, expected) if part > 0.0 else 0.0
                                    if k > up:
                                        spot_used_new = _add(
                                            spot_new, spot_list_new, at + low, spot_used_new, k - up
                                        )
                                    if up > 0.0:
                                        spot_used_new = _add(
                                            spot_new, spot_list_new, at + low + 1, spot_used_new, up
                                        )
                            if size > 1:
                                node_used[node] = 0
                    step += 1
                    if turn == 1 and (not tight or spare <= 0.0):
                        break
                    if turn == 0 and (not tight or step > 2 * parts):
                        break

        # 4. The night: those who did not move, then tomorrow becomes today.
        for i in range(spot_used):
            at = spot_list[i]
            n = spot_n[at]
            spot_n[at] = 0.0
            if n <= 0.0:
                continue
            if bins == 1:
                spot_used_new = _add(spot_new, spot_list_new, at, spot_used_new, n)
                continue
            x = (at % size) % bins
            low, part = _halved(x, 0.0, bin_km)
            up = 0.0
            if part > 0.0:
                open_stream(rng, key, 7, at)
                up = _draw(rng, n, part, expected)
            if n > up:
                spot_used_new = _add(spot_new, spot_list_new, at - x + low, spot_used_new, n - up)
            if up > 0.0:
                spot_used_new = _add(spot_new, spot_list_new, at - x + low + 1, spot_used_new, up)
        spot_n, spot_new = spot_new, spot_n
        spot_list, spot_list_new = spot_list_new, spot_list
        spot_used, spot_used_new = spot_used_new, 0
        cell_n, cell_new = cell_new, cell_n
        cell_list, cell_list_new = cell_list_new, cell_list
        cell_used, cell_used_new = cell_used_new, 0

        # 5. The record.
        for p in range(places):
            occupancy[t, p] = occ[p]
        for i in range(spot_used):
            at = spot_list[i]
            by_class[t, ((at % size) // bins) % classes] += spot_n[at]
        for i in range(cell_used):
            at = cell_list[i]
            on_link[t, tab_cell_link[at // size if size > 1 else at]] += cell_n[at]
            by_class[t, ((at % size) // bins) % classes if size > 1 else 0] += cell_n[at]
        states[t] = spot_used + cell_used
        most_states = max(most_states, spot_used + cell_used)
    for i in range(spot_used):  # leave the workspace as it was found
        spot_n[spot_list[i]] = 0.0
    for i in range(cell_used):
        cell_n[cell_list[i]] = 0.0
    return most_states, created
