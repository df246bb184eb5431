"""A directory of releases: one parquet file each, and a manifest that says which of them count.

Layout::

    DIR/manifest.json                       every release: publisher, day, file hash, coverage
    DIR/releases/<release id>.parquet       its observations, each with its row in the publisher's file

A release is written whole and never changed, so adding releases in any order gives the same store, and the row of
every figure in every release stays known (docs/decisions/001-releases-are-kept-whole.md). The manifest is replaced
by one atomic rename: a process killed at any moment leaves the store as it was before or as it is after. Writers
take turns on a lock; readers need none, because nothing they can see is ever rewritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from filelock import FileLock, Timeout

from caudal._core.dates import add_periods, period_label
from caudal._core.errors import InputError, StoreError
from caudal.figures._declared import tables
from caudal.figures._release import ParsedRelease, SourceFile

__all__ = ["Release", "Store"]

_FORMAT = 1
#: How long a writer waits for another one before it gives up, in seconds.
_LOCK_SECONDS = 600

Span = tuple[date, date]


@dataclass(frozen=True)
class Release:
    """What one publisher said on one day.

    Attributes
    ----------
    id : str
        ``source@day``, and ``+part`` where a publication comes in several files.
    released : datetime.date
        The day from which it counts as known; where only a month is known, the latest day it can have been.
    certainty : str
        ``stated``, ``inferred`` or what is known, e.g. ``month ± 1, 2022-10``.
    sha256 : str
        Hash of the publisher's file, unpacked.
    provisional_from : datetime.date or None
        From this period on the publisher may still revise (the fiscal year was in progress).
    coverage : dict of str to list of (date, date)
        Per table the spans of periods the release speaks about, first to last.
    """

    id: str
    source: str
    publisher: str
    released: date
    certainty: str
    sha256: str
    file: str
    label: str
    address: str
    carried_by: str
    retrieved: date | None
    observations: int
    provisional_from: date | None = None
    coverage: dict[str, list[Span]] = field(default_factory=dict)

    def is_provisional(self, period: date) -> bool:
        """Return whether the publisher said that it may still revise this period."""
        return self.provisional_from is not None and period >= self.provisional_from

    def periods(self, table: str) -> list[date]:
        """Return the periods of a table that this release speaks about."""
        freq = tables()[table].freq if table in tables() else "month"
        found = []
        for first, last in self.coverage.get(table, ()):
            while first <= last:
                found.append(first)
                first = add_periods(freq, first)
        return found


def _coverage(observations: pl.DataFrame) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for name, period in observations.select("table", "period").unique().sort("table", "period").rows():
        runs = spans.setdefault(name, [])
        if runs and add_periods(tables()[name].freq, runs[-1][1]) == period:
            runs[-1] = (runs[-1][0], period)
        else:
            runs.append((period, period))
    return spans


def make_release(
    parsed: ParsedRelease,
    file: SourceFile,
    released: date,
    certainty: str,
    *,
    address: str,
    publisher: str,
    carried_by: str = "",
    retrieved: date | None = None,
) -> Release:
    """Return the manifest entry of a parsed release.

    Raises
    ------
    InputError
        When it would have been released before the last month it reports was over, or after it was retrieved.
    """
    if retrieved and released > retrieved:
        raise InputError(
            f"cannot have been released on {released}: it is in hand on {retrieved}",
            where=file.name,
            remedy="Give the day it was published: --released YYYY-MM-DD",
        )
    coverage = _coverage(parsed.observations)
    for name, spans in coverage.items():
        freq, last = tables()[name].freq, spans[-1][1]
        # A year or a week may be reported while it runs (and is then provisional), a month or a day may not.
        if released < (add_periods(freq, last) if freq in ("month", "day") and not parsed.partial else last):
            raise InputError(
                f"has figures for {period_label(freq, last)}, so it cannot have been released on {released}",
                where=file.name,
                remedy="Give the day it was published: --released YYYY-MM-DD",
            )
    return Release(
        id=f"{parsed.source}@{released}" + (f"+{parsed.part}" if parsed.part else ""),
        source=parsed.source,
        publisher=publisher,
        released=released,
        certainty=certainty,
        sha256=file.sha256,
        file=file.name,
        label=parsed.label,
        address=address,
        carried_by=carried_by,
        retrieved=retrieved,
        observations=parsed.observations.height,
        provisional_from=parsed.observations.filter(pl.col("status") == "provisional")["period"].min(),  # type: ignore[arg-type]
        coverage=coverage,
    )


class Store:
    """A directory of releases.

    Parameters
    ----------
    path : pathlib.Path
        The directory; it need not exist until something is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def _manifest(self) -> Path:
        return self.path / "manifest.json"

    def releases(self) -> tuple[Release, ...]:
        """Return the releases in order of day and id.

        Raises
        ------
        StoreError
            When the manifest cannot be read, or was written by a later version.
        """
        identity = self.identity
        return _read_manifest(self._manifest, *identity) if identity else ()

    @property
    def identity(self) -> tuple[int, ...]:
        """Time, size and inode of the manifest: another tuple means other releases. Empty when there is none."""
        try:
            stat = self._manifest.stat()
        except FileNotFoundError:
            return ()
        except OSError as error:  # the path, or a part of it, is a file, or may not be entered
            raise StoreError(
                f"cannot be read ({error.strerror or error})",
                where=str(self.path),
                remedy="Choose a directory with --store DIR or CAUDAL_HOME",
            ) from None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def observations_file(self, release: str) -> Path:
        """Return the parquet file of a release."""
        return self.path / "releases" / f"{release}.parquet"

    def observations(self, release: str) -> pl.DataFrame:
        """Return all observations of a release.

        Raises
        ------
        StoreError
            When its file is absent or damaged.
        """
        with reading(self.path):
            return pl.read_parquet(self.observations_file(release))

    @contextmanager
    def writing(self, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the store for writing; say so when another process has it.

        Raises
        ------
        StoreError
            When the directory cannot be written, or the other process does not finish.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if waiting:
                    waiting(f"waiting: another process is writing to {self.path}")
                lock.acquire(timeout=_LOCK_SECONDS)
        except Timeout:
            raise StoreError(
                "another process has been writing for ten minutes",
                where=str(self.path),
                remedy="Stop it, or choose another --store",
            ) from None
        except OSError as error:
            raise StoreError(
                f"cannot be written ({error.strerror or error})",
                where=str(self.path),
                remedy="Choose a directory of yours with --store DIR or CAUDAL_HOME",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def write(self, new: Sequence[tuple[Release, pl.DataFrame]]) -> None:
        """Add releases in one transaction. The caller holds `writing`.

        All observation files are complete on disk before the one rename that makes them count.

        Raises
        ------
        StoreError
            When the disk is full or refuses; the releases that were there still count, and no others.
        """
        try:
            self._write(new)
        except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
            with suppress(OSError):
                self._clear()
            raise StoreError(
                f"cannot be written ({_one_line(error)})",
                where=str(self.path),
                remedy="Nothing was added. Make room, or choose another --store",
            ) from None

    def _clear(self) -> None:
        """Remove what a process left over that was killed; the lock says none is alive."""
        for left_over in (*self.path.glob("releases/.*.tmp*"), *self.path.glob(".*.tmp*")):
            left_over.unlink(missing_ok=True)

    def _write(self, new: Sequence[tuple[Release, pl.DataFrame]]) -> None:
        directory = self.path / "releases"
        directory.mkdir(parents=True, exist_ok=True)
        self._clear()
        for release, observations in new:
            final = self.observations_file(release.id)
            temporary = directory / f".{release.id}.tmp"
            write_parquet(observations.with_columns(pl.lit(release.id).alias("release")), temporary)
            _sync(temporary)
            temporary.replace(final)
        known = {release.id: release for release in self.releases()}
        known |= {release.id: release for release, _ in new}
        entries = sorted(known.values(), key=lambda r: (r.released, r.id))
        text = json.dumps(
            {"format": _FORMAT, "releases": [_to_json(entry) for entry in entries]},
            indent=1,
            ensure_ascii=False,
        )
        temporary = self.path / ".manifest.json.tmp"
        temporary.write_text(text + "\n", encoding="utf-8")
        _sync(temporary)
        temporary.replace(self._manifest)


@contextmanager
def reading(place: Path | str) -> Iterator[None]:
    """Turn what polars and DuckDB say of an absent or damaged file into one line about the store."""
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.InvalidInputException, pl.exceptions.ComputeError) as error:
        raise StoreError(
            f"an observations file is absent or damaged ({_one_line(error)})",
            where=str(place),
            remedy="Restore it from a copy, or choose another --store and add the publishers' files again",
        ) from None


def _one_line(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]


@lru_cache(maxsize=16)
def _read_manifest(path: Path, *_identity: int) -> tuple[Release, ...]:
    """Read a manifest; an unchanged one (same time, size and inode) is read once in a process."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            raise StoreError(
                f"has format {data['format']}, this version reads {_FORMAT}",
                where=str(path),
                remedy="Update caudal",
            )
        return tuple(_from_json(entry) for entry in data["releases"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"cannot be read ({type(error).__name__}: {error})",
            where=str(path),
            remedy="Restore it from a copy, or choose another --store",
        ) from None


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as parquet, small: DuckDB's version-2 encodings take less than half of polars' bytes."""
    raw = path.with_name(path.name + ".raw")
    frame.write_parquet(raw, compression="uncompressed")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            f"COPY (FROM read_parquet({_quoted(raw)})) TO {_quoted(path)} "
            "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 19)"
        )
    raw.unlink()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _to_json(release: Release) -> dict[str, Any]:
    entry = asdict(release)
    entry["released"] = release.released.isoformat()
    entry["retrieved"] = release.retrieved.isoformat() if release.retrieved else None
    entry["provisional_from"] = release.provisional_from.isoformat() if release.provisional_from else None
    entry["coverage"] = {
        name: [f"{first}/{last}" for first, last in spans] for name, spans in sorted(release.coverage.items())
    }
    return entry


def _from_json(entry: dict[str, Any]) -> Release:
    def span(text: str) -> Span:
        first, last = text.split("/")
        return date.fromisoformat(first), date.fromisoformat(last)

    known = dict(entry)
    known["released"] = date.fromisoformat(entry["released"])
    known["retrieved"] = date.fromisoformat(entry["retrieved"]) if entry["retrieved"] else None
    known["provisional_from"] = (
        date.fromisoformat(entry["provisional_from"]) if entry["provisional_from"] else None
    )
    known["coverage"] = {name: [span(s) for s in spans] for name, spans in entry["coverage"].items()}
    return Release(**known)
