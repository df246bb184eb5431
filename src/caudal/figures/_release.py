"""What a parser is given and what it returns: a file's bytes in, releases with observations out."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from caudal._core.errors import InputError
from caudal._core.identifiers import DIMENSIONS

__all__ = [
    "EXCHANGE_COLUMNS",
    "MAX_FILE_BYTES",
    "OBSERVATION_SCHEMA",
    "ParsedRelease",
    "SourceFile",
    "observations",
]

#: Larger than any file these publishers have issued (the largest so far is 5 MB unpacked).
MAX_FILE_BYTES = 64 * 1024 * 1024

#: Columns of every observation. Dimensions a table does not have are null.
OBSERVATION_SCHEMA: dict[str, type[pl.DataType]] = {
    "table": pl.String,
    "period": pl.Date,
    **dict.fromkeys(DIMENSIONS, pl.String),
    "value": pl.Float64,
    "status": pl.String,
    "row": pl.Int32,
}


#: Columns of an exported release: what it is of, then its observations.
EXCHANGE_COLUMNS = ("source", "released", "certainty", "label", "part", *OBSERVATION_SCHEMA)


@dataclass(frozen=True)
class SourceFile:
    """A publisher's file: its name and its bytes, unpacked when it came gzipped.

    ``accept`` names the checks the user has looked into and waived (``--accept order``).
    """

    name: str
    content: bytes
    accept: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, path: Path, accept: frozenset[str] = frozenset()) -> SourceFile:
        """Read a file, unpack it when it is gzipped, and refuse what is too large to be one.

        Raises
        ------
        InputError
            When the file is absent, unreadable, empty, too large or a damaged gzip file.
        """
        where = path.name
        try:
            with path.open("rb") as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror or error})", where=str(path), remedy="Check the path"
            ) from None
        if content[:2] == b"\x1f\x8b":
            content = _unpack(content, where)
        if len(content) > MAX_FILE_BYTES:
            raise InputError(
                f"is larger than {MAX_FILE_BYTES // 2**20} MiB unpacked",
                where=where,
                remedy="No publisher's table is that large; check that it is the file you mean",
            )
        if not content.removeprefix(b"\xef\xbb\xbf").strip():
            raise InputError("is empty", where=where, remedy="Download it again")
        return cls(where.removesuffix(".gz"), content, accept)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the unpacked bytes, as hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def is_workbook(self) -> bool:
        """Whether the bytes are a zip archive, as XLSX files are."""
        return self.content[:4] == b"PK\x03\x04"

    @cached_property
    def text(self) -> str:
        """The content as UTF-8 text without a byte order mark.

        Raises
        ------
        InputError
            When it is not UTF-8, naming the row.
        """
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = self.content[: error.start].count(b"\n") + 1
            raise InputError(
                f"is not UTF-8 text (byte 0x{self.content[error.start]:02x})",
                where=f"{self.name}, row {row}",
                remedy="Use the publisher's own file, or save it as CSV UTF-8",
            ) from None


def _unpack(content: bytes, where: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"is a damaged gzip file ({error})", where=where, remedy="Download it again; it was cut off"
        ) from None


@dataclass(frozen=True)
class ParsedRelease:
    """One release read out of a file.

    Attributes
    ----------
    source : str
        Id of the declared source.
    observations : polars.DataFrame
        Columns of `OBSERVATION_SCHEMA`; ``row`` counts from 1 in the file (or sheet), the header included.
    released : datetime.date or None
        The day the file itself says it was released, if it does.
    certainty : str or None
        How well that day is known, e.g. ``"month ± 1"``.
    label : str
        What distinguishes several releases in one file; empty when there is one.
    part : str
        Which part of a publication that comes in several files this one is (``"FY2004"``); empty when there is one.
    partial : bool
        Whether it says itself that it covers part of its last period (which stands in a table of its own).
    """

    source: str
    observations: pl.DataFrame
    released: date | None = None
    certainty: str | None = None
    label: str = ""
    part: str = ""
    partial: bool = False


def observations(table: str | pl.Series, columns: dict[str, pl.Series | list[object]]) -> pl.DataFrame:
    """Return a frame in the schema of observations from the columns a table has."""
    frame = pl.DataFrame(columns)
    return frame.with_columns(
        (pl.lit(table) if isinstance(table, str) else table).alias("table"),
        *(
            pl.lit(None, dtype=kind).alias(n)
            for n, kind in OBSERVATION_SCHEMA.items()
            if n not in (*columns, "table")
        ),
    ).select(pl.col(name).cast(kind) for name, kind in OBSERVATION_SCHEMA.items())
