"""Declared attributes of places and links: one table drives reading, defaults, checks and reference pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from caudal._core.errors import InputError, did_you_mean
from caudal._core.tables import declared

__all__ = ["Attribute", "attributes", "parse_row"]

Value = str | float | int | bool | None


@dataclass(frozen=True)
class Attribute:
    """One declared attribute of a place or a link."""

    name: str
    kind: str
    unit: str
    default: str
    description: str
    status: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The words a ``choice(…)`` attribute may take."""
        inside = self.kind.partition("(")[2].rstrip(")")
        return tuple(inside.split("|")) if inside else ()


@cache
def attributes(of: str) -> dict[str, Attribute]:
    """Return the declared attributes of ``"places"`` or ``"links"`` by name.

    Parameters
    ----------
    of : {"places", "links"}
        Which table.
    """
    rows = declared("caudal.network", f"attributes/{of}.csv")
    return {
        row["attribute"]: Attribute(
            row["attribute"], row["type"], row["unit"], row["default"], row["description"], row["status"]
        )
        for row in rows
    }


def parse_row(of: str, row: dict[str, str], where: str) -> dict[str, Value]:
    """Return a row's values in their declared types, defaults filled in.

    Raises
    ------
    InputError
        When a required value is missing, a word is not among the choices or a number cannot be read.
    """
    known = attributes(of)
    for name in row:
        if name not in known:
            raise InputError(
                f"there is no attribute {name!r} of {of}", where=where, remedy=did_you_mean(name, known)
            )
    return {name: _value(a, (row.get(name) or "").strip(), where) for name, a in known.items()}


def _value(attribute: Attribute, text: str, where: str) -> Value:
    if not text:
        if attribute.status == "required" and not attribute.default:
            raise InputError(f"{attribute.name} is empty", where=where, remedy=attribute.description)
        text = attribute.default
    if attribute.kind == "text":
        return text
    if attribute.choices:
        if text not in attribute.choices:
            raise InputError(
                f"{attribute.name} cannot be {text!r}",
                where=where,
                remedy=did_you_mean(text, attribute.choices),
            )
        return text
    if not text:
        return None
    if attribute.kind == "flag":
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise InputError(f"{attribute.name} is {text!r}", where=where, remedy="Write true or false")
    try:
        return int(text) if attribute.kind == "count" else float(text)
    except ValueError:
        whole = "a whole number" if attribute.kind == "count" else "a number"
        raise InputError(
            f"{attribute.name} is {text!r}, which is not {whole}", where=where, remedy=attribute.description
        ) from None
