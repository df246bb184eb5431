"""The declared tables of the room: houses, modes, question variants, presidents, issues, corrections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from caudal._core.errors import NotKnownError, OptionError, did_you_mean
from caudal._core.tables import declared

__all__ = ["President", "house_of", "mode_group", "president_named", "president_on", "presidents", "table"]

_PACKAGE = "caudal.opinion"


def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of this room's declared tables."""
    return declared(_PACKAGE, name)


@dataclass(frozen=True)
class President:
    """One term of office: approval is pooled within a term and never across two.

    Attributes
    ----------
    key, name : str
        Short name used in options, and the name in sentences.
    start, end : datetime.date
        First day of the term, and the day it ends (not included).
    """

    key: str
    name: str
    start: date
    end: date


@cache
def presidents() -> tuple[President, ...]:
    """Return the declared terms in order of time."""
    rows = table("presidents.csv")
    return tuple(
        President(r["president"], r["name"], date.fromisoformat(r["start"]), date.fromisoformat(r["end"]))
        for r in rows
    )


def president_on(day: date) -> President:
    """Return who was in office on ``day``.

    Raises
    ------
    NotKnownError
        Before the first or after the last declared term.
    """
    for term in presidents():
        if term.start <= day < term.end:
            return term
    first, last = presidents()[0], presidents()[-1]
    raise NotKnownError(
        f"no term of office is declared for {day}",
        where="presidents.csv",
        remedy=f"The archive of polls covers {first.start} to {last.end}",
    )


def president_named(key: str) -> President:
    """Return the term called ``key``.

    Raises
    ------
    OptionError
        When no term has that name.
    """
    for term in presidents():
        if term.key.casefold() == key.strip().casefold():
            return term
    raise OptionError(
        f"{key!r} is not a declared term of office",
        where="president",
        remedy=did_you_mean(key, [p.key for p in presidents()]),
    )


@cache
def _houses() -> dict[tuple[str, str], tuple[str, str]]:
    return {(r["printed"], r["sponsor"]): (r["pollster"], r["house"]) for r in table("houses.csv")}


def house_of(printed: str, sponsor: str) -> tuple[str, str]:
    """Return the pollster's full name and its *house*: whoever writes the questionnaire in the same way.

    A pollster is one house unless ``houses.csv`` declares that a sponsor's polls differ (a sponsor that
    offers no "unsure" answer, say). Names that are not declared stand for themselves.
    """
    known = _houses()
    return known.get((printed, sponsor)) or known.get((printed, "")) or (printed, printed)


@cache
def _modes() -> dict[str, str]:
    return {r["mode"]: r["group"] for r in table("modes.csv")}


def mode_group(mode: str) -> str:
    """Return the group a mode of interview is pooled in; anything undeclared counts as ``mixed``."""
    return _modes().get(mode, "mixed")
