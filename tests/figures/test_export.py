"""Exports, read back by the libraries their readers use."""

from __future__ import annotations

import json
import os
from pathlib import Path

import frictionless
import hxl
import polars as pl
import pytest

from caudal import figures
from caudal._core.errors import NotKnownError, OptionError
from caudal._core.tables import declared
from caudal.figures._export import FORMS

BY = ["sector", "citizenship"]
SPAN = ("2024-01", "2024-06")


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return figures.series("usbp-encounters", by=BY, period=SPAN)


def write(path: Path, form: str) -> Path:
    figures.export("usbp-encounters", path, form, by=BY, period=SPAN)
    return path


def test_csv_and_parquet_are_the_series(frame: pl.DataFrame, tmp_path: Path) -> None:
    assert pl.read_csv(write(tmp_path / "x.csv", "csv")).equals(frame)
    assert pl.read_parquet(write(tmp_path / "x.parquet", "parquet")).equals(frame)


def test_json_says_where_its_numbers_are_from(frame: pl.DataFrame, tmp_path: Path) -> None:
    data = json.loads(write(tmp_path / "x.json", "json").read_text())
    assert data["rows"] == frame.to_dicts()
    assert {one["release"] for one in data["releases"]} == set(frame["release"])
    assert all(len(one["sha256"]) == 64 and one["licence"] for one in data["releases"])


def test_libhxl_reads_the_tagged_file(frame: pl.DataFrame, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "hxl")
    with path.open("rb") as stream:
        data = hxl.data(stream)
        assert [column.header for column in data.columns] == frame.columns
        assert data.columns[frame.columns.index("citizenship")].display_tag == "#country+citizenship+code"
        values = [int(row.get("#indicator+num+value")) for row in data]
    assert values == frame["value"].to_list()


def test_every_dimension_has_a_tag_of_its_own_that_libhxl_takes() -> None:
    tags = [row["hxl"] for row in declared("caudal._core.data", "dimensions.csv")]
    assert len({frozenset(tag.split("+")) for tag in tags}) == len(tags)
    for tag in tags:
        assert hxl.model.Column.parse(tag) is not None, tag


def test_frictionless_finds_the_data_package_valid(frame: pl.DataFrame, tmp_path: Path) -> None:
    path = write(tmp_path / "package", "datapackage")
    here = Path.cwd()
    os.chdir(path)  # frictionless trusts only paths below the working directory
    try:
        report = frictionless.validate("datapackage.json")
        assert report.valid, report.flatten(["message"])
        rows = frictionless.Package("datapackage.json").get_resource("data").read_rows()
    finally:
        os.chdir(here)
    assert len(rows) == frame.height
    assert sum(row["value"] for row in rows) == frame["value"].sum()


@pytest.mark.parametrize("measure", ["exchange-rate", "usbp-weekly", "border-crossings", "repatriations"])
@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_holds_every_kind_of_measure(measure: str, form: str, tmp_path: Path) -> None:
    by = {
        "exchange-rate": ["country"],
        "border-crossings": ["port", "crossing_type"],
        "repatriations": ["return_class"],
    }
    frame = figures.export(measure, tmp_path / "x", form, by=by.get(measure, []))
    assert frame.height > 0
    assert not list(tmp_path.rglob(".*"))


def test_a_release_goes_to_another_archive_and_is_the_same(tmp_path: Path) -> None:
    name = "iom-guatemala@2025-06-19"
    figures.export_release(name, tmp_path / "release.csv")
    store = figures.Store(tmp_path / "other")
    archive = figures.open_archive(store.path, embedded=False)
    (added,) = figures.add_file(archive, store, tmp_path / "release.csv")
    assert added.release.id == name
    assert store.observations(name).equals(
        pl.read_parquet(figures.open_archive("/nonexistent").files([name])[0])
    )
    again = figures.add_file(figures.open_archive(store.path), store, tmp_path / "release.csv")
    assert again[0].held


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="datapackage"):
        figures.export("sw-encounters", tmp_path / "x", "xls")
    with pytest.raises(NotKnownError, match="releases"):
        figures.export_release("cbp-southwest@1999-01-01", tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_the_command(tmp_path: Path, caudal_command) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "darien"
    printed = caudal_command("figures", "export", "darien-entries", "--as", "datapackage", "-o", out).stdout
    assert "datapackage, 64 rows" in printed
    assert (out / "data.csv").exists()
    assert caudal_command("figures", "export", "-o", out, check=False).returncode == 2
