"""Declared data: tables (CSV) in the package that drive validation, defaults, help and reference pages."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

__all__ = ["declared"]


@cache
def declared(package: str, name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of the declared table ``name`` of ``package``, values as text, ``""`` where empty.

    Parameters
    ----------
    package : str
        Dotted name of the room, e.g. ``"caudal.figures"``.
    name : str
        File name, e.g. ``"measures.csv"``.
    """
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
