"""Southwest monthly totals as printed by releases that are not held in full: one file, several releases.

The columns are ``release_month, source, ym, sw_border_encounters``. Releases whose own file the archive holds
(``state …``, ``sbo thru …``) are passed over: the file itself is the better witness.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from caudal._core.dates import add_months, fiscal_year, last_day
from caudal._core.errors import InputError
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import header, numbers, place, read_rows

__all__ = ["parse", "recognise"]

_SOURCE = "cbp-southwest-total"
_HEADER = ("release month", "source", "ym", "sw border encounters")
_HELD_IN_FULL = ("state ", "sbo thru ")


def recognise(file: SourceFile) -> bool:
    """Return whether the header is that of a release triangle."""
    return set(_HEADER) <= set(header(file))


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return one release per printed release that is not held in full."""
    frame = read_rows(file, _HEADER, dict(zip(_HEADER, ("release", "printed", "ym", "value"), strict=True)))
    frame = frame.with_columns(numbers(file, frame, "value").alias("value"))
    frame = frame.with_columns(
        pl.Series("period", [_month(file, row, ym) for ym, row in frame.select("ym", "row").rows()])
    )
    releases = []
    for (month, printed), part in frame.group_by(["release", "printed"], maintain_order=True):
        if str(printed).startswith(_HELD_IN_FULL):
            continue
        issued = _month(file, int(part["row"][0]), str(month).replace("-", ""))
        # The release month is known to ± 1 month: nothing may be seen before the latest day it can have been.
        released = last_day(add_months(issued, 1))
        running = fiscal_year(add_months(issued, -1))
        status = [
            "provisional" if fiscal_year(p) == running and issued.month != 10 else "final"
            for p in part["period"]
        ]
        rows = observations(
            _SOURCE,
            {"period": part["period"], "value": part["value"], "status": list(status), "row": part["row"]},
        )
        releases.append(ParsedRelease(_SOURCE, rows, released, f"month ± 1, {month}", str(printed)))
    return releases


def _month(file: SourceFile, row: int, text: str) -> date:
    found = re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])", text)
    if not found:
        raise InputError(f"{text!r} is not a month", where=place(file, row), remedy="Expected e.g. 202311")
    return date(int(found[1]), int(found[2]), 1)
