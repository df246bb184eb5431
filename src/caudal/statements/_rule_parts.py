"""What several rules of the grammar ask of a sentence: its number, its one time, what is left over."""

from __future__ import annotations

from typing import Literal, cast

from caudal.statements._inventory import Refused, Sentence
from caudal.statements._scan import Item
from caudal.statements._span import Span
from caudal.statements._types import (
    Qualifier,
    Quantity,
)

__all__ = ["Extreme", "Way", "end_of", "free_qualifiers", "no_parts", "one_plain", "quantity_of", "way_of"]

Extreme = Literal["high", "low"]

Way = Literal["up", "down"]


def end_of(text: str) -> Extreme:
    return "high" if text == "high" else "low"


def way_of(text: str) -> Way:
    return "up" if text == "up" else "down"


def quantity_of(sentence: Sentence, item: Item) -> Quantity:
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


def free_qualifiers(sentence: Sentence, used: list[Item]) -> bool:
    """Return whether a qualifier stands before nothing that was used ("more than" of what?)."""
    taken = {id(sentence.before(item, "qualifier")) for item in used}
    for item in sentence.all("qualifier"):
        if id(item) not in taken and item.text not in ("con creces", "some", "under", "up to"):
            return True
    return False


def no_parts(sentence: Sentence) -> None:
    if sentence.parts:
        raise Refused("too_much", ", ".join(code for part in sentence.parts for _, code in part))


def one_plain(sentence: Sentence, *, also: tuple[str, ...] = ()) -> Span:
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
