"""The inventory of a sentence: its times resolved to spans, its measure, places and groups, or why it is not read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from caudal._core.tables import declared
from caudal.statements._scan import Item
from caudal.statements._span import Span, month

__all__ = ["CELLS", "Refused", "Sentence", "sentence_of"]

Where = tuple[tuple[str, str], ...]


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
    years_more: bool = False
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

CELLS = ("citizenship", "family_status", "authority", "area", "state")


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
    presented = any(item.role == "measure" and item.value == "presented" for item in items)
    for item in items:
        if (
            item.role == "place?"
        ):  # a country counts people "in irregular situation"; elsewhere it may mean anything
            item = replace(item, role="place" if presented else "unknown")
        if item.role == "area?":
            item = replace(item, role="area" if sectors else "unknown")
        out.append(item)
    return out


#: A sector that is busy is busy with people whom the Border Patrol encounters.
_BUSY = {"busiest", "mas concurrido", "mas transitado", "mas activo"}


def _measure(sentence: Sentence) -> None:
    values = {item.value for item in sentence.all("measure")}
    places = {item.value for item in sentence.all("place")}
    parts = {item.value for item in sentence.all("component")}
    if "darien" in places or "mexico-inm" in places:
        _elsewhere(sentence, values, places, parts)
        return
    patrol = "USBP" in parts or any("border patrol" in item.text for item in sentence.all("scope"))
    patrol = patrol or any(item.text in _BUSY for item in sentence.all("extreme"))
    busiest = patrol and any(item.role == "scope" and item.value == "sector" for item in sentence.items)
    if not values and not sentence.has("authority") and not (busiest and sentence.has("extreme")):
        raise Refused("no_measure")
    if values & {"entries", "presented"} or ("detained" in values and "USBP" not in parts):
        raise Refused("no_measure")  # who else detains people, or where else they enter, is not said
    values = {"apprehensions" if value == "detained" else value for value in values}
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
    if any(span.kind == "fiscal_year" for span in spans.values()):
        for item in named:  # "fiscal 2023, up 4 percent from 2022"
            if item.text.isdigit() and spans[item.at].kind == "calendar_year":
                spans[item.at] = spans[item.at].shift(-3)
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
            sentence.years_more = item.when.more
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
                if any(spans.get(one.at) == spans[item.at] for one in named):
                    continue  # "year over year", and the other year is named, too
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
    since = [s for s in sentence.items if s.at in spans and _tie(sentence, s) == "since"]
    after_since = {s.at for s in since}
    later = [
        spans[at]
        for at in sorted(spans)
        if at > item.at and spans[at].kind == "month" and at not in after_since
    ]
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
    cells = [item for item in sentence.items if item.role in CELLS]
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
