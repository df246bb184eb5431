"""The declared tables: typed, whole, and consistent with one another."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from caudal import corridor
from caudal._core.errors import OptionError
from caudal._core.identifiers import identities
from caudal.corridor._pages import reference_page
from caudal.corridor._tables import TABLES, columns
from caudal.network import check_network


def test_the_public_names_are_the_declared_ones() -> None:
    assert len(set(corridor.__all__)) == len(corridor.__all__)
    assert all(hasattr(corridor, name) for name in corridor.__all__)


def test_the_size_of_the_corridor() -> None:
    places, links = corridor.places(), corridor.links()
    assert len(places) == places["place"].n_unique()
    assert len(links) == links["link"].n_unique() == 329
    kinds = dict(places.group_by("kind").len().iter_rows())
    assert kinds["sector"] == 9
    assert kinds["border_city"] == 18
    assert len(places.filter(~pl.col("kind").is_in(["sector", "port"]))) == 80
    assert set(links["mode"]) == {"rail", "road", "air", "foot"}


def test_every_number_has_a_status_and_a_source() -> None:
    allowed = {"measured", "verified", "assumption", "identified", "weak"}
    for name in TABLES:
        frame = corridor.table(name)
        assert frame["source"].str.len_chars().min() > 0, name  # type: ignore[operator]
        if name == "closures":  # what is verified of an interval differs between its ends
            assert frame["status"].str.contains("verified").all()
        else:
            assert set(frame["status"]) <= allowed, name


def test_ports_and_sectors_are_those_of_the_archive() -> None:
    assert set(corridor.ports()["port"]) == set(identities("port"))
    southwest = {"SDC", "ELC", "YUM", "TCA", "EPT", "BBT", "DRT", "LRT", "RGV"}
    assert set(corridor.sectors()["sector"]) == southwest
    assert set(corridor.ports()["field_office"]) == {"FO-SAN-DIEGO", "FO-TUCSON", "FO-EL-PASO", "FO-LAREDO"}


def test_shares_add_up() -> None:
    for frame, key in ((corridor.sectors(), "sector"), (corridor.entry_places(), "class")):
        for total in frame.group_by(key).agg(pl.col("share").sum())["share"]:
            assert math.isclose(total, 1.0, abs_tol=1e-9)


def test_appointments_add_up_to_the_cap() -> None:
    ports = corridor.ports().filter(pl.col("appointments_per_day") > 0)
    assert len(ports) == 8
    assert ports["appointments_per_day"].sum() == corridor.appointment_caps()["cap_per_day"].max() == 1450


def test_every_citizenship_of_a_release_is_in_one_class() -> None:
    codes = corridor.classes()["citizenships"].explode().to_list()
    assert len(codes) == len(set(codes)) == 22
    assert set(codes) <= set(identities("citizenship"))


def test_every_assumption_lies_within_its_range() -> None:
    frame = corridor.assumptions()
    assert frame["parameter"].is_unique().all()
    assert frame.filter(~pl.col("central").is_between("low", "high")).is_empty()
    assert frame.filter(pl.col("low") == pl.col("high")).is_empty()
    assert frame.select(pl.col("unit", "reason").str.len_chars().min()).row(0) > (0, 0)


def test_what_refers_to_an_assumption_finds_it() -> None:
    declared = set(corridor.assumptions()["parameter"])
    assert set(corridor.links()["speed_parameter"]) <= declared
    assert set(corridor.places()["dwell"]) - {""} <= declared
    speeds = dict(corridor.assumptions().select("parameter", "central").iter_rows())
    for row in corridor.links().iter_rows(named=True):
        assert row["speed_km_per_day"] == speeds[row["speed_parameter"]]


def test_every_assumption_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in Path(corridor.__file__).parent.glob("_*.py"))
    used = set(corridor.links()["speed_parameter"]) | set(corridor.places()["dwell"])
    unused = [p for p in corridor.assumptions()["parameter"] if f'"{p}"' not in code and p not in used]
    assert unused == []


def test_every_column_is_explained() -> None:
    for name in TABLES:
        assert [row["column"] for row in columns(name)] == corridor.table(name).columns, name
    assert [row["column"] for row in columns("deaths")] == corridor.death_rates().columns


def test_the_reference_page_and_the_map_are_those_of_the_tables() -> None:
    docs = Path(__file__).parents[2] / "docs"
    assert (docs / "reference" / "corridor.md").read_text("utf-8") == reference_page(), "run make docs"
    assert (docs / "images" / "corridor.svg").read_text("utf-8") == corridor.network_map(), "run make docs"


def test_the_network_has_nothing_to_mend() -> None:
    network = corridor.network()
    assert check_network(network) == []
    assert len(network.places) == len(corridor.places())
    assert not any(link.two_way for link in network.links)


def test_an_unknown_table_is_told_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="assumptions"):
        corridor.table("asumptions")
