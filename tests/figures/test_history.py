"""Triangles, traces and derived series."""

from __future__ import annotations

import polars as pl
import pytest

from caudal import figures
from caudal._core.errors import NotKnownError, OptionError


def test_the_triangle_lists_every_release_that_speaks_about_a_month() -> None:
    found = figures.triangle("sw-encounters", "2023-11", publisher="CBP")
    assert found["released"].is_sorted()
    assert found["value"].to_list()[:8] == [
        242_418,
        242_407,
        242_407,
        242_408,
        242_413,
        242_403,
        242_402,
        242_399,
    ]
    assert set(found["value"].to_list()[8:]) == {242_399}
    speaking = {
        r.id
        for r in figures.open_archive("/nonexistent").releases
        if r.id.startswith(("cbp-nationwide", "cbp-southwest")) and r.released.isoformat() >= "2023-12-22"
    }
    assert speaking <= set(found["release"])


def test_the_triangle_ends_where_as_of_says() -> None:
    found = figures.triangle("sw-encounters", "2023-11", as_of="2024-01-31")
    assert found["value"].to_list() == [242_418, 242_407]


def test_both_publishers_are_in_the_triangle_between_ports() -> None:
    found = figures.triangle("usbp-encounters", "2023-11")
    latest = dict(found.group_by("publisher").agg(pl.col("value").last()).rows())
    assert latest["CBP"] == 191_106
    assert latest["OHSS"] == 191_110


@pytest.mark.parametrize(
    ("measure", "where"),
    [
        ("sw-encounters", {}),
        ("sw-encounters", {"citizenship": "VEN"}),
        ("usbp-encounters", {"sector": "Tucson"}),
    ],
)
def test_the_rows_behind_a_figure_add_up_to_it(measure: str, where: dict[str, str]) -> None:
    rows = figures.trace(measure, "2023-11", where=where)
    value = figures.series(measure, where=where, period=("2023-11", "2023-11"), rows=True).row(0, named=True)
    assert rows["value"].sum() == value["value"]
    assert rows.height == value["rows"]
    assert rows["row"].min() == value["first_row"]
    assert rows["row"].max() == value["last_row"]
    assert rows["release"].unique().to_list() == [value["release"]]


def test_a_month_nobody_speaks_about_is_not_known() -> None:
    with pytest.raises(NotKnownError):
        figures.triangle("sw-encounters", "1990-01")
    with pytest.raises(NotKnownError):
        figures.trace("sw-encounters", "2023-11", as_of="2023-12-01")


def test_year_on_year_compares_the_same_month() -> None:
    frame = figures.year_on_year(figures.series("sw-encounters", period=("2022-11", "2023-11")))
    last = frame.row(-1, named=True)
    assert last["previous"] == 235_173
    assert last["change"] == 242_399 - 235_173
    assert frame["previous"][0] is None


def test_year_on_year_of_fiscal_years() -> None:
    frame = figures.year_on_year(figures.series("sw-encounters", calendar="fiscal_year"))
    assert frame.filter(pl.col("period") == "FY2024")["previous"].to_list() == [2_475_669]


def test_same_month_ranks_the_highest_first() -> None:
    frame = figures.same_month(figures.series("sw-encounters"), 11)
    assert frame.filter(pl.col("rank") == 1)["period"].to_list() == ["2023-11"]
    between = figures.same_month(figures.series("usbp-encounters"), 11)
    assert between.filter(pl.col("rank") == 1)["value"].to_list() == [207_680]


def test_shares_add_up_to_a_hundred() -> None:
    frame = figures.share(figures.series("sw-encounters", by=["citizenship"], period=("2023-10", "2023-12")))
    sums = frame.group_by("period").agg(pl.col("percent").sum())["percent"]
    assert all(abs(total - 100) < 1e-9 for total in sums)


def test_rolling_means_need_every_month() -> None:
    frame = figures.series("sw-encounters", period=("2023-01", "2023-06"))
    means = figures.rolling(frame, 3)["mean"]
    assert means[:2].to_list() == [None, None]
    assert means[2] == pytest.approx(sum(frame["value"].to_list()[:3]) / 3)
    gapped = figures.rolling(frame.filter(pl.col("period") != "2023-03"), 3)
    assert gapped["mean"].drop_nulls().len() == 1
    with pytest.raises(OptionError):
        figures.rolling(frame, 0)


def test_a_cell_that_a_rounded_table_leaves_out_is_no_zero_in_the_triangle() -> None:
    found = figures.triangle("usbp-encounters", "2023-11", where={"citizenship": "LCA"})
    assert set(found.select("publisher", "value").rows()) == {("OHSS", None)}
    with pytest.raises(NotKnownError, match="zero or suppressed"):
        figures.trace("usbp-encounters", "2023-11", where={"citizenship": "LCA"})


def test_an_archive_without_releases_lists_none() -> None:
    assert figures.release_table(figures.Archive(())).columns[:2] == ["release", "released"]
    assert figures.release_table(figures.Archive(())).is_empty()
