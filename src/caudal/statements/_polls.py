"""Poll figures: the statement is about one published poll, looked up in the archive of polls."""

from __future__ import annotations

from datetime import date

from caudal import opinion
from caudal.statements._say import phrase, written_day
from caudal.statements._types import Poll
from caudal.statements._verdict import Answer, Verdict

__all__ = ["poll_verdict"]


def poll_verdict(statement: Poll, language: str, as_of: date | None) -> Verdict:
    """Return the verdict of the poll archive, with the poll's address."""
    found = opinion.check(
        statement.percent,
        statement.answer,
        pollster=statement.pollster,
        issue=statement.issue,
        group=statement.group,
        day=statement.day,
        as_of=min((one for one in (as_of, statement.written) if one is not None), default=None),
        qualifier=statement.qualifier,
        president=statement.president,
    )
    # Without a pollster somebody's poll says almost anything: that is no ground to call a quotation true.
    sure = found.verdict if statement.pollster else "not known"
    answer: Answer = "true" if sure == "true" else "false" if sure == "false" else "unknown"
    row = found.polls.row(0, named=True) if found.polls.height else None
    said = found.sentence if language == "en" or row is None else _in_spanish(row)
    if answer == "unknown" and not statement.pollster:
        said = phrase("unknown", language, reason=phrase("why_pollster", language))
    return Verdict(
        definition=f"{row['house']}, {written_day(row['published'] or row['field_end'], language)}"
        if row
        else "poll",
        measure="poll",
        verdict=answer,
        value=float(row["percent"]) if row else None,
        comparison_value=statement.percent,
        comparison_period=None,
        margin=float(row["percent"]) - statement.percent if row else None,
        releases=(),
        sentence=said,
        summary=said,
        edition="current",
        statement=statement,
        reason="poll" if answer == "unknown" else "",
        address=str(row["address"]) if row and row["address"] else None,
    )


_GROUPS = {"Democrats": "demócratas", "independents": "independientes", "Republicans": "republicanos"}


def _in_spanish(row: dict[str, object]) -> str:
    verb = "aprueba" if row["answer"] == "approve" else "desaprueba"
    group = _GROUPS.get(str(row["group"]))
    whose = f" de los {group}" if group else ""
    day = written_day(row["published"] or row["field_end"], "es")
    return f"{row['house']}, {day}: {row['percent']:g} %{whose} {verb} ({row['address']})"
