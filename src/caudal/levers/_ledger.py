"""The ledger: scenarios dated before an event, scored after it. What failed is shown.

Every case uses only what was known on its day: figures, studies and published priors. Its levers are the event as a
reader of that day could have set it. Recorded encounters of the months after month 0 score baseline and scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from caudal import corridor, figures
from caudal._core.dates import add_months, month_label
from caudal._core.errors import NotKnownError
from caudal._core.tables import declared
from caudal.levers._run import Result, run
from caudal.levers._scenario import Scenario

__all__ = ["Score", "ledger"]


@dataclass(frozen=True)
class Score:
    """One case and whom it counts.

    Attributes
    ----------
    case, event, as_of, group : str
        ``group`` is a class of the corridor, or ``everyone``.
    months : str
        First and last month scored.
    recorded, baseline, scenario : float or None
        Encounters over these months; medians of the draws. None when it could not be computed.
    interval_80 : (float, float) or None
        Of the scenario.
    log_error_baseline, log_error_scenario : float or None
        Logarithm of said over recorded.
    inside : bool or None
        Whether the recorded lies in the interval.
    nearer : str
        ``scenario`` or ``baseline``; empty when it could not be computed.
    note : str
        Why it could not be computed.
    """

    case: str
    event: str
    as_of: str
    group: str
    months: str
    recorded: float | None
    baseline: float | None
    scenario: float | None
    interval_80: tuple[float, float] | None
    log_error_baseline: float | None
    log_error_scenario: float | None
    inside: bool | None
    nearer: str
    note: str = ""


def ledger(*, draws: int = 40, seed: int = 1, progress: Callable[[str], None] | None = None) -> list[Score]:
    """Return the score of every declared case.

    Parameters
    ----------
    draws, seed : int
        See `run`.
    progress : callable, optional
        Told the name of each case as it begins.
    """
    found: list[Score] = []
    for row in declared("caudal.levers", "ledger.csv"):
        if progress:
            progress(row["case"])
        found += _scored(row, draws, seed)
    return found


def _scored(row: dict[str, str], draws: int, seed: int) -> list[Score]:
    day, first = date.fromisoformat(row["as_of"]), date.fromisoformat(row["first"])
    scored = [month_label(add_months(first, k + 1)) for k in range(int(row["months"]))]
    span = f"{scored[0]} to {scored[-1]}"
    try:
        scenario = Scenario(row["case"], day, 6)
        for word in row["levers"].split(";"):
            name, _, value = word.partition("=")
            degree, _, targets = value.partition("@")
            more = {"targets": targets.split("|")} if targets else {}
            scenario = scenario.with_levers(**{name: {"degree": degree, "from": first, **more}})
        result = run(scenario, draws=draws, seed=seed)
    except NotKnownError as error:
        empty = (None, None, None, None, None, None, None)
        return [Score(row["case"], row["event"], row["as_of"], row["class"], span, *empty, "", str(error))]
    return [_score(row, result, scored, group) for group in (row["class"], "everyone")]


def _score(row: dict[str, str], result: Result, scored: list[str], group: str) -> Score:
    at = [result.months.index(m) for m in scored]
    if group == "everyone":
        before, after = result.baseline["encounters"], result.changed["encounters"]
    else:
        before, after = result.groups[group]
    base, said = before[:, at].sum(axis=1), after[:, at].sum(axis=1)
    recorded = _recorded(group, scored)
    low, high = (float(q) for q in np.quantile(said, [0.1, 0.9]))
    off_base = float(np.log(np.median(base) / recorded))
    off_said = float(np.log(np.median(said) / recorded))
    return Score(
        row["case"], row["event"], row["as_of"], group, f"{scored[0]} to {scored[-1]}", recorded,
        float(np.median(base)), float(np.median(said)), (low, high), off_base, off_said, low <= recorded <= high,
        "scenario" if abs(off_said) < abs(off_base) else "baseline",
    )  # fmt: skip


def _recorded(group: str, months: list[str]) -> float:
    where = {}
    if group != "everyone":
        held = corridor.classes().filter(**{"class": group})["citizenships"].item()
        where = {"citizenship": held.split("|") if isinstance(held, str) else list(held)}
    frame = figures.series("sw-encounters", where=where, period=(months[0], months[-1]))
    return float(frame["value"].sum())
