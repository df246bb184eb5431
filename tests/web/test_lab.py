"""The laboratory: fitted once per day in the background, one path with the library, draws that can be given up."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest

from caudal import corridor, levers
from caudal._core.errors import NotKnownError, OptionError
from caudal.levers import Result, Scenario
from caudal.levers._run import OUTCOMES
from caudal.web import _lab
from caudal.web._ask import ScenarioAsked
from caudal.web._lab import Laboratory
from caudal.web._levers import address_of, degrees_of, scenario_of, sliders
from caudal.web._scenarios import changes
from conftest import Command

DAY = date(2023, 12, 22)


def asked(**query: Any) -> ScenarioAsked:
    return ScenarioAsked.model_validate(query)


def scenario(*pairs: str, **query: Any) -> Scenario:
    return scenario_of(asked(set=list(pairs), **query), list(pairs), "set")


def result(one: Scenario, draws: int) -> Result:
    """A result in which a lever at full degree takes ten from every month, and draw i adds i to both sides."""
    base = np.full((draws, one.horizon), 100.0) + np.arange(draws)[:, None]
    less = 10 * sum(s.degree for s in one.settings)
    months = tuple(f"2024-{m:02d}" for m in range(1, one.horizon + 1))
    return Result(
        one, months, dict.fromkeys(OUTCOMES, base), dict.fromkeys(OUTCOMES, base - less), {}, {}, {}, 1
    )


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A corridor that is fitted when ``go`` is set, and answers at once."""
    state = SimpleNamespace(go=threading.Event(), fitted=[], runs=[], pause=0.0)

    def calibrated(day: date) -> Any:
        state.go.wait(20)
        state.fitted.append(day)
        if day.year < 2022:
            raise NotKnownError("too few months were known")
        return SimpleNamespace(as_of=day)

    def run(
        one: Scenario, *, draws: int = 200, calibration: Any = None, executor: Any = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Result:  # fmt: skip
        state.runs.append((one.name, draws))
        for what in ("baseline", one.name):
            for i in range(draws):
                time.sleep(state.pause)
                if progress:
                    progress(what, i + 1, draws)
        return result(one, draws)

    monkeypatch.setattr(levers, "calibrated", calibrated, raising=False)
    monkeypatch.setattr(levers, "run", run, raising=False)
    monkeypatch.setattr(_lab, "Steady", lambda count, nice: SimpleNamespace(shutdown=lambda **_: None))
    return state


def _until(ready: Callable[[], Any]) -> Any:
    for _ in range(400):
        found = ready()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")


def test_every_lever_is_a_slider_within_its_own_ends() -> None:
    assert set(sliders()) == set(levers.levers())
    for name, one in sliders().items():
        assert one.lever == levers.levers()[name]
        steps = (0 - one.lever.low) / one.step
        assert steps == pytest.approx(round(steps)), name  # the neutral degree is one of its steps
        assert one.title("es") != one.title("en")
        scenario(f"{name}:{one.lever.high}")  # what it acts on by default exists


def test_an_address_is_the_scenario_of_the_library() -> None:
    mine = scenario("rail_control:0.6", "sanctions_relief:1@cuba,venezuela", **{"from": "2024-01-01"})
    theirs = Scenario("x", DAY).with_levers(
        rail_control={"degree": 0.6, "from": "2024-01-01"},
        sanctions_relief={"degree": 1, "targets": ["cuba", "venezuela"], "from": "2024-01-01"},
    )
    assert mine.settings == theirs.settings
    assert (mine.day, mine.horizon) == (DAY, 4)
    assert degrees_of(["rail_control:0.6@x", "barrier:x"]) == {"rail_control": 0.6}


def test_a_lever_target_or_degree_that_cannot_be_is_refused() -> None:
    for wrong in (
        "rails:0.5", "rail_control:1.2", "rail_control:-1", "rail_control:nan", "rail_control:", "rail_control", ":1",
        "rail_control:inf", "ports_open:1@atlantis", "rail_control:0.5@cuba", "sanctions_relief:1@atlantis",
    ):  # fmt: skip
        with pytest.raises(OptionError):
            scenario(wrong)
    with pytest.raises(OptionError):
        scenario("rail_control:0.5", "rail_control:0.6")


def test_a_day_is_fitted_once_in_the_background(model: SimpleNamespace) -> None:
    lab = Laboratory()
    assert lab.fitted(DAY) is None
    assert lab.fitted(DAY) is None
    model.go.set()
    assert _until(lambda: lab.fitted(DAY)).as_of == DAY
    assert model.fitted == [DAY]


def test_a_day_that_cannot_be_fitted_says_so_and_others_wait(model: SimpleNamespace) -> None:
    lab = Laboratory()
    days = [date(2021, 7, 1), DAY, date(2024, 1, 26), date(2024, 2, 13)]
    assert [lab.fitted(day) for day in days] == [None] * 4
    model.go.set()
    _until(lambda: lab.fitted(days[2]))
    assert days[3] not in model.fitted  # it had to wait, and is begun when it is asked for again
    with pytest.raises(NotKnownError):
        _until(lambda: lab.fitted(days[0]))
    assert _until(lambda: lab.fitted(days[3]))


def test_a_scenario_is_run_once_and_draws_are_paired(model: SimpleNamespace) -> None:
    model.go.set()
    lab = Laboratory()
    fitted: Any = _until(lambda: lab.fitted(DAY))
    one, other = scenario("rail_control:1"), scenario("rail_control:0.5")
    assert lab.run(one, fitted) is lab.run(scenario("rail_control:1"), fitted)
    job, than = (lab.drawn(each, fitted, 20, 20.0) for each in (one, other))
    _until(lambda: job.found and than.found)
    assert job.done == 40
    assert lab.drawn(one, fitted, 20, 20.0) is job
    assert job.found is not None
    # Draw i adds i to both sides: paired, it falls out of the change.
    against_none = changes(job.found, None)["encounters"][-1]
    assert (against_none["median"], against_none["interval_80"]) == (-40.0, [-40.0, -40.0])
    against_other = changes(job.found, than.found)["encounters"]
    assert against_other[-1] == {
        "month": "all",
        "mean": -20.0,
        "median": -20.0,
        "interval_80": [-20.0, -20.0],
    }
    assert against_other[0]["median"] == -5.0


def test_the_day_nobody_asked_about_for_longest_is_forgotten_first(model: SimpleNamespace) -> None:
    model.go.set()
    lab = Laboratory()
    first: Any = _until(lambda: lab.fitted(DAY))
    for later in range(1, 2 * _lab._MOST_DAYS):
        assert _until(lambda day=DAY + timedelta(later): lab.fitted(day))
        assert lab.fitted(DAY) is first
    assert len(lab._fitted) == _lab._MOST_DAYS


def test_draws_that_nobody_waits_for_are_given_up(model: SimpleNamespace) -> None:
    model.go.set()
    lab = Laboratory()
    fitted: Any = _until(lambda: lab.fitted(DAY))
    model.pause = 0.1
    lab.drawn(scenario("rail_control:1"), fitted, 200, 0.05)
    _until(lambda: not lab._drawings)
    assert model.runs == [("baseline", 1), ("rail_control=1", 200)]


#: Addresses, and the same on the command line.
SAME = [
    (
        {"set": ["rail_control:0.6", "mexican_visas:10000"], "horizon": "3"},
        ["--lever", "rail_control=0.6", "--lever", "mexican_visas=10000", "--as-of", "2023-12-22", "--horizon", "3"],
    ),
    (
        {"set": ["ports_open:1@lukeville"], "as_of": "2024-01-26"},
        ["--lever", "ports_open=1@lukeville", "--as-of", "2024-01-26"],
    ),
    ({}, ["2023-12/no-deal"]),
]  # fmt: skip


def _answer(client: httpx.Client, query: dict[str, Any]) -> dict[str, Any]:
    def done() -> Any:
        said = client.get("/api/v1/scenario", params=query)
        assert said.status_code in (200, 202), said.text
        if said.status_code == 202:
            assert set(said.json()["pending"]) == {"what", "done", "total"}
            time.sleep(0.5)
            return None
        return said.json()

    for _ in range(240):
        found = done()
        if found:
            data: dict[str, Any] = found["data"]
            return data
    raise AssertionError("it never came")


@pytest.mark.slow
@pytest.mark.parametrize(("query", "words"), SAME)
def test_laboratory_api_and_command_line_say_the_same(
    client: httpx.Client, caudal_command: Command, query: dict[str, Any], words: list[str]
) -> None:
    """One path: the page's numbers are the API's, the API's are the command line's, to the last decimal."""
    said = _answer(client, query)
    theirs = json.loads(caudal_command("scenario", "run", *words, "--draws", "1", "--format", "json").stdout)
    told = {**theirs, "scenario_name": said["scenario_name"], "sentences": said["sentences"]}
    _same(said, told)
    _page_says(client, query, said)


@pytest.mark.slow
def test_a_shipped_scenario_has_an_address_and_draws_are_the_librarys(client: httpx.Client) -> None:
    one = levers.load_scenario("2023-12/package-enforcement")
    query = {**address_of(one), "draws": "6"}
    said = _answer(client, query)
    cal = corridor.calibrate(one.day)
    expected = levers.run(one, draws=6, calibration=cal).to_dict()
    for part in ("baseline", "scenario", "difference", "grade", "status", "assumptions", "sensitivity"):
        _same(said[part], expected[part])
    _page_says(client, query, said)
    both = _answer(client, {**query, "than": "rail_control:0.6"})
    assert both["than"]["levers"][0]["degree"] == 0.6
    assert both["change"]["encounters"][-1] != both["difference"]["encounters"][-1]


def _same(said: Any, told: Any, where: str = "") -> None:
    """Compare data: all is equal, numbers but for the last bits, which the processor's own rounding may change."""
    if isinstance(told, dict):
        assert set(said) == set(told), where
        for name, one in told.items():
            _same(said[name], one, f"{where}/{name}")
    elif isinstance(told, list | tuple):
        assert len(said) == len(told), where
        for i, (one, other) in enumerate(zip(said, told, strict=True)):
            _same(one, other, f"{where}/{i}")
    elif isinstance(told, float):
        assert said == pytest.approx(told, rel=1e-9, abs=1e-6), where
    else:
        assert said == told, where


def _page_says(client: httpx.Client, query: dict[str, Any], said: dict[str, Any]) -> None:
    """Compare every number of the page's table with the data."""
    page = client.get("/scenarios", params=query).text
    cells = re.findall(r'<data value="([^"]*)" data-outcome="([^"]*)" data-column="([^"]*)">', page)
    columns = {"scenario": "scenario", "compared": "baseline", "change": "difference"}
    assert len(cells) == len(said["baseline"]) * (5 if said["draws"] > 1 else 3)
    for value, outcome, column in cells:
        if column in columns:
            expected = said[columns[column]][outcome][-1]["median"]
        else:
            expected = said["difference"][outcome][-1]["interval_80"][column == "high"]
        assert float(value) == expected, (outcome, column)
