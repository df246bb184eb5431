"""Whether a typed statement holds under one definition, on one archive.

Comparisons are three-valued: figures rounded to 10, and months only bounded by relatives, may leave them open, and
then the answer is *unknown*, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from caudal import figures
from caudal._core.dates import add_months
from caudal._core.errors import CaudalError
from caudal.statements._definitions import Definition
from caudal.statements._history import Histories, History, Reading
from caudal.statements._holds import holds
from caudal.statements._span import Span
from caudal.statements._types import (
    Change,
    Compare,
    Level,
    Rank,
    Ratio,
    Record,
    SeriesStatement,
    Share,
    Streak,
    Threshold,
)

__all__ = ["Finding", "judge"]

Answer = Literal["true", "false", "unknown"]


@dataclass(frozen=True)
class Finding:
    """What was found: the verdict, the numbers it rests on, and why it cannot be known where it cannot.

    Attributes
    ----------
    answer : {"true", "false", "unknown"}
        The verdict.
    value : float or None
        The value of the statement's span (or the share, for shares, in percent).
    other : float or None
        What it was compared with.
    other_span : Span or None
        When that was.
    measured : float or None
        The derived number: percent of change, factor, rank, months in a row.
    reason : str
        Key of the reason, where there is one to give.
    facts : dict
        Fields for the reason's and the sentence's words.
    table : tuple of (str, float, bool)
        The comparison table: label of the span or category, value, whether known (not bounded).
    releases : tuple of str
        The releases behind the numbers.
    extent : str
        How far the history reaches.
    """

    answer: Answer
    value: float | None = None
    other: float | None = None
    other_span: Span | None = None
    measured: float | None = None
    reason: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    table: tuple[tuple[str, float, bool], ...] = ()
    releases: tuple[str, ...] = ()
    extent: str = ""


def judge(statement: SeriesStatement, definition: Definition, histories: Histories) -> Finding:
    """Return whether a statement holds under a definition."""
    if isinstance(statement, Record | Rank | Threshold) and statement.since_with is not None:
        return _either_since(statement, definition, histories)
    finding: Finding = _RULES[type(statement)](statement, definition, histories)
    if not finding.extent and not isinstance(statement, Share | Compare):
        history = histories.of(_narrow(definition, statement.where))
        finding = replace(finding, extent=history.extent(statement.span))
    return finding


def _either_since(
    statement: Record | Rank | Threshold, definition: Definition, histories: Histories
) -> Finding:
    """Judge with and without the time that "since" names; where they differ it is a matter of words."""
    without = judge(replace(statement, since_with=None), definition, histories)
    within = judge(replace(statement, since=statement.since_with, since_with=None), definition, histories)
    if within.answer == without.answer:
        return within
    return replace(within, answer="unknown", reason="since_edge")


def _narrow(definition: Definition, where: Sequence[tuple[str, str]]) -> Definition:
    merged = dict(definition.where) | dict(where)
    return replace(definition, where=tuple(merged.items()))


def _missing(history: History, span: Span) -> Finding:
    reason = "no_figure"
    facts: dict[str, object] = {"span": span}
    if history.problem and not history.months:
        reason = "no_table"
    return Finding("unknown", reason=reason, facts=facts)


def _over(a: Reading, b: Reading) -> bool | None:
    """Return whether ``a`` is greater than ``b``, None when their bounds overlap."""
    if a.low > b.high:
        return True
    return False if a.high <= b.low else None


def _answer(found: bool | None) -> Answer:
    return "unknown" if found is None else "true" if found else "false"


def _releases(*readings: Reading | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in readings if one is not None for name in one.releases))


def _level(statement: Level, definition: Definition, histories: Histories) -> Finding:
    history = histories.of(_narrow(definition, statement.where))
    reading = history.at(statement.span)
    if reading is None:
        return _missing(history, statement.span)
    found = holds(statement.quantity, reading.value, reading.low, reading.high)
    reason = "" if found is not None else _why_open(statement, reading)
    if found and statement.moved and not _came_that_way(history, statement.span, statement.moved, reading):
        found, reason = None, "moved"
    return Finding(
        _answer(found),
        reading.value,
        statement.quantity.value,
        reason=reason,
        table=((statement.span.key, reading.value, True),),
        releases=reading.releases,
    )


def _came_that_way(history: History, span: Span, way: Literal["up", "down"], now: Reading) -> bool:
    """Return whether the value went that way from the period before or from a year before, one of which is meant."""
    before = [history.at(one) for one in {span.shift(-span.months), span.shift(-12)}]
    moves = [_over(now, one) if way == "up" else _over(one, now) for one in before if one is not None]
    return any(moves)


def _why_open(statement: Level, reading: Reading) -> str:
    if reading.low != reading.high:
        return "rounded"
    return (
        "revision" if statement.quantity.grain <= 1 and statement.quantity.qualifier == "exact" else "loose"
    )


def _peers(history: History, statement: Record | Rank | Threshold, step: int, to_date: bool) -> list[Span]:
    """Return the spans a statement is compared with."""
    span, until = statement.span, statement.until
    found = history.spans_like(span, step)
    if history.last is not None and span.kind in ("month", "range"):
        limit = add_months(history.last, 1)
        found = [one for one in found if one.end <= limit]
    else:
        found = [one for one in found if history.bounded(one) is not None or one.end <= _reach(history)]
    if statement.since is not None:
        found = [one for one in found if one.first >= statement.since]
    else:  # "on record" is the record at hand: scattered months before it may contradict, their gaps do not count
        found = [one for one in found if one.first >= history.solid or history.bounded(one) is not None]
    if until is not None:
        found = [one for one in found if one.last <= until]
    return found if to_date else [one for one in found if one.first < span.first]


def _reach(history: History) -> date:
    return add_months(history.last, 1) if history.last else (history.first or date.min)


def _step(span: Span, same_month: bool) -> int:
    return 1 if span.kind == "month" and not same_month else 12


def _record(statement: Record, definition: Definition, histories: Histories) -> Finding:
    history = histories.of(_narrow(definition, statement.where), relatives=True)
    span = statement.span
    target = history.at(span)
    if target is None:
        return _missing(history, span)
    peers = _peers(history, statement, _step(span, statement.same_month), statement.to_date)
    readings = {one: history.bounded(one) for one in peers}
    high = statement.extreme == "high"

    def beats(one: Reading) -> bool | None:
        return _over(target, one) if high else _over(one, target)

    known = {one: got for one, got in readings.items() if got is not None and got.known}
    best = (max if high else min)(known, key=lambda one: known[one].value, default=None)
    facts = _table_of(span, target, readings)
    common = Finding(
        "unknown",
        target.value,
        known[best].value if best else None,
        best,
        table=facts,
        releases=_releases(target, known[best] if best else None),
        facts={"count": len(known)},
    )
    if best is None:
        return replace(common, reason="no_peers")
    answers = {one: (beats(got) if got is not None else None) for one, got in readings.items()}
    lost = [one for one, won in answers.items() if won is False]
    if lost:
        shown = [one for one in lost if one in known]
        if shown:
            worst = (max if high else min)(shown, key=lambda one: known[one].value)
            tie = known[worst].value == target.value
            return replace(
                common,
                answer="false",
                other=known[worst].value,
                other_span=worst,
                reason="tie" if tie else "",
            )
        return replace(common, answer="false", reason="bounded", facts={**common.facts, "span": lost[0]})
    open_ = [one for one, won in answers.items() if won is None]
    if open_:
        reason = "gap" if readings[open_[0]] is None else "bounds" if open_[0] not in known else "rounded"
        return replace(common, reason=reason, facts={**common.facts, "span": open_[0]})
    begins = min((one.first for one in readings), default=span.first)
    if (
        statement.since is not None
        and add_months(statement.since, _step(span, statement.same_month)) <= begins
    ):
        return replace(common, reason="begins", facts={**common.facts, "first": begins})
    return replace(common, answer="true")


def _table_of(
    span: Span, target: Reading, readings: dict[Span, Reading | None]
) -> tuple[tuple[str, float, bool], ...]:
    rows = {span: target} | {one: got for one, got in readings.items() if got is not None}
    return tuple((one.key, rows[one].value, rows[one].known) for one in sorted(rows) if rows[one].known)


def _rank(statement: Rank, definition: Definition, histories: Histories) -> Finding:
    if statement.among:
        return _rank_among(statement, definition, histories)
    history = histories.of(_narrow(definition, statement.where), relatives=True)
    span = statement.span
    target = history.at(span)
    if target is None:
        return _missing(history, span)
    peers = _peers(history, statement, _step(span, statement.same_month), statement.to_date)
    readings = {one: history.bounded(one) for one in peers}
    begins = min((one.first for one in readings), default=span.first)
    finding = _position(statement, target, readings)
    finding = replace(finding, table=_table_of(span, target, readings))
    late = statement.since is not None and add_months(statement.since, 12) <= begins
    if finding.answer == "true" and late:
        return replace(finding, answer="unknown", reason="begins", facts={**finding.facts, "first": begins})
    return finding


def _position(
    statement: Rank, target: Reading, readings: Mapping[Span, Reading | None] | Mapping[str, Reading | None]
) -> Finding:
    high = statement.extreme == "high"
    sure = maybe = 0
    unsure: object = None
    ahead: list[tuple[object, Reading]] = []
    for one, got in readings.items():
        above = None if got is None else _over(got, target) if high else _over(target, got)
        if got is not None and got.known and got.value == target.value:
            above = None if got.low != got.high else False
        if above:
            sure += 1
        elif above is None:
            maybe += 1
            unsure = one if unsure is None else unsure
        if above and got is not None and got.known:
            ahead.append((one, got))
    wanted = statement.position - 1
    found = (
        True if sure == wanted and maybe == 0 else False if wanted < sure or wanted > sure + maybe else None
    )
    ahead.sort(key=lambda item: item[1].value, reverse=high)
    first = ahead[0] if ahead else None
    return Finding(
        "unknown" if not readings else _answer(found),
        target.value,
        first[1].value if first else None,
        first[0] if first and isinstance(first[0], Span) else None,
        measured=sure + 1,
        reason="no_peers" if not readings else "bounds" if found is None else "",
        facts={"count": len(readings) + 1, "ahead": first[0] if first else None, "span": unsure},
        releases=_releases(target, first[1] if first else None),
    )


def _rank_among(statement: Rank, definition: Definition, histories: Histories) -> Finding:
    assert statement.among is not None
    narrowed = _narrow(definition, statement.where)
    cells = _cells(histories, narrowed, statement.among, statement.span)
    target = cells.pop(statement.code or "", None)
    for lump in ("OTHER", "UNK"):  # what is left over is no country
        cells.pop(lump, None)
    if target is None:
        return Finding("unknown", reason="no_cell", facts={"span": statement.span})
    finding = _position(statement, target, cells)
    rows = tuple(sorted(((code, got.value, True) for code, got in cells.items()), key=lambda r: -r[1]))
    shown = ((statement.code or "", target.value, True), *rows)
    return replace(finding, table=shown, extent=statement.span.key)


def _cells(histories: Histories, definition: Definition, dimension: str, span: Span) -> dict[str, Reading]:
    """Return the value of every category of a dimension in a span."""
    calendar = span.kind if span.kind in ("fiscal_year", "calendar_year") else "month"
    bounds = (span.key, span.key) if calendar != "month" else (Span(span.first).key, Span(span.last).key)
    try:
        frame = figures.series(
            definition.measure,
            by=[dimension],
            where=dict(definition.where),
            period=bounds,
            calendar=calendar,
            archive=histories.archive,
        )
    except CaudalError:
        return {}
    found: dict[str, Reading] = {}
    periods = set(frame["period"].to_list())
    if calendar == "month" and len(periods) != span.months:
        return {}
    for row in frame.to_dicts():
        slack = 60.0 if "rounded" in row["unit"] else 0.0
        one = Reading(row["value"], row["value"] - slack, row["value"] + slack, (row["release"],))
        code = row[dimension]
        found[code] = found[code] + one if code in found else one
    return found


def _pair(
    statement: Change | Ratio, definition: Definition, histories: Histories
) -> tuple[Reading, Reading] | Finding:
    history = histories.of(_narrow(definition, statement.where))
    readings = []
    for span in (statement.span, statement.base):
        reading = history.at(span)
        if reading is None:
            return _missing(history, span)
        readings.append(reading)
    return readings[0], readings[1]


def _change(statement: Change, definition: Definition, histories: Histories) -> Finding:
    pair = _pair(statement, definition, histories)
    if isinstance(pair, Finding):
        return pair
    new, old = pair
    percent = 100 * (new.value / old.value - 1) if old.value else None
    common = Finding(
        "unknown", new.value, old.value, statement.base, measured=percent,
        table=((statement.base.key, old.value, True), (statement.span.key, new.value, True)),
        releases=_releases(new, old),
    )  # fmt: skip
    up = _over(new, old)
    down = _over(old, new)
    if statement.direction == "same":
        return replace(common, reason="loose") if up or down else replace(common, answer="true")
    right = up if statement.direction == "up" else down
    if right is None and new.low == new.high and old.low == old.high:
        right = False
    if right is None:
        return replace(common, reason="rounded")
    if not right:
        return replace(common, answer="false", reason="direction")
    if statement.amount is None:
        return replace(common, answer="true")
    if statement.unit == "count":
        found = holds(
            statement.amount,
            abs(new.value - old.value),
            *_ends(abs(new.low - old.high), abs(new.high - old.low)),
        )
        return replace(common, answer=_answer(found), reason="" if found is not None else "loose")
    if percent is None or old.low <= 0:
        return replace(common, reason="zero")
    ends = _ends(abs(100 * (new.low / old.high - 1)), abs(100 * (new.high / old.low - 1)))
    found = holds(statement.amount, abs(percent), *ends, scale="percent")
    return replace(common, answer=_answer(found), reason="" if found is not None else "loose")


def _ends(one: float, other: float) -> tuple[float, float]:
    return min(one, other), max(one, other)


def _ratio(statement: Ratio, definition: Definition, histories: Histories) -> Finding:
    pair = _pair(statement, definition, histories)
    if isinstance(pair, Finding):
        return pair
    new, old = pair
    common = Finding(
        "unknown", new.value, old.value, statement.base,
        table=((statement.base.key, old.value, True), (statement.span.key, new.value, True)),
        releases=_releases(new, old),
    )  # fmt: skip
    if old.low <= 0:
        return replace(common, reason="zero")
    factor = new.value / old.value
    found = holds(statement.factor, factor, new.low / old.high, new.high / old.low, scale="factor")
    return replace(
        common, answer=_answer(found), measured=factor, reason="" if found is not None else "loose"
    )


def _share(statement: Share, definition: Definition, histories: Histories) -> Finding:
    whole_of = _narrow(definition, statement.where)
    part_of = _narrow(whole_of, statement.part)
    whole_history, part_history = histories.of(whole_of), histories.of(part_of)
    whole, part = whole_history.at(statement.span), part_history.at(statement.span)
    if whole is None or part is None:
        return _missing(whole_history if whole is None else part_history, statement.span)
    common = Finding(
        "unknown", part.value, whole.value, statement.span, extent=statement.span.key,
        table=(("part", part.value, True), ("all", whole.value, True)), releases=_releases(part, whole),
    )  # fmt: skip
    if whole.low <= 0:
        return replace(common, reason="zero")
    percent = 100 * part.value / whole.value
    ends = (100 * part.low / whole.high, 100 * part.high / whole.low)
    found = holds(statement.percent, percent, *ends, scale="percent")
    return replace(
        common, answer=_answer(found), measured=percent, reason="" if found is not None else "loose"
    )


def _compare(statement: Compare, definition: Definition, histories: Histories) -> Finding:
    sides = [
        _narrow(_narrow(definition, statement.where), side) for side in (statement.left, statement.right)
    ]
    readings = []
    for side in sides:
        reading = histories.of(side).at(statement.span)
        if reading is None:
            return _missing(histories.of(side), statement.span)
        readings.append(reading)
    left, right = readings
    found = _over(left, right) if statement.more else _over(right, left)
    if found is None and left.low == left.high and right.low == right.high:
        found = False
    rows = tuple(
        ("+".join(code for _, code in part) or "all", got.value, True)
        for part, got in zip((statement.left, statement.right), readings, strict=True)
    )
    return Finding(
        _answer(found), left.value, right.value, statement.span, reason="" if found is not None else "rounded",
        table=rows, releases=_releases(left, right), extent=statement.span.key,
    )  # fmt: skip


def _streak(statement: Streak, definition: Definition, histories: Histories) -> Finding:
    history = histories.of(_narrow(definition, statement.where))
    span = statement.span
    spans = [span.shift(-i * span.months) for i in range(statement.count + 2)]
    readings = [history.at(one) for one in spans]
    needed = statement.count + (0 if statement.level else 1)
    if any(got is None for got in readings[:needed]):
        return _missing(history, spans[[got is None for got in readings].index(True)])

    def step(i: int) -> bool | None:
        now, before = readings[i], readings[i + 1]
        if now is None:
            return None
        if statement.level is not None:
            return holds(statement.level, now.value, now.low, now.high)
        if before is None:
            return None
        rose = _over(now, before) if statement.direction == "up" else _over(before, now)
        return False if rose is None and now.low == now.high and before.low == before.high else rose

    steps = [step(i) for i in range(statement.count)]
    held = [got for got in readings[:needed] if got is not None]
    rows = tuple(
        (one.key, got.value, True) for one, got in zip(spans, readings, strict=True) if got is not None
    )
    broken = next((i for i, one in enumerate(steps) if one is False), None)
    common = Finding(
        "unknown", held[0].value, held[-1].value, spans[needed - 1], measured=float(statement.count),
        table=tuple(reversed(rows)), releases=_releases(*held), facts={"count": statement.count},
    )  # fmt: skip
    if broken is not None:
        return replace(
            common, answer="false", measured=float(broken), facts={"count": broken, "span": spans[broken]}
        )
    if None in steps:
        return replace(common, reason="rounded")
    if statement.ordinal:
        longer = step(statement.count)
        if longer is None:
            return replace(common, reason="gap", facts={**common.facts, "span": spans[statement.count]})
        if longer:
            return replace(common, answer="false", reason="longer")
    return replace(common, answer="true")


def _threshold(statement: Threshold, definition: Definition, histories: Histories) -> Finding:
    history = histories.of(_narrow(definition, statement.where), relatives=True)
    span = statement.span
    peers = _peers(history, statement, _step(span, False), to_date=statement.never)
    readings = {one: history.bounded(one) for one in peers}
    target = history.at(span)
    if target is None and not statement.never:
        return _missing(history, span)

    def past(one: Reading) -> bool | None:
        level = replace(statement.level, qualifier="more" if statement.side == "above" else "less")
        return holds(level, one.value, one.low, one.high)

    if target is not None and (statement.never):
        readings[span] = target
    high = statement.side == "above"
    known = {one: got for one, got in readings.items() if got is not None and got.known}
    best = (max if high else min)(known, key=lambda one: known[one].value, default=None)
    shown = target if target is not None else (known[best] if best else None)
    if shown is None or best is None:
        return replace(_missing(history, span), reason="no_peers")
    common = Finding(
        "unknown", shown.value, known[best].value, best, releases=_releases(shown, known[best]),
        table=_table_of(span, shown, readings) if target is not None else (), facts={"count": len(known)},
    )  # fmt: skip
    if not statement.never and target is not None:
        now = past(target)
        if not now:
            return replace(common, answer=_answer(now), reason="not_reached" if now is False else "rounded")
    answers = {one: (past(got) if got is not None else None) for one, got in readings.items()}
    before = sorted(one for one, got in answers.items() if got)
    if before:
        named = next((one for one in before if one in known), None)
        other = known[named].value if named else None
        return replace(common, answer="false", other=other, other_span=named or before[0], reason="earlier")
    open_ = [one for one, got in answers.items() if got is None]
    if open_:
        reason = "gap" if readings[open_[0]] is None else "bounds"
        return replace(common, reason=reason, facts={**common.facts, "span": open_[0]})
    begins = min((one.first for one in readings), default=span.first)
    if statement.since is not None and add_months(statement.since, 12) <= begins:
        return replace(common, reason="begins", facts={**common.facts, "first": begins})
    return replace(common, answer="true")


_RULES: dict[type, Callable[..., Finding]] = {
    Level: _level,
    Record: _record,
    Rank: _rank,
    Change: _change,
    Ratio: _ratio,
    Share: _share,
    Compare: _compare,
    Streak: _streak,
    Threshold: _threshold,
}
