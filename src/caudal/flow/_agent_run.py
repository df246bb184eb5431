"""Run the compiled agents, with or without a log of where everybody was."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.flow._agents import run_agents_loop
from caudal.flow._program import Program

__all__ = ["run_agents"]

Floats = npt.NDArray[np.float64]
Log = npt.NDArray[np.int32]
_MODES = {"data": 0, "constant": 1, "poisson": 1, "pop_ratio": 2}
_NEVER = np.iinfo(np.int32).min


def run_agents(
    program: Program,
    word: np.uint64,
    options: Any,
    counts: Floats,
    record: Any,
    *,
    paths: bool = False,
) -> Log:
    """Run one replicate with agents and return the log of changes of place (empty without ``paths``).

    Returns
    -------
    array, shape (changes, 3)
        Day, person in order of creation, place at the end of the day (or ``-1 - link``).
    """
    people = _everybody(program, counts)
    rows = 8 * people + 1 if paths else 0
    while True:
        for array in record:
            array[:] = 0.0
        log = np.zeros((rows, 3), np.int32)
        wanted = _loop(program, word, options, counts, record, people, log, paths)
        if wanted <= rows or not paths:
            return log[:wanted] if paths else log
        rows = wanted


def _loop(
    program: Program,
    word: np.uint64,
    options: Any,
    counts: Floats,
    record: Any,
    people: int,
    log: Log,
    paths: bool,
) -> int:
    s = program.settings
    return int(
        run_agents_loop(
            program.tables,
            word,
            _MODES[s.spawn_mode],
            counts,
            s.displaced_per_conflict_day,
            s.take_from_population,
            2 if s.start_on_foot else 1,
            s.avoid_short_stints,
            program.whole,
            program.speed,
            s.capacity_buffer,
            s.weight_power,
            s.pruning_threshold,
            options.order == "random",
            np.zeros(people, np.int32),
            np.zeros(people, np.int16),
            np.zeros(people, np.float32),
            np.zeros(people, np.int32),
            np.full(people if paths else 0, _NEVER, np.int32),
            log,
            record,
        )
    )


def _everybody(program: Program, counts: Floats) -> int:
    """Return how many people can be created at most."""
    tab, s = program.tables, program.settings
    if s.spawn_mode == "data":
        daily = float(tab.spawn_total.sum())
    elif s.spawn_mode == "pop_ratio":
        rate = s.displaced_per_conflict_day
        daily = float(np.floor(rate * tab.population * tab.spawn_factor).sum())
    else:
        daily = float(counts.sum())
    return int(daily + tab.initial.sum()) + 1
