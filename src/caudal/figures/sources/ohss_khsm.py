"""OHSS Key Homeland Security Metrics: Border Patrol encounters since October 1999, sixteen sheets."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl

from caudal._core.dates import MONTH_ABBREVIATIONS, fiscal_start, month_range
from caudal._core.errors import InputError
from caudal._core.identifiers import fold
from caudal.figures._declared import Table, tables
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, numbers, place
from caudal.figures.sources._workbook import rows, sheet_names

__all__ = ["parse", "recognise"]

_SOURCE = "ohss-khsm-usbp"
_NAMES = {
    "citizenship": "citizenship",
    "region": "region",
    "family status": "family_status",
    "sector": "area",
}


def _tables() -> dict[str, Table]:
    return {table.sheet: table for table in tables().values() if table.source == _SOURCE}


def recognise(file: SourceFile) -> bool:
    """Return whether the workbook has most of the sheets (a name may have been mistyped or a sheet lost)."""
    return file.is_workbook and len(set(_tables()) & set(sheet_names(file))) > len(_tables()) // 2


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the workbook is, all sheets of it."""
    missing = [sheet for sheet in _tables() if sheet not in sheet_names(file)]
    if missing:
        raise InputError(
            f"lacks the sheet {missing[0]!r}", where=file.name, remedy="Use the publisher's workbook as it is"
        )
    parts = {table.id: _sheet(file, table) for table in _tables().values()}
    newest = parts[f"{_SOURCE}/monthly-count"]["period"].max()
    assert isinstance(newest, date)
    running = newest.year + (newest.month >= 10) if newest.month != 9 else 0
    whole = pl.concat(list(parts.values()))
    in_progress = pl.col("period") >= fiscal_start(running) if running else pl.lit(False)
    whole = whole.with_columns(
        status=pl.when(in_progress).then(pl.lit("provisional")).otherwise(pl.lit("final"))
    )
    _check_sums(file, whole)
    return [ParsedRelease(_SOURCE, whole)]


def _sheet(file: SourceFile, table: Table) -> pl.DataFrame:
    cells = rows(file, table.sheet)
    head = [fold(str(cell)) for cell in cells[0]] if cells else []
    expected = ["fiscal year", *(["month"] if table.freq == "month" else [])]
    expected += [
        name for name in ("region", "citizenship", "family status", "sector") if _NAMES[name] in table.dims
    ]
    expected += ["quantity"]
    if head != expected:
        raise InputError(
            f"has the columns {', '.join(head)}",
            where=place(file, 1, table.sheet),
            remedy="Expected: " + ", ".join(expected),
        )
    body = [[_text(cell) for cell in row] for row in cells[1:]]
    short = next((i for i, row in enumerate(body, start=2) if len(row) != len(expected)), 0)
    if short or not body:
        raise InputError(
            f"has {len(body[short - 2])} cells where {len(expected)} are expected"
            if short
            else "has no rows",
            where=place(file, short or 2, table.sheet),
            remedy="Use the publisher's workbook as it is",
        )
    frame = pl.DataFrame(body, schema=dict.fromkeys(expected, pl.String), orient="row")
    frame = frame.with_columns(pl.Series("row", range(2, len(body) + 2), dtype=pl.Int32))
    columns: dict[str, Any] = {"period": _periods(file, frame, table)}
    for name, dimension in _NAMES.items():
        if dimension in table.dims:
            kind = "sector" if dimension == "area" else dimension
            columns[dimension] = codes(file, frame, name, kind, sheet=table.sheet)
    columns |= {"value": numbers(file, frame, "quantity", sheet=table.sheet), "row": frame["row"]}
    result = observations(table.id, columns)
    again = result.filter(~pl.struct("period", *table.dims).is_first_distinct())
    if again.height:
        raise InputError(
            "repeats a cell that stands in an earlier row",
            where=place(file, again["row"][0], table.sheet),
            remedy="Use the publisher's workbook as it is",
        )
    _check_gaps(file, table, result)
    return result


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _periods(file: SourceFile, frame: pl.DataFrame, table: Table) -> list[date]:
    """Return the first day of the fiscal year, or of the month written ``02 November``."""
    found = []
    monthly = table.freq == "month"
    for year, month, row in zip(
        frame["fiscal year"], frame["month"] if monthly else frame["fiscal year"], frame["row"], strict=True
    ):
        if not re.fullmatch(r"(19|20)\d\d", year):
            raise InputError(
                f"{year!r} is not a fiscal year",
                where=place(file, row, table.sheet),
                remedy="Expected e.g. 2024",
            )
        if not monthly:
            found.append(fiscal_start(int(year)))
            continue
        name = re.fullmatch(r"\d\d ([A-Z][a-z]+)", month)
        number = MONTH_ABBREVIATIONS.get(name[1][:3].upper()) if name else None
        if number is None:
            raise InputError(
                f"{month!r} is not a fiscal month",
                where=place(file, row, table.sheet),
                remedy="Expected e.g. 02 November",
            )
        found.append(date(int(year) - (number >= 10), number, 1))
    return found


def _check_gaps(file: SourceFile, table: Table, frame: pl.DataFrame) -> None:
    if table.freq != "month" or "months" in file.accept:
        return
    have = set(frame["period"].to_list())
    gap = [month for month in month_range(min(have), max(have)) if month not in have]
    if gap:
        raise InputError(
            f"has no rows for {gap[0]:%B %Y}",
            where=place(file, frame.height + 1, table.sheet),
            remedy="Use the publisher's workbook as it is (or --accept months)",
        )


def _check_sums(file: SourceFile, whole: pl.DataFrame) -> None:
    """Hold each breakdown to its total: no part may exceed it by more than its rounding (5 a cell).

    A breakdown may fall short (absent means zero or suppressed), but never below nine tenths in a month of
    thousands: then the sheet is cut off.
    """
    if "totals" in file.accept:
        return
    for freq in ("annual", "monthly"):
        total = whole.filter(pl.col("table") == f"{_SOURCE}/{freq}-count").select("period", total="value")
        for table in _tables().values():
            if not table.dims or not table.id.startswith(f"{_SOURCE}/{freq}"):
                continue
            part = (
                whole.filter(pl.col("table") == table.id)
                .group_by("period")
                .agg(pl.col("value").sum(), cells=pl.len())
            )
            both = total.join(part, on="period", how="left").with_columns(
                pl.col("value", "cells").fill_null(0)
            )
            high = pl.col("value") > pl.col("total") + 5 * (pl.col("cells") + 1)
            low = (pl.col("value") < 0.9 * pl.col("total")) & (pl.col("total") > 1000)
            bad = both.filter(high | low).sort("period")
            if bad.height:
                row = bad.row(0, named=True)
                raise InputError(
                    f"cells of {row['period']:%Y-%m} add up to {row['value']:,.0f}, the total says {row['total']:,.0f}",
                    where=f"{file.name}, sheet {table.sheet!r}",
                    remedy="The sheet is cut off or edited; use the publisher's workbook (or --accept totals)",
                )
