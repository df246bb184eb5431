"""IOM Missing Migrants Project: dead and missing near the US-Mexico border by month."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, read_rows
from caudal.figures.sources._periods import months, provisional_year

__all__ = ["parse", "recognise"]

_SOURCE = "iom-missing-border"
_COLUMNS = ("month", "dead or missing")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    period = months(file, frame, "month")
    columns = {
        "period": period,
        "value": numbers(file, frame, _COLUMNS[1]),
        "status": provisional_year(period),
        "row": frame["row"],
    }
    return [ParsedRelease(_SOURCE, observations(_SOURCE, columns))]  # type: ignore[arg-type]
