"""How mistakes are answered: the same words as a page for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from caudal._core.errors import CaudalError, OptionError, did_you_mean
from caudal.web._ask import Language, PlainAsked
from caudal.web._render import page, placed

__all__ = ["answer", "explained", "refused"]

_ENDINGS = (".csv", ".json", ".svg", ".png")
_CODES = {
    400: "bad_request", 404: "not_known", 405: "method_not_allowed", 408: "too_slow", 413: "too_large",
    500: "our_mistake", 503: "busy",
}  # fmt: skip


def refused(kind: str, name: str, known: Iterable[str]) -> OptionError:
    """Return the error of a parameter that does not exist."""
    return OptionError(
        f"there is no {kind} {name[:60]!r}", where=name[:60], remedy=did_you_mean(name[:60], known)
    )


def explained(request: Request, error: RequestValidationError) -> CaudalError:
    """Return what is wrong with the parameters of a request, with the nearest name that exists."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"][1:]]
    name = (place[0] if place else "request")[:60]
    if first["type"] == "extra_forbidden":
        return refused("parameter", name, _known(request))
    said = str(first["msg"])
    if first["type"] == "missing":
        return OptionError(f"{name} is needed", where=name, remedy="See /docs")
    allowed = first.get("ctx", {}).get("expected")
    given = str(first.get("input"))[:60]
    remedy = f"Known: {allowed}" if allowed else said
    return OptionError(f"{given!r} does not fit", where=name, remedy=remedy)


def _known(request: Request) -> list[str]:
    """Return the parameters of the address that was asked."""
    route = request.scope.get("route")
    found: list[str] = []
    dependant = getattr(route, "dependant", None)
    for parameter in getattr(dependant, "query_params", []):
        annotation = parameter.field_info.annotation
        for name, one in getattr(annotation, "model_fields", {}).items():
            found.append(one.alias or name)
    return found


def answer(
    request: Request, status: int, error: CaudalError, headers: dict[str, str] | None = None
) -> Response:
    """Return a mistake as a page, or as JSON where programs ask."""
    path = request.url.path
    extra = {"cache-control": "no-store", **(headers or {})}
    if status == 503:
        extra["retry-after"] = "5"
    if path.startswith("/api/") or path.endswith(_ENDINGS):
        said: dict[str, Any] = {
            "code": _CODES.get(status, "refused"),
            "message": f"{placed(error.where)}: {error.what}" if error.where else error.what,
            "hint": error.remedy or "",
        }
        body = json.dumps({"ok": False, "error": said}, ensure_ascii=False).encode()
        return Response(body, status, extra, media_type="application/json")
    language: Language = "es" if request.query_params.get("lang") == "es" else "en"
    reply = page(
        "error.html", path if path.isascii() else "/", PlainAsked(lang=language), status=status, error=error
    )
    return Response(reply.body, status, extra, media_type=reply.media)
