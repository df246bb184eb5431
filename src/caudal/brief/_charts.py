"""Charts of the briefing. Each returns a finished block; titles say the finding, one highlight over grey history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from caudal import bargain as bargaining
from caudal import opinion
from caudal._core.charts import COLOURS, svg
from caudal.brief._citations import Citations
from caudal.brief._model import Chart
from caudal.brief._phrases import Speech, first_upper
from caudal.forecast import Forecast

__all__ = ["bargain", "fan", "line", "public", "strip"]

WIDTH = 640


def strip(frame: pl.DataFrame, measure: str, speech: Speech, cite: Citations) -> Chart:
    """Return one calendar month of all years as bars, the newest highlighted.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows of ``series(…, rows=True)`` for one calendar month, in order of year; the last one is the month at hand.
    measure : str
        Id of the measure.
    """
    last = frame.row(-1, named=True)
    month_name = speech.month_name(last["period"])
    high = frame.row(int(frame["value"].arg_max() or 0), named=True)
    low = frame.row(int(frame["value"].arg_min() or 0), named=True)
    rank = int((frame["value"] > last["value"]).sum()) + 1
    since = frame["period"][0][:4]
    key = (
        "strip_title_high" if rank == 1 else "strip_title_low" if rank == frame.height else "strip_title_rank"
    )
    title = speech.text(
        key,
        value=speech.number(last["value"]),
        month_name=month_name,
        plural=speech.month_plural(last["period"]),
        rank=rank,
        total=frame.height,
        since=since,
    )
    alternative = speech.text(
        "strip_alt",
        month_name=month_name,
        first=since,
        last=last["period"][:4],
        month=speech.month(last["period"]),
        value=speech.number(last["value"]),
        high=speech.number(high["value"]),
        high_year=high["period"][:4],
        low=speech.number(low["value"]),
        low_year=low["period"][:4],
    )
    data = frame.select(
        pl.col("period").str.slice(0, 4).alias("year"),
        "value",
        (pl.col("period") == last["period"]).alias("now"),
        pl.col("value").map_elements(speech.number, return_dtype=pl.String).alias("text"),
    )
    base = alt.Chart(data).encode(x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, ticks=False)))
    bars = base.mark_bar().encode(
        y=alt.Y("value:Q", title=None, axis=alt.Axis(format="~s", tickCount=4, domain=False, ticks=False)),
        color=alt.condition("datum.now", alt.value(COLOURS["highlight"]), alt.value(COLOURS["history"])),
    )
    few = frame.height <= 12
    labelled = data if few else data.filter(pl.col("now") | (pl.col("year") == high["period"][:4]))
    labels = (
        alt.Chart(labelled)
        .mark_text(dy=-7, fontSize=11, color=COLOURS["ink"])
        .encode(x="year:O", y="value:Q", text="text:N")
    )
    chart = (bars + labels).properties(width=WIDTH, height=170)
    name = f"strip-{measure}"
    return Chart(
        id=name,
        title=title,
        subtitle=speech.text(
            "strip_subtitle", definition=speech.text(f"def_{measure}"), month_name=month_name
        ),
        alternative=alternative,
        sources=_sources(frame, cite),
        data=frame.select("period", "value", "status", "release").to_dicts(),
        svg=svg(chart, name=name, alternative=alternative, language=speech.language),
    )


def line(frame: pl.DataFrame, measure: str, speech: Speech, cite: Citations) -> Chart:
    """Return a measure by month as a line, the newest month marked."""
    last = frame.row(-1, named=True)
    high = frame.row(int(frame["value"].arg_max() or 0), named=True)
    low = frame.row(int(frame["value"].arg_min() or 0), named=True)
    words = {
        "low": speech.number(low["value"]),
        "low_month": speech.month(low["period"]),
        "high": speech.number(high["value"]),
        "high_month": speech.month(high["period"]),
        "value": speech.number(last["value"]),
        "month": speech.month(last["period"]),
    }
    alternative = speech.text(
        "line_alt", first=speech.month(frame["period"][0]), last=speech.month(last["period"]), **words
    )
    data = frame.select(
        pl.col("period").str.to_date("%Y-%m").alias("month"),
        "value",
        pl.col("value").map_elements(speech.number, return_dtype=pl.String).alias("text"),
    )
    x = alt.X(
        "month:T",
        title=None,
        axis=alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, labelOverlap=True, grid=False),
    )
    y = alt.Y("value:Q", title=None, axis=alt.Axis(format="~s", tickCount=4, domain=False, ticks=False))
    trace = alt.Chart(data).mark_line(color=COLOURS["history"], strokeWidth=1.6).encode(x=x, y=y)
    days = [date.fromisoformat(f"{row['period']}-01") for row in (high, low, last)]
    # A mark so close to the newest month that their labels would run into each other stays without one.
    near = days[2] - timedelta(days=400)
    days = [day for day in days if day == days[2] or day < near]
    marked = data.filter(pl.col("month").is_in(days)).with_columns(now=pl.col("month") == days[-1])
    points = (
        alt.Chart(marked)
        .mark_point(filled=True, size=45, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.condition("datum.now", alt.value(COLOURS["highlight"]), alt.value(COLOURS["ink"])),
        )
    )
    texts = (
        alt.Chart(marked)
        .mark_text(dy=-10, fontSize=11, color=COLOURS["ink"], align="right", dx=4)
        .encode(x=x, y=y, text="text:N")
    )
    chart = (trace + points + texts).properties(width=WIDTH, height=190)
    name = f"line-{measure}"
    return Chart(
        id=name,
        title=speech.text("line_title", **words),
        subtitle=speech.text("line_subtitle", definition=speech.text(f"def_{measure}")),
        alternative=alternative,
        sources=_sources(frame, cite),
        data=frame.select("period", "value", "status", "release").to_dicts(),
        svg=svg(chart, name=name, alternative=alternative, language=speech.language),
    )


def fan(history: pl.DataFrame, ahead: Forecast, what: str, speech: Speech, cite: Citations) -> Chart:
    """Return the last three published years and the months ahead, with bands of 50, 80 and 95 percent."""
    recent = history.tail(36)
    last = history.row(-1, named=True)
    bands = {c: ahead.interval(c / 100).filter(pl.col("location") == "total") for c in (95, 80, 50)}
    near, far = bands[80].row(0, named=True), bands[80].row(-1, named=True)

    def said(value: float) -> str:
        return speech.number(round(value, -2))

    words = {
        "last": speech.month(last["period"]),
        "value": speech.number(last["value"]),
        "first_ahead": speech.month(near["month"]),
        "last_ahead": speech.month(far["month"]),
        "near_low": said(near["lower"]),
        "near_high": said(near["upper"]),
        "far_low": said(far["lower"]),
        "far_high": said(far["upper"]),
    }
    alternative = speech.text("fan_alt", **words)
    x = alt.X(
        "month:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=6, labelOverlap=True, grid=False)
    )
    axis = alt.Axis(format="~s", tickCount=4, domain=False, ticks=False)
    start = {"month": last["period"], "lower": float(last["value"]), "upper": float(last["value"])}
    layers: list[alt.Chart] = []
    for share, opacity in ((95, 0.16), (80, 0.22), (50, 0.34)):
        rows = [start, *bands[share].select("month", "lower", "upper").to_dicts()]
        layers.append(
            alt.Chart(_dated(pl.DataFrame(rows)))
            .mark_area(color=COLOURS["highlight"], opacity=opacity)
            .encode(x=x, y=alt.Y("lower:Q", title=None, axis=axis), y2="upper:Q")
        )
    middle = [{"month": last["period"], "value": float(last["value"])}]
    middle += bands[80].select("month", pl.col("median").alias("value")).to_dicts()
    published = _dated(recent.select(pl.col("period").alias("month"), "value"))
    layers += [
        alt.Chart(_dated(pl.DataFrame(middle)))
        .mark_line(color=COLOURS["highlight"], strokeDash=[4, 3])
        .encode(x=x, y=alt.Y("value:Q", axis=axis)),
        alt.Chart(published).mark_line(color=COLOURS["ink"], strokeWidth=1.6).encode(x=x, y="value:Q"),
        alt.Chart(published.tail(1))
        .mark_point(filled=True, size=45, opacity=1, color=COLOURS["ink"])
        .encode(x=x, y="value:Q"),
    ]
    chart = alt.layer(*layers).properties(width=WIDTH, height=230)
    data = [
        {
            "month": row["month"],
            "median": round(row["median"]),
            **{
                f"{side}_{share}": round(band[side][i])
                for share, band in bands.items()
                for side in ("lower", "upper")
            },
        }
        for i, row in enumerate(bands[80].to_dicts())
    ]
    return Chart(
        id="fan-total",
        title=first_upper(
            speech.text(
                "fan_title", month=words["first_ahead"], low=words["near_low"], high=words["near_high"]
            )
        ),
        subtitle=speech.text("fan_subtitle", what=what, model=ahead.model),
        alternative=alternative,
        sources=_sources(recent, cite),
        data=data,
        svg=svg(chart, name="fan-total", alternative=alternative, language=speech.language),
    )


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with ``month`` as a day, which is what charts want."""
    return frame.with_columns(pl.col("month").str.to_date("%Y-%m"))


def _sources(frame: pl.DataFrame, cite: Citations) -> list[int]:
    pairs = frame.select("release", "table").unique(maintain_order=True).rows()
    return sorted({cite.source(release, table) for release, table in pairs})


def public(pooled: opinion.Pooled, speech: Speech, sources: list[int]) -> Chart:
    """Return the pooled answer with every poll as a dot, as `caudal opinion pool --chart` draws it."""
    picture = opinion.chart(pooled, language=speech.language, width=WIDTH)
    data = pooled.polls.select(
        "house", pl.coalesce("published", "field_end", "known_on").alias("day"), "n", "population", "approve",
        "disapprove",
    )  # fmt: skip
    return _titled("public-chart", picture, data.with_columns(pl.col("day").cast(pl.String)), sources, speech)


def bargain(solved: bargaining.Bargain, speech: Speech, sources: list[int]) -> Chart:
    """Return the gains of the first two actors for every package, as `caudal bargain run --chart` draws them."""
    picture = bargaining.pareto_chart(solved, language=speech.language, width=WIDTH - 80)
    shown = np.flatnonzero(solved.zone & solved.pareto)
    data = pl.DataFrame(
        {
            "package": [solved.packages.label(int(i), speech.language) for i in shown],
            **{
                actor: [round(float(g), 4) for g in solved.gains[shown, k]]
                for k, actor in enumerate(solved.negotiation.actors)
            },
            "acceptable": [round(float(solved.acceptable[i]), 4) for i in shown],
        }
    )
    return _titled("agree-chart", picture, data, sources, speech)


def _titled(name: str, picture: Any, data: pl.DataFrame, sources: list[int], speech: Speech) -> Chart:
    """Return a chart of another room as a block: its title and description become text of the page."""
    title, alternative = picture.title, picture.description
    picture.title = alt.Undefined
    below = title.subtitle if isinstance(title.subtitle, list) else [title.subtitle]
    return Chart(
        id=name,
        title=first_upper(title.text),
        subtitle="; ".join(below),
        alternative=alternative,
        sources=sources,
        data=data.to_dicts(),
        svg=svg(picture, name=name, alternative=alternative, language=speech.language),
    )
