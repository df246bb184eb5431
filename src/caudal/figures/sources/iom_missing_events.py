"""IOM Missing Migrants Project: events on the Central American route, as monthly counts by place and cause.

One row per event; ``dead`` counts dead and missing. Who died stays out: only month, country, nationality and cause.
"""

from __future__ import annotations

import polars as pl

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, read_rows
from caudal.figures.sources._periods import months, provisional_year

__all__ = ["parse", "recognise"]

_SOURCE = "iom-missing"
_COLUMNS = ("month", "t", "type", "geo", "dead", "cause", "surv", "nat", "location", "lon", "lat")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is the table's."""
    return header(file) == list(_COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is; several nationalities or causes in one event become ``several``."""
    frame = read_rows(file, _COLUMNS, {name: name for name in _COLUMNS})
    # "Harsh environmental conditions / lack of adequate shelter, food, water" has commas of its own.
    causes = pl.col("cause").str.replace("shelter, food, water", "shelter; food; water", literal=True)
    frame = frame.with_columns(
        nat=pl.when(pl.col("nat").str.contains(",")).then(pl.lit("SEVERAL")).otherwise("nat"),
        cause=pl.when(causes.str.contains(",")).then(pl.lit("several")).otherwise("cause"),
    )
    period = months(file, frame, "month")
    result = observations(
        _SOURCE,
        {
            "period": period,
            "country": codes(file, frame, "geo", "country"),
            "citizenship": codes(file, frame, "nat", "citizenship"),
            "cause": codes(file, frame, "cause", "cause"),
            "value": numbers(file, frame, "dead"),
            "status": provisional_year(period),
            "row": frame["row"],
        },
    )
    return [ParsedRelease(_SOURCE, result)]
