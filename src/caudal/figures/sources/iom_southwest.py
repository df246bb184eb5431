"""CBP southwest encounters by sector or field office and citizenship, as IOM carries them: the longest such table.

Months before October 2019 have neither area nor citizenship; they are a table of their own.
"""

from __future__ import annotations

import polars as pl

from caudal._core.dates import fiscal_start, fiscal_year
from caudal._core.errors import InputError
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, place, read_rows
from caudal.figures.sources._periods import end, months, provisional_from

__all__ = ["parse", "recognise"]

_SOURCE = "iom-southwest"
_COLUMNS = ("component", "area", "authority", "type", "demog", "nat", "n", "date", "month")
_DIMS = {
    "component": "component",
    "authority": "authority",
    "type": "encounter_type",
    "demog": "family_status",
}
_FINE = {"area": "area", "nat": "citizenship"}


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is, in two tables."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    half = frame.filter((pl.col("area") == "") != (pl.col("nat") == ""))
    if half.height:
        raise InputError(
            "has an area without a citizenship, or a citizenship without an area",
            where=place(file, half["row"][0]),
            remedy="Use the publisher's file as it is",
        )
    period = months(file, frame, "month")
    running = fiscal_start(fiscal_year(end(period)))
    frame = frame.with_columns(
        period=period, status=provisional_from(period, running), value=numbers(file, frame, "n")
    )
    bare = pl.col("area") == ""
    parts = []
    for table, part, dims in (
        (f"{_SOURCE}/components", frame.filter(bare), _DIMS),
        (_SOURCE, frame.filter(~bare), _DIMS | _FINE),
    ):
        if part.height:
            columns = {dimension: codes(file, part, column, dimension) for column, dimension in dims.items()}
            same = {name: part[name] for name in ("period", "value", "status", "row")}
            parts.append(observations(table, {**columns, **same}))
    return [ParsedRelease(_SOURCE, pl.concat(parts))]
