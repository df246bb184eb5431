"""Calibration as of a day: inflow, destination shares and interceptions from what was published by then."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from caudal._core.dates import add_months, month_range
from caudal._core.errors import NotKnownError
from caudal.corridor._build import Drivers, build
from caudal.corridor._inflow import mixture, smooth_step
from caudal.corridor._inputs import FIRST, Inputs, Read, inputs
from caudal.corridor._parameters import Parameters
from caudal.corridor._rules import Record, Tables, run_tables
from caudal.corridor._setting import RELABEL, Setting, setting

__all__ = ["LEAD", "Calibration", "calibrate", "calibrate_inputs"]

Floats = npt.NDArray[np.float64]

#: Months run before the first month that is fitted: the longest journeys take about three.
LEAD = 4
#: Days from the choice of a destination to the encounter, in the mean: which quarter's shares a choice belongs to.
_CHOICE_TO_ENCOUNTER = 15
_LAGS = 6
_ROUNDS = 4


@dataclass(frozen=True)
class Calibration:
    """The model fitted as of a day.

    Attributes
    ----------
    setting : Setting
        What is declared.
    inputs : Inputs
        What was known.
    months : tuple of date
        Months run, the first `LEAD` of them only to fill the corridor.
    entries : tuple of (place, class, land | air | latent)
        Ways in.
    base : array, (months, entries)
        People per month at each way in, before the scale.
    log_scale : array, (months, classes)
        Fitted.
    shares : array, (quarters, classes, destinations)
        Shares of encounters.
    quarter : array, (months,)
        Row of shares by month.
    fitted : array, (months - LEAD, classes, destinations)
        Encounters modelled.
    observed : array, same shape
        Encounters seen.
    rate : array, (months, classes)
        Mean chance of interception per day on watched links.
    removed : array, (months, classes)
        Share of interceptions that end in deportation.
    counted : array, (months, classes)
        Interceptions counted; months not yet published hold the last one's.
    recent : array, (classes, destinations)
        Shares of encounters over the last three months: where people go from here on.
    known_counts : int
        Months (of those run) whose interceptions had been published.
    """

    setting: Setting
    inputs: Inputs
    months: tuple[date, ...]
    entries: tuple[tuple[str, str, str], ...]
    base: Floats
    log_scale: Floats
    shares: Floats
    quarter: npt.NDArray[np.int64]
    fitted: Floats
    observed: Floats
    rate: Floats
    removed: Floats
    counted: Floats
    recent: Floats
    known_counts: int
    penalty: float
    cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def as_of(self) -> date:
        """The day."""
        return self.inputs.as_of

    @property
    def fingerprint(self) -> str:
        """Digest of what was fitted, and of what it was fitted with."""
        if "fingerprint" not in self.cache:
            given, net = self.setting, self.setting.net
            told = (
                self.as_of, self.months, self.entries, given.classes, given.riders, sorted(given.assumptions.items()),
                net.places, net.mode, net.ports, net.draws, net.destinations,
            )  # fmt: skip
            digest = hashlib.sha256(repr(told).encode())
            for one in (self.base, self.log_scale, self.shares, self.quarter, self.observed, self.rate, self.removed,
                        self.counted, self.recent, net.start, net.end, net.steps, net.km, net.cost):  # fmt: skip
                digest.update(np.ascontiguousarray(one).tobytes())
            self.cache["fingerprint"] = digest.hexdigest()
        return str(self.cache["fingerprint"])

    @property
    def last(self) -> date:
        """The last month with encounters."""
        return self.months[-1]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of classes."""
        return self.setting.names

    @property
    def destinations(self) -> tuple[str, ...]:
        """Sectors, then field offices."""
        return self.setting.net.destinations


def calibrate(
    as_of: str | date,
    months: int = 24,
    *,
    penalty: float | None = None,
    read: Read | None = None,
    pseudo: bool = True,
) -> Calibration:
    """Fit the corridor to what was published by a day.

    Parameters
    ----------
    as_of : str or datetime.date
        The day.
    months : int
        Months of encounters to fit, the last one the last published.
    penalty : float, optional
        Smoothness of the log inflow; default the declared one.
    read : callable, optional
        Reads series in place of `caudal.figures.series`.
    pseudo : bool
        Whether months of which no release of that day is held are taken from later releases (see `_inputs`).

    Raises
    ------
    NotKnownError
        When fewer months were known.
    """
    given = setting()
    more = {} if read is None else {"read": read}
    known = inputs(
        as_of,
        given.classes,
        given.net.destinations,
        pseudo=pseudo,
        relabel=RELABEL,
        **more,
    )
    return calibrate_inputs(known, months, given, penalty=penalty)


def calibrate_inputs(
    known: Inputs, months: int = 24, given: Setting | None = None, *, penalty: float | None = None
) -> Calibration:
    """Fit to inputs already read; see `calibrate`."""
    given = given or setting()
    if len(known.months) < months:
        raise NotKnownError(
            f"only {len(known.months)} months of encounters by place and citizenship were known by {known.as_of}",
            remedy=f"Ask for at most that many months, or a day after {add_months(FIRST, months + 1)}",
        )
    window = month_range(add_months(known.last, 1 - months - LEAD), known.last)
    rows = [_row(m) for m in window]
    observed = known.encounters[len(known.months) - months :]
    entries, base = _entries(given, known, rows, observed)
    shares, quarter = _quarters(window, observed)
    counted, removed = _interceptions(given, known, rows)
    smooth = penalty if penalty is not None else given.assumptions["smoothness"].central
    work = _Work(given, window, entries, base, shares, quarter, counted, removed, {})
    with threadpool_limits(limits=1, user_api="blas"):
        scale, record = _fit(work, observed.sum(axis=2), smooth)
    kinds = record.between + record.at_ports
    c, k = len(given.names), len(given.net.destinations)
    fitted = kinds[:, c:].reshape(len(window), c, k)[LEAD:]
    days = _days(window)
    rate = np.stack([record.rate[_in(days, m)].mean(axis=0) for m in window])
    published = known.counts["mexico-inm-encounters"]
    known_counts = sum(not np.isnan(_at(published, r)).all() for r in rows)
    return Calibration(
        given,
        known,
        tuple(window),
        entries,
        base,
        scale,
        shares,
        quarter,
        fitted,
        observed,
        rate,
        removed,
        counted,
        _recent(observed),
        known_counts,
        smooth,
        work.cache,
    )


def _row(month: date) -> int:
    return (month.year - FIRST.year) * 12 + month.month - FIRST.month


def _days(months: Sequence[date]) -> tuple[date, ...]:
    first, end = months[0], add_months(months[-1], 1)
    return tuple(first + timedelta(days=i) for i in range((end - first).days))


def _in(days: Sequence[date], month: date) -> list[int]:
    return [i for i, d in enumerate(days) if (d.year, d.month) == (month.year, month.month)]


def _at(series: Floats, row: int) -> Floats:
    """Return a row of a series by month; before its start the first, not published: NaN."""
    if row >= len(series):
        return np.full(series.shape[1:], np.nan)
    return np.asarray(series[max(row, 0)])


def _entries(
    given: Setting, known: Inputs, rows: list[int], observed: Floats
) -> tuple[tuple[tuple[str, str, str], ...], Floats]:
    """Return the ways in, and people per month at each before any scale."""
    darien, honduras = known.counts["darien-entries"], known.counts["honduras-entries"]
    lag = given.assumptions["darien_to_honduras_days"].central / 30.4
    floor = given.assumptions["latent_floor"].central
    found: list[tuple[str, str, str]] = []
    columns: list[list[float]] = []
    for i, name in enumerate(given.names):
        mean = max(observed[:, i].sum() / len(observed), 1.0)
        watched = given.observed[name] != "none"
        if watched:
            land = [float(np.nan_to_num(_at(darien, r)[i])) for r in rows]
            before = [float(np.nan_to_num(_at(darien, r - 1)[i])) for r in rows]
            later = [float(np.nan_to_num(_at(honduras, r)[i])) for r in rows]
            air = [max(0.0, h - (1 - lag) * d - lag * b) for h, d, b in zip(later, land, before, strict=True)]
            found += [("darien", name, "land"), ("managua", name, "air")]
            columns += [land, air]
        level = mean * (floor if watched else 1.0)
        for place, share in given.entries[name].items():
            found.append(
                (
                    place,
                    name,
                    "air" if place in ("managua", "cancun", "mexico-city") and name != "mexico" else "land",
                )
            )
            columns.append([level * share] * len(rows))
    return tuple(found), np.array(columns).T


def _quarters(window: Sequence[date], observed: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return shares by class and calendar quarter, and the quarter of each month run."""
    label = [m.year * 4 + (m.month - 1) // 3 for m in window]
    seen = label[LEAD:]
    names = sorted(set(seen))
    whole = observed.sum(axis=0)
    pooled = (whole + 1e-9) / (whole + 1e-9).sum(axis=1, keepdims=True)
    shares = np.zeros((len(names), *whole.shape))
    for q, name in enumerate(names):
        part = observed[[s == name for s in seen]].sum(axis=0)
        total = part.sum(axis=1, keepdims=True)
        shares[q] = np.where(total > 0, part / np.where(total > 0, total, 1), pooled)
    rows = [names.index(min(max(x, names[0]), names[-1])) for x in label]
    return shares, np.array(rows, np.int64)


def _recent(observed: Floats) -> Floats:
    part, whole = observed[-3:].sum(axis=0), observed.sum(axis=0) + 1e-9
    total = part.sum(axis=1, keepdims=True)
    shares = np.where(
        total > 0, part / np.where(total > 0, total, 1), whole / whole.sum(axis=1, keepdims=True)
    )
    return np.asarray(shares)


def _interceptions(given: Setting, known: Inputs, rows: list[int]) -> tuple[Floats, Floats]:
    """Return INM's counts and the share of them that ends in deportation, by month and class."""
    seen, sent = known.counts["mexico-inm-encounters"], known.counts["mexico-inm-returns"]
    counted = np.stack([_at(seen, r) for r in rows])
    away = np.stack([_at(sent, r) for r in rows])
    share = np.divide(away, counted, out=np.full_like(away, np.nan), where=counted > 0)
    held = given.assumptions["deported_after_interception"].central
    mexican = given.names.index("mexico") if "mexico" in given.names else -1
    for c in range(counted.shape[1]):
        known_rows = np.flatnonzero(~np.isnan(share[:, c]))
        usual = np.median(share[known_rows, c]) if len(known_rows) else held
        share[np.isnan(share[:, c]), c] = usual
    for i in range(1, len(counted)):  # months not yet published: as many as in the last one that was
        counted[i] = np.where(np.isnan(counted[i]), counted[i - 1], counted[i])
    if mexican >= 0:  # Mexico's institute does not stop its own citizens
        counted[~np.isnan(counted[:, mexican]), mexican] = 0.0
    return counted, np.clip(share, 0.0, 0.9)


@dataclass
class _Work:
    given: Setting
    window: list[date]
    entries: tuple[tuple[str, str, str], ...]
    base: Floats
    shares: Floats
    quarter: npt.NDArray[np.int64]
    counted: Floats
    removed: Floats
    cache: dict[Any, Any]

    def run(self, scale: Floats, rate: Floats | None = None) -> tuple[Tables, Record]:
        """Run the window with a log scale, (months, classes)."""
        days = _days(self.window)
        of = np.array([_month_of(self.window, d) for d in days])
        late = np.array([_month_of(self.window, d + timedelta(days=_CHOICE_TO_ENCOUNTER)) for d in days])
        per_day = np.array([monthrange(d.year, d.month)[1] for d in days])[:, None]
        column = [self.given.names.index(c) for _, c, _ in self.entries]
        inflow = (self.base * np.exp(scale[:, column]))[of] / per_day
        counted = self.counted[of] / per_day
        if rate is None:
            rate = np.zeros_like(self.counted)
        drive = Drivers(
            days,
            self.entries,
            inflow,
            self.shares,
            self.quarter[late],
            counted,
            rate[of],
            self.removed[of],
            None,
            self.given.entry_mix(),
        )
        par = Parameters(self.given.central, None, self.given.names)
        tab = build(self.given.net, self.given.names, self.given.riders, par, drive, cache=self.cache)
        return tab, run_tables(tab)


def _month_of(window: Sequence[date], day: date) -> int:
    at = (day.year - window[0].year) * 12 + day.month - window[0].month
    return min(max(at, 0), len(window) - 1)


def _fit(work: _Work, seen: Floats, penalty: float) -> tuple[Floats, Record]:
    """Alternate between running the corridor and one penalised Newton step per class."""
    months, c = len(work.window), len(work.given.names)
    column = np.array([work.given.names.index(x) for _, x, _ in work.entries])
    total = np.stack([work.base[:, column == i].sum(axis=1) for i in range(c)], axis=1)
    response = np.tile(np.array([0.25, 0.35, 0.15, 0.05, 0.0, 0.0])[:, None], (1, c))
    level = np.log(np.maximum(seen.sum(axis=0), 1.0) / np.maximum(total[LEAD:].sum(axis=0), 1.0))
    scale = np.tile(level, (months, 1))
    tab, record = work.run(scale)
    for _ in range(_ROUNDS):
        kinds = record.between + record.at_ports
        made = np.stack([kinds[:, tab.cls == i].sum(axis=1) for i in range(c)], axis=1)[LEAD:]
        response = _response(work, scale, record, total)
        for i in range(c):
            jacobian = mixture(total[:, i] * np.exp(scale[:, i]), response[:, i])[LEAD:]
            gap = np.log(seen[:, i] + 1.0) - np.log(made[:, i] + 1.0)
            weight = seen[:, i] / (seen[:, i] + 100.0)
            scale[:, i] = smooth_step(scale[:, i], gap, weight, jacobian, penalty)
        tab, record = work.run(scale)
    return scale, record


def _response(work: _Work, scale: Floats, record: Record, total: Floats) -> Floats:
    """Return encounters per person by months since setting out, measured on the run's own people.

    One pulse of a month at mean rates of interception tells the timing of every class at once.
    """
    if "response" in work.cache:
        return work.cache["response"]  # type: ignore[no-any-return]
    c = len(work.given.names)
    short = work.window[:_LAGS]
    base = np.zeros((_LAGS, len(work.entries)))
    base[0] = work.base.mean(axis=0)
    rate = np.repeat(record.rate.mean(axis=0)[None], _LAGS, axis=0)
    nan = np.full((_LAGS, c), np.nan)
    pulse = _Work(
        work.given,
        list(short),
        work.entries,
        base,
        work.shares,
        work.quarter[:_LAGS],
        nan,
        work.removed[:_LAGS],
        work.cache,
    )
    tab, made = pulse.run(np.zeros((_LAGS, c)), rate)
    kinds = made.between + made.at_ports
    column = np.array([work.given.names.index(x) for _, x, _ in work.entries])
    out = np.stack(
        [kinds[:, tab.cls == i].sum(axis=1) / max(base[0, column == i].sum(), 1e-9) for i in range(c)], axis=1
    )
    work.cache["response"] = out
    return np.asarray(out)
