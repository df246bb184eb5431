"""Typed statements: what a sentence says, without the words.

Each statement is about spans of months; `Definition` (which series) is kept apart, because one sentence can be read
under several. Quantities carry the precision with which they were stated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from caudal.statements._span import Span

__all__ = [
    "STATEMENTS",
    "Change",
    "Compare",
    "Level",
    "Poll",
    "Qualifier",
    "Quantity",
    "Rank",
    "Ratio",
    "Record",
    "SeriesStatement",
    "Share",
    "Statement",
    "Streak",
    "Threshold",
]

Where = tuple[tuple[str, str], ...]
Qualifier = Literal["exact", "about", "nearly", "more", "less", "at_least", "at_most"]


@dataclass(frozen=True)
class Quantity:
    """A stated number.

    Attributes
    ----------
    value : float
        The number: a count, a percentage, or a factor.
    qualifier : str
        ``exact`` (as stated, to the last digit that is not a filling zero), ``about``, ``nearly`` (just below),
        ``more``, ``less``, ``at_least``, ``at_most``.
    grain : float
        Size of the last digit stated: 1 for 242,418, 0.1 million for "2.5 million", 1 for "50 percent".
    high : float or None
        Upper end of a stated range ("between 300 and 400 thousand"); ``value`` is the lower one.
    """

    value: float
    qualifier: Qualifier = "exact"
    grain: float = 1.0
    high: float | None = None


_ANY = Span(date(2000, 1, 1))
_NONE, _TWICE, _HALF = Quantity(0), Quantity(2), Quantity(50)


@dataclass(frozen=True)
class _Statement:
    """Common to all: the span, the narrowing conditions said, and the last span that may be compared with."""

    span: Span
    where: Where = ()
    until: date | None = field(default=None, kw_only=True)

    @property
    def kind(self) -> str:
        """The name of the type in lower case."""
        return type(self).__name__.lower()


@dataclass(frozen=True)
class Level(_Statement):
    """There were ``quantity`` encounters in ``span``.

    ``moved``: they are said to have gone up or down to it, from what is left open ("fell to 83,536 in June").
    """

    quantity: Quantity = _NONE
    moved: Literal["up", "down"] | None = None


@dataclass(frozen=True)
class Record(_Statement):
    """``span`` was the highest (or lowest) of its peers.

    ``same_month`` compares a month only with the same month of other years. ``since``: only with spans that begin on
    or after that day (None: the archive's whole history). ``since_with``: where words leave open whether the time
    named counts, too ("of any month since March 2006"), the earlier of the two days; the verdict must be that of both.
    ``to_date``: compare with later spans, too.
    """

    extreme: Literal["high", "low"] = "high"
    same_month: bool = False
    since: date | None = None
    to_date: bool = True
    since_with: date | None = None


@dataclass(frozen=True)
class Rank(_Statement):
    """``span`` was the ``position``-th highest (lowest) of its peers, or, with ``among``, a category of a dimension."""

    position: int = 1
    extreme: Literal["high", "low"] = "high"
    same_month: bool = False
    since: date | None = None
    to_date: bool = True
    among: str | None = None
    code: str | None = None
    since_with: date | None = None


@dataclass(frozen=True)
class Change(_Statement):
    """From ``base`` to ``span`` the value went up or down, by ``amount`` in percent or in encounters."""

    base: Span = _ANY
    direction: Literal["up", "down", "same"] = "up"
    amount: Quantity | None = None
    unit: Literal["percent", "count"] = "percent"


@dataclass(frozen=True)
class Ratio(_Statement):
    """The value of ``span`` is ``factor`` times that of ``base``."""

    base: Span = _ANY
    factor: Quantity = _TWICE


@dataclass(frozen=True)
class Share(_Statement):
    """The cells ``where`` + ``part`` are ``percent`` of the cells ``where`` in ``span``."""

    part: Where = ()
    percent: Quantity = _HALF


@dataclass(frozen=True)
class Streak(_Statement):
    """The value went up or down ``count`` months in a row, the last being ``span``; or stayed above ``level``.

    ``ordinal``: "for the third month in a row" says that it was three, not more.
    """

    count: int = 2
    direction: Literal["up", "down"] = "up"
    ordinal: bool = False
    level: Quantity | None = None


@dataclass(frozen=True)
class Threshold(_Statement):
    """In ``span`` the value went above (below) ``level`` for the first time; with ``never`` no span ever did."""

    level: Quantity = _NONE
    side: Literal["above", "below"] = "above"
    since: date | None = None
    never: bool = False
    since_with: date | None = None


@dataclass(frozen=True)
class Compare(_Statement):
    """In ``span`` the cells ``left`` were more (fewer) than the cells ``right``."""

    left: Where = ()
    right: Where = ()
    more: bool = True


@dataclass(frozen=True)
class Poll:
    """A poll found ``percent`` for an answer; ``written``: quoted on that day, so published by then."""

    percent: float
    answer: str
    pollster: str | None = None
    issue: str = "immigration"
    group: str | None = None
    day: date | None = None
    qualifier: Literal["exact", "more", "less", "about", "nearly"] = "exact"
    president: str | None = None
    written: date | None = None

    @property
    def kind(self) -> str:
        """The name of the type in lower case."""
        return "poll"


SeriesStatement = Level | Record | Rank | Change | Ratio | Share | Streak | Threshold | Compare
Statement = SeriesStatement | Poll

STATEMENTS = (Level, Record, Rank, Change, Ratio, Share, Streak, Threshold, Compare, Poll)
