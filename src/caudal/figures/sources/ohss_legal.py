"""OHSS Immigration Enforcement and Legal Processes: 34 monthly tables in one workbook.

A sheet has one or two rows of headings (the upper one merged over a group of columns), a row ``Total`` per fiscal
year, its months, footnotes. Which dimension the groups and the columns of a sheet are, ``ohss_legal.csv`` declares.
Totals are kept as tables of their own, because rounded cells do not add up to them; so are fiscal years.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from caudal._core.dates import fiscal_start, fiscal_year
from caudal._core.errors import InputError, OptionError
from caudal._core.identifiers import fold, resolve
from caudal._core.tables import declared
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import place
from caudal.figures.sources._workbook import rows, sheet_names

__all__ = ["parse", "recognise"]

_SOURCE = "ohss-legal"
#: Cells that say that there is no number: not applicable, not available.
_NO_NUMBER = ("X", "NA", "")
_WITHDRAWALS = {
    "enforcement-returns": "withdrawal-enforcement",
    "administrative-returns": "withdrawal-administrative",
}
_MONTHS = {name: number for number, name in enumerate(calendar.month_name) if number}


@dataclass(frozen=True)
class _Sheet:
    """What is declared about one sheet."""

    name: str
    slug: str
    group: str
    label: str


@dataclass(frozen=True)
class _Line:
    """A row of numbers: its month, or the fiscal year whose total it is."""

    row: int
    day: date
    yearly: bool
    cells: list[Any]


@cache
def _sheets() -> tuple[_Sheet, ...]:
    rows_ = declared("caudal.figures", "ohss_legal.csv")
    return tuple(_Sheet(row["sheet"], row["slug"], row["group"], row["label"]) for row in rows_)


def recognise(file: SourceFile) -> bool:
    """Return whether the workbook has most of the sheets."""
    if not file.is_workbook:
        return False
    found = {name.strip() for name in sheet_names(file)}
    return len(found & {sheet.name for sheet in _sheets()}) > len(_sheets()) // 2


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the workbook is, all sheets of it."""
    names = {name.strip(): name for name in sheet_names(file)}
    missing = [sheet.name for sheet in _sheets() if sheet.name not in names]
    if missing:
        raise InputError(
            f"lacks the sheet {missing[0]!r}", where=file.name, remedy="Use the publisher's workbook as it is"
        )
    parts = [read_sheet(file, sheet, rows(file, names[sheet.name])) for sheet in _sheets()]
    whole = pl.concat(parts)
    newest = whole.filter(~pl.col("table").str.ends_with("-year"))["period"].max()
    assert isinstance(newest, date)
    running = fiscal_start(fiscal_year(newest)) if newest.month != 9 else date.max
    return [
        ParsedRelease(
            _SOURCE,
            whole.with_columns(
                status=pl.when(pl.col("period") >= running)
                .then(pl.lit("provisional"))
                .otherwise(pl.lit("final"))
            ),
        )
    ]


def read_sheet(file: SourceFile, sheet: _Sheet, cells: list[list[Any]]) -> pl.DataFrame:
    """Return the observations of one sheet."""
    head = next(
        (i for i, row in enumerate(cells) if [_text(c) for c in row[:2]] == ["Fiscal Year", "Month"]), None
    )
    if head is None or head < 2:
        raise InputError(
            "has no row that begins with 'Fiscal Year' and 'Month'",
            where=f"{file.name}, sheet {sheet.name!r}",
            remedy="Use the publisher's workbook as it is",
        )
    columns = _columns(file, sheet, cells[2:head], cells[head], head + 1)
    found: dict[str, list[Any]] = {name: [] for name in ("table", "period", "value", "row")}
    dims: dict[str, list[str | None]] = {
        name: [] for name in dict.fromkeys((sheet.group, sheet.label, "authority")) if name
    }
    for line in _lines(file, sheet, cells, head):
        for index, placed in columns:
            text = line.cells[index] if index < len(line.cells) else ""
            if isinstance(text, str) and text.strip() in _NO_NUMBER:
                continue
            value = _number(file, sheet, line, text)
            for coordinates in placed:
                level = "-".join(coordinates) or "total"
                found["table"].append(f"{_SOURCE}/{sheet.slug}/{level}{'-year' if line.yearly else ''}")
                found["period"].append(line.day)
                found["value"].append(value)
                found["row"].append(line.row)
                for name, codes in dims.items():
                    codes.append(coordinates.get(name))
    if not found["value"]:
        raise InputError(
            "has no numbers",
            where=f"{file.name}, sheet {sheet.name!r}",
            remedy="Use the publisher's workbook",
        )
    series = {name: pl.Series(codes, dtype=pl.String) for name, codes in dims.items()}
    frame = observations(pl.Series(found.pop("table"), dtype=pl.String), {**found, **series})
    _check_sums(file, sheet, frame)
    return frame


def _text(cell: Any) -> str:
    """Return a heading without line ends, repeated blanks and the number of its footnote."""
    plain = " ".join(str(cell).split())
    return re.sub(r"(?<=[A-Za-z)])\d$", "", plain)


def _columns(
    file: SourceFile, sheet: _Sheet, upper: list[list[Any]], lower: list[Any], row: int
) -> list[tuple[int, list[dict[str, str]]]]:
    """Return for each column of numbers what its cells are: one or more sets of coordinates."""
    found = []
    group = ""
    for index in range(2, len(lower)):
        for line in upper:
            if index < len(line) and _text(line[index]):
                group = _text(line[index])
        label = _text(lower[index])
        if not label:
            continue
        try:
            placed = _placed(sheet, group, label)
        except OptionError as error:
            raise InputError(error.what, where=place(file, row, sheet.name), remedy=error.remedy) from None
        found.append((index, placed))
    every = [tuple(sorted(coordinates.items())) for _, placed in found for coordinates in placed]
    if len(set(every)) != len(every) or not every:
        raise InputError(
            "has the same column twice, or none",
            where=place(file, row, sheet.name),
            remedy="Use the publisher's workbook as it is",
        )
    return found


def _placed(sheet: _Sheet, group: str, label: str) -> list[dict[str, str]]:
    if sheet.slug == "repatriations-type":
        return _repatriation(group, label)
    total = fold(label).startswith("total")
    if sheet.label == "criminality" and sheet.group == "criminality_group":
        if total and fold(label) == "total" and not group:
            return [{}]
        if total:
            return [{"criminality_group": resolve("criminality_group", group or label)}]
        return [{"criminality": resolve("criminality", label)}]
    if sheet.label == "area":
        if label == "Total CBP":
            return [{}]
        component = resolve("component", group)
        if total:
            return [{"component": component}]
        kind = "sector" if component == "USBP" else "field_office"
        return [{"component": component, "area": resolve(kind, label)}]
    coordinates = {}
    if sheet.group and not fold(group).startswith("total"):
        coordinates[sheet.group] = resolve(sheet.group, group)
    if not total:
        coordinates[sheet.label] = resolve(sheet.label, label)
    return [coordinates]


def _repatriation(group: str, label: str) -> list[dict[str, str]]:
    """Return what a column of the repatriation table is; Title 42 expulsions are a class, a type and an authority."""
    bare = fold(label)
    if bare == "total repatriations":
        return [{}]
    if bare == "total title 8 repatriations":
        return [{"authority": "title-8"}]
    if bare == "title 8 enforcement repatriations":
        return []  # removals and enforcement returns, which stand beside it
    if bare == "title 42 expulsions":
        return [
            {"authority": "title-42"},
            {"return_class": "title-42-expulsions"},
            {"return_type": "title-42-expulsion"},
        ]
    if bare.startswith("total"):
        return [{"return_class": resolve("return_class", label)}]
    if bare == "withdrawals":
        owner = resolve("return_class", "Total " + re.sub("^DHS ", "", group))
        return [{"return_type": _WITHDRAWALS.get(owner, owner)}]
    return [{"return_type": resolve("return_type", label)}]


def _lines(file: SourceFile, sheet: _Sheet, cells: list[list[Any]], head: int) -> Iterator[_Line]:
    """Yield the rows of numbers; footnotes follow them."""
    year = 0
    seen: set[tuple[int, str]] = set()
    for index, row in enumerate(cells[head + 1 :], start=head + 2):
        first, month = (str(cell).strip() for cell in (*row, "", "")[:2])
        if first and not month:
            if re.fullmatch(r"\d+(\.0)?", first):
                raise InputError(
                    "has a fiscal year without a month",
                    where=place(file, index, sheet.name),
                    remedy="Use the publisher's workbook as it is",
                )
            break  # footnotes
        if not first and not month:
            continue
        if first:
            found = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?(?: YTD| \(?YTD\)?)?", first)
            if not found:
                raise InputError(
                    f"{first!r} is not a fiscal year",
                    where=place(file, index, sheet.name),
                    remedy="Expected e.g. 2024",
                )
            year = int(found[1])
        month = _text(month)
        if (month != "Total" and month not in _MONTHS) or not year or (year, month) in seen:
            raise InputError(
                f"{month!r} is not the next month of fiscal year {year}",
                where=place(file, index, sheet.name),
                remedy="Expected Total, October, …, September, each once",
            )
        seen.add((year, month))
        number = _MONTHS.get(month, 10)
        yield _Line(index, date(year - (number >= 10), number, 1), month == "Total", row)


def _number(file: SourceFile, sheet: _Sheet, line: _Line, cell: Any) -> float:
    if (
        isinstance(cell, (int, float))
        and not isinstance(cell, bool)
        and 0 <= cell < 1e9
        and cell == int(cell)
    ):
        return float(cell)
    raise InputError(
        f"{cell!r} is not a count",
        where=place(file, line.row, sheet.name),
        remedy="Expected a whole number, X or NA",
    )


def _check_sums(file: SourceFile, sheet: _Sheet, frame: pl.DataFrame) -> None:
    """Hold the months of a fiscal year to its total: each of thirteen cells is rounded by 5 at most."""
    if "totals" in file.accept:
        return
    dims = [name for name in dict.fromkeys((sheet.group, sheet.label, "authority")) if name]
    yearly = pl.col("table").str.ends_with("-year")
    begins = pl.date(pl.col("period").dt.year() - (pl.col("period").dt.month() < 10).cast(pl.Int32), 10, 1)
    table = pl.col("table").str.strip_suffix("-year")
    months = (
        frame.filter(~yearly)
        .group_by("table", begins.alias("period"), *dims)
        .agg(pl.col("value").sum().alias("added"), pl.len().alias("cells"), pl.col("row").max())
    )
    both = (
        frame.filter(yearly)
        .with_columns(table)
        .join(months, on=["table", "period", *dims], nulls_equal=True, suffix="_months")
    )
    # A column with months that are not applicable (X) may have a total that counts them.
    whole = pl.col("cells") == pl.col("cells").max().over("period")
    bad = both.filter(whole & ((pl.col("value") - pl.col("added")).abs() > 5 * (pl.col("cells") + 1))).sort(
        "row"
    )
    if bad.height:
        row = bad.row(0, named=True)
        raise InputError(
            f"months of fiscal year {row['period'].year + 1} add up to {row['added']:,.0f}, "
            f"its total says {row['value']:,.0f}",
            where=place(file, row["row"], sheet.name),
            remedy="The sheet is cut off or edited; use the publisher's workbook (or --accept totals)",
        )
