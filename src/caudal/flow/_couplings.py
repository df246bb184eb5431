"""Who can matter to whom within a day: which nodes reach a place with capacity, and which decide by one.

Occupancies couple people only through places with capacity. A traveller who can neither reach nor look at a
camp that may bind today is carried through the day in one go; the others take turns in slices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["couplings"]

Array = npt.NDArray[Any]
_BITS = 64


def couplings(parts: dict[str, Array]) -> dict[str, Array]:
    """Return ``bit`` (place), ``reach`` and ``minds`` (node, bits); places beyond 64 share the last bit."""
    capacity = parts["capacity"]
    limited = np.flatnonzero((capacity >= 1.0).any(axis=0))
    bit = np.zeros(capacity.shape[1], np.int64)
    own = [0] * capacity.shape[1]
    for i, place in enumerate(limited):
        bit[place] = min(i, _BITS - 1)
        own[place] = 1 << int(bit[place])
    looks = _looks(parts, own)
    reach = [0] * len(parts["node_spot"])
    minds = list(reach)
    spots, places = parts["node_spot"].tolist(), parts["spot_place"].tolist()
    ptr = parts["edge_ptr"].tolist()
    rides, walks = parts["edge_ride"].tolist(), parts["edge_walk"].tolist()
    for node in range(len(spots) - 1, -1, -1):  # later nodes are further on
        spot = spots[node]
        here, there = own[places[spot]], 0
        lo, hi = ptr[node], ptr[node + 1]
        if hi > lo:
            there = looks[spot]
        for edge in range(lo, hi):
            for to in (rides[edge], walks[edge]):
                if to >= 0:
                    here |= reach[to]
                    there |= minds[to]
        reach[node], minds[node] = here, there
    return {"bit": bit, "reach": np.array(reach, np.uint64), "minds": np.array(minds, np.uint64)}


def _looks(parts: dict[str, Array], own: list[int]) -> list[int]:
    """Return, per spot, the places with capacity among its choices (or at the end of its route)."""
    looks = [own[final] if final >= 0 else 0 for final in parts["spot_final"].tolist()]
    dest = parts["cand_dest"].tolist()
    for row in parts["cand_ptr"].tolist():
        for place in range(len(row) - 1):
            for j in range(row[place], row[place + 1]):
                looks[place] |= own[dest[j]]
    return looks
