"""Figures reported before the official release: the ledger, as of a day, and what anyone can add to it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from caudal import figures
from caudal._core.errors import OptionError, StoreError

REPORT = figures.Report(
    "usbp-encounters",
    date(2023, 12, 1),
    date(2023, 12, 27),
    225_000,
    date(2023, 12, 28),
    "somebody",
    "somewhere",
)


def test_the_ledger_is_seen_as_of_a_day() -> None:
    before = figures.reports(as_of="2023-12-28")
    assert before["published"].max() == date(2023, 12, 28)
    assert figures.reports().height > before.height > figures.reports(as_of="2023-12-27").height
    assert (figures.reports()["published"] >= figures.reports()["last"]).all()


def test_totals_and_means_of_a_day_are_told_apart() -> None:
    frame = figures.reports("usbp-encounters")
    row = frame.row(by_predicate=pl.col("who") == "DHS preliminary release", named=True)
    assert (row["basis"], row["per_day"], row["days"], row["total"]) == ("per_day", 279, 30, 8370)


def test_a_report_is_added_once(tmp_path: Path) -> None:
    shipped = figures.reports(store=tmp_path).height
    for _ in range(2):
        kept = figures.add_report(REPORT, conditions={"sector": "Tucson"}, store=tmp_path)
    assert kept.where == "area=TCA"
    own = figures.reports(store=tmp_path)
    assert own.height == shipped + 1
    assert figures.reports(store=tmp_path, as_of="2023-12-27").filter(own["who"][0] == "somebody").is_empty()
    assert figures.reports().height == shipped


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"measure": "usbp-encounter"}, "usbp-encounters"),
        ({"last": date(2023, 12, 30)}, "published on 2023-12-28"),
        ({"last": date(2023, 11, 30)}, "before the first"),
        ({"value": -1.0}, "not a count"),
        ({"value": float("nan")}, "not a count"),
        ({"who": " "}, "who gave it"),
        ({"basis": "week"}, "per_day"),
        ({"where": "sector=Tuscon"}, "Tucson"),
    ],
)
def test_a_report_that_cannot_be_is_refused(change: dict[str, object], hint: str, tmp_path: Path) -> None:
    from dataclasses import replace

    with pytest.raises(OptionError, match=hint):
        figures.add_report(replace(REPORT, **change), store=tmp_path)  # type: ignore[arg-type]
    assert not (tmp_path / "reported.csv").exists()


def test_a_damaged_ledger_names_its_row(tmp_path: Path) -> None:
    figures.add_report(REPORT, store=tmp_path)
    path = tmp_path / "reported.csv"
    path.write_text(path.read_text() + "usbp-encounters,2023-13-01,,,,,,,,,,,\n")
    with pytest.raises(StoreError, match="row 3"):
        figures.reports(store=tmp_path)


def test_events_and_release_days_are_declared() -> None:
    events = figures.events()
    assert events.height == 75
    assert set(events["status"]) == {"verified", "partly verified", "unverified"}
    assert (events["last"] >= events["first"]).all()
    assert figures.events("2023-12-27")["first"].max() == date(2023, 12, 27)
    assert figures.release_days().height == 19


def test_the_text_of_an_event_read_as_of_a_day_names_no_later_one() -> None:
    def told(day: str, word: str) -> str:
        (text,) = (w for w in figures.events(day)["what"] if word in w)
        return text

    assert told("2024-02-13", "operators of charter") == (
        "US visa restrictions on operators of charter flights to Nicaragua"
    )
    assert told("2024-02-21", "operators of charter").endswith("(widened 2024-02-21)")
    assert told("2023-12-19", "rail bridges") == "Eagle Pass and El Paso rail bridges closed 08:00"
    assert told("2023-12-22", "rail bridges").endswith("to 12-22 14:00 ET")
    assert told("2023-10-19", "Deportation flights to Venezuela").endswith("(first flight 2023-10-18 m)")
    assert told("2022-09-30", "busing") == (
        "Texas starts busing migrants to Washington DC (NYC and Chicago August 2022)"
    )


@pytest.mark.parametrize(
    "day", ["2018-05-01", "2022-02-01", "2022-11-20", "2023-10-06", "2023-12-02", "2024-04-20"]
)
def test_no_event_speaks_of_a_later_day(day: str) -> None:
    for text in figures.events(day)["what"]:
        for found in re.findall(r"\b\d{4}-\d{2}-\d{2}\b", text):
            assert found <= day, text


def test_without_a_day_texts_stay_as_filed() -> None:
    assert figures.events("2099-01-01")["what"].to_list() == figures.events()["what"].to_list()
