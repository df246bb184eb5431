"""The application: addresses, and how mistakes are answered."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

import caudal
from caudal._core.errors import CaudalError, NotKnownError, did_you_mean
from caudal.web import _check, _pages
from caudal.web._api import add_api
from caudal.web._ask import Asked, BriefAsked, CheckAsked, FiguresAsked, PlainAsked, SeriesAsked
from caudal.web._desk import Desk, Reply, status_of
from caudal.web._exports import CHARTS, exported
from caudal.web._guard import Application, Guard
from caudal.web._limits import Limits
from caudal.web._mistakes import refused
from caudal.web._render import NAVIGATION
from caudal.web._rooms import add_rooms

if TYPE_CHECKING:
    from caudal.web._lab import Laboratory

__all__ = ["application"]

_STATIC = {"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8"}


def application(
    *,
    store: str | os.PathLike[str] | None = None,
    embedded: bool = True,
    limits: Limits | None = None,
    public: bool = False,
) -> Application:
    """Return the ASGI application.

    Parameters
    ----------
    store, embedded : path, bool
        The archive, as in `caudal.figures.open_archive`.
    limits : Limits, optional
        Its bounds.
    public : bool
        Answer under any host name.
    """
    bounds = limits or Limits()
    desk = Desk(store, embedded, bounds)
    made: list[Laboratory] = []  # made when it is first asked for: its model needs compiled code
    making = threading.Lock()

    def laboratory() -> Laboratory:
        from caudal.web._lab import Laboratory

        with making:
            if not made:
                made.append(Laboratory())
        return made[0]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()
        for one in made:
            one.close()

    app = FastAPI(
        title="Caudal", version=caudal.__version__, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json", lifespan=lifespan, redirect_slashes=False,
        description="The movement of people towards the US–Mexico border: the library's verbs as JSON and CSV.",
    )  # fmt: skip
    _add_mistakes(app)
    _add_static(app, desk)
    _add_pages(app, desk)
    _add_charts(app, desk)
    add_rooms(app, desk, laboratory)
    add_api(app, desk, laboratory)
    return Guard(app, bounds, public=public)


def _key(path: str, asked: Asked) -> str:
    return f"{path} {asked.model_dump_json(exclude_defaults=True)}"


def _add_pages(app: FastAPI, desk: Desk) -> None:
    @app.get("/", include_in_schema=False)
    async def briefing(request: Request, asked: Annotated[BriefAsked, Query()]) -> Response:
        return await desk.answer(request, _key("/", asked), lambda held: _pages.briefing(held, asked))

    @app.get("/figures", include_in_schema=False)
    async def figures(request: Request, asked: Annotated[FiguresAsked, Query()]) -> Response:
        return await desk.answer(request, _key("/figures", asked), lambda held: _pages.chooser(held, asked))

    @app.get("/sources", include_in_schema=False)
    async def sources(request: Request, asked: Annotated[PlainAsked, Query()]) -> Response:
        return await desk.answer(request, _key("/sources", asked), lambda held: _pages.sources(held, asked))

    @app.get("/check", include_in_schema=False)
    async def check(request: Request, asked: Annotated[CheckAsked, Query()]) -> Response:
        return await desk.answer(request, _key("/check", asked), lambda held: _check.check_page(held, asked))

    @app.post("/check", include_in_schema=False)
    async def document(request: Request, asked: Annotated[CheckAsked, Query()]) -> Response:
        async with request.form(max_files=1, max_fields=8, max_part_size=2_500_000) as form:
            name, content = "", b""
            passage, file = form.get("passage"), form.get("document")
            passage = passage if isinstance(passage, str) else ""
            if file is not None and not isinstance(file, str) and file.filename:
                name, content = file.filename[:200], await file.read()
            elif passage.strip():
                name, content = "text", passage.encode()
            fields = {key: form.get(key) for key in ("lang", "as_of", "date")}
            for field in form:
                if field not in (*fields, "passage", "document"):
                    raise refused("field", field, [*fields, "passage", "document"])
        given = {key: value for key, value in fields.items() if isinstance(value, str) and value}
        try:
            asked = CheckAsked.model_validate({**asked.query(), **given})
        except ValueError:
            raise HTTPException(400, "lang is en or es; as_of and date are days, YYYY-MM-DD.") from None
        archive = desk.archive()
        reply = await desk.work(
            lambda: _check.document_page(
                archive, asked, content, name or "document", passage[:20_000], desk.limits
            )
        )
        return Response(reply.body, reply.status, {"cache-control": "no-store"}, media_type=reply.media)


def _add_charts(app: FastAPI, desk: Desk) -> None:
    def route(ending: str, media: str) -> Callable[..., Any]:
        async def chart(request: Request, slug: str, asked: Annotated[SeriesAsked, Query()]) -> Response:  # type: ignore[valid-type]
            key = _key(f"/c/{slug}{ending}", asked)
            if not ending:
                return await desk.answer(request, key, lambda held: _pages.chart_page(held, asked, slug))
            return await desk.answer(request, key, lambda held: exported(held, asked, slug, ending))

        chart.__name__ = f"chart_{ending.removeprefix('.') or 'page'}"
        chart.__doc__ = f"One series as {media.partition(';')[0]}."
        return chart

    for ending, media in CHARTS.items():
        app.get(f"/c/{{slug}}{ending}", include_in_schema=False)(route(ending, media))
    app.get("/c/{slug}", include_in_schema=False)(route("", "text/html"))


def _add_static(app: FastAPI, desk: Desk) -> None:
    @cache
    def content(name: str) -> Reply:
        text = (resources.files("caudal.web") / "static" / name).read_bytes()
        if name == "app.css":  # one look: what the briefing is set in comes first
            text = (
                (resources.files("caudal.brief") / "templates" / "briefing.css").read_bytes() + b"\n" + text
            )
        return Reply(text, _STATIC[name])

    for name in _STATIC:

        def bound(name: str) -> Callable[[Request], Any]:
            async def file(request: Request) -> Response:
                return await desk.answer(request, f"/static/{name}", lambda _: content(name))

            return file

        app.get(f"/static/{name}", include_in_schema=False)(bound(name))

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon(request: Request) -> Response:
        return await desk.answer(request, "/favicon.ico", lambda _: Reply(_ICON, "image/svg+xml"))


_ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M2 22c6-14 10 6 15-6s8-6 13-10" '
    b'fill="none" stroke="#0072B2" stroke-width="4" stroke-linecap="round"/></svg>'
)


def _add_mistakes(app: FastAPI) -> None:
    from caudal.web._mistakes import answer

    @app.exception_handler(CaudalError)
    async def mistake(request: Request, error: CaudalError) -> Response:
        return answer(request, status_of(error), error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        from caudal.web._mistakes import explained

        return answer(request, 400, explained(request, error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            known = [path for path, _ in NAVIGATION]
            found = NotKnownError("there is no such page", remedy=did_you_mean(request.url.path[:80], known))
            return answer(request, 404, found)
        return answer(
            request, error.status_code, CaudalError(str(error.detail).rstrip(".")), dict(error.headers or {})
        )

    @app.exception_handler(Exception)
    async def ours(request: Request, error: Exception) -> Response:
        return answer(request, 500, CaudalError(f"a mistake of ours, not yours ({type(error).__name__})"))
