"""Shortest ways add up, and are told apart by mode."""

from __future__ import annotations

import polars as pl
import pytest

from caudal._core.errors import OptionError
from caudal.corridor import links, shortest_km


def test_a_shortest_way_obeys_every_link() -> None:
    best = shortest_km("sector-rgv")
    assert best["sector-rgv"] == 0
    tight = 0
    for row in links().iter_rows(named=True):
        if row["to"] in best:
            assert best[row["from"]] <= best[row["to"]] + row["distance_km"]
            tight += best[row["from"]] == best[row["to"]] + row["distance_km"]
    assert tight >= len(best) - 1  # every place but the goal has a link on its shortest way


def test_fewer_modes_are_never_shorter() -> None:
    every, ground = shortest_km("sector-sdc"), shortest_km("sector-sdc", modes=("road", "rail", "foot"))
    assert all(every[place] <= km for place, km in ground.items())
    assert every["tapachula"] < ground["tapachula"]


def test_a_railway_alone_reaches_only_railway_towns() -> None:
    rail = shortest_km("ciudad-juarez", modes=("rail",))
    towns = set(links().filter(pl.col("mode") == "rail")["from"]) | {"ciudad-juarez"}
    assert set(rail) <= towns
    assert "tapachula" in rail
    assert "darien" not in rail


def test_what_is_not_there() -> None:
    with pytest.raises(OptionError, match="sector-rgv"):
        shortest_km("sector-rgw")
    with pytest.raises(OptionError, match="rail"):
        shortest_km("sector-rgv", modes=("rails",))
