"""The embedded archive: what it holds, and that it holds it whole."""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl
import pytest

from caudal import figures
from figures import publishers

ARCHIVE = figures.Archive(figures.open_archive("/nonexistent").layers)
WHOLE = [r.id for r in ARCHIVE.releases if r.source in ("cbp-nationwide-state", "cbp-southwest")]


@pytest.mark.parametrize("release", WHOLE)
def test_the_publishers_file_can_be_made_again_byte_for_byte(release: str) -> None:
    content = publishers.original(ARCHIVE, release)
    hashes = {hashlib.sha256(c).hexdigest() for c in (content, content.replace(b"\r\n", b"\n"))}
    assert ARCHIVE.release(release).sha256 in hashes


def test_every_state_release_is_there_with_its_day() -> None:
    days = [r.released for r in ARCHIVE.releases if r.source == "cbp-nationwide-state"]
    assert len(days) == 11
    assert days[0] == date(2023, 10, 21)
    assert days[-1] == date(2025, 11, 15)


def test_the_manifest_counts_what_is_stored() -> None:
    for release in ARCHIVE.releases:
        (path,) = ARCHIVE.files([release.id])
        frame = pl.read_parquet(path)
        assert frame.height == release.observations
        assert set(frame["release"]) == {release.id}
        assert set(frame["table"]) == set(release.coverage)
        assert len(release.sha256) == 64
        if release.source != "world-bank":  # net migration and net investment may be negative
            assert frame["value"].min() >= 0  # type: ignore[operator]


def test_the_embedded_archive_is_small() -> None:
    root = ARCHIVE.files([WHOLE[0]])[0].parent.parent
    assert sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) <= 8 * 2**20


def test_an_archive_as_of_a_day_never_sees_more_than_it_did() -> None:
    then = ARCHIVE.at(date(2023, 12, 22))
    assert max(r.released for r in then.releases) == date(2023, 12, 22)
    assert then.at(date(2025, 1, 1)).releases == then.releases
    assert then.at(None).releases == then.releases


def test_as_of_and_the_whole_agree_on_closed_years() -> None:
    then = figures.series("sw-encounters", as_of="2023-11-01", period=("2019-10", "2023-09"))
    now = figures.series("sw-encounters", period=("2019-10", "2023-09"))
    assert then["value"].to_list() == now["value"].to_list()
