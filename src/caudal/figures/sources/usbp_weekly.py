"""Border Patrol encounters nationwide by week from Monday, counted from records released under FOIA."""

from __future__ import annotations

from datetime import date

import polars as pl

from caudal._core.dates import add_periods
from caudal._core.errors import InputError
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, place, read_rows
from caudal.figures.sources._periods import days, end, provisional_from

__all__ = ["parse", "recognise"]

_SOURCE = "usbp-weekly"
_COLUMNS = ("week start monday", "usbp nationwide encounters", "source parts", "source kind")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is; its last week may be cut by the end of the records, so it is provisional."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    period = days(file, frame, "week start monday")
    wrong = (period.dt.weekday() != 1) | ~period.is_first_distinct()
    if wrong.any():
        raise InputError(
            f"{period[int(wrong.arg_true()[0])]} is not a Monday, or stands there twice",
            where=place(file, frame["row"][int(wrong.arg_true()[0])]),
            remedy="Weeks begin on Mondays, each once",
        )
    first = period.min()
    assert isinstance(first, date)
    count = (end(period) - first).days // 7
    weeks = pl.Series([add_periods("week", first, i) for i in range(count + 1)])
    gap = weeks.filter(~weeks.is_in(period.implode()))
    if gap.len() and "months" not in file.accept:
        raise InputError(
            f"has no week of {gap[0]}", where=file.name, remedy="Use the whole file (or --accept months)"
        )
    result = observations(
        _SOURCE,
        {
            "period": period,
            "value": numbers(file, frame, "usbp nationwide encounters"),
            "status": provisional_from(period, end(period)),
            "row": frame["row"],
        },
    )
    return [ParsedRelease(_SOURCE, result)]
