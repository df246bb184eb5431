"""The briefing: what is true and what comes next, as of any day, with a source behind every number.

``build`` returns it as data, ``write`` as a file; ``html`` and ``to_json`` show one.
"""

from __future__ import annotations

from caudal.brief._build import LANGUAGES, build
from caudal.brief._model import Briefing, Number, Source
from caudal.brief._render import FORMATS, html, json_schema, numbers, pdf, to_json, write

__all__ = [
    "FORMATS",
    "LANGUAGES",
    "Briefing",
    "Number",
    "Source",
    "build",
    "html",
    "json_schema",
    "numbers",
    "pdf",
    "to_json",
    "write",
]
