"""Compile the shipped poll files into ``polls.csv``: figures with pollster, dates and address, nobody's file.

Two layouts are read. The *tracker* layout (2025-26) has one row per poll and issue with full dates; the
*scattered* layout holds polls cited one by one, some known by month only, some with answers by party.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from caudal._core.dates import last_day
from caudal._core.errors import InputError
from caudal.opinion._schema import GROUP_COLUMNS, SCHEMA, Row, frame_of, percent, positive
from caudal.opinion._tables import house_of, president_on, table

__all__ = ["SCATTERED", "TRACKERS", "compile_polls"]

TRACKERS = ("presidential-immigration-approval-2025-2026.csv", "presidential-issue-approval-2025-2026.csv.gz")
SCATTERED = "issue-approval-2017-2025-scattered.csv"

#: A day printed in an address counts as the day of publication when it lies this close to the end of
#: fieldwork.
_NEAR = 30
_DAY_IN_ADDRESS = (
    re.compile(r"(?<!\d)(?P<y>20\d\d)[-/](?P<m>\d\d)[-/](?P<d>\d\d)(?!\d)"),
    re.compile(r"/us(?P<m>\d\d)(?P<d>\d\d)(?P<y>20\d\d)_"),
)


def compile_polls(directory: Path) -> pl.DataFrame:
    """Return every figure of the shipped files as one table, in a fixed order.

    Parameters
    ----------
    directory : Path
        Where the files lie (``data/polls``).

    Returns
    -------
    polars.DataFrame
        One row per poll, issue and variant; the columns of `caudal.opinion.polls` without those derived
        on reading.

    Raises
    ------
    InputError
        For a missing file or a figure that cannot be, with file, row and column.

    Notes
    -----
    Rows that repeat an earlier one (same pollster, field dates, size, population and answers) are kept once;
    a repeat may add answers by party. A first day of fieldwork that lies after its last day by less than a
    year is a slip of the year: corrected, and said in ``correction``.
    """
    kept: dict[tuple[object, ...], Row] = {}
    for row in _all_rows(directory):
        key = _identity(row)
        if key not in kept:
            kept[key] = row
            continue
        for column in GROUP_COLUMNS:
            if row[column] is not None and kept[key][column] is None:
                kept[key][column] = row[column]
                kept[key]["note"] = f"answers by party: {row['address']}"
    frame = frame_of(list(kept.values()))
    return frame.sort(
        pl.coalesce("field_end", "published", pl.col("field_month").str.to_date("%Y-%m")),
        "pollster", "sponsor", "population", "n", "issue", "variant", "address",
        nulls_last=True,
    ).select(list(SCHEMA))  # fmt: skip


def _identity(row: Row) -> tuple[object, ...]:
    if row["field_end"] is None:
        return tuple(
            row[c] for c in ("pollster", "sponsor", "field_month", "published", "issue", "population")
        )
    when = tuple(
        row[c] for c in ("pollster", "field_start", "field_end", "n", "population", "issue", "variant")
    )
    return (*when, row["approve"], row["disapprove"])


def _all_rows(directory: Path) -> Iterator[Row]:
    for name in TRACKERS:
        for where, cells in _cells(directory / name):
            yield _tracker_row(cells, where)
    previous = ""
    for where, cells in _cells(directory / SCATTERED):
        source = previous if cells["source"] == "same" else cells["source"]
        previous = source
        row = _scattered_row({**cells, "source": source}, where)
        if row is not None:
            yield row


def _cells(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if not path.is_file():
        raise InputError(
            "no such file", where=str(path), remedy="Point --from at the directory of poll files"
        )
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    for number, cells in enumerate(csv.DictReader(text.splitlines()), start=2):
        yield (
            f"{path.name} row {number}",
            {k: "" if v in ("NA", None) else v.strip() for k, v in cells.items()},
        )


def _tracker_row(cells: dict[str, str], where: str) -> Row:
    cells, reasons, _ = _corrected(cells, where)
    end, start = _us_day(cells["end_date"], where), _us_day(cells["start_date"], where)
    if start > end and start.replace(year=start.year - 1) <= end:
        reasons.append(f"field_start printed {start}")
        start = start.replace(year=start.year - 1)
    published = _day_in(cells["url"], end)
    variant = {v["printed"]: v["variant"] for v in table("variants.csv")}.get(cells["other_notes"])
    if variant is None:
        raise InputError(
            f"question wording {cells['other_notes']!r} is not declared", where=where,
            remedy="Add it to variants.csv",
        )  # fmt: skip
    row: Row = dict.fromkeys(SCHEMA)
    pollster, house = house_of(cells["pollster"], cells["sponsor"])
    row |= {
        "president": president_on(end).key, "issue": cells["issue"], "variant": variant,
        "pollster": pollster, "house": house, "sponsor": cells["sponsor"] or None,
        "partisan": cells["partisan"] or None,
        "field_start": start, "field_end": end, "published": published,
        "n": positive(cells["sample_size"], where, "sample_size"), "population": cells["population"],
        "mode": cells["mode"] or None, "tracking": cells["tracking"].casefold() == "true",
        "approve": percent(cells["approve"], where, "approve"),
        "disapprove": percent(cells["disapprove"], where, "disapprove"),
        "status": "published", "address": cells["url"], "correction": "; ".join(reasons) or None,
    }  # fmt: skip
    return row


def _scattered_row(cells: dict[str, str], where: str) -> Row | None:
    cells, reasons, dropped = _corrected(cells, where)
    if dropped:
        return None
    names = {r["printed"]: r["issue"] for r in table("issues.csv")}
    printed, _, sponsor = cells["pollster"].partition("/") if cells["pollster"] == "YouGov/Economist" else (
        cells["pollster"], "", "")  # fmt: skip
    pollster, house = house_of(printed, sponsor)
    start, end = _day(cells["field_start"]), _day(cells["field_end"])
    published = _day(cells["published"])
    month = cells["field_end"][:7] or (cells["published"][:7] if not end else "")
    known = end or published or last_day(date.fromisoformat(f"{month}-01"))
    groups = {c: percent(cells[c], where, c) for c in GROUP_COLUMNS}
    row: Row = dict.fromkeys(SCHEMA)
    row |= {
        "president": president_on(known).key,
        "issue": names.get(cells["question"], cells["question"].replace(" ", "_")), "variant": "approve",
        "pollster": pollster, "house": house, "sponsor": sponsor or None,
        "field_start": start, "field_end": end, "field_month": None if end or published else month,
        "published": published, "n": positive(cells["n"], where, "n"),
        "population": cells["population"], "tracking": False,
        "approve": percent(cells["approve"], where, "approve"),
        "disapprove": percent(cells["disapprove"], where, "disapprove"),
        "address": _first_address(cells["source"]), "cited_in": cells["source"], **groups,
        "note": None if reasons else cells["note"] or None, "correction": "; ".join(reasons) or None,
    }  # fmt: skip
    # Second-hand with a day or an answer missing is fit to be looked at and not to be pooled.
    if row["address"].endswith("..."):
        row["note"] = "; ".join(filter(None, [row["note"], "address as cited, shortened by its source"]))
    row["status"] = "published" if (end or published) and row["disapprove"] is not None else "cited"
    return row


def _corrected(cells: dict[str, str], where: str) -> tuple[dict[str, str], list[str], bool]:
    reasons: list[str] = []
    file = where.partition(" row ")[0]
    for fix in table("corrections.csv"):
        issue = cells.get("issue") or cells.get("question")
        if (fix["file"], fix["pollster"], fix["issue"]) != (file, cells["pollster"], issue):
            continue
        if fix["value"] == "drop":
            return cells, [fix["reason"]], True
        if cells[fix["column"]] == fix["printed"] and fix["when"] in ("", cells.get("published")):
            cells = {**cells, fix["column"]: fix["value"]}
            reasons.append(f"{fix['column']}: {fix['reason']}")
    return cells, reasons, False


def _us_day(text: str, where: str) -> date:
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        if found:
            return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise InputError(f"{text!r} is not a day", where=where, remedy="The file writes MM/DD/YYYY")


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None


def _day_in(address: str, end: date) -> date | None:
    for pattern in _DAY_IN_ADDRESS:
        for found in pattern.finditer(address):
            try:
                day = date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                continue
            if end <= day <= end + timedelta(days=_NEAR):
                return day
    return None


def _first_address(source: str) -> str:
    found = re.search(r"https?://[^\s;]+", source)
    if found:
        return found[0]
    return source
