"""Figures reported before the official release: a ledger that comes with the package and that anyone can add to.

Officials, the press and agencies give numbers for a month, or part of it, days or weeks before the publisher does.
They are not official figures and never answer `series`; forecasts may use those published by their as-of day.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

import polars as pl

from caudal._core.dates import parse_day
from caudal._core.errors import OptionError, StoreError
from caudal._core.tables import declared
from caudal.figures._archive import store_directory
from caudal.figures._hindsight import as_told_by
from caudal.figures._plan import ask
from caudal.figures._store import Store

__all__ = ["Report", "add_report", "events", "release_days", "reports"]

_ROOM = "caudal.figures"
_LEDGER = "reported.csv"
#: No figure of this system has been near it; a larger one is a slip of the hand.
_MOST = 100_000_000


@dataclass(frozen=True)
class Report:
    """One figure somebody gave before the official release.

    Attributes
    ----------
    measure : str
        Declared measure it speaks about.
    first, last : datetime.date
        First and last day it covers.
    value : float
        The number given.
    published : datetime.date
        The day it could be known from; where only part of the date is known, the latest it can have been.
    who : str
        Who gave it: office, person, paper.
    source : str
        Where it can be read.
    basis : {"total", "per_day"}
        Whether ``value`` is the total of the days covered or the mean of a day.
    where : str
        Conditions in codes, ``"area=TCA"``; empty for all.
    qualifier : str
        ``about``, ``more than``, … as said; empty when none.
    certainty : str
        How well ``published`` is known.
    statement : str
        The words, or as near as they are known.
    file_row : str
        Where it stands in the file it was compiled from; empty for reports that users add.
    """

    measure: str
    first: date
    last: date
    value: float
    published: date
    who: str
    source: str
    basis: str = "total"
    where: str = ""
    qualifier: str = ""
    certainty: str = "stated"
    statement: str = ""
    file_row: str = ""

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.last - self.first).days + 1


_COLUMNS = tuple(field.name for field in fields(Report))


def reports(
    measure: str | None = None,
    *,
    as_of: str | date | None = None,
    store: str | os.PathLike[str] | None = None,
) -> pl.DataFrame:
    """Return the ledger: figures reported before the official release.

    Parameters
    ----------
    measure : str, optional
        Only reports on this measure.
    as_of : str or datetime.date, optional
        Only what had been published by the end of that day.
    store : path, optional
        The user's store, whose own reports are added; see `store_directory`.

    Returns
    -------
    polars.DataFrame
        The attributes of `Report`, with ``days`` covered, ``per_day`` and ``total`` (of the days covered) derived from
        ``value`` and ``basis``, in order of publication.

    Raises
    ------
    StoreError
        When the user's ledger cannot be read.
    """
    rows = [*_shipped(), *_own(store_directory(store))]
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    if measure is not None:
        ask(measure)
        rows = [row for row in rows if row.measure == measure]
    kept = [row for row in rows if day is None or row.published <= day]
    kept.sort(key=lambda row: (row.published, row.last, row.who))
    schema = dict.fromkeys(_COLUMNS, pl.String) | dict.fromkeys(("first", "last", "published"), pl.Date)
    frame = pl.DataFrame(
        [asdict(row) for row in kept],
        schema={**schema, "value": pl.Float64},
    )
    days = (pl.col("last") - pl.col("first")).dt.total_days() + 1
    is_total = pl.col("basis") == "total"
    return frame.with_columns(
        days.alias("days"),
        pl.when(is_total).then(pl.col("value") / days).otherwise(pl.col("value")).alias("per_day"),
        pl.when(is_total).then(pl.col("value")).otherwise(pl.col("value") * days).alias("total"),
    )


def add_report(
    report: Report,
    *,
    conditions: Mapping[str, str | Sequence[str]] | None = None,
    store: str | os.PathLike[str] | None = None,
) -> Report:
    """Write a report into the user's ledger, or leave it as it is when it stands there already.

    Parameters
    ----------
    report : Report
        The report; ``where`` is taken from ``conditions`` when they are given.
    conditions : mapping, optional
        Dimension to value, by code or name.
    store : path, optional
        The user's store; see `store_directory`.

    Returns
    -------
    Report
        What was written, conditions in codes.

    Raises
    ------
    OptionError
        When the measure or a condition is not known, or days or value cannot be.
    StoreError
        When the ledger cannot be written.
    """
    question = ask(
        report.measure,
        (),
        {k: v if isinstance(v, str) else tuple(v) for k, v in (conditions or _pairs(report.where)).items()},
    )
    asked = {k: v for k, v in question.where.items() if question.measure.where.get(k) != v[0]}
    where = ";".join(f"{name}={'|'.join(codes)}" for name, codes in sorted(asked.items()))
    checked = Report(**{**asdict(report), "where": where})
    _check(checked)
    directory = store_directory(store)
    with Store(directory).writing():
        own = _own(directory)
        if checked not in (*_shipped(), *own):
            _write(directory / _LEDGER, [*own, checked])
    return checked


def _check(report: Report) -> None:
    if report.last < report.first:
        raise OptionError(f"the last day {report.last} is before the first {report.first}", where="--to")
    if report.published < report.last:
        raise OptionError(
            f"published on {report.published}, it cannot count days until {report.last}",
            where="--published",
            remedy="Give as --to the last day that the figure covers",
        )
    if not 0 <= report.value <= _MOST:
        raise OptionError(f"{report.value:g} is not a count", where="--value")
    if report.basis not in ("total", "per_day"):
        raise OptionError(f"{report.basis!r} is not a basis", remedy="Known: total, per_day")
    if not report.who.strip() or not report.source.strip():
        raise OptionError(
            "a report needs to say who gave it and where it can be read", where="--who, --source"
        )


def _pairs(text: str) -> dict[str, tuple[str, ...]]:
    pairs = (pair.split("=", 1) for pair in text.split(";") if pair)
    return {name: tuple(codes.split("|")) for name, codes in pairs}


def _shipped() -> list[Report]:
    return [_row(row) for row in declared(_ROOM, _LEDGER)]


def _own(directory: Path) -> list[Report]:
    path = directory / _LEDGER
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"cannot be read ({error})", where=str(path)) from None
    found = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        try:
            found.append(_row(row))
        except (KeyError, ValueError, TypeError, OptionError) as error:
            raise StoreError(
                f"row {number} is not a report ({error})", where=str(path), remedy="Mend or remove the row"
            ) from None
    return found


def _row(row: Mapping[str, str]) -> Report:
    text = {name: row[name] for name in _COLUMNS[5:]}
    return Report(
        row["measure"],
        parse_day(row["first"]),
        parse_day(row["last"]),
        float(row["value"]),
        parse_day(row["published"]),
        **text,
    )


def _write(path: Path, rows: Sequence[Report]) -> None:
    """Replace the ledger by one rename, so that a killed process leaves it as it was."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**asdict(row), "value": f"{row.value:.12g}"} for row in rows)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.write(out.getvalue())
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def release_days() -> pl.DataFrame:
    """Return on which day CBP's figures of a month came out, official and preliminary, as far as the press says.

    Returns
    -------
    polars.DataFrame
        ``month``, ``released``, ``relation`` (``at`` that day, ``by`` it, ``after`` it), ``kind`` (``official``,
        ``preliminary``), ``kind_text``, ``source``.
    """
    return pl.DataFrame(declared(_ROOM, "release_days.csv")).with_columns(pl.col("released").str.to_date())


def events(as_of: str | date | None = None) -> pl.DataFrame:
    """Return dated policy events, with how far each is verified and where it can be read.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        Only events whose first day had come by that day, their texts without what came later.

    Returns
    -------
    polars.DataFrame
        ``first``, ``last`` (the earliest and latest day it can have been, or begun), ``date_text``, ``what``, ``who``,
        ``status`` (``verified``, ``partly verified``, ``unverified``), ``status_text``, ``source``, ``file_row``.
    """
    frame = pl.DataFrame(declared(_ROOM, "events.csv")).with_columns(pl.col("first", "last").str.to_date())
    day = parse_day(as_of, option="as_of") if as_of is not None else None
    if day is None:
        return frame
    come = frame.filter(pl.col("first") <= day)
    told = [as_told_by(what, first, day) for what, first in come.select("what", "first").rows()]
    return come.with_columns(pl.Series("what", told, dtype=pl.String))
