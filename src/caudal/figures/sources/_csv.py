"""Reading delimited text strictly: every complaint names the file and the row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from caudal._core.errors import InputError, OptionError, did_you_mean
from caudal._core.identifiers import fold, resolve
from caudal.figures._release import SourceFile

__all__ = ["codes", "header", "numbers", "place", "read_rows", "reals"]

#: A whole number as publishers print it: a comma stands before groups of three, so ``3,5`` is none.
_COUNT = r"^-?(\d+|\d{1,3}(,\d{3})+)(\.0*)?$"
#: No count in these tables is near it (a year's crossings of all ports are below).
_MOST = 1e9


def header(file: SourceFile) -> list[str]:
    """Return the folded names of the first row: ``Fiscal Year`` and ``fiscal_year`` are the same."""
    if file.is_workbook or b"\x00" in file.content[:4096]:
        return []
    return list(_folded(file.content.split(b"\n", 1)[0]))


@lru_cache(maxsize=64)
def _folded(first: bytes) -> tuple[str, ...]:
    """Return the folded names of a first row (each parser asks for them when a file is recognised)."""
    try:
        return tuple(
            fold(name) for name in next(csv.reader([first.decode("utf-8-sig", errors="replace")]), [])
        )
    except csv.Error:  # one endless field, or lines that end in bare carriage returns: no header
        return ()


def read_rows(file: SourceFile, expected: Sequence[str], names: dict[str, str]) -> pl.DataFrame:
    """Read a CSV file whose header must be ``expected``, in that order, as text columns plus ``row``.

    Parameters
    ----------
    file : SourceFile
        The file.
    expected : sequence of str
        Folded header names in the publisher's order.
    names : dict
        Folded header name to the name of the column returned; other columns are left out.

    Raises
    ------
    InputError
        When columns are in another order, a row has another number of fields, or the file is cut off.
    """
    found = header(file)
    if found != list(expected):
        _complain_of_header(file, found, list(expected))
    text = file.text
    if not text.endswith("\n") and "cut" not in file.accept:
        raise InputError(
            "does not end with a line end, so it may be cut off",
            where=f"{file.name}, row {text.count(chr(10)) + 1}",
            remedy="Download it again (or --accept cut, if you know that it is whole)",
        )
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            if len(row) != len(expected):
                raise InputError(
                    f"has {len(row)} fields where {len(expected)} are expected",
                    where=f"{file.name}, row {reader.line_num}",
                    remedy="The file is cut off or edited; download it again",
                )
            rows.append(row)
    except csv.Error as error:
        raise InputError(
            f"is not readable as CSV ({error})",
            where=f"{file.name}, row {reader.line_num}",
            remedy="Download it again",
        ) from None
    if len(rows) < 2:
        raise InputError("has a header and no rows", where=f"{file.name}, row 2", remedy="Download it again")
    columns = list(zip(*rows[1:], strict=True))
    frame = {names[name]: list(columns[i]) for i, name in enumerate(expected) if name in names}
    return pl.DataFrame({**frame, "row": range(2, len(rows) + 1)}, schema_overrides={"row": pl.Int32})


def _complain_of_header(file: SourceFile, found: list[str], expected: list[str]) -> None:
    where = f"{file.name}, row 1"
    if sorted(found) == sorted(expected):
        raise InputError(
            "has its columns in another order than the publisher's, so rows could not be traced",
            where=where,
            remedy="Use the publisher's file; expected order: " + ", ".join(expected),
        )
    missing = [name for name in expected if name not in found]
    hint = (
        did_you_mean(missing[0], found) if missing else "Unexpected: " + ", ".join(set(found) - set(expected))
    )
    raise InputError(
        "lacks the column " + ", ".join(repr(name) for name in missing)
        if missing
        else "has columns not known",
        where=where,
        remedy=hint,
    )


def numbers(file: SourceFile, frame: pl.DataFrame, column: str, *, sheet: str = "") -> pl.Series:
    """Return a column of whole, not negative counts; ``1,234`` and ``3.0`` are read as such.

    Raises
    ------
    InputError
        At the first value that is none, with its row.
    """
    text = frame[column].cast(pl.String).str.strip_chars()
    written = text.str.contains(_COUNT).fill_null(False)
    values = text.str.replace_all(",", "").cast(pl.Float64, strict=False)
    finite = values.is_finite().fill_null(False)
    bad = ~written | ~finite | (values < 0).fill_null(True) | (values > _MOST).fill_null(True)
    if bad.any():
        first = int(bad.arg_true()[0])
        value = text[first]
        what = (
            f"the count is negative ({value})"
            if finite[first] and values[first] < 0
            else f"{value!r} is not a count"
        )
        raise InputError(
            what,
            where=place(file, frame["row"][first], sheet),
            remedy="Counts are whole numbers from zero up; use the publisher's file or report the row to it",
        )
    return values


def reals(file: SourceFile, frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a column of finite numbers, signs and fractions included.

    Raises
    ------
    InputError
        At the first value that is none, with its row.
    """
    text = frame[column].cast(pl.String).str.strip_chars()
    values = text.cast(pl.Float64, strict=False)
    bad = ~values.is_finite().fill_null(False)
    if bad.any():
        first = int(bad.arg_true()[0])
        raise InputError(
            f"{text[first]!r} is not a number",
            where=place(file, frame["row"][first]),
            remedy="Use the publisher's file as it is",
        )
    return values


def codes(
    file: SourceFile, frame: pl.DataFrame, column: str, dimension: str, *, sheet: str = ""
) -> pl.Series:
    """Return a column of publisher's names as codes of a dimension.

    Raises
    ------
    InputError
        At the first name that is not declared, with its row and the nearest declared names.
    """
    mapping: dict[str, str] = {}
    for name in frame[column].unique(maintain_order=True).to_list():
        try:
            mapping[name] = resolve(dimension, name)
        except OptionError as error:
            row = frame["row"][int((frame[column] == name).arg_true()[0])]
            raise InputError(error.what, where=place(file, row, sheet), remedy=error.remedy) from None
    return frame[column].replace_strict(mapping, return_dtype=pl.String).alias(dimension)


def place(file: SourceFile, row: int, sheet: str = "") -> str:
    """Return ``"file, sheet 'x', row 12"``."""
    return f"{file.name}, sheet {sheet!r}, row {row}" if sheet else f"{file.name}, row {row}"
