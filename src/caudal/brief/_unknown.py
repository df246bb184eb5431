"""Section 6, what we do not know: sources that stopped, dates in doubt, months that are only provisional."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from caudal import figures
from caudal.brief._model import Block, Paragraph, Section, Table
from caudal.brief._truth import Line, Truth

__all__ = ["section"]

#: Events further back than this are history, not a doubt about the present.
_RECENT = timedelta(days=730)
_SHOWN = 8


def section(truth: Truth) -> Section:
    """Return section 6."""
    blocks = [*_sources(truth), *_dates(truth), Paragraph(spans=truth.speech.spans("unknown_always"))]
    return Section(id="unknown", title=truth.speech.text("section_unknown"), blocks=blocks)


def _sources(truth: Truth) -> list[Block]:
    """Return the sources that were silent for longer than they ever are, or had not begun to be held."""
    speech = truth.speech
    status = figures.source_table(truth.archive, as_of=truth.archive.as_of)
    stale = status.filter(pl.col("status") == "stale").sort("last_release", "source")
    if stale.is_empty():
        return [Paragraph(spans=speech.spans("stale_none"))]
    declared = figures.sources()
    rows: list[Line] = []
    for row in stale.to_dicts():
        source = declared[row["source"]]
        title = source.title_es if speech.language == "es" else source.title_en
        rows.append(
            [
                [f"{source.publisher_name}: {title}"],
                [speech.day(row["last_release"])],
                [speech.month(row["covers_to"])] if row["covers_to"] else None,
                [speech.day(row["stale_since"])],
            ]
        )
    columns = [speech.text(f"col_{key}") for key in ("source", "last_release", "covers_to", "stale_since")]
    said = Paragraph(
        spans=speech.spans(
            "stale_first" if len(rows) > 1 else "stale_one", count=len(rows), all=status.height
        )
    )
    return [said, Table(caption=speech.text("stale_caption"), columns=columns, rows=rows)]


def _when(truth: Truth, row: dict[str, Any]) -> str:
    """Return the day, or the month where no more is filed."""
    whole = len(row["date_text"]) > len("2023-12")
    return truth.speech.day(row["first"]) if whole else truth.speech.month(row["first"])


def _dates(truth: Truth) -> list[Block]:
    """Return events of the last two years whose day no source at hand settles; none that came later."""
    speech = truth.speech
    day = truth.archive.as_of
    assert day is not None  # a briefing is of a day
    doubtful = (
        figures.events(as_of=day)
        .filter(pl.col("status") != "verified")
        .filter(pl.col("first").is_between(pl.lit(day - _RECENT), pl.lit(day)))
        .sort("first")
        .tail(_SHOWN)
    )
    if doubtful.is_empty():
        return []
    rows: list[Line] = [
        [[_when(truth, row)], [row["what"]], [speech.text(f"event_{row['status'].replace(' ', '_')}")]]
        for row in doubtful.to_dicts()
    ]
    columns = [speech.text(f"col_{key}") for key in ("date", "event", "state")]
    return [Table(caption=speech.text("doubt_caption"), columns=columns, rows=rows)]
