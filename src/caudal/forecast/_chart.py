"""Fan charts: history, the next months at 50, 80 and 95 %, and what happened afterwards once it is known."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import polars as pl

from caudal import figures
from caudal._core.charts import COLOURS, COUNTS, svg
from caudal._core.dates import month_label, month_range
from caudal._core.errors import OptionError, did_you_mean
from caudal._core.speech import Tongue
from caudal.forecast._forecast import Forecast

__all__ = ["fan_chart"]

_WIDTH, _HEIGHT, _HISTORY = 640, 280, 36
#: What the name of a month needs on the axis, in pixels.
_LABEL = 64.0
_BANDS = ((0.95, 0.15), (0.8, 0.25), (0.5, 0.4))

_WORDS = {
    "en": {
        "fan": "{title}: {low} to {high} in {month} with four chances in five",
        "sub": "{unit} a month; bands hold 50, 80 and 95 %; {model}, as of {day}",
        "came": "{title}: forecast of {day} and what happened, {inside} of {known} months inside the 80 % band",
    },
    "es": {
        "fan": "{title}: de {low} a {high} en {month}, con probabilidad de cuatro en cinco",
        "sub": "{unit} por mes; las bandas contienen 50, 80 y 95 %; {model}, al {day}",
        "came": "{title}: pronóstico del {day} y lo que ocurrió, {inside} de {known} meses dentro de la banda de 80 %",
    },
}


def fan_chart(
    forecast: Forecast,
    *,
    location: str = "total",
    outcomes: pl.DataFrame | None = None,
    language: str = "en",
) -> str:
    """Return a fan chart as SVG.

    Parameters
    ----------
    forecast : Forecast
        What is drawn.
    location : str
        One of ``forecast.locations``.
    outcomes : polars.DataFrame, optional
        Of `Forecast.outcomes`: drawn as points.
    language : {"en", "es"}
        Language of title and axis.

    Raises
    ------
    OptionError
        When the location or the language is not known.
    """
    if location not in forecast.locations:
        raise OptionError(
            f"{location!r} is not forecast",
            where="--location",
            remedy=did_you_mean(location, forecast.locations),
        )
    if language not in _WORDS:
        raise OptionError(f"{language!r} is not a language", where="--lang", remedy="Known: en, es")
    chart, words = _drawn(forecast, location, outcomes, language)
    return svg(chart, name="fan", alternative=words, language=language)


def _drawn(
    forecast: Forecast, location: str, outcomes: pl.DataFrame | None, language: str
) -> tuple[Any, str]:
    import altair as alt

    row = forecast.locations.index(location)
    history = pl.DataFrame(
        {
            "month": [month_label(month) for month in forecast.panel.months[-_HISTORY:]],
            "value": forecast.panel.values[row, -_HISTORY:],
        }
    ).drop_nulls()
    day = pl.col("month").str.to_date("%Y-%m")
    history = history.filter(pl.col("value").is_not_nan()).with_columns(day)
    last = history.tail(1)
    ends = (
        history["month"].to_list()[0],
        max(date.fromisoformat(f"{month}-01") for month in forecast.interval(0.8)["month"]),
    )
    axis = alt.Axis(format="%b %Y", values=_named(*ends), labelOverlap=False, grid=False)
    x = alt.X("month:T", title=None, axis=axis, scale=alt.Scale(domain=[_moment(day) for day in ends]))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=5, **COUNTS))
    layers = []
    for coverage, opacity in _BANDS:
        band = forecast.interval(coverage).filter(pl.col("location") == location).with_columns(day)
        start = last.select("month", pl.col("value").alias("lower"), pl.col("value").alias("upper"))
        band = pl.concat([start, band.select("month", "lower", "upper")])
        layers.append(
            alt.Chart(band)
            .mark_area(color=COLOURS["highlight"], opacity=opacity)
            .encode(x=x, y=alt.Y("lower:Q", title=None), y2="upper:Q")
        )
    middle = forecast.interval(0.8).filter(pl.col("location") == location)
    line = pl.concat(
        [
            last.select("month", "value"),
            middle.with_columns(day).select("month", pl.col("median").alias("value")),
        ]
    )
    layers.append(alt.Chart(history).mark_line(color=COLOURS["history"], strokeWidth=1.6).encode(x=x, y=y))
    layers.append(alt.Chart(line).mark_line(color=COLOURS["highlight"], strokeWidth=1.6).encode(x=x, y=y))
    title, sub = _titles(forecast, location, middle, outcomes, language)
    if outcomes is not None:
        came = outcomes.filter((pl.col("location") == location) & pl.col("outcome").is_not_null())
        came = came.with_columns(day).select("month", pl.col("outcome").cast(pl.Float64).alias("value"))
        layers.append(
            alt.Chart(came)
            .mark_point(filled=True, size=55, opacity=1, color=COLOURS["second"])
            .encode(x=x, y=y)
        )
    chart = alt.layer(*layers).properties(
        width=_WIDTH,
        height=_HEIGHT,
        title=alt.TitleParams(title, subtitle=sub, anchor="start", fontSize=13, subtitleFontSize=11),
    )
    return chart, f"{title}. {sub}."


def _titles(
    forecast: Forecast, location: str, middle: pl.DataFrame, outcomes: pl.DataFrame | None, language: str
) -> tuple[str, str]:
    measure = figures.measures().get(forecast.measure)
    title = getattr(measure, f"title_{language}") if measure else forecast.measure
    unit = getattr(measure, f"unit_{language}") if measure else ""
    title = title if location == "total" else f"{title}, {location}"
    words, first = _WORDS[language], middle.row(0, named=True)
    tongue = Tongue("caudal.forecast", language)
    about = {
        "title": title,
        "day": tongue.day(forecast.reference_date),
        "unit": unit,
        "model": forecast.model,
    }
    sub = words["sub"].format(**about)
    if outcomes is not None:
        both = middle.join(outcomes, on=["location", "month"]).drop_nulls("outcome")
        inside = both.filter((pl.col("outcome") >= pl.col("lower")) & (pl.col("outcome") <= pl.col("upper")))
        if both.height:
            return words["came"].format(inside=inside.height, known=both.height, **about), sub
    low, high = (tongue.number(_rounded(first[side])) for side in ("lower", "upper"))
    found = words["fan"].format(low=low, high=high, month=tongue.month(first["month"]), **about)
    return found, sub


def _rounded(value: float) -> float:
    """Return a forecast as it is printed: in hundreds, below a thousand in tens."""
    return round(value, -2 if abs(value) >= 1000 else -1)


def _moment(day: date) -> Any:
    import altair as alt

    return alt.DateTime(year=day.year, month=day.month, date=day.day)


def _named(first: date, last: date) -> list[Any]:
    """Return the months named on the axis: the last, and evenly spaced ones that stand free of each other and of it."""
    months = month_range(first, last)
    apart = _WIDTH / max(1, len(months) - 1)
    step = next((s for s in (1, 2, 3, 6, 12) if s * apart >= _LABEL), 12 * math.ceil(_LABEL / (12 * apart)))
    even = [
        day
        for i, day in enumerate(months)
        if (day.month - 1) % step == 0 and (len(months) - 1 - i) * apart >= _LABEL
    ]
    return [_moment(day) for day in [*even, last]]
