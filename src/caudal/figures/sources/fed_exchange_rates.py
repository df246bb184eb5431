"""Exchange rates by month: national currency per US dollar, monthly means (Federal Reserve H.10)."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, read_rows, reals
from caudal.figures.sources._periods import months

__all__ = ["parse", "recognise"]

_SOURCE = "fed-exchange-rates"
_COLUMNS = ("date", "country", "exchange rate")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    result = observations(
        _SOURCE,
        {
            "period": months(file, frame, "date"),
            "country": codes(file, frame, "country", "country"),
            "value": reals(file, frame, "exchange rate"),
            "status": ["final"] * frame.height,
            "row": frame["row"],
        },
    )
    return [ParsedRelease(_SOURCE, result)]
