"""One module per publisher's table: bytes and a name in, releases with observations out, or an error with its row.

A parser module has two functions::

    recognise(file: SourceFile) -> bool
    parse(file: SourceFile) -> list[ParsedRelease]
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Protocol, cast

from caudal._core.errors import InputError
from caudal.figures._declared import plugins, sources
from caudal.figures._release import ParsedRelease, SourceFile

__all__ = ["Parser", "parse"]


class Parser(Protocol):
    """What a parser module offers."""

    def recognise(self, file: SourceFile) -> bool:
        """Return whether the content looks like this table."""

    def parse(self, file: SourceFile) -> list[ParsedRelease]:
        """Return the releases the file holds, or raise `InputError`."""


@cache
def parsers() -> tuple[Parser, ...]:
    """Return the parsers: of the declared sources, each once, of other packages, and of exported releases."""
    names = dict.fromkeys(source.module for source in sources().values() if not source.plugin)
    own = [cast(Parser, importlib.import_module(f"{__name__}.{name}")) for name in (*names, "_exchange")]
    return (*own, *(plugin.parser for plugin in plugins()))


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Recognise a file from its content and parse it.

    Raises
    ------
    InputError
        When it is no table Caudal knows, or a known one that is damaged.
    """
    head = file.content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<script", b"<!--")):
        raise InputError(
            "is a web page, not a table",
            where=f"{file.name}, row 1",
            remedy="The publisher answered with a page (a login, a notice); download the file itself",
        )
    if not file.is_workbook and b"\x00" in file.content[:4096]:
        raise InputError(
            "is binary, neither text nor a workbook",
            where=f"{file.name}, row 1",
            remedy="Check that it is the file you mean",
        )
    if not file.content.strip():
        raise InputError("is empty", where=f"{file.name}, row 1", remedy="Download it again")
    for parser in parsers():
        if parser.recognise(file):
            return parser.parse(file)
    kind = "workbook" if file.is_workbook else "file"
    begins = "" if file.is_workbook else next(iter(file.text.strip().splitlines()), "")[:60]
    first = f" (it begins {begins!r})" if begins else ""
    raise InputError(
        f"is not a {kind} of any declared source{first}",
        where=f"{file.name}, row 1",
        remedy="The tables Caudal reads are: " + "; ".join(source.title_en for source in sources().values()),
    )
