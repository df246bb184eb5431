"""Charts of the briefing. Each returns a finished block; titles say the finding, one highlight over grey history."""

from __future__ import annotations

from datetime import date

import altair as alt
import polars as pl

from caudal._core.charts import COLOURS, svg
from caudal.brief._citations import Citations
from caudal.brief._model import Chart
from caudal.brief._phrases import Speech

__all__ = ["line", "strip"]

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
        svg=svg(chart, name=name, alternative=alternative),
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
    marked = data.filter(pl.col("month").is_in(days)).with_columns(now=pl.col("month") == days[2])
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
        svg=svg(chart, name=name, alternative=alternative),
    )


def _sources(frame: pl.DataFrame, cite: Citations) -> list[int]:
    pairs = frame.select("release", "table").unique(maintain_order=True).rows()
    return sorted({cite.source(release, table) for release, table in pairs})
