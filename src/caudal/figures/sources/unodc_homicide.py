"""Intentional homicides per 100,000 people by country and year (UNODC, carried by Our World in Data)."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, read_rows, reals
from caudal.figures.sources._periods import years

__all__ = ["parse", "recognise"]

_SOURCE = "unodc-homicide"
_COLUMNS = (
    "entity",
    "code",
    "year",
    "homicide rate per 100 000 population",
    "world region according to owid",
)


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is; regions of the world and parts of countries are declared like countries."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    result = observations(
        _SOURCE,
        {
            "period": years(file, frame, "year"),
            "country": codes(file, frame, "entity", "country"),
            "value": reals(file, frame, _COLUMNS[3]),
            "status": ["final"] * frame.height,
            "row": frame["row"],
        },
    )
    return [ParsedRelease(_SOURCE, result)]
