"""The API: the library's verbs as JSON in one envelope, tables as CSV too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from fastapi import FastAPI, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from caudal import bargain, brief, figures, opinion
from caudal._core.dates import parse_day
from caudal._core.errors import OptionError
from caudal.figures import Archive
from caudal.web._ask import (
    ApiSeriesAsked,
    Asked,
    BargainAsked,
    BriefAsked,
    CheckAsked,
    Day,
    ForecastAsked,
    FormatAsked,
    Language,
    OpinionAsked,
    PeriodAsked,
    ScenarioAsked,
)
from caudal.web._check import checked, read_document
from caudal.web._desk import Desk, Reply
from caudal.web._exports import about, envelope, meta_of
from caudal.web._pages import csv_of, measure_rows
from caudal.web._series import measure_named, places_in, releases_used, shown

if TYPE_CHECKING:
    from caudal.web._lab import Laboratory

__all__ = ["add_api"]

_ROOT = "/api/v1"


class Meta(BaseModel):
    """What stands beside every answer."""

    model_config = ConfigDict(extra="allow")

    as_of: str | None
    releases: list[dict[str, Any]]
    licence: str


class Rows(BaseModel):
    """A successful answer that is a table."""

    ok: bool = True
    data: list[dict[str, Any]]
    meta: Meta


class One(BaseModel):
    """A successful answer that is one thing."""

    ok: bool = True
    data: dict[str, Any]
    meta: Meta


class Stage(BaseModel):
    """How far something is that takes a while."""

    what: str
    done: int
    total: int


class Pending(BaseModel):
    """An answer that is being worked out: ask again."""

    ok: bool = True
    pending: Stage


class Wrong(BaseModel):
    """What is wrong and how to mend it."""

    code: str
    message: str
    hint: str


class Failure(BaseModel):
    """An answer that is none."""

    ok: bool = False
    error: Wrong


class Document(BaseModel):
    """A document to read."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=2_000_000)]
    date: Day | None = None
    as_of: Day | None = None
    lang: Language | None = None


def _refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    said = {
        304: "Not changed since", 400: "A parameter that does not exist or does not fit", 404: "Not known",
        408: "The request took too long to arrive", 413: "Too large", 414: "The address is too long",
        503: "Busy; try again",
    }  # fmt: skip
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        found[code] = {"description": said[code]}
        if code not in (304, 414):
            found[code]["model"] = Failure
    return found


_USUAL = _refusals(304, 400, 404, 414, 503)
_TABLE: dict[int | str, dict[str, Any]] = {
    **_USUAL,
    200: {
        "content": {"text/csv": {"schema": {"type": "string"}}},
        "description": "The table, as JSON or CSV",
    },
}

_PENDING: dict[int | str, dict[str, Any]] = {
    **_USUAL, 202: {"description": "It is being worked out: ask again after a moment", "model": Pending},
}  # fmt: skip

Name = Annotated[str, Path(max_length=80, description="A name, as /api/v1/measures and others list them.")]


def _key(request: Request, asked: Asked) -> str:
    return f"{request.url.path} {asked.model_dump_json(exclude_defaults=True)}"


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: what is no number is null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _table(frame: pl.DataFrame, form: str, meta: dict[str, Any]) -> Reply:
    if form == "csv":
        return Reply(csv_of(frame), "text/csv; charset=utf-8")
    return envelope(_plain(frame.to_dicts()), meta)


def _held(archive: Archive, asked: Asked) -> Archive:
    return archive.at(parse_day(asked.as_of, option="as_of") if asked.as_of else None)


def add_api(app: FastAPI, desk: Desk, laboratory: Callable[[], Laboratory]) -> None:
    """Add the addresses under ``/api/v1``."""
    _add_figures(app, desk)
    _add_words(app, desk)
    _add_models(app, desk)
    _add_scenario(app, desk, laboratory)


def _add_figures(app: FastAPI, desk: Desk) -> None:
    async def give(request: Request, asked: Asked, make: Callable[[Archive], Reply]) -> Response:
        return await desk.answer(request, _key(request, asked), make)

    @app.get(f"{_ROOT}/measures", response_model=Rows, responses=_TABLE)
    async def measures(request: Request, asked: Annotated[FormatAsked, Query()]) -> Response:
        """List the measures."""

        def make(held: Archive) -> Reply:
            rows = [
                {**row, "dimensions": " ".join(n for n, _ in row["dimensions"])}
                for row in measure_rows(asked.lang)
            ]
            return _table(pl.DataFrame(rows), asked.format, about(_held(held, asked), []))

        return await give(request, asked, make)

    @app.get(f"{_ROOT}/series/{{measure}}", response_model=Rows, responses=_TABLE)
    async def series(request: Request, measure: Name, asked: Annotated[ApiSeriesAsked, Query()]) -> Response:
        """Return a measure by period, each row with the release that says it."""

        def make(held: Archive) -> Reply:
            found = shown(measure, asked, held)
            return _table(found.frame, asked.format, meta_of(found))

        return await give(request, asked, make)

    def of_period(name: str, function: Callable[..., pl.DataFrame], doc: str) -> None:
        async def endpoint(
            request: Request, measure: Name, asked: Annotated[PeriodAsked, Query()]
        ) -> Response:
            def make(held: Archive) -> Reply:
                measure_named(measure)
                at = _held(held, asked)
                frame = function(
                    measure,
                    asked.period,
                    where=places_in(measure, asked.geo),
                    publisher=asked.publisher,
                    archive=at,
                )
                return _table(frame, asked.format, about(at, releases_used(frame, at)))

            return await give(request, asked, make)

        endpoint.__doc__ = doc
        endpoint.__name__ = name
        app.get(f"{_ROOT}/{name}/{{measure}}", response_model=Rows, responses=_TABLE)(endpoint)

    of_period("triangle", figures.triangle, "Return what every release said about one period.")
    of_period("trace", figures.trace, "Return the rows of the publisher's file that add up to a figure.")

    def plain(name: str, function: Callable[[Archive], pl.DataFrame], doc: str) -> None:
        async def endpoint(request: Request, asked: Annotated[FormatAsked, Query()]) -> Response:
            def make(held: Archive) -> Reply:
                at = _held(held, asked)
                return _table(function(at), asked.format, about(at, []))

            return await give(request, asked, make)

        endpoint.__doc__ = doc
        endpoint.__name__ = name
        app.get(f"{_ROOT}/{name}", response_model=Rows, responses=_TABLE)(endpoint)

    plain("releases", figures.release_table, "List the releases the archive holds.")
    plain("sources", figures.source_table, "List the sources and which have stopped publishing.")
    plain(
        "reconciliation", lambda held: figures.reconcile(held).summary,
        "Compare tables that count the same thing.",
    )  # fmt: skip


def _add_words(app: FastAPI, desk: Desk) -> None:
    @app.get(f"{_ROOT}/check", response_model=One, responses=_USUAL)
    async def check(request: Request, asked: Annotated[CheckAsked, Query()]) -> Response:
        """Check a sentence against the official figures, under every definition it could mean."""

        def make(held: Archive) -> Reply:
            if not asked.text.strip():
                raise OptionError("nothing to check", where="text", remedy="Give a sentence")
            found = checked(held, asked)
            at = _held(held, asked)
            names = {name for one in found for name in one.releases}
            used = [one for one in at.releases if one.id in names]
            data = {
                "text": found.text, "language": found.language, "overall": found.overall if len(found) else None,
                "reason": found.reason, "hints": list(found.hints), "verdicts": found.to_list(),
            }  # fmt: skip
            return envelope(_plain(data), about(at, used))

        return await desk.answer(request, _key(request, asked), make)

    @app.post(f"{_ROOT}/read", response_model=One, responses={**_USUAL, **_refusals(408, 413)})
    async def read(document: Document) -> Response:
        """Read a document: its claims, who makes them, and what the official figures say. Nothing is kept."""
        archive = desk.archive()

        def make() -> Reply:
            reading = read_document(
                document.text.encode(errors="replace"), "text", document.date, document.as_of, document.lang, archive,
                seconds=desk.limits.reading_seconds,
            )  # fmt: skip
            at = archive.at(parse_day(document.as_of, option="as_of") if document.as_of else None)
            return envelope(_plain(reading.to_dict()), about(at, []))

        reply = await desk.work(make)
        return Response(reply.body, reply.status, {"cache-control": "no-store"}, media_type=reply.media)

    @app.get(f"{_ROOT}/brief", response_model=One, responses=_USUAL)
    async def briefing(request: Request, asked: Annotated[BriefAsked, Query()]) -> Response:
        """Return the briefing as data."""

        def make(held: Archive) -> Reply:
            built = brief.build(as_of=asked.as_of, language=asked.lang, capacity=asked.capacity, archive=held)
            names = {one.release for one in built.sources}
            used = [one for one in held.releases if one.id in names]
            return envelope(_plain(built.model_dump(mode="json")), about(held.at(built.as_of), used))

        return await desk.answer(request, _key(request, asked), make)


def _add_models(app: FastAPI, desk: Desk) -> None:
    @app.get(f"{_ROOT}/forecast", response_model=One, responses=_USUAL)
    async def forecast(request: Request, asked: Annotated[ForecastAsked, Query()]) -> Response:
        """Forecast the months after the last published one: 23 quantiles of every row."""
        from caudal.web._forecast import made

        def make(held: Archive) -> Reply:
            ahead = made(held, asked)
            data = {
                "measure": ahead.measure, "model": ahead.model, "last_month": ahead.last_month,
                "reference_date": ahead.reference_date.isoformat(), "targets": list(ahead.targets),
                "locations": list(ahead.locations), "notes": list(ahead.notes),
                "quantiles": ahead.quantiles.to_dicts(),
                "probability_record": ahead.probability_record().to_dicts(),
            }  # fmt: skip
            if ahead.capacity is not None:
                data["probability_above"] = ahead.probability_above().to_dicts()
            if asked.outcome == "yes":
                data["outcomes"] = ahead.outcomes(held).to_dicts()
            return envelope(_plain(data), about(held.at(ahead.reference_date), []))

        return await desk.answer(request, _key(request, asked), make)

    @app.get(f"{_ROOT}/scoreboard", response_model=Rows, responses=_TABLE)
    async def scores(request: Request, asked: Annotated[FormatAsked, Query()]) -> Response:
        """How every model has done on targets from 2020 on, against the last published value."""
        from caudal.web._forecast import scoreboard

        return await desk.answer(
            request, _key(request, asked), lambda held: _table(scoreboard(), asked.format, about(held, []))
        )

    @app.get(f"{_ROOT}/opinion", response_model=One, responses=_USUAL)
    async def opinions(request: Request, asked: Annotated[OpinionAsked, Query()]) -> Response:
        """Pool the polls on the president's handling of an issue, as of a day."""
        from caudal.web._opinion import pooled

        def make(held: Archive) -> Reply:
            found = pooled(asked, opinion.own_polls(desk.path))
            return envelope(_plain(found.to_dict()), {**about(held, []), "as_of": found.date.isoformat()})

        return await desk.answer(request, _key(request, asked), make)

    @app.get(f"{_ROOT}/bargain", response_model=One, responses=_USUAL)
    async def bargaining(request: Request, asked: Annotated[BargainAsked, Query()]) -> Response:
        """Solve a negotiation: which packages all could sign, and how far that rests on assumptions."""
        from caudal.web._bargain import solved

        def make(held: Archive) -> Reply:
            result = solved(asked)
            data = result.to_dict() if asked.package is None else bargain.explain(result, asked.package)
            return envelope(_plain(data), about(held, []))

        return await desk.answer(request, _key(request, asked), make)

    @app.get(f"{_ROOT}/events", response_model=Rows, responses=_TABLE)
    async def events(request: Request, asked: Annotated[FormatAsked, Query()]) -> Response:
        """List policy events with their sources and whether they were verified."""

        def make(held: Archive) -> Reply:
            frame = figures.events(as_of=asked.as_of or None)
            return _table(frame, asked.format, about(held, []))

        return await desk.answer(request, _key(request, asked), make)


def _add_scenario(app: FastAPI, desk: Desk, laboratory: Callable[[], Laboratory]) -> None:
    @app.get(f"{_ROOT}/scenario", response_model=One, responses=_PENDING)
    async def scenario(request: Request, asked: Annotated[ScenarioAsked, Query()]) -> Response:
        """Run levers on the corridor beside the same months without them, as the command caudal scenario run does."""
        from caudal.web._scenarios import scenario_data

        return await desk.answer(
            request, _key(request, asked), lambda held: scenario_data(held, asked, laboratory())
        )
