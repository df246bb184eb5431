"""What IOM's tables of national statistics have in common: the same few columns, named by file."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from caudal.figures._release import SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, read_rows
from caudal.figures.sources._periods import months, provisional_year

__all__ = ["named", "read"]


def named(file: SourceFile, place: str, columns: Sequence[str]) -> bool:
    """Return whether the header is ``columns`` and the file's name says which country it is.

    Darién, Honduras and Mexico by nationality have the same four columns: only the name tells them apart.
    """
    return place in file.name.lower() and header(file) == list(columns)


def read(
    file: SourceFile, table: str, columns: Sequence[str], dims: dict[str, str], *, blank: str = ""
) -> pl.DataFrame:
    """Return the observations of a table with the columns ``…, n, date, month``.

    Parameters
    ----------
    file : SourceFile
        The file.
    table : str
        Declared table.
    columns : sequence of str
        Folded header in order.
    dims : dict
        Column to dimension.
    blank : str
        Name that an empty cell stands for; an empty cell is an error when there is none.
    """
    frame = read_rows(file, columns, {name: name for name in columns})
    period = months(file, frame, "month")
    found: dict[str, pl.Series | list[object]] = {"period": period}
    for column, dimension in dims.items():
        filled = frame.with_columns(pl.col(column).replace("", blank)) if blank else frame
        found[dimension] = codes(file, filled, column, dimension)
    found |= {
        "value": numbers(file, frame, "n"),
        "status": provisional_year(period),
        "row": frame["row"],
    }
    return observations(table, found)
