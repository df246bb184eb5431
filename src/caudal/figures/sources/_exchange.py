"""A release written by `caudal figures export --release`: every observation as it stands in an archive.

It belongs to no publisher: what it holds says itself from which source and day it is.
"""

from __future__ import annotations

import polars as pl

from caudal._core.dates import parse_day
from caudal._core.errors import InputError, OptionError, did_you_mean
from caudal._core.identifiers import DIMENSIONS, identities
from caudal.figures._declared import sources, tables
from caudal.figures._release import EXCHANGE_COLUMNS, ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, place, read_rows, reals
from caudal.figures.sources._periods import days

__all__ = ["parse", "recognise"]

_HEADER = [name.replace("_", " ") for name in EXCHANGE_COLUMNS]


def recognise(file: SourceFile) -> bool:
    """Return whether the header is that of an exported release."""
    return header(file) == _HEADER


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    frame = read_rows(
        file, _HEADER, {name: name.replace(" ", "_") for name in _HEADER[:-1]} | {"row": "row_"}
    )
    about = {name: _same(file, frame, name) for name in ("source", "released", "certainty", "label", "part")}
    if about["source"] not in sources():
        raise _unknown(
            file, 2, f"{about['source']!r} is not a source", did_you_mean(about["source"], sources())
        )
    columns: dict[str, pl.Series | list[object]] = {
        "period": days(file, frame, "period"),
        "value": reals(file, frame, "value"),
        "status": _known(file, frame, "status", ("final", "provisional")),
        "row": reals(file, frame, "row_").cast(pl.Int32, strict=False),
    }
    own = tuple(name for name, table in tables().items() if table.source == about["source"])
    table = _known(file, frame, "table", own)
    for name in DIMENSIONS:
        known = (*identities(name), "")
        codes = _known(file, frame, name, known)
        columns[name] = codes.replace({"": None})
    try:
        released = parse_day(about["released"])
    except OptionError as error:
        raise _unknown(file, 2, error.what, "Expected e.g. 2023-12-22") from None
    rows = observations(table, columns)
    if rows["row"].null_count():
        raise _unknown(file, 2, "has a row number that is none", "Use the file as it was exported")
    return [
        ParsedRelease(
            about["source"], rows, released, about["certainty"], about["label"], about["part"], partial=True
        )
    ]


def _same(file: SourceFile, frame: pl.DataFrame, column: str) -> str:
    """Return the one value of a column, as it says it of the whole release."""
    other = frame.filter(pl.col(column) != frame[column][0])
    if other.height:
        raise _unknown(file, other["row"][0], f"has another {column} than row 2", "One file is one release")
    return str(frame[column][0])


def _known(file: SourceFile, frame: pl.DataFrame, column: str, known: tuple[str, ...]) -> pl.Series:
    bad = frame.filter(~pl.col(column).is_in(known))
    if bad.height:
        raise _unknown(
            file,
            bad["row"][0],
            f"{bad[column][0]!r} is not a known {column}",
            did_you_mean(bad[column][0], known),
        )
    return frame[column]


def _unknown(file: SourceFile, row: int, what: str, remedy: str) -> InputError:
    return InputError(what, where=place(file, row), remedy=remedy)
