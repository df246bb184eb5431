"""Arrivals at the Casa Alitas shelter in Tucson by day, 2021."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, read_rows
from caudal.figures.sources._periods import days

__all__ = ["parse", "recognise"]

_SOURCE = "tucson-shelter"
_COLUMNS = ("arrival date", "n", "seven avg")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is; the mean of seven days in it is left out, for it can be computed."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    columns = {
        "period": days(file, frame, "arrival date"),
        "value": numbers(file, frame, "n"),
        "status": ["final"] * frame.height,
        "row": frame["row"],
    }
    return [ParsedRelease(_SOURCE, observations(_SOURCE, columns))]  # type: ignore[arg-type]
