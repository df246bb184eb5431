"""An independent evaluation of typed statements: loops over plain dictionaries, from the documented rules.

Shares nothing with `caudal.statements` but the statement classes: fiscal and calendar years are added up here from
months, peers are listed one by one, bounds from the Border Patrol's longer history are built here.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from caudal import figures
from caudal._core.errors import CaudalError
from caudal.statements import (
    Change,
    Compare,
    Level,
    Quantity,
    Rank,
    Ratio,
    Record,
    Share,
    Streak,
    Threshold,
)

PART_OF = {"sw-encounters": "usbp-encounters", "nationwide-encounters": "usbp-encounters-nationwide"}
WHOLE_OF = {"usbp-encounters": "sw-encounters", "ofo-encounters": "sw-encounters"}
Key = tuple[int, int]  # year, month


@cache
def months(measure: str, where: tuple[tuple[str, str], ...]) -> dict[Key, float]:
    try:
        frame = figures.series(measure, where=dict(where))
    except CaudalError:
        return {}
    return {(int(p[:4]), int(p[5:])): float(v) for p, v in frame.select("period", "value").rows()}


@cache
def ranges_of(measure: str, where: tuple[tuple[str, str], ...]) -> dict[Key, tuple[float, float]]:
    """Months with what rounding leaves open: five either way for every figure that was added up."""
    try:
        frame = figures.series(measure, where=dict(where), rows=True)
    except CaudalError:
        return {}
    slack = (
        pl.when(pl.col("unit").str.contains("rounded"))
        .then(5 * pl.col("rows").clip(lower_bound=1))
        .otherwise(0)
    )
    found = frame.select("period", "value", slack.alias("slack")).rows()
    return {(int(p[:4]), int(p[5:])): (max(v - s, 0), v + s) for p, v, s in found}


def plus(key: Key, n: int) -> Key:
    index = key[0] * 12 + key[1] - 1 + n
    return index // 12, index % 12 + 1


def total(values: dict[Key, float], start: Key, n: int) -> float | None:
    parts = [values.get(plus(start, i)) for i in range(n)]
    return None if None in parts else float(sum(parts))  # type: ignore[arg-type]


@cache
def bounds(measure: str, where: tuple[tuple[str, str], ...]) -> dict[Key, tuple[float, float]]:
    own = months(measure, where)
    found = dict(ranges_of(measure, where))
    if measure in PART_OF:
        part = ranges_of(PART_OF[measure], where)
        both = [found[key][1] - part[key][0] for key in own if key in part]
        if both:
            for key, (low, high) in part.items():
                found.setdefault(key, (low, high + max(both)))
    elif measure in WHOLE_OF:
        for key, (_, high) in ranges_of(WHOLE_OF[measure], where).items():
            found.setdefault(key, (0.0, high))
    return found


def ranged(measure: str, where, start: Key, n: int) -> tuple[float, float] | None:
    table = bounds(measure, where)
    parts = [table.get(plus(start, i)) for i in range(n)]
    if None in parts:
        return None
    return sum(p[0] for p in parts), sum(p[1] for p in parts)  # type: ignore[index]


def over(a: tuple[float, float], b: tuple[float, float]) -> bool | None:
    return True if a[0] > b[1] else False if a[1] <= b[0] else None


def fits(q: Quantity, x: float, scale: str) -> bool | None:
    v, off = q.value, abs(x - q.value)
    if q.qualifier in ("more", "less", "at_least", "at_most"):
        return {"more": x > v, "less": x < v, "at_least": x >= v, "at_most": x <= v}[q.qualifier]
    if q.qualifier == "nearly":
        return True if 0.95 * v <= x < v else None if 0.90 * v <= x <= 1.01 * v else False
    if q.qualifier == "about":
        if scale == "count":
            inner, outer = max(0.025 * v, min(q.grain / 2, 0.05 * v)), 0.1 * v
        elif scale == "percent":
            inner, outer = min(1, 0.1 * v), min(3, 0.3 * v)
        else:
            inner, outer = 0.05 * v, 0.15 * v
        return True if off <= inner else None if off <= outer else False
    if scale == "factor":
        if off <= 0.05 * v:
            return True
        return None if (off <= 0.15 * v if v < 1 else -0.1 * v <= x - v < 0.5 * v) else False
    if scale == "percent":
        if off <= q.grain / 2:
            return True
        return None if off <= max(q.grain, 2.5 if v % 5 == 0 and q.grain >= 1 else 0) else False
    if q.grain <= 1:
        return True if off < 0.5 else None if off <= min(61, 0.001 * v) else False
    if off <= min(q.grain / 2, 0.05 * v):
        return True
    return None if off <= q.grain / 2 or 0 <= x - v < q.grain else False


def word(answer: bool | None) -> str:
    return "unknown" if answer is None else "true" if answer else "false"


def peers(s, measure: str, where, to_date: bool, step: int) -> list[Key]:
    own = months(measure, where)
    start, n = (s.span.first.year, s.span.first.month), s.span.months
    last = max(own)
    table = bounds(measure, where)
    solid = last
    while plus(solid, -1) in own:
        solid = plus(solid, -1)
    found = []
    for k in range(-60 * 12, 60 * 12):
        if k == 0 or k % step:
            continue
        key = plus(start, k)
        if key < min(table) or plus(key, n - 1) > max(
            last, max(table) if n == 12 and key[1] in (1, 10) else last
        ):
            continue
        if plus(key, n - 1) > last and ranged(measure, where, key, n) is None:
            continue
        if s.since and key < (s.since.year, s.since.month):
            continue
        if not to_date and key > start:
            continue
        if s.since is None and key < solid and ranged(measure, where, key, n) is None:
            continue
        found.append(key)
    return found


def brute(s, measure: str) -> str:
    where = tuple(s.where)
    values = months(measure, where)
    start, n = (s.span.first.year, s.span.first.month), s.span.months
    x = total(values, start, n)
    if isinstance(s, Level):
        return word(None if x is None else fits(s.quantity, x, "count"))
    if isinstance(s, Change | Ratio):
        y = total(values, (s.base.first.year, s.base.first.month), s.base.months)
        if x is None or y is None:
            return "unknown"
        if isinstance(s, Ratio):
            return word(None if y <= 0 else fits(s.factor, x / y, "factor"))
        if (x > y) != (s.direction == "up") or x == y:
            return "false"
        if s.amount is None:
            return "true"
        if s.unit == "count":
            return word(fits(s.amount, abs(x - y), "count"))
        return word(None if y <= 0 else fits(s.amount, abs(100 * (x / y - 1)), "percent"))
    if isinstance(s, Share):
        part = total(months(measure, tuple((dict(where) | dict(s.part)).items())), start, n)
        return word(
            None if x is None or part is None or x <= 0 else fits(s.percent, 100 * part / x, "percent")
        )
    if isinstance(s, Compare):
        left, right = (total(months(measure, side), start, n) for side in (s.left, s.right))
        if left is None or right is None:
            return "unknown"
        return word(left > right if s.more else left < right)
    if isinstance(s, Streak):
        run: list[bool] = []
        for i in range(s.count + 1):
            now, before = values.get(plus(start, -i)), values.get(plus(start, -i - 1))
            if now is None or before is None:
                if i < s.count:
                    return "unknown"
                return "unknown" if s.ordinal and all(run) else word(all(run))
            run.append(now > before if s.direction == "up" else now < before)
        if not all(run[: s.count]):
            return "false"
        return word(not (s.ordinal and run[s.count]))
    if isinstance(s, Threshold):
        return threshold(s, measure, where, x, start, n)
    assert isinstance(s, Record | Rank)
    if x is None:
        return "unknown"
    step = 1 if n == 1 and not s.same_month else 12
    keys = peers(s, measure, where, s.to_date, step)
    if not keys or (isinstance(s, Record) and not [key for key in keys if total(values, key, n) is not None]):
        return "unknown"
    late = (
        s.since is not None
        and bool(keys)
        and plus((s.since.year, s.since.month), step if isinstance(s, Record) else 12) <= min(keys)
    )
    ranges = [ranged(measure, where, key, n) for key in keys]
    if isinstance(s, Rank):
        ahead = open_ = 0
        for one in ranges:
            beyond = None if one is None else over(one, (x, x)) if s.extreme == "high" else over((x, x), one)
            ahead += beyond is True
            open_ += beyond is None
        if s.position - 1 < ahead or s.position - 1 > ahead + open_:
            return "false"
        return "unknown" if open_ or late else "true"
    wins = [
        None if one is None else over((x, x), one) if s.extreme == "high" else over(one, (x, x))
        for one in ranges
    ]
    if False in wins:
        return "false"
    return "unknown" if None in wins or late else "true"


def threshold(s, measure: str, where, x: float | None, start: Key, n: int) -> str:
    def past(value: float) -> bool:
        return value > s.level.value if s.side == "above" else value < s.level.value

    step = 1 if n == 1 else 12
    keys = peers(s, measure, where, s.never, step)
    if not s.never and x is None:
        return "unknown"
    if not [key for key in keys if total(months(measure, where), key, n) is not None]:
        return "unknown"
    if not s.never and not past(x):  # type: ignore[arg-type]
        return "false"
    ranges = [ranged(measure, where, key, n) for key in keys]
    if s.never and x is not None:
        ranges.append((x, x))
    answers = [
        None if one is None else past(one[0]) if past(one[0]) == past(one[1]) else None for one in ranges
    ]
    if True in answers:
        return "false"
    late = s.since is not None and bool(keys) and plus((s.since.year, s.since.month), 12) <= min(keys)
    return "unknown" if None in answers or late else "true"
