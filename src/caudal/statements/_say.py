"""Saying a finding: one plain sentence, and the columns of the printed table, in English and Spanish."""

from __future__ import annotations

from datetime import date
from functools import cache

from caudal import figures
from caudal._core.identifiers import name_of
from caudal._core.tables import declared
from caudal.statements._definitions import Definition
from caudal.statements._judge import Finding
from caudal.statements._span import Span
from caudal.statements._types import Compare, Level, Rank, SeriesStatement

__all__ = ["number", "phrase", "reason", "sentence", "summary", "written_day"]


@cache
def _phrases() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in declared("caudal.statements", "phrases.csv")}


def phrase(key: str, language: str, **fields: object) -> str:
    """Return a declared phrase with its fields filled in."""
    return _phrases()[key][language].format(**fields)


def number(value: float | None, decimals: int = 0) -> str:
    """Return a number as both languages write it in the United States and Mexico: 242,399."""
    return "" if value is None else f"{value:,.{decimals}f}"


def written_day(when: object, language: str) -> str:
    """Return a day as a reader writes it, ``December 22, 2023`` or ``22 de diciembre de 2023``; other text as it is."""
    from caudal._core.speech import Tongue  # names of months load slowly, and most verdicts need none

    return Tongue("caudal.statements", language).day(when) if isinstance(when, date) else str(when)


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _measured(statement: SeriesStatement, finding: Finding) -> str:
    if statement.kind in ("change", "share") and finding.measured is not None:
        sign = "+" if statement.kind == "change" and finding.measured > 0 else ""
        return f"{sign}{finding.measured:,.1f}%".replace("-", "−")
    if statement.kind == "ratio" and finding.measured is not None:
        return f"{finding.measured:.2f}×"
    return number(finding.value)


def reason(statement: SeriesStatement, finding: Finding, language: str, as_of: date | None) -> str:
    """Return why something cannot be known, in a clause."""
    span = finding.facts.get("span")
    gap = span.name(language) if isinstance(span, Span) else ""
    own: Span = statement.span
    first = finding.facts.get("first")
    key = finding.reason or "no_figure"
    if key == "no_figure" and as_of is not None:
        key = "no_figure_as_of"
    return phrase(
        f"why_{key}",
        language,
        span=gap or own.name(language),
        gap=gap,
        as_of="" if as_of is None else written_day(as_of, language),
        value=number(finding.value),
        measured=_measured(statement, finding),
        first=Span(first.replace(day=1)).name(language) if isinstance(first, date) else "",
        stated=number(finding.other),
        released=written_day(finding.facts.get("released", ""), language),
    )


def sentence(
    statement: SeriesStatement, definition: Definition, finding: Finding, language: str, as_of: date | None
) -> str:
    """Return one plain sentence about a finding."""
    label = _first_upper(definition.label(language))
    if finding.answer == "unknown":
        return f"{label}: {phrase('unknown', language, reason=reason(statement, finding, language, as_of))}"
    key = f"{statement.kind}_{finding.answer}"
    if statement.kind == "streak" and finding.reason == "longer":
        key = "streak_longer"
    if statement.kind == "threshold" and finding.reason == "not_reached":
        key = "threshold_not_reached"
    return f"{label}: {phrase(key, language, **_fields(statement, definition, finding, language))}"


def _fields(
    statement: SeriesStatement, definition: Definition, finding: Finding, language: str
) -> dict[str, object]:
    span: Span = statement.span
    other = finding.other_span
    base = getattr(statement, "base", None)
    name = span.name(language)
    fields: dict[str, object] = {
        "span": name,
        "Span": _first_upper(name),
        "value": number(finding.value),
        "other": number(finding.other),
        "other_span": other.name(language) if other else "",
        "base": base.name(language) if base else "",
        "unit": getattr(figures.measures()[definition.measure], f"unit_{language}"),
        "count": finding.facts.get("count", ""),
        "percent": _measured(statement, finding),
        "share": _measured(statement, finding),
        "factor": f"{finding.measured:.2f}" if finding.measured is not None else "",
        "rank": number(finding.measured),
        "position": getattr(statement, "position", ""),
        "extreme": phrase(getattr(statement, "extreme", "high"), language),
        "left": "",
        "right": "",
    }
    if isinstance(statement, Compare):
        fields["left"] = _cell(statement.left, language)
        fields["right"] = _cell(statement.right, language)
    if isinstance(statement, Rank) and statement.among and statement.code:
        fields["Span"] = f"{name_of(statement.among, statement.code, language)}, {name},"
    return fields


def _cell(where: tuple[tuple[str, str], ...], language: str) -> str:
    return ", ".join(name_of(dimension, code, language) for dimension, code in where) or "–"


def summary(statement: SeriesStatement, finding: Finding, language: str, as_of: date | None) -> str:
    """Return the last column of the printed table: the numbers, and how far the history reaches."""
    if finding.answer == "unknown" and finding.value is None:
        return reason(statement, finding, language, as_of)
    if isinstance(statement, Level) or finding.other is None:
        shown = phrase(
            "only", language, value=number(finding.value), span=statement.span.name(language, short=True)
        )
        if statement.kind == "rank" and finding.measured is not None:
            shown = f"#{number(finding.measured)}: {shown}"
    elif isinstance(statement, Compare):
        shown = phrase(
            "vs", language, value=number(finding.value), other=number(finding.other),
            span=statement.span.name(language, short=True),
        )  # fmt: skip
    elif statement.kind == "share":
        shown = f"{_measured(statement, finding)}: {number(finding.value)} / {number(finding.other)}"
    elif isinstance(statement, Rank) and statement.among:
        shown = f"#{number(finding.measured)}: {number(finding.value)}"
    else:
        other = finding.other_span
        shown = phrase(
            "vs", language, value=number(finding.value), other=number(finding.other),
            span=other.name(language, short=True) if other else "",
        )  # fmt: skip
        if statement.kind == "rank":
            shown = f"#{number(finding.measured)}: {shown}"
        elif statement.kind in ("change", "ratio"):
            shown = f"{shown}, {_measured(statement, finding)}"
    if finding.answer == "unknown":
        return f"{shown}: {reason(statement, finding, language, as_of)}"
    if (
        statement.kind in ("record", "rank", "threshold")
        and finding.extent
        and not getattr(statement, "among", None)
    ):
        return f"{shown}, {finding.extent}"
    return shown
