"""The pooled series with every poll as a dot."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from caudal._core.errors import OptionError
from caudal.opinion._phrases import issue_name, phrase
from caudal.opinion._pool import Pooled
from caudal.opinion._schema import ANSWERS

if TYPE_CHECKING:
    import altair as alt

__all__ = ["chart", "save_chart"]

#: Two hues that stay apart for colour-blind readers (Okabe and Ito).
_COLOURS = {"approve": "#0072B2", "disapprove": "#D55E00"}
_SUFFIXES = (".svg", ".png", ".html", ".json")


def chart(
    pooled: Pooled,
    *,
    kind: Literal["smoother", "filter"] = "smoother",
    language: str = "en",
    width: int = 640,
) -> Any:
    """Return an Altair chart of a pool: polls as dots, the pooled line with its 80 and 95 % bands.

    Parameters
    ----------
    pooled : Pooled
        From `caudal.opinion.pool`.
    kind : {"smoother", "filter"}
        The line in hindsight, or as it could be drawn on each day.
    language : {"en", "es"}
        Language of titles, labels and the description.
    width : int
        Width in pixels.

    Returns
    -------
    altair.LayerChart
        Without a trend: the polls alone, with the interval of the estimate as a bar.
    """
    import altair as alt

    colour = alt.Color(
        "answer:N", scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())), legend=None
    )
    axes = _axes(pooled)
    layers = [
        *_bands(pooled, kind, colour, axes),
        _dots(pooled, colour, axes),
        _labels(pooled, colour, axes, language),
    ]
    return alt.layer(*layers).properties(
        width=width, height=round(width * 0.5), description=_alternative(pooled, language),
        title=alt.TitleParams(_finding(pooled, language), subtitle=_subtitle(pooled, language), anchor="start"),
    )  # fmt: skip


def _axes(pooled: Pooled) -> tuple[Any, Any]:
    """Scales that hold every poll and interval, and a month's room where there is one day only."""
    import altair as alt

    values = [v for answer in ANSWERS for v in pooled.polls[answer].drop_nulls().to_list()]
    for estimate in (pooled.approve, pooled.disapprove):
        values += list(estimate.interval_95 or ())
    first = pooled.polls["middle"].min()
    start = min(first if isinstance(first, date) else pooled.date, pooled.date - timedelta(days=30))
    low, high = (min(values), max(values)) if values else (0.0, 100.0)
    y = alt.Scale(domain=[max(low - 2, 0), min(high + 2, 100)])
    days = [alt.DateTime(year=d.year, month=d.month, date=d.day) for d in (start, pooled.date)]
    return alt.Scale(domain=days), y


def _dots(pooled: Pooled, colour: alt.Color, axes: tuple[Any, Any]) -> alt.Chart:
    import altair as alt

    long = pl.concat(
        pooled.polls.select(
            "middle", "house", "population", "n", "address", answer=pl.lit(answer), percent=pl.col(answer)
        )
        for answer in ANSWERS
    ).filter(pl.col("percent").is_not_null())
    tips = ["house:N", "middle:T", "answer:N", "percent:Q", "population:N", "n:Q", "address:N"]
    few = not pooled.models
    return (
        alt.Chart(long)
        .mark_circle(size=90 if few else 26, opacity=1 if few else 0.45)
        .encode(
            x=alt.X("middle:T", title=None, scale=axes[0], axis=alt.Axis(format="%-d %b %Y", tickCount=6)),
            y=alt.Y("percent:Q", title=None, scale=axes[1]),
            color=colour,
            tooltip=tips,
        )
    )


def _labels(pooled: Pooled, colour: alt.Color, axes: tuple[Any, Any], language: str) -> alt.Chart:
    """Write the answer's name at its last value, in place of a legend."""
    import altair as alt

    rows = [
        (pooled.date, answer, e.mean, f"{phrase(answer, language)} {e.mean:.0f} %")
        for answer, e in (("approve", pooled.approve), ("disapprove", pooled.disapprove))
        if e.mean is not None
    ]
    kinds = {"date": pl.Date, "answer": pl.String, "mean": pl.Float64, "label": pl.String}
    text = alt.Chart(pl.DataFrame(rows, schema=kinds, orient="row")).mark_text(
        align="left", dx=6, fontWeight="bold"
    )
    return text.encode(
        x=alt.X("date:T", scale=axes[0]), y=alt.Y("mean:Q", scale=axes[1]), text="label:N", color=colour
    )


def _bands(
    pooled: Pooled, kind: Literal["smoother", "filter"], colour: alt.Color, axes: tuple[Any, Any]
) -> list[alt.Chart]:
    import altair as alt

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", title=None, scale=axes[1])

    if not pooled.models:
        rows = [
            (pooled.polls["middle"].max(), answer, *e.interval_80)
            for answer, e in (("approve", pooled.approve), ("disapprove", pooled.disapprove))
            if e.interval_80 is not None
        ]
        kinds = {"date": pl.Date, "answer": pl.String, "low": pl.Float64, "high": pl.Float64}
        bar = alt.Chart(pl.DataFrame(rows, schema=kinds, orient="row")).mark_rule(strokeWidth=2)
        return [bar.encode(x=alt.X("date:T", scale=axes[0]), y=y("low"), y2="high:Q", color=colour)]
    base = alt.Chart(pooled.path(kind)).encode(x=alt.X("date:T", title=None, scale=axes[0]), color=colour)
    return [
        base.mark_area(opacity=0.15).encode(y=y("lower_95"), y2="upper_95:Q"),
        base.mark_area(opacity=0.25).encode(y=y("lower_80"), y2="upper_80:Q"),
        base.mark_line(strokeWidth=2).encode(y=y("mean")),
    ]


def _finding(pooled: Pooled, language: str) -> str:
    parts = [
        f"{e.mean:.0f} % {phrase(answer, language)}"
        for answer, e in (("disapprove", pooled.disapprove), ("approve", pooled.approve))
        if e.mean is not None
    ]
    fields = {"issue": issue_name(pooled.issue, language), "date": pooled.date}
    if not parts:
        return phrase("title_none", language, **fields)
    name = phrase(f"term_{pooled.president}", language)
    joined = f" {phrase('and', language)} ".join(parts)
    return phrase("title", language, parts=joined, president=name, **fields)


def _subtitle(pooled: Pooled, language: str) -> str:
    return phrase("subtitle_trend" if pooled.method == "trend" else "subtitle_few", language)


def _alternative(pooled: Pooled, language: str) -> str:
    ranges = [
        phrase(
            "range", language, answer=phrase(answer, language), mean=f"{e.mean:.0f}",
            low=f"{e.interval_80[0]:.0f}", high=f"{e.interval_80[1]:.0f}",
        )
        for answer, e in (("approve", pooled.approve), ("disapprove", pooled.disapprove))
        if e.mean is not None and e.interval_80 is not None
    ]  # fmt: skip
    count = phrase("poll_one" if pooled.polls_used == 1 else "polls", language, count=pooled.polls_used)
    return ". ".join(filter(None, [_finding(pooled, language), "; ".join(ranges), count])) + "."


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
    from caudal._core.charts import themed

    themed(picture).save(str(path), **({"inline": True} if path.suffix.lower() == ".html" else {}))
