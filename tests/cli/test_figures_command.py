"""``caudal figures`` as a user types it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from caudal import figures
from conftest import Command
from figures import publishers

NOVEMBER = ("figures", "series", "sw-encounters", "--from", "2023-11", "--to", "2023-11", "--format", "csv")


def values(text: str) -> list[tuple[str, str]]:
    return [(row["period"], row["value"]) for row in csv.DictReader(io.StringIO(text))]


def test_november_today_and_as_first_published(caudal_command: Command) -> None:
    done = caudal_command(*NOVEMBER)
    assert done.stdout.splitlines()[0] == "period,value,unit,status,release"
    assert values(done.stdout) == [("2023-11", "242399")]
    assert values(caudal_command(*NOVEMBER, "--as-of", "2023-12-25").stdout) == [("2023-11", "242418")]
    assert values(caudal_command(*NOVEMBER, "--as-of", "2023-12-01").stdout) == []


def test_formats_say_the_same(caudal_command: Command) -> None:
    arguments = (
        "figures",
        "series",
        "usbp-encounters",
        "--by",
        "sector",
        "--from",
        "2024-01",
        "--to",
        "2024-01",
    )
    rows = json.loads(caudal_command(*arguments, "--format", "json").stdout)
    table = caudal_command(*arguments).stdout
    assert len(rows) == 9
    for row in rows:
        assert f"{row['value']:,}" in table
        assert row["sector"] in table


def test_the_triangle(caudal_command: Command) -> None:
    done = caudal_command("figures", "releases", "sw-encounters", "--period", "2023-11", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["value"] for row in rows][:2] == ["242418", "242407"]
    assert [row["released"] for row in rows] == sorted(row["released"] for row in rows)
    listed = caudal_command("figures", "releases", "--format", "json").stdout
    assert {row["release"] for row in rows} <= {row["release"] for row in json.loads(listed)}


def test_adding_in_both_ways_of_writing_the_store(caudal_command: Command, tmp_path: Path) -> None:
    release = "cbp-southwest@2024-12-19"
    path = tmp_path / "sbo.csv"
    path.write_bytes(publishers.original(figures.open_archive("/nonexistent"), release))
    arguments = (
        "--no-embedded",
        "figures",
        "add",
        path,
        "--released",
        "2024-12-19",
        "--store",
        tmp_path / "s",
    )
    assert "1,665 new" in caudal_command(*arguments).stdout
    assert "nothing changed" in caudal_command(*arguments).stdout
    assert (
        "already in the archive" in caudal_command("figures", "add", path, "--released", "2024-12-19").stdout
    )


@pytest.mark.parametrize(
    ("arguments", "code", "needle"),
    [
        (("figures", "series", "sw-encouters"), 2, "sw-encounters"),
        (("figures", "series", "sw-encounters", "--where", "citizenship"), 2, "DIM=VALUE"),
        (("figures", "series", "sw-encounters", "--by", "sectr"), 2, "sector"),
        (("figures", "series", "sw-encounters", "--as-of", "soon"), 2, "YYYY-MM-DD"),
        (("figures", "releases", "sw-encounters"), 2, "--period"),
        (("figures", "add", "/nonexistent.csv"), 2, "cannot be read"),
        (("figures", "add", "/nonexistent.csv", "--accept", "ordr"), 2, "order"),
        (("figures", "compile", "--from", "/nonexistent"), 2, "--from"),
        (("figures", "seris"), 2, "series"),
        (("brief", "--as-of", "1999-01-01"), 2, "no release by 1999-01-01"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(
    caudal_command: Command, arguments: tuple[str, ...], code: int, needle: str
) -> None:
    done = caudal_command(*arguments, check=False)
    assert done.returncode == code
    assert needle in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4


def test_the_briefing_is_written_where_it_says(caudal_command: Command, tmp_path: Path) -> None:
    done = caudal_command("brief", "--as-of", "2023-12-22", cwd=tmp_path)
    assert Path(done.stdout.strip()) == tmp_path / "brief.html"
    assert (tmp_path / "brief.html").stat().st_size > 50_000
    caudal_command(
        "brief",
        "--as-of",
        "2023-12-22",
        "--lang",
        "es",
        "--format",
        "json",
        "-o",
        tmp_path / "b",
        cwd=tmp_path,
    )
    assert json.loads((tmp_path / "b").read_text())["language"] == "es"


def test_the_name_of_the_file_chooses_its_format(caudal_command: Command, tmp_path: Path) -> None:
    caudal_command("brief", "--as-of", "2023-12-22", "-o", tmp_path / "b.json", cwd=tmp_path)
    assert json.loads((tmp_path / "b.json").read_text())["as_of"] == "2023-12-22"


def test_a_store_that_is_a_file_or_damaged_is_one_clear_line(caudal_command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = caudal_command("--store", tmp_path / "file", *NOVEMBER, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "Not a directory" in done.stderr
    file = tmp_path / "2024-12-19_sbo.csv"
    file.write_bytes(publishers.original(figures.open_archive("/nonexistent"), "cbp-southwest@2024-12-19"))
    store = ("--store", tmp_path / "store", "--no-embedded")
    caudal_command(*store, "figures", "add", file)
    (parquet,) = (tmp_path / "store" / "releases").glob("*.parquet")
    for damage in (lambda: parquet.write_bytes(b"PAR1"), parquet.unlink):
        damage()
        for call in (NOVEMBER, ("figures", "trace", "sw-encounters", "--period", "2023-11")):
            done = caudal_command(*store, *call, check=False)
            assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
            assert "absent or damaged" in done.stderr


def test_a_day_after_today_is_refused(caudal_command: Command, tmp_path: Path) -> None:
    file = tmp_path / "sbo.csv"
    file.write_bytes(publishers.original(figures.open_archive("/nonexistent"), "cbp-southwest@2024-12-19"))
    call = ("--no-embedded", "figures", "add", file, "--released", "9024-12-19")
    done = caudal_command(*call, check=False)
    assert done.returncode == 2
    assert "cannot have been released on 9024-12-19" in done.stderr


@pytest.mark.parametrize("option", ["--from", "--to"])
@pytest.mark.parametrize("verb", ["series", "export", "chart"])
def test_an_error_names_the_option_that_was_typed(
    caudal_command: Command, tmp_path: Path, option: str, verb: str
) -> None:
    where = {"series": (), "export": ("--out", "x.csv"), "chart": ("--out", "x.svg")}
    words = (verb, "sw-encounters", *where[verb])
    for typed in ((option, "2021-07-31"), (f"{option}=2021-07-31",)):
        done = caudal_command("figures", *words, *typed, cwd=tmp_path, check=False)
        assert done.returncode == 2
        assert done.stderr == (
            f"error: {option}: '2021-07-31' is not a month. Write it as YYYY-MM, e.g. 2021-07\n"
        )


def test_an_error_about_a_day_names_the_option_that_was_typed(caudal_command: Command) -> None:
    done = caudal_command("figures", "series", "sw-encounters", "--as-of", "2023-13-01", check=False)
    assert done.stderr.startswith("error: --as-of: '2023-13-01' is not a day")
