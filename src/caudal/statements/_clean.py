"""From the text of a page to its paragraphs: without captions, credits, bylines, controls and links to other pages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache

from caudal.statements._scan import language_of
from caudal.statements._vocabulary import fold, rows, words_of
from caudal.statements._when import when_at

__all__ = ["Body", "body_of", "sentences_of"]

#: A line is cut there; words longer than any are left out.
_MOST_LINE = 200_000
_MOST_WORD = 200
_INLINE_RELATED = re.compile(
    r"[(\[]\s*(?:RELATED|READ MORE|READ|SEE ALSO|ALSO READ|LEA TAMBIÉN|LEA TAMBIEN|RELACIONADO)\s*:[^)\]]{0,400}[)\]]",
    re.IGNORECASE,
)
_CREDIT_IN_LINE = re.compile(
    r"\s*[(\[](?:[^()\[\]]{0,40}\b)?(?:Photo|Foto|Image|Imagen|Getty|AP Photo|AFP|Reuters)\b[^()\[\]]{0,200}[)\]]",
    re.IGNORECASE,
)
_CONTROL_PREFIX = re.compile(
    r"^(?:Font Size|Text Size|Tamaño de letra)\s*:\s*(?:[A+ -]{1,12}\s)?", re.IGNORECASE
)
_CONTROL_IN_LINE = re.compile(
    r"\bFont Size\s*:\s*(?:(?:[A+-]\s){1,6})?|\bTamaño de letra\s*:\s*|\b(?=RELATED:)"
)
#: A longer line that holds credits or controls is a whole page.
_LONG = 1_000
_END = re.compile(r"[.!?…][\"'”’)]*$|[:;]$")
_DATELINE = re.compile(
    r"^[A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ ,.]{2,50}?(?:, [A-Z][a-záéíóúñ.]{1,15})?\s*(?:\([\w /.]{2,30}\))?"
    r"\s*(?:\.-|[-–—]+)\s+(?=\S)"
)
_PLACE_AND_DAY = (
    r"[A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ .]{2,40}(?:, [A-Za-zÁÉÍÓÚÑáéíóúñ .]{2,30})?\s*[-–—:]\s*"
    r"[A-ZÁÉÍÓÚÑ]{3,12}\.? \d{1,2}\b"
)
_DATELINE_PLACE = re.compile(rf"^{_PLACE_AND_DAY}")
_ABBREVIATION = re.compile(
    r"\b(?:U\.S|U\.N|Sen|Gov|Rep|Mr|Mrs|Ms|Dr|Jr|Sr|St|Gen|Lt|Col|No|vs|Jan|Feb|Aug|Sept|Oct|Nov|Dec|EE|UU|Sra|Lic|Ing|D\.C|a\.m|p\.m|Inc|Co|Ltd|approx|[A-Z])\.$"
)
_CUT = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=[\"'“‘(¿¡]*[A-ZÁÉÍÓÚÑ0-9])")


@dataclass(frozen=True)
class Body:
    """What is left of a page, and what its head said."""

    paragraphs: tuple[str, ...]
    title: str | None
    date: date | None
    outlet: str | None
    language: str


@cache
def _furniture() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (row["kind"], re.compile(row["pattern"], re.IGNORECASE if row["kind"] != "byline" else 0))
        for row in rows("furniture.csv")
    )


def _kind(line: str) -> str | None:
    short = line[:400]
    for kind, pattern in _furniture():
        if kind == "byline":
            loose = re.sub(r"^(\s*)(BY|POR|Por|WRITTEN BY)\b", r"\1By", short)
            if pattern.search(loose) and len(loose) < 120:
                return kind
        elif pattern.search(short):
            return kind
    return None


def _lines(text: str) -> list[str]:
    """Return lines, wrapped ones joined: a line that ends within a sentence goes on in the next."""
    raw = [
        " ".join(word for word in line.split() if len(word) <= _MOST_WORD)[:_MOST_LINE]
        for line in text.splitlines()
    ]
    lengths = [len(line) for line in raw if len(line) > 40]
    wrapped = bool(lengths) and max(lengths) <= 130 and sum(lengths) / len(lengths) > 50
    lines: list[str] = []
    open_ = False
    for line in raw:
        if open_ and line and wrapped and _kind(line) is None:
            lines[-1] += " " + line
        elif line:
            lines.append(line)
        open_ = bool(line) and not _END.search(line) and len(line) > 60
    return lines


def _unrolled(lines: list[str]) -> list[str]:
    """Return lines, very long ones (a page that lost its line breaks) cut into sentences, captions at their credits."""
    out: list[str] = []
    for line in lines:
        if len(line) < _LONG or not (_CREDIT_IN_LINE.search(line) or _CONTROL_IN_LINE.search(line)):
            out.append(line)
            continue
        cut = _CONTROL_IN_LINE.sub("\n", _CREDIT_IN_LINE.sub(lambda credit: f"{credit[0]}\n", line))
        for chunk in cut.split("\n"):
            out += _with_caption_apart(" ".join(chunk.split()))
    return out


def _with_caption_apart(chunk: str) -> list[str]:
    """Return what stands before a caption, as one paragraph, and the caption with its credit."""
    credit = _CREDIT_IN_LINE.search(chunk)
    text = chunk[: credit.start()] if credit else chunk
    placed = re.search(_PLACE_AND_DAY, text) if credit else None
    if credit is None:
        return [text] if text else []
    start = placed.start() if placed else text.rfind(sentences_of(text)[-1]) if text.strip() else 0
    return [part for part in (text[:start].strip(), chunk[start:].strip()) if part]


def _plain(line: str) -> str:
    return " ".join(words_of(_CREDIT_IN_LINE.sub("", line)))


def body_of(text: str, title: str | None = None) -> Body:
    """Return the paragraphs of a page that its author wrote as text.

    Parameters
    ----------
    text : str
        The text of a page, with or without what surrounds it.
    title : str, optional
        The title, where it is known.
    """
    unrelated = [_INLINE_RELATED.sub(" ", line).strip() for line in _lines(text)]
    lines = [_CONTROL_PREFIX.sub("", line) for line in _unrolled(unrelated)]
    lines = _without_captions([line for line in lines if line])
    language = language_of(" ".join(lines)[:20_000])
    seen = Counter(_plain(line) for line in lines)
    captions = {
        _plain(line) for line in lines
        if (_kind(line) == "credit" and len(line) < 600) or _DATELINE_PLACE.match(line)
    }  # fmt: skip
    repeated = {plain for plain, count in seen.items() if count >= 3} | (captions - {""})
    head = _head(lines if len(unrelated) > 3 else [*lines[:25], *unrelated])
    paragraphs: list[str] = []
    used: set[str] = set()
    for line in lines:
        plain = _plain(line)
        if not plain or _kind(line) or plain in repeated or plain in used:
            continue
        if any(plain and len(plain) > 30 and (plain in one) for one in captions):
            continue
        used.add(plain)
        if not _is_prose(line) or line == (title or head.title):
            continue
        paragraphs.append(_DATELINE.sub("", _CREDIT_IN_LINE.sub("", line).strip()))
    return Body(tuple(paragraphs), title or head.title, head.date, head.outlet, language)


def _without_captions(lines: list[str]) -> list[str]:
    """Cut what stands before a credit in brackets: it is a caption, wherever it is printed again."""
    captions: set[str] = set()
    out = []
    for line in lines:
        credits = list(_CREDIT_IN_LINE.finditer(line))
        rest = line[credits[-1].end() :].strip() if credits else ""
        if credits and len(rest) > 60:
            captions.add(line[: credits[0].start()].strip())
            line = rest
        elif credits:
            captions.add(line[: credits[0].start()].strip())
        out.append(line)
    long = [one for one in captions if len(one) > 40]
    for i, line in enumerate(out):
        for caption in long[:50]:
            if line.startswith(caption) and line != caption and not _CREDIT_IN_LINE.search(line):
                out[i] = line[len(caption) :].strip()
    return [line for line in out if line]


def _is_prose(line: str) -> bool:
    """Return whether a line is a sentence, and not a title, label or list of links."""
    words = line.split()
    return len(words) >= 5 and bool(_END.search(line.rstrip())) and any(c.islower() for c in line)


@dataclass(frozen=True)
class _Head:
    title: str | None
    date: date | None
    outlet: str | None


def _head(lines: list[str]) -> _Head:
    """Return title, day and outlet from the first lines of a page without mark-up."""
    title = day = outlet = None
    for line in lines[:25]:
        words = words_of(line)[:40]
        if (
            day is None
            and len(line) < 160
            and (not _is_prose(line) or _kind(line) or _DATELINE_PLACE.match(line))
        ):
            day = _day_in(words)  # a day within a sentence is that of what it tells
        if (
            title is None
            and 5 <= len(line.split()) <= 30
            and not _END.search(line)
            and _kind(line) is None
            and _day_in(words) is None
        ):
            title = line
        named = re.match(
            r"^(?:[A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ .,]+\s)?\((Reuters|AP|AFP|EFE|CNN|Xinhua)\)\s*[-–—]", line
        )
        if outlet is None and named:
            outlet = named[1]
    if day is None and lines and len(lines[0]) >= _LONG:
        day = _day_in(words_of(lines[0][:600]))
    return _Head(title, day, outlet)


def _day_in(words: list[str]) -> date | None:
    for language in ("en", "es"):
        for at in range(len(words)):
            found = when_at(words, at, language, None)
            if found and found[0].kind == "day" and found[0].day is not None:
                return found[0].day
    joined = " ".join(words)
    iso = re.search(r"\b(20\d\d) ?- ?(\d\d) ?- ?(\d\d)\b", joined)
    try:
        return date(int(iso[1]), int(iso[2]), int(iso[3])) if iso else None
    except ValueError:
        return None


def sentences_of(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph."""
    out: list[str] = []
    start = 0
    for cut in _CUT.finditer(paragraph):
        piece = paragraph[start : cut.start()]
        if _ABBREVIATION.search(piece[-12:]):
            continue
        out.append(paragraph[start : cut.end()].strip())
        start = cut.end()
    out.append(paragraph[start:].strip())
    return [one for one in out if one and fold(one).strip()]
