"""Poll figures in a sentence: a percentage that approves or disapproves, whose, of whom, when."""

from __future__ import annotations

import re
from datetime import date

from caudal.statements._numbers import number_at
from caudal.statements._types import Poll
from caudal.statements._vocabulary import fold, words_of
from caudal.statements._when import when_at

__all__ = ["polls_in"]

_WORDS = re.compile(r"\b(dis)?approv|\b(des)?aprueb|\b(des)?aproba")
_PERCENT = {"%", "percent", "pct"}
_DOUBT = re.compile(r"\b(if|would|could|may|might|expected|si|podria|will)\b")
_NEAR = re.compile(
    r"\b(this week|last week|on (mon|tues|wednes|thurs|fri|satur|sun)day|released|published|new|latest"
    r"|esta semana|nueva)\b"
)


def polls_in(text: str, language: str, written: date | None) -> list[Poll]:
    """Return the poll figures a sentence quotes; empty where it quotes none."""
    plain = fold(text)
    if not _WORDS.search(plain) or _DOUBT.search(plain) or "?" in plain:
        return []
    from caudal import opinion

    words = words_of(text)
    day = _day(words, language, written)
    figures = _in_figures(words, language)
    found = []
    for claim in opinion.read_claim(figures):
        stated = claim.day or day
        if stated is None and written is not None and _NEAR.search(plain):
            stated = written
        found.append(Poll(claim.percent, claim.answer, claim.pollster, claim.issue, claim.group, stated))
    return found


def _day(words: list[str], language: str, written: date | None) -> date | None:
    for at in range(len(words)):
        when = when_at(words, at, language, written)
        if when and when[0].kind == "day":
            return when[0].day
    return None


def _in_figures(words: list[str], language: str) -> str:
    """Return the sentence with percentages in figures ("sixty-nine percent" as "69 percent")."""
    out: list[str] = []
    at = 0
    while at < len(words):
        number = number_at(words, at, language)
        if number:
            value, _, used = number
            after = words[at + used : at + used + 2]
            if after[:1] and (after[0] in _PERCENT or after == ["por", "ciento"]):
                out.append(f"{value:g}")
                at += used
                continue
        out.append(words[at])
        at += 1
    return " ".join(out).replace(" %", "%")
