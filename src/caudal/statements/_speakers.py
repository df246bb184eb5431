"""Who says what: quotations with their speakers, and the source of what is not quoted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from caudal._core.identifiers import identities
from caudal.statements._clean import sentences_of
from caudal.statements._vocabulary import fold, rows

__all__ = ["Quotation", "Voice", "entities_in", "quotations_in", "voice_of"]


def _words(kind: str) -> list[str]:
    """Return the declared words of a kind, longest first."""
    row = next(one for one in rows("names.csv") if one["kind"] == kind)
    return sorted(row["words"].split("|"), key=len, reverse=True)


def _any(kind: str) -> str:
    return "(?:" + "|".join(re.escape(word) for word in _words(kind)) + ")"


_CAPITAL = r"[A-ZÁÉÍÓÚÑ]"
_NAME = (
    rf"{_CAPITAL}[\w.'’&-]{{1,30}}"
    rf"(?:\s+(?:(?:de|del|la|las|los|of|for|and|y|von|van|the)\s+)?{_CAPITAL}[\w.'’&-]{{0,30}}){{0,6}}"
)
_QUOTE = re.compile(r"[“\"«]([^”\"»]{3,1500})[”\"»]")
_VERB = _any("verb")
_TITLES = r"(?:[a-zà-ü]+\s+){0,5}"
_PRONOUN = r"(?:he|she|they|He|She|They|él|ella)"
_AFTER = re.compile(rf"^[,\s]*(?P<lead>[^.“\"]{{0,160}}?)\b{_VERB}\b\s*(?P<late>[^.“\"]{{0,160}})")
_BEFORE = re.compile(rf"(?P<lead>[^.“\"]{{1,200}}?)\b{_VERB}\b[^“\".]{{0,80}}$")
_ACCORDING = re.compile(
    r"\b(?:[Aa]ccording to|[Ss]egún|[Dd]e acuerdo con|[Cc]iting)\s+"
    rf"(?:{_any('between')}\s+){{0,6}}(?P<name>{_NAME})"
)
#: At the beginning ("Karen Example said …") or at the end ("…, Karen Example said", "…, informó la oficina").
_SAID = re.compile(rf"^(?P<lead>[^.“\"]{{1,160}}?)\b{_VERB}\b")
_SAID_LAST = re.compile(
    rf",\s*(?P<tail>[^,“\"]{{1,80}}?)\s+{_VERB}\b[^,]{{0,60}}$|,\s*{_VERB}\s+(?P<after>[^,“\"]{{2,120}})$"
)
#: A full stop that ends no sentence; it is hidden while sentences are looked at.
_ABBREVIATED = re.compile(r"\b(Rep|Sen|Gov|Dr|Mr|Mrs|Ms|Lt|Gen|Sra|Lic|Ing|St|Jr|U\.S)\.")
_HIDDEN = "\u2024"
_FOUND = re.compile(
    rf"(?P<name>{_NAME})\s+(?:poll|survey|encuesta)|(?:encuesta|sondeo) de (?:la )?(?P<late>{_NAME})"
)
_TITLE = re.compile(rf"^(?:(?:{_any('title_of')}\s+)?{_any('title')}\s+)+")
_INNER_TITLE = re.compile(rf"^.+\s{_any('title')}\s+(?=[A-ZÁÉÍÓÚÑ])")
_INSTITUTION = re.compile(rf"\b{_any('institution')}\b")
_STARTERS = frozenset(_words("beginning"))
_NOT_NAMES = frozenset(_words("not_a_name"))


@dataclass(frozen=True)
class Quotation:
    """Words in quotation marks, their speaker, and where they stand in the paragraph."""

    text: str
    speaker: str | None
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Voice:
    """Who says a sentence: a speaker, or a source such as an agency; neither for the author."""

    speaker: str | None = None
    source: str | None = None


def _speaker(match: re.Match[str] | None, last: str | None) -> str | None:
    """Return the name that goes with a verb of saying: before it, or after it ("said Karen Example")."""
    if match is None:
        return None
    found = match.groupdict()
    lead = (found.get("lead") or "").strip(" ,")
    if not lead:
        late = (found.get("late") or "").strip()
        if not late or re.match(rf"{_PRONOUN}\b", late):
            return last
        first, _, rest = late.partition(",")
        # "said the ministry's spokeswoman, Karen Example", but "said Karen Example, an analyst".
        return (_best(rest[:80]) if first[:1].islower() and rest else None) or _best(first)
    if re.search(rf"(?:^|\s){_PRONOUN}$", lead):
        return last
    return _best(lead)


def _best(text: str) -> str | None:
    """Return the first person named, else the first institution."""
    text = text.replace(_HIDDEN, ".")
    names = [name for name in (_trimmed(m[0]) for m in re.finditer(_NAME, text)) if name]
    names = [name for name in names if fold(name) not in _STARTERS]
    people = [name for name in names if not _is_institution(name) and fold(name) not in _places()]
    return next(iter(people or names), None)


def _trimmed(name: str) -> str:
    """Return a name without the words of a sentence's beginning, titles and possessives."""
    name = _TITLE.sub("", name.strip(" ,"))
    inner = _INNER_TITLE.match(name)  # "Border Patrol Chief Karen Example"
    words = (name[inner.end() :] if inner else name).strip(" .,").split()
    while words and fold(words[0]) in _STARTERS - {"he", "she", "they", "el", "title"}:
        words = words[1:]
    return " ".join(words).removesuffix("'s").removesuffix("’s")


def quotations_in(paragraph: str, last: str | None = None) -> list[Quotation]:
    """Return the quotations of a paragraph, the parts of one joined.

    Parameters
    ----------
    paragraph : str
        A paragraph.
    last : str, optional
        The last speaker named before it, for "he said".
    """
    paragraph = _with_hidden_stops(paragraph)
    marks = [m for m in _QUOTE.finditer(paragraph) if len(m[1].split()) >= 3]
    found: list[Quotation] = []
    for number, mark in enumerate(marks):
        after = paragraph[
            mark.end() : marks[number + 1].start() if number + 1 < len(marks) else len(paragraph)
        ]
        previous_end = marks[number - 1].end() if number else 0
        before = paragraph[previous_end : mark.start()]
        speaker = _speaker(_AFTER.match(after[:400]), last) or _speaker(_BEFORE.search(before[-400:]), last)
        tag = before.strip(" ,.;:")
        # A second part follows the words that name the speaker of the first, and names none of its own.
        goes_on = (
            bool(found)
            and (_AFTER.match(before[:400]) is not None or not tag)
            and _AFTER.match(after[:400]) is None
        )
        if goes_on and len(tag.split()) <= 12:
            first = found.pop()
            found.append(
                Quotation(_joined(first.text, mark[1].strip()), first.speaker, (*first.spans, mark.span(1)))
            )
        else:
            found.append(Quotation(mark[1].strip(), speaker, (mark.span(1),)))
        last = found[-1].speaker or last
    return [Quotation(one.text.replace(_HIDDEN, "."), one.speaker, one.spans) for one in found]


def _with_hidden_stops(text: str) -> str:
    """Return a text of the same length in which the full stops of abbreviations end no sentence."""
    return _ABBREVIATED.sub(lambda found: found[0][:-1] + _HIDDEN, text)


def _joined(first: str, second: str) -> str:
    if first.endswith(","):
        first = first[:-1] + ("." if second[:1].isupper() else ",")
    elif first[-1:].isalnum() and second[:1].isupper():
        first += "."
    return f"{first} {second}"


def voice_of(sentence: str, last: str | None = None) -> Voice:
    """Return who says a sentence that is not a quotation."""
    according = _ACCORDING.search(sentence)
    if according:
        return Voice(source=_trimmed(according["name"]) or None)
    poll = _FOUND.search(sentence)
    if poll:
        name = poll["name"] or poll["late"]
        return Voice(source=_trimmed(name) or None) if name else Voice()
    plain = _with_hidden_stops(sentence).rstrip(" .")
    name = _sayer(_SAID_LAST.search(plain), last) or _sayer(_SAID.search(plain), last)
    if name is None:
        return Voice()
    institution = _is_institution(name) or fold(name) in _places()
    return Voice(source=name) if institution else Voice(speaker=name)


def _sayer(found: re.Match[str] | None, last: str | None) -> str | None:
    if found is None:
        return None
    parts = found.groupdict()
    lead = parts.get("tail") or parts.get("after") or parts.get("lead") or ""
    if re.search(rf"(?:^|\s){_PRONOUN}$", lead.strip()):
        return last
    if parts.get("lead") and re.search(r"\d", lead):
        return None  # what stands before the verb is the claim itself
    return _best(lead)


def _is_institution(name: str) -> bool:
    return bool(_INSTITUTION.search(name)) or (name.isupper() and len(name) <= 8)


@cache
def _places() -> frozenset[str]:
    names = {fold(name) for dimension in ("citizenship", "sector", "state") for one in identities(dimension).values()
             for name in (one.name_en, one.name_es, one.name_en.removesuffix(" Sector"))}  # fmt: skip
    return frozenset(names | set(_words("place")))


def entities_in(text: str, speakers: set[str]) -> list[dict[str, str]]:
    """Return people and institutions named, each once, in order of first mention."""
    declared = {fold(word) for row in rows("attributions.csv") for word in row["verbs"].split("|")}
    found: dict[str, str] = {}
    sentences = [one for line in text.splitlines() for one in sentences_of(line)]
    for match in (found for one in sentences for found in re.finditer(_NAME, one)):
        name = _trimmed(match[0])
        words = name.split()
        plain = fold(name)
        if not words or plain in _places() or plain in declared or len(name) < 3:
            continue
        if any(fold(word) in _NOT_NAMES for word in words) or any(c.isdigit() for c in name):
            continue
        if plain in {"u.s", "us", "eeuu", "ee. uu", "et"}:
            continue
        if _is_institution(name):
            found.setdefault(name, "institution")
        elif name in speakers or (
            len(words) in (2, 3, 4)
            and "." not in words[0][1:]
            and not any(fold(w) in _places() for w in words)
        ):
            found.setdefault(name, "person")
    return [{"name": name, "kind": kind} for name, kind in found.items()]
