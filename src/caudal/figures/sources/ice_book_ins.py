"""Initial book-ins to ICE detention by arresting agency and month, from ICE's detention statistics: several releases.

Columns ``month, arresting_agency, initial_book_ins, data_through, file``. A month that the release covers in part is
kept in a table of its own, so that it is never taken for a whole one.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl

from caudal._core.dates import fiscal_start, fiscal_year
from caudal._core.errors import InputError
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, place, read_rows
from caudal.figures.sources._periods import days, months

__all__ = ["parse", "recognise"]

_SOURCE = "ice-book-ins"
_COLUMNS = ("month", "arresting agency", "initial book ins", "data through", "file")
#: ICE posts the file of a closed year some weeks after its last day; where its name has no day, count this many.
_LATEST_DAYS = 60


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return one release per file of ICE's that the table was compiled from."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    frame = frame.with_columns(
        period=months(file, frame, "month"),
        through=days(file, frame, "data through"),
        agency=codes(file, frame, "arresting agency", "arresting_agency"),
        amount=numbers(file, frame, "initial book ins"),
    )
    releases = []
    for (name, through), part in frame.group_by(["file", "through"], maintain_order=True):
        assert isinstance(through, date)
        releases.append(_release(file, str(name), through, part))
    return releases


def _release(file: SourceFile, name: str, through: date, part: pl.DataFrame) -> ParsedRelease:
    stated = re.search(r"(\d\d)(\d\d)(20\d\d)\.xlsx$", name)
    try:
        day = date(int(stated[3]), int(stated[1]), int(stated[2])) if stated else None
    except ValueError:
        day = None
    later = part.filter(pl.col("period") > through)
    if later.height or (day is not None and day < through):
        row = later["row"][0] if later.height else part["row"][0]
        raise InputError(
            f"{name} cannot have figures of a later day than {through}, or be older than that",
            where=place(file, row),
            remedy="Check data_through and the name of the file",
        )
    partial = pl.col("period").dt.month_end() > through
    running = (
        fiscal_start(fiscal_year(through)) if through.month != 9 else fiscal_start(fiscal_year(through) + 1)
    )
    status = (
        pl.when((pl.col("period") >= running) | partial)
        .then(pl.lit("provisional"))
        .otherwise(pl.lit("final"))
    )
    part = part.with_columns(
        status.alias("status"),
        pl.when(partial).then(pl.lit(f"{_SOURCE}/partial")).otherwise(pl.lit(_SOURCE)).alias("table"),
    )
    rows = observations(
        part["table"],
        {
            "period": part["period"],
            "arresting_agency": part["agency"],
            "value": part["amount"],
            "status": part["status"],
            "row": part["row"],
        },
    )
    certainty = "stated in the name" if day else f"data through {through}; latest day assumed"
    return ParsedRelease(
        _SOURCE, rows, day or through + timedelta(days=_LATEST_DAYS), certainty, label=name, partial=True
    )
