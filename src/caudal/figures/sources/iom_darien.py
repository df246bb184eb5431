"""People entering Panama irregularly through the Darién, by nationality or by sex and age (SNM, collected by IOM)."""

from __future__ import annotations

from datetime import date

import polars as pl

from caudal._core.dates import month_range
from caudal.figures._release import ParsedRelease, SourceFile
from caudal.figures.sources import _iom
from caudal.figures.sources._people import by_sex_and_age

__all__ = ["parse", "recognise"]

_SOURCE = "iom-darien"
_NATIONALITY = ("nat", "n", "date", "month")
_PEOPLE = ("demog", "n", "date", "month")
#: Before this year the file carries one figure a year, dated 1 January.
_MONTHLY_SINCE = date(2020, 1, 1)


def recognise(file: SourceFile) -> bool:
    """Return whether the name says Darién and the header is one of the two tables'."""
    return any(_iom.named(file, "darien", columns) for columns in (_NATIONALITY, _PEOPLE))


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    if _iom.named(file, "darien", _PEOPLE):
        frame = by_sex_and_age(file, f"{_SOURCE}/people", _PEOPLE)
        return [ParsedRelease(_SOURCE, frame, part="dmg")]
    frame = _iom.read(file, f"{_SOURCE}/citizenship", _NATIONALITY, {"nat": "citizenship"})
    yearly = pl.col("period") < _MONTHLY_SINCE
    first_of_year = pl.col("period").dt.month() == 1
    # A file whose early years are monthly after all is read as such.
    if frame.filter(yearly & ~first_of_year).is_empty():
        label = pl.lit(f"{_SOURCE}/citizenship-year")
        frame = frame.with_columns(table=pl.when(yearly).then(label).otherwise(pl.col("table")))
    return [ParsedRelease(_SOURCE, _with_empty_months(frame), part="nat")]


def _with_empty_months(frame: pl.DataFrame) -> pl.DataFrame:
    """Add a zero for months without a row: nobody crossed in April, May and July 2020, and the file leaves them out."""
    monthly = frame.filter(pl.col("table") == f"{_SOURCE}/citizenship")
    have = set(monthly["period"].to_list())
    absent = [day for day in month_range(min(have), max(have)) if day not in have] if have else []
    rows = [
        monthly.filter(pl.col("period") < day)
        .tail(1)
        .with_columns(
            pl.lit(day).alias("period"), pl.lit("OTHER").alias("citizenship"), pl.lit(0.0).alias("value")
        )
        for day in absent
    ]
    return pl.concat([frame, *rows])
