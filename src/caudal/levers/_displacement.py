"""Where else the same people were counted: along the route, at ports, before Mexico's institute.

A fall in one series is no fall in movement when another rises. This compares means of months and says nothing of
cause.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from caudal import figures
from caudal._core.dates import add_months, month_label, parse_day
from caudal.levers._evidence import Study, studies

__all__ = ["displacement"]

#: Series in which the same citizens would appear if they went another way.
_ELSEWHERE = (
    "usbp-encounters", "ofo-encounters", "darien-entries", "honduras-entries", "mexico-inm-encounters", "chnv-paroles",
)  # fmt: skip
#: Months after month 0, first and last.
_WINDOWS = {"1-3": (1, 3), "4-6": (4, 6), "10-12": (10, 12)}
_BEFORE = 3


def displacement(
    name: str | None = None,
    *,
    as_of: str | date | None = None,
    archive: figures.Archive | None = None,
) -> pl.DataFrame:
    """Return monthly means before and after an event in every series that counts the same citizens.

    Parameters
    ----------
    name : str, optional
        Only this event.
    as_of : str or datetime.date, optional
        Only what had been released and had taken effect by that day.
    archive : Archive, optional
        Where the figures come from.

    Returns
    -------
    polars.DataFrame
        ``event, group, measure, before`` (mean of the three months before the baseline ends), ``months`` (after month
        0), ``after`` (their mean), ``ratio`` (null when there was nobody before).
    """
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    asked = {
        (s.event.event, s.unit): s
        for s in studies(day)
        if s.design == "controls" and s.unit != "all" and name in (None, s.event.event)
    }
    rows = [row for study in asked.values() for row in _rows(study, day, archive)]
    kinds = dict.fromkeys(("event", "group", "measure", "months"), pl.String)
    schema = {**kinds, "before": pl.Float64, "after": pl.Float64, "ratio": pl.Float64}
    order = ["event", "group", "measure", "before", "months", "after", "ratio"]
    return pl.DataFrame(rows, schema=schema, strict=False).select(order)


def _rows(study: Study, day: date | None, archive: figures.Archive | None) -> list[dict[str, object]]:
    e, found = study.event, []
    span = (add_months(e.baseline_end, -_BEFORE), add_months(e.month, 12))
    for measure in _ELSEWHERE:
        values = _monthly(measure, study.unit, span, day, archive)
        before = _mean(values, add_months(e.baseline_end, -_BEFORE), _BEFORE)
        if before is None:
            continue
        for label, (first, last) in _WINDOWS.items():
            after = _mean(values, add_months(e.month, first), last - first + 1)
            if after is not None:
                found.append(
                    {"event": e.event, "group": study.group, "measure": measure, "months": label,
                     "before": before, "after": after, "ratio": after / before if before else None}
                )  # fmt: skip
    return found


def _monthly(
    measure: str, code: str, span: tuple[date, date], day: date | None, archive: figures.Archive | None
) -> dict[str, int]:
    from caudal._core.errors import NotKnownError

    try:
        frame = figures.series(
            measure, where={"citizenship": code}, as_of=day, archive=archive,
            period=(month_label(span[0]), month_label(span[1])),
        )  # fmt: skip
    except NotKnownError:  # a series that had not begun, or has no such citizenship
        return {}
    return dict(zip(frame["period"].to_list(), frame["value"].to_list(), strict=True))


def _mean(values: dict[str, int], first: date, count: int) -> float | None:
    """Return the mean over whole windows only: a month not yet published is not a month of nobody."""
    months = [month_label(add_months(first, k)) for k in range(count)]
    if any(m not in values for m in months):
        return None
    return sum(values[m] for m in months) / count
