"""Every publisher's file at hand is in the archive, row for row and to its grand total, or declared out of scope."""

from __future__ import annotations

import csv
import fnmatch
import gzip
import io
import re
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from caudal import figures
from caudal._core.tables import declared

ARCHIVE = figures.open_archive("/nonexistent")
EMBEDDED = declared("caudal.figures", "embedded.csv")
#: folded name of the column that holds the counts, most specific first
VALUES = (
    "encounter count",
    "sw_border_encounters",
    "usbp_nationwide_encounters",
    "usbp_nationwide_t8_apprehensions",
    "initial_book_ins",
    "dead_or_missing",
    "dead",
    "JTSJOL",
    "Exchange rate",
    "Homicide rate per 100,000 population",
    "value",
    "Value",
    "n",
    "v",
)


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")


@cache
def stored(name: str) -> pl.DataFrame:
    """All observations of the releases that were read from a file."""
    of_it = [release.id for release in ARCHIVE.releases if release.file == name.removesuffix(".gz")]
    assert of_it, f"{name} has no release"
    return pl.concat([pl.read_parquet(path) for path in ARCHIVE.files(of_it)])


def test_no_file_is_left_out_without_a_reason(shared_data: Path) -> None:
    found = {path.relative_to(shared_data).as_posix() for path in shared_data.rglob("*") if path.is_file()}
    taken = {row["path"] for row in EMBEDDED}
    scope = declared("caudal.figures", "scope.csv")
    assert all(row["reason"] for row in scope)
    for name in sorted(found):
        if name.startswith("flee/"):
            continue
        outside = [row for row in scope if fnmatch.fnmatch(name, row["pattern"])]
        assert (name in taken) != bool(outside), f"{name}: in the archive, or out of scope for a reason"
    assert taken <= found


@pytest.mark.parametrize("name", [r["path"] for r in EMBEDDED if ".csv" in r["path"]])
def test_rows_and_grand_total_of_a_table(shared_data: Path, name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(shared_data / name), newline="")))
    frame = stored(Path(name).name)
    if "hhs-unaccompanied" in name:
        columns = [c for c in rows[0] if c != "date"]
        assert frame.height == sum(row[c] != "" for row in rows for c in columns)
        assert frame["value"].sum() == sum(float(row[c] or 0) for row in rows for c in columns)
        return
    if "release-triangle" in name:  # releases held in full are passed over
        rows = [row for row in rows if not row["source"].startswith(("state ", "sbo thru "))]
    names = {key.replace("_", " ").casefold(): key for key in rows[0]}
    column = next(
        names[v.replace("_", " ").casefold()] for v in VALUES if v.replace("_", " ").casefold() in names
    )
    if "custody" in name:
        column = "value"
    kept = [row for row in rows if row[column] != ""]
    assert len(rows) - len(kept) == (1 if "col-hnd-mex-pan" in name else 0)
    added = 3 if "darien-nat" in name else 0  # months without crossings, kept as zeros
    assert frame.height == len(kept) + added
    assert frame["value"].sum() == pytest.approx(sum(float(row[column]) for row in kept), rel=1e-12)
    assert frame["row"].max() == len(rows) + 1 or "release-triangle" in name or "col-hnd" in name


@pytest.mark.parametrize("year", range(2000, 2021))
def test_the_page_of_a_fiscal_year_adds_up(shared_data: Path, year: int) -> None:
    name = f"usbp_monthly_encounters_fy{year}.psv"
    text = (shared_data / "usbp" / name).read_text()
    total = int(
        next(line for line in text.splitlines() if line.startswith("Monthly Total"))
        .split("|")[-1]
        .replace(",", "")
    )
    frame = stored(name)
    assert frame["value"].sum() == total
    assert frame.height == (252 if year < 2006 else 240)


@pytest.mark.parametrize("name", [r["path"] for r in EMBEDDED if "legal-processes" in r["path"]])
def test_every_number_of_the_34_sheets_is_there(shared_data: Path, name: str) -> None:
    book = CalamineWorkbook.from_path(shared_data / name)
    sheets = {row["sheet"]: row["slug"] for row in declared("caudal.figures", "ohss_legal.csv")}
    assert len(sheets) == 34
    assert {sheet.strip() for sheet in book.sheet_names} == {"TOC", *sheets}
    frame = stored(Path(name).name)
    for sheet in book.sheet_names[1:]:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        head = next(i for i, row in enumerate(rows) if row[0] == "Fiscal Year")
        body = [row for row in rows[head + 1 :] if str(row[1]).strip()]
        numbers = [cell for row in body for cell in row[2:] if isinstance(cell, (int, float))]
        slug = sheets[sheet.strip()]
        mine = frame.filter(pl.col("table").str.starts_with(f"ohss-legal/{slug}/"))
        count, total = len(numbers), sum(numbers)
        if (
            slug == "repatriations-type"
        ):  # Title 42 is a class, a type and an authority; one subtotal is passed over
            labels = [re.sub(r"\d$", "", " ".join(str(cell).split())) for cell in rows[head]]
            twice = [row[labels.index("Title 42 Expulsions")] for row in body]
            passed = [row[labels.index("Title 8 Enforcement Repatriations")] for row in body]
            for cells, times in ((twice, 2), (passed, -1)):
                count += times * sum(isinstance(cell, (int, float)) for cell in cells)
                total += times * sum(cell for cell in cells if isinstance(cell, (int, float)))
        assert (mine.height, mine["value"].sum()) == (count, total), sheet


def test_numbers_that_everybody_quotes() -> None:
    one = figures.series("cbp-one-appointments", calendar="fiscal_year", archive=ARCHIVE)
    assert one.filter(pl.col("period") == "FY2023")["value"].to_list() == [278_430]
    for measure, year, total in (
        ("darien-entries", "2023", 520_085),
        ("mexico-inm-encounters", "2023", 778_907),
    ):
        frame = figures.series(measure, calendar="calendar_year", period=(year, year), archive=ARCHIVE)
        assert frame["value"].to_list() == [total]
