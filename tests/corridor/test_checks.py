"""Each check finds its own mistake, names file and row, and says how to mend it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from caudal import corridor
from caudal.corridor._checks import CHECKS, Declared
from conftest import Command


def changed(frame: pl.DataFrame, row: int, **values: object) -> pl.DataFrame:
    """Return the frame with some values of one row replaced."""
    number = pl.int_range(pl.len())
    return frame.with_columns(
        pl.when(number == row).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def test_the_packages_own_tables_have_nothing_to_mend() -> None:
    assert corridor.check() == []


@pytest.mark.parametrize(
    ("name", "row", "values", "told"),
    [
        ("entries", 0, {"place": "morelya"}, "entry_places.csv, row 2: place 'morelya' is not in places.csv"),
        ("places", 3, {"dwell": "hub_dwel"}, "places.csv, row 5: dwell 'hub_dwel' is not in assumptions.csv"),
        ("ports", 1, {"field_office": "FO-SAN-DEIGO"}, "ports.csv, row 3: no field_office 'FO-SAN-DEIGO'"),
        ("sectors", 0, {"share": 0.9}, "shares of SDC add up to 1.1"),
        ("assumptions", 0, {"central": 2.0}, "assumptions.csv, row 2: rail_share is 2, outside 0.1 to 0.55"),
        (
            "assumptions",
            2,
            {"low": 1.0, "high": 1.0},
            "assumptions.csv, row 4: route_cost_scale has no range",
        ),
        ("assumptions", 1, {"status": "known"}, "assumptions.csv, row 3: status is 'known'"),
        ("assumptions", 1, {"parameter": "rail_share"}, "rail_share is also declared in"),
        (
            "links",
            0,
            {"distance_km": 12.0},
            "links.csv, row 2: darien--panama-city--road has 12 km, less than",
        ),
        ("places", 20, {"longitude": -82.26}, "places.csv, row 22: 'tapachula' does not lie in MEX"),
        ("ports", 0, {"appointments_per_day": 400.0}, "ports.csv: ports have 1490 appointments a day"),
        (
            "caps",
            2,
            {"from": "2023-01-01"},
            "appointment_caps.csv, row 4: 2023-01-01 does not follow 2023-05-31",
        ),
        ("closures", 0, {"to": "2023-11-01T00:00-07:00"}, "port_closures.csv, row 2: it ends"),
        ("closures", 0, {"from": "4 December"}, "port_closures.csv, row 2: 4 December or"),
        ("closures", 1, {"capacity_left": 3.0}, "port_closures.csv, row 3: capacity_left is 3"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    name: str, row: int, values: dict[str, object], told: str
) -> None:
    data = Declared.read()
    found = corridor.check(replace(data, **{name: changed(getattr(data, name), row, **values)}))
    lines = [str(finding) for finding in found if finding.level == "error"]
    assert any(told in line for line in lines), lines
    assert all("\n" not in line for line in lines)


def test_a_citizenship_in_two_classes() -> None:
    data = Declared.read()
    rows = [
        row | {"citizenships": ["VEN"]} if row["class"] == "peru" else row for row in data.classes.to_dicts()
    ]
    twice = pl.DataFrame(rows, schema=data.classes.schema)
    lines = [str(finding) for finding in corridor.check(replace(data, classes=twice))]
    assert any("VEN is also in class 'venezuela'" in line for line in lines)


def test_a_sector_that_no_one_can_reach() -> None:
    data = Declared.read()
    closed = data.links.filter(pl.col("to") != "sector-bbt")
    lines = [str(finding) for finding in corridor.check(replace(data, links=closed))]
    assert any("no way leads from 'tapachula' to 'sector-bbt'" in line for line in lines)


def test_a_flight_without_a_ground_way() -> None:
    data = Declared.read()
    cut = data.links.filter((pl.col("from") != "cancun") | (pl.col("mode") == "air"))
    lines = [str(finding) for finding in corridor.check(replace(data, links=cut))]
    assert any("only air leads from 'cancun' to 'mexico-city'" in line for line in lines)


def test_every_check_says_what_it_looks_for() -> None:
    assert all(one.__doc__ for one in CHECKS)


def test_the_command(caudal_command: Command) -> None:
    assert caudal_command("corridor", "check", "--format", "json").stdout.strip() == "[]"
    shown = caudal_command("corridor", "show", "sectors", "--format", "csv").stdout.splitlines()
    assert shown[0].startswith("sector,border_city,share")
    assert len(shown) == 20
    wrong = caudal_command("corridor", "show", "assumption", check=False)
    assert wrong.returncode == 2
