"""The archive of polls: the compiled table, the user's own rows, and what could be known on a day."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from caudal._core.dates import parse_day
from caudal._core.errors import InputError, NotKnownError, OptionError, did_you_mean
from caudal.opinion._schema import GROUP_COLUMNS, POPULATIONS, SCHEMA, Row, frame_of, percent, positive
from caudal.opinion._tables import house_of, mode_group, president_named, president_on, table

__all__ = ["PUBLICATION_LAG", "compiled", "issues", "last_day_known", "own_polls", "polls", "read_own"]

#: Days after the end of fieldwork on which a poll without a printed day of publication counts as known. Of
#: the compiled polls whose address or release prints the day, every one of 37 had appeared by then.
PUBLICATION_LAG = 8

_REQUIRED = ("pollster", "population", "address")
_OPTIONAL = (
    "issue", "variant", "sponsor", "partisan", "field_start", "field_end", "published", "n", "mode",
    "tracking", "approve", "disapprove", *GROUP_COLUMNS, "note",
)  # fmt: skip


@cache
def compiled() -> pl.DataFrame:
    """Return the figures that came with the package, as compiled."""
    path = resources.files("caudal.opinion").joinpath("polls.csv")
    return pl.read_csv(path.read_bytes(), schema=SCHEMA)


def polls(
    issue: str | None = None,
    *,
    president: str | None = None,
    as_of: str | date | None = None,
    own: Sequence[Path] = (),
) -> pl.DataFrame:
    """Return poll figures, one row per poll, issue and question variant.

    Parameters
    ----------
    issue : str, optional
        Only this issue, e.g. ``"immigration"``.
    president : str, optional
        Only this term of office, e.g. ``"Biden"``.
    as_of : date or str, optional
        Only what had been published by that day.
    own : sequence of Path
        Files of your own polls to add (see `read_own`).

    Returns
    -------
    polars.DataFrame
        The compiled columns and: ``unsure`` (100 less both answers, never below 0), ``mode_group``,
        ``middle`` (middle of fieldwork, else the day of publication, else the middle of the month) and
        ``known_on`` (the day from which the poll counts as known).

    Raises
    ------
    OptionError
        For an issue or a term that does not exist.
    InputError
        For a file of one's own that cannot be read.
    """
    frame = pl.concat([compiled(), *[read_own(path) for path in own]])
    if issue is not None:
        known = frame["issue"].unique().to_list()
        if issue not in known:
            raise OptionError(
                f"no polls on {issue!r}", where="issue", remedy=did_you_mean(issue, [str(k) for k in known])
            )
        frame = frame.filter(pl.col("issue") == issue)
    if president is not None:
        frame = frame.filter(pl.col("president") == president_named(president).key)
    frame = _dated(frame)
    if as_of is not None:
        frame = frame.filter(pl.col("known_on") <= parse_day(as_of, option="as-of"))
    return frame.sort("known_on", "middle", "house", maintain_order=True)


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    month = pl.col("field_month").str.to_date("%Y-%m")
    start, end = pl.coalesce("field_start", "field_end"), pl.col("field_end")
    unsure = pl.max_horizontal(100 - pl.col("approve") - pl.col("disapprove"), pl.lit(0.0))
    groups = [mode_group(mode or "") for mode in frame["mode"].to_list()]
    return frame.with_columns(
        unsure=pl.when(pl.col("approve").is_not_null() & pl.col("disapprove").is_not_null()).then(unsure),
        mode_group=pl.Series(groups, dtype=pl.String),
        middle=pl.coalesce(
            start + pl.duration(days=(end - start).dt.total_days() // 2),
            "published",
            month + pl.duration(days=14),
        ),
        known_on=pl.coalesce(
            "published", pl.coalesce(end, month.dt.month_end()) + pl.duration(days=PUBLICATION_LAG)
        ),
    )


def issues(*, president: str | None = None) -> pl.DataFrame:
    """Return the issues polled, with the number of figures and houses and the days covered."""
    return (
        polls(president=president)
        .group_by("president", "issue")
        .agg(
            figures=pl.len(),
            houses=pl.col("house").n_unique(),
            first=pl.col("middle").min(),
            last=pl.col("middle").max(),
        )
        .sort(["president", "figures", "issue"], descending=[True, True, False])
    )


def last_day_known(frame: pl.DataFrame) -> date:
    """Return the last day on which one of ``frame``'s polls became known: the default of ``as_of``.

    Raises
    ------
    NotKnownError
        When there is no poll.
    """
    day = frame["known_on"].max()
    if not isinstance(day, date):
        raise NotKnownError(
            "there is no poll", remedy="See `caudal opinion issues` for what the archive holds"
        )
    return day


def read_own(path: Path) -> pl.DataFrame:
    """Read a CSV file of one's own polls.

    Parameters
    ----------
    path : Path
        A file with a header. Needed: ``pollster, population, address`` and one of ``field_end, published``,
        and one of ``approve, disapprove``. Understood besides: ``issue`` (else immigration), ``variant,
        sponsor, partisan, field_start, n, mode, tracking, note`` and answers by party (``dem_approve`` …).

    Returns
    -------
    polars.DataFrame
        The columns of the compiled table.

    Raises
    ------
    InputError
        For a missing file or column, a row without an address, an impossible figure; with row and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({error.__class__.__name__})", where=str(path), remedy="Give a CSV file in UTF-8"
        ) from error
    reader = csv.DictReader(text.splitlines())
    header = reader.fieldnames or []
    for column in _REQUIRED:
        if column not in header:
            raise InputError(
                f"column {column!r} is missing", where=str(path), remedy=f"Needed: {', '.join(_REQUIRED)}"
            )
    for column in header:
        if column not in _REQUIRED + _OPTIONAL:
            raise InputError(
                f"column {column!r} is not understood", where=str(path),
                remedy=did_you_mean(column, _REQUIRED + _OPTIONAL),
            )  # fmt: skip
    return frame_of([_own_row(cells, f"{path} row {i}") for i, cells in enumerate(reader, start=2)])


def _own_row(cells: dict[str, str], where: str) -> Row:
    cell = {column: (cells.get(column) or "").strip() for column in _REQUIRED + _OPTIONAL}
    for column in _REQUIRED:
        if not cell[column]:
            raise InputError(
                f"{column} is empty", where=where, remedy="Every poll says whose it is and where it stands"
            )
    if not cell["address"].startswith(("http://", "https://")):
        raise InputError(
            f"address {cell['address']!r} is not a web address",
            where=where,
            remedy="Write it from https:// on",
        )
    if cell["population"] not in POPULATIONS:
        raise InputError(
            f"population {cell['population']!r} is not known",
            where=where,
            remedy=", ".join(f"{key}: {name}" for key, name in POPULATIONS.items()),
        )
    start, end, published = _own_days(cell, where)
    known = published or end
    assert known is not None
    figures = {c: percent(cell[c], where, c) for c in ("approve", "disapprove", *GROUP_COLUMNS)}
    approve, disapprove = figures["approve"], figures["disapprove"]
    if approve is None and disapprove is None:
        raise InputError("neither approve nor disapprove is given", where=where, remedy="Give at least one")
    if (approve or 0) + (disapprove or 0) > 102:  # rounding alone can add up to 101
        raise InputError("approve and disapprove add up to more than 100", where=where, remedy="Check both")
    variants = [v["variant"] for v in table("variants.csv")]
    variant = cell["variant"] or "approve"
    if variant not in variants:
        remedy = did_you_mean(variant, variants)
        raise InputError(f"variant {variant!r} is not declared", where=where, remedy=remedy)
    pollster, house = house_of(cell["pollster"], cell["sponsor"])
    return {
        "president": president_on(known).key, "issue": cell["issue"] or "immigration", "variant": variant,
        "pollster": pollster, "house": house, "sponsor": cell["sponsor"] or None,
        "partisan": cell["partisan"] or None, "field_start": start, "field_end": end, "published": published,
        "n": positive(cell["n"], where, "n"), "population": cell["population"], "mode": cell["mode"] or None,
        "tracking": cell["tracking"].casefold() in ("true", "yes", "1"), "status": "published",
        "address": cell["address"], **figures,
        "note": "; ".join(filter(None, [cell["note"], "added by the user"])),
    }  # fmt: skip


def _own_days(cell: dict[str, str], where: str) -> tuple[date | None, date | None, date | None]:
    start, end, published = (
        parse_day(cell[c], option=f"{where}, {c}") if cell[c] else None
        for c in ("field_start", "field_end", "published")
    )
    remedy = "Check both days"
    if end is None and published is None:
        raise InputError("neither field_end nor published is given", where=where, remedy="Write YYYY-MM-DD")
    if start and start > (end or published or start):
        raise InputError(f"fieldwork starts on {start}, after it ends", where=where, remedy=remedy)
    if end and published and published < end:
        raise InputError(f"published on {published}, before fieldwork ended", where=where, remedy=remedy)
    return start, end, published


def own_polls(store: Path | None) -> list[Path]:
    """Return the files of the user's own polls: ``<store>/opinion/*.csv``, in order of name.

    Parameters
    ----------
    store : Path or None
        The user's archive; else ``CAUDAL_HOME``, else the user data directory.
    """
    return sorted((own_directory(store)).glob("*.csv"))


def own_directory(store: Path | None) -> Path:
    """Return where the user's own polls are kept (it need not exist)."""
    if store is None:
        home = os.environ.get("CAUDAL_HOME")
        if home:
            store = Path(home)
        else:
            from platformdirs import user_data_path

            store = user_data_path("caudal")
    return store / "opinion"


def _lag_days(frame: pl.DataFrame) -> pl.Series:
    """Days from the end of fieldwork to a printed day of publication, one per poll."""
    both = frame.filter(pl.col("field_end").is_not_null() & pl.col("published").is_not_null())
    both = both.unique(["pollster", "field_end", "published"])
    return (both["published"] - both["field_end"]).dt.total_days()
