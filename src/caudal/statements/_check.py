"""Check a sentence or a typed statement: every definition it could mean, as of a day and as first published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from caudal import figures
from caudal._core.dates import month_label, parse_day
from caudal._core.errors import CaudalError, OptionError
from caudal.statements._definitions import Definition
from caudal.statements._history import Histories
from caudal.statements._judge import Finding, judge
from caudal.statements._say import number, phrase, sentence, summary, written_day
from caudal.statements._span import Span
from caudal.statements._types import Change, Level, Poll, Rank, Record, SeriesStatement, Statement
from caudal.statements._verdict import Answer, Check, Verdict

__all__ = ["check", "verdicts_on"]

#: A release this long after the end of a period, or sooner, may be the one that first published it.
_FIRST_DAYS = 60
#: Months of fiscal years 2021 to 2023 ended up to 0.7 percent above what CBP had first said of them.
FIRST_REVISION = 0.01


def check(
    text: str,
    *,
    as_of: str | date | None = None,
    day: str | date | None = None,
    language: str | None = None,
    archive: figures.Archive | None = None,
) -> Check:
    """Check what a sentence says against the official figures.

    Parameters
    ----------
    text : str
        One sentence in English or Spanish, e.g. ``"November 2023 was the highest November for encounters at the
        southwest border"``. ``docs/reference/statements.md`` lists the vocabulary.
    as_of : str or datetime.date, optional
        Use only what had been released by the end of that day.
    day : str or datetime.date, optional
        The day the sentence was written: relative dates ("last month") are bound to it, and records are compared with
        nothing later.
    language : {"en", "es"}, optional
        Language of the answer; by default that of the sentence.
    archive : Archive, optional
        Where to look; default the embedded archive and the user's own store.

    Returns
    -------
    Check
        One `Verdict` per definition a reader could mean; none, with ``reason``, when the sentence is not understood.

    Raises
    ------
    OptionError
        When a date or language is not known.
    """
    from caudal.statements._grammar import parse

    if language not in (None, "en", "es"):
        raise OptionError(f"{language!r} is not a language", where="--lang", remedy="Known: en, es")
    until = parse_day(as_of, option="--as-of") if as_of is not None else None
    written = parse_day(day, option="--date") if day is not None else None
    understood = parse(text, written, answer=language)
    chosen = language or understood.language
    if not understood.claims:
        return Check(text, chosen, until, reason=understood.reason, hints=understood.hints)
    held = (archive or figures.open_archive()).at(until)
    found: list[Verdict] = []
    histories = Histories(held)
    for claim in understood.claims:
        found += verdicts_on(
            claim.statement,
            claim.definitions,
            language=chosen,
            as_of=until or held.as_of,
            histories=histories,
        )
    return Check(text, chosen, until, tuple(found))


def verdicts_on(
    statement: Statement,
    definitions: Sequence[Definition],
    *,
    archive: figures.Archive | None = None,
    language: str = "en",
    as_of: date | None = None,
    histories: Histories | None = None,
    editions: bool = True,
) -> list[Verdict]:
    """Return the verdicts on a typed statement under some definitions.

    Parameters
    ----------
    statement : Statement
        What is said.
    definitions : sequence of Definition
        Under which series; ignored for a `Poll`.
    archive : Archive, optional
        The archive, as of the day wanted.
    language : {"en", "es"}
        Language of sentences.
    as_of : datetime.date, optional
        The day, for the words; the archive decides what is seen.
    histories : Histories, optional
        Histories of that archive already read, when many statements are checked.
    editions : bool
        Whether to look at the figures as first published, too.
    """
    if isinstance(statement, Poll):
        from caudal.statements._polls import poll_verdict

        return [poll_verdict(statement, language, as_of)]
    histories = histories or Histories(archive or figures.open_archive())
    rows: list[tuple[Definition, Finding, tuple[date, Finding] | None]] = []
    for definition in definitions:
        finding = judge(statement, definition, histories)
        earlier = None
        if editions:
            finding = _other_editions(statement, definition, finding, histories)
            earlier = _first_published(statement, definition, finding, histories)
        rows.append((definition, finding, earlier))
    false_of = [d for d, f, _ in rows if d.named and f.answer == "false"]
    current: list[Verdict] = []
    first: list[Verdict] = []
    for definition, finding, earlier in rows:
        answer: Answer = finding.answer
        if earlier and earlier[1].answer == "true" and finding.answer != "true":
            answer = "true_as_first_published"
        notes = []
        if not definition.named and answer == "true" and false_of:
            answer = "misleading"
            notes.append(phrase("note_misleading", language, named=false_of[0].label(language)))
        if finding.answer == "false" and _was_so(statement, definition, histories):
            notes.append(phrase("note_later", language))
        if finding.answer == "true" and _passed(statement, definition, histories):
            notes.append(phrase("note_passed", language))
        if earlier:
            notes.append(
                phrase(
                    "note_first",
                    language,
                    released=written_day(earlier[0], language),
                    value=number(earlier[1].value),
                )
            )
        current.append(_verdict(statement, definition, finding, answer, language, as_of, notes))
        if earlier and earlier[1].answer != "unknown":
            first.append(_edition(statement, definition, earlier, language))
    if len(first) > 1:  # say of which definition
        labels = [d.label(language) for d, _, one in rows if one and one[1].answer != "unknown"]
        first = [
            replace(one, definition=f"{one.definition}: {label}")
            for one, label in zip(first, labels, strict=True)
        ]
    return current + first


def _verdict(
    statement: SeriesStatement,
    definition: Definition,
    finding: Finding,
    answer: Answer,
    language: str,
    as_of: date | None,
    notes: Sequence[str] = (),
) -> Verdict:
    shown = replace(finding, extent=finding.extent.replace("FY", "AF")) if language == "es" else finding
    margin = None
    if finding.value is not None and finding.other is not None and statement.kind != "share":
        margin = finding.value - finding.other
    text = sentence(statement, definition, finding, language, as_of)
    return Verdict(
        definition=definition.label(language),
        measure=definition.measure,
        verdict=answer,
        value=finding.value,
        comparison_value=finding.other,
        comparison_period=finding.other_span.key if finding.other_span else None,
        margin=margin,
        releases=finding.releases,
        sentence=" ".join([text, *notes]),
        summary=summary(statement, shown, language, as_of),
        edition="current",
        statement=statement,
        reason=finding.reason if finding.answer == "unknown" else "",
        table=tuple({"period": key, "value": value} for key, value, _ in finding.table),
        measured=finding.measured,
    )


def _edition(
    statement: SeriesStatement, definition: Definition, earlier: tuple[date, Finding], language: str
) -> Verdict:
    released, finding = earlier
    one = _verdict(statement, definition, finding, finding.answer, language, released)
    edition = phrase("edition_first", language, day=written_day(released, language), iso=released)
    return replace(one, definition=edition, edition="first_published")


def _first_published(
    statement: SeriesStatement, definition: Definition, finding: Finding, histories: Histories
) -> tuple[date, Finding] | None:
    """Return the day a period was first published and the finding of that day, when its value was another one."""
    span = statement.span
    if finding.value is None or getattr(statement, "never", False):
        return None
    archive = histories.archive
    soon = span.end + timedelta(days=_FIRST_DAYS)
    days = sorted({one.released for one in archive.releases if span.end <= one.released <= soon})
    narrowed = dict(definition.where) | dict(getattr(statement, "where", ()))
    for day in days:
        then_archive = archive.at(day)
        last = month_label(span.last)
        try:
            there = figures.series(
                definition.measure,
                where=narrowed,
                period=(last, last),
                calendar="month",
                archive=then_archive,
            )
        except CaudalError:
            continue
        if there.is_empty():
            continue
        if "month" in then_archive.release(there["release"][0]).certainty:
            return None  # the day is not known well enough to say what stood in that release
        if span.months == 1 and statement.kind != "share" and there["value"][0] == finding.value:
            return None
        then = judge(statement, definition, histories.at(day))
        return None if then.value is None or then.value == finding.value else (day, then)
    return None


def _other_editions(
    statement: SeriesStatement, definition: Definition, finding: Finding, histories: Histories
) -> Finding:
    """Say so when a number that is not today's stood in some release, or may have stood in one that is not held."""
    if finding.answer != "true" and isinstance(statement, Level) and statement.span.kind == "month":
        exact = statement.quantity.qualifier == "exact" and statement.quantity.grain <= 1
        for released, value in _editions(statement.span, statement, definition, histories) if exact else ():
            if value == statement.quantity.value:
                facts = {**finding.facts, "released": released}
                return replace(finding, answer="unknown", reason="edition", facts=facts)
    if finding.answer == "false" and _within_revision(statement, finding):
        spans = [statement.span, *([statement.base] if isinstance(statement, Change) else [])]
        if not all(_first_held(span, statement, definition, histories) for span in spans):
            return replace(finding, answer="unknown", reason="first_missing")
    return finding


def _within_revision(statement: SeriesStatement, finding: Finding) -> bool:
    """Return whether a number stated misses today's by no more than months moved after they were first published."""
    if isinstance(statement, Level) and finding.value is not None:
        return abs(statement.quantity.value - finding.value) <= FIRST_REVISION * finding.value
    if isinstance(statement, Change) and finding.measured is not None and finding.reason != "direction":
        amount = statement.amount
        if amount is not None and statement.unit == "percent":
            slack = FIRST_REVISION * (100 + finding.measured) + amount.grain / 2
            return abs(amount.value - abs(finding.measured)) <= slack
    return False


def _first_held(span: Span, statement: SeriesStatement, definition: Definition, histories: Histories) -> bool:
    """Return whether the archive holds the release that first published a span; closed fiscal years did not move."""
    if span.kind == "fiscal_year":
        return True
    soon = span.end + timedelta(days=_FIRST_DAYS)
    return any(day <= soon for day, _ in _editions(Span(span.last), statement, definition, histories))


def _editions(
    span: Span, statement: SeriesStatement, definition: Definition, histories: Histories
) -> list[tuple[date, float]]:
    """Return what each release said of a month: the day and the value."""
    where = dict(definition.where) | dict(statement.where)
    try:
        moved = figures.triangle(definition.measure, span.key, where=where, archive=histories.archive)
    except CaudalError:
        return []
    return [(day, value) for day, value in moved.select("released", "value").rows()]


def _passed(statement: SeriesStatement, definition: Definition, histories: Histories) -> bool:
    """Return whether a record told as of its day was passed later."""
    if not isinstance(statement, Record) or statement.to_date or statement.since is not None:
        return False
    return judge(replace(statement, to_date=True), definition, histories).answer == "false"


def _was_so(statement: SeriesStatement, definition: Definition, histories: Histories) -> bool:
    """Return whether a record that fell later stood at its time."""
    if not isinstance(statement, Record | Rank) or not statement.to_date or getattr(statement, "among", None):
        return False
    return judge(replace(statement, to_date=False), definition, histories).answer == "true"
