"""An ensemble on disk: parts as they are finished, then tidy parquet. Interrupt it and run it again to go on.

``run.yml`` says what was run; parts that are complete are not run again, and a different case, setting, seed or
engine is refused rather than mixed. Nothing that varies between runs (times, machine) goes into a file, so equal
runs are equal
bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from caudal._core.errors import StoreError
from caudal._core.executor import executor as make_executor
from caudal._core.executor import in_order
from caudal.flow._ensemble import Batch, Ensemble, Job, Summary, jobs, run_job
from caudal.flow._program import Program
from caudal.flow._replicate import Options
from caudal.flow._scores import ERRORS

__all__ = ["fingerprint", "run_to"]

Array = npt.NDArray[Any]
Progress = Callable[[int, int], None]
_KEPT = ("occupancy", "on_link", "entered", "spawned")


def run_to(
    directory: str | Path,
    program: Program,
    *,
    replicates: int = 1,
    seed: int = 1,
    options: Options | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Ensemble:
    """Run an ensemble into a directory, going on from what is already there, and return it.

    Parameters
    ----------
    directory : path
        Where parts and results go; made if needed.
    program, replicates, seed, options, executor, workers, progress
        As for `caudal.flow.run`.

    Raises
    ------
    StoreError
        When the directory holds another run.
    """
    options = options or Options()
    root = Path(directory)
    parts = root / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    _claim(root / "run.yml", program, replicates, seed, options)
    todo = jobs(program, replicates, seed, options, keep=True)
    missing = [job for job in todo if not (parts / _name(job)).is_file()]
    context: Any = nullcontext(executor) if executor is not None else make_executor(workers)
    count = sum(job.last - job.first for job in todo if job not in missing)
    total = sum(job.last - job.first for job in todo)
    with context as pool:
        results = in_order(pool, run_job, missing, ahead=4 * max(workers, 4))
        for job, batch in zip(missing, results, strict=True):
            _write_part(parts / _name(job), batch)
            count += job.last - job.first
            if progress is not None:
                progress(count, total)
    batches = [_read_part(parts / _name(job)) for job in todo]
    summaries = [s for batch in batches for s in batch.summaries]
    return Ensemble(program, seed, summaries, batches)


def fingerprint(program: Program) -> str:
    """Return a digest of everything in a compiled case that results depend on."""
    digest = hashlib.sha256()
    for array in (*program.tables, program.schedule.observed, program.schedule.raw):
        digest.update(str(array.dtype).encode() + str(array.shape).encode() + array.tobytes())
    digest.update(repr(program.settings).encode() + program.compat.encode())
    return digest.hexdigest()


def _claim(path: Path, program: Program, replicates: int, seed: int, options: Options) -> None:
    about = {
        "case": program.case.name,
        "fingerprint": fingerprint(program),
        "days": program.days,
        "seed": seed,
        "compat": program.compat,
        "options": asdict(options),
    }
    if path.is_file():
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        found.pop("replicates", None)
        if found != about:
            different = sorted(k for k in about if found.get(k) != about[k])
            raise StoreError(
                f"holds another run (different {', '.join(different)})",
                where=str(path.parent),
                remedy="Choose another directory with -o, or delete this one",
            )
    path.write_text(yaml.safe_dump({**about, "replicates": replicates}), encoding="utf-8")


def _name(job: Job) -> str:
    return f"{job.first:06d}-{job.last:06d}.npz"


def _write_part(path: Path, batch: Batch) -> None:
    """Write a part and put it in place in one step, so that a part that is there is whole."""
    arrays = {name: getattr(batch, name) for name in _KEPT}
    for s in batch.summaries:
        arrays[f"summary{s.replicate}"] = np.array(
            [s.people, s.states, *(s.errors.get(e, np.nan) for e in ERRORS)]
        )
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)
    temporary.replace(path)


def _read_part(path: Path) -> Batch:
    try:
        with np.load(path) as data:
            arrays = {name: data[name] for name in _KEPT}
            rows = {int(k[7:]): data[k] for k in data.files if k.startswith("summary")}
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(
            f"cannot be read ({error})", where=str(path), remedy="Delete it and run again"
        ) from None
    summaries = tuple(
        Summary(i, _errors(row[2:]), float(row[0]), 0.0, int(row[1])) for i, row in sorted(rows.items())
    )
    return Batch(min(rows), summaries, **arrays)


def _errors(row: Array) -> dict[str, float]:
    return {} if np.isnan(row[0]) else dict(zip(ERRORS, map(float, row), strict=True))
