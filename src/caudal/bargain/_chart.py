"""Charts of a solved negotiation: gains of two actors, and how often packages survive."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from caudal.bargain._solve import Bargain

__all__ = ["acceptability_chart", "pareto_chart"]

_NAMES = {"nash": "Nash", "kalai_smorodinsky": "Kalai–Smorodinsky", "egalitarian": "egalitarian"}
_MOST_POINTS = 3000


def pareto_chart(bargain: Bargain, *, width: int = 560, labels: int = 8) -> Any:
    """Return an Altair chart of the first two actors' gains: all packages, the zone, the Pareto set and solutions.

    Parameters
    ----------
    bargain : Bargain
        From `caudal.bargain.solve`.
    width : int
        Width in pixels.
    labels : int
        How many packages of the Pareto set in the zone are labelled by what is in them, spread along it.
    """
    import altair as alt

    actors = list(bargain.negotiation.actors.items())[:2]
    (_, first), (_, second) = actors
    frame = _points(bargain)
    x = alt.X("x:Q", title=f"{first.title}: gain over no deal")
    y = alt.Y("y:Q", title=f"{second.title}: gain over no deal")
    kinds = ["cannot be agreed", "can be agreed", "can be agreed, undominated"]
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
    picked = alt.Chart(_labelled(bargain, labels))
    marks = picked.mark_point(size=70, color="#D55E00", filled=True).encode(x=x, y=y, tooltip=["label:N"])
    numbers = picked.mark_text(dx=8, dy=-6, align="left", fontSize=11, color="#333333").encode(
        x=x, y=y, text="short:N"
    )
    return alt.layer(*rules, dots, marks, numbers).properties(
        width=width, height=round(width * 0.75), description=_alternative(bargain),
        title=alt.TitleParams(_finding(bargain), subtitle=_key(bargain, labels), anchor="start"),
    )  # fmt: skip


def _points(bargain: Bargain) -> pl.DataFrame:
    index = np.flatnonzero(bargain.packages.allowed)
    keep = bargain.zone[index] & bargain.pareto[index]
    if len(index) > _MOST_POINTS:
        # Every k-th of the others: a picture of twenty thousand dots shows no more.
        index = np.union1d(index[keep], index[:: int(np.ceil(len(index) / _MOST_POINTS))])
    kinds = np.where(
        bargain.zone[index],
        np.where(bargain.pareto[index], "can be agreed, undominated", "can be agreed"),
        "cannot be agreed",
    )
    return pl.DataFrame(
        {
            "x": bargain.gains[index, 0],
            "y": bargain.gains[index, 1],
            "kind": kinds,
            "label": [bargain.packages.label(int(i)) for i in index],
        }
    )


def _chosen(bargain: Bargain, labels: int) -> dict[int, list[str]]:
    """Packages to name: the solutions, then others spread along the Pareto set."""
    named: dict[int, list[str]] = {}
    for key, title in _NAMES.items():
        index = bargain.solutions[key]
        if index is not None:
            named.setdefault(index, []).append(title)
    along = np.flatnonzero(bargain.zone & bargain.pareto)
    along = along[np.argsort(bargain.gains[along, 0], kind="stable")]
    for i in along[np.linspace(0, len(along) - 1, min(labels, len(along))).astype(int)] if len(along) else []:
        if len(named) < labels:
            named.setdefault(int(i), [])
    return named


def _labelled(bargain: Bargain, labels: int) -> pl.DataFrame:
    named = _chosen(bargain, labels)
    rows = [
        (float(bargain.gains[i, 0]), float(bargain.gains[i, 1]), chr(65 + k), bargain.packages.label(i))
        for k, i in enumerate(named)
    ]
    kinds = {"x": pl.Float64, "y": pl.Float64, "short": pl.String, "label": pl.String}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _key(bargain: Bargain, labels: int) -> list[str]:
    lines = ["Utility over no deal at the stated assumptions; grey: one side would refuse"]
    for k, (i, names) in enumerate(_chosen(bargain, labels).items()):
        whose = f" ({', '.join(names)})" if names else ""
        lines.append(f"{chr(65 + k)}{whose}: {bargain.packages.label(i)}")
    return lines


def _finding(bargain: Bargain) -> str:
    if bargain.recommended is None:
        return "No package leaves every side better off than no deal"
    count = int(bargain.zone.sum())
    total = int(bargain.packages.allowed.sum()) - 1
    undominated = int((bargain.zone & bargain.pareto).sum())
    return f"{count:,} of {total:,} packages could be agreed; {undominated} are undominated"


def _alternative(bargain: Bargain) -> str:
    if bargain.recommended is None:
        return bargain.why
    gains = ", ".join(f"{a} {g:+.2f}" for a, g in bargain.gains_of(bargain.recommended).items())
    return f"{_finding(bargain)}. Nash solution: {bargain.packages.label(bargain.recommended)} ({gains})."


def acceptability_chart(bargain: Bargain, *, width: int = 420, most: int = 12) -> Any:
    """Return an Altair bar chart of the share of draws in which packages are acceptable to all, solutions marked."""
    import altair as alt

    solutions = [i for i in dict.fromkeys(bargain.solutions.values()) if i]
    order = [int(i) for i in np.argsort(-bargain.acceptable, kind="stable") if bargain.acceptable[i] > 0]
    shown = list(dict.fromkeys([*solutions, *order]))[:most]
    shown.sort(key=lambda i: -bargain.acceptable[i])
    frame = pl.DataFrame(
        {
            "label": [bargain.packages.label(i) for i in shown],
            "share": [100 * float(bargain.acceptable[i]) for i in shown],
            "kind": ["solution" if i in solutions else "other" for i in shown],
        },
        schema={"label": pl.String, "share": pl.Float64, "kind": pl.String},
    )
    title = f"An agreement exists in {bargain.agreement:.0%} of draws"
    if bargain.recommended is not None:
        title = f"The recommended package survives in {bargain.acceptable[bargain.recommended]:.0%} of draws"
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["solution", "other"], range=["#D55E00", "#9ecae1"]),
        legend=alt.Legend(title=None),
    )
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="acceptable to all, percent of draws", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=420)),
            color=colour,
        )
        .properties(
            width=width,
            title=alt.TitleParams(
                title, subtitle=f"{bargain.draws:,} draws of weightings and evidence", anchor="start"
            ),
            description=f"{title}. " + "; ".join(f"{r[0]}: {r[1]:.0f} %" for r in frame.iter_rows()),
        )
    )
