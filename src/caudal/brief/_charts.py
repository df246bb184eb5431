"""Charts of the briefing. Each returns a finished block; titles say the finding, one highlight over grey history."""

from __future__ import annotations

from datetime import date
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from caudal import bargain as bargaining
from caudal import opinion
from caudal._core.charts import COLOURS, COUNTS, svg
from caudal.brief._citations import Citations
from caudal.brief._labels import SIZE, months_shown, spots
from caudal.brief._model import Chart
from caudal.brief._phrases import Speech, first_upper
from caudal.forecast import Forecast

__all__ = ["bargain", "fan", "line", "public", "strip"]

WIDTH = 640
#: Room right of a line for what stands at its end.
_END = 56
#: Years named below the bars of a strip.
_MOST_YEARS = 14
#: Months of history in a fan chart, and the least of them, where older ones would press the months ahead flat.
_HISTORY, _LEAST_HISTORY = 36, 9


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
    # Years that would run into each other are named by turns, the newest always.
    shown = data["year"].to_list()[:: -(1 + (frame.height - 1) // _MOST_YEARS)]
    axis = alt.Axis(labelAngle=0, ticks=False, values=shown)
    base = alt.Chart(data).encode(x=alt.X("year:O", title=None, axis=axis))
    bars = base.mark_bar().encode(
        y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4, **COUNTS)),
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
        "since": frame["period"][0][:4],
    }
    alternative = speech.text(
        "line_alt", first=speech.month(frame["period"][0]), last=speech.month(last["period"]), **words
    )
    chart = _line_chart(frame, [low["period"], high["period"], last["period"]], speech)
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


def _line_chart(frame: pl.DataFrame, marked: list[str], speech: Speech) -> alt.LayerChart:
    """Return a line with its marked months; a number that would touch the line or another number is left out."""
    width, height = WIDTH - _END, 190
    data = frame.select(
        pl.col("period").str.to_date("%Y-%m").alias("month"), pl.col("value").cast(pl.Float64)
    )
    top = float(frame["value"].max()) * 1.08 or 1.0  # type: ignore[arg-type]
    days = data["month"].to_list()
    span = max(1, (days[-1] - days[0]).days)
    where = {
        period: (width * (day - days[0]).days / span, height * (1 - value / top))
        for period, day, value in zip(frame["period"], days, data["value"], strict=True)
    }
    x = alt.X(
        "month:T", title=None, scale=alt.Scale(domain=[_moment(days[0]), _moment(days[-1])], nice=False),
        axis=alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, labelOverlap=True, grid=False),
    )  # fmt: skip
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(tickCount=4, **COUNTS),
    )
    layers: list[alt.Chart] = [
        alt.Chart(data).mark_line(color=COLOURS["history"], strokeWidth=1.6).encode(x=x, y=y)
    ]
    periods = [*dict.fromkeys(p for p in marked if p != marked[-1]), marked[-1]]
    numbers = {p: speech.number(frame.filter(pl.col("period") == p)["value"][0]) for p in periods}
    found = spots([(*where[p], numbers[p]) for p in periods], np.array(list(where.values())), (width, height))
    for period, spot in zip(periods, found, strict=True):
        now = period == periods[-1]
        point = alt.Chart(data.filter(pl.col("month") == date.fromisoformat(f"{period}-01"))).encode(x=x, y=y)
        colour = COLOURS["highlight" if now else "ink"]
        layers.append(point.mark_point(filled=True, size=45, opacity=1, color=colour))
        if spot is not None:
            layers.append(
                point.mark_text(
                    text=numbers[period], align=spot.align, baseline="middle", dx=spot.dx, dy=spot.dy,
                    fontSize=SIZE, fontWeight="bold" if now else "normal", color=colour,
                )
            )  # fmt: skip
    return alt.layer(*layers).properties(width=width, height=height)


def fan(history: pl.DataFrame, ahead: Forecast, what: str, speech: Speech, cite: Citations) -> Chart:
    """Return up to three published years and the months ahead, with bands of 50, 80 and 95 percent."""
    last = history.row(-1, named=True)
    bands = {c: ahead.interval(c / 100).filter(pl.col("location") == "total") for c in (95, 80, 50)}
    recent = _near(history, float(bands[95]["upper"].max()))  # type: ignore[arg-type]
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
    chart = _fan_chart(recent, bands)
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


def _near(history: pl.DataFrame, reach: float) -> pl.DataFrame:
    """Return the published months before a fan: fewer where older ones were so many that it would lie flat."""
    high = max(3 * reach, float(history.tail(_LEAST_HISTORY)["value"].max()))  # type: ignore[arg-type]
    recent = history.tail(_HISTORY)
    above = [i for i, value in enumerate(recent["value"]) if value > high]
    return recent.slice(above[-1] + 1) if above else recent


def _fan_chart(recent: pl.DataFrame, bands: dict[int, pl.DataFrame]) -> alt.LayerChart:
    last = recent.row(-1, named=True)
    start = {"month": last["period"], "lower": float(last["value"]), "upper": float(last["value"])}
    published = _dated(recent.select(pl.col("period").alias("month"), pl.col("value").cast(pl.Float64)))
    middle = [{"month": last["period"], "value": float(last["value"])}]
    middle += bands[80].select("month", pl.col("median").alias("value")).to_dicts()
    ahead = _dated(pl.DataFrame(middle))
    days = [*published["month"], *ahead["month"][1:]]
    width, height = WIDTH - _END, 230
    shown = [_moment(days[i]) for i in months_shown(len(days), width, days[0].month)]
    top = 1.05 * max(float(bands[95]["upper"].max()), float(published["value"].max()))  # type: ignore[arg-type]
    x = alt.X(
        "month:T", title=None, scale=alt.Scale(domain=[_moment(days[0]), _moment(days[-1])], nice=False),
        axis=alt.Axis(format="%b %Y", values=shown, labelOverlap=False, grid=False),
    )  # fmt: skip
    scale, axis = alt.Scale(domain=[0, top], nice=False), alt.Axis(tickCount=4, **COUNTS)
    layers: list[alt.Chart] = []
    at = -np.inf
    for share, opacity in ((95, 0.16), (80, 0.22), (50, 0.34)):
        rows = _dated(pl.DataFrame([start, *bands[share].select("month", "lower", "upper").to_dicts()]))
        layers.append(
            alt.Chart(rows).mark_area(color=COLOURS["highlight"], opacity=opacity)
            .encode(x=x, y=alt.Y("lower:Q", title=None, scale=scale, axis=axis), y2="upper:Q")
        )  # fmt: skip
        # The name of a band stands where its upper edge ends, lower where another one's would be in its way.
        own = height * (1 - rows["upper"][-1] / top)
        at = max(own, at + SIZE + 2)
        layers.append(
            alt.Chart(rows.tail(1)).mark_text(
                text=f"{share} %", align="left", baseline="middle", dx=6, dy=at - own, fontSize=SIZE,
                color=COLOURS["ink"],
            ).encode(x=x, y=alt.Y("upper:Q", scale=scale))
        )  # fmt: skip
    y = alt.Y("value:Q", scale=scale, axis=axis)
    layers += [
        alt.Chart(ahead).mark_line(color=COLOURS["highlight"], strokeDash=[4, 3]).encode(x=x, y=y),
        alt.Chart(published).mark_line(color=COLOURS["ink"], strokeWidth=1.6).encode(x=x, y=y),
        alt.Chart(published.tail(1)).mark_point(filled=True, size=45, opacity=1, color=COLOURS["ink"])
        .encode(x=x, y=y),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=width, height=height)


def _moment(day: date) -> alt.DateTime:
    return alt.DateTime(year=day.year, month=day.month, date=day.day)


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
