"""Get the bytes of a document, within limits, and its text: HTML, PDF or plain text."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from caudal._core.errors import FetchError, InputError

if TYPE_CHECKING:
    from http.client import HTTPResponse

__all__ = ["MOST_BYTES", "Loaded", "load"]

#: The largest document that is read, in bytes.
MOST_BYTES = 20_000_000
#: The most characters of text that are gone through; a long report of 400 pages has about a million.
MOST_CHARACTERS = 2_000_000
_MOST_PAGES = 500
#: Without a word from the server, and in all.
_SECONDS = 20
_MOST_SECONDS = 60
#: Deeper than any page people write; beyond it tags are cut out instead of parsed.
_MOST_DEPTH = 500
_MOST_TAGS = 200_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_VOID = {
    "br",
    "img",
    "hr",
    "meta",
    "link",
    "input",
    "source",
    "area",
    "base",
    "col",
    "embed",
    "wbr",
    "track",
    "p",
    "li",
}


@dataclass(frozen=True)
class Loaded:
    """The text of a document and what its file says about it."""

    text: str
    format: str
    source: str
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    note: str = ""


def load(source: str) -> Loaded:
    """Return the text of a file, an address or standard input (``-``).

    Raises
    ------
    InputError
        When it is missing, too large, binary, encrypted, damaged or empty.
    FetchError
        When an address could not be read.
    """
    data = _bytes(source)
    if not data.strip():
        raise InputError("is empty", where=source, remedy="Give a page with text")
    if data.startswith(b"%PDF"):
        return _pdf(data, source)
    text = _decoded(data, source)
    if re.search(r"<(?:!doctype html|html|head|body|article|div|p)\b", text[:20_000], re.IGNORECASE):
        return _html(text, source)
    short, note = _cut(re.sub(r"\n{3,}", "\n\n", text))
    return Loaded(short, "text", source, note=note)


def _cut(text: str) -> tuple[str, str]:
    if len(text) <= MOST_CHARACTERS:
        return text, ""
    return text[:MOST_CHARACTERS], f"only the first {MOST_CHARACTERS:,} of {len(text):,} characters were read"


def _too_large(source: str, size: str) -> InputError:
    return InputError(
        f"has {size}, more than the {MOST_BYTES // 1_000_000} MB that are read",
        where=source,
        remedy="Give the page or chapter in question",
    )


def _bytes(source: str) -> bytes:
    if source == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise _too_large("standard input", f"more than {MOST_BYTES // 1_000_000} MB")
        return data
    if re.match(r"https?://", source):
        return _fetched(source)
    path = Path(source)
    try:
        if not path.is_file():
            what = "is a directory" if path.is_dir() else "does not exist"
            raise InputError(what, where=source, remedy="Give a file, an address or - for standard input")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _too_large(source, f"{size / 1e6:,.0f} MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read ({reason})", where=source[:200], remedy="Check the name") from None


def _fetched(address: str) -> bytes:
    import urllib.error
    import urllib.request

    request = urllib.request.Request(address, headers={"User-Agent": "caudal (reads one page)"})
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            data = _within(answer, time.monotonic() + _MOST_SECONDS)
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise FetchError(
            f"could not be read ({reason})", where=address, remedy="Save the page and give the file"
        ) from None
    if len(data) > MOST_BYTES:
        raise _too_large(address, f"more than {MOST_BYTES // 1_000_000} MB")
    return data


def _within(answer: HTTPResponse, until: float) -> bytes:
    """Return the body of an answer, within the limits of size and time: a page that drips is left."""
    parts: list[bytes] = []
    size = 0
    while size <= MOST_BYTES:
        part = answer.read1(65_536)
        if not part:
            break
        parts.append(part)
        size += len(part)
        if time.monotonic() > until:
            raise TimeoutError(f"not whole after {_MOST_SECONDS} seconds")
    return b"".join(parts)


def _decoded(data: bytes, source: str) -> str:
    head = data[:4096]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if b"\x00" in head or odd > len(head) / 100:
        raise InputError("is not text, HTML or PDF", where=source, remedy="Save the document as one of these")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _pdf(data: bytes, source: str) -> Loaded:
    import io
    import logging
    import warnings

    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = pypdf.PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise InputError(
                    "is an encrypted PDF",
                    where=source,
                    remedy="Save a copy without password, or give its text",
                )
            pages: list[str] = []
            size = 0
            for page in reader.pages[:_MOST_PAGES]:
                pages.append(page.extract_text() or "")
                size += len(pages[-1])
                if size > MOST_CHARACTERS:
                    break
            title = reader.metadata.title if reader.metadata else None
            made = reader.metadata.creation_date if reader.metadata else None
    except InputError:
        raise
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
    ) as error:
        raise InputError(
            f"is a damaged or protected PDF ({type(error).__name__})",
            where=source,
            remedy="Give its text instead",
        ) from None
    text, note = _cut("\n\n".join(pages))
    if not text.strip():
        raise InputError(
            "is a PDF without text (a scan?)", where=source, remedy="Run text recognition on it first"
        )
    return Loaded(text, "pdf", source, title=title, date=made.date().isoformat() if made else None, note=note)


def _depth(html: str) -> tuple[int, int]:
    """Return how deep tags are nested and how many there are, without parsing."""
    depth = deepest = count = 0
    for found in _TAG.finditer(html):
        count += 1
        if found[2].lower() in _VOID:
            continue
        depth = max(depth + (-1 if found[1] else 1), 0)
        deepest = max(deepest, depth)
        if deepest > _MOST_DEPTH or count > _MOST_TAGS:
            break
    return deepest, count


def _html(html: str, source: str) -> Loaded:
    deepest, count = _depth(html)
    if deepest > _MOST_DEPTH or count > _MOST_TAGS or len(html) > MOST_CHARACTERS:
        text, note = _cut(_stripped(html[: 2 * MOST_CHARACTERS]))
        if not text.strip():
            raise InputError("has no text", where=source, remedy="Give a page with text")
        return Loaded(text, "html", source, note=note or "too deeply nested to parse: tags were cut out")
    import logging

    import trafilatura

    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        found = trafilatura.bare_extraction(
            html, with_metadata=True, include_comments=False, include_tables=False,
            date_extraction_params={"original_date": True, "extensive_search": False},  # declared, not guessed
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError, RecursionError):
        found = None
    if found is None or isinstance(found, dict) or not (found.text or "").strip():
        text = _stripped(html)
        if not text.strip():
            raise InputError("has no text", where=source, remedy="Give a page with text")
        return Loaded(text, "html", source)
    text, note = _cut(found.text or "")
    return Loaded(text, "html", source, title=found.title, date=found.date, outlet=found.sitename, note=note)


def _stripped(html: str) -> str:
    """Return the text of HTML by cutting tags out (linear, whatever the nesting)."""
    import html as entities

    out: list[str] = []
    at = 0
    lower = html.lower()
    while at < len(html):
        opened = html.find("<", at)
        if opened < 0:
            out.append(html[at:])
            break
        out.append(html[at:opened])
        name = lower[opened + 1 : opened + 8]
        skip = next((word for word in ("script", "style") if name.startswith(word)), None)
        if skip:
            closed = lower.find(f"</{skip}", opened)
            if closed < 0:
                break
            opened = closed
        end = html.find(">", opened)
        if end < 0:
            break
        if name.startswith(("/p", "p", "br", "/div", "/h", "/li", "div", "/tr")):
            out.append("\n")
        at = end + 1
    return entities.unescape("".join(out))
