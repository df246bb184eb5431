"""The laboratory: the corridor ahead of a day with levers as sliders, what is assumed about each beside it.

The model is fitted to a day once, which takes a while, in a thread of its own; after that an answer takes a fraction of
a second. A page asked for before the model is fitted says so and is not kept.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import polars as pl

from caudal import corridor, levers
from caudal._core.charts import COLOURS, svg
from caudal._core.dates import month_label, parse_day
from caudal._core.errors import CaudalError, OptionError, StoreError, did_you_mean
from caudal._core.tables import declared
from caudal.figures import Archive
from caudal.web._ask import ScenarioAsked
from caudal.web._desk import Reply, status_of
from caudal.web._exports import about, envelope
from caudal.web._pages import release_days
from caudal.web._render import page
from caudal.web._words import words

__all__ = ["DRAWS", "Laboratory", "Slider", "answer_of", "scenario_data", "scenario_page", "sliders"]

_HORIZON = 6
#: Days whose fitted model is held in memory, and answers of one day.
_MOST_DAYS, _MOST_RUNS = 3, 200
#: Days that may wait to be fitted.
_MOST_FITTING = 3
#: Paired draws behind an interval, and how many seconds after nobody asks any more they are given up.
DRAWS, _PATIENCE = 20, 20.0
#: Outcomes that are told, what they are summed up as, enforcement and humanitarian ones together.
TOLD = (
    ("encounters_between_ports", "sum"), ("encounters_at_ports", "sum"), ("lawful_entries", "sum"),
    ("interceptions", "sum"), ("removals", "sum"), ("waiting", "last"), ("queue", "last"), ("held", "last"),
    ("delay_days", "last"), ("deaths_at_risk", "sum"),
)  # fmt: skip


@dataclass(frozen=True)
class Slider:
    """A lever as a slider: the parameter of the corridor it moves, and the assumption that is its evidence."""

    lever: str
    parameter: str
    low: float
    high: float
    neutral: float
    step: float
    evidence: str
    known: str
    words: Mapping[str, str]

    def say(self, what: str, language: str) -> str:
        """Return its title, or what its ends mean."""
        return self.words[f"{what}_{language}"]


def sliders() -> dict[str, Slider]:
    """Return the declared levers by name."""
    found = {}
    for row in declared("caudal.web", "sliders.csv"):
        numbers = {name: float(row[name]) for name in ("low", "high", "neutral", "step")}
        found[row["lever"]] = Slider(
            row["lever"], row["parameter"], evidence=row["evidence"], known=row["known"], words=row, **numbers
        )
    return found


class _Left(Exception):  # noqa: N818 - not an error: nobody waits for the draws any more
    pass


@dataclass
class Drawing:
    """Draws under way for two scenarios: how many are done, when they were last asked for, and what came of them."""

    asked: float
    done: int = 0
    found: tuple[corridor.Outcomes, corridor.Outcomes] | None = None
    wrong: str = ""


class Laboratory:
    """Fitted models by day, and what was run on them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fitted: OrderedDict[str, corridor.Calibration | CaudalError] = OrderedDict()
        self._fitting: set[str] = set()
        self._runs: OrderedDict[tuple[Any, ...], corridor.Outcomes] = OrderedDict()
        self._drawings: OrderedDict[tuple[Any, ...], Drawing] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def fitted(self, day: str) -> corridor.Calibration | None:
        """Return the model fitted to a day; ``None`` while that is under way, which this begins.

        Raises
        ------
        CaudalError
            When it could not be fitted to that day, or others are waiting to be.
        """
        day = parse_day(day, option="day").isoformat()
        with self._lock:
            found = self._fitted.get(day)
            if found is None and day not in self._fitting:
                if len(self._fitting) >= _MOST_FITTING:
                    raise StoreError(
                        "other days are being fitted", where="day", remedy="Ask again in a minute"
                    )
                self._fitting.add(day)
                threading.Thread(target=self._fit, args=(day,), daemon=True, name=f"fit {day}").start()
        if isinstance(found, CaudalError):
            raise found
        return found

    def _fit(self, day: str) -> None:
        found: corridor.Calibration | CaudalError
        try:
            with self._one_at_a_time:
                found = corridor.calibrate(day)
                corridor.simulate(found, _HORIZON)  # the first run prepares what all others share
        except CaudalError as error:
            found = error
        except Exception as error:
            found = CaudalError(f"a mistake of ours, not yours ({type(error).__name__})")
        with self._lock:
            self._fitted[day] = found
            self._fitting.discard(day)
            while len(self._fitted) > _MOST_DAYS:
                self._fitted.popitem(last=False)

    def run(self, fitted: corridor.Calibration, given: Mapping[str, float]) -> corridor.Outcomes:
        """Return the expected flows of a scenario: parameters of the corridor to values."""
        key = (str(fitted.as_of), *sorted(given.items()))
        with self._lock:
            if key in self._runs:
                return self._runs[key]
        found = corridor.simulate(fitted, _HORIZON, dict(given))
        with self._lock:
            self._runs[key] = found
            while len(self._runs) > _MOST_RUNS:
                self._runs.popitem(last=False)
        return found

    def drawn(
        self, fitted: corridor.Calibration, given: Mapping[str, float], other: Mapping[str, float]
    ) -> Drawing:
        """Return paired draws of two scenarios, begun if they were not; given up when nobody asks for a while.

        Raises
        ------
        StoreError
            When others are waiting for theirs.
        """
        key = (str(fitted.as_of), tuple(sorted(given.items())), tuple(sorted(other.items())))
        with self._lock:
            found = self._drawings.get(key)
            if found is None:
                if (
                    sum(one.found is None and not one.wrong for one in self._drawings.values())
                    >= _MOST_FITTING
                ):
                    raise StoreError(
                        "others are being drawn", where="uncertainty", remedy="Ask again in a minute"
                    )
                found = self._drawings[key] = Drawing(time.monotonic())
                while len(self._drawings) > _MOST_RUNS:
                    self._drawings.popitem(last=False)
                job = threading.Thread(
                    target=self._draw, args=(key, found, fitted, given, other), daemon=True
                )
                job.start()
            found.asked = time.monotonic()
        return found

    def _draw(
        self, key: tuple[Any, ...], job: Drawing, fitted: corridor.Calibration, given: Mapping[str, float],
        other: Mapping[str, float],
    ) -> None:  # fmt: skip
        def count(done: int, total: int) -> None:
            del done, total
            job.done += 1
            if time.monotonic() - job.asked > _PATIENCE:
                raise _Left

        try:
            with self._one_at_a_time:
                pair = [
                    corridor.simulate(fitted, _HORIZON, dict(one), draws=DRAWS, seed=1, progress=count)
                    for one in (given, other)
                ]
            job.found = (pair[0], pair[1])
        except _Left:
            with self._lock:
                self._drawings.pop(key, None)
        except Exception as error:
            job.wrong = str(error) if isinstance(error, CaudalError) else type(error).__name__


def given_of(pairs: list[str], *, where: str) -> dict[str, float]:
    """Return ``lever:value`` as parameters of the corridor; a lever at its neutral value is left out.

    Raises
    ------
    OptionError
        When there is no such lever, or the value is beyond its ends.
    """
    known, found = sliders(), {}
    for text in pairs:
        name, _, number = text.partition(":")
        if name not in known:
            raise OptionError(f"{name[:40]!r} is not a lever", where=where, remedy=did_you_mean(name, known))
        one = known[name]
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not one.low <= value <= one.high:
            raise OptionError(
                f"{number[:20]!r} is no degree of {name}",
                where=where,
                remedy=f"Give {one.low:g} to {one.high:g}",
            )
        if value != one.neutral:
            found[one.parameter] = value
    return found


def answer_of(
    found: corridor.Outcomes,
    base: corridor.Outcomes,
    pair: tuple[corridor.Outcomes, corridor.Outcomes] | None = None,
) -> list[dict[str, Any]]:
    """Return each outcome of two scenarios, over the months or at their end; from paired draws, 80 % of the change."""
    rows = []
    for name, how in TOLD:
        mine, other = found.total(name)[0], base.total(name)[0]
        a, b = (float(v.sum() if how == "sum" else v[-1]) for v in (mine, other))
        rows.append(
            {
                "outcome": name,
                "how": how,
                "produced_by": corridor.OUTCOMES[name][2],
                "value": a,
                "compared": b,
                "change": a - b,
                "percent": 100 * (a - b) / b if b and not name.endswith("_days") else None,
                "months": [round(float(v), 1) for v in mine],
            }
        )
        if pair is not None:
            one, two = (
                each.total(name).sum(axis=1) if how == "sum" else each.total(name)[:, -1] for each in pair
            )
            low, high = np.quantile(one - two, (0.1, 0.9))
            rows[-1] |= {"low": float(low), "high": float(high)}
    return rows


def scenario_page(archive: Archive, asked: ScenarioAsked, lab: Laboratory) -> Reply:
    """Return the page; not to be kept while the model is being fitted."""
    known = {row["parameter"]: row for row in corridor.assumptions().to_dicts()}
    graded = _graded(asked.day)
    shared: dict[str, Any] = {
        "sliders": sliders(), "assumed": known, "graded": graded, "days": release_days(archive),
        "set": {name: float(v) for name, _, v in (one.partition(":") for one in asked.set) if _is_number(v)},
    }  # fmt: skip
    try:
        given, other = given_of(asked.set, where="set"), given_of(asked.than, where="than")
        fitted = lab.fitted(asked.day)
    except CaudalError as error:
        return page(
            "scenarios.html", "/scenarios", asked, status=status_of(error), error=error, ready=False, **shared
        )
    if fitted is None:
        reply = page("scenarios.html", "/scenarios", asked, error=None, ready=False, **shared)
        return Reply(reply.body, reply.media, reply.status, keep=False)
    found, base = lab.run(fitted, given), lab.run(fitted, other)
    try:
        drawing = lab.drawn(fitted, given, other) if asked.uncertainty == "yes" else None
    except CaudalError as error:
        drawing = Drawing(0.0, wrong=str(error))
    pair = drawing.found if drawing else None
    reply = page(
        "scenarios.html", "/scenarios", asked, error=None, ready=True, rows=answer_of(found, base, pair),
        drawing=drawing, draws=DRAWS,
        chart=_chart(found, base, asked), map=corridor.flow_map(found, language=asked.lang), changed=bool(given),
        months=[month_label(month) for month in found.months], **shared,
    )  # fmt: skip
    return Reply(reply.body, reply.media, reply.status, keep=drawing is None or pair is not None)


def _graded(day: str) -> dict[str, levers.Prior]:
    """Return what was known by a day of the levers that sliders stand for, by slider; nothing for what is no day."""
    try:
        when = parse_day(day, option="day")
        return {name: levers.prior(one.known, when) for name, one in sliders().items() if one.known}
    except CaudalError:
        return {}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _chart(found: corridor.Outcomes, base: corridor.Outcomes, asked: ScenarioAsked) -> str:
    """Draw months of four outcomes, the scenario over what it is compared with."""
    t = words(asked.lang)
    rows = []
    for name in ("encounters_between_ports", "waiting", "interceptions", "deaths_at_risk"):
        for which, outcomes in ((t("lab_compared"), base), (t("lab_scenario"), found)):
            for month, value in zip(outcomes.months, outcomes.total(name)[0], strict=True):
                rows.append((t(f"outcome_{name}"), which, month, float(value)))
    frame = pl.DataFrame(rows, schema=["outcome", "which", "month", "value"], orient="row")
    shades = alt.Scale(
        domain=[t("lab_compared"), t("lab_scenario")], range=[COLOURS["history"], COLOURS["highlight"]]
    )
    colour = alt.Color("which:N", title=None, legend=alt.Legend(orient="top"), scale=shades)
    axis = alt.Axis(format="~s", tickCount=4, domain=False)
    panels = [
        alt.Chart(frame.filter(pl.col("outcome") == name), title=alt.TitleParams(name, anchor="start", fontSize=12))
        .mark_line(point={"size": 22}, strokeWidth=2)
        .encode(
            x=alt.X("month:T", title=None, axis=alt.Axis(format="%b", grid=False, tickCount=6)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=True), axis=axis),
            color=colour,
        )
        .properties(width=260, height=120)
        for name in frame["outcome"].unique(maintain_order=True)
    ]  # fmt: skip
    chart = alt.concat(*panels, columns=2)
    said = "; ".join(
        t("lab_alt_row", outcome=t(f"outcome_{row['outcome']}"), value=t.value(round(row["value"])),
          compared=t.value(round(row["compared"])))
        for row in answer_of(found, base)
    )  # fmt: skip
    return svg(chart, name="lab", alternative=t("lab_alt", rows=said), language=t.language)


def scenario_data(archive: Archive, asked: ScenarioAsked, lab: Laboratory) -> Reply:
    """Return the same as data; 503 with a hint while the model is being fitted."""
    given, other = given_of(asked.set, where="set"), given_of(asked.than, where="than")
    fitted = lab.fitted(asked.day)
    if fitted is None:
        raise StoreError(
            "the model is being fitted to that day", where="day", remedy="Ask again in half a minute"
        )
    found, base = lab.run(fitted, given), lab.run(fitted, other)
    drawing = lab.drawn(fitted, given, other) if asked.uncertainty == "yes" else None
    if drawing is not None and drawing.found is None:
        raise StoreError(
            drawing.wrong or f"{drawing.done} of {2 * DRAWS} runs are done",
            where="uncertainty",
            remedy="Ask again soon",
        )
    pair = drawing.found if drawing else None
    data = {
        "day": asked.day, "months": [month_label(month) for month in found.months], "parameters": given,
        "compared_with": other, "mode": "expected", "draws": DRAWS if pair else 1,
        "outcomes": answer_of(found, base, pair),
    }  # fmt: skip
    return envelope(data, about(archive.at(fitted.as_of), []))
