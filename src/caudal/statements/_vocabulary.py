"""The declared vocabulary: phrases of English and Spanish and what they stand for, longest first."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from caudal._core.identifiers import identities
from caudal._core.tables import declared

__all__ = ["Entry", "Phrases", "fold", "passing", "phrases", "refusals", "rows", "words_of"]

_ROOM = "caudal.statements"
_BORDER_STATES = {"TX", "NM", "AZ", "CA"}
_AMBIGUOUS_ORIGINS = {"MEX", "USA", "GEO", "CAN", "OTHER", "UNK"}
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": " - ", "−": "-",
                         "\u00a0": " ", "\u202f": " ", "\u2009": " "})  # fmt: skip
_WORD = re.compile(r"\d[\d.,]*\d|\d|[a-z][a-z0-9.&'-]*|[^\sa-z0-9]")
_ABBREVIATED = {"u.s.", "ee.", "uu.", "ee.uu."}


def fold(text: str) -> str:
    """Return text in lower case without accents, with plain quotes and dashes."""
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES)).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """Return the words, numbers and marks of a text, folded; ``'s`` and full stops at the end of words are dropped."""
    found = []
    for word in _WORD.findall(fold(text)):
        if word[0].isalpha():
            if word not in _ABBREVIATED:
                word = word.rstrip(".'-")
            word = word.removesuffix("'s")
        found.append(word)
    return found


@dataclass(frozen=True)
class Entry:
    """What a phrase stands for."""

    role: str
    value: str


class Phrases:
    """A set of phrases that are looked up longest first."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}

    def add(self, phrase: str, entry: Entry) -> None:
        """Add a phrase; earlier entries win over later ones of the same words."""
        words = tuple(words_of(phrase))
        if words:
            self._by_first.setdefault(words[0], []).append((words, entry))

    def close(self) -> Phrases:
        """Sort so that the longest phrase comes first."""
        for found in self._by_first.values():
            found.sort(key=lambda item: -len(item[0]))
        return self

    def match(self, words: list[str], at: int) -> tuple[Entry, int] | None:
        """Return what begins at a position, and how many words it takes."""
        for phrase, entry in self._by_first.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                return entry, len(phrase)
        return None


def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of this room's declared tables."""
    return declared(_ROOM, name)


@cache
def phrases(language: str) -> Phrases:
    """Return every phrase that carries meaning in a language."""
    found = Phrases()
    for row in rows("vocabulary.csv"):
        if row["language"] == language:
            for phrase in row["phrases"].split("|"):
                found.add(phrase, Entry(row["role"], row["value"]))
    for row in rows("demonyms.csv"):
        for phrase in row[language].split("|"):
            found.add(phrase, Entry("citizenship", row["code"]))
    origins = {"en": ("from", "citizens of", "nationals of"), "es": ("de", "ciudadanos de", "originarios de")}
    for one in identities("citizenship").values():
        name = one.name_es if language == "es" else one.name_en
        for origin in origins[language]:
            # "From Mexico" is also where everybody crosses from; "from Georgia" may be a state.
            if " " in origin or one.code not in _AMBIGUOUS_ORIGINS:
                found.add(f"{origin} {name}", Entry("citizenship", one.code))
    for one in identities("sector").values():
        name = one.name_en.removesuffix(" Sector")
        for shape in (
            f"{name} sector",
            f"sector {name}",
            f"sector de {name}",
            f"{name} border patrol sector",
        ):
            found.add(shape, Entry("area", one.code))
        found.add(name, Entry("area?", one.code))
    for one in identities("state").values():
        if one.code not in _BORDER_STATES:
            continue  # "Washington" and "Georgia" mean more often something else
        found.add(one.name_es if language == "es" else one.name_en, Entry("state", one.code))
    return found.close()


@cache
def refusals(language: str) -> Phrases:
    """Return the phrases at which a sentence is not checked, each with the reason."""
    found = Phrases()
    for row in rows("refusals.csv"):
        if row["language"] == language:
            for phrase in row["phrases"].split("|"):
                found.add(phrase, Entry("refuse", row["reason"]))
    return found.close()


@cache
def passing(language: str) -> Phrases:
    """Return the words that may stand anywhere without changing what is said."""
    found = Phrases()
    for row in rows("passing.csv"):
        if row["language"] == language:
            for phrase in row["phrases"].split("|"):
                found.add(phrase, Entry("pass", ""))
    return found.close()
