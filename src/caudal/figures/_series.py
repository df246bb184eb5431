"""Series: what a measure was, by month or fiscal year, as the archive stood on a day.

Every row carries the release that says it, and its status. Calendar months and fiscal years never mix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache

import duckdb
import polars as pl

from caudal._core.dates import (
    fiscal_start,
    fiscal_year,
    month_label,
    parse_day,
    parse_period,
    period_label,
)
from caudal._core.errors import NotKnownError, OptionError
from caudal._core.identifiers import VIEWS, identities
from caudal.figures._archive import Archive, open_archive
from caudal.figures._plan import Choice, Question, ask, choose
from caudal.figures._store import reading

__all__ = ["Calendar", "select", "series", "whole_numbers"]


class Calendar(StrEnum):
    """What a row of a series covers."""

    month = "month"
    fiscal_year = "fiscal_year"
    fytd = "fytd"
    calendar_year = "calendar_year"
    week = "week"
    day = "day"


Where = Mapping[str, str | Sequence[str]]


def series(
    measure: str,
    *,
    by: Sequence[str] = (),
    where: Where | None = None,
    as_of: str | date | None = None,
    period: tuple[str | None, str | None] = (None, None),
    calendar: str | None = None,
    publisher: str | None = None,
    archive: Archive | None = None,
    rows: bool = False,
) -> pl.DataFrame:
    """Return a measure as a tidy frame.

    Parameters
    ----------
    measure : str
        Name of a declared measure, e.g. ``"sw-encounters"``.
    by : sequence of str
        Dimensions to break it down by: ``component``, ``sector``, ``field_office``, ``area``, ``state``,
        ``citizenship``, ``family_status``, ``authority``, ``encounter_type``, ``region`` and others the measure has.
    where : mapping, optional
        Dimension to the value or values that count, by code or by name (``{"citizenship": "Venezuela"}``).
    as_of : str or datetime.date, optional
        Only what had been released by the end of that day.
    period : (str or None, str or None)
        First and last period, inclusive: months (``"2023-11"``), fiscal years (``"FY2023"``), calendar years
        (``"2023"``), ISO weeks (``"2023-W47"``) or days (``"2023-11-20"``), as ``calendar`` asks for. Errors call
        them ``from`` and ``to``.
    calendar : {"month", "fiscal_year", "fytd", "calendar_year", "week", "day"}, optional
        A row per month; per complete fiscal year (October to September); per month, adding up since October; per
        complete calendar year; per week from Monday; per day. Default: the measure's own, which is the month for most.
    publisher : str, optional
        Only figures of this publisher (``"CBP"``, ``"OHSS"``). Default: for each month exact counts before rounded
        ones, then the newest release.
    archive : Archive, optional
        Where to look; default the embedded archive and the user's own store.
    rows : bool
        Add ``table``, ``rows``, ``first_row`` and ``last_row``: how many rows of the publisher's table add up to the
        value, and where they stand (not for years). `trace` lists them.

    Returns
    -------
    polars.DataFrame
        ``period`` (``"2023-11"``, ``"FY2023"``, …), the dimensions as codes, ``value`` (whole numbers; floating point
        for rates), ``unit``, ``status`` (``final``, ``provisional``), ``release``. In tables of exact counts a
        combination that is absent from a month that was published is a zero.

    Raises
    ------
    OptionError
        When a name or a date is not known.
    NotKnownError
        When nothing that answers had been published.
    """
    question = ask(
        measure,
        tuple(by),
        {k: v if isinstance(v, str) else tuple(v) for k, v in (where or {}).items()},
        publisher,
    )
    held = (archive or open_archive()).at(parse_day(as_of, option="as_of") if as_of is not None else None)
    calendar = _calendar(question, calendar)
    _check_span(calendar, period)
    if calendar in ("fiscal_year", "calendar_year"):
        first, last = _ends(calendar, period)
        frame = _years(held, question, calendar, first, last)
    elif calendar == "fytd":
        first, last = _ends("month", period)
        frame = _periods(held, question, "month", _october(first), last, rows)
        frame = _to_date(frame, question.by)
        frame = frame.filter(pl.col("period") >= month_label(first)) if first else frame
    else:
        first, last = _ends(calendar, period)
        frame = _periods(held, question, calendar, first, last, rows)
    if frame.is_empty() and not any(period):
        raise NotKnownError(
            f"nothing had been published about {measure!r}"
            + (" broken down that way" if by or where else "")
            + (f" by {as_of}" if as_of else ""),
            remedy="`caudal figures releases` lists what the archive holds",
        )
    return frame


def _check_span(calendar: str, period: tuple[str | None, str | None]) -> None:
    freq = "month" if calendar == "fytd" else calendar
    first, last = _ends(freq, period)
    if first and last and first > last:
        raise OptionError(
            f"{period[0]} is after {period[1]}", where="from", remedy="Give the earlier one first"
        )


def _ends(freq: str, period: tuple[str | None, str | None]) -> tuple[date | None, date | None]:
    """Return both ends; an error names them ``from`` and ``to``, as the command line and the addresses do."""
    first, last = period
    return (
        parse_period(freq, first, option="from") if first else None,
        parse_period(freq, last, option="to") if last else None,
    )


def select(
    archive: Archive, choices: Sequence[Choice], question: Question, columns: str, group: str = ""
) -> pl.DataFrame:
    """Return rows of the chosen releases that meet the question's conditions (the one place that runs SQL).

    Parameters
    ----------
    archive : Archive
        Where the releases are.
    choices : sequence of Choice
        Which table of which release speaks for which period.
    question : Question
        The conditions.
    columns, group : str
        The SELECT list and, optionally, a GROUP BY clause.
    """
    runs = _runs(choices)
    files = _literal([str(path) for path in archive.files(dict.fromkeys(release for release, *_ in runs))])
    spans = ", ".join(f"({', '.join(_literal(part) for part in run)})" for run in runs)
    clauses = ["period BETWEEN _first AND _last"]
    present = {dimension for choice in choices for dimension in choice.table.dims}
    for dimension, codes in question.where.items():
        if dimension in present:
            # A table whose rows all have the value asked for leaves the column empty.
            within = ", ".join(_literal(code) for code in codes)
            clauses.append(f"({dimension} IN ({within}) OR {dimension} IS NULL)")
    source = f"read_parquet({files}, union_by_name = true)"
    # A join, not a chain of conditions: its cost does not grow with the number of releases.
    wanted = f'(VALUES {spans}) AS wanted(release, "table", _first, _last)'
    query = (
        f'SELECT {columns} FROM {source} JOIN {wanted} USING (release, "table") '
        f"WHERE {' AND '.join(clauses)} {group}"
    )
    with reading("the archive"), _connection().cursor() as cursor:
        return pl.DataFrame(cursor.sql(query))


def _literal(value: str | date | list[str]) -> str:
    """Return a value as SQL (bound parameters would do, but to look at them DuckDB imports pandas: a second)."""
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    return "'" + value.replace("'", "''") + "'"


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """Open one in-memory database for the process; each call works on a cursor of its own."""
    return duckdb.connect(config={"enable_external_file_cache": True})


def _runs(choices: Sequence[Choice]) -> list[tuple[str, str, date, date]]:
    """Return spans of neighbouring periods that one table of one release answers for."""
    runs: list[tuple[str, str, date, date]] = []
    for choice in choices:
        head = (choice.release.id, choice.table.id)
        if runs and runs[-1][:2] == head:
            runs[-1] = (*head, runs[-1][2], choice.period)
        else:
            runs.append((*head, choice.period, choice.period))
    return runs


#: What `series` adds with ``rows=True``: column → SQL.
_ROWS = {"rows": "count(*)", "first_row": 'min("row")', "last_row": 'max("row")'}


def _answer(
    archive: Archive, question: Question, choices: Sequence[Choice], rows: bool = False
) -> pl.DataFrame:
    """Return ``period`` (first day), the dimensions, value, unit, status and release, sorted, zeros filled in."""
    dims = list(question.stored_by)
    extra = dict(_ROWS) if rows else {}
    empty = pl.DataFrame(
        schema={
            "period": pl.Date,
            **dict.fromkeys(dims, pl.String),
            "value": pl.Float64,
            **dict.fromkeys(extra, pl.Int64),
        }
    )
    frame = empty
    if choices:
        names = "".join(f', "{name}"' for name in dims)
        sums = "".join(f", {sql} AS {name}" for name, sql in extra.items())
        columns = f"period{names}, sum(value) AS value{sums}"
        frame = select(archive, choices, question, columns, "GROUP BY ALL")
    constant = {name: codes[0] for name, codes in question.where.items() if len(codes) == 1}
    frame = frame.with_columns(pl.col(name).fill_null(constant[name]) for name in dims if name in constant)
    about = pl.DataFrame(
        {
            "period": [c.period for c in choices],
            "unit": [_unit(question, c) for c in choices],
            "status": ["provisional" if c.release.is_provisional(c.period) else "final" for c in choices],
            "release": [c.release.id for c in choices],
            "exact": [c.table.exact for c in choices],
            "table": [c.table.id for c in choices],
        },
        schema={
            "period": pl.Date,
            "unit": pl.String,
            "status": pl.String,
            "release": pl.String,
            "exact": pl.Boolean,
            "table": pl.String,
        },
    )
    groups = frame.select(dims).unique() if dims else None
    panel = about.join(groups, how="cross") if groups is not None else about
    joined = panel.join(frame, on=["period", *dims], how="left")
    for dimension in dims:
        joined = joined.with_columns(pl.col("exact") & ~_under_other(choices, dimension))
    counts = question.measure.kind == "flow"
    # Exact tables of counts leave zeros out; in rounded ones an absent cell may be suppressed: it stays absent.
    filled = joined.with_columns(
        pl.when(pl.col("exact") & pl.lit(counts)).then(pl.col("value").fill_null(0.0)).otherwise("value")
    )
    renamed = {VIEWS.get(name, name): name for name in question.by}
    return (
        filled.drop_nulls("value")
        .with_columns(whole_numbers(question))
        .with_columns([pl.col("rows").fill_null(0)] if rows else [])
        .select("period", *dims, "value", "unit", "status", "release", *(["table", *extra] if rows else []))
        .sort("period", *dims)
        .rename({stored: name for stored, name in renamed.items() if stored in dims})
    )


def _under_other(choices: Sequence[Choice], dimension: str) -> pl.Expr:
    """Return where the table at hand counts a row's code under ``OTHER``, so that its absence is no zero."""
    few = {c.table.id: c.table for c in choices if not c.table.names(dimension, "")}
    codes = identities(dimension)
    return pl.any_horizontal(
        pl.lit(False),
        *(
            (pl.col("table") == name)
            & ~pl.col(dimension).is_in([code for code in codes if table.names(dimension, code)])
            for name, table in few.items()
        ),
    )


def whole_numbers(question: Question) -> pl.Expr:
    """Return ``value`` as the type of the measure's values: counts are whole numbers, rates are not."""
    return pl.col("value").cast(pl.Int64 if question.measure.whole else pl.Float64)


def _unit(question: Question, choice: Choice) -> str:
    unit = question.measure.unit_en
    return unit if choice.table.exact else f"{unit} (rounded to {choice.table.rounding})"


def _calendar(question: Question, calendar: str | None) -> str:
    """Return the calendar asked for, or the measure's own.

    Raises
    ------
    OptionError
        When there is none such, or the measure's values do not add up over time.
    """
    asked = question.measure
    chosen = calendar or asked.freq
    if chosen not in list(Calendar):
        raise OptionError(
            f"{calendar!r} is not a calendar", where="--calendar", remedy="Known: " + ", ".join(Calendar)
        )
    adds = chosen in ("fiscal_year", "calendar_year", "fytd") and chosen != asked.freq
    if adds and asked.kind != "flow":
        raise OptionError(
            f"{asked.id!r} is a {'level at a time' if asked.kind == 'stock' else 'rate'}, so its periods do not add up",
            where="--calendar",
            remedy=f"Ask for it by {asked.freq.replace('_', ' ')}",
        )
    return chosen


def _periods(
    archive: Archive,
    question: Question,
    freq: str,
    first: date | None,
    last: date | None,
    rows: bool = False,
) -> pl.DataFrame:
    choices = [
        choice
        for choice in choose(archive, question, freq)
        if (first is None or choice.period >= first) and (last is None or choice.period <= last)
    ]
    return _labelled(_answer(archive, question, choices, rows), freq)


def _labelled(frame: pl.DataFrame, freq: str) -> pl.DataFrame:
    labels = {day: period_label(freq, day) for day in frame["period"].unique()}
    if not labels:  # nothing to replace, and an empty mapping has no type
        return frame.with_columns(pl.col("period").cast(pl.String))
    return frame.with_columns(pl.col("period").replace_strict(labels, return_dtype=pl.String))


def _years(
    archive: Archive, question: Question, freq: str, first: date | None, last: date | None
) -> pl.DataFrame:
    """Return complete years, from yearly tables where those are better, else by adding up months."""
    october = 10 if freq == "fiscal_year" else 1

    def year(choice: Choice) -> date:
        day = choice.period
        return date(day.year - (day.month < october), october, 1)

    def wanted(day: date) -> bool:
        return (first is None or day >= first) and (last is None or day <= last)

    by_year: dict[date, list[Choice]] = {}
    months = choose(archive, question) if question.measure.kind == "flow" else []
    for choice in months:
        by_year.setdefault(year(choice), []).append(choice)
    whole = {day: found for day, found in by_year.items() if len(found) == 12 and wanted(day)}
    yearly = {
        choice.period: choice
        for choice in choose(archive, question, freq=freq)
        if not choice.release.is_provisional(choice.period) and wanted(choice.period)
    }
    better = {
        day: choice
        for day, choice in yearly.items()
        if day not in whole or choice.table.rounding <= max(c.table.rounding for c in whole[day])
    }
    summed = _answer(
        archive, question, [c for day, found in whole.items() if day not in better for c in found]
    )
    printed = _answer(archive, question, [better[day] for day in sorted(better)])
    if not months or question.measure.kind != "flow":
        return _labelled(printed, freq)
    dims = list(question.by)
    begins = pl.date(
        pl.col("period").dt.year() - (pl.col("period").dt.month() < october).cast(pl.Int32), october, 1
    )
    parts = [
        part.with_columns(begins.alias("period"))
        .group_by("period", *dims)
        .agg(
            pl.col("value").sum(),
            pl.col("unit").unique().sort().str.join("; "),
            pl.col("status").max(),
            pl.col("release").unique().sort().str.join("; "),
        )
        for part in (printed, summed)
    ]
    return _labelled(pl.concat(parts).sort("period", *dims), freq)


def _october(month: date | None) -> date | None:
    """Return the October before a month, from which it is added up."""
    return fiscal_start(fiscal_year(month)) if month and month >= date(1, 10, 1) else None


def _to_date(frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Add up months since October, as far as no month is missing; each sum names every release it is made of."""
    day = pl.col("period").str.to_date("%Y-%m")
    year = day.dt.year() + (day.dt.month() >= 10).cast(pl.Int32)
    frame = frame.with_columns(year.alias("_year"), ((day.dt.month() + 2) % 12 + 1).alias("_month"))
    # The n-th month that a fiscal year has must be its n-th month.
    whole = pl.col("_month").rank("dense").over("_year") == pl.col("_month")
    running = frame.filter(whole).sort("period", *by)
    parts: dict[tuple[object, ...], tuple[set[str], set[str], str]] = {}
    told = []
    for row in running.select("_year", *by, "release", "unit", "status").rows():
        releases, units, status = parts.get(row[:-3], (set(), set(), ""))
        parts[row[:-3]] = now = (releases | {row[-3]}, units | {row[-2]}, max(status, row[-1]))
        told.append(("; ".join(sorted(now[0])), "; ".join(sorted(now[1])), now[2]))
    about = pl.DataFrame(told, schema=dict.fromkeys(("release", "unit", "status"), pl.String), orient="row")
    sums = running.with_columns(pl.col("value").cum_sum().over("_year", *by), *about.get_columns())
    return sums.drop("_year", "_month")
