"""Forecasts as of a day, from the embedded archive."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

import caudal
from caudal import forecast
from caudal._core.errors import InputError, NotKnownError, OptionError

DAY = "2023-12-22"


def test_the_months_after_the_last_published_one() -> None:
    ahead = forecast.run("sw-encounters", as_of=DAY)
    assert ahead.last_month == "2023-11"
    assert ahead.targets == ("2023-12", "2024-01", "2024-02", "2024-03", "2024-04", "2024-05")
    rows = ahead.quantiles
    assert rows.height == 6 * 23
    assert rows.columns == [
        "reference_date",
        "target",
        "horizon",
        "location",
        "target_end_date",
        "output_type",
        "output_type_id",
        "value",
    ]
    assert rows["reference_date"].unique().to_list() == [caudal._core.dates.parse_day(DAY)]
    median = rows.filter((pl.col("horizon") == 1) & (pl.col("output_type_id") == 0.5))["value"].item()
    assert median == pytest.approx(242_418, rel=0.02)
    assert ahead.interval(0.8).filter(pl.col("horizon") == 1).row(0)[3:] > (150_000.0,)


def test_parts_add_up_in_every_path_and_nothing_is_negative() -> None:
    ahead = forecast.run("sw-encounters", by=["citizenship"], as_of=DAY)
    assert ahead.locations[0] == "total"
    assert len(ahead.locations) == 23
    assert np.allclose(ahead.paths[0], ahead.paths[1:].sum(axis=0), rtol=1e-12)
    assert ahead.paths.min() >= 0
    crossing = ahead.quantiles.sort("location", "horizon", "output_type_id").with_columns(
        pl.col("value").diff().over("location", "horizon").alias("step")
    )
    assert crossing["step"].drop_nulls().min() >= 0  # type: ignore[operator]


def test_the_same_question_has_the_same_answer() -> None:
    one, two = (forecast.run("sw-encounters", by=["family_status"], as_of=DAY) for _ in range(2))
    assert one.paths.tobytes() == two.paths.tobytes()
    assert forecast.run("sw-encounters", as_of=DAY, seed=2).paths.tobytes() != one.paths[0].tobytes()


def test_a_frame_is_forecast_like_its_measure() -> None:
    frame = caudal.figures.series("sw-encounters", by=["component"])
    assert (
        forecast.run(frame).paths.tobytes() == forecast.run("sw-encounters", by=["component"]).paths.tobytes()
    )


def test_probabilities() -> None:
    ahead = forecast.run("sw-encounters", as_of=DAY, capacity=250_000)
    above = ahead.probability_above()
    assert above["capacity"].unique().to_list() == [250_000.0]
    assert above["probability"].is_between(0, 1).all()
    assert (above["probability_any"] >= above["probability"]).all()
    assert above["probability_any"].is_sorted()
    assert 0 < above["days_above"][0] < 31
    assert ahead.probability_above(0)["probability"].to_list() == [1.0] * 6
    record = ahead.probability_record()
    assert record.row(0, named=True)["record_month"] == "2022-12"
    assert record["years"].to_list() == [5] * 6
    assert (record["probability_ever"] <= record["probability"]).all()


def test_nothing_released_later_is_seen() -> None:
    early = forecast.run("sw-encounters", as_of=DAY)
    assert early.paths.tobytes() == forecast.run("sw-encounters", as_of="2024-01-25").paths.tobytes()
    assert forecast.run("sw-encounters", as_of="2024-01-26").last_month == "2023-12"


@pytest.mark.parametrize(
    "options",
    [
        {"samples": 10**8},
        {"capacity": -5.0},
        {"capacity": float("nan")},
        {"horizon": 0},
        {"horizon": 25},
        {"samples": 10},
        {"model": "naif"},
        {"as_of": "22 December"},
    ],
)
def test_options_that_do_not_fit(options: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        forecast.run("sw-encounters", **options)  # type: ignore[arg-type]


def test_no_capacity_no_probability() -> None:
    with pytest.raises(OptionError, match="no capacity"):
        forecast.run("sw-encounters", as_of=DAY).probability_above()


def test_before_anything_was_published() -> None:
    with pytest.raises(NotKnownError):
        forecast.run("sw-encounters", as_of="1999-01-01")


def frame_of(values: list[float | None], first: str = "2020-01") -> pl.DataFrame:
    months = [
        caudal._core.dates.add_months(caudal._core.dates.parse_month(first), i) for i in range(len(values))
    ]
    rows = pl.DataFrame({"period": [f"{m:%Y-%m}" for m in months], "value": values})
    return rows.drop_nulls().with_columns(pl.lit("table@2024-01-31").alias("release"))


@pytest.mark.parametrize(
    "values",
    [
        [0.0] * 40,
        [7.0] * 40,
        [3.0],
        [5.0, 0.0, 9.0],
        [0.0] * 30 + [1.0, 0.0, 0.0, 2.0],
        [10.0, None, 12.0, None, None, 15.0] * 6,
        [100.0] * 30 + [100_000.0],
        [100_000.0] * 30 + [0.0],
    ],
)
def test_degenerate_series_have_a_forecast(values: list[float | None]) -> None:
    ahead = forecast.run(frame_of(values))
    assert np.isfinite(ahead.paths).all()
    assert ahead.paths.min() >= 0
    assert ahead.quantiles["value"].is_finite().all()


def test_a_frame_that_is_no_series() -> None:
    with pytest.raises(InputError, match="value"):
        forecast.run(pl.DataFrame({"period": ["2020-01"]}))
    with pytest.raises(InputError, match="no row"):
        forecast.run(frame_of([None]))
    with pytest.raises(InputError, match="months"):
        forecast.run(caudal.figures.series("sw-encounters", calendar="fiscal_year"))


def test_public_names() -> None:
    assert sorted(forecast.__all__) == sorted(set(forecast.__all__))
    assert all(hasattr(forecast, name) for name in forecast.__all__)


def test_an_archive_without_the_later_releases_gives_the_same_bytes() -> None:
    day = caudal._core.dates.parse_day(DAY)
    then = caudal.figures.open_archive().at(day)
    assert all(release.released <= day for release in then.releases)
    for model in ("naive", "calibrated"):
        whole = forecast.run("sw-encounters", as_of=DAY, model=model)
        assert (
            forecast.run("sw-encounters", model=model, archive=then).paths.tobytes() == whole.paths.tobytes()
        )


def test_nothing_to_refresh_is_said() -> None:
    with pytest.raises(NotKnownError, match="nothing"):
        forecast.refresh(as_of="1990-01-01")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("day", ["2023-12-22", "2025-11-15"])
def test_a_fan_chart_is_written_as_a_reader_reads_it(day: str, language: str) -> None:
    ahead = forecast.run("sw-encounters", as_of=day, model="naive")
    drawn = forecast.fan_chart(ahead, language=language)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert not [one for one in texts if re.search(r"\d{4}-\d{2}", one)]
    assert "0k" not in texts
    months = [one for one in texts if re.fullmatch(r"\w{3} \d{4}", one)]
    assert 3 <= len(months) <= 9
    assert months[-1].endswith(ahead.interval(0.8)["month"].max()[:4])
