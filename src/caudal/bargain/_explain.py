"""Explain one package: what each side gains from it and why, and what would have to be different."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.bargain._phrases import in_language, phrase
from caudal.bargain._solve import Bargain

__all__ = ["explain"]


def explain(bargain: Bargain, package: str, *, language: str = "en") -> dict[str, Any]:
    """Return what a package gives to whom, and why.

    Parameters
    ----------
    bargain : Bargain
        From `caudal.bargain.solve`.
    package : str
        ``ask=degree,…`` in any order, or ``no-deal``.
    language : {"en", "es"}
        Language of the verdict, the label and what linkage forbids.

    Returns
    -------
    dict
        What `Bargain.package` gives, and ``by_interest`` (each actor's gain split over its interests, exact),
        ``without`` (each actor's change if a term is left out), ``missing`` (linkage that forbids it), ``better``
        (packages all prefer, at most five) and ``verdict``.

    Raises
    ------
    OptionError
        For an unknown ask or degree, or another language.
    """
    packages, n = bargain.packages, bargain.negotiation
    index = packages.index(package)
    actors = list(n.actors)
    parts = bargain.point.parts(packages)
    by_interest = {
        key: {i.name: round(float(parts[key][index, k]), 4) for k, i in enumerate(actor.interests)}
        | {"margin asked": round(-float(bargain.point.preferences[key].margin), 4)}
        for key, actor in n.actors.items()
    }
    without = {}
    for column in np.flatnonzero(packages.degree[index]):
        degree = packages.degree[index].copy()
        degree[column] = 0
        other = int(np.flatnonzero((packages.degree == degree).all(axis=1))[0])
        change = bargain.gains[other] - bargain.gains[index]
        name = f"{list(n.asks)[column]}={packages.contents(index)[list(n.asks)[column]]}"
        without[name] = {a: round(float(c), 4) for a, c in zip(actors, change, strict=True)}
    gains = bargain.gains[index]
    dominating = (
        packages.allowed & (bargain.gains >= gains).all(axis=1) & (bargain.gains > gains + 1e-12).any(axis=1)
    )
    order = np.flatnonzero(dominating)
    order = order[np.argsort(-bargain.gains[order].min(axis=1), kind="stable")][:5]
    return {
        **bargain.package(index),
        "label": packages.label(index, language),
        "verdict": _verdict(bargain, index, language),
        "by_interest": by_interest,
        "without": without,
        "missing": _missing(bargain, index, language),
        "better": [packages.name(int(i)) for i in order],
        "evidence": {
            f"{term} → {name}": said
            for term in packages.name(index).split(",")
            for name in bargain.outcomes.names
            if (said := bargain.outcomes.evidence.get((term, name)))
        },
    }


def _missing(bargain: Bargain, index: int, language: str) -> list[str]:
    asks = bargain.negotiation.asks
    at = dict(zip(asks, bargain.packages.degree[index], strict=True))

    def number(ask: str, name: str) -> int:
        return [d.name for d in asks[ask].degrees].index(name)

    return [
        phrase("only_if", language, term=f"{link.ask}={link.from_}", other=f"{ask}={name}")
        + (f" ({link.reason})" if link.reason else "")
        for link in bargain.negotiation.links
        if at[link.ask] >= number(link.ask, link.from_)
        for ask, name in link.requires.items()
        if at[ask] < number(ask, name)
    ]


def _verdict(bargain: Bargain, index: int, language: str) -> str:
    if index == 0:
        return phrase("verdict_no_deal", language)
    if not bargain.packages.allowed[index]:
        return phrase("verdict_not_allowed", language, missing="; ".join(_missing(bargain, index, language)))
    titles = [in_language(actor.title, language) for actor in bargain.negotiation.actors.values()]
    against = [t for t, g in zip(titles, bargain.gains[index], strict=True) if g < -1e-12]
    if against:
        key = "verdict_against" if len(against) == 1 else "verdict_against_all"
        return phrase(key, language, actors=_listed(against, language))
    if not bargain.zone[index]:
        return phrase("verdict_nobody", language)
    best = [key for key, i in bargain.solutions.items() if i == index and key != "issue_by_issue"]
    more = ""
    if best:
        more = phrase("verdict_is_solution", language, names=", ".join(phrase(b, language) for b in best))
    elif not bargain.pareto[index]:
        more = phrase("verdict_dominated", language)
    return phrase("verdict_agreed", language, more=more, share=f"{bargain.acceptable[index]:.0%}")


def _listed(names: list[str], language: str) -> str:
    if len(names) == 1:
        return names[0]
    return phrase("and", language, first=", ".join(names[:-1]), last=names[-1])
