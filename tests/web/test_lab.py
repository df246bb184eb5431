"""The laboratory: fitted once per day in the background, levers within their ends, draws that can be given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from caudal import corridor, levers
from caudal._core.errors import NotKnownError, OptionError, StoreError
from caudal.web import _lab
from caudal.web._lab import DRAWS, Laboratory, answer_of, given_of, sliders


def outcomes(size: float, draws: int = 1) -> corridor.Outcomes:
    """Outcomes of one place and class: ``size`` a month, and a draw's number more in each draw."""
    values = np.full((draws, 6, 1, 1), size) + np.arange(draws)[:, None, None, None]
    parts = {name: corridor_part(values) for name, _ in _lab.TOLD}
    return corridor.Outcomes(tuple(date(2024, m, 1) for m in range(1, 7)), parts, {})


def corridor_part(values: Any) -> Any:
    from caudal.corridor._outcomes import Part

    return Part(("here",), ("all",), values)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A corridor that is fitted when ``go`` is set, and answers at once."""
    state = SimpleNamespace(go=threading.Event(), fitted=[], runs=0, pause=0.0)

    def calibrate(day: str) -> Any:
        state.go.wait(20)
        state.fitted.append(day)
        if day < "2021":
            raise NotKnownError("too few months were known")
        return SimpleNamespace(as_of=date.fromisoformat(day))

    def simulate(
        fitted: Any, horizon: int, given: Any = None, *, draws: int = 1, seed: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> corridor.Outcomes:  # fmt: skip
        state.runs += 1
        for i in range(draws):
            time.sleep(state.pause)
            if progress:
                progress(i + 1, draws)
        return outcomes(100 * (given or {}).get("interception_factor", 1.0), draws)

    monkeypatch.setattr(corridor, "calibrate", calibrate, raising=False)
    monkeypatch.setattr(corridor, "simulate", simulate, raising=False)
    return state


def _until(ready: Callable[[], Any]) -> Any:
    for _ in range(400):
        found = ready()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")


def test_every_slider_moves_a_parameter_the_corridor_has() -> None:
    known = {*corridor.assumptions()["parameter"].to_list(), *corridor.HANDLES}
    assumed = set(corridor.assumptions()["parameter"].to_list())
    for one in sliders().values():
        assert one.parameter in known
        assert one.evidence in assumed
        assert not one.known or one.known in levers.levers()
        assert one.low <= one.neutral <= one.high
        assert one.say("title", "es") != one.say("title", "en")


def test_a_lever_at_its_neutral_value_is_left_out_and_one_beyond_its_ends_refused() -> None:
    assert given_of(["rail:1", "interception:1.50"], where="set") == {"interception_factor": 1.5}
    for wrong in ("rails:0.5", "rail:1.2", "rail:-1", "rail:nan", "rail:", "rail", ":1", "rail:inf"):
        with pytest.raises(OptionError):
            given_of([wrong], where="set")


def test_a_day_is_fitted_once_in_the_background(model: SimpleNamespace) -> None:
    lab = Laboratory()
    assert lab.fitted("2023-12-22") is None
    assert lab.fitted("2023-12-22") is None
    model.go.set()
    assert _until(lambda: lab.fitted("2023-12-22")).as_of == date(2023, 12, 22)
    assert model.fitted == ["2023-12-22"]


def test_a_day_that_cannot_be_fitted_says_so_and_too_many_are_refused(model: SimpleNamespace) -> None:
    lab = Laboratory()
    for day in ("2020-01-01", "2023-12-22", "2024-01-26"):
        assert lab.fitted(day) is None
    with pytest.raises(StoreError):
        lab.fitted("2024-02-13")
    with pytest.raises(OptionError):
        lab.fitted("2023-13-01")
    model.go.set()

    def refused() -> bool:
        try:
            return lab.fitted("2020-01-01") is not None
        except NotKnownError:
            return True

    assert _until(refused)


def test_draws_are_paired_and_give_an_interval_of_the_change(model: SimpleNamespace) -> None:
    model.go.set()
    lab = Laboratory()
    fitted: Any = _until(lambda: lab.fitted("2023-12-22"))
    drawing = lab.drawn(fitted, {"interception_factor": 2.0}, {})
    _until(lambda: drawing.found)
    assert drawing.done == 2 * DRAWS
    assert lab.drawn(fitted, {"interception_factor": 2.0}, {}) is drawing
    rows = {row["outcome"]: row for row in answer_of(outcomes(200), outcomes(100), drawing.found)}
    # Draw i adds i to both sides: paired, it falls out of the change.
    assert (
        rows["interceptions"]["change"]
        == rows["interceptions"]["low"]
        == rows["interceptions"]["high"]
        == 600
    )
    assert rows["waiting"]["change"] == 100


def test_draws_that_nobody_waits_for_are_given_up(
    model: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.go.set()
    lab = Laboratory()
    fitted: Any = _until(lambda: lab.fitted("2023-12-22"))
    monkeypatch.setattr(_lab, "_PATIENCE", 0.05)
    model.pause = 0.1
    lab.drawn(fitted, {"interception_factor": 2.0}, {})
    _until(lambda: not lab._drawings)
    assert model.runs <= 2  # the run that prepared the model, and the one given up
