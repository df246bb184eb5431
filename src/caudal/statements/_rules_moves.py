"""Rules for changes, ratios, and several levels in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from caudal._core.dates import month_range
from caudal.statements._inventory import Refused, Sentence, Time
from caudal.statements._rule_parts import (
    free_qualifiers,
    no_parts,
    quantity_of,
    way_of,
)
from caudal.statements._scan import Item
from caudal.statements._span import Span
from caudal.statements._types import (
    Change,
    Level,
    Quantity,
    Ratio,
    SeriesStatement,
)

__all__ = ["change", "level_moved", "level_over", "levels_and_change", "ratio"]


def _pair(sentence: Sentence) -> tuple[Span, Span] | None:
    """Return base and span of a comparison in time."""
    ties = [time.tie for time in sentence.times]
    spans = [time.span for time in sentence.times]
    if len(set(spans)) != 2 or len(spans) != 2:
        return None
    first, second = spans
    if ties == ["from", "to"]:
        pair = (first, second)
    elif ties in (["", "than"], ["", "from"]):
        pair = (second, first)
    elif ties in (["than", ""], ["from", ""]):
        pair = (first, second)
    else:
        return None
    if pair[0].months != pair[1].months or pair[0].kind != pair[1].kind or pair[0] == pair[1]:
        return None
    return pair


def ratio(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("factor", "times"):
        return []
    ways = {item.role for item in sentence.items if item.role in ("up", "down")}
    if not sentence.none_but("factor", "times", "count", "up", "down") or len(ways) > 1:
        raise Refused("no_claim")
    if ways and (len(sentence.all("factor")) != 1 or ways != {_way_of_factor(sentence.all("factor")[0])}):
        raise Refused("no_claim")  # "rose by three times" is said of three times and of four
    no_parts(sentence)
    pair = _pair(sentence)
    named = any(
        time.tie == "than" for time in sentence.times
    )  # "twice as many in A as in B": either may be later
    if pair is None or (pair[0] > pair[1] and not named):
        raise Refused("no_base")
    factors, times = sentence.all("factor"), sentence.all("times")
    if len(factors) == 1 and not times and not sentence.all("count"):
        item = replace(factors[0], number=float(factors[0].value))
        sentence.items = [item if one is factors[0] else one for one in sentence.items]
    elif len(times) == 1 and not factors and len(sentence.all("count")) == 1:
        item = sentence.all("count")[0]
    else:
        raise Refused("no_claim")
    quantity = quantity_of(sentence, item)
    if item.role == "factor" and any(one.text == "con creces" for one in sentence.items):
        quantity = replace(quantity, qualifier="more")
    base, span = pair
    if quantity.value < 1 and quantity.qualifier not in ("exact", "about"):
        # "More than halved" is a larger fall, not a larger factor.
        fall = Quantity(100 * (1 - quantity.value), quantity.qualifier)
        return [Change(span, base=base, direction="down", amount=fall)]
    return [Ratio(span, base=base, factor=replace(quantity, grain=1.0))]


def _way_of_factor(item: Item) -> str:
    return "down" if float(item.value) < 1 else "up"


def change(sentence: Sentence) -> list[SeriesStatement]:
    moved = {item.role for item in sentence.items if item.role in ("up", "down")}
    compared = {item.role for item in sentence.items if item.role in ("more_of", "fewer_of")}
    if not (moved or (compared and sentence.has("than"))) or sentence.parts:
        return []
    if not sentence.none_but("up", "down", "more_of", "fewer_of", "percent", "fraction", "count"):
        raise Refused("no_claim")
    directions = {{"more_of": "up", "fewer_of": "down"}.get(role, role) for role in moved | compared}
    if len(directions) != 1:
        raise Refused("no_claim")
    pair = _pair(sentence)
    if pair is None:
        raise Refused("no_base")
    base, span = pair
    direction = way_of(directions.pop())
    if base.first > span.first:  # "more in 2019 than in 2020" says that it went down since
        base, span, direction = span, base, "down" if direction == "up" else "up"
    amounts = sentence.all("percent") + sentence.all("fraction") + sentence.all("count")
    if len(amounts) > 1:
        raise Refused("too_much", ", ".join(item.text for item in amounts))
    if free_qualifiers(sentence, amounts):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    if not amounts:
        return [Change(span, base=base, direction=direction)]
    if pair[0] > pair[1]:
        raise Refused("no_base")  # "20 percent more in 2019 than in 2020" is not a fall of 20 percent
    item = amounts[0]
    quantity = quantity_of(sentence, item)
    if item.role == "count":
        index = sentence.items.index(item)
        if sentence.items[index - 1].text not in ("by", "en"):
            raise Refused("too_much", item.text)
        return [Change(span, base=base, direction=direction, amount=quantity, unit="count")]
    return [Change(span, base=base, direction=direction, amount=quantity)]


def level_moved(sentence: Sentence) -> list[SeriesStatement]:
    """Read "fell to 83,536 in June", which leaves open from what: a level, and which way it was reached."""
    counts = sentence.all("count")
    moves = [item for item in sentence.items if item.role in ("up", "down")]
    if len(counts) != 1 or len(moves) != 1 or not sentence.none_but("count", "past", "up", "down"):
        return []
    plain = len(sentence.times) == 1 and sentence.times[0].tie == ""
    if not plain or sentence.parts or sentence.has("since", "than") or free_qualifiers(sentence, counts):
        return []
    span = sentence.times[0].span
    if span.kind == "range" or moves[0].at > counts[0].at or _lead(sentence, counts[0]) not in ("to", "a"):
        return []
    return [Level(span, quantity=quantity_of(sentence, counts[0]), moved=way_of(moves[0].role))]


def levels_and_change(sentence: Sentence) -> list[SeriesStatement]:
    """Read "X encounters in one month, down N percent from another" and "from X in one month to Y in another"."""
    counts, percents = sentence.all("count"), sentence.all("percent")
    ways = {item.role for item in sentence.items if item.role in ("up", "down")}
    if len(counts) == 2 and not ways and len({time.span for time in sentence.times}) == 2:
        ways = {"none"}
    if len(ways) != 1 or not counts or len(percents) > 1 or sentence.parts:
        return []
    if not sentence.none_but("up", "down", "percent", "count", "past"):
        return []
    if free_qualifiers(sentence, counts + percents):
        return []
    if ways == {"none"}:
        return _two_levels(sentence, counts) if not percents else []
    way = way_of(ways.pop())
    if len(counts) == 1 and len(percents) == 1:
        pair = _pair(sentence)
        first = min(sentence.times, key=lambda time: time.at, default=None)
        if (
            pair is None
            or pair[0] > pair[1]
            or first is None
            or first.span != pair[1]
            or counts[0].at > percents[0].at
        ):
            return []
        base, span = pair
        amount = quantity_of(sentence, percents[0])
        return [
            Level(span, quantity=quantity_of(sentence, counts[0])),
            Change(span, base=base, direction=way, amount=amount),
        ]
    if len(counts) != 2 or len(sentence.times) != 2:
        return []
    one, other = sorted(sentence.times, key=lambda time: time.at)
    here, there = (item.at for item in counts)
    # "In A there were x, up from y in B", or "x in A, up from y in B"
    placed = here < there < other.at and one.at < there
    base, span = sorted((one.span, other.span))
    if not placed or one.span.months != other.span.months or one.span.kind != other.span.kind or base == span:
        return []
    opening, joining = (_lead(sentence, item) for item in counts)
    change: list[SeriesStatement] = [Change(span, base=base, direction=way)]
    if percents:  # "…, a 25 percent rise"
        if percents[0].at < there:
            return []
        change = [Change(span, base=base, direction=way, amount=quantity_of(sentence, percents[0]))]
    elif joining in ("of", "by", "de", "en") and other.span == base and other.tie in ("from", "than"):
        amount = quantity_of(sentence, counts[1])  # "an increase of 59,582 from November"
        level = Level(span, quantity=quantity_of(sentence, counts[0]))
        return [level, Change(span, base=base, direction=way, amount=amount, unit="count")]
    if not (joining == "from" or (opening, joining) in (("from", "to"), ("de", "a"))):
        raise Refused("too_much", counts[1].text)
    if (joining == "from") != (other.span == base):
        raise Refused("too_much", counts[1].text)
    return [*_each(sentence, counts, (one, other)), *change]


def _each(sentence: Sentence, counts: list[Item], times: Sequence[Time]) -> list[SeriesStatement]:
    return [
        Level(time.span, quantity=quantity_of(sentence, item))
        for time, item in zip(times, counts, strict=True)
    ]


def _two_levels(sentence: Sentence, counts: list[Item]) -> list[SeriesStatement]:
    """Read "242,000 in November 2023 and 302,000 in December 2023"."""
    times = sorted(sentence.times, key=lambda time: time.at)
    between = [item.at for item in sentence.all("than")]  # "…, compared with 249,740 in December 2023"
    if len(times) != 2 or sentence.has("since") or any(t.tie == "since" for t in times):
        return []
    if any(not counts[0].at < at < counts[1].at for at in between):
        return []
    before_each = counts[0].at < times[0].at < counts[1].at < times[1].at
    if not before_each and not (between and times[0].at < counts[0].at < counts[1].at < times[1].at):
        return []
    if any(_lead(sentence, item) in ("from", "to", "by", "of") for item in counts):
        raise Refused("too_much", counts[1].text)
    return _each(sentence, counts, times)


_ONE_MOMENT = {"reached", "reaching", "reach", "hit", "hitting", "stood at", "alcanzaron", "alcanzo", "llegaron a",
               "llego a", "month", "months", "monthly", "mes", "meses", "mensual", "mensuales"}  # fmt: skip


def level_over(sentence: Sentence) -> list[SeriesStatement]:
    """Read "between October 2023 and September 2024 there were 2.1 million encounters"."""
    counts = sentence.all("count")
    if len(counts) != 1 or len(sentence.times) != 2 or not sentence.none_but("count", "past"):
        return []
    first, last = sorted(sentence.times, key=lambda time: time.at)
    if [first.tie, last.tie] not in (["from", "to"], ["from", ""]) or not first.span < last.span:
        return []
    if {first.span.kind, last.span.kind} != {"month"} or sentence.parts or free_qualifiers(sentence, counts):
        return []
    at = counts[0].at
    if first.at < at < last.at:
        return []
    if any(item.text in _ONE_MOMENT for item in sentence.items):
        return []  # "reached 302,000" may be said of one month among them
    whole = Span(first.span.first, len(month_range(first.span.first, last.span.last)))
    return [Level(whole, quantity=quantity_of(sentence, counts[0]))]


def _lead(sentence: Sentence, item: Item) -> str:
    """Return the word before a number and its qualifier."""
    index = sentence.items.index(item) - 1
    while index >= 0 and sentence.items[index].role in ("qualifier", "past"):
        index -= 1
    before = sentence.items[index] if index >= 0 else None
    return "" if before is None else before.text.split()[-1]
