"""Border Patrol apprehensions under Title 8 nationwide by day, counted from records released under FOIA."""

from __future__ import annotations

from caudal._core.errors import InputError
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, place, read_rows
from caudal.figures.sources._periods import days

__all__ = ["parse", "recognise"]

_SOURCE = "usbp-daily"
_COLUMNS = ("event date", "usbp nationwide t8 apprehensions")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    period = days(file, frame, "event date")
    again = ~period.is_first_distinct()
    if again.any():
        first = int(again.arg_true()[0])
        raise InputError(
            f"{period[first]} stands there twice",
            where=place(file, frame["row"][first]),
            remedy="Use the file as it is",
        )
    result = observations(
        _SOURCE,
        {
            "period": period,
            "value": numbers(file, frame, _COLUMNS[1]),
            "status": ["final"] * len(period),
            "row": frame["row"],
        },
    )
    return [ParsedRelease(_SOURCE, result)]
