"""People returned to Guatemala from Mexico and the United States, by sex and age (IGM, collected by IOM)."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile
from caudal.figures.sources import _iom

__all__ = ["parse", "recognise"]

_SOURCE = "iom-guatemala"
_COLUMNS = ("sex", "age", "origin", "n", "date", "month")


def recognise(file: SourceFile) -> bool:
    """Return whether the name says Guatemala and the header is the table's."""
    return _iom.named(file, "guatemala", _COLUMNS)


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is; months of 2024 on do not say from where people were returned."""
    dims = {"sex": "sex", "age": "age_group", "origin": "origin"}
    return [ParsedRelease(_SOURCE, _iom.read(file, _SOURCE, _COLUMNS, dims, blank="Unknown"))]
