"""Attributes of displaced people (age, gender, …), drawn by day and place of origin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.flow._classes import shares
from caudal.flow._compiled import compiled
from caudal.flow._program import Program
from caudal.flow._sampling import binomial, open_stream, uniform

__all__ = ["attributes_of"]

Floats = npt.NDArray[np.float64]


@compiled()
def _draw(spawned: Any, cumulative: Any, seed: Any, purpose: int, out: Any) -> None:
    """Split each day's displaced people over an attribute's values (``cumulative``: place, value)."""
    rng = np.zeros(1, np.uint64)
    days, places = spawned.shape
    values = cumulative.shape[1]
    for t in range(days):
        for p in range(places):
            n = spawned[t, p]
            if n <= 0.0:
                continue
            open_stream(rng, seed, purpose, t * places + p)
            if n <= 4.0 * values:
                for _ in range(int(n)):
                    u = uniform(rng)
                    low, high = 0, values - 1
                    while low < high:
                        middle = (low + high) >> 1
                        if cumulative[p, middle] > u:
                            high = middle
                        else:
                            low = middle + 1
                    out[p, low] += 1.0
                continue
            before = 0.0
            for v in range(values):
                share = (cumulative[p, v] - before) / max(1.0 - before, 1e-300)
                k = n if v == values - 1 else binomial(rng, n, share)
                before = cumulative[p, v]
                out[p, v] += k
                n -= k


def attributes_of(program: Program, spawned: Floats, word: np.uint64) -> dict[str, Floats]:
    """Return people displaced by place of origin and value, per attribute of the case."""
    drawn: dict[str, Floats] = {}
    for i, table in enumerate(program.case.demographics):
        cumulative = np.cumsum(shares(table, program.case), axis=1)
        out = np.zeros(cumulative.shape)
        _draw(np.floor(spawned), cumulative, word, 1000 + i, out)
        drawn[table.attribute] = out
    return drawn
