"""The public scoreboard: how every model did, by level, horizon and window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import polars as pl

from caudal._core.dates import add_months
from caudal.forecast._backtest import HORIZON, Backtest
from caudal.forecast._dm import diebold_mariano
from caudal.forecast._panel import Array
from caudal.forecast._quantiles import MEDIAN
from caudal.forecast._scores import INTERVALS, inside, tail_score, wis

__all__ = ["DARIEN_EIGHT", "EVALUATION", "ORIGINS", "WINDOWS", "score_table", "upstream_scores"]

#: Targets from here on were seen by no choice of model or number before they were first scored.
EVALUATION = date(2020, 1, 1)
#: window → first and last target month
WINDOWS: dict[str, tuple[date, date]] = {
    "development": (date(2012, 2, 1), date(2019, 12, 1)),
    "evaluation": (EVALUATION, date(9999, 12, 1)),
}
#: window → first and last origin (last published month): where counts from Panama and Honduras can be read, the months
#: on which a model that reads them was chosen, and those nobody had looked at (`caudal.corridor`, decision 012).
ORIGINS: dict[str, tuple[date, date]] = {
    "origins 2021-06 to 2024-06": (date(2021, 6, 1), date(2024, 6, 1)),
    "origins from 2024-07": (date(2024, 7, 1), date(9999, 12, 1)),
}

#: The eight of CBP's groups with most Darién entries in 2022-2024.
DARIEN_EIGHT = ("BRA", "CHN", "COL", "ECU", "HTI", "IND", "PER", "VEN")
#: Added before logs, as in the upstream model: below some twenty a month growth is noise.
_C = 20.0


def score_table(found: Iterable[Backtest]) -> pl.DataFrame:
    """Return the scoreboard.

    Parameters
    ----------
    found : iterable of Backtest
        Of `backtest`.

    Returns
    -------
    polars.DataFrame
        One row per model, level, horizon (1 … 6, and 0 for all together) and window (`WINDOWS` by month of the
        target, `ORIGINS` by the last month known):
        ``relative_wis`` (to naive, sums over rows and origins, natural counts), ``relative_wis_log`` (the same of
        log(1 + count)), ``relative_wis_gaussian`` (to the textbook random walk), ``relative_tail`` (quantiles from 0.9
        upwards), ``coverage_50``, ``coverage_80``, ``coverage_95``, ``dm_naive``, ``dm_gaussian`` (p-values of
        Diebold-Mariano tests, two-sided), ``wis``, ``mae`` (means; of the median), ``n`` (outcomes).
    """
    return pl.DataFrame([row for one in found for row in _rows(one)], infer_schema_length=None)


def _rows(one: Backtest) -> Iterator[dict[str, object]]:
    panel = one.system.panel
    named = [location.partition("/")[0] for location in panel.locations]
    scores = {
        name: _Scored(quantiles, one.quantiles["naive"], one.outcomes)
        for name, quantiles in one.quantiles.items()
    }
    targets = np.array(
        [[add_months(origin, h).toordinal() for h in range(1, HORIZON + 1)] for origin in one.origins]
    )
    for level in dict.fromkeys(named):
        rows = np.array([own == level for own in named])
        for window, within in _windows(one, targets):
            for horizon in range(HORIZON + 1):
                cells = within.copy()
                if horizon:
                    cells[:, np.arange(HORIZON) != horizon - 1] = False
                mask = cells[:, None, :] & rows[None, :, None] & np.isfinite(scores["naive"].natural)
                if not mask.any():
                    continue
                for name, scored in scores.items():
                    # A model that says what naive says throughout does not cover the level: no row.
                    if name == "naive" or not scored.same[mask].all():
                        head = {"model": name, "level": level, "horizon": horizon, "window": window}
                        yield head | _summed(scored, scores, mask, horizon or HORIZON)


def _windows(one: Backtest, targets: Array) -> Iterator[tuple[str, np.ndarray]]:
    """Yield windows and which (origin, horizon) are in them."""
    for window, (first, last) in WINDOWS.items():
        yield window, (targets >= first.toordinal()) & (targets <= last.toordinal())
    for window, (first, last) in ORIGINS.items():
        within = np.array([first <= origin <= last for origin in one.origins])
        yield window, np.repeat(within[:, None], targets.shape[1], axis=1)


class _Scored:
    """Scores of one model, shape ``(origins, rows, horizon)`` each, and where it says what naive says."""

    def __init__(self, quantiles: Array, naive: Array, outcomes: Array) -> None:
        self.same = (quantiles == naive).all(axis=-1)
        self.error = np.abs(quantiles[..., MEDIAN] - outcomes)
        self.natural = wis(quantiles, outcomes)
        self.log = wis(np.log1p(quantiles), np.log1p(outcomes))
        self.tail = tail_score(quantiles, outcomes)
        self.inside = {coverage: inside(quantiles, outcomes, coverage) for coverage in INTERVALS}


def _summed(scored: _Scored, scores: dict[str, _Scored], mask: np.ndarray, steps: int) -> dict[str, object]:
    naive, gaussian = scores["naive"], scores["gaussian"]
    row: dict[str, object] = {
        "relative_wis": _ratio(scored.natural, naive.natural, mask),
        "relative_wis_log": _ratio(scored.log, naive.log, mask),
        "relative_wis_gaussian": _ratio(scored.natural, gaussian.natural, mask),
        "relative_tail": _ratio(scored.tail, naive.tail, mask),
    }
    for coverage in INTERVALS:
        row[f"coverage_{round(100 * coverage)}"] = float(scored.inside[coverage][mask].mean())
    for name, other in (("naive", naive), ("gaussian", gaussian)):
        difference = np.where(mask, scored.natural - other.natural, 0.0).sum(axis=(1, 2))
        kept = mask.any(axis=(1, 2))
        row[f"dm_{name}"] = diebold_mariano(difference[kept], steps)[1]
    row["mae"] = float(scored.error[mask].mean())
    row["wis"] = float(scored.natural[mask].mean())
    row["n"] = int(mask.sum())
    return row


def _ratio(mine: Array, other: Array, mask: np.ndarray) -> float:
    below = float(other[mask].sum())
    return float(mine[mask].sum()) / below if below > 0 else float("nan")


def upstream_scores(one: Backtest) -> pl.DataFrame:
    """Return how the upstream model did on the eight citizenships it is made for, targets 2022-2024.

    Parameters
    ----------
    one : Backtest
        Of the system ``southwest``, with the model ``upstream``.

    Returns
    -------
    polars.DataFrame
        ``horizon``, ``relative_log_mae`` (mean absolute error of the median in log(20 + count), relative to that of the
        last published value), ``n``.
    """
    names = [location.partition("/")[2] for location in one.system.panel.locations]
    rows = [i for i, name in enumerate(names) if name in DARIEN_EIGHT]
    medians = np.log(one.quantiles["upstream"][..., MEDIAN][:, rows] + _C)
    came, last = np.log(one.outcomes[:, rows] + _C), np.log(one.starts[:, rows] + _C)
    found = []
    for h in range(1, HORIZON + 1):
        within = [2022 <= add_months(origin, h).year <= 2024 for origin in one.origins]
        mine = np.abs(medians - came)[within][:, :, h - 1]
        known = np.isfinite(mine)
        base = np.abs(last[within] - came[within][:, :, h - 1])
        found.append(
            {
                "horizon": h,
                "relative_log_mae": float(mine[known].sum() / base[known].sum()),
                "n": int(known.sum()),
            }
        )
    return pl.DataFrame(found)
