"""Addresses of the pages about forecasts, negotiations, opinion and the documentation."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from caudal.web._ask import Asked, BargainAsked, ForecastAsked, OpinionAsked, PlainAsked
from caudal.web._desk import Desk

__all__ = ["add_rooms"]


def _key(path: str, asked: Asked) -> str:
    return f"{path} {asked.model_dump_json(exclude_defaults=True)}"


def add_rooms(app: FastAPI, desk: Desk) -> None:
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

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request, asked: Annotated[PlainAsked, Query()]) -> Response:
        from caudal.web._docs import docs_page

        return await desk.answer(
            request, _key("/docs", asked), lambda held: docs_page(held, asked, app.openapi())
        )
