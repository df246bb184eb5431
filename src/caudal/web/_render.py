"""Templates: one environment, the same words and links in every page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from markupsafe import Markup

import caudal
from caudal._core.identifiers import dimension_title, name_of
from caudal.web._ask import Asked
from caudal.web._desk import Reply
from caudal.web._words import words

__all__ = ["NAVIGATION", "address", "page", "placed"]

#: Pages in the order of the navigation: path and key of the phrase.
NAVIGATION = (
    ("/", "nav_brief"),
    ("/figures", "nav_figures"),
    ("/check", "nav_check"),
    ("/forecast", "nav_forecast"),
    ("/corridor", "nav_corridor"),
    ("/scenarios", "nav_scenarios"),
    ("/bargain", "nav_bargain"),
    ("/opinion", "nav_opinion"),
    ("/sources", "nav_sources"),
    ("/docs", "nav_docs"),
)


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("caudal.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        version=caudal.__version__, address=address, ours=Markup, dimension_title=dimension_title, name_of=name_of,
        island=_island, placed=placed,
    )  # fmt: skip
    return made


def placed(where: str | None) -> str:
    """Return the place of an error as addresses name it: what the command line calls ``--as-of`` is ``as_of`` here."""
    return where[2:].replace("-", "_") if where and where.startswith("--") else where or ""


def _island(data: Any) -> Markup:
    """Return data for a script to read, safe inside a ``script`` element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def address(path: str, asked: Asked | Mapping[str, Any] | None = None, **changes: Any) -> str:
    """Return an address with the parameters asked, some of them changed (``None`` leaves one out)."""
    query = dict(asked.query() if isinstance(asked, Asked) else asked or {})
    renamed = {"first": "from", "last": "to"}
    for name, value in changes.items():
        query[renamed.get(name, name)] = value
    if query.get("lang") == "en":
        query.pop("lang")
    kept = {name: value for name, value in query.items() if value not in (None, "", [])}
    text = urlencode(kept, doseq=True, quote_via=quote)
    return f"{path}?{text}" if text else path


def page(template: str, path: str, asked: Asked, *, status: int = 200, **context: Any) -> Reply:
    """Return a page.

    Parameters
    ----------
    template : str
        Name of its template.
    path : str
        Its path, for the links that change one parameter.
    asked : Asked
        The parameters.
    status : int
        HTTP status.
    **context
        What the template shows.
    """
    t = words(asked.lang)
    links = [(address(where, {"lang": asked.lang}), t(key), where == path) for where, key in NAVIGATION]
    text = _environment().get_template(template).render(
        t=t, lang=asked.lang, q=asked, path=path, navigation=links, here=_here(path, asked), **context
    )  # fmt: skip
    return Reply(text.encode(), "text/html; charset=utf-8", status)


def _here(path: str, asked: Asked) -> dict[str, str]:
    return {language: address(path, asked, lang=language) for language in ("en", "es")}
