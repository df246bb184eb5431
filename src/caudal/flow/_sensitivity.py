"""Which settings matter: Sobol indices of the validation error, by SALib (Saltelli's sampling)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np

from caudal._core.errors import OptionError
from caudal.flow._calibrate import objective, simulate
from caudal.flow._program import compile_case
from caudal.flow._replicate import Options
from caudal.network import FleeCase

__all__ = ["sensitivity"]


def sensitivity(
    case: FleeCase,
    ranges: Mapping[str, tuple[float, float]],
    *,
    samples: int = 64,
    replicates: int = 1,
    seed: int = 1,
    options: Options | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Return first-order and total Sobol indices of the rescaled error with 95 % intervals.

    Parameters
    ----------
    case : FleeCase
        The case.
    ranges : mapping
        Setting → (low, high), taken as uniform and independent.
    samples : int
        Base samples, a power of two; ``samples × (settings + 2)`` runs are made.
    replicates, seed, options, executor, workers, progress
        As for `caudal.flow.calibrate`.

    Raises
    ------
    OptionError
        Without SALib (extra ``caudal[sensitivity]``), or when ``samples`` is not a power of two.
    """
    try:
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    except ImportError:
        raise OptionError("sensitivity needs SALib", remedy="pip install 'caudal[sensitivity]'") from None
    if samples < 2 or samples & (samples - 1):
        raise OptionError(f"{samples} samples is not a power of two", remedy="Use 32, 64, 128, …")
    names = list(ranges)
    problem = {"num_vars": len(names), "names": names, "bounds": [list(ranges[n]) for n in names]}
    points = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    registered = compile_case(case).schedule.observed.astype(float)
    options = options or Options(engine="expected")
    pool = executor or ThreadPoolExecutor(workers)
    try:
        jobs = [
            pool.submit(
                simulate, case, dict(zip(names, map(float, x), strict=True)), replicates, seed, options
            )
            for x in points
        ]
        errors = np.empty(len(points))
        for i, job in enumerate(jobs):
            errors[i] = objective(job.result(), registered)
            if progress is not None:
                progress(i + 1, len(points))
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)
    found = analysis.analyze(problem, errors, calc_second_order=False, seed=seed)
    return [
        {
            "setting": name,
            "first_order": float(found["S1"][i]),
            "first_order_ci": float(found["S1_conf"][i]),
            "total": float(found["ST"][i]),
            "total_ci": float(found["ST_conf"][i]),
        }
        for i, name in enumerate(names)
    ]
