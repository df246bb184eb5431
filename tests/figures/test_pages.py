"""Reference pages say what is declared; charts show breaks and publishers; sources say when they stopped."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from caudal import figures
from caudal._core.dates import parse_period
from caudal._core.errors import OptionError
from caudal._core.identifiers import identities
from caudal._core.tables import declared

DIRECTORY = Path(__file__).parents[2] / "docs" / "reference" / "sources"
ARCHIVE = figures.Archive((figures.open_archive("/nonexistent").layers[-1],))


def test_the_pages_are_those_of_the_declaration() -> None:
    pages = figures.source_pages(ARCHIVE)
    there = {path.name: path.read_text(encoding="utf-8") for path in DIRECTORY.glob("*.md")}
    assert there == pages, "run `caudal figures pages`"


@pytest.mark.parametrize("source", list(figures.sources()))
def test_every_source_says_what_has_to_be_known(source: str) -> None:
    one = figures.sources()[source]
    for name in ("counted", "not_covered", "revisions", "rounding", "traps"):
        assert len(one.notes[name]) > 3, name
    assert one.address.startswith("http")
    assert one.licence
    assert bool(one.notes["every_days"]) or one.notes["ended"] or source in ("iom-southwest",)
    assert [table for table in figures.tables().values() if table.source == source]


def test_a_source_is_stale_from_the_day_its_next_release_was_overdue() -> None:
    def row(day: str) -> dict[str, object]:
        return figures.source_table(ARCHIVE, as_of=day).row(
            by_predicate=pl.col("source") == "ohss-legal", named=True
        )

    overdue = date(2024, 12, 6) + timedelta(days=45)
    assert (row("2024-12-06")["status"], row("2024-12-06")["stale_since"]) == ("current", None)
    assert row(str(overdue))["status"] == "current"
    after = row(str(overdue + timedelta(days=1)))
    assert (after["status"], after["stale_since"]) == ("stale", overdue)
    assert row("2024-08-08")["status"] == "none"
    assert figures.source_table(ARCHIVE).filter(pl.col("source") == "usbp-weekly")["status"].to_list() == [
        "ended"
    ]


def test_every_break_is_of_a_measure_and_a_period() -> None:
    for row in declared("caudal.figures", "breaks.csv"):
        parse_period(figures.measures()[row["measure"]].freq, row["period"])
        assert row["kind"] in ("authority", "definition", "rounding")
        assert row["text_en"]
        assert row["text_es"]
    assert figures.breaks("darien-entries").is_empty()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_chart_shows_publishers_and_breaks(language: str) -> None:
    frame = figures.series("sw-encounters", archive=ARCHIVE)
    publishers = figures.with_publisher(frame)["publisher"]
    assert set(publishers) == {"CBP", "OHSS"}
    svg = figures.svg_of(figures.chart("sw-encounters", frame, language=language, archive=ARCHIVE))
    for text in figures.breaks("sw-encounters")[f"text_{language}"]:
        assert text in svg
    assert "OHSS" in svg
    assert str(ARCHIVE.latest.released) in svg


def test_a_chart_of_a_breakdown_is_refused() -> None:
    frame = figures.series("sw-encounters", by=["state"], archive=ARCHIVE)
    with pytest.raises(OptionError, match="one row a period"):
        figures.chart("sw-encounters", frame, archive=ARCHIVE)


@pytest.mark.parametrize("dimension", ["sector", "field_office", "port", "state"])
def test_places_have_coordinates(dimension: str) -> None:
    for one in identities(dimension).values():
        assert one.latitude is not None, one.code
        assert one.longitude is not None, one.code
        assert -15 <= one.latitude <= 72
        assert -180 <= one.longitude <= 146
