"""Charts of a solved negotiation: gains of two actors, and how often packages survive."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from caudal.bargain._phrases import in_language, phrase
from caudal.bargain._solve import Bargain

__all__ = ["acceptability_chart", "pareto_chart"]

_MOST_POINTS = 3000


def pareto_chart(bargain: Bargain, *, language: str = "en", width: int = 560, labels: int = 8) -> Any:
    """Return an Altair chart of the first two actors' gains: all packages, the zone, the Pareto set and solutions.

    Parameters
    ----------
    bargain : Bargain
        From `caudal.bargain.solve`.
    language : {"en", "es"}
        Language of titles and labels.
    width : int
        Width in pixels.
    labels : int
        How many packages of the Pareto set in the zone are labelled by what is in them, spread along it.
    """
    import altair as alt

    actors = list(bargain.negotiation.actors.items())[:2]
    (_, first), (_, second) = actors
    kinds = [phrase(key, language) for key in ("cannot", "can", "undominated")]
    frame = _points(bargain, language, kinds)
    axis = alt.Axis(tickCount=8)  # more, and their numbers run into each other
    x = alt.X("x:Q", title=phrase("axis", language, actor=in_language(first.title, language)), axis=axis)
    y = alt.Y("y:Q", title=phrase("axis", language, actor=in_language(second.title, language)))
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=["#cccccc", "#9ecae1", "#08519c"]),
        legend=alt.Legend(title=None),
    )
    dots = (
        alt.Chart(frame)
        .mark_circle(size=22)
        .encode(x=x, y=y, color=colour, tooltip=["label:N", "x:Q", "y:Q"])
    )
    zero = pl.DataFrame({"zero": [0.0]})
    rules = [
        alt.Chart(zero).mark_rule(color="#666666").encode(x="zero:Q"),
        alt.Chart(zero).mark_rule(color="#666666").encode(y="zero:Q"),
    ]
    picked = alt.Chart(_labelled(bargain, labels, language))
    marks = picked.mark_point(size=70, color="#D55E00", filled=True).encode(x=x, y=y, tooltip=["label:N"])
    numbers = picked.mark_text(dx=8, dy=-6, align="left", fontSize=11, color="#333333").encode(
        x=x, y=y, text="short:N"
    )
    return alt.layer(*rules, dots, marks, numbers).properties(
        width=width, height=round(width * 0.75), description=_alternative(bargain, language),
        title=alt.TitleParams(_finding(bargain, language), subtitle=_key(bargain, labels, language), anchor="start"),
    )  # fmt: skip


def _points(bargain: Bargain, language: str, names: list[str]) -> pl.DataFrame:
    index = np.flatnonzero(bargain.packages.allowed)
    keep = bargain.zone[index] & bargain.pareto[index]
    if len(index) > _MOST_POINTS:
        # Every k-th of the others: a picture of twenty thousand dots shows no more.
        index = np.union1d(index[keep], index[:: int(np.ceil(len(index) / _MOST_POINTS))])
    kinds = np.where(
        bargain.zone[index],
        np.where(bargain.pareto[index], names[2], names[1]),
        names[0],
    )
    return pl.DataFrame(
        {
            "x": bargain.gains[index, 0],
            "y": bargain.gains[index, 1],
            "kind": kinds,
            "label": [bargain.packages.label(int(i), language) for i in index],
        }
    )


def _chosen(bargain: Bargain, labels: int, language: str) -> dict[int, list[str]]:
    """Packages to name: the solutions, then others spread along the Pareto set."""
    named: dict[int, list[str]] = {}
    for key in ("nash", "kalai_smorodinsky", "egalitarian"):
        index = bargain.solutions[key]
        if index is not None:
            named.setdefault(index, []).append(phrase(key, language))
    along = np.flatnonzero(bargain.zone & bargain.pareto)
    along = along[np.argsort(bargain.gains[along, 0], kind="stable")]
    for i in along[np.linspace(0, len(along) - 1, min(labels, len(along))).astype(int)] if len(along) else []:
        if len(named) < labels:
            named.setdefault(int(i), [])
    return named


def _labelled(bargain: Bargain, labels: int, language: str) -> pl.DataFrame:
    named = _chosen(bargain, labels, language)
    rows = [
        (
            float(bargain.gains[i, 0]),
            float(bargain.gains[i, 1]),
            chr(65 + k),
            bargain.packages.label(i, language),
        )
        for k, i in enumerate(named)
    ]
    kinds = {"x": pl.Float64, "y": pl.Float64, "short": pl.String, "label": pl.String}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _key(bargain: Bargain, labels: int, language: str) -> list[str]:
    lines = [phrase("legend", language)]
    for k, (i, names) in enumerate(_chosen(bargain, labels, language).items()):
        whose = f" ({', '.join(names)})" if names else ""
        lines.append(f"{chr(65 + k)}{whose}: {bargain.packages.label(i, language)}")
    return lines


def _finding(bargain: Bargain, language: str) -> str:
    if bargain.recommended is None:
        return phrase("finding_none", language)
    count = int(bargain.zone.sum())
    total = int(bargain.packages.allowed.sum()) - 1
    undominated = int((bargain.zone & bargain.pareto).sum())
    return phrase("finding", language, count=f"{count:,}", total=f"{total:,}", undominated=undominated)


def _alternative(bargain: Bargain, language: str) -> str:
    if bargain.recommended is None:
        return phrase("finding_none", language) + "."
    gains = ", ".join(f"{a} {g:+.2f}" for a, g in bargain.gains_of(bargain.recommended).items())
    package = bargain.packages.label(bargain.recommended, language)
    return phrase("alternative", language, finding=_finding(bargain, language), package=package, gains=gains)


def acceptability_chart(bargain: Bargain, *, language: str = "en", width: int = 420, most: int = 12) -> Any:
    """Return an Altair bar chart of the share of draws in which packages are acceptable to all, solutions marked."""
    import altair as alt

    solutions = [i for i in dict.fromkeys(bargain.solutions.values()) if i]
    order = [int(i) for i in np.argsort(-bargain.acceptable, kind="stable") if bargain.acceptable[i] > 0]
    shown = list(dict.fromkeys([*solutions, *order]))[:most]
    shown.sort(key=lambda i: -bargain.acceptable[i])
    frame = pl.DataFrame(
        {
            "label": [bargain.packages.label(i, language) for i in shown],
            "share": [100 * float(bargain.acceptable[i]) for i in shown],
            "kind": [phrase("solution" if i in solutions else "other", language) for i in shown],
        },
        schema={"label": pl.String, "share": pl.Float64, "kind": pl.String},
    )
    title = phrase("exists", language, share=f"{100 * bargain.agreement:.0f}")
    if bargain.recommended is not None:
        share = 100 * bargain.acceptable[bargain.recommended]
        title = phrase("survives", language, share=f"{share:.0f}")
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(
            domain=[phrase("solution", language), phrase("other", language)], range=["#D55E00", "#9ecae1"]
        ),
        legend=alt.Legend(title=None),
    )
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title=phrase("share", language), scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=420)),
            color=colour,
        )
        .properties(
            width=width,
            title=alt.TitleParams(
                title, subtitle=phrase("draws", language, draws=f"{bargain.draws:,}"), anchor="start"
            ),
            description=f"{title}. " + "; ".join(f"{r[0]}: {r[1]:.0f} %" for r in frame.iter_rows()),
        )
    )
