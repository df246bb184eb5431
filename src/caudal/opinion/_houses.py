"""House effects, and answers by party as published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit

from caudal.opinion._archive import polls
from caudal.opinion._latent import Targets
from caudal.opinion._pool import Z, pool
from caudal.opinion._schema import GROUPS

__all__ = ["crosstabs", "houses"]


def houses(
    issue: str = "immigration",
    *,
    as_of: str | date | None = None,
    president: str | None = None,
    own: Sequence[Path] = (),
) -> pl.DataFrame:
    """Return how each house differs from the average house.

    Returns
    -------
    polars.DataFrame
        ``house, answer, polls, effect, lower_95, lower_80, upper_80, upper_95``: points of 100 at the pooled
        level, houses with most polls first; empty where no trend can be estimated.
    """
    pooled = pool(issue, as_of=as_of, president=president, own=own)
    rows: list[dict[str, Any]] = []
    for answer, model in pooled.models.items():
        used = pooled.polls.filter(pl.col(answer).is_not_null())
        counts = used.group_by("house").len().sort(["len", "house"], descending=[True, False])
        names = counts["house"].to_list()
        mean, sd = model.effects(names)
        level, _ = model.answers(Targets.level(np.array([float(pooled.date.toordinal())])))
        base = expit(level[0])
        at = {k: 100 * (expit(level[0] + mean + z * sd) - base) for k, z in _BOUNDS.items()}
        rows += [
            {"house": name, "answer": answer, "polls": count, **{k: float(v[i]) for k, v in at.items()}}
            for i, (name, count) in enumerate(counts.iter_rows())
        ]
    kinds = {"house": pl.String, "answer": pl.String, "polls": pl.Int64} | dict.fromkeys(_BOUNDS, pl.Float64)
    return pl.DataFrame(rows, schema=kinds)


_BOUNDS = {"effect": 0.0, "lower_95": -Z[95], "lower_80": -Z[80], "upper_80": Z[80], "upper_95": Z[95]}


def crosstabs(
    issue: str = "immigration",
    *,
    as_of: str | date | None = None,
    president: str | None = None,
    own: Sequence[Path] = (),
) -> pl.DataFrame:
    """Return answers by party as published.

    Returns
    -------
    polars.DataFrame
        ``president, house, published, field_end, population, group, approve, disapprove, status, address``.
    """
    frame = polls(issue, president=president, as_of=as_of, own=own)
    common = ["president", "house", "published", "field_end", "field_month", "population"]
    parts = [
        frame.select(
            *common,
            group=pl.lit(name),
            approve=pl.col(f"{group}_approve"),
            disapprove=pl.col(f"{group}_disapprove"),
            status="status",
            address="address",
        )
        for group, name in GROUPS.items()
    ]
    day = pl.coalesce("published", "field_end", pl.col("field_month").str.to_date("%Y-%m").dt.month_end())
    rows = pl.concat(parts).filter(pl.col("approve").is_not_null() | pl.col("disapprove").is_not_null())
    return rows.sort("president", day, "house", "group")
