"""Where a number comes from and how it moved: the release triangle, and the rows behind a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from caudal._core.dates import parse_day, parse_period
from caudal._core.errors import NotKnownError
from caudal.figures._archive import Archive, open_archive
from caudal.figures._declared import measure as figure_of
from caudal.figures._plan import Choice, Question, ask, candidates, choose
from caudal.figures._series import select, whole_numbers
from caudal.figures._store import Release

__all__ = ["release_table", "releases_of", "trace", "triangle"]

Where = Mapping[str, str | Sequence[str]]

_RELEASE_TABLE: dict[str, type[pl.DataType]] = {
    "release": pl.String,
    "released": pl.Date,
    "certainty": pl.String,
    "publisher": pl.String,
    "first": pl.String,
    "last": pl.String,
    "observations": pl.Int64,
    "file": pl.String,
    "sha256": pl.String,
}


def release_table(archive: Archive | None = None) -> pl.DataFrame:
    """Return every visible release: id, day and certainty, publisher, figures, span of months, file and its hash."""
    rows = []
    for release in (archive or open_archive()).releases:
        spans = [span for spans in release.coverage.values() for span in spans]
        rows.append(
            {
                "release": release.id,
                "released": release.released,
                "certainty": release.certainty,
                "publisher": release.publisher,
                "first": min(first for first, _ in spans).strftime("%Y-%m"),
                "last": max(last for _, last in spans).strftime("%Y-%m"),
                "observations": release.observations,
                "file": release.file,
                "sha256": release.sha256,
            }
        )
    return pl.DataFrame(rows, schema=_RELEASE_TABLE)


def releases_of(measure: str, *, archive: Archive | None = None) -> list[Release]:
    """Return the visible releases that speak about a measure's total, by day.

    Raises
    ------
    OptionError
        When there is no such measure.
    """
    asked = figure_of(measure)
    whole = Question(asked, (), {name: (value,) for name, value in asked.where.items()})
    able = {table.id for table in candidates(whole)}
    return [release for release in (archive or open_archive()).releases if able & release.coverage.keys()]


def triangle(
    measure: str,
    period: str,
    *,
    where: Where | None = None,
    publisher: str | None = None,
    as_of: str | date | None = None,
    archive: Archive | None = None,
) -> pl.DataFrame:
    """Return what every release said about one month, in order of release.

    Parameters
    ----------
    measure, where, publisher, as_of, archive
        As in `series`.
    period : str
        The month, ``"2023-11"`` (or the week or year, for measures by week or year).

    Returns
    -------
    polars.DataFrame
        ``released, release, publisher, value, change`` (against the release before it of the same publisher),
        ``unit, status, certainty``. ``value`` is null where a rounded table leaves the cell out: zero or suppressed.

    Raises
    ------
    NotKnownError
        When no release speaks about that month.
    """
    held = (archive or open_archive()).at(parse_day(as_of) if as_of is not None else None)
    question = _question(measure, where, publisher)
    month = parse_period(question.measure.freq, period, option="period")
    rows = []
    for choice in _all_choices(held, question, month):
        value = select(held, [choice], question, "sum(value) AS value")["value"][0]
        if value is None and choice.table.exact and question.measure.kind == "flow":
            value = 0  # exact tables leave zeros out; in rounded ones the cell may be suppressed
        rows.append(
            {
                "released": choice.release.released,
                "release": choice.release.id,
                "publisher": choice.release.publisher,
                "value": value,
                "unit": question.measure.unit_en
                + ("" if choice.table.exact else f" (rounded to {choice.table.rounding})"),
                "status": "provisional" if choice.release.is_provisional(month) else "final",
                "certainty": choice.release.certainty,
            }
        )
    if not rows:
        raise NotKnownError(
            f"no release speaks about {measure!r} in {period}",
            remedy="`caudal figures releases` lists their months",
        )
    change = pl.col("value") - pl.col("value").shift().over("publisher")
    return (
        pl.DataFrame(rows, schema_overrides={"value": pl.Float64})
        .with_columns(whole_numbers(question))
        .sort("released", "release")
        .with_columns(change.alias("change"))
        .select("released", "release", "publisher", "value", "change", "unit", "status", "certainty")
    )


def _question(measure: str, where: Where | None, publisher: str | None) -> Question:
    named = {k: v if isinstance(v, str) else tuple(v) for k, v in (where or {}).items()}
    return ask(measure, (), named, publisher)


def _all_choices(archive: Archive, question: Question, month: date) -> list[Choice]:
    """Return one choice per release that speaks about a month: its least broken-down table that answers."""
    best: dict[str, Choice] = {}
    able = [table for table in candidates(question) if table.freq == question.measure.freq]
    for table in sorted(able, key=lambda table: len(table.dims)):
        for release in archive.releases:
            if release.id not in best and month in release.periods(table.id):
                best[release.id] = Choice(month, table, release)
    return list(best.values())


def trace(
    measure: str,
    period: str,
    *,
    where: Where | None = None,
    publisher: str | None = None,
    as_of: str | date | None = None,
    archive: Archive | None = None,
) -> pl.DataFrame:
    """Return the rows of the publisher's file that add up to a figure.

    Parameters
    ----------
    measure, where, publisher, as_of, archive
        As in `series`.
    period : str
        The month, ``"2023-11"`` (or the week or year, for measures by week or year).

    Returns
    -------
    polars.DataFrame
        ``release, publisher, file, sha256, sheet, row``, the dimensions of the table, and ``value``; rows count from 1
        with the header.

    Raises
    ------
    NotKnownError
        When nothing had been published about that month, or a rounded table leaves the cell out.
    """
    held = (archive or open_archive()).at(parse_day(as_of) if as_of is not None else None)
    question = _question(measure, where, publisher)
    freq = question.measure.freq
    month = parse_period(freq, period, option="period")
    chosen = [choice for choice in choose(held, question, freq) if choice.period == month]
    if not chosen:
        raise NotKnownError(
            f"nothing had been published about {measure!r} in {period}",
            remedy="`caudal figures releases` lists what the archive holds",
        )
    choice = chosen[0]
    dims = "".join(f', "{name}"' for name in choice.table.dims)
    rows = select(held, [choice], question, f'"row"{dims}, value').sort("row")
    if rows.is_empty() and not choice.table.exact:
        raise NotKnownError(
            f"{choice.release.id} leaves that cell of {period} out: zero or suppressed, its table is rounded",
            remedy="Ask for a month or a part that it prints",
        )
    return rows.select(
        pl.lit(choice.release.id).alias("release"),
        pl.lit(choice.release.publisher).alias("publisher"),
        pl.lit(choice.release.file).alias("file"),
        pl.lit(choice.release.sha256).alias("sha256"),
        pl.lit(choice.table.sheet).alias("sheet"),
        "row",
        *choice.table.dims,
        whole_numbers(question),
    )
