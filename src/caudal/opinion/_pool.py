"""Pool the polls on an issue: what the average house would find on a day, and how well that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from scipy.special import expit

from caudal._core.dates import parse_day
from caudal.opinion._archive import last_day_known, polls
from caudal.opinion._few import TOTAL_SURVEY_ERROR, from_few
from caudal.opinion._latent import (
    DESIGN_EFFECT,
    Array,
    Latent,
    Observations,
    Targets,
    fit,
    noise_variance,
    share_mean,
    to_logit,
)
from caudal.opinion._phrases import issue_name, phrase, written
from caudal.opinion._schema import ANSWERS, GROUPS
from caudal.opinion._tables import President, president_named, president_on

__all__ = ["Estimate", "Pooled", "has_trend", "note", "observations", "pool", "poolable", "targets"]

#: A trend needs this many polls, of this many houses, over this many days.
_LEAST_POLLS, _LEAST_HOUSES, _LEAST_DAYS = 8, 3, 30
#: Polls whose middle lies further back than this say nothing about today.
WINDOW = 120

#: Standard normal quantiles of the intervals given.
Z = {80: 1.2815515655446004, 95: 1.959963984540054}


@dataclass(frozen=True)
class Estimate:
    """A percentage with its 80 and 95 % intervals; all ``None`` where it is not known."""

    mean: float | None = None
    interval_80: tuple[float, float] | None = None
    interval_95: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, percentages rounded to a tenth of a point."""
        return {
            "mean": None if self.mean is None else round(self.mean, 1),
            "interval_80": self.interval_80 and [round(v, 1) for v in self.interval_80],
            "interval_95": self.interval_95 and [round(v, 1) for v in self.interval_95],
        }


@dataclass(frozen=True)
class Pooled:
    """The pool of one issue as of a day.

    Attributes
    ----------
    issue, president : str
        What was asked, of whom.
    date : datetime.date
        The day it holds for; no poll that became known later was used.
    approve, disapprove : Estimate
        Percent of adults that the average house would find.
    method : {"trend", "few polls", "none"}
        The state-space model; a mean with typical total survey error; or nothing to pool.
    polls_used : int
        Polls the estimate rests on.
    polls : polars.DataFrame
        These polls, with address.
    also : polars.DataFrame
        Polls known by then that were not pooled (second-hand, without day, size or answer).
    models : dict of str to Latent
        The fitted models by answer; none without a trend.
    """

    issue: str
    president: str
    date: date
    approve: Estimate
    disapprove: Estimate
    method: Literal["trend", "few polls", "none"]
    polls_used: int
    polls: pl.DataFrame
    also: pl.DataFrame
    models: dict[str, Latent] = field(default_factory=dict, repr=False)

    @property
    def note(self) -> str:
        """What a reader must know beside the numbers."""
        return note(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data (the JSON of ``caudal opinion pool``)."""
        shown = self.polls if self.method == "few polls" else self.polls.tail(5)
        return {
            "issue": self.issue,
            "president": self.president,
            "date": self.date.isoformat(),
            "approve": self.approve.to_dict(),
            "disapprove": self.disapprove.to_dict(),
            "method": self.method,
            "polls_used": self.polls_used,
            "houses_used": self.polls["house"].n_unique(),
            "note": self.note,
            "polls": [_shown(row) for row in shown.iter_rows(named=True)],
        }

    def path(self, kind: Literal["smoother", "filter"] = "smoother") -> pl.DataFrame:
        """Return the pooled series by day.

        Parameters
        ----------
        kind : {"smoother", "filter"}
            *smoother*: each day from all polls known by ``date`` (hindsight). *filter*: each day from the
            polls that were known on that day.

        Returns
        -------
        polars.DataFrame
            ``date, answer, mean, lower_95, lower_80, upper_80, upper_95`` (percent); empty without a trend.
        """
        frames = []
        for answer, model in self.models.items():
            used = self.polls.filter(pl.col(answer).is_not_null())
            first = used["middle"].min() if kind == "smoother" else used["known_on"].sort()[_LEAST_POLLS - 1]
            assert isinstance(first, date)
            days = [first + timedelta(days=i) for i in range((self.date - first).days + 1)]
            at = Targets.level(np.array([d.toordinal() for d in days], float))
            upto = None
            if kind == "filter":
                known = np.array([d.toordinal() for d in used["known_on"]])
                upto = np.searchsorted(known, at.time, side="right")
            frames.append(_percent_frame(days, answer, *model.answers(at, upto=upto)))
        empty = pl.DataFrame(schema=dict.fromkeys(_PATH[:1], pl.Date) | dict.fromkeys(_PATH[1:2], pl.String)
                             | dict.fromkeys(_PATH[2:], pl.Float64))  # fmt: skip
        return pl.concat([empty, *frames])


_PATH = ("date", "answer", "mean", "lower_95", "lower_80", "upper_80", "upper_95")


def _percent_frame(days: list[date], answer: str, mean: Array, sd: Array) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "date": days,
            "answer": [answer] * len(days),
            "mean": 100 * share_mean(mean, sd),
            "lower_95": 100 * expit(mean - Z[95] * sd),
            "lower_80": 100 * expit(mean - Z[80] * sd),
            "upper_80": 100 * expit(mean + Z[80] * sd),
            "upper_95": 100 * expit(mean + Z[95] * sd),
        }
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    keys = ("house", "pollster", "sponsor", "field_start", "field_end", "published", "n", "population", "mode",
            "variant", "approve", "disapprove", "unsure", "address")  # fmt: skip
    groups = {
        name: {answer: row[f"{group}_{answer}"] for answer in ANSWERS}
        for group, name in GROUPS.items()
        if any(row[f"{group}_{answer}"] is not None for answer in ANSWERS)
    }
    plain = {k: v.isoformat() if isinstance(v := row[k], date) else v for k in keys}
    return {**plain, "sampling_margin_95": _margin(row), "crosstabs": groups}


def _margin(row: dict[str, Any]) -> float | None:
    """Half the 95 % interval of sampling alone, in points, design effect included; None where n is not known."""
    value = row["disapprove"] if row["disapprove"] is not None else row["approve"]
    if row["n"] is None or value is None:
        return None
    share = value / 100
    return round(float(100 * Z[95] * np.sqrt(DESIGN_EFFECT * share * (1 - share) / row["n"])), 1)


def note(pooled: Pooled, language: str = "en") -> str:
    """Return what a reader must know beside the numbers of a pool, in English or Spanish.

    Raises
    ------
    OptionError
        For another language.
    """
    used = pooled.polls
    if pooled.method == "trend":
        last = used["middle"].max()
        assert isinstance(last, date)
        said = [phrase("note_trend", language, polls=used.height, houses=used["house"].n_unique(), last=last)]
        if (pooled.date - last).days > 30:
            said.append(phrase("note_old", language, days=(pooled.date - last).days))
        return " ".join(said)
    if pooled.method == "none":
        said = [
            phrase(
                "note_none", language, issue=issue_name(pooled.issue, language), window=WINDOW, date=pooled.date,
                president=phrase(f"term_{pooled.president}", language),
            )
        ]  # fmt: skip
    else:
        key = "note_one" if used.height == 1 else "note_few"
        houses = used["house"].n_unique()
        said = [phrase(key, language, polls=used.height, houses=houses, error=TOTAL_SURVEY_ERROR)]
        said += [phrase(f"unknown_{a}", language) for a in ANSWERS if used[a].null_count() == used.height]
        without = used.filter(pl.col("n").is_null())["house"].unique(maintain_order=True).to_list()
        if without:
            said.append(phrase("unknown_n", language, houses=", ".join(without)))
    if pooled.also.height:
        cited = "; ".join(_cited(row, language) for row in pooled.also.iter_rows(named=True))
        said.append(phrase("note_cited", language, polls=cited))
    return " ".join(said)


def _cited(row: dict[str, Any], language: str) -> str:
    when = row["published"] or row["field_end"] or row["field_month"]
    answers = ", ".join(f"{phrase(a, language)} {row[a]:g}" for a in ANSWERS if row[a] is not None)
    return f"{row['house']}, {written(when, language)} ({answers}; {phrase(row['population'], language)})"


def targets(frame: pl.DataFrame) -> Targets:
    """Return where polls ask: middle of fieldwork, house, mode, population, wording."""
    return Targets(
        np.array([d.toordinal() for d in frame["middle"]], float),
        np.array(frame["house"].to_list(), dtype=str),
        np.array(frame["mode_group"].to_list(), dtype=str),
        np.array(frame["population"].to_list(), dtype=str),
        np.array(frame["variant"].to_list(), dtype=str),
    )


def observations(frame: pl.DataFrame, answer: str) -> Observations:
    """Return polls (with answer and size known, in order of becoming known) as observations of the model."""
    share = frame[answer].to_numpy().astype(float) / 100
    clipped = np.clip(share, 0.005, 0.995)
    return Observations(
        targets(frame), to_logit(share), noise_variance(clipped, frame["n"].to_numpy().astype(float))
    )


def poolable(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the polls that can be pooled: not second-hand scraps, day and size of the sample known."""
    return frame.filter(
        (pl.col("status") == "published") & pl.col("n").is_not_null() & pl.col("field_end").is_not_null()
    )


def has_trend(frame: pl.DataFrame) -> bool:
    """Whether there are polls enough, of houses enough, over days enough for a trend."""
    if frame.height < _LEAST_POLLS or frame["house"].n_unique() < _LEAST_HOUSES:
        return False
    first, last = frame["middle"].min(), frame["middle"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return (last - first).days >= _LEAST_DAYS


def pool(
    issue: str = "immigration",
    *,
    as_of: str | date | None = None,
    president: str | None = None,
    own: Sequence[Path] = (),
) -> Pooled:
    """Pool the polls on the president's handling of an issue.

    Parameters
    ----------
    issue : str
        See `caudal.opinion.issues`.
    as_of : date or str, optional
        The day to stand on: only polls known by then are used, for the level, the effects and the scales. By
        default the last day on which a poll became known.
    president : str, optional
        Term of office; by default the one that ``as_of`` lies in.
    own : sequence of Path
        Files of your own polls.

    Returns
    -------
    Pooled
        Approve and disapprove with 80 and 95 % intervals, the polls, and a note. The interval is that of what
        the average house would find among adults: an error that all houses share is not in it.

    Raises
    ------
    OptionError
        For an unknown issue, term or day.
    NotKnownError
        For a day outside the declared terms.
    """
    everything = polls(issue, president=president, own=own)
    if as_of is not None:
        day = parse_day(as_of, option="as-of")
        if president is None:
            president = president_on(day).key
    else:
        day = last_day_known(everything)
        president = president or str(everything.filter(pl.col("known_on") == day)["president"][0])
    term = president_named(president)
    known = everything.filter((pl.col("president") == term.key) & (pl.col("known_on") <= day))
    usable = poolable(known)
    recent = usable.filter(pl.col("middle") >= day - timedelta(days=WINDOW))
    if has_trend(usable) and recent.height:
        return _trend(issue, term, day, known, usable)
    return _few(issue, term, day, known)


def _trend(issue: str, term: President, day: date, known: pl.DataFrame, usable: pl.DataFrame) -> Pooled:
    models: dict[str, Latent] = {}
    estimates = {answer: Estimate() for answer in ANSWERS}
    for answer in ANSWERS:
        used = usable.filter(pl.col(answer).is_not_null())
        if not has_trend(used):
            continue
        models[answer] = fit(observations(used, answer))
        mean, sd = models[answer].answers(Targets.level(np.array([float(day.toordinal())])))
        row = _percent_frame([day], answer, mean, sd).row(0, named=True)
        estimates[answer] = Estimate(
            row["mean"], (row["lower_80"], row["upper_80"]), (row["lower_95"], row["upper_95"])
        )
    return Pooled(
        issue, term.key, day, estimates["approve"], estimates["disapprove"], "trend", usable.height,
        usable, known.join(usable, on=known.columns, how="anti", nulls_equal=True), models,
    )  # fmt: skip


def _few(issue: str, term: President, day: date, known: pl.DataFrame) -> Pooled:
    recent = known.filter(pl.col("middle") >= day - timedelta(days=WINDOW))
    used = recent.filter(pl.col("status") == "published")
    also = recent.filter(pl.col("status") != "published")
    estimates: dict[str, Estimate] = {}
    for answer in ANSWERS:
        have = used.filter(pl.col(answer).is_not_null())
        estimates[answer] = Estimate()
        if have.height:
            mean, sd = from_few(have, answer)
            row = _percent_frame([day], answer, np.array([mean]), np.array([sd])).row(0, named=True)
            middle = float(100 * expit(mean))
            estimates[answer] = Estimate(
                middle, (row["lower_80"], row["upper_80"]), (row["lower_95"], row["upper_95"])
            )
    method: Literal["few polls", "none"] = "few polls" if used.height else "none"
    return Pooled(
        issue, term.key, day, estimates["approve"], estimates["disapprove"], method, used.height, used, also
    )
