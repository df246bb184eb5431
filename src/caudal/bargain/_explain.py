"""Explain one package: what each side gains from it and why, and what would have to be different."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal.bargain._phrases import in_language
from caudal.bargain._solve import Bargain

__all__ = ["explain"]


def explain(bargain: Bargain, package: str) -> dict[str, Any]:
    """Return what a package gives to whom, and why.

    Parameters
    ----------
    bargain : Bargain
        From `caudal.bargain.solve`.
    package : str
        ``ask=degree,…`` in any order, or ``no-deal``.

    Returns
    -------
    dict
        What `Bargain.package` gives, and ``by_interest`` (each actor's gain split over its interests, exact),
        ``without`` (each actor's change if a term is left out), ``missing`` (linkage that forbids it), ``better``
        (packages all prefer, at most five) and ``verdict``.

    Raises
    ------
    OptionError
        For an unknown ask or degree.
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
        "verdict": _verdict(bargain, index),
        "by_interest": by_interest,
        "without": without,
        "missing": _missing(bargain, index),
        "better": [packages.name(int(i)) for i in order],
        "evidence": {
            f"{term} → {name}": said
            for term in packages.name(index).split(",")
            for name in bargain.outcomes.names
            if (said := bargain.outcomes.evidence.get((term, name)))
        },
    }


def _missing(bargain: Bargain, index: int) -> list[str]:
    asks = bargain.negotiation.asks
    at = dict(zip(asks, bargain.packages.degree[index], strict=True))

    def number(ask: str, name: str) -> int:
        return [d.name for d in asks[ask].degrees].index(name)

    return [
        f"{link.ask}={link.from_} only if {ask}={name}" + (f" ({link.reason})" if link.reason else "")
        for link in bargain.negotiation.links
        if at[link.ask] >= number(link.ask, link.from_)
        for ask, name in link.requires.items()
        if at[ask] < number(ask, name)
    ]


def _verdict(bargain: Bargain, index: int) -> str:
    if index == 0:
        return "No deal: what every actor compares with."
    if not bargain.packages.allowed[index]:
        return "Not allowed: " + "; ".join(_missing(bargain, index)) + "."
    titles = [in_language(actor.title, "en") for actor in bargain.negotiation.actors.values()]
    against = [t for t, g in zip(titles, bargain.gains[index], strict=True) if g < -1e-12]
    if against:
        return f"No agreement: {' and '.join(against)} would be better off without a deal."
    if not bargain.zone[index]:
        return "No agreement: nobody is better off than without a deal."
    best = [key for key, i in bargain.solutions.items() if i == index and key != "issue_by_issue"]
    said = "Could be agreed at the stated assumptions"
    if best:
        said += f", and is the solution of {', '.join(b.replace('_', '-') for b in best)}"
    elif not bargain.pareto[index]:
        said += ", but another package is better for all"
    return f"{said}; acceptable to all in {bargain.acceptable[index]:.0%} of weightings and evidence draws."
