"""Policy events: when they were announced, signed and took effect, whom they exposed, and who says so.

What happened and who did it stands in the figures' table of events; this table points there (``file_row``) and adds
what an event study needs, so that no sentence stands twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

from caudal import figures
from caudal._core.dates import parse_day
from caudal._core.errors import OptionError, did_you_mean
from caudal._core.tables import declared

__all__ = ["Event", "event", "events", "load_events"]

_ROOM = "caudal.levers"
STAMPS = ("announced", "signed", "effective")


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes
    ----------
    event : str
        Its name.
    what, who, verification : str
        From the figures' table: what happened, who did it, how far it is verified.
    announced, signed, effective : str
        ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM`` in ``zone``; empty when not known or not fitting.
    sources : dict of str to str
        Source of every timestamp and of the suspensions.
    zone : str
        IANA time zone.
    suspended : tuple of (str, str)
        Intervals in which it was not in force; an empty end is open.
    exposed, spillover, exempt : tuple of str
        Citizenship codes most directly exposed, exposed beside them, and exempt; ``all`` for everyone.
    where : tuple of str
        Places it was limited to.
    levers : tuple of str
        Levers it is a case of.
    disputed, unverified : tuple of str
        Timestamps that sources disagree about, and that no source at hand confirms.
    """

    event: str
    what: str
    who: str
    verification: str
    announced: str
    signed: str
    effective: str
    sources: dict[str, str]
    zone: str
    suspended: tuple[tuple[str, str], ...]
    exposed: tuple[str, ...]
    spillover: tuple[str, ...]
    exempt: tuple[str, ...]
    where: tuple[str, ...]
    levers: tuple[str, ...]
    disputed: tuple[str, ...]
    unverified: tuple[str, ...]

    def at(self, stamp: str) -> datetime | None:
        """Return a timestamp with its zone; midnight when only the day is known."""
        text: str = getattr(self, stamp)
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.zone)) if text else None

    def day(self, stamp: str) -> date | None:
        """Return the day of a timestamp where it happened."""
        text: str = getattr(self, stamp)
        return datetime.fromisoformat(text).date() if text else None

    @property
    def month(self) -> date:
        """The month it took effect: month 0."""
        day = self.day("effective")
        assert day is not None  # held by the tests of the table
        return day.replace(day=1)

    @property
    def baseline_end(self) -> date:
        """The first month that is no baseline: that of the announcement where it came earlier."""
        days = [d for d in (self.day("announced"), self.day("effective")) if d is not None]
        return min(days).replace(day=1)

    @property
    def known(self) -> date:
        """The first day on which it could be known of."""
        return min(d for stamp in STAMPS if (d := self.day(stamp)) is not None)


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("|")))


def _interval(text: str) -> tuple[str, str]:
    first, _, last = text.partition("/")
    return first, last


@cache
def load_events() -> dict[str, Event]:
    """Return every event by name, in order of the table."""
    told = {row["file_row"]: row for row in figures.events().iter_rows(named=True)}
    found = {}
    for row in declared(_ROOM, "events.csv"):
        base = told[row["file_row"]]
        found[row["event"]] = Event(
            row["event"], base["what"], base["who"], base["status"],
            row["announced"], row["signed"], row["effective"],
            {stamp: row[f"{stamp}_source"] for stamp in (*STAMPS, "suspended") if row[stamp]},
            row["zone"], tuple(_interval(t) for t in _split(row["suspended"])),
            *(_split(row[c]) for c in
              ("exposed", "spillover", "exempt", "where", "levers", "disputed", "unverified")),
        )  # fmt: skip
    return found


def event(name: str) -> Event:
    """Return one event.

    Raises
    ------
    OptionError
        When there is none of that name.
    """
    known = load_events()
    if name not in known:
        raise OptionError(f"no event {name!r}", where="EVENT", remedy=did_you_mean(name, known))
    return known[name]


def events(as_of: str | date | None = None, *, lever: str | None = None) -> pl.DataFrame:
    """Return the events as a table.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        Only events that had been announced, signed or in effect by that day; a suspension that began later is left out.
    lever : str, optional
        Only events that are a case of that lever.

    Returns
    -------
    polars.DataFrame
        The attributes of `Event`, lists joined by ``|``, ``sources`` as ``stamp: source``.
    """
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    levers = {x for e in load_events().values() for x in e.levers}
    if lever is not None and lever not in levers:
        raise OptionError(
            f"no event is a case of {lever!r}", where="--lever", remedy=did_you_mean(lever, levers)
        )
    rows = []
    for e in load_events().values():
        if (day is not None and e.known > day) or (lever is not None and lever not in e.levers):
            continue
        suspended = [s for s in e.suspended if day is None or date.fromisoformat(s[0][:10]) <= day]
        rows.append(
            {"event": e.event, "what": e.what, "who": e.who}
            | {stamp: getattr(e, stamp) for stamp in STAMPS}
            | {"zone": e.zone, "suspended": "|".join(f"{a}/{b}" for a, b in suspended)}
            | {name: "|".join(getattr(e, name)) for name in
               ("exposed", "spillover", "exempt", "where", "levers", "disputed", "unverified")}
            | {"verification": e.verification,
               "sources": "; ".join(f"{stamp}: {source}" for stamp, source in e.sources.items())}
        )  # fmt: skip
    names = ["event", "what", "who", *STAMPS, "zone", "suspended", "exposed", "spillover", "exempt", "where", "levers",
             "disputed", "unverified", "verification", "sources"]  # fmt: skip
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
