"""When a number fits what was stated: true, false, or too near the edge to say.

Precision comes before recall: between a number that fits and one that does not lies a band in which neither is said.
The bands are documented in docs/reference/statements.md.
"""

from __future__ import annotations

from typing import Literal

from caudal.statements._types import Quantity

__all__ = ["ABOUT", "ABOUT_OUTER", "NEARLY", "REVISION", "holds"]

Scale = Literal["count", "percent", "factor"]

#: "About": fits within this share of the stated number; beyond the outer one it does not.
ABOUT, ABOUT_OUTER = 0.025, 0.10
#: "Nearly": from this share of the stated number up to just below it; beneath the second it does not fit.
NEARLY, NEARLY_OUTER = 0.95, 0.90
#: In-year months were seen to move by up to this many encounters from release to release.
REVISION = 61


def holds(
    quantity: Quantity,
    value: float,
    low: float | None = None,
    high: float | None = None,
    scale: Scale = "count",
) -> bool | None:
    """Return whether a value fits a stated quantity; None when it is too near the edge, or rounding leaves it open.

    Parameters
    ----------
    quantity : Quantity
        What was stated.
    value : float
        The value; ``low`` and ``high`` are the bounds that rounding leaves, by default the value itself.
    scale : {"count", "percent", "factor"}
        What the numbers are: encounters, percent, or a factor.
    """
    ends = [value if low is None else low, value if high is None else high]
    answers = {_holds(quantity, end, scale) for end in (*ends, value)}
    if len(answers) > 1:
        return None
    answer = answers.pop()
    # Both ends may miss on opposite sides while the truth in between fits.
    if (
        answer is False
        and quantity.qualifier in ("exact", "about", "nearly")
        and ends[0] < quantity.value < ends[1]
    ):
        return None
    return answer


def _holds(stated: Quantity, x: float, scale: Scale) -> bool | None:
    v = stated.value
    if stated.high is not None:
        slack = stated.grain / 2
        if v <= x <= stated.high:
            return True
        return None if v - slack <= x <= stated.high + slack else False
    match stated.qualifier:
        case "more":
            return x > v
        case "less":
            return x < v
        case "at_least":
            return x >= v
        case "at_most":
            return x <= v
        case "nearly":
            return _nearly(v, x)
        case "about":
            return _about(stated, x, scale)
        case _:
            return _exact(stated, x, scale)


def _nearly(v: float, x: float) -> bool | None:
    share = x / v if v else 0.0
    if NEARLY <= share < 1:
        return True
    return None if NEARLY_OUTER <= share <= 1.01 else False


def _about(stated: Quantity, x: float, scale: Scale) -> bool | None:
    v = stated.value
    off = abs(x - v)
    if scale == "percent":
        inner, outer = min(1.0, 0.1 * v), max(min(3.0, 0.3 * v), 0.6 * stated.grain)
    elif scale == "factor":
        inner, outer = 0.05 * v, 0.15 * v
    else:
        inner, outer = max(ABOUT * v, min(stated.grain / 2, 0.05 * v)), ABOUT_OUTER * v
    return True if off <= inner else None if off <= outer else False


def _exact(stated: Quantity, x: float, scale: Scale) -> bool | None:
    v, half = stated.value, stated.grain / 2
    off = abs(x - v)
    if scale == "factor":  # "doubled" is said of anything from a little less than twice to well above
        near = off <= 0.15 * v if v < 1 else -0.1 * v <= x - v < 0.5 * v
        return True if off <= 0.05 * v else None if near else False
    if scale == "percent":
        if off <= half:
            return True
        # 50 for 48.9 may be a round number, 24 for 24.9 a cut one: neither false nor true.
        return None if off <= max(stated.grain, 2.5 if v % 5 == 0 and stated.grain >= 1 else 0) else False
    if stated.grain <= 1:
        if off < 0.5:
            return True
        return None if off <= min(REVISION, 0.001 * v) else False
    inner = min(half, 0.05 * v)
    if off <= inner:
        return True
    cut = 0 <= x - v < stated.grain  # 242 thousand for 242,900
    return None if off <= half or cut else False
