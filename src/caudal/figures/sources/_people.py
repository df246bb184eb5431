"""Tables that print men, women, boys and girls: two dimensions in one column."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from caudal._core.errors import InputError, did_you_mean
from caudal.figures._release import SourceFile, observations
from caudal.figures.sources._csv import numbers, place, read_rows
from caudal.figures.sources._periods import months, provisional_year

__all__ = ["by_sex_and_age"]

_PEOPLE = {
    "men": ("male", "adults"),
    "women": ("female", "adults"),
    "boys": ("male", "children"),
    "girls": ("female", "children"),
}


def by_sex_and_age(file: SourceFile, table: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return the observations of a table with the columns ``demog, n, date, month``."""
    frame = read_rows(file, columns, {name: name for name in columns})
    for name in frame["demog"].unique(maintain_order=True):
        if name not in _PEOPLE:
            row = frame["row"][int((frame["demog"] == name).arg_true()[0])]
            raise InputError(
                f"{name!r} is not a group of people",
                where=place(file, row),
                remedy=did_you_mean(name, _PEOPLE),
            )
    period = months(file, frame, "month")
    sex, age = ({name: both[i] for name, both in _PEOPLE.items()} for i in (0, 1))
    return observations(
        table,
        {
            "period": period,
            "sex": frame["demog"].replace_strict(sex, return_dtype=pl.String),
            "age_group": frame["demog"].replace_strict(age, return_dtype=pl.String),
            "value": numbers(file, frame, "n"),
            "status": provisional_year(period),
            "row": frame["row"],
        },
    )
