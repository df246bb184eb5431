"""Figures of other publishers and other periods, from the embedded archive."""

from __future__ import annotations

import polars as pl
import pytest

from caudal import figures
from caudal._core.errors import NotKnownError, OptionError


@pytest.mark.parametrize(
    ("measure", "year", "total"),
    [
        ("darien-entries", 2023, 520_085),
        ("darien-entries", 2024, 302_203),
        ("darien-entries", 2015, 29_289),
        ("mexico-inm-encounters", 2023, 778_907),
        ("honduras-entries", 2023, 545_043),
    ],
)
def test_calendar_years(measure: str, year: int, total: int) -> None:
    frame = figures.series(measure, calendar="calendar_year", period=(str(year), str(year)))
    assert frame.select("period", "value").rows() == [(str(year), total)]


def test_a_month_without_crossings_is_a_zero() -> None:
    frame = figures.series("darien-entries", period=("2020-01", "2020-12"))
    assert frame.height == 12
    assert frame.filter(pl.col("value") == 0)["period"].to_list() == ["2020-04", "2020-05", "2020-07"]
    assert frame["value"].sum() == 6465


def test_breakdowns_of_national_series_add_up() -> None:
    span = ("2021-01", "2025-04")
    total = figures.series("darien-entries", period=span)["value"].sum()
    assert figures.series("darien-entries", by=["citizenship"], period=span)["value"].sum() == total
    assert figures.series("darien-entries", by=["sex", "age_group"], period=span)["value"].sum() == total


def test_weeks_and_days_are_asked_for_as_such() -> None:
    weeks = figures.series("usbp-weekly", period=("2023-12-18", "2023-W51"))
    assert weeks.select("period", "unit").rows() == [("2023-W51", "encounters")]
    assert figures.series("usbp-weekly").height == 966
    assert figures.series("usbp-daily", period=("2024-04-01", "2024-04-30"))["value"].sum() > 100_000
    with pytest.raises(NotKnownError, match="by week"):
        figures.series("sw-encounters", calendar="week")
    with pytest.raises(OptionError, match="no week a year before"):
        figures.year_on_year(weeks)


def test_sectors_by_citizenship_reach_may_2025() -> None:
    frame = figures.series("usbp-encounters", by=["sector", "citizenship"], period=("2025-05", "2025-05"))
    assert set(frame["release"]) == {"iom-southwest@2025-06-19"}
    assert frame["sector"].n_unique() == 9


def test_border_patrol_since_october_1999_is_exact() -> None:
    frame = figures.series("usbp-encounters", period=("1999-10", "2025-08"))
    assert frame.height == 311
    assert set(frame["unit"]) == {"encounters"}
    years = figures.series("usbp-encounters", calendar="fiscal_year", period=("FY2000", "FY2000"))
    assert years["value"][0] == 1_643_679


def test_the_southwest_border_is_whole_since_october_2013_and_exact_since_october_2017() -> None:
    frame = figures.series("sw-encounters")
    assert frame["period"][0] == "2013-10"
    assert frame.height == frame["period"].n_unique() == (2025 - 2013) * 12
    rounded = frame.filter(pl.col("unit") != "encounters")
    assert rounded["period"].max() == "2017-09"


def test_nothing_of_a_later_release_is_seen() -> None:
    with pytest.raises(NotKnownError):
        figures.series("darien-entries", as_of="2025-06-18")
    with pytest.raises(NotKnownError):
        figures.series("usbp-encounters", as_of="2021-08-30")
