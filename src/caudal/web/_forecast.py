"""The page of what comes next: fan chart, table, how such forecasts have done."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from caudal import figures, forecast
from caudal._core.dates import parse_day
from caudal._core.errors import CaudalError, OptionError, did_you_mean
from caudal._core.identifiers import name_of
from caudal.figures import Archive
from caudal.forecast import Forecast
from caudal.forecast.results import headline, kept
from caudal.web._ask import ForecastAsked
from caudal.web._desk import Reply, status_of
from caudal.web._pages import release_days
from caudal.web._render import page
from caudal.web._words import words

__all__ = ["MEASURES", "forecast_page", "made", "scoreboard"]

#: Measures with months enough to be forecast.
MEASURES = (
    "sw-encounters", "usbp-encounters", "ofo-encounters", "nationwide-encounters", "darien-entries",
    "mexico-inm-encounters", "cbp-one-appointments",
)  # fmt: skip
_BREAKDOWNS = {
    "sw-encounters": ("component", "citizenship", "family_status"),
    "usbp-encounters": ("sector", "citizenship", "family_status"),
    "ofo-encounters": ("field_office", "citizenship", "family_status"),
}
#: The level of the scoreboard that speaks of a measure and breakdown.
_LEVELS = {
    ("usbp-encounters", None): "total", ("usbp-encounters", "sector"): "sector",
    ("usbp-encounters", "citizenship"): "citizenship", ("usbp-encounters", "family_status"): "family",
    ("sw-encounters", None): "sw-total", ("sw-encounters", "component"): "component",
    ("sw-encounters", "citizenship"): "sw-citizenship", ("sw-encounters", "family_status"): "sw-family",
    ("ofo-encounters", "field_office"): "field-office",
}  # fmt: skip


def made(archive: Archive, asked: ForecastAsked) -> Forecast:
    """Return the forecast that an address asks for."""
    if asked.measure not in MEASURES:
        raise OptionError(
            f"{asked.measure!r} is not forecast",
            where="measure",
            remedy=did_you_mean(asked.measure, MEASURES),
        )
    allowed = _BREAKDOWNS.get(asked.measure, ())
    if asked.by is not None and asked.by not in allowed:
        raise OptionError(
            f"{asked.measure} is not forecast by {asked.by}", where="by",
            remedy=f"Known: {', '.join(allowed)}" if allowed else "Leave it out",
        )  # fmt: skip
    held = archive.at(parse_day(asked.as_of, option="as_of") if asked.as_of else None)
    return forecast.run(
        asked.measure, by=[asked.by] if asked.by else (), horizon=asked.horizon, model=asked.model,
        capacity=asked.capacity, as_of=asked.as_of, archive=held,
    )  # fmt: skip


def forecast_page(archive: Archive, asked: ForecastAsked) -> Reply:
    """Return the page."""
    t = words(asked.lang)
    about: dict[str, Any] = {
        "measures": [(name, getattr(figures.measures()[name], f"title_{t.language}")) for name in MEASURES],
        "breakdowns": _BREAKDOWNS.get(asked.measure, ()), "models": sorted(forecast.MODELS),
        "days": release_days(archive), "scores": _scores(asked), "whose": kept()[1],
    }  # fmt: skip
    try:
        ahead = made(archive, asked)
        outcomes = ahead.outcomes(archive) if asked.outcome == "yes" else None
        chart = forecast.fan_chart(ahead, location=asked.location, outcomes=outcomes, language=t.language)
    except CaudalError as error:
        return page(
            "forecast.html", "/forecast", asked, status=status_of(error), error=error, ahead=None, **about
        )
    return page(
        "forecast.html", "/forecast", asked, error=None, ahead=ahead, chart=chart, rows=rows_of(ahead, asked, outcomes),
        locations=[(name, location_name(asked, name)) for name in ahead.locations], **about,
    )  # fmt: skip


def location_name(asked: ForecastAsked, location: str) -> str:
    """Return what a row of a forecast is of."""
    if location == "total" or asked.by is None:
        return words(asked.lang)("total")
    return name_of(asked.by, location.rpartition("/")[2], asked.lang)


def rows_of(ahead: Forecast, asked: ForecastAsked, outcomes: pl.DataFrame | None) -> list[dict[str, Any]]:
    """Return the months ahead of one location: middle, three intervals, chances, and what came."""
    found: dict[str, dict[str, Any]] = {}
    for coverage in (50, 80, 95):
        band = ahead.interval(coverage / 100).filter(pl.col("location") == asked.location)
        for row in band.to_dicts():
            own = found.setdefault(row["month"], {"month": row["month"], "median": row["median"]})
            own |= {f"lower_{coverage}": row["lower"], f"upper_{coverage}": row["upper"]}
    extra = [("record", ahead.probability_record())]
    if ahead.capacity is not None:
        extra.append(("above", ahead.probability_above()))
    for name, frame in extra:
        for row in frame.filter(pl.col("location") == asked.location).to_dicts():
            found[row["month"]][name] = row["probability"]
    if outcomes is not None:
        for row in outcomes.filter(pl.col("location") == asked.location).to_dicts():
            found[row["month"]]["outcome"] = row["outcome"]
    return list(found.values())


@cache
def _board() -> pl.DataFrame:
    return headline(kept()[0])


def scoreboard() -> pl.DataFrame:
    """Return how every model did on targets from 2020 on, all horizons together."""
    return _board().filter(pl.col("window") == "evaluation")


def _scores(asked: ForecastAsked) -> list[dict[str, Any]]:
    level = _LEVELS.get((asked.measure, asked.by))
    rows = scoreboard().filter(pl.col("level") == level) if level else scoreboard().head(0)
    return [row for row in rows.to_dicts() if row["relative_wis"] is not None]
