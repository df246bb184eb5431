"""Section 5, what the public thinks: the pooled answer with its interval, the polls behind it, answers by party."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from caudal import opinion
from caudal.brief import _charts
from caudal.brief._model import Block, Number, Paragraph, Section, Span, Table
from caudal.brief._truth import Line, Truth, cell

__all__ = ["section"]

_ISSUE = "immigration"
#: Polls shown one by one, the newest; all of them are behind the pooled answer.
_SHOWN = 6
#: Answers by party older than this say nothing about today.
_RECENT = timedelta(days=120)
_GROUPS = {"Democrats": "group_dem", "Independents": "group_ind", "Republicans": "group_rep"}


def section(truth: Truth) -> Section:
    """Return section 5."""
    speech = truth.speech
    pooled = opinion.pool(_ISSUE, as_of=truth.archive.as_of)
    blocks: list[Block] = []
    if pooled.method != "none":
        blocks.append(Paragraph(spans=_answer(truth, pooled)))
        sources = [_source(truth, row) for row in pooled.polls.to_dicts()]
        blocks.append(_charts.public(pooled, speech, sorted(set(sources))))
    blocks.append(Paragraph(spans=[opinion.note(pooled, speech.language)]))
    if pooled.method != "none":
        blocks.append(_polls(truth, pooled.polls.tail(_SHOWN)))
    return Section(id="public", title=speech.text("section_public"), blocks=blocks + _parties(truth, pooled))


def _day(row: dict[str, Any]) -> date:
    found = row["published"] or row["field_end"] or row.get("known_on")
    assert isinstance(found, date)
    return found


def _source(truth: Truth, row: dict[str, Any]) -> int:
    day = _day(row)
    return truth.cite.other(
        publisher=row["house"],
        table=truth.speech.text("poll_table", day=truth.speech.day(day)),
        release=f"{row['house']} {day} {row['address']}",
        released=day,
        file="caudal.opinion/polls.csv",
        address=row["address"] or "",
        terms="figures, cited",
    )


def _percent(truth: Truth, value: float, label: str, period: str, sources: list[int], how: str) -> Number:
    text = truth.speech.number(value, decimals=0 if float(value).is_integer() else 1) + " %"
    return truth.cite.computed(
        round(value, 1), text, unit="percent", label=label, period=period, sources=sources, cells=how
    )


def _answer(truth: Truth, pooled: opinion.Pooled) -> list[Span]:
    """Say the pooled shares with their 80 percent intervals."""
    speech = truth.speech
    sources = sorted({_source(truth, row) for row in pooled.polls.to_dicts()})
    period = pooled.date.isoformat()
    how = speech.text("pooled_from_one" if pooled.polls_used == 1 else "pooled_from", count=pooled.polls_used)
    spans: list[Span] = []
    for answer, estimate in (("disapprove", pooled.disapprove), ("approve", pooled.approve)):
        if estimate.mean is None or estimate.interval_80 is None:
            continue
        mean, low, high = (
            _percent(truth, value, speech.text(f"pooled_{answer}_label"), period, sources, how)
            for value in (round(estimate.mean), *(round(v) for v in estimate.interval_80))
        )
        spans += speech.spans(f"pooled_{answer}", mean=mean, low=low, high=high)
    return spans


def _polls(truth: Truth, polls: pl.DataFrame) -> Table:
    speech = truth.speech
    rows: list[Line] = []
    for row in reversed(polls.to_dicts()):
        day = _day(row)
        line: Line = [[row["house"]], [speech.day(day)]]
        line.append([speech.text(f"population_{row['population']}")] if row["population"] else None)
        asked = None
        if row["n"] is not None:
            asked = truth.cite.computed(
                row["n"],
                speech.number(row["n"]),
                unit="people",
                label=row["house"],
                period=day.isoformat(),
                sources=[_source(truth, row)],
                cells=speech.text("as_printed"),
            )
        rows.append([*line, cell(asked), *_answers(truth, row)])
    columns = [
        speech.text(f"col_{key}") for key in ("house", "day", "asked_of", "sample", "approve", "disapprove")
    ]
    return Table(caption=speech.text("polls_caption"), columns=columns, rows=rows)


def _answers(truth: Truth, row: dict[str, Any]) -> Line:
    """Return the cells of what a poll printed: approve, disapprove."""
    how, source = truth.speech.text("as_printed"), [_source(truth, row)]
    return [
        cell(
            None
            if row[key] is None
            else _percent(truth, row[key], row["house"], _day(row).isoformat(), source, how)
        )
        for key in ("approve", "disapprove")
    ]


def _parties(truth: Truth, pooled: opinion.Pooled) -> list[Block]:
    """Return answers by party of polls not older than four months, as published."""
    speech = truth.speech
    frame = opinion.crosstabs(_ISSUE, as_of=pooled.date, president=pooled.president)
    day = pl.coalesce("published", "field_end")
    frame = frame.filter(day.is_not_null() & (day > pooled.date - _RECENT) & pl.col("group").is_in(_GROUPS))
    if frame.is_empty():
        return []
    rows: list[Line] = []
    for row in frame.to_dicts():
        line: Line = [[row["house"]], [speech.day(_day(row))], [speech.text(_GROUPS[row["group"]])]]
        rows.append([*line, *_answers(truth, row)])
    columns = [speech.text(f"col_{key}") for key in ("house", "day", "party", "approve", "disapprove")]
    return [Table(caption=speech.text("parties_caption"), columns=columns, rows=rows)]
