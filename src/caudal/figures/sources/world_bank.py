"""World Bank indicators by country and year (with UN population), collected by IOM: ``geo, var, t, v``."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, read_rows, reals
from caudal.figures.sources._periods import years

__all__ = ["parse", "recognise"]

_SOURCE = "world-bank"
_COLUMNS = ("geo", "var", "t", "v")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    result = observations(
        _SOURCE,
        {
            "period": years(file, frame, "t"),
            "country": codes(file, frame, "geo", "country"),
            "indicator": codes(file, frame, "var", "indicator"),
            "value": reals(file, frame, "v"),
            "status": ["final"] * frame.height,
            "row": frame["row"],
        },
    )
    return [ParsedRelease(_SOURCE, result)]
