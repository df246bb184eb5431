"""Poll figures in a sentence: a percentage that approves or disapproves, whose, of whom, when."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from caudal.statements._numbers import number_at
from caudal.statements._types import Poll
from caudal.statements._vocabulary import fold, words_of
from caudal.statements._when import when_at

__all__ = ["polls_in", "quotes_a_poll"]

_WORDS = re.compile(r"\b(dis)?approv|\b(des)?aprueb|\b(des)?aproba")
_PERCENT = {"%", "percent", "pct"}
_PERCENTS = re.compile(r"\d\s*(?:%|percent|por ciento)")
_DOUBT = re.compile(r"\b(if|would|could|may|might|expected|si|podria|will)\b")
_NEAR = re.compile(
    r"\b(this week|last week|on (mon|tues|wednes|thurs|fri|satur|sun)day|released|published|new|latest"
    r"|esta semana|nueva)\b"
)


def polls_in(text: str, language: str, written: date | None) -> list[Poll]:
    """Return the poll figures a sentence quotes; empty where it quotes none."""
    text = re.sub(r"\bper cent\b", "percent", text, flags=re.IGNORECASE)
    plain = fold(text)
    if not _WORDS.search(plain) or _DOUBT.search(plain) or "?" in plain:
        return []
    from caudal import opinion

    words = words_of(text)
    day = _day(words, language, written)
    figures = _in_figures(words, language)
    found = []
    claims = opinion.read_claim(figures)
    pairs = _pairs(words_of(figures))
    if len(claims) == 1 and len(pairs) > 1 and claims[0].percent in [percent for percent, _ in pairs]:
        claims = [replace(claims[0], percent=percent, answer=answer) for percent, answer in pairs]
    elif len(claims) == 1 and not pairs and len(_PERCENTS.findall(figures)) > 1:
        return []  # several figures, and no telling which of them approves
    for claim in claims:
        stated = claim.day or day
        if stated is None and written is not None and _NEAR.search(plain):
            stated = written
        found.append(
            Poll(claim.percent, claim.answer, claim.pollster, claim.issue, claim.group, stated, claim.qualifier,
                 claim.president, written)
        )  # fmt: skip
    return found


def quotes_a_poll(text: str) -> bool:
    """Return whether a sentence gives a share that approves or disapproves, read or not."""
    plain = fold(text)
    return bool(_PERCENTS.search(plain) and re.search(r"disapprov|approve of|approval|desaprueb", plain))


def _pairs(words: list[str]) -> list[tuple[float, str]]:
    """Return each percentage with its answer, where there are as many of one as of the other, in turn."""
    percents = [
        i for i, word in enumerate(words[:-1]) if word[0].isdigit() and words[i + 1] in (*_PERCENT, "por")
    ]
    answers = [i for i, word in enumerate(words) if _WORDS.match(word)]
    if len(percents) != len(answers):
        return []
    order = sorted([*((i, "p") for i in percents), *((i, "a") for i in answers)])
    if any(order[i][1] == order[i + 1][1] for i in range(0, len(order) - 1, 2)):
        return []
    against = re.compile(r"dis|desap")
    return [
        (float(words[p].replace(",", ".")), "disapprove" if against.match(words[a]) else "approve")
        for p, a in zip(percents, answers, strict=True)
    ]


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
