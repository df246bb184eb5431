"""The reference page of the corridor, made from its tables."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from caudal.corridor._canvas import escape
from caudal.corridor._deaths import death_rates
from caudal.corridor._outlines import provenance
from caudal.corridor._tables import TABLES, columns, links, places, table

__all__ = ["reference_page"]

_TITLES = {
    "places": "Places",
    "links": "Links",
    "sectors": "Approaches to sectors",
    "ports": "Ports of entry",
    "closures": "Closures of ports",
    "caps": "Appointments by day",
    "classes": "Classes of people",
    "entries": "Where uncounted people enter",
    "assumptions": "Assumptions",
    "deaths": "Deaths per 10,000 encounters",
}
_SHOWN = {
    "places": [
        "place",
        "name",
        "country",
        "kind",
        "region",
        "latitude",
        "longitude",
        "dwell",
        "status",
        "source",
    ],
    "links": ["from", "to", "mode", "distance_km", "interception", "status", "source", "note"],
    "classes": ["class", "citizenships", "observed_upstream", "lawful_air_to_mexico", "status", "source"],
}


def reference_page() -> str:
    """Return the page as Markdown: what each column means, then every table with the status of every number."""
    parts = [
        _HEAD.format(places=len(places()), links=len(links()), statuses=_statuses(), outlines=_outlines())
    ]
    for name in [*TABLES, "deaths"]:
        frame = death_rates() if name == "deaths" else table(name)
        parts.append(f"\n## {_TITLES[name]}\n\n`caudal corridor show {name}`\n\n")
        meaning = [[r["column"], r["unit"], r["description"]] for r in columns(name)]
        parts.append(_table(["column", "unit", "meaning"], meaning))
        shown = _SHOWN.get(name, frame.columns)
        parts += ["\n", _table(shown, frame.select(shown).iter_rows())]
    return "".join(parts)


_HEAD = """# The corridor's declared data

Made by `docs/make.py` from the tables of `caudal.corridor`; do not edit. `caudal corridor check` looks for mistakes in
them, `caudal corridor compile --from DIR` measures places and links again from the publishers' files.

{places} places and {links} directed links. A number is *measured* or *verified* (a publisher's, or measured on one's
data), *identified* (data choose it), *weak* (data hint at it) or an *assumption* (data say nothing; scenarios draw it
from its range).

{statuses}
Railways are measured along Natural Earth's lines ([decision 005](../decisions/005-railways-follow-their-lines.md)).
Roads have no open network at hand: straight line × `road_winding`. Sector areas on maps are schematic.

![Places and links of the corridor](../images/corridor.svg)

Outlines:

{outlines}"""


def _statuses() -> str:
    """Return how many rows of each table have which status."""
    rows = []
    for name in TABLES:
        counts = table(name)["status"].value_counts(sort=True).rows()
        rows.append([_TITLES[name], ", ".join(f"{count} {status}" for status, count in sorted(counts))])
    return _table(["table", "rows by status"], rows)


def _outlines() -> str:
    about = {key: value for key, value in provenance().items() if isinstance(value, str)}
    return "".join(f"- {key}: {value}\n" for key, value in about.items())


def _table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(heading)
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) >= 1000 else f"{value:.5g}"
    if isinstance(value, list | pl.Series):
        return ", ".join(map(str, value))
    return escape(value).replace("|", "\\|").replace("&#x27;", "'").replace("&quot;", '"')
