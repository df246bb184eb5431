"""Do tables that count the same thing agree? ``reconciliations.csv`` declares what is compared with what.

A difference is explained by rounding (5 a rounded cell), or by revision (one side's month was still provisional when
it was released), or it is a disagreement. Disagreements that are in the publishers' own files are declared in
``differences.csv``: they are always listed, and only others make the comparison fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from caudal._core.tables import declared
from caudal.figures._archive import Archive, open_archive
from caudal.figures._declared import Measure, Table, tables
from caudal.figures._plan import Choice, Question
from caudal.figures._series import select

__all__ = ["Reconciliation", "reconcile"]

_ROOM = "caudal.figures"
#: In-year months have moved by at most 61 of about 200,000 between releases; this bounds what is called a revision.
_REVISION = 0.005


_REASONS = ("rounding", "revision", "known", "disagreement")
_SUMMARY = ("compared", "left", "right", "cells", "equal", *_REASONS, "largest")


@dataclass(frozen=True)
class Reconciliation:
    """The outcome of comparing tables.

    Attributes
    ----------
    summary : polars.DataFrame
        One row per comparison: how many cells were compared and how many differ for which reason.
    differences : polars.DataFrame
        Every cell that differs by more than rounding explains, with both values and the reason.
    """

    summary: pl.DataFrame
    differences: pl.DataFrame

    @property
    def holds(self) -> bool:
        """Whether there is no disagreement but those declared as the publishers' own."""
        return not (self.differences["reason"] == "disagreement").any()


def reconcile(archive: Archive | None = None) -> Reconciliation:
    """Compare every declared pair of tables where they overlap, each with its newest releases."""
    held = archive or open_archive()
    summaries, differences = [], []
    for row in declared(_ROOM, "reconciliations.csv"):
        cells = _compare(held, row)
        if cells is None:
            continue
        count = {reason: int((cells["reason"] == reason).sum()) for reason in _REASONS}
        summaries.append(
            {
                "compared": row["note"],
                "left": row["left"],
                "right": row["right"],
                "cells": cells.height,
                "equal": int((cells["difference"] == 0).sum()),
                **count,
                "largest": int(cells["difference"].abs().max() or 0),  # type: ignore[arg-type]
            }
        )
        differences.append(cells.filter(pl.col("reason").is_in(["revision", "known", "disagreement"])))
    schema = {
        "left": pl.String,
        "right": pl.String,
        "period": pl.String,
        "cell": pl.String,
        "reason": pl.String,
    }
    columns: dict[str, type[pl.DataType]] = dict.fromkeys(_SUMMARY, pl.Int64)
    columns |= dict.fromkeys(("compared", "left", "right"), pl.String)
    return Reconciliation(
        pl.DataFrame(summaries, schema=columns),
        pl.concat(differences) if differences else pl.DataFrame(schema=schema),
    )


def _compare(archive: Archive, row: dict[str, str]) -> pl.DataFrame | None:
    by = tuple(row["by"].split())
    pairs = [pair.split("=") for pair in row["where"].split(";") if pair]
    where: dict[str, tuple[str, ...]] = {key: (value,) for key, value in pairs}
    left, right = tables()[row["left"]], tables()[row["right"]]
    yearly = left.freq == "fiscal_year"
    sides = [_cells(archive, table, by, where, yearly) for table in (left, right)]
    if any(side.is_empty() for side in sides):
        return None
    both = sides[0].join(sides[1], on=["period", *by], how="full", coalesce=True, suffix="_right")
    common = sides[0].select("period").unique().join(sides[1].select("period").unique(), on="period")
    both = both.join(common, on="period", how="semi")
    if left.exact and right.exact:  # both leave zeros out
        both = both.with_columns(pl.col("value", "value_right").fill_null(0))
    if "citizenship" in by:  # publishers group the rest differently
        both = both.filter(pl.col("citizenship") != "OTHER")
    both = both.drop_nulls(["value", "value_right"])  # absent in a rounded table: zero or suppressed
    difference = pl.col("value") - pl.col("value_right")
    rounding = 5 * (
        pl.col("cells").fill_null(0) * (not left.exact)
        + pl.col("cells_right").fill_null(0) * (not right.exact)
    )
    provisional = pl.col("provisional").fill_null(False) | pl.col("provisional_right").fill_null(False)
    moved = difference.abs() <= pl.max_horizontal(pl.lit(10.0), _REVISION * pl.col("value"))
    label = pl.col("period").dt.strftime("FY%Y" if yearly else "%Y-%m")
    cells = both.with_columns(
        pl.lit(left.id).alias("left"),
        pl.lit(right.id).alias("right"),
        (pl.format("FY{}", pl.col("period").dt.year() + 1) if yearly else label).alias("label"),
        (pl.concat_str(by, separator=" ") if by else pl.lit("total")).alias("cell"),
        difference.alias("difference"),
        pl.when(difference == 0)
        .then(pl.lit("equal"))
        .when(difference.abs() <= rounding)
        .then(pl.lit("rounding"))
        .when(provisional & moved)
        .then(pl.lit("revision"))
        .otherwise(pl.lit("disagreement"))
        .alias("reason"),
    ).sort("period", "cell")
    chosen = cells.select(
        "left",
        "right",
        pl.col("label").alias("period"),
        "cell",
        pl.col("value").cast(pl.Int64),
        pl.col("value_right").cast(pl.Int64),
        pl.col("difference").cast(pl.Int64),
        "reason",
    )
    return _mark_known(chosen)


def _mark_known(cells: pl.DataFrame) -> pl.DataFrame:
    """Mark disagreements that are declared: of one period or of a span (``2020-06..2020-09``), of a cell or all (*)."""
    known = pl.lit(False)
    for row in declared(_ROOM, "differences.csv"):
        first, _, last = row["period"].partition("..")
        here = (pl.col("left") == row["left"]) & (pl.col("right") == row["right"])
        here &= (pl.col("period") >= first) & (pl.col("period") <= (last or first))
        known |= here if row["cell"] == "*" else here & (pl.col("cell") == row["cell"])
    marked = (pl.col("reason") == "disagreement") & known
    return cells.with_columns(pl.when(marked).then(pl.lit("known")).otherwise("reason").alias("reason"))


def _cells(
    archive: Archive, table: Table, by: tuple[str, ...], where: dict[str, tuple[str, ...]], yearly: bool
) -> pl.DataFrame:
    """Return ``period, <by>, value, cells, provisional`` from the newest releases of one table."""
    newest = sorted(archive.newest(table.id).items())
    if yearly:
        newest = [(p, r) for p, r in newest if not r.is_provisional(p)]
    choices = [Choice(period, table, release) for period, release in newest]
    schema = {"period": pl.Date, **dict.fromkeys(by, pl.String), "value": pl.Float64}
    if not choices:
        return pl.DataFrame(schema=schema)
    names = "".join(f', "{name}"' for name in by)
    question = Question(Measure("", table.base, {}, "", "", "", "", "", ""), by, where)
    frame = select(
        archive, choices, question, f"period{names}, sum(value) AS value, count(*) AS cells", "GROUP BY ALL"
    )
    provisional = {c.period for c in choices if c.release.is_provisional(c.period)}
    frame = frame.with_columns(pl.col("period").is_in(list(provisional)).alias("provisional"))
    if yearly and table.freq == "month":
        year = pl.col("period").dt.year() - (pl.col("period").dt.month() < 10).cast(pl.Int32)
        frame = (
            frame.group_by(pl.date(year, 10, 1).alias("period"), *by)
            .agg(pl.col("value", "cells").sum(), pl.col("provisional").any(), pl.len().alias("months"))
            .filter(pl.col("months") == 12)
            .drop("months")
        )
    return frame
