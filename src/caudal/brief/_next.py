"""Section 2, what comes next: the next six months with honest intervals, and how such forecasts have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from caudal import forecast
from caudal._core.dates import add_months, month_label, parse_month
from caudal._core.identifiers import name_of
from caudal.brief import _charts
from caudal.brief._model import Block, Number, Paragraph, Section, Table
from caudal.brief._phrases import first_upper
from caudal.brief._truth import Line, Truth

__all__ = ["section"]

HORIZON = 6
#: Fewer months than these are no record to draw growth from.
_FEWEST_MONTHS = 24
#: How many past forecasts are looked back on.
_TRACK = 36
#: A breakdown whose newest month is older than this is not forecast.
_STALE_MONTHS = 3


def section(truth: Truth, capacity: float | None = None) -> Section:
    """Return section 2.

    Parameters
    ----------
    truth : Truth
        The month at hand and its history.
    capacity : float, optional
        Encounters a month that the reader can handle: adds the probability of exceeding it.
    """
    speech = truth.speech
    title = speech.text("section_next")
    history = truth.history[truth.head]
    if history.height < _FEWEST_MONTHS:
        short = Paragraph(spans=speech.spans("next_short", count=history.height))
        return Section(id="next", title=title, blocks=[short])
    ahead = forecast.run(history, horizon=HORIZON, as_of=truth.archive.as_of, capacity=capacity)
    teller = _Teller(truth, ahead, history, speech.text(f"def_{truth.head}"))
    blocks: list[Block] = [
        Paragraph(spans=_first(teller)),
        _charts.fan(history, ahead, teller.what, speech, truth.cite),
        _table(teller),
        Paragraph(spans=_record(teller, history)),
        *_sectors(truth),
    ]
    return Section(id="next", title=title, blocks=blocks)


@dataclass(frozen=True)
class _Teller:
    """Turns what a forecast says into numbers with sources."""

    truth: Truth
    ahead: forecast.Forecast
    history: pl.DataFrame
    what: str

    def sources(self) -> list[int]:
        """Return the numbers of the sources that the forecast was made from."""
        pairs = self.history.select("release", "table").unique(maintain_order=True).rows()
        return sorted({self.truth.cite.source(release, table) for release, table in pairs})

    def _how(self) -> str:
        return self.truth.speech.text(
            "computed_how",
            model=self.ahead.model,
            paths=self.truth.speech.number(self.ahead.paths.shape[1]),
            months=self.history["period"].n_unique(),
        )

    def encounters(self, value: float, month: str) -> Number:
        """Return a number of encounters, rounded to hundreds (below a thousand to tens): a forecast carries no more."""
        rounded = round(float(value), -2 if abs(value) >= 1000 else -1)
        return self.truth.cite.computed(
            rounded,
            self.truth.speech.number(rounded),
            unit="encounters",
            label=self.truth.speech.text("forecast_label", what=self.what),
            period=month,
            sources=self.sources(),
            cells=self._how(),
        )

    def chance(self, probability: float, month: str) -> Number:
        """Return a probability in whole percent, ``< 1`` and ``> 99`` at the ends."""
        percent = 100 * probability
        text = "< 1 %" if percent < 1 else "> 99 %" if percent > 99 else f"{percent:.0f} %"
        return self.truth.cite.computed(
            round(percent, 1),
            text,
            unit="percent",
            label=self.truth.speech.text("chance_label"),
            period=month,
            sources=self.sources(),
            cells=self._how(),
        )


def _first(teller: _Teller) -> list[Any]:
    """Say the next month and the last one forecast, with their 80 percent intervals."""
    rows = teller.ahead.interval(0.8).filter(pl.col("location") == "total").to_dicts()
    words: dict[str, Any] = {}
    for name, row in (("near", rows[0]), ("far", rows[-1])):
        words |= {
            f"{name}_month": teller.truth.speech.month(row["month"]),
            f"{name}_low": teller.encounters(row["lower"], row["month"]),
            f"{name}_high": teller.encounters(row["upper"], row["month"]),
        }
    return teller.truth.speech.spans("next_first", **words)


def _table(teller: _Teller) -> Table:
    speech = teller.truth.speech
    inner, outer = (teller.ahead.interval(c).filter(pl.col("location") == "total") for c in (0.8, 0.95))
    record = teller.ahead.probability_record().filter(pl.col("location") == "total")
    columns = [
        speech.text("col_month"),
        speech.text("col_median"),
        speech.text("col_interval", percent=80),
        speech.text("col_interval", percent=95),
        speech.text("col_record"),
    ]
    above = None
    if teller.ahead.capacity is not None:
        above = teller.ahead.probability_above()
        columns.append(speech.text("col_above", capacity=speech.number(teller.ahead.capacity)))
    rows: list[Line] = []
    for i, (near, far, best) in enumerate(
        zip(inner.to_dicts(), outer.to_dicts(), record.to_dicts(), strict=True)
    ):
        month = near["month"]
        line: Line = [
            [speech.month(month)],
            [teller.encounters(near["median"], month)],
            [teller.encounters(near["lower"], month), "–", teller.encounters(near["upper"], month)],
            [teller.encounters(far["lower"], month), "–", teller.encounters(far["upper"], month)],
            None if best["probability"] is None else [teller.chance(best["probability"], month)],
        ]
        if above is not None:
            line.append([teller.chance(above["probability"][i], month)])
        rows.append(line)
    return Table(caption=speech.text("next_caption", what=teller.what), columns=columns, rows=rows)


def _record(teller: _Teller, history: pl.DataFrame) -> list[Any]:
    """Say how often such intervals have held what came, looking back from the months known as of the day.

    The past forecasts are made again from today's figures cut off at each month: the archive does not hold a release
    for every one of them, and in-year revisions are far smaller than the intervals.
    """
    inside = {50: 0, 80: 0, 95: 0}
    months = history["period"].to_list()
    origins = list(range(_FEWEST_MONTHS, len(months) - 1))[-_TRACK:]
    if len(origins) < 12:
        return teller.truth.speech.spans("track_short")
    for i in origins:
        past = forecast.run(history[: i + 1].drop("rows", "first_row", "last_row", "table"), horizon=1)
        outcome = history["value"][i + 1]
        for percent in inside:
            low, high = np.quantile(past.paths[0, :, 0], (0.5 - percent / 200, 0.5 + percent / 200))
            inside[percent] += int(low <= outcome <= high)
    first, last = (month_label(add_months(parse_month(months[i]), 1)) for i in (origins[0], origins[-1]))
    speech = teller.truth.speech

    def count(number: int) -> Number:
        return teller.truth.cite.computed(
            number,
            str(number),
            unit="forecasts",
            label=speech.text("track_label"),
            period=last,
            sources=teller.sources(),
            cells=speech.text("track_how", model=teller.ahead.model),
        )

    return speech.spans(
        "track",
        total=count(len(origins)),
        first=speech.month(first),
        last=speech.month(last),
        in50=count(inside[50]),
        in80=count(inside[80]),
        in95=count(inside[95]),
    )


def _sectors(truth: Truth) -> list[Block]:
    """Return the sectors by how much more than now each could have to receive in three months (9 in 10)."""
    speech = truth.speech
    frame = truth.series("usbp-encounters", by=["sector"])
    stale = frame.is_empty() or frame["period"].max() < month_label(  # type: ignore[operator]
        add_months(parse_month(truth.month), -_STALE_MONTHS)
    )
    if stale:
        return [Paragraph(spans=speech.spans("sectors_none"))]
    ahead = forecast.run(
        frame.drop("rows", "first_row", "last_row", "table"), horizon=3, as_of=truth.archive.as_of
    )
    teller = _Teller(truth, ahead, frame, speech.text("def_usbp-encounters"))
    last = ahead.last_month
    now = {row["sector"]: row for row in frame.filter(pl.col("period") == last).to_dicts()}
    month = ahead.targets[-1]
    lines = []
    for i, code in enumerate(ahead.locations):
        if code not in now or not now[code]["value"]:
            continue
        median, high = np.quantile(ahead.paths[i, :, -1], (0.5, 0.9))
        lines.append((high - now[code]["value"], code, median, high))
    rows: list[Line] = [
        [
            [name_of("sector", code, speech.language)],
            [truth.cite.figure(now[code], name_of("sector", code, speech.language))],
            [teller.encounters(median, month)],
            [teller.encounters(high, month)],
        ]
        for _, code, median, high in sorted(lines, reverse=True)
    ]
    columns = [
        first_upper(speech.text("dim_sector")),
        speech.month(last),
        f"{speech.text('col_median')}, {speech.month(month)}",
        f"{speech.text('col_high')}, {speech.month(month)}",
    ]
    return [Table(caption=speech.text("sectors_caption"), columns=columns, rows=rows)]
