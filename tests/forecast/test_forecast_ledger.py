"""Forecasts in hubverse form, kept and scored when the month is published."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from caudal import figures, forecast
from caudal._core.errors import InputError, OptionError
from caudal.forecast._hub import checked

DAY = "2023-12-22"


@pytest.fixture
def made() -> forecast.Forecast:
    return forecast.run("sw-encounters", by=["family_status"], as_of=DAY, model="naive")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_hubdata_reads_the_ledger_back(made: forecast.Forecast, tmp_path: Path) -> None:
    import hubdata

    forecast.record(made, tmp_path)
    forecast.record(forecast.run("sw-encounters", as_of=DAY, model="growth"), tmp_path)
    hub = hubdata.connect_hub(forecast.hub_directory(tmp_path))
    back = pl.DataFrame(pl.from_arrow(hub.get_dataset().to_table()))
    assert set(back["model_id"]) == {"caudal-naive", "caudal-growth"}
    mine = back.filter(pl.col("model_id") == "caudal-naive").select(forecast.COLUMNS)
    keys = list(forecast.COLUMNS[:-1])
    assert mine.height == 5 * 6 * 23
    assert mine.sort(keys)["value"].to_list() == pytest.approx(
        forecast.hubverse_table(made).sort(keys)["value"].to_list()
    )
    assert set(mine["location"]) >= {"total", "family_status=single-adults"}


def test_the_hub_says_what_it_holds(made: forecast.Forecast, tmp_path: Path) -> None:
    forecast.record(made, tmp_path)
    tasks = json.loads((forecast.hub_directory(tmp_path) / "hub-config" / "tasks.json").read_text())
    task = tasks["rounds"][0]["model_tasks"][0]
    assert task["output_type"]["quantile"]["output_type_id"]["required"] == list(forecast.LEVELS)
    assert task["task_ids"]["target"]["optional"] == ["sw-encounters"]


def test_a_forecast_is_scored_once_its_month_is_published(made: forecast.Forecast, tmp_path: Path) -> None:
    forecast.record(made, tmp_path)
    forecast.record(made, tmp_path)
    before = forecast.score_ledger(tmp_path, archive=figures.open_archive().at(date(2024, 1, 25)))
    assert before.height == 30
    assert before["outcome"].drop_nulls().is_empty()
    after = forecast.score_ledger(tmp_path, archive=figures.open_archive().at(date(2024, 1, 26)))
    assert after["outcome"].drop_nulls().len() == 5
    total = after.filter((pl.col("location") == "total") & (pl.col("month") == "2023-12")).row(0, named=True)
    assert total["outcome"] == 302_034  # as first printed
    assert total["wis"] > 0
    assert not total["inside_50"]
    assert total["inside_95"]


def test_naive_scores_what_naive_scores(tmp_path: Path) -> None:
    forecast.record(forecast.run("sw-encounters", as_of=DAY, model="naive"), tmp_path)
    scored = forecast.score_ledger(tmp_path).drop_nulls("wis")
    assert scored.height == 6
    assert scored["wis"].to_list() == pytest.approx(scored["naive_wis"].to_list())


def test_outsiders_forecasts_are_taken_in_and_scored(made: forecast.Forecast, tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    forecast.hubverse_table(made).with_columns(pl.col("value") * 1.2).write_csv(file)
    (path,) = forecast.import_forecasts(file, "somebody-else", tmp_path)
    assert path.name == "2023-12-22-somebody-else.csv"
    assert set(forecast.score_ledger(tmp_path)["model"]) == {"somebody-else"}
    with pytest.raises(OptionError, match="kept for our own"):
        forecast.import_forecasts(file, "caudal-naive", tmp_path)
    with pytest.raises(OptionError, match="cannot name"):
        forecast.import_forecasts(file, "../escape", tmp_path)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (pl.col("value") * -1, "not a count"),
        ((1 - pl.col("output_type_id")).alias("output_type_id"), "cross"),
        ((pl.col("output_type_id") * 2).alias("output_type_id"), "between 0 and 1"),
        (pl.lit("weekly flu").alias("target"), "measure"),
        (pl.lit(0.5).alias("output_type_id"), "same"),
        (pl.lit("x").alias("value"), "type"),
        (pl.lit(99).alias("horizon"), "horizon"),
    ],
)
def test_tables_that_cannot_be_trusted(made: forecast.Forecast, change: pl.Expr, what: str) -> None:
    with pytest.raises(InputError, match=what):
        checked(forecast.hubverse_table(made).with_columns(change))


def test_a_table_without_a_column(made: forecast.Forecast, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'location'"):
        checked(forecast.hubverse_table(made).drop("location"))
    with pytest.raises(InputError, match="cannot be read"):
        forecast.read_hubverse(tmp_path / "absent.csv")


def test_an_experts_word_is_judged(tmp_path: Path) -> None:
    said = forecast.Claim(
        "An official",
        "the rise will be temporary",
        date(2023, 12, 28),
        "sw-encounters",
        "2024-03",
        "below",
        242_418,
    )
    forecast.add_claim(said, tmp_path)
    forecast.add_claim(said, tmp_path)
    row = forecast.score_ledger(tmp_path).row(0, named=True)
    assert forecast.score_ledger(tmp_path).height == 1
    assert row["came_true"] is True
    assert row["outcome"] == pytest.approx(189_357, abs=5)
    early = forecast.score_ledger(tmp_path, archive=figures.open_archive().at(date(2024, 1, 5)))
    assert early["came_true"].to_list() == [None]


@pytest.mark.parametrize(
    "change", [{"measure": "rain"}, {"relation": "near"}, {"value": -1.0}, {"who": " "}, {"month": "May"}]
)
def test_claims_that_cannot_be_judged(change: dict[str, object], tmp_path: Path) -> None:
    fields: dict[str, object] = {
        "who": "A", "said": "B", "published": date(2024, 1, 1), "measure": "sw-encounters", "month": "2024-03",
        "relation": "above", "value": 1.0,
    }  # fmt: skip
    with pytest.raises(OptionError):
        forecast.add_claim(forecast.Claim(**(fields | change)), tmp_path)  # type: ignore[arg-type]
