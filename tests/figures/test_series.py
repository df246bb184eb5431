"""What the embedded archive says, as of any day."""

from __future__ import annotations

import polars as pl
import pytest

from caudal import figures
from caudal._core.errors import NotKnownError, OptionError

NOVEMBER = ("2023-11", "2023-11")


def one(measure: str, **options: object) -> int:
    frame = figures.series(measure, period=NOVEMBER, **options)  # type: ignore[arg-type]
    assert frame.height == 1
    return int(frame["value"][0])


def test_a_month_is_what_was_published_by_that_day() -> None:
    assert one("sw-encounters") == 242_399
    assert one("sw-encounters", as_of="2023-12-25") == 242_418
    assert one("sw-encounters", as_of="2023-12-22") == 242_418
    assert figures.series("sw-encounters", period=NOVEMBER, as_of="2023-12-21").is_empty()


def test_publishers_are_told_apart() -> None:
    assert one("usbp-encounters", publisher="CBP") == 191_106
    assert one("usbp-encounters", publisher="ohss") == 191_110
    assert "rounded to 10" in figures.series("usbp-encounters", period=NOVEMBER, publisher="OHSS")["unit"][0]


def test_components_add_up_to_all_encounters() -> None:
    parts = figures.series("sw-encounters", by=["component"], period=("2019-10", "2025-08"))
    total = figures.series("usbp-encounters", period=("2019-10", "2024-09")).join(
        figures.series("ofo-encounters", period=("2019-10", "2024-09")), on="period", suffix="_ofo"
    )
    whole = figures.series("sw-encounters", period=("2019-10", "2024-09"))
    assert (total["value"] + total["value_ofo"]).to_list() == whole["value"].to_list()
    assert set(parts["component"]) == {"USBP", "OFO"}


@pytest.mark.parametrize(
    ("year", "total"), [(2021, 1_734_686), (2022, 2_378_944), (2023, 2_475_669), (2024, 2_135_005)]
)
def test_fiscal_years_at_the_southwest_border(year: int, total: int) -> None:
    frame = figures.series("sw-encounters", calendar="fiscal_year", period=(f"FY{year}", f"FY{year}"))
    assert frame.select("period", "value").rows() == [(f"FY{year}", total)]


def test_fiscal_year_to_date_adds_up_since_october() -> None:
    months = figures.series("sw-encounters", period=("2022-10", "2023-09"))
    running = figures.series("sw-encounters", period=("2022-10", "2023-09"), calendar="fytd")
    assert running["value"].to_list() == months["value"].cum_sum().to_list()


@pytest.mark.parametrize("by", ["state", "citizenship", "family_status", "authority"])
def test_every_breakdown_adds_up_to_the_total(by: str) -> None:
    span = ("2020-10", "2025-09")
    parts = (
        figures.series("sw-encounters", by=[by], period=span).group_by("period").agg(pl.col("value").sum())
    )
    whole = figures.series("sw-encounters", period=span)
    assert parts.sort("period")["value"].to_list() == whole["value"].to_list()


def test_an_absent_cell_of_an_exact_table_is_a_zero() -> None:
    frame = figures.series("sw-encounters", by=["citizenship"], where={"authority": "Title 42"})
    after = frame.filter(pl.col("period") == "2024-01")
    assert after.height > 0
    assert after["value"].sum() == 0


def test_an_absent_cell_of_a_rounded_table_stays_absent() -> None:
    frame = figures.series("usbp-encounters", by=["citizenship"], publisher="OHSS")
    assert frame["value"].min() == 10


def test_names_resolve_in_either_language() -> None:
    by_code = figures.series("sw-encounters", where={"citizenship": "MEX"})
    assert by_code.equals(figures.series("sw-encounters", where={"citizenship": "méxico"}))
    either = figures.series("sw-encounters", where={"citizenship": ["MEX", "Venezuela"]})
    venezuela = figures.series("sw-encounters", where={"citizenship": "VEN"})
    assert (by_code["value"] + venezuela["value"]).to_list() == either["value"].to_list()


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"by": ["secter"]}, "sector"),
        ({"where": {"citizenship": "Venezula"}}, "Venezuela"),
        ({"where": {"component": "OFO"}}, "wider measure"),
        ({"calendar": "weekly"}, "fiscal_year"),
        ({"publisher": "CPB"}, "CBP"),
        ({"as_of": "yesterday"}, "YYYY-MM-DD"),
        ({"period": ("2023", None)}, "YYYY-MM"),
    ],
)
def test_mistakes_say_what_would_be_understood(options: dict[str, object], hint: str) -> None:
    with pytest.raises(OptionError, match=hint):
        figures.series("usbp-encounters", **options)  # type: ignore[arg-type]


def test_what_nobody_publishes_together_is_not_made_up() -> None:
    with pytest.raises(NotKnownError, match="state and component together"):
        figures.series("sw-encounters", by=["state", "component"])


def test_nothing_is_known_before_the_first_release() -> None:
    with pytest.raises(NotKnownError, match="2010-01-01"):
        figures.series("sw-encounters", as_of="2010-01-01")


def test_a_citizenship_counted_under_other_is_not_a_zero() -> None:
    """CBP names 21 citizenships; people from Somalia are in its OTHER, and OHSS names them."""
    with pytest.raises(NotKnownError, match="OTHER"):
        figures.series("sw-encounters", where={"citizenship": "Somalia"}, publisher="CBP")
    with pytest.raises(NotKnownError, match="that way"):
        figures.series("sw-encounters", where={"citizenship": "Somalia"})
    frame = figures.series("usbp-encounters", where={"citizenship": "Somalia"}, period=NOVEMBER)
    assert frame.select("value", "release").rows() == [(50, "ohss-khsm-usbp@2025-02-28")]


def test_a_breakdown_over_publishers_has_no_zeros_for_what_one_does_not_name() -> None:
    frame = figures.series("usbp-encounters", by=["citizenship"], period=("2019-09", "2023-11"))
    assert "BGD" in set(frame.filter(pl.col("release").str.starts_with("ohss"))["citizenship"])
    cbp = frame.filter(pl.col("release").str.starts_with("cbp"))
    assert cbp["citizenship"].n_unique() == 22
    named = set(frame.filter(pl.col("period") == "2023-11")["citizenship"])
    assert {"VEN", "OTHER"} <= named
    assert "BGD" not in named


def test_conditions_on_one_dimension_meet() -> None:
    either = one("usbp-encounters", where={"sector": "El Paso", "Sector": "RGV"})
    parts = [one("usbp-encounters", where={"sector": name}) for name in ("El Paso", "RGV")]
    assert either == sum(parts)
    with pytest.raises(OptionError, match="both RGV and EPT"):
        figures.series("usbp-encounters", where={"area": "RGV", "sector": "El Paso"})
    with pytest.raises(OptionError, match="FO-LAREDO"):
        figures.series("sw-encounters", by=["sector"], where={"field_office": "Laredo"})


@pytest.mark.parametrize("by", [["sector", "field_office"], ["area", "sector"]])
@pytest.mark.parametrize("calendar", ["month", "fytd", "fiscal_year"])
def test_two_views_of_one_dimension_are_refused(by: list[str], calendar: str) -> None:
    with pytest.raises(OptionError, match="views of one dimension"):
        figures.series("sw-encounters", by=by, calendar=calendar)


@pytest.mark.parametrize("calendar", ["month", "fytd", "fiscal_year", "calendar_year"])
def test_a_span_without_figures_is_empty_and_a_reversed_one_refused(calendar: str) -> None:
    assert figures.series("sw-encounters", calendar=calendar, period=("2030-01", None)).is_empty()
    assert figures.series("sw-encounters", calendar=calendar, period=(None, "0001-11")).is_empty()
    with pytest.raises(OptionError, match="2023-11 is after 2021-01"):
        figures.series("sw-encounters", calendar=calendar, period=("2023-11", "2021-01"))


def test_fiscal_year_to_date_names_every_release_it_adds_up() -> None:
    span = ("2017-10", "2025-09")
    months = figures.series("sw-encounters", period=span)
    running = figures.series("sw-encounters", period=span, calendar="fytd")
    for last in running.filter(pl.col("period").str.ends_with("-09")).to_dicts():
        year = int(last["period"][:4])
        of_year = months.filter(pl.col("period").is_between(pl.lit(f"{year - 1}-10"), pl.lit(f"{year}-09")))
        assert last["release"] == "; ".join(sorted(set(of_year["release"])))
        assert last["status"] == max(of_year["status"])


def test_a_gap_ends_the_sum_of_a_fiscal_year() -> None:
    from caudal.figures._series import _to_date

    months = figures.series("sw-encounters", by=["component"], period=("2022-10", "2024-01"))
    gapped = months.filter(~pl.col("period").is_in(["2022-10", "2023-12"]))
    assert _to_date(gapped, ("component",))["period"].unique().sort().to_list() == ["2023-10", "2023-11"]
