"""Reading XLSX workbooks; every complaint names the file, the sheet and the row."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from caudal._core.errors import InputError
from caudal.figures._release import MAX_FILE_BYTES, SourceFile

__all__ = ["rows", "sheet_names"]

#: A workbook unpacks to XML; this bounds what a crafted one may cost.
_MAX_UNPACKED = 8 * MAX_FILE_BYTES


@lru_cache(maxsize=2)
def _open(content: bytes, name: str) -> CalamineWorkbook:
    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
        if unpacked > _MAX_UNPACKED:
            raise InputError(
                f"unpacks to {unpacked // 2**20} MiB",
                where=name,
                remedy="No publisher's workbook is that large",
            )
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (zipfile.BadZipFile, CalamineError, OSError) as error:
        raise InputError(
            f"is not a readable workbook ({error})", where=name, remedy="Download it again; it may be cut off"
        ) from None


def sheet_names(file: SourceFile) -> list[str]:
    """Return the names of the sheets, in order."""
    return list(_open(file.content, file.name).sheet_names)


def rows(file: SourceFile, sheet: str) -> list[list[Any]]:
    """Return the rows of a sheet from its first row on, cells as numbers, text or ``""``."""
    try:
        return _open(file.content, file.name).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise InputError(
            f"cannot be read ({error})", where=f"{file.name}, sheet {sheet!r}", remedy="Download it again"
        ) from None
