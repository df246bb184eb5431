"""Event studies: how far encounters of an exposed group left what unexposed groups, a model or the season would say.

The status of every row is set by `status_of` and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from threadpoolctl import threadpool_limits

from caudal import figures
from caudal._core.dates import parse_day
from caudal._core.errors import NotKnownError, OptionError, did_you_mean
from caudal._core.tables import declared
from caudal.levers._contrast import contrast_gap, contrast_rows
from caudal.levers._estimators import STEPS, Gap
from caudal.levers._events import Event, event
from caudal.levers._panel import Panel, citizenship_panel, family_panel
from caudal.levers._pool import HORIZONS, Pool
from caudal.levers._status import Status, status_of

__all__ = ["Evidence", "Study", "evidence", "null_test", "studies", "study_gap"]

_ROOM = "caudal.levers"


@dataclass(frozen=True)
class Study:
    """One group exposed by one event, as one measure counts it."""

    event: Event
    group: str
    measure: str
    unit: str
    design: str

    @property
    def era(self) -> str:
        """Which placebos it is held against."""
        return "early" if self.event.month < date(2020, 3, 1) else "recent"


@dataclass(frozen=True)
class Evidence:
    """One effect at one horizon.

    Attributes
    ----------
    event, group, measure : str
        What, whom, as what counts them.
    horizon_months : int
        Months after month 0.
    effect : float
        Median of the three estimators, natural logarithm: −0.69 is half.
    interval_80 : (float, float)
        The effect give or take the 80 % quantile of absolute placebo effects.
    p_space, p_time : float or None
        Rank among controls at the same date, and of the same group at other dates; None when too few.
    pre_rmse : float or None
        Root mean square error of the synthetic control before; None without controls.
    spread : float
        Largest minus smallest of the estimators.
    minimum_detectable : float
        Smallest fall (logarithm) that nine in ten placebos do not reach.
    status : str
        ``identified``, ``suggestive`` or ``not identified``.
    reason : str
        Why it is not identified, in words; empty otherwise.
    estimators : dict of str to float
        Synthetic control, structural, seasonal.
    """

    event: str
    group: str
    measure: str
    horizon_months: int
    effect: float
    interval_80: tuple[float, float]
    p_space: float | None
    p_time: float | None
    pre_rmse: float | None
    spread: float
    minimum_detectable: float
    status: str
    reason: str = field(default="", compare=False)
    estimators: dict[str, float] = field(default_factory=dict, compare=False)

    def row(self) -> dict[str, object]:
        """Return the declared keys, numbers rounded to four places."""

        def short(value: float | None) -> float | None:
            return None if value is None or math.isnan(value) else round(value, 4)

        low, high = self.interval_80
        return {
            "event": self.event, "group": self.group, "measure": self.measure,
            "horizon_months": self.horizon_months, "effect": short(self.effect),
            "interval_80": [short(low), short(high)], "p_space": short(self.p_space),
            "p_time": short(self.p_time), "pre_rmse": short(self.pre_rmse), "spread": short(self.spread),
            "minimum_detectable": short(self.minimum_detectable), "status": self.status,
        }  # fmt: skip


def studies(as_of: str | date | None = None) -> list[Study]:
    """Return the declared studies whose event had taken effect by a day."""
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    found = [
        Study(event(r["event"]), r["group"], r["measure"], r["exposed"], r["design"])
        for r in declared(_ROOM, "studies.csv")
    ]
    return [s for s in found if day is None or (s.event.day("effective") or day) <= day]


class _Pools:
    """One pool per measure, read when first asked for."""

    def __init__(self, as_of: date | None, archive: figures.Archive | None) -> None:
        self._as_of, self._archive = as_of, archive
        self._made: dict[str, Pool] = {}

    def get(self, measure: str, design: str = "controls") -> Pool:
        key = f"{design} {measure}"
        if key not in self._made:
            read: Callable[..., Panel] = citizenship_panel if design == "controls" else family_panel
            panel = read(measure, as_of=self._as_of, archive=self._archive)
            self._made[key] = Pool(panel, self._as_of)
        return self._made[key]


def evidence(
    name: str | None = None,
    *,
    as_of: str | date | None = None,
    archive: figures.Archive | None = None,
    measures: tuple[str, ...] = (),
    progress: Callable[[str], None] | None = None,
) -> list[Evidence]:
    """Return the effects of all declared studies, or of one event.

    Parameters
    ----------
    name : str, optional
        Only studies of this event.
    as_of : str or datetime.date, optional
        Nothing released or known later is seen.
    archive : Archive, optional
        Where the figures come from; default the embedded archive and the user's store.
    measures : tuple of str
        Only studies of these measures; default all.
    progress : callable, optional
        Told the name of each study as it begins.

    Raises
    ------
    OptionError
        When no such event exists, or none is declared for it.
    NotKnownError
        When the event had not taken effect by ``as_of``.
    """
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    asked = [s for s in studies(day) if not measures or s.measure in measures]
    if name is not None:
        event(name)
        studied = {s.event.event for s in studies()}
        if name not in studied:
            raise OptionError(
                f"no study of {name!r} is declared", where="EVENT", remedy=did_you_mean(name, studied)
            )
        asked = [s for s in asked if s.event.event == name]
        if not asked:
            raise NotKnownError(f"{name} had not taken effect by {day}", where="--as-of")
    pools = _Pools(day, archive)
    found: list[Evidence] = []
    with threadpool_limits(1):  # small matrices: more threads only wait for each other
        for study in asked:
            if progress:
                progress(f"{study.event.event}: {study.group}")
            pool = pools.get(study.measure, study.design)
            found += contrast_rows(study, pool) if study.design == "contrast" else _rows(study, pool)
    return found


def study_gap(
    study: Study, *, as_of: date | None = None, archive: figures.Archive | None = None
) -> tuple[Panel, str, int, Gap]:
    """Return a study's panel, its unit there, the first row after the baseline, and the gap of every estimator."""
    pool = _Pools(as_of, archive).get(study.measure, study.design)
    if study.design == "contrast":
        return contrast_gap(study, pool)
    pool, end, _, gap = _gap(study, pool)
    return pool.panel, study.unit, end, gap


def _gap(study: Study, pool: Pool) -> tuple[Pool, int, tuple[str, ...], Gap]:
    e, panel, unit = study.event, pool.panel, study.unit
    end = panel.index(e.baseline_end)
    if unit == "all":
        pool = Pool(panel.with_unit("all", panel.names), pool.known)
    controls = () if "all" in e.exposed else pool.controls(unit, end, (*e.exposed, *e.spillover))
    return pool, end, controls, pool.gap(unit, end, controls)


def _rows(study: Study, asked: Pool) -> list[Evidence]:
    e, unit = study.event, study.unit
    pool, end, controls, gap = _gap(study, asked)
    offset = pool.panel.index(e.month) - end
    rows = []
    for horizon in HORIZONS:
        step = horizon + offset
        effect = float(gap.effect[step]) if step < STEPS else math.nan
        if math.isnan(effect):
            continue
        half, least = asked.quantile(study.era, step)
        p_space = pool.p_space(effect, end, step, controls)
        p_time = asked.p_time(unit, effect, study.era, end, step)
        told = status_of(
            effect, p_space, p_time, gap.pre_rmse, float(gap.spread[step]), least,
            exposed_controls="all" in e.spillover, other_event=pool.other_event(unit, e),
        )  # fmt: skip
        rows.append(made(study, horizon, gap, step, (half, least), (p_space, p_time), told))
    return rows


def made(
    study: Study, horizon: int, gap: Gap, step: int, width: tuple[float, float],
    p: tuple[float | None, float | None], told: Status,
) -> Evidence:  # fmt: skip
    """Return one row."""
    effect, rmse = float(gap.effect[step]), gap.pre_rmse
    names = ("synthetic control", "structural", "seasonal")
    return Evidence(
        study.event.event, study.group, study.measure, horizon, effect, (effect - width[0], effect + width[0]),
        p[0], p[1], None if math.isnan(rmse) else rmse, float(gap.spread[step]), width[1], told.status, told.reason,
        {n: float(v) for n, v in zip(names, gap.paths[:, step], strict=True) if not math.isnan(v)},
    )  # fmt: skip


def null_test(
    *,
    as_of: str | date | None = None,
    archive: figures.Archive | None = None,
    measure: str = "usbp-encounters",
) -> dict[int, dict[str, float]]:
    """Return what the machinery says of dates and groups in which nothing was done to the group alone.

    Returns
    -------
    dict of int to dict
        By horizon: ``draws``, ``identified`` (share called so), ``coverage`` (share of placebo effects inside an 80 %
        interval around zero whose width comes from the other groups).
    """
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    pool = _Pools(day, archive).get(measure)
    with threadpool_limits(1):
        return _null_rows(pool)


def _null_rows(pool: Pool) -> dict[int, dict[str, float]]:
    units = {p.unit for p in pool.placebos("recent")}
    out = {}
    for horizon in HORIZONS:
        width = {u: pool.quantile("recent", horizon, without=u) for u in units}
        said, inside = [], []
        for p in pool.placebos("recent"):
            effect = float(p.gap.effect[horizon])
            if math.isnan(effect):
                continue
            half, least = width[p.unit]
            p_space = pool.p_space(effect, p.end, horizon, pool.controls(p.unit, p.end))
            p_time = pool.p_time(p.unit, effect, "recent", p.end, horizon)
            told = status_of(effect, p_space, p_time, p.gap.pre_rmse, float(p.gap.spread[horizon]), least)
            said.append(told.status == "identified")
            inside.append(abs(effect) <= half)
        out[horizon] = {
            "draws": float(len(said)),
            "identified": float(np.mean(said)),
            "coverage": float(np.mean(inside)),
        }
    return out
