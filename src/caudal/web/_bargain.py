"""The page of the negotiation: who wants what, which packages all could sign, and what changes if preferences do."""

from __future__ import annotations

from typing import Any

import numpy as np

from caudal import bargain
from caudal._core.charts import svg
from caudal._core.errors import CaudalError, NotKnownError, OptionError, did_you_mean
from caudal.bargain import Bargain, Negotiation
from caudal.figures import Archive
from caudal.web._ask import BargainAsked
from caudal.web._desk import Reply, status_of
from caudal.web._render import page
from caudal.web._words import Words, words

__all__ = ["bargain_page", "solved"]

_MOST_PACKAGES = 12


def solved(asked: BargainAsked) -> Bargain:
    """Return the solved negotiation of an address: a template that comes with the package, with weights changed.

    Raises
    ------
    NotKnownError
        When there is no such template. A name is never taken for a file.
    OptionError
        When a weight does not fit.
    """
    if asked.template not in bargain.templates():
        raise NotKnownError(
            f"{asked.template!r} is not a negotiation", where="template",
            remedy=did_you_mean(asked.template, bargain.templates()),
        )  # fmt: skip
    negotiation, text = bargain.load(asked.template)
    outcomes = bargain.read_table(text, asked.template) if text else None
    return bargain.solve(
        _reweighted(negotiation, asked.weight), outcomes=outcomes, draws=asked.draws, seed=asked.seed
    )


def _reweighted(negotiation: Negotiation, given: list[str]) -> Negotiation:
    """Return the negotiation with some weights set; the actor's others keep their proportions, all add up to 1."""
    wanted: dict[str, dict[str, float]] = {}
    for text in given:
        name, _, number = text.rpartition(":")
        actor, _, interest = name.partition(".")
        if actor not in negotiation.actors:
            raise OptionError(
                f"{actor[:40]!r} is not an actor",
                where="weight",
                remedy=did_you_mean(actor, negotiation.actors),
            )
        names = [one.name for one in negotiation.actors[actor].interests]
        if interest not in names:
            raise OptionError(
                f"{interest[:40]!r} is no interest of {actor}",
                where="weight",
                remedy=did_you_mean(interest, names),
            )
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if not 0 <= weight <= 1:
            raise OptionError(f"{number[:20]!r} is not a weight", where="weight", remedy="Give 0 to 1")
        wanted.setdefault(actor, {})[interest] = weight
    actors = dict(negotiation.actors)
    for actor, weights in wanted.items():
        one = actors[actor]
        total, free = sum(weights.values()), sum(i.weight for i in one.interests if i.name not in weights)
        if total > 1 + 1e-9 or (free == 0 and abs(total - 1) > 1e-9):
            raise OptionError(
                f"the weights of {actor} add up to {total:g}",
                where="weight",
                remedy="They share 1 between them",
            )
        scale = (1 - total) / free if free else 0.0
        interests = []
        for own in one.interests:
            new = weights.get(own.name, own.weight * scale)
            low, high = (new + end - own.weight for end in own.range)
            interests.append(
                own.model_copy(update={"weight": new, "range": (max(0.0, low), min(1.0, max(high, new)))})
            )
        actors[actor] = one.model_copy(update={"interests": interests})
    return negotiation.model_copy(update={"actors": actors})


def said(text: Any, language: str) -> str:
    """Return a text of a negotiation file in a language."""
    return str(text.get(language) or text.get("en", "")) if isinstance(text, dict) else str(text)


def bargain_page(_: Archive, asked: BargainAsked) -> Reply:
    """Return the page."""
    t = words(asked.lang)
    try:
        result = solved(asked)
        chosen = bargain.explain(result, asked.package, language=t.language) if asked.package else None
    except CaudalError as error:
        return page("bargain.html", "/bargain", asked, status=status_of(error), error=error, result=None)
    pareto = bargain.pareto_chart(result, language=t.language, width=620)
    shares = bargain.acceptability_chart(result, language=t.language, width=420)
    pictures = [
        svg(chart, name=name, alternative=str(chart.description), language=t.language)
        for name, chart in (("pareto", pareto), ("shares", shares))
    ]
    return page(
        "bargain.html", "/bargain", asked, error=None, result=result, pictures=pictures, said=said, chosen=chosen,
        summary=result.summary(t.language), packages=_packages(result, t.language),
        solutions=_solutions(result, t.language), influential=[
            (one, _influence(result, one.name, t)) for one in result.influential[:8]
        ],
        stated=bargain.load(asked.template)[0], changed=bool(asked.weight),
    )  # fmt: skip


def _influence(result: Bargain, name: str, t: Words) -> str:
    """Return an assumption in words: ``origin_aid``, ``sanctions=relief → encounters``, ``no deal → stranded``."""
    negotiation, language = result.negotiation, t.language

    def part(text: str) -> str:
        ask, _, degree = text.partition("=")
        if ask in negotiation.asks:
            found = negotiation.asks[ask]
            label = next((said(one.label, language) for one in found.degrees if one.name == degree), "")
            return f"{said(found.short, language)}: {label}" if label else said(found.title, language)
        if text in negotiation.outcomes:
            return said(negotiation.outcomes[text].title, language)
        return {"terms": t("the_terms"), "no deal": t("no_deal")}.get(text, text)

    return " → ".join(part(one) for one in name.split(" → "))


def _packages(result: Bargain, language: str) -> list[dict[str, Any]]:
    """Return the packages that survive most draws."""
    order = np.lexsort((-result.chosen, -result.acceptable))
    kept = [int(i) for i in order if result.acceptable[i] > 0][:_MOST_PACKAGES]
    return [{**result.package(i), "label": result.packages.label(i, language)} for i in kept]


def _solutions(result: Bargain, language: str) -> list[dict[str, Any]]:
    rows = []
    for name, index in result.solutions.items():
        if index is None:
            continue
        rows.append(
            {
                "name": name,
                "package": result.packages.name(index),
                "label": result.packages.label(index, language),
                "gains": result.gains_of(index) if index else dict.fromkeys(result.negotiation.actors, 0.0),
                "acceptable": float(result.acceptable[index]),
                "outcomes": result.outcomes_of(index),
            }
        )
    return rows
