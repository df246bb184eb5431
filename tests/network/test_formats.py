"""Networks and cases survive writing and reading; declared attributes are what the classes hold."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from caudal import CaudalError
from caudal.network import (
    FleeSettings,
    Link,
    Network,
    Place,
    read_flee,
    read_network,
    write_flee,
    write_network,
)
from caudal.network._schema import attributes
from flow.conftest import write_case


def test_declared_attributes_are_the_fields() -> None:
    for of, kind in (("places", Place), ("links", Link)):
        names = [f.name for f in fields(kind) if f.name not in ("extra", "where")]
        assert names == list(attributes(of))
        for attribute in attributes(of).values():
            assert attribute.description
            assert attribute.status in ("required", "optional")


def test_declared_settings_are_the_fields() -> None:
    from caudal._core.tables import declared

    rows = declared("caudal.network", "attributes/flee_settings.csv")
    supported = {row["name"] for row in rows if row["status"] == "supported"}
    own = {f.name for f in fields(FleeSettings)} - {"spawn_mode", "displaced_per_conflict_day"}
    assert supported == own


def test_own_format_round_trip(tmp_path: Path) -> None:
    network = Network(
        (Place("a", "hub", latitude=1.5), Place("b", "port", capacity=3)),
        (Link("a", "b", 12.5, mode="rail", two_way=False, speed=90.0),),
        "pair",
    )
    again = read_network(write_network(network, tmp_path / "n"))
    assert (again.places, again.links, again.name) == (network.places, network.links, "pair")
    places, links = again.frames()
    assert places["capacity"].to_list() == [-1, 3]
    assert links["mode"].to_list() == ["rail"]


def test_flee_round_trip(tmp_path: Path) -> None:
    case = read_flee(write_case(tmp_path / "a"))
    again = read_flee(write_flee(case, tmp_path / "b"))
    assert again.network.places == case.network.places
    assert again.network.links == case.network.links
    assert again.closures == case.closures
    assert again.conflicts == case.conflicts
    assert again.observed == case.observed
    assert again.settings == case.settings


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("kind", "citty", "kind cannot be 'citty'"),
        ("latitude", "north", "not a number"),
        ("capcity", "3", "Did you mean"),
    ],
)
def test_mistakes_in_own_format_name_file_and_row(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    root = tmp_path / "n"
    write_network(Network((Place("a"), Place("b")), (Link("a", "b", 1.0),)), root)
    text = (root / "places.csv").read_text().splitlines()
    header = text[0].split(",")
    if column in header:
        cells = text[2].split(",")
        cells[header.index(column)] = value
        text[2] = ",".join(cells)
    else:
        text = [line + "," + (column if i == 0 else value) for i, line in enumerate(text)]
    (root / "places.csv").write_text("\n".join(text) + "\n")
    with pytest.raises(CaudalError, match=message) as error:
        read_network(root)
    assert "places.csv, row" in str(error.value)
