"""People entering Honduras irregularly: monthly total, by nationality, by sex and age (INM, collected by IOM)."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile
from caudal.figures.sources import _iom
from caudal.figures.sources._people import by_sex_and_age

__all__ = ["parse", "recognise"]

_SOURCE = "iom-honduras"
_TOTAL = ("n", "date", "month")
_NATIONALITY = ("nat", "n", "date", "month")
_PEOPLE = ("demog", "n", "date", "month")


def recognise(file: SourceFile) -> bool:
    """Return whether the name says Honduras and the header is one of the three tables'."""
    return any(_iom.named(file, "honduras", columns) for columns in (_TOTAL, _NATIONALITY, _PEOPLE))


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    if _iom.named(file, "honduras", _PEOPLE):
        frame = by_sex_and_age(file, f"{_SOURCE}/people", _PEOPLE)
        return [ParsedRelease(_SOURCE, frame, part="dmg")]
    if _iom.named(file, "honduras", _NATIONALITY):
        frame = _iom.read(file, f"{_SOURCE}/citizenship", _NATIONALITY, {"nat": "citizenship"})
        return [ParsedRelease(_SOURCE, frame, part="nat")]
    return [ParsedRelease(_SOURCE, _iom.read(file, f"{_SOURCE}/total", _TOTAL, {}), part="total")]
