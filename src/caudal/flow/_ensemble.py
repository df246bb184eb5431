"""Ensembles: many replicates of one or more compiled cases, anywhere, resumable, the same bytes every time.

Replicate ``i`` always draws from ``SeedSequence(seed, spawn_key=(i,))``, whatever the number of workers.
Scenarios run together share these seeds, and keyed streams inside (see ``_sampling``) keep their draws
aligned: the difference between two scenarios is not noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError
from caudal._core.executor import executor as make_executor
from caudal._core.executor import in_order
from caudal.flow._program import Program, compile_case
from caudal.flow._replicate import Options, Replicate, run_once
from caudal.flow._scores import ERRORS, case_errors
from caudal.network import FleeCase, FleeSettings

__all__ = ["BATCH", "Batch", "Ensemble", "Job", "Summary", "run"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

#: Replicates per unit of work and of storage; fixed, so that results do not depend on the number of workers.
BATCH = 10


@dataclass(frozen=True)
class Job:
    """What a worker needs to run replicates ``first`` up to ``last`` (excluded)."""

    case: FleeCase
    settings: FleeSettings
    days: int
    compat: str
    options: Options
    seed: int
    first: int
    last: int
    keep: bool


@dataclass(frozen=True)
class Summary:
    """One replicate's numbers; ``errors`` is empty without registrations, ``seconds`` is processor time."""

    replicate: int
    errors: dict[str, float]
    people: float
    seconds: float
    states: int


@dataclass(frozen=True)
class Batch:
    """The replicates of one unit of work; arrays stacked with the replicate as first axis when kept."""

    first: int
    summaries: tuple[Summary, ...]
    occupancy: Floats | None = None
    on_link: Floats | None = None
    entered: Floats | None = None
    spawned: Floats | None = None


@dataclass(frozen=True)
class Ensemble:
    """Replicates of one case.

    Parameters
    ----------
    program : Program
        The compiled case.
    seed : int
        Seed of the ensemble.
    summaries : list of Summary
        One per replicate, in order.
    batches : list of Batch
        What was kept (empty without ``keep``).
    """

    program: Program
    seed: int
    summaries: list[Summary] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)

    @property
    def errors(self) -> dict[str, Floats]:
        """Errors by name, one value per replicate."""
        return {name: np.array([s.errors[name] for s in self.summaries]) for name in ERRORS}

    @property
    def occupancy(self) -> Floats:
        """People at places, shape (replicates, days, places)."""
        return self._stack("occupancy")

    @property
    def on_link(self) -> Floats:
        """People on directed links, shape (replicates, days, links)."""
        return self._stack("on_link")

    @property
    def entered(self) -> Floats:
        """Entries to directed links, shape (replicates, days, links)."""
        return self._stack("entered")

    def _stack(self, name: str) -> Floats:
        kept = [getattr(batch, name) for batch in self.batches]
        if not kept or kept[0] is None:
            raise OptionError("the ensemble was run without its outcomes", remedy="Run it with keep=True")
        return np.concatenate(kept)


_COMPILED: dict[int, tuple[Job, Program]] = {}


def program_of(job: Job) -> Program:
    """Return the job's compiled case; a worker compiles it once."""
    for other, program in _COMPILED.values():
        same = other.case is job.case or other.case == job.case
        if same and (other.settings, other.days, other.compat) == (job.settings, job.days, job.compat):
            return program
    program = compile_case(job.case, settings=job.settings, days=job.days, compat=job.compat)
    if len(_COMPILED) > 32:
        _COMPILED.clear()
    _COMPILED[len(_COMPILED)] = (job, program)
    return program


def run_job(job: Job) -> Batch:
    """Run the replicates of one job."""
    program = program_of(job)
    done = [
        run_once(program, np.random.SeedSequence(job.seed, spawn_key=(i,)), job.options)
        for i in range(job.first, job.last)
    ]
    summaries = tuple(summary(program, job.first + i, one) for i, one in enumerate(done))
    if not job.keep:
        return Batch(job.first, summaries)
    kept = {name: np.stack([getattr(one, name) for one in done]) for name in ("occupancy", "on_link")}
    kept |= {name: np.stack([getattr(one, name) for one in done]) for name in ("entered", "spawned")}
    return Batch(job.first, summaries, **kept)


def summary(program: Program, index: int, one: Replicate) -> Summary:
    """Return a replicate's numbers."""
    errors = case_errors(program, one.occupancy) if program.schedule.observed_places else {}
    return Summary(index, errors, float(one.spawned.sum()), one.seconds, int(one.states.max(initial=0)))


def jobs(program: Program, replicates: int, seed: int, options: Options, keep: bool) -> list[Job]:
    """Cut an ensemble into jobs of `BATCH` replicates."""
    if replicates < 1:
        raise OptionError(f"{replicates} replicates", where="--replicates", remedy="Use 1 or more")
    if options.engine == "expected":
        replicates = 1  # nothing is drawn
    return [
        Job(
            program.case,
            program.settings,
            program.days,
            program.compat,
            options,
            seed,
            first,
            min(first + BATCH, replicates),
            keep,
        )
        for first in range(0, replicates, BATCH)
    ]


def run(
    programs: Program | Sequence[Program],
    *,
    replicates: int = 1,
    seed: int = 1,
    options: Options | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    keep: bool = True,
    progress: Progress | None = None,
) -> list[Ensemble]:
    """Run ensembles of one or more compiled cases, paired by replicate.

    Parameters
    ----------
    programs : Program or sequence of Program
        Scenarios; replicate ``i`` of each uses the same random numbers.
    replicates : int
        How many of each.
    seed : int
        Of the ensemble; the same seed gives the same numbers for any executor and number of workers.
    options : Options, optional
        Engine and its accuracy.
    executor : concurrent.futures.Executor, optional
        Where to run (processes, a Dask client's executor, …); else ``workers`` threads.
    workers : int
        Threads, when no executor is given.
    keep : bool
        Whether outcomes by day are kept, or only the summaries.
    progress : callable, optional
        Called with replicates done and replicates in all.
    """
    several = [programs] if isinstance(programs, Program) else list(programs)
    options = options or Options()
    todo = [(k, job) for k, p in enumerate(several) for job in jobs(p, replicates, seed, options, keep)]
    for program, (_, job) in zip(several, [x for x in todo if x[1].first == 0], strict=True):
        _COMPILED[len(_COMPILED)] = (job, program)
    ensembles = [Ensemble(program, seed) for program in several]
    total = sum(job.last - job.first for _, job in todo)
    count = 0
    context: Any = nullcontext(executor) if executor is not None else make_executor(workers)
    with context as pool:
        results = in_order(pool, run_job, [job for _, job in todo], ahead=4 * max(workers, 4))
        for (k, job), batch in zip(todo, results, strict=True):
            ensembles[k].summaries.extend(batch.summaries)
            if keep:
                ensembles[k].batches.append(batch)
            count += job.last - job.first
            if progress is not None:
                progress(count, total)
    return ensembles
