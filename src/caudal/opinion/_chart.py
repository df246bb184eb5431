"""The pooled series with every poll as a dot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from caudal._core.errors import OptionError
from caudal.opinion._pool import Pooled
from caudal.opinion._schema import ANSWERS
from caudal.opinion._tables import president_named

if TYPE_CHECKING:
    import altair as alt

__all__ = ["chart", "save_chart"]

#: Two hues that stay apart for colour-blind readers (Okabe and Ito).
_COLOURS = {"approve": "#0072B2", "disapprove": "#D55E00"}
_SUFFIXES = (".svg", ".png", ".html", ".json")


def chart(pooled: Pooled, *, kind: Literal["smoother", "filter"] = "smoother", width: int = 640) -> Any:
    """Return an Altair chart of a pool: polls as dots, the pooled line with its 80 and 95 % bands.

    Parameters
    ----------
    pooled : Pooled
        From `caudal.opinion.pool`.
    kind : {"smoother", "filter"}
        The line in hindsight, or as it could be drawn on each day.
    width : int
        Width in pixels.

    Returns
    -------
    altair.LayerChart
        Without a trend: the polls alone, with the interval of the estimate as a bar.
    """
    import altair as alt

    colour = alt.Color(
        "answer:N",
        scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
        legend=alt.Legend(title=None),
    )
    y = alt.Y("percent:Q", title=None, scale=alt.Scale(zero=False))
    layers = [*_bands(pooled, kind, colour), _dots(pooled, colour, y)]
    return alt.layer(*layers).properties(
        width=width, height=round(width * 0.5), description=_alternative(pooled),
        title=alt.TitleParams(_finding(pooled), subtitle=_subtitle(pooled), anchor="start"),
    )  # fmt: skip


def _dots(pooled: Pooled, colour: alt.Color, y: alt.Y) -> alt.Chart:
    import altair as alt

    long = pl.concat(
        pooled.polls.select(
            "middle", "house", "population", "n", "address", answer=pl.lit(answer), percent=pl.col(answer)
        )
        for answer in ANSWERS
    ).filter(pl.col("percent").is_not_null())
    tips = ["house:N", "middle:T", "answer:N", "percent:Q", "population:N", "n:Q", "address:N"]
    return (
        alt.Chart(long)
        .mark_circle(size=26, opacity=0.45)
        .encode(x=alt.X("middle:T", title=None), y=y, color=colour, tooltip=tips)
    )


def _bands(pooled: Pooled, kind: Literal["smoother", "filter"], colour: alt.Color) -> list[alt.Chart]:
    import altair as alt

    if not pooled.models:
        rows = [
            (pooled.polls["middle"].max(), answer, *e.interval_80)
            for answer, e in (("approve", pooled.approve), ("disapprove", pooled.disapprove))
            if e.interval_80 is not None
        ]
        kinds = {"date": pl.Date, "answer": pl.String, "low": pl.Float64, "high": pl.Float64}
        bar = alt.Chart(pl.DataFrame(rows, schema=kinds, orient="row")).mark_rule(strokeWidth=2)
        return [bar.encode(x="date:T", y=alt.Y("low:Q", title=None), y2="high:Q", color=colour)]
    path = pooled.path(kind)
    base = alt.Chart(path).encode(x=alt.X("date:T", title=None), color=colour)
    return [
        base.mark_area(opacity=0.15).encode(y=alt.Y("lower_95:Q", title=None), y2="upper_95:Q"),
        base.mark_area(opacity=0.25).encode(y=alt.Y("lower_80:Q", title=None), y2="upper_80:Q"),
        base.mark_line(strokeWidth=2).encode(y=alt.Y("mean:Q", title=None)),
    ]


def _finding(pooled: Pooled) -> str:
    name = president_named(pooled.president).name
    parts = [
        f"{e.mean:.0f} % {answer}"
        for answer, e in (("disapprove", pooled.disapprove), ("approve", pooled.approve))
        if e.mean is not None
    ]
    if not parts:
        return f"No poll on {pooled.issue.replace('_', ' ')} to pool, {pooled.date}"
    return f"{' and '.join(parts)} of {name} on {pooled.issue.replace('_', ' ')}, {pooled.date}"


def _subtitle(pooled: Pooled) -> str:
    if pooled.method == "trend":
        return "Percent of adults; line: what the average house would find, bands 80 and 95 %; dots: polls"
    return "Percent of adults; dots: polls; bar: 80 % interval with typical total survey error; no trend"


def _alternative(pooled: Pooled) -> str:
    ranges = [
        f"{answer} {e.mean:.0f} percent (80 % interval {e.interval_80[0]:.0f} to {e.interval_80[1]:.0f})"
        for answer, e in (("approve", pooled.approve), ("disapprove", pooled.disapprove))
        if e.mean is not None and e.interval_80 is not None
    ]
    return f"{_finding(pooled)}. {'; '.join(ranges)}. {pooled.polls_used} polls."


def save_chart(picture: Any, path: Path) -> None:
    """Write a chart as .svg, .png, .html (self-contained, no network) or .json.

    Raises
    ------
    OptionError
        For any other ending, or a directory that does not exist.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise OptionError(
            f"{path.name} does not end in a kind of picture",
            where="chart",
            remedy=f"Use {', '.join(_SUFFIXES)}",
        )
    if not path.parent.is_dir():
        raise OptionError(f"no directory {path.parent}", where="chart", remedy="Make it first")
    picture.save(str(path), **({"inline": True} if path.suffix.lower() == ".html" else {}))
