"""Shortest ways through the corridor: what an expected distance is measured against."""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection

from caudal._core.errors import OptionError, did_you_mean
from caudal.corridor._tables import links, places

__all__ = ["MODES", "shortest_km"]

MODES = ("road", "rail", "air", "foot")


def shortest_km(goal: str, *, modes: Collection[str] = MODES) -> dict[str, float]:
    """Return the kilometres of the shortest way from every place that can reach ``goal``.

    Parameters
    ----------
    goal : str
        A place's slug, e.g. ``"sector-rgv"``.
    modes : collection of str
        Which links may be used; feet always count for the last stretch to a sector or port.

    Raises
    ------
    OptionError
        When there is no such place or mode.
    """
    known = places()["place"].to_list()
    if goal not in known:
        raise OptionError(f"there is no place {goal!r}", remedy=did_you_mean(goal, known))
    for mode in modes:
        if mode not in MODES:
            raise OptionError(f"there is no mode {mode!r}", remedy=did_you_mean(mode, MODES))
    into: dict[str, list[tuple[str, float]]] = {}
    for row in links().iter_rows(named=True):
        if row["mode"] in modes or row["to"].startswith(("sector-", "port-")):
            into.setdefault(row["to"], []).append((row["from"], row["distance_km"]))
    best, queue = {goal: 0.0}, [(0.0, goal)]
    while queue:
        so_far, place = heapq.heappop(queue)
        if so_far > best[place]:
            continue
        for before, km in into.get(place, ()):
            if so_far + km < best.get(before, math.inf):
                best[before] = so_far + km
                heapq.heappush(queue, (so_far + km, before))
    return best
