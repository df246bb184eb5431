"""What can be asked: the parameters of every address, declared once for pages, API and its description.

An unknown parameter is refused; an empty one is as if it were not there, so that plain forms work.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from caudal._core.identifiers import DIMENSIONS, VIEWS, dimension_title

__all__ = [
    "ANY_DIMENSION",
    "ApiSeriesAsked",
    "Asked",
    "BargainAsked",
    "BriefAsked",
    "CheckAsked",
    "Day",
    "FiguresAsked",
    "ForecastAsked",
    "FormatAsked",
    "Language",
    "OpinionAsked",
    "PeriodAsked",
    "PlainAsked",
    "ScenarioAsked",
    "SeriesAsked",
]

Day = Annotated[
    str,
    Field(
        max_length=20,
        description="Only what had been released by the end of that day (YYYY-MM-DD).",
        json_schema_extra={"format": "date", "examples": ["2023-12-22"]},
    ),
]
Short = Annotated[str, Field(max_length=80)]
Period = Annotated[
    str, Field(max_length=12, description="A month (2023-11), fiscal year (FY2023), year, week or day.")
]
Language = Literal["en", "es"]

#: Every dimension and view a series may be broken down by or limited to.
ANY_DIMENSION: tuple[str, ...] = (*DIMENSIONS, *VIEWS)


class Asked(BaseModel):
    """What every address takes: the language and the day."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    lang: Annotated[Language, Field(description="Language of words: English or Spanish.")] = "en"
    as_of: Day | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        kept = {}
        for name, value in given.items():
            if isinstance(value, list):
                value = [one for one in value if one != ""]
            if value not in ("", []):
                kept[name] = value
        return kept

    def query(self) -> dict[str, Any]:
        """Return what differs from the defaults, by the names of the address."""
        return self.model_dump(exclude_defaults=True, by_alias=True)


class PlainAsked(Asked):
    """Nothing more."""


class FormatAsked(Asked):
    """A table, as JSON or CSV."""

    format: Annotated[Literal["json", "csv"], Field(description="JSON with an envelope, or bare CSV.")] = (
        "json"
    )


class _SeriesBase(Asked):
    by: Annotated[
        list[Short], Field(max_length=3, description="Dimensions to break down by; repeat for several.")
    ] = []
    geo: Annotated[
        list[Short],
        Field(
            max_length=40, description="Sectors, field offices, states, ports or countries, by code or name."
        ),
    ] = []
    first: Annotated[Period | None, Field(alias="from")] = None
    last: Annotated[Period | None, Field(alias="to")] = None
    calendar: Annotated[
        Literal["month", "fiscal_year", "fytd", "calendar_year", "week", "day"] | None,
        Field(description="What a row covers; default: the measure's own."),
    ] = None
    publisher: Annotated[Short | None, Field(description="Only figures of this publisher.")] = None
    events: Annotated[Literal["no", "yes"], Field(description="Mark policy events in the chart.")] = "no"
    embed: Annotated[Literal["no", "yes"], Field(description="A bare page to be framed elsewhere.")] = "no"

    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Return the dimensions that are limited to values."""
        found = {name: tuple(getattr(self, name)) for name in ANY_DIMENSION}
        return {name: values for name, values in found.items() if values}


#: A parameter for every dimension: ``citizenship=VEN&citizenship=CUB``, ``sector=TCA``.
SeriesAsked: type[_SeriesBase] = create_model(
    "SeriesAsked",
    __base__=_SeriesBase,
    **{
        name: (
            Annotated[
                list[Short],
                Field(max_length=40, description=f"{dimension_title(name)}: only these, by code or name."),
            ],
            [],
        )
        for name in ANY_DIMENSION
    },  # type: ignore[call-overload]
)


class FiguresAsked(SeriesAsked):  # type: ignore[valid-type, misc]
    """The page where a series is chosen."""

    measure: Short = "sw-encounters"


class ApiSeriesAsked(SeriesAsked):  # type: ignore[valid-type, misc]
    """A series from the API."""

    format: Literal["json", "csv"] = "json"


class PeriodAsked(FormatAsked):
    """One period of a measure."""

    period: Period
    publisher: Short | None = None
    geo: Annotated[list[Short], Field(max_length=40)] = []


class BriefAsked(Asked):
    """The briefing."""

    capacity: Annotated[
        float | None,
        Field(ge=0, le=1e9, allow_inf_nan=False, description="Encounters a month that can be handled."),
    ] = None


class CheckAsked(Asked):
    """A statement to check."""

    text: Annotated[str, Field(max_length=2_000, description="One sentence, in English or Spanish.")] = ""
    date: Annotated[Day | None, Field(description="The day it was written, for “last month”.")] = None


class ForecastAsked(Asked):
    """A forecast."""

    measure: Short = "sw-encounters"
    by: Annotated[
        Literal["component", "sector", "field_office", "citizenship", "family_status"] | None, Field()
    ] = None
    location: Annotated[Short, Field(description="Which of the series is drawn.")] = "total"
    model: Short = "calibrated"
    horizon: Annotated[int, Field(ge=1, le=12)] = 6
    capacity: Annotated[float | None, Field(ge=0, le=1e9, allow_inf_nan=False)] = None
    outcome: Annotated[
        Literal["no", "yes"], Field(description="Add what happened afterwards, as far as it is known now.")
    ] = "no"


#: One lever of a scenario; its targets can be many.
Lever = Annotated[str, Field(max_length=200, examples=["rail_control:0.6"])]


class ScenarioAsked(Asked):
    """A scenario on the corridor: levers beside the same months without them."""

    as_of: Day = "2023-12-22"
    horizon: Annotated[int, Field(ge=1, le=12, description="Months ahead of the last one known.")] = 4
    first: Annotated[
        Day | None, Field(alias="from", description="Day from which the levers act; default: at once.")
    ] = None
    set: Annotated[
        list[Lever],
        Field(
            max_length=20,
            description="Levers and their degrees, lever:degree or lever:degree@target,target; repeat for several.",
        ),
    ] = []
    draws: Annotated[
        int,
        Field(
            ge=1,
            le=200,
            description="1: expected flows at central values; more: paired draws of what is assumed.",
        ),
    ] = 1
    than: Annotated[
        list[Lever],
        Field(
            max_length=20,
            description="Another scenario to compare with, written like set; nothing if absent.",
        ),
    ] = []


class OpinionAsked(Asked):
    """Polls."""

    issue: Short = "immigration"
    president: Short | None = None
    hindsight: Annotated[
        Literal["yes", "no"], Field(description="The smoothed line, or as it could be drawn on each day.")
    ] = "yes"


class BargainAsked(Asked):
    """A negotiation."""

    template: Short = "2023-12-us-mexico"
    draws: Annotated[int, Field(ge=10, le=500)] = 200
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1
    weight: Annotated[
        list[Annotated[str, Field(max_length=80)]],
        Field(max_length=40, description="Weights of interests, actor.interest:number; repeat for several."),
    ] = []
    package: Annotated[str | None, Field(max_length=400, description="A package to explain.")] = None
