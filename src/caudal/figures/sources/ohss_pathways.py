"""CBP One appointments, CHNV paroles and travel authorisations by citizenship, copied out of OHSS's workbook.

Columns ``group, series, month, fy, value``; which of the three it is, only the file's name says.
"""

from __future__ import annotations

import polars as pl

from caudal._core.dates import fiscal_start, fiscal_year
from caudal._core.errors import InputError
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, place, read_rows
from caudal.figures.sources._periods import end, months, provisional_from

__all__ = ["parse", "recognise"]

_SOURCE = "ohss-pathways"
_COLUMNS = ("group", "series", "month", "fy", "value")
#: how the file's name begins → part of the table's name
_NAMES = {
    "cbp_one_appointments": "cbp-one",
    "chnv_paroles": "chnv-paroles",
    "chnv_travel_authorizations": "chnv-travel",
}


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's and the name says which of the three it is."""
    return header(file) == list(_COLUMNS) and _which(file) is not None


def _which(file: SourceFile) -> str | None:
    return next((slug for name, slug in _NAMES.items() if name in file.name.lower()), None)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is: totals and citizenships as tables of their own, for cells are rounded."""
    slug = _which(file)
    assert slug is not None
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    period = months(file, frame, "month")
    frame = frame.with_columns(period=period, amount=numbers(file, frame, "value"))
    year = pl.col("period").dt.year() + (pl.col("period").dt.month() >= 10).cast(pl.Int32)
    wrong = frame.filter(year.cast(pl.String) != pl.col("fy"))
    if wrong.height:
        raise InputError(
            f"says fiscal year {wrong['fy'][0]} for {wrong['month'][0]}",
            where=place(file, wrong["row"][0]),
            remedy="Use the file as it is",
        )
    running = fiscal_start(fiscal_year(end(period)))
    frame = frame.with_columns(status=provisional_from(period, running))
    parts = []
    for level, part in (
        ("total", frame.filter(series="Total")),
        ("citizenship", frame.filter(pl.col("series") != "Total")),
    ):
        if part.height:
            columns: dict[str, pl.Series | list[object]] = {
                "period": part["period"],
                "value": part["amount"],
                "status": part["status"],
                "row": part["row"],
            }
            if level == "citizenship":
                columns["citizenship"] = codes(file, part, "series", "citizenship")
            parts.append(observations(f"{_SOURCE}/{slug}/{level}", columns))
    return [ParsedRelease(_SOURCE, pl.concat(parts), part=slug)]
