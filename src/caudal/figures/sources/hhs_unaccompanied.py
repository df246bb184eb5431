"""Unaccompanied children by day: apprehended by CBP, in CBP custody, transferred, in HHS care, discharged (HHS)."""

from __future__ import annotations

import polars as pl

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, read_rows
from caudal.figures.sources._periods import days

__all__ = ["parse", "recognise"]

_SOURCE = "hhs-unaccompanied"
#: column → table
_TABLES = {
    "cbp apprehended": "apprehended",
    "cbp in custody": "cbp-custody",
    "cbp transferred": "transferred",
    "hhs in care": "hhs-care",
    "hhs discharged": "discharged",
}
_COLUMNS = ("date", *_TABLES)


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is, a table for each column."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    frame = frame.with_columns(period=days(file, frame, "date"))
    parts = []
    for column, table in _TABLES.items():
        part = frame.filter(pl.col(column) != "")
        if part.height:
            columns = {
                "period": part["period"],
                "value": numbers(file, part, column),
                "status": ["final"] * part.height,
                "row": part["row"],
            }
            parts.append(observations(f"{_SOURCE}/{table}", columns))  # type: ignore[arg-type]
    return [ParsedRelease(_SOURCE, pl.concat(parts))] if parts else []
