"""Find the polls behind a quoted figure, and say whether the quotation holds."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from caudal._core.dates import parse_day
from caudal._core.errors import OptionError, did_you_mean
from caudal.opinion._archive import polls
from caudal.opinion._phrases import written
from caudal.opinion._quoted import Qualifier, fits, is_about_the_president, president_in, qualifier_before
from caudal.opinion._schema import ANSWERS, GROUPS, POPULATIONS
from caudal.opinion._tables import table

__all__ = ["PollVerdict", "check", "check_text", "find", "read_claim"]

#: A quoted whole number may be rounded from tenths.
_ROUNDING = 0.5
#: Days around a quoted date in which its poll is looked for.
_NEAR = 10


@dataclass(frozen=True)
class PollVerdict:
    """Whether a quoted poll figure is in the archive.

    Attributes
    ----------
    verdict : {"true", "false", "not known"}
        *false* only where the poll meant is in the archive (pollster and date both given) and says otherwise.
    sentence : str
        What was found, with the address.
    polls : polars.DataFrame
        The polls that match, else the nearest of the same pollster.
    """

    verdict: Literal["true", "false", "not known"]
    sentence: str
    polls: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return plain data with the polls' house, day, figure and address."""
        keep = [
            "house",
            "issue",
            "field_end",
            "published",
            "population",
            "group",
            "answer",
            "percent",
            "address",
        ]
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "polls": self.polls.select(keep).to_dicts(),
        }


def find(
    percent: float | None = None,
    answer: str | None = None,
    *,
    pollster: str | None = None,
    issue: str | None = None,
    group: str | None = None,
    day: str | date | None = None,
    as_of: str | date | None = None,
    own: Sequence[Path] = (),
) -> pl.DataFrame:
    """Return published poll figures that fit a quotation.

    Parameters
    ----------
    percent : float, optional
        The quoted percentage; figures within half a point match.
    answer : {"approve", "disapprove"}, optional
        Which answer; both by default.
    pollster : str, optional
        Any part of the pollster's, house's or sponsor's name, e.g. ``"Monmouth"``.
    issue : str, optional
        See `caudal.opinion.issues`.
    group : str, optional
        ``"Democrats"``, ``"independents"`` or ``"Republicans"``; everybody by default.
    day : date or str, optional
        Published, or asked, within ten days of it.
    as_of : date or str, optional
        Only what had been published by then.
    own : sequence of Path
        Files of your own polls.

    Returns
    -------
    polars.DataFrame
        ``president, issue, house, pollster, sponsor, field_start, field_end, published, known_on, population,
        n, group, answer, percent, status, address, note``, newest first.

    Raises
    ------
    OptionError
        For an unknown issue, answer or group.
    """
    if answer is not None and answer not in ANSWERS:
        raise OptionError(
            f"{answer!r} is not an answer", where="answer", remedy=did_you_mean(answer, ANSWERS)
        )
    frame = _by_group(polls(issue, as_of=as_of, own=own), _group_key(group))
    if answer is not None:
        frame = frame.filter(pl.col("answer") == answer)
    if pollster is not None:
        frame = frame.filter(
            pl.col("pollster").is_in(pl.Series(sorted(_pollsters(pollster, frame))).implode())
        )
    if day is not None:
        around = parse_day(day, option="day")
        near = timedelta(days=_NEAR)
        first, last = around - near, around + near
        frame = frame.filter(
            pl.col("published").is_between(first, last)
            | (pl.coalesce("field_end", "middle").is_between(first, last))
        )
    if percent is not None:
        frame = frame.filter((pl.col("percent") - percent).abs() <= _ROUNDING)
    return frame.sort("known_on", "house", descending=[True, False])


def _group_key(group: str | None) -> str | None:
    if group is None:
        return None
    for key, name in GROUPS.items():
        if group.strip().casefold().rstrip("s") in (key, name.casefold().rstrip("s")):
            return key
    raise OptionError(
        f"{group!r} is not a group answers are kept for", where="group",
        remedy=did_you_mean(group, GROUPS.values()),
    )  # fmt: skip


_FOUND = ("president", "issue", "house", "pollster", "sponsor", "field_start", "field_end", "published",
          "middle", "known_on", "population", "n", "group", "answer", "percent", "status", "address",
          "note")  # fmt: skip


def _by_group(frame: pl.DataFrame, group: str | None) -> pl.DataFrame:
    name = "all" if group is None else GROUPS[group]
    prefix = "" if group is None else f"{group}_"
    parts = [
        frame.with_columns(group=pl.lit(name), answer=pl.lit(answer), percent=pl.col(f"{prefix}{answer}"))
        for answer in ANSWERS
    ]
    return pl.concat(parts).filter(pl.col("percent").is_not_null()).select(_FOUND)


def _pollsters(text: str, frame: pl.DataFrame) -> set[str]:
    word = text.strip().casefold()
    found = {
        row["pollster"]
        for row in table("houses.csv")
        if row["alias"] and (row["alias"] == word or word == row["printed"].casefold())
    }
    for pollster, sponsor in frame.select("pollster", "sponsor").unique().iter_rows():
        if word in pollster.casefold() or (sponsor and word in sponsor.casefold()):
            found.add(pollster)
    return found


def check(
    percent: float,
    answer: str,
    *,
    pollster: str | None = None,
    issue: str = "immigration",
    group: str | None = None,
    day: str | date | None = None,
    as_of: str | date | None = None,
    qualifier: Qualifier = "exact",
    president: str | None = None,
    own: Sequence[Path] = (),
) -> PollVerdict:
    """Check a quoted poll figure (parameters as in `find`).

    Parameters
    ----------
    qualifier : {"exact", "more", "less", "about", "nearly"}
        How exact the figure is said to be: "more than 60 percent" is true of 69.
    president : str, optional
        Whose handling is named, e.g. ``"Biden"``; a poll on another president does not count.

    Returns
    -------
    PollVerdict
        *true* with the poll's address; *false* where pollster and date single out polls that say otherwise;
        else *not known*, because no archive of polls is complete.
    """
    parameters: dict[str, Any] = {
        "answer": answer, "pollster": pollster, "issue": issue, "group": group, "as_of": as_of, "own": own,
    }  # fmt: skip
    nearest = find(None, day=day, **parameters)
    if president is not None:
        nearest = nearest.filter(pl.col("president").str.starts_with(president))
    answers = [fits(percent, qualifier, row, _ROUNDING) for row in nearest["percent"]]
    found = nearest.filter(pl.Series(answers, dtype=pl.Boolean).fill_null(False))
    whose = "" if group is None else f" of {GROUPS[str(_group_key(group))]}"
    stated = (
        ""
        if qualifier == "exact"
        else f"{qualifier} than "
        if qualifier in ("more", "less")
        else f"{qualifier} "
    )
    quoted = f"{stated}{percent:g} %{whose} {answer} on {issue}"
    if found.height:
        return PollVerdict("true", f"{quoted}: {_said(found.row(0, named=True))}", found)
    if pollster is not None and day is not None and nearest.height and None not in answers:
        return PollVerdict("false", f"{quoted}: no; {_said(nearest.row(0, named=True))}", nearest)
    if nearest.height and pollster is not None:
        sentence = (
            f"{quoted}: no such poll at hand; the pollster's newest: {_said(nearest.row(0, named=True))}"
        )
        return PollVerdict("not known", sentence, nearest)
    return PollVerdict("not known", f"{quoted}: no such poll at hand", nearest.head(0))


def _said(row: dict[str, Any]) -> str:
    when = (
        f"published {written(row['published'], 'en')}"
        if row["published"]
        else f"asked to {written(row['field_end'] or row['middle'], 'en')}"
    )
    of = POPULATIONS[row["population"]] if row["group"] == "all" else row["group"]
    second = "" if row["status"] == "published" else ", cited second-hand"
    return f"{row['house']}, {when}{second}: {row['percent']:g} % of {of} {row['answer']} ({row['address']})"


@dataclass(frozen=True)
class Claim:
    """What a sentence says about a poll."""

    percent: float
    answer: str
    pollster: str | None
    issue: str
    group: str | None
    day: date | None
    qualifier: Qualifier = "exact"
    president: str | None = None


_SPLIT = re.compile(
    r"(\d{1,2}(?:\.\d)?)\s*(?:%|percent)?\s*(?:approve)?\s*[-–—]\s*(\d{1,2}(?:\.\d)?)(?![-\d])"
)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:%|per\s?cent|por ciento)", re.IGNORECASE)
_MONTHS = [name.casefold() for name in calendar.month_name if name]
_DAYS = (
    re.compile(r"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)"),
    re.compile(rf"(?P<d>\d{{1,2}}) (?P<name>{'|'.join(_MONTHS)}) (?P<y>20\d\d)", re.IGNORECASE),
    re.compile(rf"(?P<name>{'|'.join(_MONTHS)}) (?P<d>\d{{1,2}}),? (?P<y>20\d\d)", re.IGNORECASE),
)
_ISSUE_WORDS = (
    ("border security", "border_security"), ("deport", "deportations"), ("immigration", "immigration"),
    ("inmigración", "immigration"), ("migración", "immigration"), ("migracion", "immigration"),
    ("migratori", "immigration"), ("migration", "immigration"), ("border", "border_security"),
    ("frontera", "border_security"), ("inflation", "inflation"),
    ("econom", "economy"), ("foreign policy", "foreign_policy"), ("trade", "trade_tariffs"),
    ("health", "healthcare"), ("crime", "crime"),
)  # fmt: skip


def read_claim(text: str) -> list[Claim]:
    """Read what a sentence claims of a poll; empty where it claims nothing that can be checked.

    Understood: a percentage with *approve* or *disapprove* (English or Spanish), a split by party
    (``Democrats 50–47``, approve first unless the sentence says otherwise), a pollster's name, a full date, an
    issue (else immigration).
    """
    low = text.casefold()
    day = _day_in(text)
    for pattern in _DAYS:
        low = pattern.sub(" ", low)
    pollster = _pollster_in(low)
    named = next((issue for words, issue in _ISSUE_WORDS if words in low), None)
    issue = named or "immigration"
    president = president_in(low)
    if not is_about_the_president(_without(low, pollster), issue_named=named is not None):
        return []
    group = next((name for name in GROUPS.values() if name.casefold().rstrip("s") in low), None)
    group = group or next((GROUPS[k] for k in GROUPS if re.search(rf"\b{k}s?\b", low)), None)
    split = _SPLIT.search(low)
    claims: list[Claim] = []
    if split and group:
        near = low[max(split.start() - 30, 0) : split.end() + 40]
        first, second = reversed(ANSWERS) if _first_answer(near) == "disapprove" else ANSWERS
        claims += [
            Claim(float(split[1]), first, pollster, issue, group, day, president=president),
            Claim(float(split[2]), second, pollster, issue, group, day, president=president),
        ]
        low = low[: split.start()] + " " * len(split[0]) + low[split.end() :]
        group = None
    found = _PERCENT.search(low)
    answer = _answer_nearest(low, found.start()) if found else None
    if found and answer:
        how = qualifier_before(low, found.start())
        claims.insert(0, Claim(float(found[1]), answer, pollster, issue, group, day, how, president))
    return claims


def _without(low: str, pollster: str | None) -> str:
    """Return a sentence without the pollster's name, which may hold words that mean something else."""
    return low.replace(pollster, " ") if pollster else low


_ANSWER_WORD = re.compile(r"(?P<against>disapprov|desaprueb|desaproba)|approv|aprueb|aproba")


def _first_answer(low: str) -> str | None:
    found = _ANSWER_WORD.search(low)
    return None if found is None else "disapprove" if found["against"] else "approve"


def _answer_nearest(low: str, position: int) -> str | None:
    words = sorted(_ANSWER_WORD.finditer(low), key=lambda w: abs(w.start() - position))
    return ("disapprove" if words[0]["against"] else "approve") if words else None


def _day_in(text: str) -> date | None:
    for pattern in _DAYS:
        found = pattern.search(text)
        if found:
            parts = found.groupdict()
            month = int(parts["m"]) if "m" in parts else _MONTHS.index(parts["name"].casefold()) + 1
            try:
                return date(int(parts["y"]), month, int(parts["d"]))
            except ValueError:
                return None
    return None


def _pollster_in(low: str) -> str | None:
    names = [row["alias"] for row in table("houses.csv") if row["alias"]]
    frame = polls()
    names += sorted({str(name).casefold() for name in frame["pollster"].unique()})
    found = [name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", low)]
    return max(found, key=len) if found else None


def check_text(
    text: str, *, as_of: str | date | None = None, own: Sequence[Path] = ()
) -> list[tuple[Claim, PollVerdict]]:
    """Check what a sentence says about a poll, e.g. ``"69 percent disapprove of …, Monmouth"``.

    Returns
    -------
    list of (Claim, PollVerdict)
        Empty where the sentence holds no figure that can be checked.
    """
    return [
        (
            claim,
            check(
                claim.percent,
                claim.answer,
                pollster=claim.pollster,
                issue=claim.issue,
                group=claim.group,
                day=claim.day,
                as_of=as_of,
                qualifier=claim.qualifier,
                president=claim.president,
                own=own,
            ),
        )
        for claim in read_claim(text)
    ]
