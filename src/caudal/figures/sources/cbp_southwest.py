"""CBP southwest land border encounters (the SBO file): component by five citizenship groups."""

from __future__ import annotations

import polars as pl

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources import _cbp
from caudal.figures.sources._csv import codes, header, numbers, read_rows

__all__ = ["parse", "recognise"]

_SOURCE = "cbp-southwest"
_NAMES = {
    "fiscal year": "fiscal_year",
    "month grouping": "month_grouping",
    "month abbv": "month",
    "component": "component",
    "demographic": "family_status",
    "citizenship grouping": "citizenship_group",
    "title of authority": "authority",
    "encounter type": "encounter_type",
    "encounter count": "value",
}
_DIMENSIONS = ("component", "family_status", "citizenship_group", "authority", "encounter_type")


def recognise(file: SourceFile) -> bool:
    """Return whether the header has a citizenship grouping and an encounter count."""
    return {"citizenship grouping", "encounter count"} <= set(header(file))


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    frame = read_rows(file, tuple(_NAMES), _NAMES)
    period, status = _cbp.periods(file, frame)
    _cbp.check_order(file, frame, ["fiscal_year", "month_grouping", "month"])
    columns = {name: codes(file, frame, name, name) for name in _DIMENSIONS}
    value = numbers(file, frame, "value")
    _cbp.check_unique(file, frame, ["fiscal_year", "month_grouping", "month", *_DIMENSIONS])
    _cbp.check_months(
        file, pl.DataFrame([period, status, columns["component"], frame["row"]]), region="component"
    )
    result = observations(
        _SOURCE, {"period": period, **columns, "value": value, "status": status, "row": frame["row"]}
    )
    return [ParsedRelease(_SOURCE, result)]
