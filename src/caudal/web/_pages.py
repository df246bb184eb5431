"""The pages about figures: briefing, chooser, one chart, sources. Each takes the archive and what was asked."""

from __future__ import annotations

import csv
import io
import shlex
from datetime import date
from typing import Any

import polars as pl

from caudal import brief, figures
from caudal._core.dates import parse_day
from caudal._core.errors import CaudalError
from caudal._core.identifiers import VIEWS, dimension_title, identities, name_of
from caudal.figures import Archive
from caudal.web._ask import BriefAsked, PlainAsked
from caudal.web._chart import Picture, draw
from caudal.web._desk import Reply
from caudal.web._render import address, page
from caudal.web._series import Shown, dimensions_of, measure_named, releases_used, shown
from caudal.web._words import words

__all__ = ["briefing", "chart_page", "chooser", "csv_of", "release_days", "sources"]

#: Rows and columns of a table in a page; the CSV has all.
_ROWS, _COLUMNS = 60, 12


def release_days(archive: Archive) -> list[date]:
    """Return the days on which something was released, the earliest first."""
    return sorted({release.released for release in archive.releases})


def briefing(archive: Archive, asked: BriefAsked) -> Reply:
    """Return the briefing within the application, with the days it can be made for."""
    built = brief.build(as_of=asked.as_of, language=asked.lang, capacity=asked.capacity, archive=archive)
    whole = brief.html(built)
    # The page has a header of its own: the briefing's stands in it as a plain part.
    head = whole[whole.index("<header>") + len("<header>") : whole.index("</header>")]
    body = whole[whole.index("</header>") + len("</header>") : whole.index("</body>")]
    days = release_days(archive)
    place = max((i for i, day in enumerate(days) if day <= built.as_of), default=0)
    return page(
        "brief.html",
        "/",
        asked,
        title=built.title,
        head=head,
        body=body,
        as_of=built.as_of,
        days=days,
        place=place,
    )


# ── series ───────────────────────────────────────────────────────────────────


def chooser(archive: Archive, asked: Any) -> Reply:
    """Return the page where a series is chosen and shown."""
    return _series_page(archive, asked, asked.measure, "figures.html", "/figures")


def chart_page(archive: Archive, asked: Any, slug: str) -> Reply:
    """Return the page of one chart, or the bare one for a frame."""
    measure_named(slug)
    template = "embed.html" if asked.embed == "yes" else "chart.html"
    return _series_page(archive, asked, slug, template, f"/c/{slug}")


def _series_page(archive: Archive, asked: Any, measure: str, template: str, path: str) -> Reply:
    t = words(asked.lang)
    declared = measure_named(measure)
    about: dict[str, Any] = {
        "measure": declared, "measures": _choices(t.language), "dimensions": dimensions_of(measure),
        "days": release_days(archive), "values": _values(measure, t.language), "link": _Link(measure, asked),
    }  # fmt: skip
    try:
        found = shown(measure, asked, archive)
        found.must_hold()
    except CaudalError as error:
        if template != "figures.html":
            raise
        # The form stays in place, so that what was asked can be mended.
        from caudal.web._desk import status_of

        return page(template, path, asked, status=status_of(error), error=error, found=None, **about)
    picture = draw(found, events=asked.events == "yes")
    return page(
        template, path, asked, error=None, found=found, picture=picture, table=table_of(found),
        stale=_stale(found), summary=_summary(found, picture), commands=_commands(found, asked), **about,
    )  # fmt: skip


class _Link:
    """Addresses of the series at hand, in other forms and with other parameters."""

    def __init__(self, measure: str, asked: Any) -> None:
        self._path = f"/c/{measure}"
        self._query = {k: v for k, v in asked.query().items() if k not in ("measure", "embed")}

    def __call__(self, ending: str = "", **changes: Any) -> str:
        """Return the address of the chart, ``.csv``, ``.json``, ``.svg`` or ``.png``."""
        return address(self._path + ending, self._query, **changes)


def _choices(language: str) -> list[tuple[str, str]]:
    return [(one.id, str(getattr(one, f"title_{language}"))) for one in figures.measures().values()]


def _values(measure: str, language: str) -> dict[str, list[tuple[str, str]]]:
    """Return the values that dimensions of few values can be limited to."""
    found = {}
    for dimension in dimensions_of(measure):
        known = (
            identities(VIEWS.get(dimension, dimension)) if dimension not in VIEWS else identities(dimension)
        )
        named = [(code, name_of(dimension, code, language)) for code in known]
        found[dimension] = sorted(named, key=lambda pair: pair[1])
    return found


def _stale(found: Shown) -> tuple[str, date] | None:
    """Return who says the newest period and since when nothing newer has come, if that is overdue."""
    newest = found.frame.filter(pl.col("period") == found.frame["period"].max())
    used = {release.source for release in releases_used(newest, found.archive)}
    rows = figures.source_table(found.archive, as_of=found.as_of).to_dicts()
    late = [row for row in rows if row["source"] in used]
    if not late or any(row["stale_since"] is None for row in late):
        return None
    return ", ".join(sorted({row["publisher"] for row in late})), max(row["stale_since"] for row in late)


def _commands(found: Shown, asked: Any) -> dict[str, str]:
    """Return the same question in Python and on the command line."""
    where = {
        name: values[0] if len(values) == 1 else list(values) for name, values in found.conditions.items()
    }
    options = {
        "by": list(found.by) or None, "where": where or None, "as_of": asked.as_of,
        "period": (asked.first, asked.last) if asked.first or asked.last else None,
        "calendar": asked.calendar, "publisher": asked.publisher,
    }  # fmt: skip
    said = "".join(f", {name}={value!r}" for name, value in options.items() if value is not None)
    words = ["caudal figures series", found.measure.id]
    words += [f"--by {name}" for name in found.by]
    words += [
        f"--where {shlex.quote(f'{name}={value}')}" for name, vs in found.conditions.items() for value in vs
    ]
    named = (("as-of", asked.as_of), ("from", asked.first), ("to", asked.last), ("calendar", asked.calendar),
             ("publisher", asked.publisher))  # fmt: skip
    words += [f"--{name} {shlex.quote(str(value))}" for name, value in named if value]
    return {"python": f"caudal.figures.series({found.measure.id!r}{said})", "shell": " ".join(words)}


def _summary(found: Shown, picture: Picture) -> str:
    return f"{picture.title}. {picture.subtitle}."


def table_of(found: Shown) -> dict[str, Any]:
    """Return the table of a series: newest periods first; broken down, one column for each of the largest parts."""
    frame = found.frame
    periods = frame["period"].unique().sort(descending=True).to_list()
    kept = periods[:_ROWS]
    if not found.by:
        by_period = {row["period"]: row for row in frame.to_dicts()}
        rows = []
        for period in kept:
            row = by_period[period]
            before = by_period.get(found.year_before(period) or "")
            rows.append({**row, "change": row["value"] - before["value"] if before else None})
        return {"kind": "single", "rows": rows, "more": len(periods) - len(kept)}
    names = [(tuple(row[name] for name in found.by), found.name(row)) for row in _largest(found).to_dicts()]
    cells: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in frame.to_dicts():
        cells.setdefault((row["period"],), {})[str(tuple(row[name] for name in found.by))] = row["value"]
    return {
        "kind": "crossed",
        "columns": [(str(key), name, key) for key, name in names[:_COLUMNS]],
        "rows": [{"period": period, "cells": cells[(period,)]} for period in kept],
        "more": len(periods) - len(kept),
        "hidden": max(0, len(names) - _COLUMNS),
    }


def _largest(found: Shown) -> pl.DataFrame:
    recent = found.frame["period"].unique().sort()[-12:]
    return (
        found.frame.group_by(list(found.by))
        .agg(pl.col("value").filter(pl.col("period").is_in(recent.implode())).sum().alias("size"))
        .sort(["size", *found.by], descending=[True, *[False] * len(found.by)])
    )


def csv_of(frame: pl.DataFrame) -> bytes:
    """Return a frame as CSV; no cell of it is taken for a formula by a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.iter_rows():
        writer.writerow([_cell(value) for value in row])
    return out.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


# ── sources ──────────────────────────────────────────────────────────────────


def sources(archive: Archive, asked: PlainAsked) -> Reply:
    """Return publishers, what is held of each, who has stopped, and whether tables agree."""
    t = words(asked.lang)
    held = archive.at(parse_day(asked.as_of, option="as_of") if asked.as_of else None)
    declared = figures.sources()
    rows = [
        {**row, "name": getattr(declared[row["source"]], f"title_{t.language}"),
         "who": declared[row["source"]].publisher_name, "address": declared[row["source"]].address,
         "licence": declared[row["source"]].licence}
        for row in figures.source_table(held).to_dicts()
    ]  # fmt: skip
    agreed = figures.reconcile(held)
    return page(
        "sources.html", "/sources", asked, rows=rows, releases=list(reversed(figures.release_table(held).to_dicts())),
        agreed=agreed, summary=agreed.summary.to_dicts(), as_of=held.as_of or held.latest.released,
        days=release_days(archive),
    )  # fmt: skip


def measure_rows(language: str) -> list[dict[str, Any]]:
    """Return every measure with what it counts and how it can be broken down."""
    return [
        {
            "id": one.id,
            "title": getattr(one, f"title_{language}"),
            "definition": getattr(one, f"definition_{language}"),
            "unit": getattr(one, f"unit_{language}"),
            "freq": one.freq,
            "dimensions": [(name, dimension_title(name, language)) for name in dimensions_of(one.id)],
        }
        for one in figures.measures().values()
    ]
