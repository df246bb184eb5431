"""What the archive declares: sources, the tables they publish, and the measures that are read from them.

``sources.csv`` one row per publisher's file; ``tables.csv`` one row per table in it; ``measures.csv`` one row per
measure a reader can ask for. A table's ``dims`` are the dimensions its rows are broken down by; ``fixed`` says what
all of its rows have in common (``region=southwest``); ``base`` is what is counted; ``standing`` is ``primary`` for the
publisher's own table and ``compiled`` for figures copied out of it by others. ``named.csv`` lists the only codes of a
dimension that a source prints by name; it counts all others under ``OTHER``, so their absence is no zero.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from caudal._core.errors import InputError, OptionError, did_you_mean
from caudal._core.tables import declared

__all__ = ["Measure", "Source", "Table", "measure", "measures", "plugins", "sources", "tables"]

_ROOM = "caudal.figures"
_MEASURE_TEXT = (
    *("base", "unit_en", "unit_es", "title_en", "title_es", "definition_en", "definition_es", "freq", "kind"),
)


@dataclass(frozen=True)
class Source:
    """A publisher's file: who publishes it, where, and what has to be known to read it."""

    id: str
    module: str
    publisher: str
    publisher_name: str
    title_en: str
    title_es: str
    address: str
    licence: str
    notes: dict[str, str]
    plugin: str = ""


@dataclass(frozen=True)
class Table:
    """One table of a source: mutually exclusive rows that add up to a total."""

    id: str
    source: str
    sheet: str
    base: str
    dims: tuple[str, ...]
    fixed: dict[str, str]
    freq: str
    rounding: int
    standing: str

    @property
    def exact(self) -> bool:
        """Whether the publisher prints counts as they are, so that an absent cell is a zero."""
        return self.rounding == 1

    def names(self, dimension: str, code: str) -> bool:
        """Whether the table prints that code by name, and does not count it under ``OTHER``."""
        only = _named().get((self.source, dimension))
        return only is None or code in only


@dataclass(frozen=True)
class Measure:
    """A series a reader can ask for by name.

    ``freq`` is the length of period it is asked for by default. ``kind`` says what may be added up: a ``flow`` over
    time and over its breakdowns, a ``stock`` (a level at a time) over its breakdowns, a ``rate`` over nothing. ``per``
    are dimensions of which one value must be named, because values of several do not add up.
    """

    id: str
    base: str
    where: dict[str, str]
    unit_en: str
    unit_es: str
    title_en: str
    title_es: str
    definition_en: str
    definition_es: str
    freq: str = "month"
    kind: str = "flow"
    per: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers: counts are, rates and prices are not."""
        return self.kind != "rate"


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split(";") if pair)


@dataclass(frozen=True)
class Plugin:
    """What another package declares under the entry point ``caudal.sources``.

    The entry point names a module (or object) with ``SOURCES``, ``TABLES`` and, if need be, ``MEASURES``: rows like
    those of this package's CSV files; ``recognise(file)`` and ``parse(file)`` as any parser module has.
    """

    name: str
    parser: Any
    sources: tuple[dict[str, str], ...]
    tables: tuple[dict[str, str], ...]
    measures: tuple[dict[str, str], ...]


@cache
def plugins() -> tuple[Plugin, ...]:
    """Return the parsers that installed packages offer, by name.

    Raises
    ------
    InputError
        When one does not offer what it has to, or declares a name that is taken.
    """
    found = []
    for point in sorted(entry_points(group="caudal.sources"), key=lambda one: one.name):
        try:
            module = point.load()
            parts = [tuple(getattr(module, name, ())) for name in ("SOURCES", "TABLES", "MEASURES")]
            callable_ = callable(module.recognise) and callable(module.parse)
        except Exception as error:
            raise InputError(
                f"cannot be used ({type(error).__name__}: {error})",
                where=f"entry point caudal.sources {point.name!r} ({point.value})",
                remedy="Mend or uninstall the package; see docs/how-to/add-a-source.md",
            ) from None
        if not callable_ or not parts[0] or not parts[1]:
            raise InputError(
                "needs SOURCES, TABLES, recognise and parse",
                where=f"entry point caudal.sources {point.name!r} ({point.value})",
                remedy="See docs/how-to/add-a-source.md",
            )
        found.append(Plugin(point.name, module, *parts))
    return tuple(found)


def _declared_rows(kind: str, key: str) -> list[tuple[dict[str, str], str]]:
    """Return the rows of this package's table and of every plugin's, with the plugin's name; no name twice."""
    rows = [(row, "") for row in declared(_ROOM, f"{kind}.csv")]
    # A plugin's row may leave columns out: they are empty.
    empty = dict.fromkeys(rows[0][0], "") | ({"freq": "month", "kind": "flow"} if kind == "measures" else {})
    taken = {row[key] for row, _ in rows}
    for plugin in plugins():
        for row in getattr(plugin, kind):
            if row.get(key, "") in taken or not row.get(key):
                raise InputError(
                    f"declares {row.get(key)!r}, which is taken or empty",
                    where=f"entry point caudal.sources {plugin.name!r}, {kind.upper()}",
                    remedy="Begin its names with the name of the package",
                )
            taken.add(row[key])
            rows.append((empty | row, plugin.name))
    return rows


@cache
def sources() -> dict[str, Source]:
    """Return the declared sources by id, those of other packages last."""
    named = tuple(f.name for f in fields(Source) if f.name not in ("id", "notes", "plugin"))
    return {
        row["source"]: Source(
            id=row["source"],
            notes={k: v for k, v in row.items() if k not in (*named, "source")},
            plugin=plugin,
            **{name: row[name] for name in named},
        )
        for row, plugin in _declared_rows("sources", "source")
    }


@cache
def tables() -> dict[str, Table]:
    """Return the declared tables by id, in order of declaration."""
    return {
        row["table"]: Table(
            row["table"],
            row["source"],
            row["sheet"],
            row["base"],
            tuple(row["dims"].split()),
            _pairs(row["fixed"]),
            row["freq"] or "month",
            int(row["rounding"] or 1),
            row["standing"] or "primary",
        )
        for row, _ in _declared_rows("tables", "table")
    }


@cache
def _named() -> dict[tuple[str, str], frozenset[str]]:
    rows = declared(_ROOM, "named.csv")
    return {(row["source"], row["dimension"]): frozenset(row["codes"].split()) for row in rows}


@cache
def measures() -> dict[str, Measure]:
    """Return the declared measures by id."""
    return {
        row["measure"]: Measure(
            **{name: row[name] for name in _MEASURE_TEXT},
            id=row["measure"],
            where=_pairs(row["where"]),
            per=tuple(row["per"].split()),
        )
        for row, _ in _declared_rows("measures", "measure")
    }


def measure(name: str) -> Measure:
    """Return one measure.

    Raises
    ------
    OptionError
        When it is not declared, with the nearest names.
    """
    found = measures().get(name)
    if found is None:
        raise OptionError(f"{name!r} is not a measure", remedy=did_you_mean(name, measures()))
    return found
