"""The cohort engine: counts per state, split by binomial and multinomial draws, one pass over a day's nodes.

People who share place (or link and distance on it), class, first-link bit and recent travel are
exchangeable; they are counted, not looped over. A day has two passes, as in the reference: everybody
decides in the morning, then everybody on a link travels and may decide again on arrival. Only occupancies
of camps couple people; where a capacity may bind, a pass is cut into slices of a random order (or of the
order of creation) small enough that the capacity factor moves by little within one, and all slices together
are one random order of the day.

With ``expected`` nothing is drawn: shares of people move, which is what calibration and quick what-ifs need.

A phase of the day is one compiled function that is called once a day or once a slice. Nothing that is done
once per state is a call: handing over the arrays costs more than the work.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.flow._cohort_carry import carry
from caudal.flow._cohort_displaced import close_links, displace, find_points
from caudal.flow._cohort_parts import add, draw, halved
from caudal.flow._cohort_slices import call, fraction_of_day, weigh
from caudal.flow._cohort_turns import choose, travel
from caudal.flow._compiled import compiled
from caudal.flow._sampling import mix, open_stream

__all__ = ["run_cohorts"]

#: Numbers with a type of their own: numba compiles a function anew for each literal it is handed.
_ZERO: Any = np.int64(0)
_ALL: Any = np.int64(-1)
_NIGHT = np.uint64(7)
_JUMP = np.uint64(0xD1342543DE82EF95)


@compiled()
def run_cohorts(
    law: Any,
    calendar: Any,
    choices: Any,
    nodes: Any,
    roads: Any,
    cells: Any,
    displaced: Any,
    camps: Any,
    pull: Any,
    turns: Any,
    due: Any,
    today: Any,
    tomorrow: Any,
    rng: Any,
    seed: Any,
    record: Any,
) -> tuple[int, float]:
    """Run one replicate and fill ``record`` (occupancy, on_link, entered, by_class, spawned, states).

    Returns
    -------
    tuple of (int, float)
        The largest number of states at the end of a day, and the people displaced in all.
    """
    occ, arrived, ahead, capacity = camps.occ, camps.arrived, camps.ahead, calendar.capacity
    parts = law.slices // law.generations if law.slices > law.generations else 1
    created, most_states = 0.0, 0
    last_epoch, last_base = -1, -1
    for t in range(calendar.epoch.size):
        key = mix(seed + np.uint64(t + 1) * _JUMP)
        epoch, base = calendar.epoch[t], calendar.base[t]
        settled = epoch == last_epoch and base == last_base
        changed = not settled
        last_epoch, last_base = epoch, base
        find_points(law, capacity, camps.point, t)
        created = displace(law, displaced, rng, occ, today, t, key, created, record.spawned)
        close_links(law, cells, today, t)
        for turn in range(2):  # in the morning people decide, then they travel
            if turn == 0:
                waiting, tight = choose(
                    law, calendar, choices.ptr, choices.dest, nodes, rng, camps, turns, today, t, key
                )
            else:
                waiting, tight = travel(
                    law, capacity, nodes, cells, rng, camps, turns, today, tomorrow, t, key
                )
            # All at once where no camp binds, else in slices, generation by generation.
            served = law.generations if tight else 1
            for a in range(served):
                for p in range(occ.size):
                    arrived[p], ahead[p] = 0.0, 0.0
                only = a if served > 1 else _ALL
                step, last_slice, spare = _ZERO, 1.0, 1.0
                while True:
                    share, leavers, lookers = 1.0, True, True
                    if tight and turn == 0:
                        # Leavers of full camps are half a slice ahead of those who look for a place.
                        leavers, lookers = step % 2 == 0, step % 2 == 1
                        if lookers:
                            share = 1.0 / (parts - step // 2)
                        elif step == 0:
                            share = 0.5 / parts
                        elif step < 2 * parts:
                            share = 1.0 / (parts - step // 2 + 0.5)
                    elif tight:
                        last_slice = fraction_of_day(
                            law,
                            capacity,
                            nodes,
                            camps,
                            turns,
                            t,
                            waiting,
                            only,
                            step,
                            settled,
                            spare,
                            last_slice,
                        )
                        share = last_slice / spare
                        spare -= last_slice
                        if spare < 1e-9:
                            share, spare = 1.0, 0.0
                    weigh(law, calendar, choices, camps, pull, t, changed)
                    changed = False
                    waiting = call(
                        law, rng, turns, due, key, turn, step, waiting, only, share, leavers, lookers
                    )
                    carry(
                        law, calendar.chance, calendar.town, choices, nodes, roads, rng, camps, pull, due, today,
                        tomorrow, t, epoch, key, turn, step, record.entered,
                    )  # fmt: skip
                    step += 1
                    if not tight or (turn == 1 and spare <= 0.0) or (turn == 0 and step > 2 * parts):
                        break
        _sleep(law, rng, today, tomorrow, key)
        today, tomorrow = tomorrow, today
        states = _note(law, cells.link, camps, today, t, record)
        if states > most_states:
            most_states = states
    return most_states, created


@compiled(inner=True)
def _sleep(law: Any, rng: Any, today: Any, tomorrow: Any, key: Any) -> None:
    """Keep those who did not move today, with their recent travel halved, and clear today's people."""
    spot_n, spot_list = today.spot_n, today.spot_list
    spot_new, spot_list_new, used_new = tomorrow.spot_n, tomorrow.spot_list, tomorrow.used[0]
    bins, bin_km, expected = law.bins, law.bin_km, law.expected
    for i in range(today.used[0]):
        at = spot_list[i]
        n = spot_n[at]
        spot_n[at] = 0.0
        if n <= 0.0:
            continue
        if bins == 1:
            used_new = add(spot_new, spot_list_new, at, used_new, n)
            continue
        x = at % bins
        low, part = halved(x, 0.0, bin_km)
        up = 0.0
        if part > 0.0:
            open_stream(rng, key, _NIGHT, at)
            up = draw(rng, n, part, expected)
        if n > up:
            used_new = add(spot_new, spot_list_new, at - x + low, used_new, n - up)
        if up > 0.0:
            used_new = add(spot_new, spot_list_new, at - x + low + 1, used_new, up)
    today.used[0], today.used[1] = 0, 0
    tomorrow.used[0] = used_new


@compiled(inner=True)
def _note(law: Any, cell_link: Any, camps: Any, people: Any, t: int, record: Any) -> int:
    """Record the end of the day and return how many states are in use."""
    occ, today, yesterday = camps.occ, camps.today, camps.yesterday
    by_class, on_link = record.by_class, record.on_link
    classes, bins, size = law.classes, law.bins, law.size
    for p in range(occ.size):
        record.occupancy[t, p] = occ[p]
        yesterday[p], today[p] = today[p], 0.0
    for i in range(people.used[0]):
        at = people.spot_list[i]
        by_class[t, (at // bins) % classes if classes > 1 else 0] += people.spot_n[at]
    for i in range(people.used[1]):
        at = people.cell_list[i]
        n = people.cell_n[at]
        on_link[t, cell_link[at // size if size > 1 else at]] += n
        by_class[t, (at // bins) % classes if classes > 1 else 0] += n
    states = people.used[0] + people.used[1]
    record.states[t] = states
    return int(states)
