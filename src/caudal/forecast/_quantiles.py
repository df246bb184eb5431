"""The 23 quantile levels of the hubverse."""

from __future__ import annotations

from typing import Final

__all__ = ["LEVELS"]

#: 0.01, 0.025, 0.05, 0.10 … 0.95, 0.975, 0.99: median and eleven central intervals.
LEVELS: Final[tuple[float, ...]] = (
    0.01,
    0.025,
    *(round(0.05 * i, 2) for i in range(1, 20)),
    0.975,
    0.99,
)
