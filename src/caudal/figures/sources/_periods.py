"""Reading periods out of text columns: months, days, weeks and years, each complaint with its row."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import polars as pl

from caudal._core.dates import parse_day, parse_month
from caudal._core.errors import InputError, OptionError
from caudal.figures._release import SourceFile
from caudal.figures.sources._csv import place

__all__ = ["days", "end", "months", "provisional_from", "provisional_year", "years"]


def months(file: SourceFile, frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a column written ``2023-11`` or ``2023-11-01`` as the first days of months."""
    return _each(file, frame, column, _month, "a month", "Expected e.g. 2023-11")


def days(file: SourceFile, frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a column written ``2023-11-20`` as days."""
    return _each(file, frame, column, parse_day, "a day", "Expected e.g. 2023-11-20")


def years(file: SourceFile, frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a column written ``2023`` as the first days of calendar years."""
    return _each(file, frame, column, _year, "a year", "Expected e.g. 2023")


def end(period: pl.Series) -> date:
    """Return the latest of some periods."""
    last = period.max()
    assert isinstance(last, date)
    return last


def provisional_from(period: pl.Series, day: date) -> pl.Series:
    """Return ``provisional`` from ``day`` on and ``final`` before."""
    return (period >= day).replace_strict({True: "provisional", False: "final"}, return_dtype=pl.String)


def provisional_year(period: pl.Series) -> pl.Series:
    """Return ``provisional`` for the last calendar year: publishers restate the one in progress."""
    return provisional_from(period, end(period).replace(month=1, day=1))


def _month(text: str) -> date:
    return parse_month(text.removesuffix("-01") if len(text) == 10 else text)


def _year(text: str) -> date:
    if re.fullmatch(r"(19|20)\d\d", text) is None:
        raise OptionError(f"{text!r} is not a year")
    return date(int(text), 1, 1)


def _each(
    file: SourceFile, frame: pl.DataFrame, column: str, read: Callable[[str], date], what: str, remedy: str
) -> pl.Series:
    found: dict[str, date] = {}
    for text in frame[column].unique(maintain_order=True).to_list():
        try:
            found[text] = read(text.strip())
        except OptionError:
            row = frame["row"][int((frame[column] == text).arg_true()[0])]
            raise InputError(f"{text!r} is not {what}", where=place(file, row), remedy=remedy) from None
    return frame[column].replace_strict(found, return_dtype=pl.Date)
