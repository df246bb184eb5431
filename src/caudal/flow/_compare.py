"""Two ensembles side by side: paired scenarios, or two engines that should have the same law."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from caudal.flow._ensemble import Ensemble

__all__ = ["equality", "paired_differences"]


def paired_differences(base: Ensemble, other: Ensemble, day: int = -1) -> pl.DataFrame:
    """Return the difference in people per place on a day, paired by replicate, with a 90 % interval.

    Parameters
    ----------
    base, other : Ensemble
        Run together (`caudal.flow.run` with several programs), so that replicates share random numbers.
    day : int
        Day of the comparison; the last by default.
    """
    a, b = base.occupancy[:, day], other.occupancy[:, day]
    gap = b - a
    low, high = np.quantile(gap, [0.05, 0.95], axis=0)
    places = base.program.case.network.places
    return pl.DataFrame(
        {
            "place": [p.name for p in places],
            "kind": [p.kind for p in places],
            "base": a.mean(axis=0),
            "other": b.mean(axis=0),
            "difference": gap.mean(axis=0),
            "q05": low,
            "q95": high,
        }
    )


def equality(one: Ensemble, two: Ensemble, days: int = 20) -> dict[str, Any]:
    """Test whether two ensembles have the same distribution in every camp on a number of days.

    Returns
    -------
    dict
        ``rms_z`` (1 is expected under equality), ``largest_z``, ``holm`` (the least Holm-corrected p-value),
        ``tests``.
    """
    program = one.program
    chosen = np.unique(np.linspace(program.days // 20, program.days - 1, days).astype(int))
    camps = program.schedule.observed_places
    a, b = (x.occupancy[:, chosen][:, :, camps] for x in (one, two))
    se = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    z = ((a.mean(axis=0) - b.mean(axis=0)) / np.where(se > 0, se, 1.0))[se > 0]
    p = np.sort(2 * stats.norm.sf(np.abs(z)))
    holm = float(np.min(p * np.arange(len(p), 0, -1), initial=1.0))
    return {
        "rms_z": float(np.sqrt((z**2).mean())) if len(z) else 0.0,
        "largest_z": float(np.abs(z).max(initial=0.0)),
        "holm": min(1.0, holm),
        "tests": len(z),
    }
