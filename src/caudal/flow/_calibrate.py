"""Calibration of chosen settings by simulation, with cross-validation over camps or time.

Registrations are noisy and seeds are too, so the search compares settings on the same seeds (common random
numbers) and settles on the expected-flow engine or on means over replicates. Search: a Latin hypercube,
then shrinking boxes around the best (no gradients, no assumption on the shape). Cross-validation fits on
some camps (or on the first part of the period) and scores on the rest; the gain that survives there is the
one to believe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc

from caudal._core.errors import OptionError, did_you_mean
from caudal.flow._program import compile_case
from caudal.flow._replicate import Options, run_once
from caudal.network import FleeCase, FleeSettings

__all__ = ["Calibration", "Fold", "calibrate", "folds_of", "objective"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

#: What is calibrated when nothing is said: the settings users of the reference vary, with their usual ranges.
RANGES: dict[str, tuple[float, float]] = {
    "default_movechance": (0.05, 0.8),
    "conflict_weight": (0.05, 1.0),
    "camp_weight": (0.5, 8.0),
    "foreign_weight": (0.5, 4.0),
    "max_move_speed": (60.0, 600.0),
    "camp_movechance": (0.0001, 0.02),
    "softening": (1.0, 100.0),
    "distance_power": (0.3, 2.0),
}


@dataclass(frozen=True)
class Fold:
    """One split: camps (columns) and days (rows) to fit on, and those to score on."""

    name: str
    fit: tuple[Any, Any]
    score: tuple[Any, Any]


@dataclass(frozen=True)
class Calibration:
    """What came out.

    Parameters
    ----------
    settings : FleeSettings
        The best on everything.
    values : dict of str to float
        The calibrated settings.
    before, after : float
        Rescaled error with the case's own settings and with the best.
    folds : list of dict
        Per fold: error on what was held out, with the case's own settings and with those fitted on the rest.
    tried : list of dict
        Every setting tried on the whole data, with its error.
    """

    settings: FleeSettings
    values: dict[str, float]
    before: float
    after: float
    folds: list[dict[str, Any]]
    tried: list[dict[str, float]]


def objective(simulated: Floats, registered: Floats) -> float:
    """Return the rescaled error of simulated against registered people (days, camps)."""
    total, people = registered.sum(axis=1), simulated.sum(axis=1)
    scale = np.divide(total, people, out=np.zeros(len(people)), where=people > 0)
    gap = np.abs(simulated * scale[:, None] - registered).sum(axis=1)
    return float((gap / np.maximum(total, 1.0)).mean())


def folds_of(camps: int, days: int, kind: Literal["camps", "time", "none"], parts: int = 3) -> list[Fold]:
    """Return the splits of cross-validation.

    Parameters
    ----------
    camps, days : int
        Size of the registrations.
    kind : {"camps", "time", "none"}
        Hold out groups of camps, or what comes after a growing first part of the period.
    parts : int
        How many.
    """
    every_day, every_camp = np.arange(days), np.arange(camps)
    if kind == "camps":
        groups = [every_camp[i::parts] for i in range(min(parts, camps))]
        return [
            Fold(
                f"camps {i + 1}/{len(groups)}",
                (every_day, np.setdiff1d(every_camp, group)),
                (every_day, group),
            )
            for i, group in enumerate(groups)
            if len(group) < camps
        ]
    if kind == "time":
        cuts = [days * (i + 1) // (parts + 1) for i in range(parts)]
        return [
            Fold(f"from day {cut}", (every_day[:cut], every_camp), (every_day[cut:], every_camp))
            for cut in cuts
        ]
    return []


def calibrate(
    case: FleeCase,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    *,
    trials: int = 120,
    replicates: int = 1,
    seed: int = 1,
    options: Options | None = None,
    folds: Literal["camps", "time", "none"] = "camps",
    executor: Executor | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Calibration:
    """Fit settings to registrations.

    Parameters
    ----------
    case : FleeCase
        With its own settings as the starting point.
    ranges : mapping, optional
        Setting → (low, high); see ``RANGES`` for the default.
    trials : int
        Settings tried.
    replicates : int
        Replicates per setting (1 is enough at full size).
    seed : int
        The same seeds are used for every setting.
    options : Options, optional
        Engine; expected flow by default.
    folds : {"camps", "time", "none"}
        How the fit is cross-validated.
    executor, workers
        Where to run; threads of this process by default.
    progress : callable, optional
        Called with settings tried and in all.
    """
    chosen = dict(
        ranges or {"default_movechance": RANGES["default_movechance"], "conflict_weight": (0.05, 1.0)}
    )
    known = [f.name for f in fields(FleeSettings)]
    for name, (low, high) in chosen.items():
        if name not in known:
            raise OptionError(f"there is no setting {name!r}", remedy=did_you_mean(name, known))
        if not low < high:
            raise OptionError(f"the range of {name} is empty ({low} to {high})")
    options = options or Options(engine="expected")
    pool = executor or ThreadPoolExecutor(workers)
    try:
        return _search(case, chosen, trials, replicates, seed, options, folds, pool, progress)
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)


def simulate(
    case: FleeCase, values: Mapping[str, float], replicates: int, seed: int, options: Options
) -> Floats:
    """Return mean people in camps (days, camps) under changed settings."""
    whole = {f.name for f in fields(FleeSettings) if f.type == "int"}
    given = {k: round(v) if k in whole else float(v) for k, v in values.items()}
    program = compile_case(case, settings=case.settings.changed(**given))
    runs = [
        run_once(program, np.random.SeedSequence(seed, spawn_key=(i,)), options).occupancy
        for i in range(replicates if options.engine != "expected" else 1)
    ]
    return np.asarray(np.mean(runs, axis=0)[:, program.schedule.observed_places])


def _search(
    case: FleeCase,
    ranges: dict[str, tuple[float, float]],
    trials: int,
    replicates: int,
    seed: int,
    options: Options,
    folds: Literal["camps", "time", "none"],
    pool: Executor,
    progress: Progress | None,
) -> Calibration:
    registered = compile_case(case).schedule.observed.astype(float)
    names = list(ranges)
    low, high = (np.array([ranges[n][i] for n in names], dtype=float) for i in (0, 1))
    own = np.clip([float(getattr(case.settings, n)) for n in names], low, high)
    rng = np.random.default_rng(seed)
    points, results = [own], [simulate(case, {}, replicates, seed, options)]
    rounds = max(1, min(4, trials // (8 * len(names))))
    for stage in range(rounds):
        size = trials // rounds
        unit = qmc.LatinHypercube(len(names), rng=rng).random(size)
        if stage:
            centre = points[int(np.argmin([objective(r, registered) for r in results]))]
            half = (high - low) * 0.5 * 0.4**stage
            box = np.clip(centre - half, low, high), np.clip(centre + half, low, high)
        else:
            box = low, high
        batch = [box[0] + u * (box[1] - box[0]) for u in unit]
        jobs = [
            pool.submit(
                simulate, case, dict(zip(names, map(float, x), strict=True)), replicates, seed, options
            )
            for x in batch
        ]
        for x, job in zip(batch, jobs, strict=True):
            points.append(x)
            results.append(job.result())
            if progress is not None:
                progress(len(points) - 1, size * rounds)
    errors = np.array([objective(r, registered) for r in results])
    best = int(errors.argmin())
    values = dict(zip(names, map(float, points[best]), strict=True)) if best else {}
    tried = [
        {**dict(zip(names, map(float, x), strict=True)), "error_rescaled": float(e)}
        for x, e in zip(points, errors, strict=True)
    ]
    scored = [
        _score(fold, results, registered) for fold in folds_of(registered.shape[1], len(registered), folds)
    ]
    return Calibration(
        case.settings.changed(**values), values, float(errors[0]), float(errors[best]), scored, tried
    )


def _score(fold: Fold, results: Sequence[Floats], registered: Floats) -> dict[str, Any]:
    """Choose on the fitted part among everything tried, and report the error on the rest."""
    fit, held = np.ix_(*fold.fit), np.ix_(*fold.score)
    best = int(np.argmin([objective(r[fit], registered[fit]) for r in results]))
    before, after = (
        objective(results[0][held], registered[held]),
        objective(results[best][held], registered[held]),
    )
    return {"fold": fold.name, "before": before, "after": after, "gain": before - after}
