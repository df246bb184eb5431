"""Read a document: its claims with who makes them, checked where that can be done."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from caudal import figures
from caudal._core.dates import parse_day
from caudal.statements._check import verdicts_on
from caudal.statements._clean import Body, body_of, sentences_of
from caudal.statements._grammar import Understood, parse
from caudal.statements._history import Histories
from caudal.statements._load import Loaded, load
from caudal.statements._say import phrase
from caudal.statements._speakers import Quotation, Voice, entities_in, quotations_in, voice_of
from caudal.statements._types import Poll, Statement
from caudal.statements._verdict import Verdict
from caudal.statements._vocabulary import fold

__all__ = ["DocumentClaim", "Reading", "read", "read_text"]

#: No document is gone through beyond this many sentences that look like claims.
_MOST_CLAIMS = 2_000
_SUBJECT = re.compile(
    r"\b(encounter|apprehen|cross(?:ing|er|ed)|migrant|border|immigra|arrests?\b|asylum|deport|expuls|expel|"
    r"encuentro|aprehen|cruces|cruzar|frontera|migra|detenci|asilo|darien)"
)
_FIGURE = re.compile(
    r"\d|\b(record|highest|lowest|most|fewest|half|third|quarter|doubled|tripled|percent|million|thousand|fell|rose|"
    r"dropped|surged|maximo|mitad|tercio|duplic|triplic|por ciento|millon|cayeron|aumentaron|mas altos?|mas bajos?)"
)
_POLL = re.compile(r"\b(dis)?approv|\b(des)?aprueb|\b(des)?aproba|\bpoll\b|\bencuesta\b|\bsurvey\b")
#: A sentence that gives a figure and calls it a record is about the record.
_KINDS = ("record", "rank", "threshold", "streak")
_CLAUSES = re.compile(
    r";\s+|,\s+(?:and|while|but|y|mientras|mientras que|pero)\s+|\s+(?:while|mientras que)\s+"
)


@dataclass(frozen=True)
class DocumentClaim:
    """A claim of a document.

    Attributes
    ----------
    text : str
        The sentence, or the part of it that makes the claim.
    speaker : str or None
        The person who says it; None for the author.
    source : str or None
        The institution or document it is attributed to.
    kind : str
        Kind of statement; for what was not understood the kind it looks like.
    checkable : bool
        Whether there are verdicts.
    reason : str
        Why it cannot be checked.
    verdicts : tuple of Verdict
        One per definition and edition.
    paragraph : int
        Which paragraph it stands in.
    """

    text: str
    speaker: str | None
    source: str | None
    kind: str
    checkable: bool
    reason: str
    verdicts: tuple[Verdict, ...] = ()
    paragraph: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "text": self.text,
            "speaker": self.speaker,
            "source": self.source,
            "kind": self.kind,
            "checkable": self.checkable,
            "reason": self.reason,
            "verdicts": [one.to_dict() for one in self.verdicts],
        }


@dataclass(frozen=True)
class Reading:
    """A document read: what it is, what it claims, whom it quotes and names."""

    document: dict[str, Any]
    claims: tuple[DocumentClaim, ...]
    quotations: tuple[Quotation, ...]
    entities: tuple[dict[str, str], ...]
    paragraphs: tuple[str, ...] = field(default=(), repr=False)
    language: str = "en"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: ``document``, ``claims``, ``quotations``, ``entities``."""
        return {
            "document": self.document,
            "claims": [one.to_dict() for one in self.claims],
            "quotations": [{"text": one.text, "speaker": one.speaker} for one in self.quotations],
            "entities": list(self.entities),
        }

    def to_html(self) -> str:
        """Return the document as one self-contained page that shows each claim in place with its verdict."""
        from caudal.statements._annotate import annotated

        return annotated(self)

    def _repr_html_(self) -> str:
        from caudal.statements._annotate import fragment

        return fragment(self)

    def __str__(self) -> str:
        language = self.language
        lines = [f"{self.document['title'] or self.document['source']} ({self.document['date'] or '–'})"]
        for claim in self.claims:
            who = claim.speaker or claim.source
            lines += ["", f"“{claim.text}”" + (f" — {who}" if who else "")]
            for one in claim.verdicts:
                word = phrase(f"verdict_{one.verdict}", language)
                lines.append(f"  {word}  {one.definition}   {one.summary}")
            if not claim.checkable:
                lines.append(f"  – {claim.reason}")
        return "\n".join(lines)


def read(
    source: str,
    *,
    day: str | date | None = None,
    as_of: str | date | None = None,
    language: str | None = None,
    archive: figures.Archive | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read a news article or report and check what it claims.

    Parameters
    ----------
    source : str
        A file (HTML, text or PDF), an address, or ``-`` for standard input.
    day : str or datetime.date, optional
        The day it was written; default: what the document says. Without one, months without a year stay open.
    as_of : str or datetime.date, optional
        Use only what had been released by the end of that day.
    language : {"en", "es"}, optional
        Language of the verdicts; default: the document's.
    archive : Archive, optional
        Where to look.
    progress : callable, optional
        Called with the paragraphs done and their number.

    Raises
    ------
    InputError
        When the document is missing, too large, binary, encrypted, damaged or empty.
    FetchError
        When an address could not be read.
    """
    return _reading(load(source), day, as_of, language, archive, progress)


def read_text(text: str, *, day: str | date | None = None, as_of: str | date | None = None) -> Reading:
    """Read a text at hand, as `read` does a file."""
    return _reading(Loaded(text, "text", "text"), day, as_of, None, None, None)


def _reading(
    loaded: Loaded,
    day: str | date | None,
    as_of: str | date | None,
    language: str | None,
    archive: figures.Archive | None,
    progress: Callable[[int, int], None] | None,
) -> Reading:
    body = body_of(loaded.text, loaded.title)
    written = parse_day(day, option="--date") if day is not None else None
    if written is None and loaded.date and loaded.format == "html":  # what the page declares of itself
        written = date.fromisoformat(loaded.date[:10])
    written = written or body.date
    if written is None and loaded.date:
        written = date.fromisoformat(loaded.date[:10])
    until = parse_day(as_of, option="--as-of") if as_of is not None else None
    reader = _Reader(
        (archive or figures.open_archive()).at(until), written, until, language or body.language, body
    )
    reader.go(progress)
    document = {
        "title": body.title,
        "date": written.isoformat() if written else None,
        "outlet": loaded.outlet or body.outlet,
        "language": body.language,
        "source": loaded.source,
        "format": loaded.format,
        "paragraphs": len(body.paragraphs),
        "note": loaded.note,
    }
    speakers = {one.speaker for one in reader.quotations if one.speaker} | {
        c.speaker for c in reader.claims if c.speaker
    }
    entities = entities_in(" \n".join(body.paragraphs)[:200_000], speakers)
    return Reading(
        document,
        tuple(reader.claims),
        tuple(reader.quotations),
        tuple(entities),
        body.paragraphs,
        reader.language,
    )


class _Reader:
    """Goes through the paragraphs of a document once."""

    def __init__(
        self, archive: figures.Archive, written: date | None, as_of: date | None, language: str, body: Body
    ) -> None:
        self.histories = Histories(archive)
        self.archive = archive
        self.written = written
        self.as_of = as_of
        self.language = language
        self.body = body
        self.claims: list[DocumentClaim] = []
        self.quotations: list[Quotation] = []
        self._seen: set[str] = set()
        self._poll: Poll | None = None

    def go(self, progress: Callable[[int, int], None] | None) -> None:
        last: str | None = None
        for number, paragraph in enumerate(self.body.paragraphs):
            if progress:
                progress(number, len(self.body.paragraphs))
            if len(self.claims) >= _MOST_CLAIMS:
                return
            quoted = quotations_in(paragraph, last)
            self.quotations += quoted
            last = next((one.speaker for one in reversed(quoted) if one.speaker), last)
            at = 0
            for sentence in sentences_of(paragraph):
                start = paragraph.find(sentence, at)
                at = start + len(sentence)
                self._sentence(sentence, (start, at), quoted, number, last)
                spoke = voice_of(sentence[:2_000], last).speaker
                last = spoke or last

    def _sentence(
        self, sentence: str, where: tuple[int, int], quoted: list[Quotation], number: int, last: str | None
    ) -> None:
        plain = fold(sentence)
        if len(sentence) > 2_000 or plain in self._seen or not _is_claim(plain):
            return
        self._seen.add(plain)
        inside = next((q for q in quoted if any(a < where[1] and b > where[0] for a, b in q.spans)), None)
        voice = Voice(speaker=inside.speaker) if inside else voice_of(sentence, last)
        text = _spoken(sentence) if inside else sentence
        found = [(text, self._parse(text))]
        if not found[0][1].claims and text != sentence:
            whole = parse(re.sub('[“”"«»]', "", sentence), self.written, self.body.language)
            found = [(sentence, whole)] if whole.claims else found
        if not found[0][1].claims:
            found = self._clauses(text) or found
        for part, understood in found:
            self._claim(part, understood, voice, number)

    def _parse(self, text: str) -> Understood:
        return parse(text, self.written, self.body.language, self.language)

    def _clauses(self, text: str) -> list[tuple[str, Understood]]:
        """Return the clauses of a compound sentence that can be read alone; none where any is denied or in doubt."""
        parts = [one.strip() for one in _CLAUSES.split(text) if one and one.strip()]
        if len(parts) < 2:
            return []
        read_ = [(part, self._parse(part)) for part in parts]
        if any(one.key in ("negated", "forecast", "only_part", "question", "cumulative") for _, one in read_):
            return []
        return [pair for pair in read_ if pair[1].claims]

    def _claim(self, text: str, understood: Understood, voice: Voice, number: int) -> None:
        if not understood.claims:
            kind = _looks_like(fold(text))
            self.claims.append(
                DocumentClaim(text, voice.speaker, voice.source, kind, False, understood.reason, (), number)
            )
            return
        verdicts: list[Verdict] = []
        source = voice.source
        for claim in understood.claims:
            statement = self._of_last_poll(claim.statement)
            verdicts += verdicts_on(
                statement, claim.definitions, archive=self.archive, language=self.language, as_of=self.as_of,
                histories=self.histories,
            )  # fmt: skip
            if isinstance(statement, Poll) and statement.pollster:
                source = source or statement.pollster.title()
        kinds = {claim.statement.kind for claim in understood.claims}
        kind = next((one for one in _KINDS if one in kinds), understood.claims[0].statement.kind)
        decided = any(one.verdict != "unknown" for one in verdicts)
        reason = "" if decided else verdicts[0].sentence
        self.claims.append(
            DocumentClaim(text, voice.speaker, source, kind, decided, reason, tuple(verdicts), number)
        )

    def _of_last_poll(self, statement: Statement) -> Statement:
        """Let a figure without a pollster belong to the poll the document spoke of last."""
        if not isinstance(statement, Poll):
            return statement
        if statement.pollster is None and self._poll is not None:
            day = statement.day or self._poll.day
            return replace(statement, pollster=self._poll.pollster, day=day)
        if statement.pollster is not None:
            self._poll = statement
        return statement


def _spoken(sentence: str) -> str:
    """Return the words between quotation marks of a sentence, or the sentence where it holds only one mark."""
    inner = re.findall(r"[“\"«]([^”\"»]+)[”\"»]?", sentence)
    return " ".join(inner).rstrip(", ") if inner else sentence.strip('“”"«» ')


def _is_claim(plain: str) -> bool:
    """Return whether a sentence carries a figure or superlative about migration, or a poll figure."""
    if not _FIGURE.search(plain):
        return False
    return bool(_SUBJECT.search(plain)) or (
        bool(_POLL.search(plain)) and bool(re.search(r"%|percent|por ciento|\d", plain))
    )


def _looks_like(plain: str) -> str:
    if _POLL.search(plain):
        return "poll"
    for kind, pattern in (
        ("record", r"\brecord|highest|lowest|most\b|fewest|maximo|mas alt|mas baj"),
        ("change", r"\brose|fell|dropped|increase|decrease|surged|up \d|down \d|aument|cayeron|baj[ao]"),
        ("share", r"percent|%|por ciento|third|quarter|half|tercio|mitad"),
    ):
        if re.search(pattern, plain):
            return kind
    return "level"
