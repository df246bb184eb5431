"""The corridor's declared tables, typed: places, links, sectors, ports, classes, entry places, assumptions.

Every table is a CSV file in ``caudal/corridor/data``; ``columns.csv`` says what each column means.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from caudal._core.errors import InputError, OptionError, did_you_mean
from caudal._core.tables import declared
from caudal.network import Link, Network, Place

__all__ = [
    "TABLES",
    "appointment_caps",
    "assumptions",
    "classes",
    "columns",
    "entry_places",
    "links",
    "network",
    "places",
    "port_closures",
    "ports",
    "sectors",
    "table",
]

PACKAGE = "caudal.corridor.data"

#: What may be shown, and the file that holds it.
TABLES = {
    "places": "places.csv",
    "links": "links.csv",
    "sectors": "sectors.csv",
    "ports": "ports.csv",
    "closures": "port_closures.csv",
    "caps": "appointment_caps.csv",
    "classes": "classes.csv",
    "entries": "entry_places.csv",
    "assumptions": "assumptions.csv",
}

#: Columns that are not text, whatever the table.
_NUMBERS: dict[str, type[pl.DataType]] = {
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "distance_km": pl.Float64,
    "speed_km_per_day": pl.Float64,
    "interception": pl.Boolean,
    "share": pl.Float64,
    "appointments_per_day": pl.Float64,
    "cap_per_day": pl.Float64,
    "capacity_left": pl.Float64,
    "central": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "lawful_air_to_mexico": pl.Boolean,
}
_LISTS = ("citizenships", "family_statuses")


def table(name: str) -> pl.DataFrame:
    """Return one of the corridor's tables.

    Parameters
    ----------
    name : str
        One of `TABLES`.

    Raises
    ------
    OptionError
        When there is no such table.
    InputError
        When a value of the package's own table cannot be read; with file and row.
    """
    if name not in TABLES:
        raise OptionError(f"there is no table {name!r}", remedy=did_you_mean(name, TABLES))
    return _read(TABLES[name])


@cache
def _read(file: str) -> pl.DataFrame:
    rows = declared(PACKAGE, file)
    columns = list(rows[0]) if rows else []
    frame = pl.DataFrame([dict(row) for row in rows], schema=dict.fromkeys(columns, pl.String))
    for name in columns:
        if name in _LISTS:
            frame = frame.with_columns(pl.col(name).str.split("|"))
        elif kind := _NUMBERS.get(name):
            frame = frame.with_columns(_number(frame, name, kind, file))
    return frame


def _number(frame: pl.DataFrame, name: str, kind: type[pl.DataType], file: str) -> pl.Series:
    text = frame[name]
    if kind == pl.Boolean:
        return text.eq("1").alias(name)
    value = text.replace("", None).cast(kind, strict=False)
    for row in (value.is_null() & text.ne("")).arg_true():
        raise InputError(
            f"{name} is {text[row]!r}", where=f"corridor/data/{file}, row {row + 2}", remedy="Write a number"
        )
    return value


def columns(name: str) -> list[dict[str, str]]:
    """Return what the columns of a table mean: ``table, column, unit, description``."""
    return [row for row in declared(PACKAGE, "columns.csv") if row["table"] == name]


def places() -> pl.DataFrame:
    """Return ``place, name, name_es, country, kind, region, code, latitude, longitude, dwell, source, …``; degrees."""
    return table("places")


def links() -> pl.DataFrame:
    """Return the directed links: ``link, from, to, mode, distance_km, speed_parameter, speed_km_per_day, …``."""
    return table("links")


def sectors() -> pl.DataFrame:
    """Return ``sector, border_city, share, status, source``: from which cities each sector is approached."""
    return table("sectors")


def ports() -> pl.DataFrame:
    """Return ports of entry: ``port, place, field_office, border_city, appointments_per_day, opens, closes, …``."""
    return table("ports")


def port_closures() -> pl.DataFrame:
    """Return closures: ``port, part, from, to, capacity_left, status, source``; times with their offset."""
    return table("closures")


def appointment_caps() -> pl.DataFrame:
    """Return the cap on appointments over all ports by period: ``from, to, cap_per_day, status, source``."""
    return table("caps")


def classes() -> pl.DataFrame:
    """Return classes of people: ``class, name_en, name_es, citizenships (list), observed_upstream, …``."""
    return table("classes")


def entry_places() -> pl.DataFrame:
    """Return where people enter whom nobody upstream counted: ``class, place, share, status, source``."""
    return table("entries")


def assumptions() -> pl.DataFrame:
    """Return every number the model takes that data do not give: ``parameter, central, low, high, unit, status, …``."""
    return table("assumptions")


@cache
def network() -> Network:
    """Return the corridor as a network of places and directed links.

    The names of places are their slugs; ``extra`` of a link holds its declared name, speed parameter and whether
    people are intercepted on it.
    """
    kinds = {"entry": "entry", "transit": "town", "hub": "hub", "border_city": "border_city"}
    nodes = tuple(
        Place(
            row["place"],
            kind=kinds.get(row["kind"], row["kind"]),
            region=row["name"],
            country=row["country"],
            latitude=row["latitude"],
            longitude=row["longitude"],
            extra={key: row[key] for key in ("name", "code", "dwell", "status")},
            where=f"corridor/data/places.csv, row {n}",
        )
        for n, row in enumerate(places().iter_rows(named=True), 2)
    )
    ways = tuple(
        Link(
            row["from"],
            row["to"],
            row["distance_km"],
            mode=row["mode"],
            two_way=False,
            speed=row["speed_km_per_day"],
            extra={
                "link": row["link"],
                "speed_parameter": row["speed_parameter"],
                "interception": "1" if row["interception"] else "0",
                "status": row["status"],
            },
            where=f"corridor/data/links.csv, row {n}",
        )
        for n, row in enumerate(links().iter_rows(named=True), 2)
    )
    return Network(nodes, ways, "us-mexico-corridor")
