"""The rules of the grammar: from the inventory of a sentence to a typed statement.

Each rule returns statements, or nothing when it does not apply; it applies only when it
uses up everything the inventory holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Literal, cast

from caudal.statements._inventory import CELLS, Refused, Sentence
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


def _since(sentence: Sentence, span: Span) -> date | None:
    """Return from when peers count: after the time named, or with it where "any … since" says so."""
    if sentence.years_ago:
        return span.shift(-12 * sentence.years_ago).first
    named = [time.span for time in sentence.times if time.tie == "since"]
    if not named:
        if sentence.has("since"):
            raise Refused("too_much", "since")
        return None
    since = named[0]
    if any(
        word.text in ("any", "any month", "any year", "of any fiscal year", "in any month")
        for word in sentence.items
    ) or any(item.role == "since" and "least" in item.text for item in sentence.items):
        return since.first
    return since.end


def _record(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("extreme") or sentence.has("never", "first_time", "straight"):
        return []
    if not sentence.none_but("extreme", "since", "ever", "ordinal", "count", "to_then", "past"):
        return []
    extremes = {item.value for item in sentence.all("extreme")}
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
    since = _since(sentence, span)
    present = sentence.has("present")
    to_date = not sentence.has("to_then") and (since is None or present)
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
            Rank(span, position=position, extreme=extreme, same_month=same, since=since, to_date=to_date)
        )
    else:
        found.append(Record(span, extreme=extreme, same_month=same, since=since, to_date=to_date))
    return found


def _says_among_what(sentence: Sentence, same: bool) -> bool:
    """Return whether a superlative says what it is the most of: months, years, times; a record says so itself."""
    if same or sentence.years_ago or sentence.has("scope", "since", "ever", "to_then"):
        return True
    own = ("record", "peak", "time", "maximo", "minimo", "monthly", "low", "high")
    return all(
        item.text.startswith(own) or item.text.endswith(own) for item in sentence.all("extreme")
    ) and all(item.text not in ("lowest", "highest", "low", "high") for item in sentence.all("extreme"))


def _rank_among(sentence: Sentence, extreme: Extreme, scopes: set[str]) -> list[SeriesStatement]:
    dimension = "sector" if "sector" in scopes else "citizenship"
    stored = "area" if dimension == "sector" else dimension
    cells = [code for role, code in sentence.where if role == stored]
    if len(cells) != 1 or sentence.all("count") or sentence.has("since", "ever") or sentence.parts:
        raise Refused("too_much", dimension)
    span = _one_plain(sentence)
    ordinals = sentence.all("ordinal")
    position = int(ordinals[0].number) if ordinals else 1
    sentence.where = tuple(cell for cell in sentence.where if cell[0] != stored)
    return [Rank(span, position=position, extreme=extreme, among=dimension, code=cells[0])]


def _threshold(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("first_time", "never"):
        return []
    if (
        not sentence.none_but("first_time", "never", "count", "past", "since", "ever", "up", "extreme")
        or len(sentence.all("count")) != 1
    ):
        raise Refused("no_claim")
    if sentence.has("extreme"):
        raise Refused("no_claim")
    _no_parts(sentence)
    quantity = _quantity(sentence, sentence.all("count")[0])
    if quantity.qualifier not in ("more", "less", "exact", "at_least"):
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
    since = _since(sentence, span)
    return [Threshold(span, level=level, side=side, since=since)]


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
    if item.role == "fraction":
        vague: Qualifier = quantity.qualifier if quantity.qualifier != "exact" else "about"
        quantity = Quantity(float(item.value), vague)
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
    if amounts[0].role == "fraction":
        vague: Qualifier = quantity.qualifier if quantity.qualifier != "exact" else "about"
        quantity = Quantity(float(amounts[0].value), vague)
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
    if pair[0].months != pair[1].months or pair[0] == pair[1]:
        return None
    return pair


def _ratio(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("factor", "times"):
        return []
    if not sentence.none_but("factor", "times", "count"):
        raise Refused("no_claim")
    _no_parts(sentence)
    pair = _pair(sentence)
    if pair is None or pair[0] > pair[1]:
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
    return [Ratio(span, base=base, factor=replace(quantity, grain=1.0))]


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
    if item.role == "fraction":
        vague: Qualifier = quantity.qualifier if quantity.qualifier != "exact" else "about"
        quantity = Quantity(float(item.value), vague)
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
    if len(ways) != 1 or not counts or len(percents) > 1 or sentence.parts:
        return []
    if not sentence.none_but("up", "down", "percent", "count", "past"):
        return []
    if _free_qualifiers(sentence, counts + percents):
        return []
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
    if len(counts) != 2 or percents or len(sentence.times) != 2:
        return []
    one, other = sorted(sentence.times, key=lambda time: time.at)
    if not counts[0].at < one.at < counts[1].at < other.at or one.span.months != other.span.months:
        return []
    base, span = sorted((one.span, other.span))
    if base == span:
        return []
    opening, joining = (_lead(sentence, item) for item in counts)
    if joining in ("of", "by", "de", "en") and other.span == base and other.tie in ("from", "than"):
        amount = _quantity(sentence, counts[1])  # "an increase of 59,582 from November"
        level = Level(span, quantity=_quantity(sentence, counts[0]))
        return [level, Change(span, base=base, direction=way, amount=amount, unit="count")]
    if not (joining == "from" or (opening == "from" and joining == "to")):
        raise Refused("too_much", counts[1].text)
    levels = [
        Level(time.span, quantity=_quantity(sentence, item))
        for time, item in zip((one, other), counts, strict=True)
    ]
    return [*levels, Change(span, base=base, direction=way)]


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
    _change,
    _level,
)
