"""Irregular entries of Colombia, Honduras, Mexico and Panama in one table by nationality (collected by IOM).

An earlier and shorter edition of the national tables, and the only one here that has Colombia.
"""

from __future__ import annotations

import polars as pl

from caudal._core.errors import InputError, did_you_mean
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, place, read_rows
from caudal.figures.sources._periods import months, provisional_year

__all__ = ["parse", "recognise"]

_SOURCE = "iom-four-countries"
_COLUMNS = ("geo", "nat", "n", "month")
_TABLES = {code: f"{_SOURCE}/{code.lower()}" for code in ("COL", "HND", "MEX", "PAN")}


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is, a table for each country."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    for name in frame["geo"].unique(maintain_order=True):
        if name not in _TABLES:
            row = frame["row"][int((frame["geo"] == name).arg_true()[0])]
            raise InputError(
                f"{name!r} is not one of the four countries",
                where=place(file, row),
                remedy=did_you_mean(name, _TABLES),
            )
    # One cell (French Guiana in Panama, July 2024) is empty: the publisher gives no number for it.
    frame = frame.filter(pl.col("n") != "")
    if frame.is_empty():
        raise InputError("has no numbers", where=f"{file.name}, row 2", remedy="Download it again")
    period = months(file, frame, "month")
    result = observations(
        frame["geo"].replace_strict(_TABLES, return_dtype=pl.String),
        {
            "period": period,
            "citizenship": codes(file, frame, "nat", "citizenship"),
            "value": numbers(file, frame, "n"),
            "status": provisional_year(period),
            "row": frame["row"],
        },
    )
    return [ParsedRelease(_SOURCE, result)]
