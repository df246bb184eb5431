"""Lists of people due at a node: entries of one memory are joined, also when a list is full."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
import pytest

from caudal.flow._cohort_parts import merge

SIZE = 4
ROOM = SIZE + 1


@nb.njit
def fill(n: Any, listed: Any, slot: Any, memories: Any, people: Any) -> int:
    used = 0
    for i in range(len(memories)):
        if used == ROOM:
            used = merge(n, listed, slot, ROOM, used)
        listed[ROOM + used], n[ROOM + used] = memories[i], people[i]
        used += 1
    return int(merge(n, listed, slot, ROOM, used))


@pytest.mark.parametrize("memories", [[2], [3, 1, 3], [0, 0, 0, 0, 2, 2], [3, 1, 0, 2, 1, 1, 3], [1] * 9])
def test_every_memory_is_listed_once_with_everybody_of_it_in_order_of_coming(memories: list[int]) -> None:
    n, listed, slot = np.zeros(3 * ROOM), np.zeros(3 * ROOM, np.int32), np.zeros(SIZE, np.int32)
    people = np.arange(1.0, len(memories) + 1)
    kept = fill(n, listed, slot, np.array(memories), people)
    found = dict(zip(listed[ROOM : ROOM + kept].tolist(), n[ROOM : ROOM + kept].tolist(), strict=True))
    assert found == {m: sum(k for o, k in zip(memories, people, strict=True) if o == m) for m in memories}
    assert list(found) == list(dict.fromkeys(memories))
    assert not slot.any()
    assert not n[:ROOM].any()
    assert not n[2 * ROOM :].any()
