"""Mexico: people in irregular situation before INM, and returns, by nationality (UPMRIP, collected by IOM)."""

from __future__ import annotations

from caudal.figures._release import ParsedRelease, SourceFile
from caudal.figures.sources import _iom

__all__ = ["parse", "recognise"]

_SOURCE = "iom-mexico"
#: part of the release → (columns, column → dimension)
_TABLES = {
    "nat": (("nat", "n", "date", "month"), {"nat": "citizenship"}),
    "dmg": (("sex", "age", "n", "date", "month"), {"sex": "sex", "age": "age_group"}),
    "exp": (("nat", "type", "n", "date", "month"), {"nat": "citizenship", "type": "return_type"}),
}


def recognise(file: SourceFile) -> bool:
    """Return whether the name says Mexico and the header is one of the three tables'."""
    return any(_iom.named(file, "mexico", columns) for columns, _ in _TABLES.values())


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the file is."""
    part = next(name for name, (columns, _) in _TABLES.items() if _iom.named(file, "mexico", columns))
    columns, dims = _TABLES[part]
    return [ParsedRelease(_SOURCE, _iom.read(file, f"{_SOURCE}/{part}", columns, dims), part=part)]
