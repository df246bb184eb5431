"""One replicate of a compiled case on one of the engines."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError, did_you_mean
from caudal.flow._program import Program

__all__ = ["ENGINES", "ORDERS", "Engine", "Options", "Order", "Replicate", "run_once"]

Floats = npt.NDArray[np.float64]
Engine = Literal["cohort", "agent", "expected"]
Order = Literal["random", "creation"]
ENGINES: tuple[Engine, ...] = ("cohort", "agent", "expected")
ORDERS: tuple[Order, ...] = ("random", "creation")
#: So many people together are walked through a day one by one, which is cheaper than drawing for the group.
_FEW = 6.0
_MODES = {"data": 0, "constant": 1, "poisson": 1, "pop_ratio": 2}


@dataclass(frozen=True)
class Options:
    """How a case is run, as opposed to what it says.

    Parameters
    ----------
    engine : {"cohort", "agent", "expected"}
        Counts per state, compiled agents, or expected flow without draws.
    order : {"random", "creation"}
        The order in which people are served within a day where a capacity binds: random, or by creation as in
        the reference (cohorts then carry ``generations`` age classes).
    bin_km : float
        Width of the bins of recent travel when short stints are avoided; 1 is exact for whole kilometres.
    epsilon : float
        How far a capacity factor may move within a slice.
    slices : int
        Slices of the morning where a camp is nearly full.
    generations : int
        Age classes with ``order="creation"``.
    """

    engine: Engine = "cohort"
    order: Order = "random"
    bin_km: float = 1.0
    epsilon: float = 0.05
    slices: int = 8
    generations: int = 16

    def __post_init__(self) -> None:
        for name, value, known in (("engine", self.engine, ENGINES), ("order", self.order, ORDERS)):
            if value not in known:
                raise OptionError(f"{name} cannot be {value!r}", remedy=did_you_mean(value, known))
        if not (self.bin_km > 0 and 0 < self.epsilon <= 1 and self.slices >= 1 and self.generations >= 1):
            raise OptionError("bin_km, epsilon, slices and generations must be above 0 (epsilon at most 1)")


@dataclass(frozen=True)
class Replicate:
    """What happened in one replicate; first axis day.

    Parameters
    ----------
    occupancy : array, shape (days, places)
        People at each place at the end of the day.
    on_link, entered : array, shape (days, links)
        People on each directed link at the end of the day, and entries to it during the day.
    by_class : array, shape (days, classes)
        Everybody, by class of the rules.
    spawned : array, shape (days, places)
        People displaced (and, on day 0, those there before).
    states : array, shape (days,)
        Occupied states at the end of the day (people, for agents).
    seconds : float
        Processor time of the day loop.
    attributes : dict of str to array, shape (places, values)
        People displaced by place of origin and value of each attribute of the case.
    """

    occupancy: Floats
    on_link: Floats
    entered: Floats
    by_class: Floats
    spawned: Floats
    states: Floats
    seconds: float
    attributes: dict[str, Floats] = field(default_factory=dict)


def run_once(
    program: Program, seed: int | np.random.SeedSequence = 1, options: Options | None = None
) -> Replicate:
    """Run one replicate.

    Parameters
    ----------
    program : Program
        A compiled case.
    seed : int or SeedSequence
        The same seed gives the same bytes.
    options : Options, optional
        Engine and its accuracy.
    """
    options = options or Options()
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    counts = _spawn_counts(program, sequence, options)
    record = _record(program)
    # Words of a SeedSequence are unsigned; keep them so.
    word = np.uint64(sequence.generate_state(1, np.uint64)[0])
    start = time.process_time()
    if options.engine == "agent":
        from caudal.flow._agent_run import run_agents

        run_agents(program, word, options, counts, record)
    else:
        _run_cohorts(program, word, options, counts, record)
    attributes = draw_attributes(program, record.spawned, word)
    return Replicate(**record._asdict(), seconds=time.process_time() - start, attributes=attributes)


class Record(NamedTuple):
    """The arrays the engines fill; see `Replicate`."""

    occupancy: Floats
    on_link: Floats
    entered: Floats
    by_class: Floats
    spawned: Floats
    states: Floats


def _record(program: Program) -> Record:
    days, places = program.tables.camp.shape
    links, classes = len(program.schedule.links.all), program.tables.class_share.shape[1]
    shapes = ((days, places), (days, links), (days, links), (days, classes), (days, places), (days,))
    return Record(*(np.zeros(shape) for shape in shapes))


def _spawn_counts(program: Program, sequence: np.random.SeedSequence, options: Options) -> Floats:
    """Return conflict-driven displacement per day and place where it does not depend on the run."""
    s = program.settings
    if s.spawn_mode not in ("constant", "poisson"):
        return np.zeros((1, 1))
    mean = s.displaced_per_conflict_day * program.schedule.intensity
    if s.spawn_mode == "poisson" and options.engine != "expected":
        return np.random.default_rng(sequence.spawn(1)[0]).poisson(mean).astype(float)
    return mean if s.spawn_mode == "poisson" else np.floor(mean)


def memory(program: Program, options: Options) -> tuple[int, int]:
    """Return how many first-link states and bins of recent travel a case needs."""
    s = program.settings
    bins = int(program.longest / options.bin_km) + 2 if s.avoid_short_stints else 1
    return (2 if s.start_on_foot else 1), bins


def _run_cohorts(program: Program, word: np.uint64, options: Options, counts: Floats, record: Record) -> None:
    from caudal.flow._cohort_parts import Displaced, Law, desk_for, people_for, sections
    from caudal.flow._cohorts import run_cohorts

    tab, s = program.tables, program.settings
    feet, bins = memory(program, options)
    generations = options.generations if options.order == "creation" else 1
    classes = int(tab.class_share.shape[1])
    law = Law(
        expected=options.engine == "expected",
        feet=feet,
        classes=classes,
        bins=bins,
        generations=generations,
        block=feet * classes * bins,
        size=generations * feet * classes * bins,
        bin_km=float(options.bin_km),
        speed=float(program.speed),
        buffer=float(s.capacity_buffer),
        power=float(s.weight_power),
        pruning=float(s.pruning_threshold),
        epsilon=float(options.epsilon),
        slices=int(options.slices),
        few=_FEW,
    )
    displaced = Displaced(
        mode=_MODES[s.spawn_mode],
        rate=float(s.displaced_per_conflict_day),
        take=bool(s.take_from_population),
        counts=counts,
        factor=tab.spawn_factor,
        total=tab.spawn_total,
        initial=tab.initial,
        class_share=tab.class_share,
        ages=_generations(program, counts, generations),
        population=tab.population.copy(),
        born=np.zeros(len(tab.population)),
    )
    today, tomorrow = (people_for(len(tab.spot_place), len(tab.cell_ride), law.size) for _ in range(2))
    rng = np.zeros(1, np.uint64)
    run_cohorts(law, *sections(tab), displaced, *desk_for(tab, law.size), today, tomorrow, rng, word, record)


def _generations(program: Program, counts: Floats, generations: int) -> Floats:
    """Return how many people have been created by the end of each age class (equal numbers in each)."""
    tab = program.tables
    mode = program.settings.spawn_mode
    if mode == "data":
        daily = float(tab.spawn_total.sum())
    elif mode == "pop_ratio":
        rate = program.settings.displaced_per_conflict_day
        daily = float((rate * tab.population * tab.spawn_factor).sum())
    else:
        daily = float(counts.sum())
    everybody = daily + float(tab.initial.sum())
    return np.ceil(everybody * np.arange(1, generations + 1) / generations)


def draw_attributes(program: Program, spawned: Floats, word: np.uint64) -> dict[str, Floats]:
    """Draw the case's attributes for everybody displaced, as the reference does at creation."""
    if not program.case.demographics:
        return {}
    from caudal.flow._attributes import attributes_of

    return attributes_of(program, spawned, word)
