"""What CBP's encounter files have in common: fiscal years, month groupings, and the order of their rows."""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from caudal._core.dates import MONTH_ABBREVIATIONS, add_months, fiscal_start, month_label
from caudal._core.errors import InputError
from caudal.figures._release import SourceFile
from caudal.figures.sources._csv import place

__all__ = ["check_months", "check_order", "check_unique", "periods"]


def periods(file: SourceFile, frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return the calendar month and the status of each row.

    ``2024 (FYTD)`` marks the fiscal year in progress: its months are provisional, all others final. The column
    ``month_grouping`` (FYTD, Remaining) only says which months a dashboard compares and is not needed.

    Raises
    ------
    InputError
        When a fiscal year or a month is none.
    """
    years: dict[str, tuple[int, bool]] = {}
    for text in frame["fiscal_year"].unique().to_list():
        found = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?( ?\(FYTD\))?", text.strip())
        if not found:
            _complain(file, frame, "fiscal_year", text, "a fiscal year", "Expected e.g. 2023 or 2024 (FYTD)")
        else:
            years[text] = (int(found[1]), bool(found[2]))
    for text in frame["month"].unique().to_list():
        if text not in MONTH_ABBREVIATIONS:
            _complain(file, frame, "month", text, "a month", "Expected JAN, FEB, … DEC")
    pairs = frame.select("fiscal_year", "month").unique().rows()
    days = {
        f"{year}\t{month}": date(
            years[year][0] - (MONTH_ABBREVIATIONS[month] >= 10), MONTH_ABBREVIATIONS[month], 1
        )
        for year, month in pairs
    }
    key = frame["fiscal_year"] + "\t" + frame["month"]
    status = {year: "provisional" if running else "final" for year, (_, running) in years.items()}
    return (
        key.replace_strict(days, return_dtype=pl.Date).alias("period"),
        frame["fiscal_year"].replace_strict(status, return_dtype=pl.String).alias("status"),
    )


def _complain(file: SourceFile, frame: pl.DataFrame, column: str, text: str, what: str, remedy: str) -> None:
    row = frame["row"][int((frame[column] == text).arg_true()[0])]
    raise InputError(f"{text!r} is not {what}", where=place(file, row), remedy=remedy)


def check_order(file: SourceFile, frame: pl.DataFrame, by: list[str]) -> None:
    """Refuse rows that are not in the publisher's order, where row numbers would lead nowhere.

    CBP writes all rows of a fiscal year, month and month grouping together, years ascending; nothing else about the
    order is relied on.
    """
    if "order" in file.accept:
        return
    key = pl.concat_str(by, separator="\t")
    starts = frame.select(key.alias("key"), "row").filter(
        (pl.col("key") != pl.col("key").shift()).fill_null(True)
    )
    again = starts.filter(pl.col("key").is_duplicated() & ~pl.col("key").is_first_distinct())
    years = frame["fiscal_year"].str.slice(0, 4)
    back = (years < years.shift()).fill_null(False)
    if again.height or back.any():
        row = again["row"][0] if again.height else frame["row"][int(back.arg_true()[0])]
        raise InputError(
            "rows are not in the publisher's order, so they could not be traced back",
            where=place(file, row),
            remedy="Use the publisher's file as it is (or --accept order)",
        )


def check_unique(file: SourceFile, frame: pl.DataFrame, by: list[str]) -> None:
    """Refuse a cell that is printed twice."""
    again = frame.filter(~pl.struct(by).is_first_distinct())
    if again.height:
        raise InputError(
            "repeats a cell that stands in an earlier row",
            where=place(file, again["row"][0]),
            remedy="The file was edited or joined with another; use the publisher's file",
        )


def check_months(file: SourceFile, frame: pl.DataFrame, region: str | None = None) -> None:
    """Refuse a file that lacks a month inside its fiscal years, or a region inside a month: it is cut off.

    Parameters
    ----------
    file : SourceFile
        The file.
    frame : polars.DataFrame
        Columns ``period``, ``status``, ``row`` and, when given, ``region``.
    region : str, optional
        Column that must have the same values in every month.
    """
    if "months" in file.accept:
        return
    have = set(frame["period"].unique().to_list())
    first, last = min(have), max(have)
    running = frame.filter(pl.col("status") == "provisional")["period"]
    end = last if len(running) else add_months(fiscal_start(last.year + (last.month >= 10) + 1), -1)
    month = fiscal_start(first.year + (first.month >= 10))
    while month <= end:
        if month not in have:
            _complain_of_gap(file, frame, f"has no rows for {month_label(month)}")
        month = add_months(month, 1)
    if region:
        counts = frame.group_by("period").agg(pl.col(region).n_unique()).sort("period")
        most = counts[region].max()
        short = counts.filter(pl.col(region) < most)
        if short.height:
            _complain_of_gap(file, frame, f"lacks a {region} in {month_label(short['period'][0])}")


def _complain_of_gap(file: SourceFile, frame: pl.DataFrame, what: str) -> None:
    raise InputError(
        what,
        where=place(file, int(frame["row"].max())),  # type: ignore[arg-type]
        remedy="The file is cut off or was filtered; download it again (or --accept months)",
    )
