"""Run a `Model` and hold what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError, did_you_mean
from caudal.flow._model import Engine, Model
from caudal.flow._model_tables import ModelTables, tables_of

__all__ = ["Movement", "run_model"]

Floats = npt.NDArray[np.float64]


class _Record(NamedTuple):
    stock: Floats
    on_link: Floats
    entered: Floats
    queue: Floats
    served: Floats
    waits: Floats
    events: Floats
    away: Floats
    arrived: Floats
    left: Floats


@dataclass(frozen=True)
class Movement:
    """What happened in one run of a model; last axis class, first axis step unless said otherwise.

    Parameters
    ----------
    stock : array, (steps, places, classes)
        People at places at the end of the step.
    on_link, entered : array, (steps, links, classes)
        People on links, and entries.
    queue, served : array, (steps, gates, classes)
        People waiting at gates at the end of the step, and let through.
    waits : array, (gates, steps, classes)
        People let through by the number of steps they waited: the whole distribution.
    events : array, (steps, hazards, classes)
        How often each hazard struck.
    away : array, (steps, places, classes)
        People on their way back to a place (delayed by a hazard, or having given up waiting).
    arrived : array, (steps, places, classes)
        Arrivals at places, by class before any change.
    left : array, (steps, classes)
        People taken out of the network by hazards.
    """

    stock: Floats
    on_link: Floats
    entered: Floats
    queue: Floats
    served: Floats
    waits: Floats
    events: Floats
    away: Floats
    arrived: Floats
    left: Floats

    @property
    def inside(self) -> Floats:
        """Everybody in the network at the end of each step, by class: (steps, classes)."""
        parts = (self.stock, self.on_link, self.queue, self.away)
        return np.asarray(sum(part.sum(axis=1) for part in parts))


def run_model(model: Model, seed: int | np.random.SeedSequence = 1, *, engine: Engine = "cohort") -> Movement:
    """Run a model once.

    Parameters
    ----------
    model : Model
        What may happen.
    seed : int or SeedSequence
        Runs with equal seeds share random numbers draw by draw, also between different models on one network.
    engine : {"cohort", "expected", "agent"}
        Counts with draws, counts without, or persons.
    """
    if engine not in ("cohort", "expected", "agent"):
        raise OptionError(
            f"engine cannot be {engine!r}", remedy=did_you_mean(engine, ["cohort", "expected", "agent"])
        )
    tables = tables_of(model)
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    word = np.uint64(sequence.generate_state(1, np.uint64)[0])
    record = _record(tables, model)
    if engine == "agent":
        _agents(tables, model, word, record)
    else:
        from caudal.flow._model_cohorts import run_model_cohorts

        run_model_cohorts(tables, word, engine == "expected", model.poisson_inflow, record)
    return Movement(**record._asdict())


def _record(tab: ModelTables, model: Model) -> _Record:
    steps, places, classes = tab.inflow.shape
    links, gates, hazards = len(model.links), len(model.gates), len(model.hazards)

    def zeros(*shape: int) -> Any:
        return np.zeros(shape)

    return _Record(
        stock=zeros(steps, places, classes),
        on_link=zeros(steps, links, classes),
        entered=zeros(steps, links, classes),
        queue=zeros(steps, gates, classes),
        served=zeros(steps, gates, classes),
        waits=zeros(gates, steps, classes),
        events=zeros(steps, hazards, classes),
        away=zeros(steps, places, classes),
        arrived=zeros(steps, places, classes),
        left=zeros(steps, classes),
    )


def _agents(tab: ModelTables, model: Model, word: np.uint64, record: _Record) -> None:
    from caudal.flow._model_agents import run_model_agents

    expected = float(tab.inflow.sum() + tab.initial.sum())
    room = int(expected + 10 * np.sqrt(expected) + 100 if model.poisson_inflow else expected) + 1
    if run_model_agents(tab, word, model.poisson_inflow, room, record) < 0:
        raise OptionError("more people than there is room for", remedy="Use engine='cohort'")
