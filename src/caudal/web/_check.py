"""The page where a statement or a document is checked. Documents are read and forgotten."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from caudal import statements
from caudal._core.errors import CaudalError, InputError
from caudal.figures import Archive
from caudal.statements import Check, Reading
from caudal.web._ask import CheckAsked
from caudal.web._desk import Reply, status_of
from caudal.web._limits import Limits
from caudal.web._pages import release_days
from caudal.web._render import page
from caudal.web._words import words

__all__ = ["check_page", "document_page", "examples", "read_document"]


def examples(language: str) -> list[str]:
    """Return sentences to begin with."""
    return [words(language)(f"example_{i}") for i in (1, 2, 3, 4)]


def checked(archive: Archive, asked: CheckAsked) -> Check:
    """Return the verdicts on a statement."""
    return statements.check(
        asked.text, as_of=asked.as_of, day=asked.date, language=asked.lang, archive=archive
    )


def check_page(archive: Archive, asked: CheckAsked) -> Reply:
    """Return the page, with verdicts when there is something to check."""
    found: Check | None = None
    error: CaudalError | None = None
    if asked.text.strip():
        try:
            found = checked(archive, asked)
        except CaudalError as mistake:
            error = mistake
    return page(
        "check.html", "/check", asked, status=status_of(error) if error else 200, found=found, error=error,
        reading=None, examples=examples(asked.lang), days=release_days(archive), passage="",
    )  # fmt: skip


def document_page(
    archive: Archive, asked: CheckAsked, document: bytes, name: str, passage: str, limits: Limits
) -> Reply:
    """Return the page with what a document claims."""
    reading: Reading | None = None
    error: CaudalError | None = None
    try:
        reading = read_document(
            document, name, asked.date, asked.as_of, asked.lang, archive, seconds=limits.reading_seconds
        )
    except CaudalError as mistake:
        error = mistake
    return page(
        "check.html", "/check", asked, status=status_of(error) if error else 200, found=None, error=error,
        reading=reading, examples=examples(asked.lang), days=release_days(archive), passage=passage,
    )  # fmt: skip


def read_document(
    document: bytes,
    name: str,
    day: str | None,
    as_of: str | None,
    language: str | None,
    archive: Archive,
    *,
    seconds: float,
) -> Reading:
    """Read a document that somebody sent, within a time, and keep nothing of it.

    Parameters
    ----------
    document : bytes
        HTML, text or PDF.
    name : str
        What its sender calls it: shown, never used as a path.
    day, as_of, language
        As in `caudal.statements.read`.
    seconds : float
        Longest time to spend.
    """
    end = time.monotonic() + seconds

    def watch(done: int, total: int) -> None:
        if time.monotonic() > end:
            raise InputError(
                f"takes longer than {seconds:g} seconds to read",
                where=name,
                remedy="Send the part in question",
            )

    with tempfile.TemporaryDirectory(prefix="caudal-") as directory:
        path = Path(directory) / "document"
        path.write_bytes(document)
        try:
            reading = statements.read(
                str(path), day=day, as_of=as_of, language=language, archive=archive, progress=watch
            )
        except CaudalError as error:
            if error.where == str(path):
                error = type(error)(error.what, where=name, remedy=error.remedy)
            raise error from None
    about: dict[str, Any] = {**reading.document, "source": name}
    return replace(reading, document=about)
