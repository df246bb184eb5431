"""Addresses of the pages about forecasts, negotiations, opinion and the documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from caudal.web._ask import Asked, BargainAsked, ForecastAsked, OpinionAsked, PlainAsked, ScenarioAsked
from caudal.web._desk import Desk

if TYPE_CHECKING:
    from caudal.web._lab import Laboratory

__all__ = ["add_rooms"]


def _key(path: str, asked: Asked) -> str:
    return f"{path} {asked.model_dump_json(exclude_defaults=True)}"


def add_rooms(app: FastAPI, desk: Desk, laboratory: Callable[[], Laboratory]) -> None:
    """Add the pages; each room is imported when its page is first asked for."""

    @app.get("/forecast", include_in_schema=False)
    async def forecast(request: Request, asked: Annotated[ForecastAsked, Query()]) -> Response:
        from caudal.web._forecast import forecast_page

        return await desk.answer(request, _key("/forecast", asked), lambda held: forecast_page(held, asked))

    @app.get("/bargain", include_in_schema=False)
    async def bargain(request: Request, asked: Annotated[BargainAsked, Query()]) -> Response:
        from caudal.web._bargain import bargain_page

        return await desk.answer(request, _key("/bargain", asked), lambda held: bargain_page(held, asked))

    @app.get("/opinion", include_in_schema=False)
    async def opinion(request: Request, asked: Annotated[OpinionAsked, Query()]) -> Response:
        from caudal.opinion import own_polls
        from caudal.web._opinion import opinion_page

        return await desk.answer(
            request, _key("/opinion", asked), lambda held: opinion_page(held, asked, own_polls(desk.path))
        )

    @app.get("/corridor", include_in_schema=False)
    async def corridor(request: Request, asked: Annotated[PlainAsked, Query()]) -> Response:
        from caudal.web._corridor import corridor_page

        return await desk.answer(request, _key("/corridor", asked), lambda held: corridor_page(held, asked))

    @app.get("/scenarios", include_in_schema=False)
    async def scenarios(request: Request, asked: Annotated[ScenarioAsked, Query()]) -> Response:
        from caudal.web._scenarios import scenario_page

        return await desk.answer(
            request, _key("/scenarios", asked), lambda held: scenario_page(held, asked, laboratory())
        )

    @app.get("/scenarios/progress", include_in_schema=False)
    async def progress(request: Request, asked: Annotated[ScenarioAsked, Query()]) -> Response:
        from caudal.web._scenarios import scenario_progress

        return await desk.answer(
            request,
            _key("/scenarios/progress", asked),
            lambda held: scenario_progress(held, asked, laboratory()),
        )

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request, asked: Annotated[PlainAsked, Query()]) -> Response:
        from caudal.web._docs import docs_page

        return await desk.answer(
            request, _key("/docs", asked), lambda held: docs_page(held, asked, app.openapi())
        )
