"""The publishers' own files, read where they are at hand: totals against the files themselves."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import polars as pl
import pytest

from caudal import figures
from caudal._core.errors import InputError
from caudal.figures.sources import parse

STATE = "cbp/nationwide-state/*.csv.gz"
AREA = "cbp/nationwide-aor/*.csv.gz"
SOUTHWEST = "cbp/southwest/*sbo*.csv.gz"


def _files(root: Path, *patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in root.glob(pattern))


def test_every_row_and_every_person_is_there(shared_data: Path) -> None:
    paths = _files(shared_data, STATE, AREA, SOUTHWEST)
    assert len(paths) == 14
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))
        column = next(
            i for i, name in enumerate(rows[0]) if name.lower().replace(" ", "_") == "encounter_count"
        )
        (release,) = parse(figures.SourceFile.read(path))
        assert release.observations.height == len(rows) - 1
        assert release.observations["value"].sum() == sum(float(row[column]) for row in rows[1:])
        assert release.observations["row"].to_list() == list(range(2, len(rows) + 1))


def test_the_workbook_is_read_whole(shared_data: Path) -> None:
    (release,) = parse(figures.SourceFile.read(shared_data / "ohss" / "khsm-encounters-usbp-fy25m11.xlsx"))
    tables = release.observations.group_by("table").agg(pl.len(), pl.col("value").sum())
    assert tables.height == 16
    counts = dict(tables.select("table", "len").rows())
    assert counts["ohss-khsm-usbp/monthly-sector"] == 5830
    assert counts["ohss-khsm-usbp/annual-count"] == 26


def test_a_damaged_workbook_is_refused(shared_data: Path, tmp_path: Path) -> None:
    whole = (shared_data / "ohss" / "khsm-encounters-usbp-fy25m11.xlsx").read_bytes()
    bad = tmp_path / "2025-01-31_khsm.xlsx"
    bad.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="workbook"):
        parse(figures.SourceFile.read(bad))


@pytest.mark.slow
def test_compiling_gives_the_embedded_archive_again(shared_data: Path, tmp_path: Path) -> None:
    figures.compile_archive(shared_data, tmp_path / "embedded")
    made = {p.name: p.read_bytes() for p in (tmp_path / "embedded").rglob("*") if p.is_file()}
    root = Path(figures.__file__).parent / "embedded"
    assert made == {p.name: p.read_bytes() for p in root.rglob("*") if p.is_file()}
