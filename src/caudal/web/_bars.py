"""Small charts of changes, drawn by hand: bars from zero by month, an interval over each where there is one.

A laboratory answers while a lever moves; the grammar of graphics would take longer than the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from caudal._core.charts import COLOURS
from caudal.web._words import Words

__all__ = ["Panel", "bars"]

_ACROSS, _WIDE, _TALL = 2, 310, 156
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 8, 26, 22
_SOFT = "#52606D"
#: Smaller changes than these are drawn as none: an axis of thousandths would make a mountain of it.
_LEAST = 0.5


@dataclass(frozen=True)
class Panel:
    """One outcome: labels of months, the change in each, and the ends of its interval."""

    title: str
    months: Sequence[str]
    change: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def bars(panels: Sequence[Panel], t: Words, *, alternative: str, intervals: bool) -> str:
    """Return the panels as one SVG picture.

    Parameters
    ----------
    panels : sequence of Panel
    t : Words
        For numbers.
    alternative : str
        What the picture shows, in words.
    intervals : bool
        Draw the intervals.
    """
    height = _TALL * math.ceil(len(panels) / _ACROSS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_ACROSS * _WIDE} {height}" role="img" '
        f'aria-label="{escape(alternative)}" font-family="Helvetica, Arial, sans-serif" font-size="11">'
    ]
    for i, panel in enumerate(panels):
        parts.append(f'<g transform="translate({_WIDE * (i % _ACROSS)} {_TALL * (i // _ACROSS)})">')
        parts += _drawn(panel, t, intervals)
        parts.append("</g>")
    return "".join([*parts, "</svg>"])


def _drawn(panel: Panel, t: Words, intervals: bool) -> list[str]:
    seen = [0.0, *panel.change, *(panel.low if intervals else ()), *(panel.high if intervals else ())]
    step = _step(max(max(seen) - min(seen), 2 * _LEAST))
    low, high = math.floor(min(seen) / step) * step, math.ceil(max(seen) / step) * step
    if low == high:
        low, high = -step, step
    room = _TALL - _TOP - _BOTTOM

    def y(value: float) -> float:
        return _TOP + room * (high - value) / (high - low)

    parts = [
        f'<text x="0" y="14" font-size="12" font-weight="bold" fill="{COLOURS["ink"]}">{escape(panel.title)}</text>'
    ]
    decimals = max(0, -math.floor(math.log10(step)))
    for k in range(round((high - low) / step) + 1):
        value = low + k * step
        colour = COLOURS["ink"] if abs(value) < step / 2 else COLOURS["grid"]
        said = t.signed(value, decimals) if abs(value) >= step / 2 else "0"
        parts.append(
            f'<path d="M{_LEFT} {y(value):.1f}H{_WIDE - _RIGHT}" stroke="{colour}"/>'
            f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="{_SOFT}">{said}</text>'
        )
    apart = (_WIDE - _LEFT - _RIGHT) / len(panel.months)
    wide = min(30.0, 0.55 * apart)
    for i, (month, change) in enumerate(zip(panel.months, panel.change, strict=True)):
        x = _LEFT + apart * (i + 0.5)
        top, bottom = min(y(change), y(0)), max(y(change), y(0))
        parts.append(
            f'<rect x="{x - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{bottom - top:.1f}" '
            f'fill="{COLOURS["highlight"]}"/>'
            f'<text x="{x:.1f}" y="{_TALL - 6}" text-anchor="middle" fill="{_SOFT}">{escape(month)}</text>'
        )
        if intervals:
            ends = f"M{x:.1f} {y(panel.low[i]):.1f}V{y(panel.high[i]):.1f}"
            parts.append(f'<path d="{ends}" stroke="{COLOURS["ink"]}" stroke-width="2"/>')
    return parts


def _step(span: float) -> float:
    """Return a distance between ticks, 1, 2 or 5 times a power of ten, that gives about three of them."""
    rough = span / 3
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * one for one in (1, 2, 5, 10) if power * one >= rough)
