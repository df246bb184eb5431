"""What the studies say: the acceptance figures, the null test, displacement, honesty as of a day."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from caudal import levers
from caudal._core.errors import NotKnownError, OptionError
from caudal._core.tables import declared
from caudal.levers._status import status_of
from conftest import Command

KEYS = ["event", "group", "measure", "horizon_months", "effect", "interval_80", "p_space", "p_time", "pre_rmse",
        "spread", "minimum_detectable", "status"]  # fmt: skip


@cache
def rows() -> list[levers.Evidence]:
    return levers.evidence()


def of(
    event: str, group: str | None = None, horizon: int | None = None, measure: str = "usbp-encounters"
) -> list[levers.Evidence]:
    return [r for r in rows() if r.event == event and r.measure == measure
            and group in (None, r.group) and horizon in (None, r.horizon_months)]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "group", "effect"),
    [("ecuador-visa-2021", "Ecuadorians", -3.25), ("parole-chnv-2023", "Cubans", -4.93),
     ("parole-chnv-2023", "Nicaraguans", -4.76)],
)  # fmt: skip
def test_what_is_identified_at_three_months(event: str, group: str, effect: float) -> None:
    (row,) = of(event, group, 3)
    assert row.status == "identified"
    assert row.effect == pytest.approx(effect, abs=0.3)
    assert row.interval_80[0] < row.effect < row.interval_80[1] < 0


@pytest.mark.slow
def test_the_contrast_of_june_2024_is_identified() -> None:
    found = of("asylum-proclamation-2024")
    assert [r.horizon_months for r in found] == [1, 3, 6]
    assert all(r.status == "identified" and r.effect < 0 for r in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "group"),
    [("parole-chnv-2023", "Haitians"), ("venezuela-removal-flights-2023", "Venezuelans"),
     ("title-42-end-2023", "everyone"), ("mexico-talks-2023", "everyone"), ("frontera-sur-2014", None)],
)  # fmt: skip
def test_what_is_not_identified(event: str, group: str | None) -> None:
    found = of(event, group)
    assert found
    assert {r.status for r in found} == {"not identified"}
    assert all(r.reason for r in found)


@pytest.mark.slow
def test_ports_took_about_half_of_the_cubans() -> None:
    (between,) = of("parole-chnv-2023", "Cubans", 12)
    (with_ports,) = of("parole-chnv-2023", "Cubans", 12, "sw-encounters")
    assert with_ports.effect == pytest.approx(-0.90, abs=0.3)
    assert with_ports.effect > between.effect + 1


@pytest.mark.slow
def test_where_nothing_was_done_little_is_called_identified_and_intervals_cover() -> None:
    for horizon, said in levers.null_test().items():
        assert said["draws"] >= 300, horizon
        assert said["identified"] <= 0.05, horizon
        assert 0.74 <= said["coverage"] <= 0.86, horizon


@pytest.mark.slow
def test_every_status_is_what_the_rule_says() -> None:
    for r in rows():
        if r.status == "identified":
            assert min(p for p in (r.p_space, r.p_time) if p is not None) <= 0.10
            assert r.pre_rmse is not None
            assert r.pre_rmse <= 0.45
            assert r.spread <= abs(r.effect) / 2
    assert [r.row() for r in levers.evidence("peru-visa-2024")] == [r.row() for r in of("peru-visa-2024")]


@pytest.mark.slow
def test_the_shipped_pages_say_what_the_studies_say() -> None:
    folder = Path(__file__).parents[2] / "docs" / "reference" / "evidence"
    text = (folder / "index.md").read_text(encoding="utf-8")
    for r in rows():
        if r.horizon_months == 3:
            assert f"({r.event}.md) | {r.group} | {r.measure} | {r.effect:+.2f}" in text
            assert (folder / f"{r.event}.md").exists()


def test_no_status_stands_in_a_table() -> None:
    for name in ("events.csv", "studies.csv"):
        for row in declared("caudal.levers", name):
            assert not {"identified", "suggestive", "not identified"} & {v.strip() for v in row.values()}


@pytest.mark.parametrize(
    ("p", "rmse", "spread", "status"),
    [(0.10, 0.45, 0.5, "identified"), (0.11, 0.1, 0.1, "not identified"), (0.05, 0.46, 0.1, "suggestive"),
     (0.05, 0.1, 0.51, "suggestive"), (0.05, 0.46, 0.51, "not identified"),
     (0.05, float("nan"), 0.1, "not identified")],
)  # fmt: skip
def test_the_rule(p: float, rmse: float, spread: float, status: str) -> None:
    assert status_of(-1.0, None, p, rmse, spread, 0.5).status == status


def test_exposed_controls_or_another_event_are_never_identified() -> None:
    good = (-2.0, 0.05, 0.05, 0.1, 0.1, 0.5)
    assert status_of(*good).status == "identified"
    assert status_of(*good, exposed_controls=True).status == "suggestive"
    assert status_of(*good, other_event=True).status == "not identified"


def test_venezuelans_came_by_land() -> None:
    moved = levers.displacement("venezuela-visa-2022").filter(measure="darien-entries", months="4-6")
    assert moved["before"].item() == pytest.approx(411, abs=1)
    assert moved["ratio"].item() >= 10


def test_as_of_hides_what_had_not_happened() -> None:
    with pytest.raises(NotKnownError, match="had not taken effect"):
        levers.evidence("peru-visa-2024", as_of="2024-03-01")
    assert all(s.event.event != "peru-visa-2024" for s in levers.studies("2024-03-01"))
    before = levers.displacement("venezuela-visa-2022", as_of="2025-07-01")
    assert before.height
    assert (
        levers.displacement("venezuela-visa-2022", as_of="2022-03-01")
        .filter(pl.col("months") == "4-6")
        .is_empty()
    )


def test_unknown_events_get_a_suggestion() -> None:
    with pytest.raises(OptionError, match="ecuador-visa-2021"):
        levers.evidence("ecuador-visa")
    with pytest.raises(OptionError, match="no study"):
        levers.evidence("sb4-signed-2023")


@pytest.mark.slow
def test_command_prints_the_declared_keys(caudal_command: Command) -> None:
    found = json.loads(caudal_command("evidence", "asylum-proclamation-2024", "--format", "json").stdout)
    assert [list(r) for r in found] == [KEYS] * 3
    assert found == [
        r.row() | {"interval_80": r.row()["interval_80"]} for r in of("asylum-proclamation-2024")
    ]


@pytest.mark.slow
def test_the_compiled_table_is_what_the_studies_say() -> None:
    from importlib import resources

    from caudal.levers._known import compile_known

    text = (resources.files("caudal.levers") / "evidence_known.csv").read_text(encoding="utf-8")
    day = "2022-04-30"
    assert compile_known((day,)).splitlines()[1:] == [x for x in text.splitlines() if x.startswith(day)]


def test_a_pseudo_vintage_takes_no_month_that_was_not_out() -> None:
    from caudal.levers._panel import citizenship_panel, family_panel

    for panel in (
        citizenship_panel("usbp-encounters", as_of="2022-04-30"),
        family_panel("usbp-encounters", as_of="2022-04-30"),
    ):
        assert str(panel.month(len(panel) - 1)) == "2022-03-01"
