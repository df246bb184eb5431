"""The month in progress: the forecast, sharpened by what has been reported before the official release.

Each report of days ``a`` to ``b`` of a month implies a month, its daily mean times the days of the month. In logs it
is taken to miss the official figure by a normal error of variance ``noise² + (SHAPE (1 - share))²``: ``share`` of the
month covered; ``SHAPE`` from the weekly series of FY2008-FY2019 (one week in: 0.14, two: 0.09, three: 0.045);
``noise`` by kind (whole month or part of it) from earlier reports whose outcome is known, shrunk to `PRIOR`. Reports
about one month lean on the same few sources and the same days: their errors correlate by `TOGETHER`. Forecast and
reports are combined by precision. Reports of fewer than three days and such as contradict themselves are listed and
left out; without reports the nowcast is the forecast.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import polars as pl
from scipy.stats import norm

from caudal import figures
from caudal._core.dates import add_months, last_day, month_label, parse_day, parse_month
from caudal._core.errors import NotKnownError, OptionError
from caudal.figures import Archive, Report
from caudal.forecast._forecast import Forecast
from caudal.forecast._panel import Array
from caudal.forecast._quantiles import LEVELS, MEDIAN
from caudal.forecast._run import run
from caudal.forecast._visible import emulated_release, visible

__all__ = ["PRIOR", "SHAPE", "TOGETHER", "Nowcast", "nowcast", "nowcast_scores"]

#: Standard deviation in logs of a run rate over no share of a month; falls in proportion to what is missing.
SHAPE = 0.16
#: Noise of a report in logs before any has been judged, and how many judged reports that is worth.
PRIOR, _WORTH = {"whole": 0.02, "part": 0.04}, 3.0
#: Correlation of the errors of reports about one month.
TOGETHER = 0.7
#: What words say beyond the number: "more than 179,000" is 181,000 rather than 179,000.
_WORDS = {"more than": 0.01, "over": 0.01, "nearly": -0.01, "below": -0.01, "fewer than": -0.01}
_SHORTEST_DAYS = 3
_LONGEST_AHEAD = 12


@dataclass(frozen=True)
class Nowcast:
    """What a month will be printed as, before it is.

    Attributes
    ----------
    measure, month : str
        What.
    as_of : datetime.date
        Nothing published later was seen.
    forecast : Forecast
        The forecast without reports.
    quantiles : numpy.ndarray
        Encounters at the 23 levels of `caudal.forecast.LEVELS`.
    reports : polars.DataFrame
        ``published``, ``who``, ``first``, ``last``, ``share`` of the month, ``implied`` encounters, ``sd`` (log),
        ``used``, ``why_not``.
    notes : tuple of str
        What was emulated, in plain words.
    """

    measure: str
    month: str
    as_of: date
    forecast: Forecast
    quantiles: Array
    reports: pl.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def forecast_quantiles(self) -> Array:
        """The forecast's quantiles of the same month."""
        return np.quantile(self.forecast.paths[0, :, self.forecast.targets.index(self.month)], LEVELS)

    def interval(self, coverage: float = 0.8) -> tuple[float, float]:
        """Return the central interval (linear between the 23 levels)."""
        ends = (1 - coverage) / 2, (1 + coverage) / 2
        low, high = np.interp(ends, LEVELS, self.quantiles)
        return float(low), float(high)

    def to_frame(self) -> pl.DataFrame:
        """Return quantiles of forecast and nowcast: ``output_type_id``, ``forecast``, ``nowcast``."""
        return pl.DataFrame(
            {"output_type_id": LEVELS, "forecast": self.forecast_quantiles, "nowcast": self.quantiles}
        )


def nowcast(
    measure: str = "usbp-encounters",
    *,
    month: str | None = None,
    as_of: str | date | None = None,
    model: str = "calibrated",
    also: Sequence[Report] = (),
    ledger: pl.DataFrame | None = None,
    emulate: bool = True,
    archive: Archive | None = None,
) -> Nowcast:
    """Say what the month in progress will be printed as.

    Parameters
    ----------
    measure : str
        A measure of which reports exist, see `caudal.figures.reports`.
    month : str, optional
        ``"2023-12"``; default the month after the last published one.
    as_of : str or datetime.date, optional
        Any day; default the day of the newest release of the measure.
    model : str
        The forecast that is sharpened.
    also : sequence of Report
        Reports to try that are not in the ledger, e.g. proposed from an article.
    ledger : polars.DataFrame, optional
        Instead of `caudal.figures.reports`, same columns.
    emulate : bool
        Fill months that were out by then, but whose release is not held, from later releases, and say so.
    archive : Archive, optional
        Where to look.

    Raises
    ------
    OptionError
        When the month is published already, or too far ahead.
    """
    day = parse_day(as_of, option="as_of") if as_of is not None else _newest(measure, archive)
    seen = visible(measure, day, archive=archive, emulate=emulate)
    last = parse_month(str(seen.frame["period"].max()))
    wanted = parse_month(month, option="--month") if month else add_months(last, 1)
    ahead = (wanted.year - last.year) * 12 + wanted.month - last.month
    if not 1 <= ahead <= _LONGEST_AHEAD:
        raise OptionError(
            f"{month_label(wanted)} is not ahead of the last published month, {month_label(last)}, by 1 to 12",
            where="--month",
            remedy="Choose a later --as-of or another month"
            if ahead > 1
            else "It is published: see `caudal figures series`",
        )
    forecast = run(seen.frame, horizon=ahead, as_of=day, model=model)
    known = ledger if ledger is not None else figures.reports(measure, as_of=day)
    known = pl.concat([known, *(_as_rows(report) for report in also)], how="diagonal_relaxed")
    known = known.filter((pl.col("published") <= day) & (pl.col("measure") == measure))
    truth = dict(seen.frame.select("period", "value").rows())
    noise = _noise(known, truth, leave_out=wanted)
    reports = pl.DataFrame(list(_judged(known, wanted, noise)), schema=_SCHEMA)
    plain = np.quantile(forecast.paths[0, :, ahead - 1], LEVELS)
    notes = (f"figures of {seen.emulated} stand as in later releases, by the day they were out",)
    return Nowcast(
        measure,
        month_label(wanted),
        day,
        forecast,
        _combined(plain, reports.filter("used")),
        reports,
        notes if seen.emulated else (),
    )


_SCHEMA = {
    "published": pl.Date,
    "who": pl.String,
    "first": pl.Date,
    "last": pl.Date,
    "share": pl.Float64,
    "implied": pl.Float64,
    "sd": pl.Float64,
    "used": pl.Boolean,
    "why_not": pl.String,
}


def _newest(measure: str, archive: Archive | None) -> date:
    return run(figures.series(measure, archive=archive), horizon=1, model="naive").reference_date


def _as_rows(report: Report) -> pl.DataFrame:
    row = asdict(report)
    per_day = report.value / report.days if report.basis == "total" else report.value
    row |= {"days": report.days, "per_day": per_day, "total": per_day * report.days}
    return pl.DataFrame([row], infer_schema_length=None)


def _judged(known: pl.DataFrame, month: date, noise: dict[str, float]) -> Iterator[dict[str, object]]:
    """Return the reports that speak about a month, with what each implies."""
    end = last_day(month)
    for row in known.iter_rows(named=True):
        if not (month <= row["first"] and row["last"] <= end) or row["where"]:
            continue
        share = row["days"] / end.day
        kind = "whole" if share == 1 else "part"
        why_not = ""
        if row["days"] < _SHORTEST_DAYS:
            why_not = f"covers {row['days']} day" + ("s" if row["days"] > 1 else "")
        elif "contradict" in row["statement"]:
            why_not = "contradicts itself"
        elif row["per_day"] <= 0:
            why_not = "implies no encounter"
        yield {
            **{name: row[name] for name in ("published", "who", "first", "last")},
            "share": share,
            "implied": row["per_day"] * end.day * float(np.exp(_WORDS.get(row["qualifier"], 0.0))),
            "sd": float(np.hypot(noise[kind], SHAPE * (1 - share))),
            "used": not why_not,
            "why_not": why_not,
        }


def _noise(known: pl.DataFrame, truth: dict[str, float], *, leave_out: date) -> dict[str, float]:
    """Return the noise of whole-month and part-of-month reports, from those judged so far."""
    found = {}
    months = {parse_month(f"{first:%Y-%m}") for first in known["first"]} - {leave_out}
    rows = [
        (float(str(row["share"])), float(np.log(float(str(row["implied"])) / truth[month_label(month)])))
        for month in sorted(months)
        if truth.get(month_label(month), 0) > 0
        for row in _judged(known, month, PRIOR)
        if row["used"]
    ]
    for kind in PRIOR:
        squares = [
            max(error**2 - (SHAPE * (1 - share)) ** 2, 0.0)
            for share, error in rows
            if (share == 1) == (kind == "whole")
        ]
        found[kind] = float(np.sqrt((sum(squares) + _WORTH * PRIOR[kind] ** 2) / (len(squares) + _WORTH)))
    return found


def _combined(plain: Array, used: pl.DataFrame) -> Array:
    """Return quantiles of the precision-weighted mean of forecast and reports, in logs."""
    if used.is_empty():
        return plain
    sd = used["sd"].to_numpy()
    covariance = np.outer(sd, sd) * (TOGETHER + (1 - TOGETHER) * np.eye(len(sd)))
    # Equal shares by precision, not the optimal weights: those turn negative when errors correlate strongly.
    weight = sd**-2 / (sd**-2).sum()
    said, spread = float(weight @ np.log(used["implied"].to_numpy())), float(weight @ covariance @ weight)
    logs = np.log1p(plain)
    before = float(logs[MEDIAN])
    low, high = np.interp((0.1, 0.9), LEVELS, logs)
    width = max(float(high - low) / (2 * norm.ppf(0.9)), 1e-6)
    precision = 1 / spread + 1 / width**2
    centre = (said / spread + before / width**2) / precision
    return np.asarray(np.exp(centre + norm.ppf(LEVELS) * precision**-0.5))


def nowcast_scores(
    measure: str = "usbp-encounters", *, model: str = "naive", archive: Archive | None = None
) -> pl.DataFrame:
    """Score nowcasts from each report of the ledger alone, made on the day it came out.

    The error model is fitted on the reports about other months (leave one month out); figures are those that were out
    on the day, the publication lag emulated.

    Returns
    -------
    polars.DataFrame
        ``month``, ``published``, ``who``, ``share``, ``kind`` (``whole``, ``part``), ``days_before_release``,
        ``nowcast`` (median), ``outcome``, ``log_error``, ``last_month_log_error`` (no ledger), ``inside_80``.
    """
    ledger = figures.reports(measure)
    truth = dict(figures.series(measure, archive=archive).select("period", "value").rows())
    rows = []
    for number in range(ledger.height):
        month = parse_month(f"{ledger['first'][number]:%Y-%m}")
        outcome = truth.get(month_label(month))
        noise = _noise(ledger, truth, leave_out=month)
        said = pl.DataFrame(list(_judged(ledger[number : number + 1], month, noise)), schema=_SCHEMA)
        if outcome is None or not outcome or said.filter("used").is_empty():
            continue
        day = ledger["published"][number]
        try:
            seen = visible(measure, min(day, _day_before(month)), archive=archive)
        except NotKnownError:
            continue
        known = seen.frame.filter(pl.col("period") < month_label(month))
        last = parse_month(str(known["period"].max()))
        ahead = (month.year - last.year) * 12 + month.month - last.month
        forecast = run(known, horizon=ahead, as_of=day, model=model)
        made = _combined(np.quantile(forecast.paths[0, :, ahead - 1], LEVELS), said.filter("used"))
        share = float(said["share"][0])
        rows.append(
            {
                "month": month_label(month),
                "published": day,
                "who": ledger["who"][number],
                "share": share,
                "kind": "whole" if share == 1 else "part",
                "days_before_release": (emulated_release(month) - day).days,
                "nowcast": float(made[MEDIAN]),
                "outcome": outcome,
                "log_error": float(np.log(made[MEDIAN] / outcome)),
                "last_month_log_error": float(
                    np.log(known.filter(pl.col("period") == month_label(last))["value"][0] / outcome)
                ),
                "inside_80": bool(np.interp(0.1, LEVELS, made) <= outcome <= np.interp(0.9, LEVELS, made)),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def _day_before(month: date) -> date:
    """Return the last day on which a month cannot have been published: no month is printed before it is over."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])
