"""The rules of the grammar: from the inventory of a sentence to a typed statement.

`Sentence` is the inventory. Each rule returns statements, or nothing when it does not apply; it applies only when it
uses up everything the inventory holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, cast

from caudal._core.tables import declared
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

__all__ = ["RULES", "Refused", "Sentence", "sentence_of"]

Where = tuple[tuple[str, str], ...]
Extreme = Literal["high", "low"]
Way = Literal["up", "down"]


class Refused(Exception):  # noqa: N818
    """A sentence that is not checked, with the key of the reason and the words that led to it."""

    def __init__(self, key: str, shown: str = "") -> None:
        self.key, self.shown = key, shown
        super().__init__(key)


@dataclass(frozen=True)
class Time:
    """A span named in a sentence, and the word that ties it in: since, than, from, to, or nothing."""

    span: Span
    tie: str
    at: int


@dataclass
class Sentence:
    """The inventory of a sentence."""

    items: list[Item]
    language: str
    written: date | None
    times: list[Time] = field(default_factory=list)
    same_month: bool = False
    years_ago: int = 0
    base: str = "encounters"
    regions: tuple[str | None, ...] = ()
    components: tuple[str | None, ...] = ()
    loose: bool = False
    where: Where = ()
    parts: tuple[Where, ...] = ()

    def has(self, *roles: str) -> bool:
        """Return whether any item has one of the roles."""
        return any(item.role in roles for item in self.items)

    def all(self, role: str) -> list[Item]:
        """Return the items of a role, in order."""
        return [item for item in self.items if item.role == role]

    def none_but(self, *allowed: str) -> bool:
        """Return whether every weighty item has one of the allowed roles."""
        return not {item.role for item in self.items} & (_INVENTORY - set(allowed))

    def plain(self) -> list[Time]:
        """Return the times that nothing ties in."""
        return [time for time in self.times if time.tie == ""]

    def before(self, item: Item, *roles: str) -> Item | None:
        """Return an item of one of the roles that stands before another with only passing words between."""
        index = self.items.index(item)
        for other in reversed(self.items[max(index - 4, 0) : index]):
            if other.role in roles:
                return other
            if other.role not in ("pass", "to", "from"):
                return None
        return None


#: What must be accounted for. Measures, places, components and conditions are inventoried by `sentence_of`.
_INVENTORY = {"count", "percent", "fraction", "ordinal", "extreme", "up", "down", "factor", "times", "straight",
              "first_time", "never", "past", "since", "ever", "share", "outnumbered", "more_of", "fewer_of", "behind",
              "to_then"}  # fmt: skip

_CELLS = ("citizenship", "family_status", "authority", "area", "state")


def sentence_of(items: list[Item], language: str, written: date | None) -> Sentence:
    """Return the inventory of a sentence.

    Raises
    ------
    Refused
        When something in it keeps it from being checked, with the reason.
    """
    items = _settle_names(items)
    for item in items:
        if item.role == "refuse":
            raise Refused(item.value, item.text)
    unknown = [item.text for item in items if item.role == "unknown"]
    if unknown:
        raise Refused("unknown", ", ".join(unknown[:6]))
    sentence = Sentence(items, language, written)
    _measure(sentence)
    _times(sentence)
    _conditions(sentence)
    return sentence


def _settle_names(items: list[Item]) -> list[Item]:
    """Let a bare name such as "Tucson" be a sector only where the sentence speaks of sectors."""
    sectors = any(item.role == "scope" and item.value == "sector" for item in items)
    sectors = sectors or any(item.role == "area" for item in items)
    out = []
    for item in items:
        if item.role == "area?":
            item = replace(item, role="area" if sectors else "unknown")
        out.append(item)
    return out


def _measure(sentence: Sentence) -> None:
    values = {item.value for item in sentence.all("measure")}
    places = {item.value for item in sentence.all("place")}
    parts = {item.value for item in sentence.all("component")}
    if "darien" in places or "mexico-inm" in places:
        _elsewhere(sentence, values, places, parts)
        return
    patrol = "USBP" in parts or any("border patrol" in item.text for item in sentence.all("scope"))
    busiest = patrol and any(item.role == "scope" and item.value == "sector" for item in sentence.items)
    if not values and not sentence.has("authority") and not (busiest and sentence.has("extreme")):
        raise Refused("no_measure")
    if values & {"entries", "presented"}:
        raise Refused("no_measure")
    if values - {"encounters"} and len(values - {"crossings"}) > 1:
        raise Refused("too_much", ", ".join(sorted(values)))
    if {"southwest", "nation"} <= places:
        raise Refused("too_much", "southwest border, nationwide")
    sentence.regions = (
        ("southwest",) if "southwest" in places else (None,) if "nation" in places else ("southwest", None)
    )
    if "ALL" in parts:
        # "Total Border Patrol encounters" are the Border Patrol's.
        sentence.components = ("USBP",) if "USBP" in parts and "apprehensions" in values else (None,)
        if "USBP" in parts and "apprehensions" not in values:
            raise Refused("too_much", "total, Border Patrol")
    elif {"USBP", "OFO"} <= parts:
        raise Refused("too_much", "Border Patrol, ports of entry")
    elif "USBP" in parts or "apprehensions" in values:
        if "OFO" in parts:
            raise Refused("too_much", "apprehensions, ports of entry")
        sentence.components = ("USBP",)
    elif "OFO" in parts or "inadmissibles" in values:
        sentence.components = ("OFO",)
    else:
        sentence.components = (None, "USBP")
        sentence.loose = "crossings" in values and "encounters" not in values


def _elsewhere(sentence: Sentence, values: set[str], places: set[str], parts: set[str]) -> None:
    if len(places) > 1 or parts:
        raise Refused("too_much", ", ".join(sorted(places | parts)))
    if "darien" in places:
        if values - {"crossings", "entries"}:
            raise Refused("no_measure")
        sentence.base = "darien-entries"
    else:
        if values != {"presented"}:
            raise Refused("no_measure")
        sentence.base = "mexico-inm"
    sentence.regions, sentence.components = (None,), (None,)


def _times(sentence: Sentence) -> None:
    """Resolve every time named to a span with its tie."""
    whens = [item for item in sentence.items if item.role == "when" and item.when is not None]
    if any(item.when is not None and item.when.kind == "day" for item in whens):
        raise Refused("per_day", next(item.text for item in whens if item.when and item.when.kind == "day"))
    named = [item for item in whens if item.when and item.when.span is not None and item.when.kind == "span"]
    spans: dict[int, Span] = {item.at: item.when.span for item in named if item.when and item.when.span}
    bare = [item for item in whens if item.when and item.when.kind == "bare_month"]
    for item in bare:
        assert item.when is not None
        found = _bare_month(sentence, item, item.when.number, spans)
        if found is not None:
            spans[item.at] = found
    main = next((spans[item.at] for item in whens if item.at in spans and _tie(sentence, item) == ""), None)
    for item in whens:
        if item.when is None or item.at in spans:
            continue
        kind = item.when.kind
        if kind == "ago":
            sentence.years_ago = item.when.number
        elif kind in ("year_before", "month_before", "same_period"):
            if main is None:
                raise Refused("no_time")
            if kind == "same_period":
                assert item.when.span is not None
                year = item.when.span.first.year + (
                    1 if item.when.span.first.month == 10 and main.first.month < 10 else 0
                )
                spans[item.at] = Span(date(year, main.first.month, 1), main.months)
            elif kind == "month_before" and main.months != 1:
                raise Refused("no_time")
            else:
                spans[item.at] = main.shift(-12 if kind == "year_before" else -1)
    for item in whens:
        if item.at in spans:
            tie = _tie(sentence, item)
            if item.when is not None and item.when.kind in ("year_before", "month_before", "same_period"):
                tie = "than"
            sentence.times.append(Time(spans[item.at], tie, item.at))
    if not sentence.times and not sentence.has("never"):
        raise Refused("no_time")


def _tie(sentence: Sentence, item: Item) -> str:
    """Return the word that ties a time in: since, than, from, to, or nothing."""
    index = sentence.items.index(item)
    for other in reversed(sentence.items[max(index - 4, 0) : index]):
        if other.role in ("since", "than", "from", "to", "behind"):
            if other.role == "to" and not _opened(sentence, item):
                return "to" if other.text == "to" else ""
            return other.role
        if other.role == "pass" and sentence.language == "es" and other.text in ("de", "del", "a", "al"):
            following = [one for one in sentence.items[index + 1 :] if one.role == "when"]
            closing = following and _word_before(sentence, following[0]) in ("a", "al")
            if other.text in ("de", "del") and closing:
                return "from"
            if other.text in ("a", "al") and _opened(sentence, item):
                return "to"
            return ""
        if other.role != "pass":
            return ""
    return ""


def _word_before(sentence: Sentence, item: Item) -> str:
    index = sentence.items.index(item)
    return sentence.items[index - 1].text if index else ""


def _opened(sentence: Sentence, item: Item) -> bool:
    """Return whether a time before this one opens a pair ("from December to …")."""
    index = sentence.items.index(item)
    return any(one.role == "when" for one in sentence.items[:index])


def _bare_month(sentence: Sentence, item: Item, number: int, spans: dict[int, Span]) -> Span | None:
    """Return the month a name without a year stands for; None when it only says which months are compared."""
    others = [span for span in spans.values() if span.kind == "month" and span.first.month == number]
    index = sentence.items.index(item)
    near = sentence.items[max(index - 2, 0) : index + 2]
    compared = any(one.role == "extreme" for one in near) or any(
        one.text in ("any", "un", "otro", "for any") for one in near
    )
    if others and (compared or sentence.has("extreme")):
        sentence.same_month = True
        return None
    years = [at for at, span in spans.items() if span.kind == "calendar_year"]
    if compared and len(years) == 1:  # "a November record in 2023"
        year = spans.pop(years[0]).first.year
        sentence.items = [one for one in sentence.items if one.at != years[0]]
        sentence.same_month = True
        return month(year, number)
    later = [spans[at] for at in sorted(spans) if at > item.at and spans[at].kind == "month"]
    after = next((one for one in sentence.items if one.at > item.at and one.at in spans), None)
    if later and after is not None and _tie(sentence, item) == "" and _tie(sentence, after) == "than":
        if sentence.written is None:  # "in January, compared with December 2023": the month after it
            return month(later[0].first.year + (number <= later[0].first.month), number)
        later = []
    if later:
        year = later[0].first.year - (number > later[0].first.month)
        return month(year, number)
    earlier = [spans[at] for at in sorted(spans) if at < item.at and spans[at].kind == "month"]
    if earlier and _tie(sentence, item) in ("to", ""):
        year = earlier[-1].first.year + (number < earlier[-1].first.month)
        return month(year, number)
    if sentence.written is not None:
        day = sentence.written
        return month(day.year - (number > day.month), number)
    raise Refused("which_year", item.text)


def _conditions(sentence: Sentence) -> None:
    """Set what narrows the series, and the parts a comparison or share is about."""
    cells = [item for item in sentence.items if item.role in _CELLS]
    seen: list[tuple[str, str]] = []
    for item in cells:
        cell = (item.role, item.value)
        if cell not in seen:
            seen.append(cell)
    if any(role == "area" for role, _ in seen):
        if None in sentence.components and sentence.components == (None,):
            raise Refused("too_much", "sector, all CBP encounters")
        sentence.components = ("USBP",)
        regions = {
            row["code"]: row["region"]
            for row in declared("caudal._core.data", "geographies.csv")
            if row["kind"] == "sector"
        }
        inside = {regions.get(code) == "southwest" for role, code in seen if role == "area"}
        sentence.regions = ("southwest",) if inside == {True} else (None,)
    doubled = {role for role, _ in seen if sum(r == role for r, _ in seen) > 1}
    sentence.parts = tuple(((role, code),) for role, code in seen)
    if len(seen) > 3 or len(doubled) > 1:
        raise Refused("too_much", ", ".join(code for _, code in seen))
    sentence.where = tuple(cell for cell in seen if cell[0] not in doubled)
    sentence.parts = tuple(((role, code),) for role, code in seen if role in doubled)


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
    parts = [cell for cell in sentence.where if cell[0] in _CELLS]
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
