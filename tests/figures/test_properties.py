"""Properties over generated release sequences: replay, order, and the way out and in again.

Releases are made up of a small world's months, with cells that are revised, withdrawn and added; their files are real
files that the real parser reads into a real store.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from caudal import figures
from caudal._core.errors import NotKnownError

GROUPS = ("men", "women", "boys", "girls")
MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04")
FIRST = date(2024, 6, 1)
LIMITS = settings(max_examples=10, deadline=None, database=None, derandomize=True)

Cells = dict[tuple[str, str], int]
#: days after FIRST → cells (month, group) of a table; consecutive months, as a rolling publisher has them
Releases = dict[int, Cells]


@st.composite
def releases(draw: st.DrawFn) -> Releases:
    found: Releases = {}
    for day in draw(st.sets(st.integers(0, 300), min_size=1, max_size=3)):
        first = draw(st.integers(0, len(MONTHS) - 1))
        last = draw(st.integers(first, len(MONTHS) - 1))
        cells: Cells = {}
        for month in MONTHS[first : last + 1]:
            for group in draw(st.sets(st.sampled_from(GROUPS), min_size=1)):
                cells[month, group] = draw(st.integers(0, 900))
        found[day] = cells
    return found


def write(directory: Path, day: int, cells: Mapping[tuple[str, str], int]) -> Path:
    """Write one release as the publisher would: a file with the day in its name."""
    path = directory / f"{FIRST + timedelta(days=day)}_irreg-darien-dmg.csv"
    lines = [f"{group},{value}.0,{month}-01,{month}" for (month, group), value in sorted(cells.items())]
    path.write_text("\n".join(["demog,n,date,month", *lines]) + "\n")
    return path


@contextmanager
def archive_of(given_releases: Releases, order: list[int]) -> Iterator[tuple[figures.Store, figures.Archive]]:
    with tempfile.TemporaryDirectory() as name:
        store = figures.Store(Path(name) / "store")
        for day in order:
            path = write(Path(name), day, given_releases[day])
            figures.add_file(figures.Archive((store,)), store, path, accept=frozenset({"revision"}))
        yield store, figures.Archive((store,))


def replay(given_releases: Releases, day: int) -> Cells:
    """Return what was known at the end of a day, by doing what the definition says: later releases overwrite months."""
    known: Cells = {}
    for released in sorted(d for d in given_releases if d <= day):
        cells = given_releases[released]
        spoken = {month for month, _ in cells}
        known = {key: value for key, value in known.items() if key[0] not in spoken} | cells
    return known


SEX = {
    "men": ("male", "adults"),
    "women": ("female", "adults"),
    "boys": ("male", "children"),
    "girls": ("female", "children"),
}


def answered(archive: figures.Archive, day: int) -> Cells:
    by = ["sex", "age_group"]
    try:
        frame = figures.series("darien-entries", by=by, as_of=FIRST + timedelta(days=day), archive=archive)
    except NotKnownError:
        return {}
    names = {pair: name for name, pair in SEX.items()}
    rows = frame.select("period", *by, "value").rows()
    return {(period, names[sex, age]): value for period, sex, age, value in rows}


def without_zeros(cells: Cells) -> Cells:
    return {key: value for key, value in cells.items() if value}


@given(releases(), st.integers(-1, 301))
@LIMITS
def test_as_of_is_a_replay_of_the_releases(given_releases: Releases, day: int) -> None:
    with archive_of(given_releases, sorted(given_releases)) as (_, archive):
        assert without_zeros(answered(archive, day)) == without_zeros(replay(given_releases, day))


@given(releases(), st.randoms(use_true_random=False))
@LIMITS
def test_any_order_of_adding_gives_the_same_archive(given_releases: Releases, random) -> None:  # type: ignore[no-untyped-def]
    order = sorted(given_releases)
    shuffled = order.copy()
    random.shuffle(shuffled)
    with archive_of(given_releases, order) as (one, _), archive_of(given_releases, shuffled) as (other, _):
        assert (one.path / "manifest.json").read_bytes() == (other.path / "manifest.json").read_bytes()
        for release in one.releases():
            assert one.observations(release.id).equals(other.observations(release.id))


@given(releases())
@LIMITS
def test_what_goes_out_and_in_again_is_the_same(given_releases: Releases) -> None:
    with (
        archive_of(given_releases, sorted(given_releases)) as (store, archive),
        tempfile.TemporaryDirectory() as name,
    ):
        other = figures.Store(Path(name) / "other")
        for number, release in enumerate(store.releases()):
            path = Path(name) / f"{number}.csv"
            figures.export_release(release.id, path, archive=archive)
            figures.add_file(figures.Archive((other,)), other, path, accept=frozenset({"revision"}))
        assert [r.id for r in other.releases()] == [r.id for r in store.releases()]
        for mine, theirs in zip(store.releases(), other.releases(), strict=True):
            assert store.observations(mine.id).equals(other.observations(theirs.id))
            assert (mine.coverage, mine.provisional_from) == (theirs.coverage, theirs.provisional_from)
        day = max(given_releases)
        assert answered(figures.Archive((other,)), day) == answered(archive, day)


@given(releases())
@LIMITS
def test_a_later_release_changes_nothing_before_its_day(given_releases: Releases) -> None:
    order = sorted(given_releases)
    with (
        archive_of(given_releases, order[:-1]) as (_, before),
        archive_of(given_releases, order) as (_, after),
    ):
        for day in order[:-1]:
            assert answered(before, day) == answered(after, day)


@given(releases())
@LIMITS
def test_the_triangle_has_a_row_for_each_release_that_speaks(given_releases: Releases) -> None:
    with archive_of(given_releases, sorted(given_releases)) as (_, archive):
        for month in MONTHS:
            speaking = {d: c for d, c in given_releases.items() if any(m == month for m, _ in c)}
            if not speaking:
                continue
            found = figures.triangle("darien-entries", month, archive=archive)
            totals = [sum(v for (m, _), v in c.items() if m == month) for _, c in sorted(speaking.items())]
            assert found["value"].to_list() == totals
            changes: list[int | None] = [None, *(b - a for a, b in itertools.pairwise(totals))]
            assert found.select(pl.col("change")).to_series().to_list() == changes
