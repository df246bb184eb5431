"""Which sources still publish, and since when one is stale, as of a day of the archive."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from caudal._core.dates import parse_day
from caudal.figures._archive import Archive, open_archive
from caudal.figures._declared import sources

__all__ = ["source_table"]


def source_table(archive: Archive | None = None, *, as_of: str | date | None = None) -> pl.DataFrame:
    """Return every declared source with its releases and whether it still publishes.

    Parameters
    ----------
    archive : Archive, optional
        Default: the embedded archive and the user's own store.
    as_of : str or datetime.date, optional
        The day for which it is said. Default: the day of the newest release in the archive (no clock is read).

    Returns
    -------
    polars.DataFrame
        ``source, publisher, title``, ``releases`` (their number), ``first_release``, ``last_release``, ``covers_to``
        (first day of its last period), ``status`` and ``stale_since``. The status is ``current``; ``stale`` when a
        source that publishes regularly has been silent for longer than it ever is (``stale_since`` is the day on
        which its next release was overdue); ``ended`` for what was published once and is closed; ``none`` when the
        archive holds nothing of it by that day.
    """
    held = archive or open_archive()
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    held = held.at(day)
    day = day or (held.latest.released if held.releases else date.min)
    rows = []
    for source in sources().values():
        of_it = [release for release in held.releases if release.source == source.id]
        last = of_it[-1].released if of_it else None
        every = source.notes["every_days"]
        overdue = last + timedelta(days=int(every)) if last and every else None
        stale = overdue is not None and day > overdue
        status = "none" if not of_it else "stale" if stale else "current" if every else "ended"
        spans = [span for release in of_it for spans in release.coverage.values() for span in spans]
        rows.append(
            {
                "source": source.id,
                "publisher": source.publisher,
                "title": source.title_en,
                "releases": len(of_it),
                "first_release": of_it[0].released if of_it else None,
                "last_release": last,
                "covers_to": max((end for _, end in spans), default=None),
                "status": status,
                "stale_since": overdue if stale else None,
            }
        )
    days = dict.fromkeys(("first_release", "last_release", "covers_to", "stale_since"), pl.Date)
    return pl.DataFrame(rows, schema_overrides=days)
