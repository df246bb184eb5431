"""Taking files in: whole or not at all, in any order, by any number of processes, killed at any moment."""

from __future__ import annotations

import gzip
import hashlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from caudal import figures
from caudal._core.errors import CaudalError, InputError, OptionError, StoreError
from figures import publishers

EMBEDDED = figures.open_archive("/nonexistent")
OLDER, NEWER = "cbp-southwest@2024-12-19", "cbp-southwest@2025-09-15"
STATES = [f"cbp-nationwide-state@{day}" for day in ("2023-11-14", "2023-12-22", "2024-01-26")]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Publishers' files by release id, named with their day."""
    directory = tmp_path_factory.mktemp("files")
    made = {}
    for release in (OLDER, NEWER, *STATES):
        source, _, day = release.partition("@")
        made[release] = directory / f"{day}_{source}.csv"
        made[release].write_bytes(publishers.original(EMBEDDED, release))
    return made


def add(store: Path, path: Path, **options: object) -> list[figures.Added]:
    target = figures.Store(store)
    return figures.add_file(figures.Archive((target,)), target, path, **options)  # type: ignore[arg-type]


def content(store: Path) -> dict[str, str]:
    """Return the hash of every file of a store but its lock."""
    return {
        str(path.relative_to(store)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(store.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_the_same_file_twice_changes_nothing_and_says_so(tmp_path: Path, files: dict[str, Path]) -> None:
    (first,) = add(tmp_path, files[OLDER])
    before = content(tmp_path)
    (again,) = add(tmp_path, files[OLDER])
    assert not first.held
    assert again.held
    assert "nothing changed" in str(again)
    assert content(tmp_path) == before


def test_the_same_file_under_another_day_is_still_the_same(tmp_path: Path, files: dict[str, Path]) -> None:
    add(tmp_path, files[OLDER])
    (again,) = add(tmp_path, files[OLDER], released=date(2024, 12, 24))
    assert again.held
    assert again.release.id == OLDER


def test_gzipped_and_plain_are_the_same_file(tmp_path: Path, files: dict[str, Path]) -> None:
    packed = tmp_path / (files[OLDER].name + ".gz")
    packed.write_bytes(gzip.compress(files[OLDER].read_bytes()))
    add(tmp_path / "s", packed)
    assert add(tmp_path / "s", files[OLDER])[0].held


def test_a_later_release_changes_only_what_it_revised(tmp_path: Path, files: dict[str, Path]) -> None:
    for release in STATES[:2]:
        add(tmp_path, files[release])
    archive = figures.Archive((figures.Store(tmp_path),))
    before = figures.series("sw-encounters", by=["state", "citizenship"], archive=archive)
    (added,) = add(tmp_path, files[STATES[2]])
    after = figures.series(
        "sw-encounters", by=["state", "citizenship"], archive=figures.Archive(archive.layers)
    )
    both = before.join(after, on=["period", "state", "citizenship"], suffix="_new")
    moved = both.filter(pl.col("value") != pl.col("value_new"))
    assert added.revised + added.withdrawn > 0
    assert set(moved["period"]) <= {"2023-10", "2023-11"}
    assert figures.series("sw-encounters", archive=archive.at(date(2023, 12, 22))).equals(
        figures.series("sw-encounters", archive=figures.Archive(archive.layers).at(date(2023, 12, 22)))
    )


def test_any_order_gives_the_same_archive(tmp_path: Path, files: dict[str, Path]) -> None:
    seen = set()
    for number, order in enumerate([(0, 1, 2), (2, 0, 1), (2, 1, 0)]):
        store = tmp_path / str(number)
        for i in order:
            add(store, files[STATES[i]])
        hashes = content(store)
        seen.add(tuple(sorted((k, v) for k, v in hashes.items())))
    assert len(seen) == 1


def test_the_day_is_asked_for_when_nothing_says_it(tmp_path: Path, files: dict[str, Path]) -> None:
    bare = tmp_path / "sbo-encounters-fy22-fy25-nov.csv"
    bare.write_bytes(files[OLDER].read_bytes())
    with pytest.raises(InputError, match="--released"):
        add(tmp_path / "s", bare)
    (asked,) = add(tmp_path / "s", bare, ask=lambda question: date(2024, 12, 19))
    assert asked.release.id == OLDER
    (given,) = add(tmp_path / "t", bare, released=date(2024, 12, 20))
    assert (given.release.released, given.release.certainty) == (date(2024, 12, 20), "stated")


def test_a_release_cannot_be_older_than_its_figures(tmp_path: Path, files: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="cannot have been released"):
        add(tmp_path / "s", files[OLDER], released=date(2024, 11, 30))


def edited(change: Callable[[list[list[str]]], list[list[str]]]) -> bytes:
    return publishers.as_csv(change(publishers.rows_of(EMBEDDED, NEWER)))


def _set(row: int, column: int, text: str) -> Callable[[list[list[str]]], list[list[str]]]:
    def change(rows: list[list[str]]) -> list[list[str]]:
        rows[row - 1][column] = text
        return rows

    return change


WHOLE = publishers.original(EMBEDDED, NEWER)
#: What is wrong → (the file's bytes, what the line must say)
BROKEN: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "cut in a row": (WHOLE[: len(WHOLE) // 2 - 20], ("row ", "cut off")),
    "cut in a number": (WHOLE[:-3], ("row 1937", "cut off")),
    "cut between rows": (b"".join(WHOLE.splitlines(keepends=True)[:1500]), ("row ", "cut off")),
    "gzip cut off": (gzip.compress(WHOLE)[:2000], ("gzip", "again")),
    "columns in another order": (edited(lambda rows: [r[::-1] for r in rows]), ("row 1", "order")),
    "rows in another order": (
        edited(lambda rows: [rows[0], *random.Random(1).sample(rows[1:], len(rows) - 1)]),
        ("row ", "order"),
    ),
    "not UTF-8": (WHOLE.replace(b"Guatemala", b"Guatem\xe1la", 1), ("row 3", "UTF-8")),
    "empty": (b"", ("empty",)),
    "blank": (b"  \r\n\r\n", ("empty",)),
    "header only": (WHOLE.splitlines(keepends=True)[0], ("row 2", "no rows")),
    "web page": (b"<!DOCTYPE html><html><body>Log in</body></html>", ("row 1", "web page")),
    "another table": (b"a,b,c\r\n1,2,3\r\n", ("row 1", "not a file of any declared source")),
    "binary": (bytes(range(256)) * 40, ("row 1", "binary")),
    "unknown citizenship": (edited(_set(40, 5, "Guatemalla")), ("row 40", "Guatemalla", "'Guatemala'")),
    "unknown component": (edited(_set(41, 3, "U.S. Border Petrol")), ("row 41", "Border Patrol")),
    "negative count": (edited(_set(42, 8, "-3")), ("row 42", "negative (-3)")),
    "count that is none": (edited(_set(43, 8, "n/a")), ("row 43", "'n/a'")),
    "fraction of a person": (edited(_set(43, 8, "3.5")), ("row 43", "'3.5'")),
    "fiscal year that is none": (edited(_set(44, 0, "20x2")), ("row 44", "20x2")),
    "month that is none": (edited(_set(44, 2, "OKT")), ("row 44", "OKT")),
    "cell printed twice": (
        edited(lambda rows: [*rows[:60], rows[59], *rows[60:]]),
        ("row 61", "repeats a cell"),
    ),
    "months missing": (
        edited(lambda rows: [r for r in rows if r[:3] != ["2024", "FYTD", "MAR"]]),
        ("2024-03",),
    ),
    "one component missing": (
        edited(lambda rows: [r for r in rows if r[2] != "MAY" or r[3] != "U.S. Border Patrol"]),
        ("lacks a component",),
    ),
    "byte order mark alone": (b"\xef\xbb\xbf", ("empty",)),
    "web page after a byte order mark": (b"\xef\xbb\xbf<!DOCTYPE html><html>", ("row 1", "web page")),
    "web page after a comment": (b"<!-- saved -->\n<html></html>", ("row 1", "web page")),
    "lines that end in carriage returns": (WHOLE.replace(b"\r\n", b"\r"), ("row 1", "Fiscal Year")),
    "one endless line": (b"a" * 200_000, ("row 1", "not a file of any declared source")),
    "decimal comma": (edited(_set(43, 8, "3,5")), ("row 43", "'3,5'")),
    "power of ten": (edited(_set(43, 8, "1e3")), ("row 43", "'1e3'")),
    "more than there are people": (edited(_set(43, 8, "9" * 20)), ("row 43", "not a count")),
    "huge": (WHOLE + WHOLE[200:] * 900, ("larger than",)),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_a_broken_file_gets_one_clear_line_and_touches_nothing(
    wrong: str, tmp_path: Path, files: dict[str, Path]
) -> None:
    add(tmp_path / "s", files[OLDER])
    before = content(tmp_path / "s")
    data, needles = BROKEN[wrong]
    bad = tmp_path / ("2025-09-15_sbo.csv" + (".gz" if data[:2] == b"\x1f\x8b" else ""))
    bad.write_bytes(data)
    with pytest.raises(CaudalError) as caught:
        add(tmp_path / "s", bad)
    line = str(caught.value)
    assert "\n" not in line
    assert bad.name.removesuffix(".gz") in line
    for needle in needles:
        assert needle in line
    assert caught.value.remedy
    assert content(tmp_path / "s") == before


def test_half_of_a_months_rows_is_no_revision(tmp_path: Path, files: dict[str, Path]) -> None:
    add(tmp_path / "s", files[OLDER])
    bad = tmp_path / "2025-09-15_sbo.csv"
    bad.write_bytes(
        edited(lambda rows: [r for r in rows if r[4] != "FMUA" or r[:3] != ["2023", "FYTD", "NOV"]])
    )
    with pytest.raises(InputError, match="far more than a revision"):
        add(tmp_path / "s", bad)
    add(tmp_path / "s", bad, accept=frozenset({"revision"}))


def test_other_figures_under_the_same_day_are_refused(tmp_path: Path, files: dict[str, Path]) -> None:
    add(tmp_path / "s", files[NEWER])
    other = tmp_path / "2025-09-15_sbo.csv"
    other.write_bytes(edited(_set(50, 8, "1")))
    with pytest.raises(InputError, match="differs from the release"):
        add(tmp_path / "s", other)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        add(tmp_path / "s", tmp_path / "absent.csv")
    assert not (tmp_path / "s").exists()


def test_a_file_that_dates_itself_takes_no_day(tmp_path: Path) -> None:
    triangle = tmp_path / "triangle.csv"
    lines = ["release_month,source,ym,sw_border_encounters", "2022-10,sbo FY19-22 (final FY22),202209,227547"]
    triangle.write_text("\n".join(lines) + "\n")
    with pytest.raises(OptionError, match="says itself"):
        add(tmp_path / "s", triangle, released=date(2022, 10, 21))
    (added,) = add(tmp_path / "s", triangle)
    assert added.release.released == date(2022, 11, 30)


#: Takes a file in and is killed just before the n-th change of a name on disk (exit code 0: there were fewer).
_DIE = """
import os, signal, sys
from pathlib import Path
from caudal import figures
store, path, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
count, real = 0, Path.replace
def counted(self, target):
    global count
    count += 1
    if count == step:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)
Path.replace = counted
target = figures.Store(store)
figures.add_file(figures.Archive((target,)), target, path)
"""


def test_killed_between_any_two_steps_nothing_is_half(tmp_path: Path, files: dict[str, Path]) -> None:
    for step in range(1, 10):
        store = tmp_path / str(step)
        add(store, files[OLDER])
        before = content(store)
        command = [sys.executable, "-c", _DIE, str(store), str(files[NEWER]), str(step)]
        child = subprocess.run(command, timeout=60, check=False)
        listed = [r.id for r in figures.Store(store).releases()]
        if child.returncode == 0:
            assert listed == [OLDER, NEWER]
            break
        assert child.returncode == -signal.SIGKILL
        assert listed == [OLDER]
        assert {k: v for k, v in content(store).items() if k in before} == before
        assert not add(store, files[NEWER])[0].held  # the next one clears up and succeeds
        assert not [path for path in store.rglob("*.tmp*") if path.is_file()]
    assert child.returncode == 0
    assert step > 2


def _command(store: Path, *paths: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "caudal",
        "--store",
        str(store),
        "--no-embedded",
        "figures",
        "add",
        *map(str, paths),
    ]


@pytest.mark.slow
def test_kill_9_at_random_moments_loses_nothing(tmp_path: Path, files: dict[str, Path]) -> None:
    paths = [files[name] for name in (OLDER, *STATES, NEWER)]
    whole = tmp_path / "whole"
    began = time.monotonic()
    subprocess.run(_command(whole, *paths), check=True, capture_output=True, timeout=120)
    duration = time.monotonic() - began
    expected = content(whole)
    chance = random.Random(20231222)
    killed = 0
    for number in range(120):
        store = tmp_path / str(number)
        child = subprocess.Popen(
            _command(store, *paths), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.2, 1.0) * duration)
        child.kill()
        if child.wait(60) == -signal.SIGKILL:
            killed += 1
        else:
            duration *= 0.85  # it was through before: come earlier, the machine's load has changed
        for release in figures.Store(store).releases():
            name = f"releases/{release.id}.parquet"
            assert content(store)[name] == expected[name]
        subprocess.run(_command(store, *paths), check=True, capture_output=True, timeout=120)
        assert content(store) == expected
        if killed >= 20:
            break
    assert killed >= 20


def test_two_processes_at_once_both_finish(tmp_path: Path, files: dict[str, Path]) -> None:
    store, alone = tmp_path / "both", tmp_path / "alone"
    first, second = [OLDER, STATES[0], STATES[2]], [STATES[1], NEWER, STATES[0]]
    children = [
        subprocess.Popen(
            _command(store, *(files[n] for n in names)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for names in (first, second)
    ]
    for child in children:
        _, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors.decode()
    for name in (OLDER, *STATES, NEWER):
        add(alone, files[name])
    # Each process took its own files in at its own moment: everything but the day of taking in is the same.
    assert {k: v for k, v in content(store).items() if k != "manifest.json"} == {
        k: v for k, v in content(alone).items() if k != "manifest.json"
    }
    assert [r.id for r in figures.Store(store).releases()] == [r.id for r in figures.Store(alone).releases()]


#: Holds a store for writing until it is told to let go.
_HOLD = """
import sys
from pathlib import Path
from caudal import figures
with figures.Store(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_writer_that_waits_says_so(tmp_path: Path, files: dict[str, Path]) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        said: list[str] = []

        def waiting(line: str) -> None:
            said.append(line)
            assert holder.stdin
            holder.stdin.write("let go\n")
            holder.stdin.flush()

        (added,) = add(tmp_path, files[OLDER], waiting=waiting)
    assert not added.held
    assert said
    assert "waiting" in said[0]


def test_a_full_disk_is_one_clear_line_and_adds_nothing(
    tmp_path: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from caudal.figures import _store

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_store, "_sync", full)
    with pytest.raises(StoreError, match=r"No space left on device.*Nothing was added"):
        add(tmp_path / "s", files[OLDER])
    assert not figures.Store(tmp_path / "s").releases()
    assert not list((tmp_path / "s" / "releases").iterdir())
