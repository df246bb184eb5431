"""What had been published by a day, where no release of that day is held.

The archive holds consecutive releases for all encounters only, and for eight months. Elsewhere the publication lag is
emulated: a month counts as known from its declared day of release (``figures.release_days``), else from the 22nd of
the month after, with the figure as it stands today. In-year revisions of CBP are 1 to 61 encounters a month; they are
the error of the emulation. Nothing here is used unless it is asked for, and what was emulated is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl

from caudal import figures
from caudal._core.dates import add_months, month_label, parse_month
from caudal._core.errors import NotKnownError
from caudal.figures import Archive

__all__ = ["Visible", "emulated_release", "visible"]

#: CBP's files came out between the 12th and the 24th day of the month after, as a rule.
_TYPICAL_DAY = 22


class Visible:
    """A series as of a day: its frame, and the months whose figures are from later releases ("" when none)."""

    def __init__(self, frame: pl.DataFrame, emulated: str) -> None:
        self.frame, self.emulated = frame, emulated


@cache
def _declared() -> dict[str, date]:
    frame = figures.release_days()
    kept = frame.filter((pl.col("kind") == "official") & pl.col("relation").is_in(["at", "by"]))
    return dict(zip(kept["month"].to_list(), kept["released"].to_list(), strict=True))


def emulated_release(month: date) -> date:
    """Return the day from which a month counts as published: declared where known, else the 22nd of the month after."""
    after = add_months(month, 1)
    return _declared().get(month_label(month), after.replace(day=_TYPICAL_DAY))


def visible(
    measure: str, day: date, *, by: Sequence[str] = (), archive: Archive | None = None, emulate: bool = True
) -> Visible:
    """Return a series as of a day, the months that must have been out by then filled in from later releases.

    Parameters
    ----------
    measure : str
        What.
    day : datetime.date
        As of when.
    by : sequence of str
        Breakdown.
    archive : Archive, optional
        Where to look.
    emulate : bool
        False: only releases of that day or before.

    Raises
    ------
    NotKnownError
        When nothing is known.
    """
    try:
        true = figures.series(measure, by=by, as_of=day, archive=archive)
    except NotKnownError:
        if not emulate:
            raise
        true = None
    if not emulate:
        return Visible(true, "")  # type: ignore[arg-type]
    last = str(true["period"].max()) if true is not None else ""
    today = figures.series(measure, by=by, archive=archive)
    out = [
        period
        for period in today["period"].unique().to_list()
        if period > last and emulated_release(parse_month(period)) <= day
    ]
    if true is not None and not out:
        return Visible(true, "")
    later = today.filter(pl.col("period").is_in(out))
    frame = later if true is None else pl.concat([true, later]).sort("period", *by)
    if frame.is_empty():
        raise NotKnownError(f"nothing had been published about {measure!r} by {day}")
    return Visible(frame, f"{min(out)} to {max(out)}")
