"""What a parser may use: reading text and workbooks strictly, every complaint with its file and row.

For packages that offer parsers under the entry point ``caudal.sources`` (docs/how-to/add-a-source.md).
"""

from __future__ import annotations

from caudal.figures._release import SourceFile, observations
from caudal.figures.sources._csv import codes, header, numbers, place, read_rows, reals
from caudal.figures.sources._periods import days, months, years
from caudal.figures.sources._workbook import rows, sheet_names

__all__ = [
    "SourceFile",
    "codes",
    "days",
    "header",
    "months",
    "numbers",
    "observations",
    "place",
    "read_rows",
    "reals",
    "rows",
    "sheet_names",
    "years",
]
