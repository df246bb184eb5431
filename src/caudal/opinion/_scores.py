"""How well the pool foretells polls it has not seen, against what a newspaper reader would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit, ndtri

from caudal.opinion._archive import polls
from caudal.opinion._latent import Array, Latent, fit, noise_variance
from caudal.opinion._pool import has_trend, observations, poolable, targets
from caudal.opinion._schema import ANSWERS
from caudal.opinion._tables import president_named

__all__ = ["LEVELS", "held_out", "leave_one_house_out", "scores", "weighted_interval_score"]

#: The quantiles of a forecast: median and the 50, 80 and 95 % intervals.
LEVELS = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])

Progress = Callable[[int, int], None]


def weighted_interval_score(quantiles: Array, observed: Array) -> Array:
    """Return the weighted interval score of forecasts given by the quantiles `LEVELS`.

    Parameters
    ----------
    quantiles : ndarray, shape (n, 7)
        Forecast quantiles in points.
    observed : ndarray, shape (n,)
        What was observed.

    Returns
    -------
    ndarray, shape (n,)
        Twice the mean pinball loss, which equals the weighted interval score of Bracher and others (2021,
        doi 10.1371/journal.pcbi.1008618) for the median and three central intervals.
    """
    miss = observed[:, None] - quantiles
    return np.asarray(2 * np.maximum(LEVELS * miss, (LEVELS - 1) * miss).mean(axis=1), float)


def _predictive(model: Latent, frame: pl.DataFrame, answer: str) -> Array:
    """Quantiles, in points, of the printed figures of ``frame``'s polls: shape (polls, 7)."""
    mean, sd = model.answers(targets(frame), extra=True)
    noise = noise_variance(expit(mean), frame["n"].to_numpy().astype(float))
    total = np.sqrt(sd**2 + noise)
    return np.asarray(100 * expit(mean[:, None] + total[:, None] * ndtri(LEVELS)), float)


def held_out(
    issue: str = "immigration",
    *,
    president: str = "Trump 2",
    horizon: int = 30,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Forecast every poll from what was known ``horizon`` days before its fieldwork ended.

    Parameters
    ----------
    issue, president : str
        Whose polls.
    horizon : int
        Days ahead.
    progress : callable, optional
        Called with (done, all).

    Returns
    -------
    polars.DataFrame
        One row per poll, answer and method: ``house, field_end, answer, method, observed, new_house`` and the
        quantiles ``q0 … q6`` of `LEVELS`, in points. Baselines spread their own earlier errors around the
        last poll known (``last poll``), the mean of the last five, or the same house's last poll.
    """
    term = president_named(president).key
    frame = poolable(polls(issue, president=term)).filter(
        pl.col("approve").is_not_null() & pl.col("disapprove").is_not_null()
    )
    rows: list[dict[str, Any]] = []
    days = frame["field_end"].unique().sort().to_list()
    errors: dict[tuple[str, str], list[tuple[Any, float]]] = {}
    for done, day in enumerate(days):
        origin = day - timedelta(days=horizon)
        known = frame.filter(pl.col("known_on") <= origin)
        if has_trend(known):
            asked = frame.filter(pl.col("field_end") == day)
            for answer in ANSWERS:
                model = fit(observations(known, answer))
                rows += _rows(asked, answer, "pool", _predictive(model, asked, answer), known)
                for method, row, point in _baselines(known, asked, answer):
                    history = errors.setdefault((method, answer), [])
                    past = [e for when, e in history if when <= origin]
                    # Until ten of its errors are known a baseline gets the typical error of a poll.
                    sd = float(np.sqrt(np.mean(np.square(past)))) if len(past) >= 10 else 3.5
                    rows += _rows(row, answer, method, (point + sd * ndtri(LEVELS))[None, :], known)
                    history.append((row["known_on"][0], float(row[answer][0]) - point))
        if progress is not None:
            progress(done + 1, len(days))
    return pl.DataFrame(rows, infer_schema_length=None)


def _baselines(
    known: pl.DataFrame, asked: pl.DataFrame, answer: str
) -> Iterator[tuple[str, pl.DataFrame, float]]:
    ordered = known.sort("middle", "known_on", maintain_order=True)
    last = ordered[answer].to_numpy().astype(float)
    for i in range(asked.height):
        row = asked[i : i + 1]
        yield "last poll", row, float(last[-1])
        yield "mean of last five", row, float(last[-5:].mean())
        same = ordered.filter(pl.col("house") == row["house"][0])[answer]
        if len(same):
            yield "last poll of the house", row, float(same[-1])


def _rows(
    asked: pl.DataFrame, answer: str, method: str, quantiles: Array, known: pl.DataFrame
) -> list[dict[str, Any]]:
    seen = set(known["house"].to_list())
    return [
        {
            "house": row["house"], "field_end": row["field_end"], "answer": answer, "method": method,
            "observed": row[answer], "new_house": row["house"] not in seen,
            **{f"q{k}": float(q) for k, q in enumerate(quantiles[i])},
        }
        for i, row in enumerate(asked.iter_rows(named=True))
    ]  # fmt: skip


def scores(held: pl.DataFrame) -> pl.DataFrame:
    """Summarise the forecasts of `held_out`.

    Returns
    -------
    polars.DataFrame
        Per method and answer (and for both, ``"both"``): ``polls, wis, error`` (mean absolute error of the
        median), in points, ``coverage_50, coverage_80, coverage_95``, and ``wis_pool``: the pool's score on
        the same polls.
    """
    q = held.select([f"q{k}" for k in range(7)]).to_numpy()
    y = held["observed"].to_numpy()
    each = held.with_columns(
        wis=pl.Series(weighted_interval_score(q, y)),
        error=pl.Series(np.abs(y - q[:, 3])),
        coverage_50=pl.Series((y >= q[:, 2]) & (y <= q[:, 4])),
        coverage_80=pl.Series((y >= q[:, 1]) & (y <= q[:, 5])),
        coverage_95=pl.Series((y >= q[:, 0]) & (y <= q[:, 6])),
    ).with_row_index()
    key = ["house", "field_end", "answer", "observed"]
    pool = each.filter(pl.col("method") == "pool").group_by(key).agg(wis_pool=pl.col("wis").mean())
    each = each.join(pool, on=key, how="left")
    both = pl.concat([each, each.with_columns(answer=pl.lit("both"))])
    measures = ["wis", "wis_pool", "error", "coverage_50", "coverage_80", "coverage_95"]
    out = both.group_by("method", "answer").agg(pl.len().alias("polls"), pl.col(measures).mean())
    order = {m: i for i, m in enumerate(["pool", "last poll", "mean of last five", "last poll of the house"])}
    return out.sort(pl.col("method").replace_strict(order), "answer")


def leave_one_house_out(
    issue: str = "immigration", *, president: str = "Trump 2", progress: Progress | None = None
) -> pl.DataFrame:
    """Refit without each house in turn, to see whether the others' effects hold and its polls are foretold.

    Returns
    -------
    polars.DataFrame
        Per house left out and answer: ``polls`` it has, ``covered_80`` (share of its polls in the 80 %
        interval of a house never seen), ``others`` (houses left), ``others_moved_out`` (of which the effect
        left its 95 % interval of the full fit), ``largest_shift`` (in units of that interval's half width).
    """
    frame = poolable(polls(issue, president=president_named(president).key))
    rows: list[dict[str, Any]] = []
    names = frame["house"].unique().sort().to_list()
    for answer in ANSWERS:
        used = frame.filter(pl.col(answer).is_not_null())
        full = fit(observations(used, answer))
        mean, sd = full.effects(names)
        for done, house in enumerate(names):
            rest, own = used.filter(pl.col("house") != house), used.filter(pl.col("house") == house)
            model = fit(observations(rest, answer))
            keep = [i for i, name in enumerate(names) if name != house]
            moved, _ = model.effects([names[i] for i in keep])
            shift = np.abs(moved - mean[keep]) / (ndtri(0.975) * sd[keep])
            q, y = _predictive(model, own, answer), own[answer].to_numpy()
            rows.append(
                {
                    "left_out": house, "answer": answer, "polls": own.height,
                    "covered_80": float(((y >= q[:, 1]) & (y <= q[:, 5])).mean()),
                    "others": len(keep), "others_moved_out": int((shift > 1).sum()),
                    "largest_shift": float(shift.max()),
                }
            )  # fmt: skip
            if progress is not None:
                progress(done + 1 + len(names) * ANSWERS.index(answer), 2 * len(names))
    return pl.DataFrame(rows)
