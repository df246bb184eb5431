"""Fiscal and calendar dates."""

from __future__ import annotations

from datetime import date

import pytest

from caudal._core import dates
from caudal._core.errors import OptionError, did_you_mean


def test_fiscal_year_turns_in_october() -> None:
    assert dates.fiscal_year(date(2023, 9, 30)) == 2023
    assert dates.fiscal_year(date(2023, 10, 1)) == 2024
    assert dates.fiscal_start(2024) == date(2023, 10, 1)


def test_months_roll_over_years() -> None:
    assert dates.add_months(date(2023, 11, 17), 3) == date(2024, 2, 1)
    assert dates.add_months(date(2023, 1, 1), -1) == date(2022, 12, 1)
    assert [m.month for m in dates.month_range(date(2023, 11, 1), date(2024, 1, 1))] == [11, 12, 1]


@pytest.mark.parametrize("text", ["2023", "2023-13", "nov 2023", "2023-11-01", ""])
def test_a_month_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(OptionError, match="YYYY-MM"):
        dates.parse_month(text)


@pytest.mark.parametrize("text", ["2023-02-30", "22 December 2023", "2023-12"])
def test_a_day_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(OptionError, match="YYYY-MM-DD"):
        dates.parse_day(text)


def test_did_you_mean_finds_the_near_and_lists_the_known() -> None:
    assert did_you_mean("venezula", ["VENEZUELA", "HAITI"]) == "Did you mean 'VENEZUELA'?"
    assert did_you_mean("zzz", ["a", "b"]) == "Known: a, b"


@pytest.mark.parametrize("text", ["FY0001", "FY0000", "0001-05"])
def test_a_fiscal_year_before_the_calendar_is_none(text: str) -> None:
    with pytest.raises(OptionError, match="not a fiscal year"):
        dates.parse_period("fiscal_year", text)


def test_a_day_where_a_month_is_meant_is_told_its_month() -> None:
    with pytest.raises(OptionError, match="2021-07"):
        dates.parse_month("2021-07-31")


@pytest.mark.parametrize(("freq", "like"), [("fiscal_year", "FY2023"), ("calendar_year", "2023, or")])
def test_a_period_that_is_none_is_named_by_its_length(freq: str, like: str) -> None:
    with pytest.raises(
        OptionError, match=f"^from: 'x y' is not a {freq.replace('_', ' ')}.*{like}"
    ) as caught:
        dates.parse_period(freq, "x y", option="from")
    assert caught.value.where == "from"
