"""One identity per thing: publishers' many names for a country, sector or category resolve to one code.

The tables in ``_core/data`` declare every code with its English and Spanish name and the names publishers use.
A name that is not declared is an error with suggestions; nothing is dropped or guessed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from caudal._core.errors import OptionError, did_you_mean
from caudal._core.tables import declared

__all__ = [
    "DIMENSIONS",
    "Identity",
    "dimension_title",
    "identities",
    "name_of",
    "resolve",
    "resolve_dimension",
]

_DATA = "caudal._core.data"

#: Stored dimensions in the order in which columns are printed.
DIMENSIONS: tuple[str, ...] = tuple(row["dimension"] for row in declared(_DATA, "dimensions.csv"))

#: A view on one kind of another dimension: sectors and field offices are the two kinds of area.
VIEWS: dict[str, str] = {"sector": "area", "field_office": "area"}


class Identity(NamedTuple):
    """One thing with a code, its names in English and Spanish, and its kind (sector, country, …).

    Sectors and field offices are placed at their headquarters, states at their centre, ports of entry at the crossing.
    """

    code: str
    name_en: str
    name_es: str
    kind: str
    aliases: tuple[str, ...]
    latitude: float | None = None
    longitude: float | None = None


@cache
def identities(dimension: str) -> dict[str, Identity]:
    """Return every declared code of a dimension (or of a view such as ``sector``) with its names."""
    if dimension in ("citizenship", "country", "origin"):
        rows: Iterable[dict[str, str]] = [
            # Regions of the world and parts of countries have figures, but nobody is their citizen.
            row
            for row in declared(_DATA, "citizenships.csv")
            if dimension == "country" or row["kind"] != "aggregate"
        ]
    elif dimension in ("area", "sector", "field_office", "state", "port"):
        kinds = ("sector", "field_office") if dimension == "area" else (dimension,)
        rows = [row for row in declared(_DATA, "geographies.csv") if row["kind"] in kinds]
    else:
        rows = [row for row in declared(_DATA, "categories.csv") if row["dimension"] == dimension]
    return {
        row["code"]: Identity(
            row["code"],
            row["name_en"],
            row["name_es"],
            row.get("kind", dimension),
            tuple(filter(None, row["aliases"].split("|"))),
            float(row["lat"]) if row.get("lat") else None,
            float(row["lon"]) if row.get("lon") else None,
        )
        for row in rows
    }


def fold(text: str) -> str:
    """Return ``text`` without accents, case, punctuation and repeated blanks, for comparing names."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


@cache
def _names(dimension: str) -> dict[str, frozenset[str]]:
    """Map every folded name of a dimension to the codes that bear it."""
    found: dict[str, set[str]] = {}
    for one in identities(dimension).values():
        for name in (one.code, one.name_en, one.name_es, *one.aliases):
            found.setdefault(fold(name), set()).add(one.code)
    return {name: frozenset(codes) for name, codes in found.items()}


def resolve(dimension: str, text: str, *, where: str | None = None) -> str:
    """Return the code that a publisher's or reader's name stands for.

    Parameters
    ----------
    dimension : str
        One of `DIMENSIONS`, or ``sector``, ``field_office``.
    text : str
        A code or a declared name, in any case, with or without accents.
    where : str, optional
        The place named in the error.

    Raises
    ------
    OptionError
        When the name is not declared, or stands for more than one thing.
    """
    codes = _names(dimension).get(fold(text), frozenset())
    if len(codes) == 1:
        return next(iter(codes))
    if codes:
        names = [identities(dimension)[code].name_en for code in sorted(codes)]
        raise OptionError(
            f"{text!r} may be " + " or ".join(repr(name) for name in names),
            where=where,
            remedy="Name one of them",
        )
    known = identities(dimension).values()
    hint = did_you_mean(text, {name for one in known for name in (one.name_en, one.name_es, *one.aliases)})
    if hint.startswith("Known"):  # none is near: list things, not all of their names
        hint = did_you_mean(text, (one.name_en for one in known))
    raise OptionError(f"{text!r} is not a known {dimension.replace('_', ' ')}", where=where, remedy=hint)


def resolve_dimension(text: str, known: Iterable[str] = (*DIMENSIONS, *VIEWS)) -> str:
    """Return the dimension a reader names (``family-status`` and ``Family status`` are ``family_status``).

    Raises
    ------
    OptionError
        When there is no such dimension.
    """
    known = tuple(known)
    short = {
        "family": "family_status",
        "title": "authority",
        "type": "encounter_type",
        "demographic": "family_status",
    }
    name = fold(text).replace(" ", "_")
    name = short.get(name, name)
    if name not in known:
        raise OptionError(f"{text!r} is not a dimension", remedy=did_you_mean(text, known))
    return name


def name_of(dimension: str, code: str, language: str = "en") -> str:
    """Return the English or Spanish name of a code (the code itself when it is not declared)."""
    one = identities(VIEWS.get(dimension, dimension)).get(code)
    if one is None:
        return code
    return one.name_es if language == "es" else one.name_en


def dimension_title(dimension: str, language: str = "en") -> str:
    """Return the heading of a dimension in English or Spanish."""
    for row in declared(_DATA, "dimensions.csv"):
        if row["dimension"] == VIEWS.get(dimension, dimension):
            return row[f"title_{language}"]
    return dimension
