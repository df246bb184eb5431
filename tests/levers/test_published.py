"""The table behind the briefing is what the scenarios say, and holds enforcement and people side by side."""

from __future__ import annotations

import polars as pl
import pytest

from caudal import bargain, levers

SET = "2023-12"


def test_every_shipped_scenario_is_in_the_table_with_people_beside_enforcement() -> None:
    frame = levers.published(SET)
    shipped = {name.split("/")[1] for name in levers.scenario_names() if name.startswith(f"{SET}/")}
    assert set(frame["scenario"]) == shipped
    for _, cells in frame.group_by("scenario"):
        assert {"encounters", "stock_in_mexico", "waiting_days", "deaths_at_risk"} <= set(cells["outcome"])
    assert (frame["low"] <= frame["median"]).all()
    assert (frame["median"] <= frame["high"]).all()
    assert {str(day) for day in levers.published_sets().values()} == set(frame["as_of"])


@pytest.mark.slow
def test_a_scenario_run_again_gives_its_rows() -> None:
    kept = levers.published(SET).filter(pl.col("scenario") == "rail-control")
    draws, seed = kept["draws"][0], kept["seed"][0]
    again = levers.table_of([levers.run(levers.load_scenario(f"{SET}/rail-control"), draws=draws, seed=seed)])
    for row, now in zip(kept.to_dicts(), again.to_dicts(), strict=True):
        for key in ("baseline", "median", "low", "high"):
            assert row[key] == pytest.approx(now[key], rel=1e-3, abs=0.01), (row["outcome"], key)
        assert (row["grade"], row["status"]) == (now["grade"], now["status"])


@pytest.mark.slow
def test_the_terms_of_the_talks_simulated_again_are_those_of_the_template() -> None:
    told, text = bargain.load("2023-12-us-mexico")
    kept = bargain.read_table(text).filter(pl.col("scenario") == "interior_enforcement=more")
    scenario = levers.Scenario("x", told.as_of, 4).with_levers(interior_enforcement=0.5)
    draws = kept["draw"].n_unique()
    again = levers.run(scenario, draws=draws).outcomes("interior_enforcement=more", "2024-01")
    assert again["value"].to_list() == pytest.approx(kept["value"].to_list(), rel=1e-3, abs=0.05)
