"""What a sentence that quotes a poll says besides the figure: whom it asked, about whom, and how exact it is.

A figure of women, of those who *strongly* disapprove, of Congress's handling, is another figure than the one the
archive holds; such sentences are not read, so that nothing is called true or false that is about something else.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Qualifier", "fits", "is_about_the_president", "president_in", "qualifier_before"]

Qualifier = Literal["exact", "more", "less", "about", "nearly"]

_DENIED = re.compile(r"\b(?:not|never|neither|nor|no|ni|nunca|tampoco|(?:do|does|did)n't)\b")
_OTHER_ANSWER = re.compile(
    r"\b(?:strongly|somewhat|firmly|net|combined|double|fuertemente|totalmente|firmemente|neta|neto)\b"
)
_EVERYBODY = {
    "americans", "adults", "respondents", "people", "those", "them", "public", "country", "nation", "participants",
    "democrats", "republicans", "independents", "democratas", "demócratas", "republicanos", "independientes",
    "estadounidenses", "encuestados", "adultos", "personas", "población", "poblacion", "who", "quienes",
}  # fmt: skip
_FILLING = r"(?:(?:all|the|us|u\.?s\.?|american|surveyed|polled|los|las|la|todos|de) )*"
_OF_WHOM = re.compile(rf"(?:%|per\s?cent|por ciento) (?:of|among|de|entre) {_FILLING}([\w.]+)")
_AMONG = re.compile(rf"\b(?:among|entre) {_FILLING}([\w.]+)")
_GROUP = re.compile(
    r"\b(?:women|men|latin[oa]s?|hispanics?|hispan[oa]s|whites?|blacks?|asians?|youth|young(?:er)?|seniors|parents"
    r"|catholics?|evangelicals?|texans|californians|arizonans|suburban|rural|urban|college|voters|electorate|votantes"
    r"|electores|mujeres|hombres|jóvenes|jovenes|católicos|catolicos)\b"
)
_HIM = {
    "biden", "trump", "obama", "president", "presidents", "administration", "house", "his", "he", "joe", "donald",
    "the", "of", "on", "overall", "mr", "current", "its", "government", "their",
}  # fmt: skip
_WHOSE = re.compile(r"([\w.]+)(?:['’]s|s['’])? (?:\w+ )?(?:handling|management|approach|performance|job)\b")
_HOW = re.compile(r"\bhow (?:the |former |u\.?s\.? )?([\w.]+)")
_OTHERS = re.compile(
    r"\b(?:congress|senate|lawmakers|gov|governor|mayor|mayors|court|courts|abbott|desantis|newsom|mayorkas|noem|homan"
    r"|harris|vance|mcconnell|johnson|schumer|obrador|sheinbaum|congreso|senado|gobernador|alcalde|parties|party)\b"
)
_OBJECT = re.compile(r"approv(?:e|es|ed|al|ing) of |approval rating|job rating|aprobación|aprobacion")

_QUALIFIERS: tuple[tuple[str, Qualifier], ...] = (
    (
        r"(?:more than|over|upwards? of|at least|above|más del?|mas del?|por encima del?|al menos(?: el)?)",
        "more",
    ),
    (r"(?:fewer than|less than|under|below|at most|up to|menos del?|por debajo del?)", "less"),
    (r"(?:nearly|almost|just under|close to|casi(?: el)?)", "nearly"),
    (r"(?:about|around|roughly|some|approximately|alrededor del?|cerca del?|en torno al?)", "about"),
)


def is_about_the_president(low: str, *, issue_named: bool) -> bool:
    """Return whether a sentence, in lower case, gives a share of everybody or of a party, on the president."""
    if _DENIED.search(low) or _OTHER_ANSWER.search(low) or _GROUP.search(low) or _OTHERS.search(low):
        return False
    if any(found[1] not in _EVERYBODY for pattern in (_OF_WHOM, _AMONG) for found in pattern.finditer(low)):
        return False
    if any(found[1].rstrip(".") not in _HIM for pattern in (_WHOSE, _HOW) for found in pattern.finditer(low)):
        return False
    return issue_named or not _OBJECT.search(low)


def president_in(low: str) -> str | None:
    """Return the one president a sentence names, or None."""
    named = {name for name in ("biden", "trump", "obama") if re.search(rf"\b{name}\b", low)}
    return named.pop().capitalize() if len(named) == 1 else None


def qualifier_before(low: str, at: int) -> Qualifier:
    """Return how exact the number that begins at a position is said to be."""
    before = low[:at].rstrip()
    for words, qualifier in _QUALIFIERS:
        if re.search(rf"\b{words}$", before):
            return qualifier
    return "exact"


def fits(stated: float, qualifier: Qualifier, published: float, rounding: float) -> bool | None:
    """Return whether a published percentage fits what was stated; None where that is a matter of judgement."""
    off = published - stated
    match qualifier:
        case "more":
            return off > 0 or (None if off >= -rounding else False)
        case "less":
            return off < 0 or (None if off <= rounding else False)
        case "nearly":
            return -3 <= off < 0 or (None if -5 <= off <= rounding else False)
        case "about":
            return abs(off) <= 1.5 or (None if abs(off) <= 4 else False)
        case _:
            return abs(off) <= rounding
