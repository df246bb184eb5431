"""The page that says how addresses are made and what the API answers, from the declarations themselves."""

from __future__ import annotations

from typing import Any

from caudal import forecast
from caudal.figures import Archive
from caudal.web._ask import PlainAsked
from caudal.web._desk import Reply
from caudal.web._pages import measure_rows
from caudal.web._render import page

__all__ = ["docs_page"]


def docs_page(_: Archive, asked: PlainAsked, described: dict[str, Any]) -> Reply:
    """Return the page."""
    return page(
        "docs.html", "/docs", asked, endpoints=_endpoints(described), measures=measure_rows(asked.lang),
        models=[(name, text) for name, (_, text) in sorted(forecast.MODELS.items())],
    )  # fmt: skip


def _endpoints(described: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            names = [
                parameter["name"] for parameter in one.get("parameters", []) if parameter["in"] == "query"
            ]
            said = one.get("description", one.get("summary", ""))
            found.append({"method": method.upper(), "path": path, "summary": said, "parameters": names})
    return found
