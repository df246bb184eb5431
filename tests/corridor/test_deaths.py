"""Deaths by sector and season: nothing from after the day, and no more than the publisher counts."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from caudal import corridor
from caudal._core.tables import declared
from caudal.corridor import _compile_deaths, _deaths
from caudal.corridor._compile_deaths import compile_deaths, sector_at


def test_rates_by_sector_and_season() -> None:
    rates = corridor.death_rates(as_of="2024-12-01")
    assert len(rates) == 36
    assert set(rates["season"]) == {"winter", "spring", "summer", "autumn"}
    assert rates.filter(~pl.col("per_10000").is_between("low", "high")).is_empty()
    assert rates["last"].unique().to_list() == ["2024-09"]  # sectors were published to September
    desert = rates.filter(pl.col("sector") == "TCA").select("season", "per_10000").rows()
    assert max(desert, key=lambda row: row[1])[0] == "summer"


def test_nothing_after_the_day_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = corridor.death_rates(as_of="2024-12-01")
    rows = declared("caudal.corridor.data", "sector_deaths.csv")
    spoilt = tuple(row | {"deaths": "9999"} if row["month"] > "2024-10" else row for row in rows)
    assert spoilt != rows
    monkeypatch.setattr(_deaths, "declared", lambda package, name: spoilt)
    assert corridor.death_rates(as_of="2024-12-01").equals(before)
    assert not corridor.death_rates().equals(before)


def test_sectors_share_the_border_without_gaps() -> None:
    limits = declared("caudal.corridor.data", "sector_limits.csv")
    assert [row["east"] for row in limits[:-1]] == [row["west"] for row in limits[1:]]
    assert sector_at(-106.4) == "EPT"
    assert sector_at(-80.0) is None


def test_compiling_again_gives_the_same_deaths(shared_data: Path, tmp_path: Path) -> None:
    compile_deaths(shared_data / "deaths", tmp_path)
    kept = Path(_compile_deaths.__file__).parent / "data" / "sector_deaths.csv"
    assert (tmp_path / "sector_deaths.csv").read_text("utf-8") == kept.read_text("utf-8")


def test_most_of_the_deaths_near_the_border_have_a_sector(shared_data: Path) -> None:
    published: Counter[str] = Counter()
    with (shared_data / "deaths" / "mmp_us_mexico_border_monthly.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            published[row["month"][:4]] += round(float(row["dead_or_missing"]))
    ours: Counter[str] = Counter()
    for row in declared("caudal.corridor.data", "sector_deaths.csv"):
        ours[row["month"][:4]] += int(row["deaths"])
    for year, deaths in published.items():
        assert 0.8 * deaths <= ours[year] <= 1.02 * deaths, year
