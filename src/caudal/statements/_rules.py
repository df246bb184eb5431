"""The rules of the grammar: from the inventory of a sentence to a typed statement.

Each rule returns statements, or nothing when it does not apply; it applies only when it
uses up everything the inventory holds.
"""

from __future__ import annotations

from collections.abc import Callable

from caudal.statements._inventory import CELLS, Refused, Sentence
from caudal.statements._rule_parts import (
    free_qualifiers,
    no_parts,
    one_plain,
    quantity_of,
)
from caudal.statements._rules_extremes import record, streak, threshold
from caudal.statements._rules_moves import change, level_moved, level_over, levels_and_change, ratio
from caudal.statements._types import (
    Compare,
    Level,
    SeriesStatement,
    Share,
)

__all__ = ["RULES"]


def _share(sentence: Sentence) -> list[SeriesStatement]:
    amounts = sentence.all("percent") + sentence.all("fraction")
    if len(amounts) != 1 or sentence.has("up", "down", "factor", "than"):
        return []
    if not sentence.none_but("percent", "fraction", "share"):
        return []
    no_parts(sentence)
    parts = [cell for cell in sentence.where if cell[0] in CELLS]
    if len(parts) != 1:
        raise Refused("too_much" if parts else "no_claim", ", ".join(code for _, code in parts))
    span = one_plain(sentence)
    item = amounts[0]
    quantity = quantity_of(sentence, item)
    if free_qualifiers(sentence, amounts):
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
    span = one_plain(sentence)
    if free_qualifiers(sentence, counts + amounts):
        raise Refused("too_much", "more than")
    quantity = quantity_of(sentence, amounts[0])
    part, sentence.where = sentence.where, ()
    return [Level(span, quantity=quantity_of(sentence, counts[0])), Share(span, part=part, percent=quantity)]


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
    span = one_plain(sentence, also=("than",))
    left, right = sentence.parts
    return [Compare(span, left=left, right=right, more=more)]


def _level(sentence: Sentence) -> list[SeriesStatement]:
    counts = sentence.all("count")
    if len(counts) != 1 or not sentence.none_but("count", "past"):
        return []
    no_parts(sentence)
    span = one_plain(sentence)
    if free_qualifiers(sentence, counts) or sentence.has("than"):
        raise Refused("too_much", ", ".join(item.text for item in sentence.all("qualifier")))
    return [Level(span, quantity=quantity_of(sentence, counts[0]))]


RULES: tuple[Callable[[Sentence], list[SeriesStatement]], ...] = (
    threshold,
    streak,
    record,
    _compare,
    _level_and_share,
    _share,
    ratio,
    levels_and_change,
    level_moved,
    level_over,
    change,
    _level,
)
