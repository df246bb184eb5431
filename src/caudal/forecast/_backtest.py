"""Rolling origins: what every model would have said, month by month, and what came."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from caudal._core.dates import month_range, parse_month
from caudal._core.errors import NotKnownError, OptionError
from caudal._core.executor import executor as new_executor
from caudal.figures import Archive, open_archive
from caudal.forecast._panel import Array, Panel
from caudal.forecast._past import cache_directory, marginals_of
from caudal.forecast._quantiles import LEVELS
from caudal.forecast._run import DEFAULT_SEED, sample_paths
from caudal.forecast._systems import System, system_of, systems
from caudal.forecast.models import model, offered

__all__ = ["DEFAULT", "HORIZON", "PUBLISHED", "SHORTEST", "Backtest", "backtest"]

HORIZON = 6
#: The model that `run` uses, and the names under which models are scored after their paths were made to add up.
DEFAULT = "calibrated"
PUBLISHED = {"published": DEFAULT, "ensemble-published": "ensemble"}
#: Months of record before a row is scored.
SHORTEST = 24
#: Models that read the forecasts of others: they come last, when those are in the cache.
_LATER = ("ensemble", "calibrated")
_SAMPLES = 1000
_CHUNK = 6

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Backtest:
    """Forecasts of one system from rolling origins.

    Attributes
    ----------
    system : System
        What was forecast.
    origins : tuple of datetime.date
        The last published month of each forecast.
    quantiles : dict of str to numpy.ndarray
        Model to counts, shape ``(origins, rows, 6, 23)``; NaN where a row had fewer than 24 months of record.
    outcomes : numpy.ndarray
        What came, as the archive has it now, shape ``(origins, rows, 6)``; NaN where not yet known.
    starts : numpy.ndarray
        The last published count at each origin, shape ``(origins, rows)``.
    """

    system: System
    origins: tuple[date, ...]
    quantiles: dict[str, Array]
    outcomes: Array
    starts: Array


def backtest(
    models: Sequence[str] = (),
    *,
    first: str = "2012-01",
    last: str | None = None,
    which: Sequence[str] = (),
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    directory: Path | None = None,
    archive: Archive | None = None,
) -> list[Backtest]:
    """Make every forecast again, as of every month, from what was known then.

    Parameters
    ----------
    models : sequence of str
        Names of models; default all, those offered by other rooms and packages included. ``"naive"`` and
        ``"gaussian"`` are always made: they are what scores are relative to. `PUBLISHED` says
        under which names added-up paths are scored besides.
    first, last : str
        First and last origin (``"2012-01"``); default to the last month with an outcome.
    which : sequence of str
        Systems; default all.
    workers : int, optional
        Processes; default one per core. Results do not depend on it.
    executor : concurrent.futures.Executor, optional
        Where to run instead of processes of our own.
    progress : callable, optional
        Called with (done, all, name) as work goes on.
    directory : pathlib.Path, optional
        Where forecasts are kept between runs; see `caudal.forecast._past.cache_directory`. An interrupted run goes on.
    archive : Archive, optional
        Where to look.

    Raises
    ------
    OptionError
        When a name or a month does not fit.
    """
    names = list(dict.fromkeys(["naive", "gaussian", *(models or offered())]))
    names = list(dict.fromkeys(PUBLISHED.get(name, name) for name in names))
    for name in names:
        model(name)
    chosen = list(which) or systems()
    for name in chosen:
        if name not in systems():
            raise OptionError(f"{name!r} is not a system", remedy=f"Known: {', '.join(systems())}")
    kept = directory or cache_directory() / "forecast"
    held = archive or open_archive()
    found = [system_of(name, held) for name in chosen]
    with _pool(executor, workers) as pool:
        return [_one(system, names, first, last, pool, progress, kept) for system in found]


def _pool(pool: Executor | None, workers: int | None) -> AbstractContextManager[Executor | None]:
    count = workers if workers is not None else (os.cpu_count() or 1)
    if count < 1:
        raise OptionError(f"{count} workers do nothing", where="--workers", remedy="At least 1")
    if pool is not None or count == 1:
        return nullcontext(pool)
    return new_executor(count, processes=True)


def _one(
    system: System,
    names: list[str],
    first: str,
    last: str | None,
    pool: Executor | None,
    progress: Progress | None,
    directory: Path,
) -> Backtest:
    panel = system.panel
    months = list(panel.months[SHORTEST - 1 : -1])
    end = parse_month(last, option="--to") if last else months[-1]
    begin = parse_month(first, option="--from")
    origins = tuple(month for month in months if begin <= month <= end)
    if not origins:
        raise NotKnownError(f"no origin of {system.name} lies between {first} and {last or 'now'}")
    panels = [system.at(month) for month in origins]
    early = [name for name in names if name not in _LATER]
    late = [name for name in names if name in _LATER]
    quantiles: dict[str, Array] = {}
    total = len(names) * len(origins)
    done = 0
    for group in (early, late):
        jobs = [
            (name, start, panels[start : start + _CHUNK])
            for name in group
            for start in range(0, len(origins), _CHUNK)
        ]
        for name, start, made in _computed(jobs, pool, directory):
            whole = quantiles.setdefault(name, np.full((len(origins), *made.shape[1:]), np.nan))
            whole[start : start + len(made)] = made
            done += len(made)
            if progress:
                progress(done, total, f"{system.name}: {name}")
    for added, name in PUBLISHED.items():
        if name in quantiles:
            made = zip(panels, quantiles[name], strict=True)
            quantiles[added] = np.stack([_published(known, own) for known, own in made])
    seen = np.stack([(~np.isnan(known.values)).sum(axis=1) >= SHORTEST for known in panels])
    for name, made in quantiles.items():
        quantiles[name] = np.where(seen[:, :, None, None], made, np.nan)
    starts = np.stack([np.nan_to_num(known.values[:, -1]) for known in panels])
    return Backtest(system, origins, quantiles, _came(panel, origins), starts)


def _computed(jobs: list[tuple[str, int, list[Panel]]], pool: Executor | None, directory: Path):  # type: ignore[no-untyped-def]
    if pool is None:
        for name, start, panels in jobs:
            yield name, start, _chunk(name, panels, directory)
        return
    waiting: dict[Future[Array], tuple[str, int]] = {
        pool.submit(_chunk, name, panels, directory): (name, start) for name, start, panels in jobs
    }
    try:
        for future in as_completed(waiting):
            yield *waiting[future], future.result()
    except BaseException:
        for future in waiting:
            future.cancel()
        raise


def _chunk(name: str, panels: list[Panel], directory: Path) -> Array:
    return np.stack([marginals_of(name, panel, HORIZON, directory) for panel in panels])


def _published(panel: Panel, made: Array) -> Array:
    paths = sample_paths(panel, made, _SAMPLES, DEFAULT_SEED)
    return np.moveaxis(np.quantile(paths, LEVELS, axis=1), 0, -1)


def _came(panel: Panel, origins: tuple[date, ...]) -> Array:
    place = {month: i for i, month in enumerate(month_range(panel.first, panel.last))}
    found = np.full((len(origins), len(panel.locations), HORIZON), np.nan)
    for i, origin in enumerate(origins):
        for h in range(1, HORIZON + 1):
            if place[origin] + h < panel.values.shape[1]:
                found[i, :, h - 1] = panel.values[:, place[origin] + h]
    return found
