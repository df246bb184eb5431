"""One chart in other forms: CSV, JSON, SVG and PNG under the same address."""

from __future__ import annotations

import json
from typing import Any

from caudal import figures
from caudal.figures import Archive
from caudal.web._chart import draw, png
from caudal.web._desk import Reply
from caudal.web._pages import csv_of
from caudal.web._series import Shown, shown

__all__ = ["CHARTS", "envelope", "exported", "meta_of"]

CHARTS = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def exported(archive: Archive, asked: Any, slug: str, ending: str) -> Reply:
    """Return a series in one of the forms of `CHARTS`."""
    found = shown(slug, asked, archive)
    media = CHARTS[ending]
    name = {"content-disposition": f'inline; filename="{slug}{ending}"'}
    if ending == ".csv":
        return Reply(csv_of(found.frame), media, headers=name)
    if ending == ".json":
        return envelope(found.frame.to_dicts(), meta_of(found))
    found.must_hold()
    picture = draw(found, events=asked.events == "yes", standalone=True)
    body = picture.svg.encode() if ending == ".svg" else png(picture)
    return Reply(body, media, headers=name)


def meta_of(found: Shown) -> dict[str, Any]:
    """Return the day, the releases and the licences behind a series."""
    return {
        "measure": found.measure.id,
        "title": found.title,
        "definition": found.definition,
        "unit": found.unit,
        **about(found.archive, found.releases),
    }


def about(archive: Archive, releases: list[figures.Release]) -> dict[str, Any]:
    """Return what stands in ``meta`` of every answer: as_of, releases, licence."""
    known = figures.sources()
    licences = sorted({known[one.source].licence for one in releases if one.source in known})
    as_of = archive.as_of or (archive.latest.released if archive.releases else None)
    return {
        "as_of": as_of.isoformat() if as_of else None,
        "releases": [
            {"release": one.id, "publisher": one.publisher, "released": one.released.isoformat(),
             "certainty": one.certainty, "address": one.address, "sha256": one.sha256}
            for one in releases
        ],
        "licence": "; ".join(licences) or "as each source says",
    }  # fmt: skip


def envelope(data: Any, meta: dict[str, Any]) -> Reply:
    """Return a successful answer: ``{"ok": true, "data": …, "meta": …}``."""
    text = json.dumps(
        {"ok": True, "data": data, "meta": meta}, ensure_ascii=False, default=str, allow_nan=False
    )
    return Reply(text.encode(), "application/json")


def pending(what: str, done: int, total: int) -> Reply:
    """Return how far an answer is that is being worked out: 202, to be asked for again."""
    text = json.dumps({"ok": True, "pending": {"what": what, "done": done, "total": total}})
    return Reply(text.encode(), "application/json", 202, {"retry-after": "2"}, keep=False)
