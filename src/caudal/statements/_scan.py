"""From a sentence to items: times, numbers, measures, places, words of comparison, and what is not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from caudal.statements._numbers import number_at
from caudal.statements._vocabulary import fold, passing, phrases, refusals, rows, words_of
from caudal.statements._when import When, when_at

__all__ = ["Item", "language_of", "prepare", "scan"]

_ORDINALS = {
    "en": {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
           "ninth": 9, "tenth": 10},
    "es": {"primer": 1, "primero": 1, "primera": 1, "segundo": 2, "segunda": 2, "tercer": 3, "tercero": 3, "tercera": 3,
           "cuarto": 4, "cuarta": 4, "quinto": 5, "quinta": 5, "sexto": 6, "sexta": 6, "septimo": 7, "octavo": 8,
           "noveno": 9, "decimo": 10},
}  # fmt: skip
_PERCENT = {"%", "percent", "pct"}
_MARKS = set(",;:-\"()[]./!*…'|·•")

_ENGLISH = {
    "the",
    "of",
    "and",
    "in",
    "was",
    "were",
    "at",
    "for",
    "from",
    "to",
    "than",
    "is",
    "by",
    "on",
    "with",
}
_SPANISH = {
    "el",
    "la",
    "los",
    "las",
    "de",
    "del",
    "y",
    "en",
    "fue",
    "fueron",
    "que",
    "por",
    "para",
    "con",
    "una",
    "un",
}


@dataclass(frozen=True)
class Item:
    """A word or phrase and what it stands for.

    ``role`` is a role of ``vocabulary.csv``, or ``when``, ``count``, ``percent``, ``ordinal``, ``refuse``, ``pass``,
    ``mark``, ``unknown``.
    """

    role: str
    value: str
    at: int
    used: int
    text: str
    when: When | None = None
    number: float = 0.0
    grain: float = 1.0


def language_of(text: str) -> str:
    """Return ``es`` where Spanish function words outnumber English ones, else ``en``."""
    words = words_of(text)
    spanish = sum(word in _SPANISH for word in words)
    return "es" if spanish > sum(word in _ENGLISH for word in words) else "en"


#: What stands after "over" where it means "compared with".
_TIMES = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december) (?:19|20)\d\d\b"
    r"|fiscal|fy ?\d|(?:19|20)\d\d\b(?![,.]\d)|previous (?:month|year)|same (?:month|period)"
)

#: Wordings turned into the ones the vocabulary lists.
_REWRITES = {
    "en": (
        (r"\b(second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)-", r"\1 "),
        (r"\b(\d)(st|nd|rd|th)\b", r"ordinal\1"),
        (r"\bper cent\b", "percent"),
        (r"\bsouth(west|ern) (?=(?:land )?ports? of entry)", r"south\1 border "),
        (r"\b(?:the|a) (?:vast )?majority of\b", "more than half of"),
        (r"\bat any (?:time|point)(?= since)", "in any month"),
        (rf"\bover (?=(?:the )?(?:{_TIMES}))", "than "),
        (r"\bhalf as many\b(.{0,90}?)\bas (?=in |during |for )", r"halved\1than "),
        (r"\b(twice|double|times) as many\b(.{0,90}?)\bas (?=in |during |for )", r"\1\2than "),
        (r"\b(?:an? |the )?([a-z]+|\d+)-year[- ](low|high)\b", r"\2est in \1 years"),
        (
            r"\bsector (was|is|remained|became) ((?:again |still |once again )?the (?:[a-z]+[- ])?busiest)"
            r"(?! (?:border patrol )?(?:sector|month|year|day|week|fiscal|of))",
            r"sector \1 \2 border patrol sector",
        ),
        (r"\b(\d+)-(month|year|percent)\b", r"\1 \2"),
        (r"\b(?:higher|more|greater)\b(.{0,90}?)\bthan (?:in |during |for )?any (?:other )?", r"highest\1 of any "),
        (r"\b(?:lower|fewer|less)\b(.{0,90}?)\bthan (?:in |during |for )?any (?:other )?", r"lowest\1 of any "),
        (r"\bnever (?:before )?(?:have|has|had) (.{0,60}?)(exceed|top|surpass|pass)", r"never \1\2"),
        (r"\b(have|has|had) never\b", "never"),
    ),
    "es": (
        (r"\bmas\b(.{0,90}?)\bque (?:en )?(?:ningun|cualquier) otro ", r"con mas\1 de otro "),
        (r"\bmenos\b(.{0,90}?)\bque (?:en )?(?:ningun|cualquier) otro ", r"con menos\1 de otro "),
        (r"\bmas del (doble|triple)\b", r"mas de \1"),
        (r"\b(maximo|minimo) de (?=[a-z0-9]+ anos\b)", r"\1 en "),
        (
            r"\b(sector (?:de )?[a-z ]{3,20}?) (fue|es|era|sigue siendo) el (mas (?:transitado|activo|concurrido))"
            r"(?! (?:mes|ano|dia|de))",
            r"\1 \2 el sector \3 de la patrulla fronteriza",
        ),
        (r"\bla (?:gran )?mayoria de\b", "mas de la mitad de"),
        (r"(\bpor ciento|%) mas (?=que )", r"\1 de aumento "),
        (r"(\bpor ciento|%) menos (?=que )", r"\1 de descenso "),
    ),
}  # fmt: skip


#: Names of declared measures, in words.
_MEASURE_NAMES = {
    "usbp-encounters-nationwide": "border patrol encounters nationwide",
    "nationwide-encounters": "total encounters nationwide",
    "usbp-encounters": "border patrol encounters southwest border",
    "ofo-encounters": "encounters at ports of entry southwest border",
    "sw-encounters": "total encounters southwest border",
    "darien-entries": "darien entries",
}


def _verbs(language: str) -> str:
    row = next(r for r in rows("attributions.csv") if r["language"] == language)
    return "|".join(sorted((re.escape(fold(v)) for v in row["verbs"].split("|")), key=len, reverse=True))


def prepare(text: str, language: str) -> str:
    """Return a sentence folded, without who said it, in wordings the vocabulary lists."""
    plain = " " + " ".join(fold(text).split()).strip(" \"'") + " "
    source = (
        r"(?:according to|citing|based on)" if language == "en" else r"(?:segun|de acuerdo con|con base en)"
    )
    plain = re.sub(rf"^ {source} [^,\d]{{1,120}}?, ", " ", plain)
    plain = re.sub(rf",? {source} [^,\d]{{1,160}}?(?=[,.;]? $|, )", "", plain)
    verbs = _verbs(language)
    plain = re.sub(rf", ?[^,\d]{{0,80}}?\b(?:{verbs})\b[^,\d]{{0,80}}?[.]? $", " ", plain)
    that = r"(?:that|on \w+ that)" if language == "en" else "que"
    plain = re.sub(rf"^ [^,\d]{{1,80}}?\b(?:{verbs})\b [^,\d]{{0,30}}?\b{that} ", " ", plain)
    if language == "en":
        plain = re.sub(r"^ [^,\d]{1,60}? (?:said|says|noted|announced) (?!on )", " ", plain)
    for name, words in _MEASURE_NAMES.items():
        plain = re.sub(rf"(?<![\w-]){name}(?![\w-])", words, plain)
    for pattern, replacement in _REWRITES[language]:
        plain = re.sub(pattern, replacement, plain)
    return plain.strip()


def scan(text: str, language: str, written: date | None) -> list[Item]:
    """Return the items of a prepared sentence."""
    words = words_of(text)
    items: list[Item] = []
    at = 0
    while at < len(words):
        item = _item(words, at, language, written)
        items.append(item)
        at += item.used
    return items


def _fraction_at(words: list[str], at: int, language: str) -> tuple[float, int, float] | None:
    """Read "six in ten", "6 out of every 10", "seis de cada diez": percent, words it takes, and grain."""
    first = number_at(words, at, language)
    one = {"en": ("one",), "es": ("uno", "una")}[language]
    part, used = (1.0, 1) if words[at] in one else (first[0], first[2]) if first else (0.0, 0)
    joins = {"en": (("out", "of", "every"), ("out", "of"), ("in", "every"), ("in",)), "es": (("de", "cada"),)}
    for join in joins[language]:
        i = at + used
        if not used or tuple(words[i : i + len(join)]) != join or i + len(join) >= len(words):
            continue
        whole = number_at(words, i + len(join), language)
        if whole and 0 < part < whole[0] <= 10 and part == round(part):
            return 100 * part / whole[0], used + len(join) + whole[2], 100 / whole[0]
    return None


def _item(words: list[str], at: int, language: str, written: date | None) -> Item:
    candidates: list[Item] = []

    def add(role: str, value: str, used: int, **more: object) -> None:
        shown = " ".join(words[at : at + used])
        candidates.append(Item(role, value, at, used, shown, **more))  # type: ignore[arg-type]

    when = when_at(words, at, language, written)
    if when:
        add("when", when[0].kind, when[1], when=when[0])
    for table in (phrases(language), refusals(language)):
        found = table.match(words, at)
        if found:
            add(found[0].role, found[0].value, found[1])
    ordinal = _ORDINALS[language].get(words[at])
    if ordinal is None and words[at].startswith("ordinal") and words[at][7:].isdigit():
        ordinal = int(words[at][7:])
    if ordinal:
        add("ordinal", str(ordinal), 1, number=float(ordinal))
    number = number_at(words, at, language)
    fraction = _fraction_at(words, at, language)
    if fraction:
        add("fraction", f"{fraction[0]:g}", fraction[1], grain=fraction[2])
    if number:
        value, grain, used = number
        after = at + used
        if after < len(words) and words[after] in _PERCENT:
            add("percent", "", used + 1, number=value, grain=grain if grain < 1 else 1.0)
        elif words[after : after + 2] == ["por", "ciento"]:
            add("percent", "", used + 2, number=value, grain=grain if grain < 1 else 1.0)
        elif value == round(value) or words[after : after + 1] == ["times"]:
            add("count", "", used, number=value, grain=grain)
        else:  # "301.981 encounters": part of a person, or thousands written the other way
            add("unknown", "", used)
    found = passing(language).match(words, at)
    if found:
        add("pass", "", found[1])
    if words[at] in _MARKS:
        add("mark", words[at], 1)
    if words[at] in "$€£":
        add("refuse", "other_subject", 1)
    if words[at] in "?¿":
        add("refuse", "question", 1)
    if not candidates:
        add("unknown", "", 1)
    return max(candidates, key=lambda item: item.used)
