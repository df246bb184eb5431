"""CBP nationwide encounters: the state file and the area-of-responsibility file, in either header style."""

from __future__ import annotations

import polars as pl

from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources import _cbp
from caudal.figures.sources._csv import codes, header, numbers, read_rows

__all__ = ["parse", "recognise"]

_NAMES = {
    "fiscal year": "fiscal_year",
    "month grouping": "month_grouping",
    "month abbv": "month",
    "component": "component",
    "land border region": "region",
    "state": "state",
    "area of responsibility": "area",
    "demographic": "family_status",
    "citizenship": "citizenship",
    "title of authority": "authority",
    "encounter type": "encounter_type",
    "encounter count": "value",
}
_STATE = (
    "fiscal year",
    "month grouping",
    "month abbv",
    "land border region",
    "state",
    "demographic",
    "citizenship",
    "title of authority",
    "encounter count",
)
_AREA = (
    "fiscal year",
    "month grouping",
    "month abbv",
    "component",
    "land border region",
    "area of responsibility",
    "aor abbv",
    "demographic",
    "citizenship",
    "title of authority",
    "encounter type",
    "encounter count",
)
#: A redistributor's copy of the area file: no month grouping, and the calendar month added at the end.
_AREA_REDISTRIBUTED = (*(name for name in _AREA if name != "month grouping"), "month")


def recognise(file: SourceFile) -> bool:
    """Return whether the header has the columns of one of the two files, in whatever order."""
    found = set(header(file))
    return {"demographic", "encounter count", "land border region"} <= found and bool(
        found & {"state", "area of responsibility"}
    )


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    found = header(file)
    by_area = "area of responsibility" in found
    expected = _STATE if not by_area else _AREA if "month grouping" in found else _AREA_REDISTRIBUTED
    frame = read_rows(file, expected, _NAMES)
    grouping = ["month_grouping"] if "month_grouping" in frame.columns else []
    period, status = _cbp.periods(file, frame)
    _cbp.check_order(file, frame, ["fiscal_year", *grouping, "month"])
    dimensions = [
        name
        for name in frame.columns
        if name not in ("fiscal_year", "month", "month_grouping", "value", "row")
    ]
    columns = {name: codes(file, frame, name, name) for name in dimensions}
    value = numbers(file, frame, "value")
    table = "cbp-nationwide-aor" if by_area else "cbp-nationwide-state"
    _cbp.check_unique(file, frame, ["fiscal_year", *grouping, "month", *dimensions])
    _cbp.check_months(file, pl.DataFrame([period, status, columns["region"], frame["row"]]), region="region")
    result = observations(
        table, {"period": period, **columns, "value": value, "status": status, "row": frame["row"]}
    )
    return [ParsedRelease(table, result)]
