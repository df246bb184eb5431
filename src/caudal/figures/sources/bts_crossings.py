"""BTS border crossing entry data: people, vehicles and containers entering by port of entry and month."""

from __future__ import annotations

import polars as pl

from caudal._core.errors import InputError
from caudal._core.identifiers import fold, identities
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, place, read_rows
from caudal.figures.sources._periods import end, months, provisional_year

__all__ = ["parse", "recognise"]

_SOURCE = "bts-crossings"
_COLUMNS = ("port name", "state", "port code", "measure", "month", "value", "location")
#: People, vehicles and containers do not add up to anything: each is a table.
_TABLES = {
    "people": ("pedestrians", "vehicle-passengers", "bus-passengers", "train-passengers"),
    "vehicles": ("vehicles", "buses", "trucks", "trains"),
    "containers": (
        "truck-containers-full",
        "truck-containers-empty",
        "rail-containers-full",
        "rail-containers-empty",
    ),
}


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is, in three tables."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    period = months(file, frame, "month")
    port = codes(file, frame, "port code", "port")
    _check_names(file, frame, port)
    crossing = codes(file, frame, "measure", "crossing_type")
    table = {code: f"{_SOURCE}/{name}" for name, kinds in _TABLES.items() for code in kinds}
    result = observations(
        crossing.replace_strict(table, return_dtype=pl.String),
        {
            "period": period,
            "port": port,
            "state": codes(file, frame, "state", "state"),
            "crossing_type": crossing,
            "value": numbers(file, frame, "value"),
            "status": provisional_year(period) if end(period).month != 12 else ["final"] * len(period),
            "row": frame["row"],
        },
    )
    again = result.filter(~pl.struct("period", "port", "crossing_type").is_first_distinct())
    if again.height:
        raise InputError(
            "repeats a cell that stands in an earlier row",
            where=place(file, again["row"][0]),
            remedy="Use the publisher's file as it is",
        )
    return [ParsedRelease(_SOURCE, result)]


def _check_names(file: SourceFile, frame: pl.DataFrame, port: pl.Series) -> None:
    """Refuse a port whose name is not that of its code."""
    known = identities("port")
    for code, name in frame.select(port, "port name").unique(maintain_order=True).rows():
        if fold(name) not in {fold(alias) for alias in (known[code].name_en, *known[code].aliases)}:
            row = frame["row"][int(((frame["port name"] == name) & (port == code)).arg_true()[0])]
            raise InputError(
                f"port {code} is {known[code].name_en!r}, not {name!r}",
                where=place(file, row),
                remedy="Use the publisher's file as it is",
            )
