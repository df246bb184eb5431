"""US job openings at the end of each month, thousands, seasonally adjusted (BLS JOLTS, series JTSJOL)."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, read_rows
from caudal.figures.sources._periods import end, months, provisional_from

__all__ = ["parse", "recognise"]

_SOURCE = "bls-job-openings"
_COLUMNS = ("observation date", "jtsjol")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the series'."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is; its last month is preliminary."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    period = months(file, frame, _COLUMNS[0])
    columns = {
        "period": period,
        "value": numbers(file, frame, _COLUMNS[1]),
        "status": provisional_from(period, end(period)),
        "row": frame["row"],
    }
    return [ParsedRelease(_SOURCE, observations(_SOURCE, columns))]  # type: ignore[arg-type]
