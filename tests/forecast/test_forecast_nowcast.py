"""The month in progress."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from caudal import figures, forecast
from caudal._core.errors import NotKnownError, OptionError
from caudal.figures import Report
from caudal.forecast._nowcast import SHAPE


def test_december_2023_as_of_the_29th() -> None:
    made = forecast.nowcast(as_of="2023-12-29", model="naive")
    assert made.month == "2023-12"
    low, high = made.interval(0.8)
    assert low < 249_740 < high
    plain = np.interp((0.1, 0.9), forecast.LEVELS, made.forecast_quantiles)
    assert (high - low) < (plain[1] - plain[0]) / 3
    assert made.reports["used"].to_list() == [True] * 3
    assert (np.diff(made.quantiles) > 0).all()
    assert any("later releases" in note for note in made.notes)


def test_reports_published_later_are_not_seen() -> None:
    early = forecast.nowcast(as_of="2023-12-28", model="naive")
    assert early.reports["published"].to_list() == [date(2023, 12, 28)]
    assert forecast.nowcast(as_of="2023-12-27", model="naive").reports.is_empty()


def test_without_reports_the_nowcast_is_the_forecast() -> None:
    empty = figures.reports("usbp-encounters").clear()
    made = forecast.nowcast(as_of="2023-12-29", model="naive", ledger=empty)
    assert made.quantiles.tobytes() == made.forecast_quantiles.tobytes()


def test_leave_one_out_over_the_ledger() -> None:
    scores = forecast.nowcast_scores()
    by = {kind: part for (kind,), part in scores.group_by("kind")}
    assert by["whole"].height >= 7
    assert by["part"].height >= 11
    assert by["whole"]["log_error"].abs().mean() <= 0.02  # type: ignore[operator]
    assert by["part"]["log_error"].abs().mean() <= 0.06  # type: ignore[operator]
    assert 0.70 <= scores["inside_80"].mean() <= 0.90  # type: ignore[operator]
    assert scores["log_error"].abs().mean() < scores["last_month_log_error"].abs().mean() / 5  # type: ignore[operator]
    assert (scores["days_before_release"] > 0).all()


def test_single_days_and_contradictions_are_listed_and_left_out() -> None:
    made = forecast.nowcast(as_of="2023-08-14", month="2023-08", model="naive")
    assert made.reports["why_not"].to_list() == ["contradicts itself"]
    assert made.quantiles.tobytes() == made.forecast_quantiles.tobytes()
    made = forecast.nowcast(as_of="2025-02-18", month="2025-02", model="naive")
    assert "covers 1 day" in made.reports["why_not"].to_list()


def test_a_proposed_report_can_be_tried_without_entering_it() -> None:
    tried = Report(
        "usbp-encounters", date(2024, 3, 1), date(2024, 3, 20), 90_000, date(2024, 3, 21), "A paper", "none"
    )
    made = forecast.nowcast(as_of="2024-03-23", month="2024-03", model="naive", also=[tried])
    assert made.reports["who"].to_list() == ["A paper"]
    assert made.interval()[0] < 90_000 / 20 * 31 < made.interval()[1]
    assert forecast.nowcast(as_of="2024-03-23", month="2024-03", model="naive").reports.is_empty()


def test_months_that_cannot_be_nowcast() -> None:
    with pytest.raises(OptionError, match="not ahead"):
        forecast.nowcast(as_of="2023-12-29", month="2023-11", model="naive")
    with pytest.raises(OptionError, match="not ahead"):
        forecast.nowcast(as_of="2023-12-29", month="2026-11", model="naive")
    with pytest.raises(NotKnownError):
        forecast.nowcast("sw-encounters", as_of="1990-01-01", emulate=False)


def test_the_declared_shape_is_that_of_the_weekly_series() -> None:
    weeks = figures.series("usbp-weekly", calendar="week")
    days: dict[date, float] = {}
    for label, value in weeks.select("period", "value").iter_rows():
        monday = date.fromisocalendar(int(label[:4]), int(label[6:]), 1)
        days |= {monday + timedelta(i): value / 7 for i in range(7)}
    for covered, expected in ((7, 0.14), (14, 0.09), (21, 0.045)):
        errors = []
        for year in range(2007, 2020):
            for month in range(1, 13):
                month_days = [date(year, month, i + 1) for i in range(calendar.monthrange(year, month)[1])]
                if not date(2007, 10, 8) <= month_days[0] < date(2019, 10, 1):
                    continue
                rates = np.array([days[day] for day in month_days])
                errors.append(np.log(rates.mean() / rates[:covered].mean()))
        spread = float(np.sqrt(np.mean(np.square(errors))))
        assert spread == pytest.approx(expected, abs=0.006)
        assert spread == pytest.approx(SHAPE * (1 - covered / 30.4), abs=0.02)


def test_scores_do_not_lean_on_the_month_they_score() -> None:
    whole = figures.reports("usbp-encounters")
    assert whole.filter(pl.col("published") < date(2024, 1, 1)).height >= 9


@pytest.mark.parametrize(
    ("sentence", "first", "last", "value", "basis", "measure"),
    [
        (
            "Border Patrol agents processed nearly 235,000 migrants in the first 28 days of December.",
            date(2023, 12, 1), date(2023, 12, 28), 235_000, "total", "usbp-encounters",
        ),
        (
            "Between December 1 and 27, 225,000 migrants were encountered, officials said.",
            date(2023, 12, 1), date(2023, 12, 27), 225_000, "total", "sw-encounters",
        ),
        (
            "Apprehensions by Border Patrol averaged about 6,300 a day in November.",
            date(2023, 11, 1), date(2023, 11, 30), 6_300, "per_day", "usbp-encounters",
        ),
    ],
)  # fmt: skip
def test_rows_are_proposed_from_sentences(
    sentence: str, first: date, last: date, value: float, basis: str, measure: str
) -> None:
    (row,) = forecast.propose_reports([sentence], date(2023, 12, 29), who="CBS News", source="an address")
    assert (row.first, row.last, row.value, row.basis, row.measure) == (first, last, value, basis, measure)
    assert row.statement == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The talks ended on December 27 without a statement.",
        "Officials recorded 2,400 deaths of migrants in December.",
        "Encounters rose from 180,000 in October to 191,000 in November.",
        "Arrests fell to 100,000 in the first 40 days of December.",
        "In 2023 encounters were high.",
    ],
)
def test_sentences_that_say_no_figure_for_a_month_propose_nothing(sentence: str) -> None:
    assert forecast.propose_reports([sentence], date(2023, 12, 29), who="x", source="y") == []
