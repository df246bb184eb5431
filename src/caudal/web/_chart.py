"""A series as a chart: the finding as its title, direct labels, one highlight over grey, breaks and events as letters.

Provisional months are hatched. The same picture is given inside a page, as SVG and as PNG; what the page's cursor
needs is worked out here too, so that the browser only shows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import altair as alt
import polars as pl

from caudal import figures
from caudal._core.charts import COLOURS, svg
from caudal.web._series import Shown

__all__ = ["Mark", "Picture", "draw", "png"]

WIDTH, HEIGHT = 760, 300
#: Lines that are drawn; the table and the CSV have all.
MOST_LINES = 6
_SOFT = "#52606D"
#: Vega-Lite knows no patterns: this colour, used for nothing else, becomes the hatching.
_HATCH = "#f0f1f2"
_MOST_EVENTS = 16
#: Text needs more contrast than a line.
_INKS = {0: "#005A8C", 1: "#9A4300"}


@dataclass(frozen=True)
class Mark:
    """A letter in the chart: where the measure changes its meaning, or something happened."""

    letter: str
    day: date
    text: str
    kind: str


@dataclass(frozen=True)
class Picture:
    """A chart with its words, its marks, and what a cursor over it needs."""

    title: str
    subtitle: str
    alternative: str
    svg: str
    marks: list[Mark] = field(default_factory=list)
    cursor: dict[str, Any] = field(default_factory=dict)
    hatched: bool = False


def draw(of: Shown, *, events: bool = False, standalone: bool = False) -> Picture:
    """Return the chart of a series.

    Parameters
    ----------
    of : Shown
        The series.
    events : bool
        Mark policy events.
    standalone : bool
        Write the titles into the picture, for use outside a page.
    """
    lines = _lines(of)
    title, subtitle = _finding(of), _subtitle(of, lines)
    marks = _marks(of, lines, events)
    low, high = _domain(of, lines)
    x = alt.X(
        "day:T", title=None, scale=alt.Scale(domain=_ends(lines), nice=False), axis=_time_axis(of, lines)
    )
    scale = alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("value:Q", title=None, scale=scale, axis=_value_axis(high))
    provisional = _provisional(of, lines)
    layers = [
        *_hatching(provisional, x),
        *_rules(marks, lines, x),
        *_curves(lines, x, y),
        *_ends_of(of, lines, x, y, low, high),
    ]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    if standalone:
        whose = of.t("source_line", who=_publishers(of), day=of.t.day(of.as_of))
        chart = chart.properties(
            title=alt.TitleParams(
                title, subtitle=[subtitle, whose], anchor="start", frame="group", fontSize=15,
                subtitleColor=_SOFT, subtitleFontSize=11, offset=12,
            )
        )  # fmt: skip
    alternative = _alternative(of, lines, title, subtitle)
    text = svg(chart, name="chart", alternative=alternative, language=of.t.language)
    return Picture(
        title,
        subtitle,
        alternative,
        _hatched(text),
        marks,
        _cursor(of, lines, text, low, high),
        bool(provisional),
    )


def png(picture: Picture) -> bytes:
    """Return a picture as PNG, twice its size."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(picture.svg, scale=2))


# ── what is drawn ────────────────────────────────────────────────────────────


def _lines(of: Shown) -> pl.DataFrame:
    """Return ``day, period, line, rank, value, status``: the largest lines, rank 0 first."""
    labels = of.frame["period"].unique().to_list()
    days = {label: of.day(label) for label in labels}
    frame = of.frame.with_columns(pl.col("period").replace_strict(days, return_dtype=pl.Date).alias("day"))
    if not of.by:
        return frame.with_columns(pl.lit("").alias("line"), pl.lit(0).alias("rank"))
    ordered = sorted(days.values())
    recent, last = ordered[-12:][0], ordered[-1]
    # The largest of the last twelve periods are drawn; the largest of the last one is the highlight and the finding.
    size = (
        frame.filter(pl.col("day") >= recent)
        .group_by(list(of.by))
        .agg(
            pl.col("value").sum().alias("size"),
            pl.col("value").filter(pl.col("day") == last).sum().alias("now"),
        )
        .sort(["size", *of.by], descending=[True, *[False] * len(of.by)])
        .head(MOST_LINES)
        .sort(["now", "size", *of.by], descending=[True, True, *[False] * len(of.by)])
        .with_row_index("rank")
    )
    names = [of.name(row) for row in size.to_dicts()]
    size = size.with_columns(pl.Series("line", names, dtype=pl.String)).drop("size", "now")
    return frame.join(size, on=list(of.by), how="inner").sort("rank", "day")


def _ends(lines: pl.DataFrame) -> list[alt.DateTime]:
    first, last = lines["day"].min(), lines["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    if first == last:
        first, last = first - timedelta(days=31), last + timedelta(days=31)
    return [alt.DateTime(year=d.year, month=d.month, date=d.day) for d in (first, last)]


def _domain(of: Shown, lines: pl.DataFrame) -> tuple[float, float]:
    values = lines["value"].drop_nulls()
    low, high = float(values.min() or 0), float(values.max() or 0)  # type: ignore[arg-type]
    if of.measure.kind == "rate" and low > 0.5 * high:
        pad = (high - low) * 0.1 or high * 0.05
        return low - pad, high + pad
    return min(0.0, low), high * 1.08 or 1.0


def _value_axis(high: float) -> alt.Axis:
    return alt.Axis(format="~s" if high >= 1000 else "~g", tickCount=5, domain=False, ticks=False)


def _time_axis(of: Shown, lines: pl.DataFrame) -> alt.Axis:
    first, last = lines["day"].min(), lines["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    span = (last - first).days
    if span > 1000:
        step = max(1, round(span / 365 / 10))
        return alt.Axis(
            format="%Y", tickCount={"interval": "year", "step": step}, grid=False, labelOverlap=True
        )
    return alt.Axis(
        format="%b %Y" if of.freq != "day" else "%-d %b", tickCount=6, grid=False, labelOverlap=True
    )


def _colour() -> alt.Color:
    grey = "#7B8794"
    shades = [COLOURS["highlight"], COLOURS["second"], grey, "#9AA5B1", "#9AA5B1", "#B8C2CC"]
    return alt.Color("rank:O", scale=alt.Scale(domain=list(range(MOST_LINES)), range=shades), legend=None)


def _curves(lines: pl.DataFrame, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    # The last rank is drawn first, so that the highlight lies on top.
    found = []
    for rank in sorted(lines["rank"].unique().to_list(), reverse=True):
        rows = lines.filter(pl.col("rank") == rank).select("day", "value", "rank")
        few = rows.height < 30
        found.append(
            alt.Chart(rows).mark_line(strokeWidth=2 if rank < 2 else 1.4, point={"size": 18} if few else False)
            .encode(x=x, y=y, color=_colour())
        )  # fmt: skip
    return found


def _ends_of(of: Shown, lines: pl.DataFrame, x: alt.X, y: alt.Y, low: float, high: float) -> list[alt.Chart]:
    """Label each line at its end; push labels apart that would run into each other."""
    last = lines.group_by("rank", maintain_order=True).last().sort("value", descending=True)
    rows, height = [], HEIGHT
    places = [height * (1 - (row["value"] - low) / (high - low)) for row in last.to_dicts()]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + 13)
    over = max(0.0, places[-1] - (height - 2)) if places else 0.0
    for where, row in zip([one - over for one in places], last.to_dicts(), strict=True):
        words = of.t.value(row["value"])
        rows.append({
            "day": row["day"], "value": row["value"], "rank": row["rank"],
            "at": low + (1 - where / height) * (high - low),
            "text": f"{_shorter(row['line'])} {words}".strip(), "ink": _INKS.get(row["rank"], _SOFT),
        })  # fmt: skip
    frame = pl.DataFrame(rows)
    points = alt.Chart(frame).mark_point(filled=True, size=42, opacity=1).encode(x=x, y=y, color=_colour())
    at = alt.Y("at:Q", title=None, scale=alt.Scale(domain=[low, high], nice=False), axis=_value_axis(high))
    labels = alt.Chart(frame).mark_text(align="left", dx=8, fontSize=11.5, fontWeight="bold", limit=190)
    return [points, labels.encode(x=x, y=at, text="text:N", color=alt.Color("ink:N", scale=None))]


def _shorter(text: str) -> str:
    return text if len(text) <= 24 else text[:23].rstrip() + "…"


# ── provisional months, breaks and events ────────────────────────────────────


def _provisional(of: Shown, lines: pl.DataFrame) -> list[tuple[date, date]]:
    """Return runs of provisional periods as first day and last day."""
    days = sorted(lines.filter(pl.col("status") == "provisional")["day"].unique())
    everything = sorted(lines["day"].unique())
    runs: list[list[date]] = []
    for day in days:
        place = everything.index(day)
        if runs and place and everything[place - 1] == runs[-1][1]:
            runs[-1][1] = day
        else:
            runs.append([day if not place else everything[place - 1], day])
    return [(first, last) for first, last in runs if first < last]


def _hatching(runs: list[tuple[date, date]], x: alt.X) -> list[alt.Chart]:
    if not runs:
        return []
    rows = pl.DataFrame([{"day": first, "end": last} for first, last in runs])
    return [alt.Chart(rows).mark_rect(color=_HATCH, opacity=1).encode(x=x, x2="end:T")]


def _hatched(text: str) -> str:
    """Return the SVG with the hatching in place of its stand-in colour."""
    if f'fill="{_HATCH}"' not in text:
        return text
    pattern = (
        '<defs><pattern id="chart-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" stroke="#D3DAE1" stroke-width="2.4"/>'
        "</pattern></defs>"
    )
    text = text.replace(f'fill="{_HATCH}"', 'fill="url(#chart-hatch)"')
    return re.sub(r"(<svg\b[^>]*>)", rf"\1{pattern}", text, count=1)


def _marks(of: Shown, lines: pl.DataFrame, events: bool) -> list[Mark]:
    first, last = lines["day"].min(), lines["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    language = of.t.language
    found: list[tuple[date, str, str]] = []
    if of.freq == "month":
        known = figures.breaks(of.measure.id).to_dicts()
        found += [(of.day(row["period"]), row[f"text_{language}"], "break") for row in known]
    if events:
        verified = figures.events(as_of=of.as_of).filter(pl.col("status") == "verified")
        near = [row for row in verified.to_dicts() if first < row["first"] <= last]
        found += [(row["first"], row["what"], "event") for row in near[-_MOST_EVENTS:]]
    inside = sorted(one for one in found if first < one[0] <= last)
    return [Mark(_letter(i), day, text, kind) for i, (day, text, kind) in enumerate(inside)]


def _letter(index: int) -> str:
    return chr(65 + index) if index < 26 else "A" + chr(65 + index - 26)


def _rules(marks: list[Mark], lines: pl.DataFrame, x: alt.X) -> list[alt.Chart]:
    if not marks:
        return []
    rows = pl.DataFrame(
        [
            {"day": m.day, "letter": m.letter, "level": -6.0 - 11 * row}
            for m, row in zip(marks, _rows(marks, lines), strict=True)
        ]
    )
    base = alt.Chart(rows)
    letters = [
        alt.Chart(rows.filter(pl.col("level") == level))
        .mark_text(fontSize=10, fontWeight="bold", color=_SOFT)
        .encode(x=x, y=alt.value(level), text="letter:N")
        for level in rows["level"].unique().sort().to_list()
    ]
    return [base.mark_rule(strokeDash=[2, 3], color="#9AA5B1").encode(x=x), *letters]


def _rows(marks: list[Mark], lines: pl.DataFrame) -> list[int]:
    """Return on which row above the chart each letter stands, so that none runs into another."""
    first, last = lines["day"].min(), lines["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    wide = WIDTH / max(1, (last - first).days)
    ends: list[float] = []
    found = []
    for mark in marks:
        at = (mark.day - first).days * wide
        row = next((i for i, end in enumerate(ends) if at - end >= 12), len(ends))
        ends[row : row + 1] = [at]
        found.append(row)
    return found


# ── words ────────────────────────────────────────────────────────────────────


def _publishers(of: Shown) -> str:
    return ", ".join(sorted({release.publisher for release in of.releases}))


def _total_of(of: Shown, period: str) -> float:
    return float(of.frame.filter(pl.col("period") == period)["value"].sum())


def _finding(of: Shown) -> str:
    t, last = of.t, str(of.frame["period"].max())
    when = t.period(last)
    rows = of.frame.filter(pl.col("period") == last).sort("value", descending=True)
    top = rows.row(0, named=True)
    if of.by:
        total = float(rows["value"].sum())
        if of.measure.kind == "flow" and total > 0:
            share = t.percent(100 * top["value"] / total)
            return t("find_share", name=of.name(top), value=t.value(top["value"]), period=when, share=share)
        return t("find_top", name=of.name(top), value=t.value(top["value"]), period=when)
    value = t.value(top["value"])
    before = of.year_before(last)
    past = of.frame.filter(pl.col("period") == before)["value"].to_list() if before else []
    if past and past[0] and of.measure.kind != "rate":
        change = 100 * (top["value"] - past[0]) / past[0]
        if abs(change) < 0.5:
            return t("find_same", value=value, unit=of.unit, period=when)
        word = "find_more" if change > 0 else "find_fewer"
        if change > 300:
            return t(
                "find_times",
                value=value,
                unit=of.unit,
                period=when,
                times=t.value(round(top["value"] / past[0], 1)),
            )
        return t(word, value=value, unit=of.unit, period=when, percent=t.percent(abs(change)))
    return t("find_value", value=value, unit=of.unit, period=when)


def _subtitle(of: Shown, lines: pl.DataFrame) -> str:
    parts = [of.title]
    if of.limits:
        parts.append(of.limits)
    parts.append(of.t("each_" + of.calendar, unit=of.unit))
    groups = of.frame.select(of.by).unique().height if of.by else 1
    if groups > MOST_LINES:
        parts.append(of.t("largest_of", shown=MOST_LINES, total=groups))
    return "; ".join(parts)


def _alternative(of: Shown, lines: pl.DataFrame, title: str, subtitle: str) -> str:
    t = of.t
    ordered = lines.filter(pl.col("rank") == 0).drop_nulls("value").sort("day")
    first, last = ordered.row(0, named=True), ordered.row(-1, named=True)
    high = ordered.sort("value", descending=True).row(0, named=True)
    low = ordered.sort("value").row(0, named=True)
    said = t(
        "chart_alt", first=t.period(first["period"]), last=t.period(last["period"]), low=t.value(low["value"]),
        low_period=t.period(low["period"]), high=t.value(high["value"]), high_period=t.period(high["period"]),
        value=t.value(last["value"]),
    )  # fmt: skip
    whose = f" {first['line']}:" if first["line"] else ""
    return f"{title}. {subtitle}.{whose} {said}"


def _cursor(of: Shown, lines: pl.DataFrame, text: str, low: float, high: float) -> dict[str, Any]:
    """Return what the browser's cursor needs: where each period is in the picture and what to say of it."""
    found = re.search(r'transform="translate\(([\d.]+),([\d.]+)\)"', text)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    if found is None or size is None:
        return {}
    left, top = float(found[1]), float(found[2])
    days = sorted(lines["day"].unique())
    first, last = days[0], days[-1]
    span = (last - first).days or 62
    offset = 0 if (last - first).days else 31
    by_day: dict[date, list[dict[str, Any]]] = {}
    for row in lines.to_dicts():
        by_day.setdefault(row["day"], []).append(row)
    points = []
    for day in days:
        rows = sorted(by_day[day], key=lambda row: row["rank"])
        said = ", ".join(f"{row['line']} {of.t.value(row['value'])}".strip() for row in rows)
        note = f" ({of.t('provisional')})" if rows[0]["status"] == "provisional" else ""
        points.append(
            [
                round(left + WIDTH * ((day - first).days + offset) / span, 1),
                round(top + HEIGHT * (1 - (float(rows[0]["value"] or 0) - low) / (high - low)), 1),
                f"{of.t.period(rows[0]['period'])}: {said}{note}",
            ]
        )
    return {
        "width": float(size[1]),
        "height": float(size[2]),
        "top": top,
        "bottom": top + HEIGHT,
        "points": points,
    }
