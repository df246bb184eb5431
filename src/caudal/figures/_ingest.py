"""Taking a publisher's file in: recognise, parse, compare with what is held, write in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from caudal._core.dates import parse_day
from caudal._core.errors import InputError, OptionError
from caudal.figures._archive import Archive
from caudal.figures._declared import sources, tables
from caudal.figures._release import OBSERVATION_SCHEMA, ParsedRelease, SourceFile
from caudal.figures._store import Release, Store, make_release, reading
from caudal.figures.sources import parse

__all__ = ["ACCEPTABLE", "Added", "add_file", "released_from_name"]

#: Checks a user may waive after looking: name → what it holds.
ACCEPTABLE = {
    "order": "rows stand in the publisher's order",
    "cut": "the file ends with a line end",
    "months": "no month is missing inside the file",
    "totals": "breakdowns add up to their totals",
    "revision": "no closed month's total moves by more than 2 percent",
}

#: In-year months of these tables have moved by up to 0.03 percent; a move of 2 percent is another file, or half of one.
_LARGE_REVISION = 0.02


@dataclass(frozen=True)
class Added:
    """What taking in one release did.

    Attributes
    ----------
    release : Release
        The release.
    held : bool
        True when the archive had it already and nothing changed.
    new, revised, withdrawn, unchanged : int
        Cells against the release before it, for periods both speak about; ``new`` counts cells of new periods too.
    """

    release: Release
    held: bool
    new: int = 0
    revised: int = 0
    withdrawn: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        if self.held:
            return f"{self.release.id}: already in the archive with the same figures; nothing changed"
        return (
            f"{self.release.id}: {self.release.observations:,} observations; {self.new:,} new, "
            f"{self.revised:,} revised, {self.withdrawn:,} withdrawn, {self.unchanged:,} unchanged"
        )


def released_from_name(name: str) -> date | None:
    """Return the day a file name carries (``2023-12-22_…csv``), if it carries one."""
    for found in re.finditer(r"(?<!\d)(20\d\d-\d\d-\d\d)(?!\d)", name):
        try:
            return parse_day(found[1])
        except OptionError:
            continue
    return None


def add_file(
    archive: Archive,
    store: Store,
    path: Path,
    *,
    released: date | None = None,
    certainty: str | None = None,
    accept: frozenset[str] = frozenset(),
    carried_by: str = "",
    retrieved: date | None = None,
    ask: Callable[[str], date | None] = lambda _: None,
    waiting: Callable[[str], None] | None = None,
) -> list[Added]:
    """Take one file into a store: all of it or nothing.

    Parameters
    ----------
    archive : Archive
        Everything known, the store included; what it holds already is not written again.
    store : Store
        Where new releases go.
    path : pathlib.Path
        The publisher's file, gzipped or not.
    released : datetime.date, optional
        The day it was published; else taken from the file itself, else from its name, else ``ask`` is called.
    certainty : str, optional
        How well that day is known.
    accept : frozenset of str
        Names of `ACCEPTABLE` checks to waive.
    ask : callable
        Given a question, returns a day or None.
    waiting : callable, optional
        Called with one line when another process is writing.

    Returns
    -------
    list of Added
        One entry per release in the file.

    Raises
    ------
    InputError
        When the file cannot be used; the store is then untouched.
    """
    file = SourceFile.read(path, accept)
    dated = [_dated(file, parsed, released, certainty, ask) for parsed in parse(file)]
    prepared = [
        (
            make_release(
                parsed,
                file,
                day,
                how,
                address=sources()[parsed.source].address,
                publisher=sources()[parsed.source].publisher,
                carried_by=carried_by,
                retrieved=retrieved,
            ),
            parsed.observations,
        )
        for parsed, day, how in dated
    ]
    outcome = [_compare(archive, release, frame, accept) for release, frame in prepared]
    if all(added.held for added in outcome):
        return outcome
    with store.writing(waiting):
        # Another process may have written while this one waited: compare again with what is there now.
        outcome = [_compare(Archive(archive.layers), release, frame, accept) for release, frame in prepared]
        store.write([item for item, added in zip(prepared, outcome, strict=True) if not added.held])
    return outcome


def _dated(
    file: SourceFile,
    parsed: ParsedRelease,
    released: date | None,
    certainty: str | None,
    ask: Callable[[str], date | None],
) -> tuple[ParsedRelease, date, str]:
    if parsed.released:
        if released:
            raise OptionError(
                f"{file.name} says itself when each of its releases was published",
                where="--released",
                remedy="Leave the option out",
            )
        return parsed, parsed.released, parsed.certainty or "stated"
    if released:
        return parsed, released, certainty or "stated"
    named = released_from_name(file.name)
    if named:
        return parsed, named, certainty or "inferred"
    answer = ask(f"On which day was {file.name} published (YYYY-MM-DD)?")
    if answer is None:
        raise InputError(
            "does not say when it was published, neither inside nor in its name",
            where=file.name,
            remedy="Give the day: --released YYYY-MM-DD",
        )
    return parsed, answer, "stated"


def _compare(archive: Archive, release: Release, frame: pl.DataFrame, accept: frozenset[str]) -> Added:
    """Count what a release changes against the one before it, and refuse what cannot be a revision."""
    key = list(OBSERVATION_SCHEMA)[:-3]
    for held in archive.releases:
        same_file = (held.source, held.sha256, held.label) == (release.source, release.sha256, release.label)
        if same_file:  # under whatever day: a file is published once
            return Added(held, held=True)
        if held.id != release.id:
            continue
        if _cells(archive, held.id, key).equals(_summed(frame, key)):
            return Added(held, held=True)
        raise InputError(
            f"differs from the release of {release.released} that the archive holds "
            f"(SHA-256 {held.sha256[:12]}…, this file {release.sha256[:12]}…)",
            where=release.file,
            remedy="If the publisher issued both, give this one its own day: --released YYYY-MM-DD",
        )
    before = archive.at(release.released)
    cells = _summed(frame, key)
    old = _previous(before, release, key)
    both = cells.join(old, on=key, how="inner", nulls_equal=True, suffix="_old")
    revised = both.filter(pl.col("value") != pl.col("value_old")).height
    if "revision" not in accept:
        _check_revision(release, cells, old)
    return Added(
        release,
        held=False,
        new=cells.height - both.height,
        revised=revised,
        withdrawn=old.height - both.height,
        unchanged=both.height - revised,
    )


def _previous(before: Archive, release: Release, key: list[str]) -> pl.DataFrame:
    """Return the cells as they stood before, for the periods that the release speaks about."""
    # release before → (table, period) for which it is the newest; each is read once, however many tables it has
    wanted: dict[str, list[tuple[str, date]]] = {}
    for table in release.coverage:
        newest = before.newest(table)
        for period in release.periods(table):
            if period in newest:
                wanted.setdefault(newest[period].id, []).append((table, period))
    parts = [
        _cells(before, name, key).join(
            pl.DataFrame(pairs, schema={"table": pl.String, "period": pl.Date}, orient="row"),
            on=["table", "period"],
            how="semi",
        )
        for name, pairs in wanted.items()
    ]
    schema: dict[str, type[pl.DataType]] = {
        **{name: OBSERVATION_SCHEMA[name] for name in key},
        "value": pl.Float64,
    }
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _cells(archive: Archive, release: str, key: list[str]) -> pl.DataFrame:
    (path,) = archive.files([release])
    with reading("the archive"):
        frame = pl.read_parquet(path)
    # A release written before a dimension was declared lacks its column.
    absent = [name for name in key if name not in frame.columns]
    return _summed(
        frame.with_columns(pl.lit(None, OBSERVATION_SCHEMA[name]).alias(name) for name in absent), key
    )


def _summed(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return frame.group_by(key).agg(pl.col("value").sum()).sort(key, nulls_last=False)


def _check_revision(release: Release, cells: pl.DataFrame, old: pl.DataFrame) -> None:
    total = cells.group_by("table", "period").agg(pl.col("value").sum())
    total_old = old.group_by("table", "period").agg(pl.col("value").sum().alias("old"))
    moved = (
        total.join(total_old, on=["table", "period"])
        .filter(pl.col("old") > 1000)
        .with_columns(share=pl.col("value") / pl.col("old") - 1)
        .filter(pl.col("share").abs() > _LARGE_REVISION)
        .sort("period")
    )
    if moved.height:
        row = moved.row(0, named=True)
        sheet = tables()[row["table"]].sheet
        raise InputError(
            f"the total of {row['period']:%Y-%m} moves from {row['old']:,.0f} to {row['value']:,.0f} "
            f"({row['share']:+.1%}), far more than a revision",
            where=f"{release.file}, sheet {sheet!r}" if sheet else release.file,
            remedy="It is cut off, filtered or another table (or --accept revision, if the publisher restated it)",
        )
