"""The table of events: whole, sourced, in agreement with the figures' table, and honest about what is not known."""

from __future__ import annotations

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from caudal import figures, levers
from caudal._core.errors import OptionError
from caudal._core.identifiers import identities
from caudal.levers._events import STAMPS, load_events
from conftest import Command

EVENTS = list(load_events().values())


def test_enough_events_of_every_year() -> None:
    years = {e.month.year for e in EVENTS}
    assert len([e for e in EVENTS if 2014 <= e.month.year <= 2025]) >= 40
    assert {2014, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025} <= years
    assert len({e.event for e in EVENTS}) == len(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.event)
def test_every_timestamp_has_a_source_and_a_zone(event: levers.Event) -> None:
    assert event.effective
    assert ZoneInfo(event.zone)
    for stamp in STAMPS:
        if getattr(event, stamp):
            assert event.at(stamp).tzinfo is not None  # type: ignore[union-attr]
            assert event.sources[stamp].strip()
    for first, last in event.suspended:
        assert first
        assert not last or date.fromisoformat(first[:10]) <= date.fromisoformat(last[:10])
        assert event.sources["suspended"]
    assert set(event.disputed) | set(event.unverified) <= {*STAMPS, "suspended"}


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.event)
def test_whom_and_where_are_declared_codes(event: levers.Event) -> None:
    people = set(identities("citizenship"))
    assert set(event.exposed) <= people | {"all"}
    assert set(event.spillover) <= people | {"all"}
    assert set(event.exempt) <= people | {"unaccompanied"}
    for place in event.where:
        kind, _, code = place.partition(":")
        if code:
            assert code in identities(kind)


def test_no_day_contradicts_the_figures_table() -> None:
    """A day stands in both tables only where the figures' row covers it, or where ours says why."""
    told = {row["file_row"]: row for row in figures.events().iter_rows(named=True)}
    from caudal._core.tables import declared

    rows = {r["event"]: told[r["file_row"]] for r in declared("caudal.levers", "events.csv")}
    for e in EVENTS:
        days = [e.day(s) for s in STAMPS if e.day(s)]
        assert any(rows[e.event]["first"] <= d <= rows[e.event]["last"] for d in days if d), e.event


def test_what_is_unverified_there_is_unverified_here() -> None:
    for e in EVENTS:
        if e.verification == "unverified":
            assert e.unverified, e.event
    assert load_events()["lukeville-closes-2023"].unverified
    assert load_events()["asylum-proclamation-2024"].disputed == ("signed",)


def test_as_of_hides_later_events_and_later_suspensions() -> None:
    seen = levers.events("2023-12-22")
    assert "ports-reopen-2024" not in seen["event"].to_list()
    assert seen.filter(event="sb4-signed-2023")["suspended"].item() == ""
    assert levers.events("2024-06-30").filter(event="sb4-signed-2023")["suspended"].item() == "2024-03-19/"


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(OptionError, match="ecuador-visa-2021"):
        levers.event("ecuador-visa-2022")
    with pytest.raises(OptionError, match="rail_control"):
        levers.events(lever="rail_contrl")


def test_command_prints_events(caudal_command: Command) -> None:
    rows = json.loads(caudal_command("events", "--format", "json").stdout)
    assert len(rows) == len(EVENTS)
    assert all(row["sources"] for row in rows)
    one = caudal_command("events", "rail-bridges-close-2023").stdout
    assert "2023-12-18T08:00" in one
    assert "2023-12-22T14:00/" in one
    bad = caudal_command("events", "rail-bridges", check=False)
    assert bad.returncode == 2
    assert bad.stderr.count("\n") == 1
