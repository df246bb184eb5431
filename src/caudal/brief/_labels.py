"""Where a number may stand beside its point in a chart, so that it touches neither the line nor another number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["SIZE", "Spot", "months_shown", "spots"]

Pixels = npt.NDArray[np.float64]

#: Size of the numbers, and what one letter of that size takes at most.
SIZE = 11
_LETTER = 6.6
#: Free space that a number keeps from the line and from other numbers.
_AIR = 2.0
#: Where a number is tried in turn: alignment, and how far it is moved from its point.
_PLACES = (
    ("center", 0, -12), ("left", 9, 0), ("right", -9, 0), ("left", 7, -12), ("right", -7, -12), ("center", 0, 14),
    ("left", 9, 13), ("right", -9, 13), ("center", 0, -24), ("left", 14, -24), ("right", -14, -24),
)  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """Where a number stands: alignment, how far from its point, and the box it fills."""

    align: str
    dx: int
    dy: int
    box: tuple[float, float, float, float]


def spots(
    points: Sequence[tuple[float, float, str]], line: Pixels, size: tuple[float, float]
) -> list[Spot | None]:
    """Return a place for each number; the last point's is right of the plot, others may have none.

    Parameters
    ----------
    points : sequence of (x, y, text)
        In pixels from the upper left corner of the plot.
    line : ndarray, shape (points, 2)
        The line that no number may touch.
    size : (float, float)
        Width and height of the plot.
    """
    drawn = _every_pixel(line)
    *others, last = points
    end = _spot(last, ("left", 9, 0))
    taken = [end.box]
    found: list[Spot | None] = []
    for point in others:
        tried = (_spot(point, place) for place in _PLACES)
        free = next((one for one in tried if _is_free(one.box, drawn, taken, size)), None)
        found.append(free)
        taken += [free.box] if free else []
    return [*found, end]


def _spot(point: tuple[float, float, str], place: tuple[str, int, int]) -> Spot:
    (x, y, text), (align, dx, dy) = point, place
    wide = len(text) * _LETTER
    left = x + dx - {"left": 0.0, "center": wide / 2, "right": wide}[align]
    top = y + dy - SIZE / 2
    return Spot(align, dx, dy, (left, top, left + wide, top + SIZE))


def _is_free(
    box: tuple[float, float, float, float],
    drawn: Pixels,
    taken: Sequence[tuple[float, float, float, float]],
    size: tuple[float, float],
) -> bool:
    left, top, right, bottom = box
    if left < 0 or right > size[0] or bottom > size[1]:
        return False
    x, y = drawn[:, 0], drawn[:, 1]
    if np.any((x > left - _AIR) & (x < right + _AIR) & (y > top - _AIR) & (y < bottom + _AIR)):
        return False
    return all(
        right < a - _AIR or left > c + _AIR or bottom < b - _AIR or top > d + _AIR for a, b, c, d in taken
    )


def _every_pixel(line: Pixels) -> Pixels:
    """Return points on the line no further apart than a pixel."""
    parts = []
    for start, stop in pairwise(line):
        steps = max(2, int(np.ceil(np.abs(stop - start).max())) + 1)
        parts.append(np.linspace(start, stop, steps))
    return np.concatenate(parts) if parts else line


def months_shown(count: int, width: float, first_month: int) -> list[int]:
    """Return which of ``count`` months on a line get a label: evenly spaced ones and the last, none crowded.

    Parameters
    ----------
    count : int
        How many months the axis has.
    width : float
        Its length in pixels.
    first_month : int
        Calendar month (1 to 12) of the first, so that labels fall on January where they can.
    """
    apart = width / max(1, count - 1)
    need = 64.0
    step = next((s for s in (1, 2, 3, 6, 12) if s * apart >= need), 12 * int(np.ceil(need / (12 * apart))))
    even = [i for i in range(count) if (first_month - 1 + i) % step == 0]
    last = count - 1
    return [i for i in even if i != last and (last - i) * apart >= need] + [last]
