"""The columns of a poll figure, and what each may hold."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from caudal._core.errors import InputError

__all__ = [
    "ANSWERS",
    "GROUPS",
    "GROUP_COLUMNS",
    "POPULATIONS",
    "SCHEMA",
    "Row",
    "frame_of",
    "percent",
    "positive",
]

Row = dict[str, Any]

ANSWERS = ("approve", "disapprove")
#: Groups that answers are published for, as columns ``<group>_<answer>``.
GROUPS = {"dem": "Democrats", "ind": "independents", "rep": "Republicans"}
GROUP_COLUMNS = tuple(f"{group}_{answer}" for answer in ANSWERS for group in GROUPS)
POPULATIONS = {"A": "adults", "RV": "registered voters", "LV": "likely voters"}

#: Column → type. Percentages are in points of 100; ``n`` is the number interviewed.
SCHEMA: dict[str, pl.DataType] = {
    "president": pl.String(),
    "issue": pl.String(),
    "variant": pl.String(),
    "pollster": pl.String(),
    "house": pl.String(),
    "sponsor": pl.String(),
    "partisan": pl.String(),
    "field_start": pl.Date(),
    "field_end": pl.Date(),
    "field_month": pl.String(),
    "published": pl.Date(),
    "n": pl.Int64(),
    "population": pl.String(),
    "mode": pl.String(),
    "tracking": pl.Boolean(),
    "approve": pl.Float64(),
    "disapprove": pl.Float64(),
    **{column: pl.Float64() for column in GROUP_COLUMNS},
    "status": pl.String(),
    "address": pl.String(),
    "cited_in": pl.String(),
    "correction": pl.String(),
    "note": pl.String(),
}


def frame_of(rows: list[Row]) -> pl.DataFrame:
    """Return rows as a frame with the declared columns and types."""
    return pl.DataFrame(
        {column: [row.get(column) for row in rows] for column in SCHEMA}, schema=SCHEMA, strict=False
    )


def percent(text: str, where: str, column: str) -> float | None:
    """Return a percentage of 0 to 100, or ``None`` where the cell is empty.

    Raises
    ------
    InputError
        When it is not a number, or outside 0 to 100.
    """
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 100:
        raise InputError(
            f"{column} {text!r} is not a percentage", where=where,
            remedy="Give points of 100, e.g. 69; leave the cell empty if it is not known",
        )  # fmt: skip
    return value


def positive(text: str, where: str, column: str) -> int | None:
    """Return a whole number above zero (thousands commas allowed), or ``None`` where the cell is empty.

    Raises
    ------
    InputError
        When it is anything else.
    """
    if not text:
        return None
    if re.fullmatch(r"[\d,]+(\.0)?", text):
        value = int(text.replace(",", "").removesuffix(".0"))
        if value > 0:
            return value
    raise InputError(
        f"{column} {text!r} is not a whole number above zero", where=where,
        remedy="Leave the cell empty if it is not known",
    )  # fmt: skip
