"""Times that sentences name: months, fiscal and calendar years, parts of them, and what is relative to a day.

A month without a year takes the year of a month named beside it, else the last such month before the day the sentence
was written; without either it stays open, and the sentence is not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from caudal._core.dates import add_months, fiscal_year
from caudal.statements._numbers import number_at
from caudal.statements._span import MONTHS, Span, calendar_year, fiscal, month
from caudal.statements._vocabulary import fold

__all__ = ["When", "when_at"]

_NAMES = {
    "en": {fold(name): i for i, name in enumerate(MONTHS["en"], 1)}
    | {fold(name[:3]): i for i, name in enumerate(MONTHS["en"], 1) if name != "May"}
    | {"sept": 9},
    "es": {name: i for i, name in enumerate(MONTHS["es"], 1)} | {"setiembre": 9},
}
_FISCAL = {
    "en": (("fiscal", "year"), ("fiscal",), ("fy",), ("financial", "year"), ("budget", "year")),
    "es": (("ano", "fiscal"), ("ejercicio", "fiscal"), ("af",)),
}
_FISCAL_BEFORE: tuple[tuple[str, ...], ...] = (
    ("the", "previous", "fiscal", "year"), ("the", "prior", "fiscal", "year"), ("previous", "fiscal", "year"),
    ("prior", "fiscal", "year"), ("el", "ano", "fiscal", "anterior"), ("ano", "fiscal", "anterior"),
)  # fmt: skip
#: Words after which "may" and "mar" are months.
_BEFORE_MONTHS = ("in", "to", "from", "between", "and", "of", "since", "through", "than")
#: Words before "May" in "the highest May"; "the largest may be yet to come" is told apart by what follows.
_BEFORE_MAY = (
    "highest",
    "lowest",
    "busiest",
    "largest",
    "biggest",
    "smallest",
    "any",
    "every",
    "last",
    "previous",
)
_AFTER_MODAL = ("be", "have", "not", "well", "also", "come", "still", "yet", "already", "even")
_SAME: tuple[tuple[str, ...], ...] = (
    ("same", "period", "of"), ("same", "quarter", "of"), ("same", "months", "of"), ("mismo", "periodo", "del"),
    ("mismo", "periodo", "de"), ("mismo", "trimestre", "del"),
)  # fmt: skip
_QUARTERS = {"first": 0, "second": 3, "third": 6, "fourth": 9, "primer": 0, "segundo": 3, "tercer": 6, "cuarto": 9,
             "primeros": 0}  # fmt: skip


@dataclass(frozen=True)
class When:
    """A time as named: complete (``span``), a month without its year, or relative to another one.

    ``kind``: ``span``, ``bare_month`` (``number`` says which), ``year_before`` (the same period a year earlier),
    ``month_before``, ``same_period`` (of the fiscal year in ``span``), ``day`` (a single day), ``ago`` (``number``
    of years).
    """

    kind: str
    span: Span | None = None
    number: int = 0
    day: date | None = None
    more: bool = False


def when_at(words: list[str], at: int, language: str, written: date | None) -> tuple[When, int] | None:
    """Return the time that begins at a position and how many words it takes, or None."""
    for rule in (_part_of_year, _relative, _fiscal, _month, _year):
        found = rule(words, at, language, written)
        if found:
            return found
    return None


def _is_year(word: str) -> bool:
    return bool(re.fullmatch(r"(19|20)\d\d", word))


def _starts(words: list[str], at: int, *phrase: str) -> bool:
    return tuple(words[at : at + len(phrase)]) == phrase


def _fiscal(words: list[str], at: int, language: str, written: date | None) -> tuple[When, int] | None:
    glued = re.fullmatch(r"(?:fy|af)'?(\d{2}|\d{4})", words[at])
    if glued:
        return When("span", fiscal(_full(glued[1]))), 1
    for phrase in _FISCAL[language]:
        if not _starts(words, at, *phrase):
            continue
        i = at + len(phrase)
        if i < len(words) and words[i] == "de":
            i += 1
        if i < len(words) and (_is_year(words[i]) or (phrase == ("fy",) and re.fullmatch(r"\d\d", words[i]))):
            return When("span", fiscal(_full(words[i]))), i - at + 1
    if written is not None:
        for ended in (("last", "fiscal", "year"), ("ano", "fiscal", "pasado")):
            if _starts(words, at, *ended):
                return When("span", fiscal(fiscal_year(written) - 1)), len(ended)
    for before in _FISCAL_BEFORE:
        if _starts(words, at, *before):
            return When("year_before"), len(before)
    return None


def _full(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(words: list[str], at: int, language: str, written: date | None) -> tuple[When, int] | None:
    number = _NAMES[language].get(words[at])
    if language == "es" and words[at].isdigit() and len(words[at]) <= 2 and _starts(words, at + 1, "de"):
        inner = _NAMES["es"].get(words[at + 2]) if at + 2 < len(words) else None
        if inner:  # 18 de diciembre de 2023
            year = _after(words, at + 3, ("de", "del"))
            return _day(
                year[0] if year else None, inner, int(words[at]), 3 + (year[1] if year else 0), written
            )
    if language == "en" and words[at].isdigit() and len(words[at]) <= 2 and at + 1 < len(words):
        inner = _NAMES["en"].get(words[at + 1])
        if inner and at + 2 < len(words) and _is_year(words[at + 2]):  # 18 December 2023
            return _day(int(words[at + 2]), inner, int(words[at]), 3, written)
    if number is None:
        return None
    doubtful = words[at] in ("may", "mar") and not (at + 1 < len(words) and _is_year(words[at + 1]))
    superlative = (
        at > 0 and words[at - 1] in _BEFORE_MAY and words[at + 1 : at + 2] not in [[w] for w in _AFTER_MODAL]
    )
    if doubtful and not superlative and (at == 0 or words[at - 1] not in _BEFORE_MONTHS):
        return None
    if language == "en" and at + 1 < len(words) and re.fullmatch(r"\d{1,2}", words[at + 1]):
        i = at + 2
        if i < len(words) and words[i] == ",":
            i += 1
        year_here = i < len(words) and _is_year(words[i])
        used = i - at + 1 if year_here else 2
        return _day(int(words[i]) if year_here else None, number, int(words[at + 1]), used, written)
    year = _after(words, at + 1, ("de", "del", "of", ","))
    if year:
        return When("span", month(year[0], number)), 1 + year[1]
    if written is not None and _starts(words, at + 1, "of", "last", "year"):
        return When("span", month(written.year - 1, number)), 4
    if written is not None and _starts(words, at + 1, "del", "ano", "pasado"):
        return When("span", month(written.year - 1, number)), 4
    return When("bare_month", number=number), 1


def _day(year: int | None, number: int, day: int, used: int, written: date | None) -> tuple[When, int]:
    if year is None and written is not None:
        year = written.year if (number, day) <= (written.month, written.day) else written.year - 1
    try:
        found = date(year, number, day) if year else None
    except ValueError:
        found = None
    return When("day", day=found), used


def _after(words: list[str], at: int, joiners: tuple[str, ...]) -> tuple[int, int] | None:
    """Return the year that follows, past a joining word, and how many words that took."""
    used = 1 if at < len(words) and words[at] in joiners else 0
    if at + used < len(words) and _is_year(words[at + used]):
        return int(words[at + used]), used + 1
    return None


def _year(words: list[str], at: int, language: str, written: date | None) -> tuple[When, int] | None:
    for phrase in (("calendar", "year"), ("the", "year"), ("ano", "calendario"), ("el", "ano")):
        if _starts(words, at, *phrase) and at + 2 < len(words) and _is_year(words[at + 2]):
            return When("span", calendar_year(int(words[at + 2]))), 3
    iso = words[at + 1 : at + 3]
    if _is_year(words[at]) and len(iso) == 2 and iso[0] == "-" and re.fullmatch(r"0[1-9]|1[0-2]", iso[1]):
        return When("span", month(int(words[at]), int(iso[1]))), 3
    if _is_year(words[at]):
        return When("span", calendar_year(int(words[at]))), 1
    return None


def _relative(words: list[str], at: int, language: str, written: date | None) -> tuple[When, int] | None:
    fixed: tuple[tuple[tuple[str, ...], str], ...] = (
        (("a", "year", "earlier"), "year_before"), (("a", "year", "before"), "year_before"),
        (("a", "year", "ago"), "year_before"), (("the", "year", "before"), "year_before"),
        (("the", "previous", "year"), "year_before"), (("one", "year", "earlier"), "year_before"),
        (("the", "same", "month", "a", "year", "earlier"), "year_before"),
        (("the", "same", "month", "last", "year"), "year_before"),
        (("the", "same", "month", "of", "the", "previous", "year"), "year_before"),
        (("year", "over", "year"), "year_before"), (("year-over-year",), "year_before"),
        (("un", "ano", "antes"), "year_before"), (("el", "ano", "anterior"), "year_before"),
        (("ano", "anterior"), "year_before"), (("hace", "un", "ano"), "year_before"),
        (("el", "mismo", "mes", "del", "ano", "anterior"), "year_before"),
        (("mismo", "mes", "del", "ano", "anterior"), "year_before"),
        (("previous", "month"), "month_before"), (("month", "before"), "month_before"),
        (("month", "earlier"), "month_before"), (("prior", "month"), "month_before"),
        (("mes", "anterior"), "month_before"), (("mes", "previo"), "month_before"),
    )  # fmt: skip
    for phrase, kind in sorted(fixed, key=lambda item: -len(item[0])):
        if _starts(words, at, *phrase):
            return When(kind), len(phrase)
    for phrase in _IN_YEARS:
        if not _starts(words, at, *phrase):
            continue
        stated = _years_at(words, at + len(phrase), language)
        if stated:
            return When("ago", number=stated[0], more=len(phrase) > 1), len(phrase) + stated[1]
    if written is None:
        return None
    this = written.replace(day=1)
    for phrase, back in ((("last", "month"), 1), (("el", "mes", "pasado"), 1), (("mes", "pasado"), 1)):
        if _starts(words, at, *phrase):
            return When("span", Span(add_months(this, -back))), len(phrase)
    for phrase in (("last", "year"), ("el", "ano", "pasado"), ("ano", "pasado")):
        if _starts(words, at, *phrase):
            return When("span", calendar_year(written.year - 1)), len(phrase)
    return None


#: "In four years", "in more than four years"; the longer ones take the year named in.
_IN_YEARS: tuple[tuple[str, ...], ...] = (
    ("in", "more", "than"), ("in", "at", "least"), ("in", "over"), ("in",),
    ("en", "mas", "de"), ("en", "al", "menos"), ("en",),
)  # fmt: skip


def _years_at(words: list[str], at: int, language: str) -> tuple[int, int] | None:
    """Return the years that "four years", "a decade", "two decades" stand for, and how many words they take."""
    one = words[at : at + 2]
    if one in (["a", "decade"], ["una", "decada"]):
        return 10, 2
    stated = number_at(words, at, language) if at < len(words) else None
    if not stated:
        return None
    unit = words[at + stated[2]] if at + stated[2] < len(words) else ""
    years = stated[0] * (10 if unit in ("decades", "decadas") else 1)
    if unit in ("years", "anos", "decades", "decadas") and 1 < years < 60:
        return int(years), stated[2] + 1
    return None


def _part_of_year(words: list[str], at: int, language: str, written: date | None) -> tuple[When, int] | None:
    """Read "first quarter of fiscal year 2024", "first three months of …", "same period of fiscal year 2023"."""
    same = next((len(phrase) for phrase in _SAME if _starts(words, at, *phrase)), 0)
    if same and at + same < len(words):
        year = _fiscal(words, at + same, language, written) or _year(words, at + same, language, written)
        if year:
            return When("same_period", year[0].span), same + year[1]
    if words[at] not in _QUARTERS:
        return None
    i = at + 1
    months = None
    if i < len(words) and words[i] in ("quarter", "trimestre"):
        months, start = 3, _QUARTERS[words[at]]
        i += 1
    elif i < len(words) and words[at] in ("first", "primeros") and words[i] != "half":
        stated = number_at(words, i, language)
        if stated and i + stated[2] < len(words) and words[i + stated[2]] in ("months", "meses"):
            months, start, i = int(stated[0]), 0, i + stated[2] + 1
    elif (
        i < len(words)
        and words[i] in ("half", "semestre")
        and words[at] in ("first", "second", "primer", "segundo")
    ):
        months, start, i = 6, 0 if words[at] in ("first", "primer") else 6, i + 1
    if months is None or not 1 <= months <= 11 or i >= len(words) or words[i] not in ("of", "de", "del"):
        return None
    i += 1
    if i >= len(words):
        return None
    year = _fiscal(words, i, language, written) or _year(words, i, language, written)
    if year is None or year[0].span is None:
        return None
    first = add_months(year[0].span.first, start)
    return When("span", Span(first, months)), i - at + year[1]
