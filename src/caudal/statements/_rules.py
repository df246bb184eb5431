"""The rules of the grammar: from the inventory of a sentence to a typed statement.

Each rule returns statements, or nothing when it does not apply; it applies only when it
uses up everything the inventory holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal, cast

from caudal._core.dates import month_range
from caudal.statements._inventory import CELLS, Refused, Sentence, Time
from caudal.statements._scan import Item
from caudal.statements._span import Span, month
from caudal.statements._types import (
    Change,
    Compare,
    Level,
    Qualifier,
    Quantity,
    Rank,
    Ratio,
    Record,
    SeriesStatement,
    Share,
    Streak,
    Threshold,
)

__all__ = ["RULES"]

Extreme = Literal["high", "low"]
Way = Literal["up", "down"]


def _end(text: str) -> Extreme:
    return "high" if text == "high" else "low"


def _way(text: str) -> Way:
    return "up" if text == "up" else "down"


def _quantity(sentence: Sentence, item: Item) -> Quantity:
    """Return a number with its qualifier."""
    before = sentence.before(item, "qualifier", "past")
    qualifier = "exact"
    if before is not None:
        qualifier = "more" if before.role == "past" else before.value
    index = sentence.items.index(item)
    after = sentence.items[index + 1 : index + 2]
    if qualifier == "exact" and after and after[0].role == "qualifier" and after[0].text == "con creces":
        qualifier = "more"
    if item.role == "fraction":  # "a third", "six in ten" are said of what is near
        vague = "about" if qualifier == "exact" else qualifier
        return Quantity(float(item.value), cast(Qualifier, vague), item.grain)
    return Quantity(item.number, cast(Qualifier, qualifier), item.grain)


def _free_qualifiers(sentence: Sentence, used: list[Item]) -> bool:
    """Return whether a qualifier stands before nothing that was used ("more than" of what?)."""
    taken = {id(sentence.before(item, "qualifier")) for item in used}
    for item in sentence.all("qualifier"):
        if id(item) not in taken and item.text not in ("con creces", "some", "under", "up to"):
            return True
    return False


def _no_parts(sentence: Sentence) -> None:
    if sentence.parts:
        raise Refused("too_much", ", ".join(code for part in sentence.parts for _, code in part))


def _one_plain(sentence: Sentence, *, also: tuple[str, ...] = ()) -> Span:
    """Return the one span a statement is about.

    Raises
    ------
    Refused
        When there are none or several, or others that are tied in otherwise.
    """
    plain = sentence.plain()
    rest = [time for time in sentence.times if time.tie not in ("", *also)]
    if len({time.span for time in plain}) != 1 or rest:
        raise Refused(
            "no_time" if not plain else "too_much", ", ".join(time.span.key for time in sentence.times)
        )
    return plain[0].span


def _since(sentence: Sentence, span: Span) -> tuple[date | None, date | None]:
    """Return from when peers count: after the time named; and, where "any … since" leaves it open, or with it.

    "Since at least" and "in more than four years" take the time named in.
    """
    if sentence.years_ago:
        ago = span.shift(-12 * sentence.years_ago)
        return (ago.first, None) if sentence.years_more else (ago.end, ago.first)
    named = [time.span for time in sentence.times if time.tie == "since"]
    if not named:
        if sentence.has("since"):
            raise Refused("too_much", "since")
        return None, None
    since = named[0]
    if any(item.role == "since" and "least" in item.text for item in sentence.items):
        return since.first, None
    if any(
        word.text in ("any", "any month", "any year", "of any fiscal year", "in any month")
        for word in sentence.items
    ):
        return since.end, since.first
    return since.end, None


def _record(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("extreme") or sentence.has("never", "first_time", "straight"):
        return []
    extremes = {item.value for item in sentence.all("extreme")}
    # "Fell in June to the lowest level since …": the way goes with the extreme, and says nothing more.
    with_it = {"high": "up", "low": "down"}[extremes.copy().pop()] if len(extremes) == 1 else ""
    if not sentence.none_but("extreme", "since", "ever", "ordinal", "count", "to_then", "past", with_it):
        return []
    if sentence.has(with_it) and sentence.all("count"):
        return []
    if len(extremes) != 1 or len(sentence.all("count")) > 1 or len(sentence.all("ordinal")) > 1:
        raise Refused(
            "too_much", ", ".join(item.text for item in sentence.all("extreme") + sentence.all("count"))
        )
    scopes = {item.value for item in sentence.all("scope")}
    if scopes & {"sector", "citizenship"}:
        return _rank_among(sentence, _end(extremes.pop()), scopes)
    _no_parts(sentence)
    span = _one_plain(sentence, also=("since",))
    same = sentence.same_month or "same" in scopes
    if span.kind != "month" and (same or ("month" in scopes and "year" not in scopes)):
        raise Refused("too_much", "month")
    if span.kind == "month" and "year" in scopes and "month" not in scopes and not same:
        raise Refused("too_much", "year")
    since, since_with = _since(sentence, span)
    present = sentence.has("present")
    to_date = not sentence.has("to_then") and (since is None or present) and not _event(sentence)
    extreme = _end(extremes.pop())
    if not _says_among_what(sentence, same):
        raise Refused("among_what", sentence.all("extreme")[0].text)
    counts = sentence.all("count")
    if _free_qualifiers(sentence, counts):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    found: list[SeriesStatement] = [Level(span, quantity=_quantity(sentence, item)) for item in counts]
    ordinals = sentence.all("ordinal")
    if ordinals and ordinals[0].number > 1:
        position = int(ordinals[0].number)
        found.append(
            Rank(
                span,
                position=position,
                extreme=extreme,
                same_month=same,
                since=since,
                to_date=to_date,
                since_with=since_with,
            )
        )
    else:
        found.append(
            Record(
                span, extreme=extreme, same_month=same, since=since, to_date=to_date, since_with=since_with
            )
        )
    return found


#: "Hit a record", "set a record", "reached its highest level ever": told of the day it happened, not of today.
_HAPPENED = {"hit", "hitting", "set", "setting", "broke", "breaking", "reached", "reaching", "smashed", "shattered",
             "alcanzaron", "alcanzo", "llegaron a", "llego a", "rompio", "rompieron", "marco", "marcaron"}  # fmt: skip


def _event(sentence: Sentence) -> bool:
    """Return whether a record is told as something that happened."""
    items = sentence.items
    for index, item in enumerate(items):
        if item.role != "extreme":
            continue
        if any(one.text in _HAPPENED for one in items[max(index - 6, 0) : index]):
            return True
        after = items[index + 1 : index + 2]
        if (
            item.text.startswith("record") and after and after[0].role == "count"
        ):  # "a record 302,000 encounters"
            return True
    return False


def _says_among_what(sentence: Sentence, same: bool) -> bool:
    """Return whether a superlative says what it is the most of: months, years, times; a record says so itself."""
    if same or sentence.years_ago or sentence.has("scope", "since", "ever", "to_then"):
        return True
    if sentence.language == "es" and sentence.has("ordinal") and not sentence.where:
        return True  # "Fue el segundo con más encuentros": of its kind, the month or year that is spoken of
    own = ("record", "peak", "time", "maximo", "minimo", "monthly", "low", "high")
    return all(
        item.text.startswith(own) or item.text.endswith(own) for item in sentence.all("extreme")
    ) and all(item.text not in ("lowest", "highest", "low", "high") for item in sentence.all("extreme"))


def _rank_among(sentence: Sentence, extreme: Extreme, scopes: set[str]) -> list[SeriesStatement]:
    dimension = "sector" if "sector" in scopes else "citizenship"
    stored = "area" if dimension == "sector" else dimension
    cells = [code for role, code in sentence.where if role == stored]
    counts = sentence.all("count")
    if len(cells) != 1 or len(counts) > 1 or sentence.has("since", "ever") or sentence.parts:
        raise Refused("too_much", dimension)
    if _free_qualifiers(sentence, counts):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    span = _one_plain(sentence)
    ordinals = sentence.all("ordinal")
    position = int(ordinals[0].number) if ordinals else 1
    levels = [Level(span, sentence.where, quantity=_quantity(sentence, item)) for item in counts]
    sentence.where = tuple(cell for cell in sentence.where if cell[0] != stored)
    return [*levels, Rank(span, position=position, extreme=extreme, among=dimension, code=cells[0])]


def _threshold(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("first_time", "never"):
        return []
    if (
        not sentence.none_but(
            "first_time", "never", "count", "past", "since", "ever", "up", "down", "extreme"
        )
        or len(sentence.all("count")) != 1
    ):
        raise Refused("no_claim")
    if sentence.has("extreme"):
        raise Refused("no_claim")
    _no_parts(sentence)
    quantity = _quantity(sentence, sentence.all("count")[0])
    if quantity.qualifier not in ("more", "less", "exact", "at_least"):
        raise Refused("no_claim")
    if sentence.has("down") and (quantity.qualifier != "less" or sentence.has("up", "past")):
        raise Refused("no_claim")
    reached = sentence.has("past") or quantity.qualifier in ("more", "less")
    if not reached and not sentence.has("reached"):
        raise Refused("no_claim")
    side: Literal["above", "below"] = "below" if quantity.qualifier == "less" else "above"
    scopes = {item.value for item in sentence.all("scope")}
    level = replace(quantity, qualifier="more" if side == "above" else "less")
    if sentence.has("never"):
        if sentence.times or not scopes & {"month", "year"}:
            raise Refused("no_time")
        span = month(2023, 12) if "month" in scopes else Span(date(2022, 10, 1), 12)
        return [Threshold(span, level=level, side=side, never=True)]
    span = _one_plain(sentence, also=("since",))
    if span.kind != "month" and "month" in scopes and "year" not in scopes:
        raise Refused("too_much", "month")
    since, since_with = _since(sentence, span)
    return [Threshold(span, level=level, side=side, since=since, since_with=since_with)]


def _streak(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("straight"):
        return []
    if not sentence.none_but("straight", "count", "ordinal", "up", "down"):
        raise Refused("no_claim")
    _no_parts(sentence)
    numbers = sentence.all("count") + sentence.all("ordinal")
    ways = {item.role for item in sentence.items if item.role in ("up", "down")}
    scopes = {item.value for item in sentence.all("scope")}
    if len(numbers) != 1 or len(ways) != 1 or scopes - {"month"} or not 2 <= numbers[0].number <= 36:
        raise Refused("no_claim")
    span = _one_plain(sentence)
    if span.kind != "month":
        raise Refused("no_time")
    return [
        Streak(
            span,
            count=int(numbers[0].number),
            direction=_way(ways.pop()),
            ordinal=numbers[0].role == "ordinal",
        )
    ]


def _share(sentence: Sentence) -> list[SeriesStatement]:
    amounts = sentence.all("percent") + sentence.all("fraction")
    if len(amounts) != 1 or sentence.has("up", "down", "factor", "than"):
        return []
    if not sentence.none_but("percent", "fraction", "share"):
        return []
    _no_parts(sentence)
    parts = [cell for cell in sentence.where if cell[0] in CELLS]
    if len(parts) != 1:
        raise Refused("too_much" if parts else "no_claim", ", ".join(code for _, code in parts))
    span = _one_plain(sentence)
    item = amounts[0]
    quantity = _quantity(sentence, item)
    if _free_qualifiers(sentence, amounts):
        raise Refused("too_much", "more than")
    sentence.where = ()
    return [Share(span, part=tuple(parts), percent=quantity)]


def _level_and_share(sentence: Sentence) -> list[SeriesStatement]:
    """Read "269,735 encounters in September 2023, a quarter of them Venezuelans"."""
    counts, amounts = sentence.all("count"), sentence.all("percent") + sentence.all("fraction")
    them = [item for item in sentence.all("share") if item.text in ("of them", "of those", "de ellos")]
    if len(counts) != 1 or len(amounts) != 1 or len(them) != 1 or len(sentence.where) != 1 or sentence.parts:
        return []
    if not sentence.none_but("count", "percent", "fraction", "share", "past") or counts[0].at > amounts[0].at:
        return []
    span = _one_plain(sentence)
    if _free_qualifiers(sentence, counts + amounts):
        raise Refused("too_much", "more than")
    quantity = _quantity(sentence, amounts[0])
    part, sentence.where = sentence.where, ()
    return [Level(span, quantity=_quantity(sentence, counts[0])), Share(span, part=part, percent=quantity)]


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


def _ratio(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("factor", "times"):
        return []
    ways = {item.role for item in sentence.items if item.role in ("up", "down")}
    if not sentence.none_but("factor", "times", "count", "up", "down") or len(ways) > 1:
        raise Refused("no_claim")
    if ways and (len(sentence.all("factor")) != 1 or ways != {_way_of_factor(sentence.all("factor")[0])}):
        raise Refused("no_claim")  # "rose by three times" is said of three times and of four
    _no_parts(sentence)
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
    quantity = _quantity(sentence, item)
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


def _change(sentence: Sentence) -> list[SeriesStatement]:
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
    direction = _way(directions.pop())
    if base.first > span.first:  # "more in 2019 than in 2020" says that it went down since
        base, span, direction = span, base, "down" if direction == "up" else "up"
    amounts = sentence.all("percent") + sentence.all("fraction") + sentence.all("count")
    if len(amounts) > 1:
        raise Refused("too_much", ", ".join(item.text for item in amounts))
    if _free_qualifiers(sentence, amounts):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    if not amounts:
        return [Change(span, base=base, direction=direction)]
    if pair[0] > pair[1]:
        raise Refused("no_base")  # "20 percent more in 2019 than in 2020" is not a fall of 20 percent
    item = amounts[0]
    quantity = _quantity(sentence, item)
    if item.role == "count":
        index = sentence.items.index(item)
        if sentence.items[index - 1].text not in ("by", "en"):
            raise Refused("too_much", item.text)
        return [Change(span, base=base, direction=direction, amount=quantity, unit="count")]
    return [Change(span, base=base, direction=direction, amount=quantity)]


def _levels_and_change(sentence: Sentence) -> list[SeriesStatement]:
    """Read "X encounters in one month, down N percent from another" and "from X in one month to Y in another"."""
    counts, percents = sentence.all("count"), sentence.all("percent")
    ways = {item.role for item in sentence.items if item.role in ("up", "down")}
    if len(counts) == 2 and not ways and len({time.span for time in sentence.times}) == 2:
        ways = {"none"}
    if len(ways) != 1 or not counts or len(percents) > 1 or sentence.parts:
        return []
    if not sentence.none_but("up", "down", "percent", "count", "past"):
        return []
    if _free_qualifiers(sentence, counts + percents):
        return []
    if ways == {"none"}:
        return _two_levels(sentence, counts) if not percents else []
    way = _way(ways.pop())
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
        amount = _quantity(sentence, percents[0])
        return [
            Level(span, quantity=_quantity(sentence, counts[0])),
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
        change = [Change(span, base=base, direction=way, amount=_quantity(sentence, percents[0]))]
    elif joining in ("of", "by", "de", "en") and other.span == base and other.tie in ("from", "than"):
        amount = _quantity(sentence, counts[1])  # "an increase of 59,582 from November"
        level = Level(span, quantity=_quantity(sentence, counts[0]))
        return [level, Change(span, base=base, direction=way, amount=amount, unit="count")]
    if not (joining == "from" or (opening, joining) in (("from", "to"), ("de", "a"))):
        raise Refused("too_much", counts[1].text)
    if (joining == "from") != (other.span == base):
        raise Refused("too_much", counts[1].text)
    return [*_each(sentence, counts, (one, other)), *change]


def _each(sentence: Sentence, counts: list[Item], times: Sequence[Time]) -> list[SeriesStatement]:
    return [
        Level(time.span, quantity=_quantity(sentence, item)) for time, item in zip(times, counts, strict=True)
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


def _level_over(sentence: Sentence) -> list[SeriesStatement]:
    """Read "between October 2023 and September 2024 there were 2.1 million encounters"."""
    counts = sentence.all("count")
    if len(counts) != 1 or len(sentence.times) != 2 or not sentence.none_but("count", "past"):
        return []
    first, last = sorted(sentence.times, key=lambda time: time.at)
    if [first.tie, last.tie] not in (["from", "to"], ["from", ""]) or not first.span < last.span:
        return []
    if {first.span.kind, last.span.kind} != {"month"} or sentence.parts or _free_qualifiers(sentence, counts):
        return []
    at = counts[0].at
    if first.at < at < last.at:
        return []
    if any(item.text in _ONE_MOMENT for item in sentence.items):
        return []  # "reached 302,000" may be said of one month among them
    whole = Span(first.span.first, len(month_range(first.span.first, last.span.last)))
    return [Level(whole, quantity=_quantity(sentence, counts[0]))]


def _lead(sentence: Sentence, item: Item) -> str:
    """Return the word before a number and its qualifier."""
    index = sentence.items.index(item) - 1
    while index >= 0 and sentence.items[index].role in ("qualifier", "past"):
        index -= 1
    before = sentence.items[index] if index >= 0 else None
    return "" if before is None else before.text.split()[-1]


def _compare(sentence: Sentence) -> list[SeriesStatement]:
    if len(sentence.parts) != 2:
        return []
    more = sentence.has("more_of", "outnumbered")
    if not sentence.none_but("more_of", "fewer_of", "outnumbered") or more == sentence.has("fewer_of"):
        raise Refused("no_claim")
    if (
        not sentence.has("outnumbered")
        and not sentence.has("than")
        and not any(i.text in ("que", "than") for i in sentence.items)
    ):
        raise Refused("no_claim")
    span = _one_plain(sentence, also=("than",))
    left, right = sentence.parts
    return [Compare(span, left=left, right=right, more=more)]


def _level(sentence: Sentence) -> list[SeriesStatement]:
    counts = sentence.all("count")
    if len(counts) != 1 or not sentence.none_but("count", "past"):
        return []
    _no_parts(sentence)
    span = _one_plain(sentence)
    if _free_qualifiers(sentence, counts) or sentence.has("than"):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    return [Level(span, quantity=_quantity(sentence, counts[0]))]


RULES: tuple[Callable[[Sentence], list[SeriesStatement]], ...] = (
    _threshold,
    _streak,
    _record,
    _compare,
    _level_and_share,
    _share,
    _ratio,
    _levels_and_change,
    _level_over,
    _change,
    _level,
)
