"""Rules for records, ranks, thresholds and streaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from caudal.statements._inventory import Refused, Sentence
from caudal.statements._rule_parts import (
    Extreme,
    end_of,
    free_qualifiers,
    no_parts,
    one_plain,
    quantity_of,
    way_of,
)
from caudal.statements._span import Span, month
from caudal.statements._types import (
    Level,
    Rank,
    Record,
    SeriesStatement,
    Streak,
    Threshold,
)

__all__ = ["record", "streak", "threshold"]


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


def record(sentence: Sentence) -> list[SeriesStatement]:
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
        return _rank_among(sentence, end_of(extremes.pop()), scopes)
    no_parts(sentence)
    span = one_plain(sentence, also=("since",))
    same = sentence.same_month or "same" in scopes
    if span.kind != "month" and (same or ("month" in scopes and "year" not in scopes)):
        raise Refused("too_much", "month")
    if span.kind == "month" and "year" in scopes and "month" not in scopes and not same:
        raise Refused("too_much", "year")
    since, since_with = _since(sentence, span)
    present = sentence.has("present")
    to_date = not sentence.has("to_then") and (since is None or present) and not _event(sentence)
    extreme = end_of(extremes.pop())
    if not _says_among_what(sentence, same):
        raise Refused("among_what", sentence.all("extreme")[0].text)
    counts = sentence.all("count")
    if free_qualifiers(sentence, counts):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    found: list[SeriesStatement] = [Level(span, quantity=quantity_of(sentence, item)) for item in counts]
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
    if free_qualifiers(sentence, counts):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    span = one_plain(sentence)
    ordinals = sentence.all("ordinal")
    position = int(ordinals[0].number) if ordinals else 1
    levels = [Level(span, sentence.where, quantity=quantity_of(sentence, item)) for item in counts]
    sentence.where = tuple(cell for cell in sentence.where if cell[0] != stored)
    return [*levels, Rank(span, position=position, extreme=extreme, among=dimension, code=cells[0])]


def threshold(sentence: Sentence) -> list[SeriesStatement]:
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
    no_parts(sentence)
    quantity = quantity_of(sentence, sentence.all("count")[0])
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
    span = one_plain(sentence, also=("since",))
    if span.kind != "month" and "month" in scopes and "year" not in scopes:
        raise Refused("too_much", "month")
    since, since_with = _since(sentence, span)
    return [Threshold(span, level=level, side=side, since=since, since_with=since_with)]


def streak(sentence: Sentence) -> list[SeriesStatement]:
    if not sentence.has("straight"):
        return []
    if not sentence.none_but("straight", "count", "ordinal", "up", "down"):
        raise Refused("no_claim")
    no_parts(sentence)
    numbers = sentence.all("count") + sentence.all("ordinal")
    ways = {item.role for item in sentence.items if item.role in ("up", "down")}
    scopes = {item.value for item in sentence.all("scope")}
    if len(numbers) != 1 or len(ways) != 1 or scopes - {"month"} or not 2 <= numbers[0].number <= 36:
        raise Refused("no_claim")
    span = one_plain(sentence)
    if span.kind != "month":
        raise Refused("no_time")
    return [
        Streak(
            span,
            count=int(numbers[0].number),
            direction=way_of(ways.pop()),
            ordinal=numbers[0].role == "ordinal",
        )
    ]
