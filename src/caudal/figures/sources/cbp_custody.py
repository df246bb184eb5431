"""CBP custody and transfer statistics: inadmissible people at southwest ports of entry, in several releases.

Columns ``vintage_last_month, row, month, value, source``: the total, some field offices, and notices to appear, as
pages of eight editions printed them. An edition whose page says ``FY2023 final`` closes the fiscal year.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from caudal._core.dates import add_months, fiscal_start, fiscal_year, last_day
from caudal._core.errors import InputError, OptionError
from caudal._core.identifiers import resolve
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, place, read_rows
from caudal.figures.sources._periods import months

__all__ = ["parse", "recognise"]

_SOURCE = "cbp-custody"
_COLUMNS = ("vintage last month", "row", "month", "value", "source")
_TOTAL = "OFO SW Title 8 inadmissibles total"
_NOTICE = "Notice to appear"
_OFFICE = "OFO inadmissibles, "


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return one release per edition of the page."""
    names = {name: "printed" if name == "row" else name for name in _COLUMNS}
    frame = read_rows(file, _COLUMNS, names)
    frame = frame.with_columns(
        period=months(file, frame, "month"),
        amount=numbers(file, frame, "value"),
        where=pl.Series([_table(file, *pair) for pair in frame.select("printed", "row").rows()]),
    )
    return [
        _release(file, str(vintage), part)
        for (vintage,), part in frame.group_by(["vintage last month"], maintain_order=True)
    ]


def _table(file: SourceFile, printed: str, row: int) -> str:
    """Return the table and, after a blank, the field office that a printed row is."""
    if printed == _TOTAL:
        return f"{_SOURCE}/total"
    if printed == _NOTICE:
        return f"{_SOURCE}/notices"
    if printed.startswith(_OFFICE):
        try:
            return f"{_SOURCE}/office {resolve('field_office', printed.removeprefix(_OFFICE))}"
        except OptionError as error:
            raise InputError(error.what, where=place(file, row), remedy=error.remedy) from None
    raise InputError(
        f"{printed!r} is not a row of the page",
        where=place(file, row),
        remedy=f"Expected {_TOTAL!r}, {_NOTICE!r} or {_OFFICE!r} and a field office",
    )


def _release(file: SourceFile, vintage: str, part: pl.DataFrame) -> ParsedRelease:
    closed = re.fullmatch(r"FY(20\d\d) final", vintage)
    month = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", vintage)
    if closed:
        last = date(int(closed[1]), 9, 1)
        running = fiscal_start(int(closed[1]) + 1)
    elif month:
        last = date(int(month[1]), int(month[2]), 1)
        running = fiscal_start(fiscal_year(last))
    else:
        raise InputError(
            f"{vintage!r} is not an edition",
            where=place(file, part["row"][0]),
            remedy="Expected a month (2024-03) or 'FY2023 final'",
        )
    later = part.filter(pl.col("period") > last)
    if later.height:
        raise InputError(
            f"an edition of {vintage} has figures for {later['period'][0]:%Y-%m}",
            where=place(file, later["row"][0]),
            remedy="Check vintage_last_month",
        )
    places = [text.split(" ") for text in part["where"]]
    status = pl.when(pl.col("period") >= running).then(pl.lit("provisional")).otherwise(pl.lit("final"))
    rows = observations(
        pl.Series([text[0] for text in places], dtype=pl.String),
        {
            "period": part["period"],
            "area": pl.Series([text[1] if len(text) > 1 else None for text in places], dtype=pl.String),
            "value": part["amount"],
            "status": part.select(status.alias("status"))["status"],
            "row": part["row"],
        },
    )
    # The page follows the monthly release by days: by the end of the next month but one it was there.
    released = last_day(add_months(last, 2))
    return ParsedRelease(_SOURCE, rows, released, f"edition of {vintage}; latest day assumed", label=vintage)
