"""Which table of which release answers a question, month by month.

For every period the best table that can answer is taken: exact counts before rounded ones, the publisher's own table
before compiled copies, then the newest release, then the order of declaration. A table can answer when it is broken
down by every dimension that the question names, or all of its rows have the value asked for, and when it leaves out
nothing that the question includes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from caudal._core.errors import NotKnownError, OptionError, did_you_mean
from caudal._core.identifiers import VIEWS, identities, resolve, resolve_dimension
from caudal.figures._archive import Archive
from caudal.figures._declared import Measure, Table, measure, sources, tables
from caudal.figures._store import Release

__all__ = ["Choice", "Question", "ask", "candidates", "choose"]


@dataclass(frozen=True)
class Question:
    """What is asked of the archive.

    Attributes
    ----------
    measure : Measure
        The measure.
    by : tuple of str
        Dimensions (or views such as ``sector``) of the answer, in order.
    where : dict of str to tuple of str
        Stored dimension to the codes that count.
    publisher : str or None
        Only tables of this publisher.
    """

    measure: Measure
    by: tuple[str, ...]
    where: dict[str, tuple[str, ...]]
    publisher: str | None = None

    @property
    def stored_by(self) -> tuple[str, ...]:
        """The stored dimensions behind `by`."""
        return tuple(dict.fromkeys(VIEWS.get(name, name) for name in self.by))


@dataclass(frozen=True)
class Choice:
    """The table and release that answer for one period."""

    period: date
    table: Table
    release: Release


def ask(
    name: str,
    by: tuple[str, ...] = (),
    where: dict[str, str | tuple[str, ...]] | None = None,
    publisher: str | None = None,
) -> Question:
    """Return a question in codes from one in names.

    Raises
    ------
    OptionError
        When a measure, dimension, value or publisher is not known, or a condition contradicts the measure.
    """
    asked = measure(name)
    conditions: dict[str, tuple[str, ...]] = {k: (v,) for k, v in asked.where.items()}
    for dimension, found in _named_values(where or {}).items():
        stored = VIEWS.get(dimension, dimension)
        fixed = asked.where.get(stored)
        if fixed is not None and found != (fixed,):
            raise OptionError(
                f"{name!r} counts only {stored} {fixed}, so {stored}={', '.join(found)} has no figures in it",
                where="--where",
                remedy="Choose a wider measure: `caudal figures measures` lists them",
            )
        conditions[stored] = _both(stored, conditions.get(stored, found), found)
    dimensions = tuple(dict.fromkeys(resolve_dimension(d) for d in by))
    if len({VIEWS.get(name, name) for name in dimensions}) < len(dimensions):
        raise OptionError(
            f"{' and '.join(dimensions)} are views of one dimension",
            where="--by",
            remedy="Ask for one of them, or for area, which has all",
        )
    for view, stored in VIEWS.items():
        if view in dimensions:
            within = tuple(identities(view))
            conditions[stored] = _both(stored, conditions.get(stored, within), within)
    for dimension in asked.per:
        if dimension not in dimensions and len(conditions.get(dimension, ())) != 1:
            raise OptionError(
                f"values of {name!r} do not add up over {dimension.replace('_', ' ')}",
                where="--by",
                remedy=f"Name one (--where {dimension}=…) or ask for each (--by {dimension})",
            )
    known = sorted({source.publisher for source in sources().values()})
    if publisher is not None:
        matching = [p for p in known if p.casefold() == publisher.casefold()]
        if not matching:
            raise OptionError(
                f"{publisher!r} is not a publisher",
                where="--publisher",
                remedy=did_you_mean(publisher, known),
            )
        publisher = matching[0]
    return Question(asked, dimensions, conditions, publisher)


def _named_values(where: dict[str, str | tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return conditions by dimension in codes; a dimension named twice (``Sector``, ``sector``) means either."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in where.items():
        dimension = resolve_dimension(key)
        values = (value,) if isinstance(value, str) else tuple(value)
        codes = (resolve(dimension, v, where=f"--where {key}={v}") for v in values)
        found[dimension] = tuple(dict.fromkeys((*found.get(dimension, ()), *codes)))
    return found


def _both(dimension: str, first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes that two conditions on one stored dimension leave."""
    left = tuple(code for code in first if code in second)
    if not left:
        raise OptionError(
            f"no {dimension} is both {_few(first)} and {_few(second)}",
            where="--where",
            remedy="A sector is no field office, and the other way round",
        )
    return left


def _few(codes: tuple[str, ...]) -> str:
    return ", ".join(codes[:3]) + (", …" if len(codes) > 3 else "")


def candidates(question: Question) -> list[Table]:
    """Return the tables that could answer, whatever has been released."""
    return [table for table in tables().values() if _answers(table, question)]


def _answers(table: Table, question: Question) -> bool:
    if table.base != question.measure.base:
        return False
    if question.publisher and sources()[table.source].publisher != question.publisher:
        return False
    for dimension in (*question.stored_by, *question.where):
        if dimension in table.dims:
            if all(table.names(dimension, code) for code in question.where.get(dimension, ())):
                continue
            return False
        if question.where.get(dimension) != (table.fixed.get(dimension),):
            return False
    # What all rows of the table have in common must have been asked for, or the answer would lack the rest.
    return all(question.where.get(dimension) == (value,) for dimension, value in table.fixed.items())


def choose(archive: Archive, question: Question, freq: str = "month") -> list[Choice]:
    """Return the best table and release for every period that can be answered.

    Raises
    ------
    NotKnownError
        When no table is broken down that way, or none had been released.
    """
    able = candidates(question)
    if not able:
        _complain(question)
    if freq in ("day", "week") and not any(table.freq == freq for table in able):
        raise NotKnownError(
            f"nobody publishes {question.measure.id!r} by {freq}", remedy="Ask for it by month"
        )
    best: dict[date, tuple[tuple[int, ...], Choice]] = {}
    # Exact and primary tables first, so that a period they answer is not looked up in the others at all.
    ordered = sorted(
        ((table.rounding, table.standing != "primary", order, table) for order, table in enumerate(able)),
        key=lambda item: item[:3],
    )
    for rounding, compiled, order, table in ordered:
        if table.freq != freq:
            continue
        # Adding up rounded cells adds up their rounding: the coarsest table that answers is the truest.
        cells = 0 if table.exact else len(table.dims)
        for period, release in archive.newest(table.id).items():
            held = best.get(period)
            if held is not None and held[0][:2] < (rounding, compiled):
                continue
            rank = (rounding, compiled, -release.released.toordinal(), cells, order)
            if held is None or rank < held[0]:
                best[period] = (rank, Choice(period, table, release))
    return [choice for _, (_, choice) in sorted(best.items())]


def _complain(question: Question) -> None:
    asked = [*question.by, *(d for d in question.where if d not in question.measure.where)]
    whole = Question(
        question.measure, (), {k: (v,) for k, v in question.measure.where.items()}, question.publisher
    )
    able = sorted({d for table in tables().values() for d in table.dims if _could(table, whole, d)})
    who = f" by {question.publisher}" if question.publisher else ""
    if any(_unnamed(table, question) for table in tables().values()):
        raise NotKnownError(
            f"no table{who} with {question.measure.id!r} names all of these by themselves",
            remedy="Publishers that name few count the rest as OTHER; another measure or publisher may name more",
        )
    raise NotKnownError(
        f"no table{who} breaks {question.measure.id!r} down by {' and '.join(asked) or 'nothing at all'}"
        + (" together" if len(asked) > 1 else ""),
        remedy=("Alone or in some combinations there are: " + ", ".join(able))
        if able
        else "Choose another publisher",
    )


def _unnamed(table: Table, question: Question) -> bool:
    """Return whether a table would answer if it named the codes asked for."""
    fewer = {
        dimension: tuple(code for code in codes if table.names(dimension, code)) or ("OTHER",)
        for dimension, codes in question.where.items()
    }
    return _answers(table, Question(question.measure, question.by, fewer, question.publisher))


def _could(table: Table, whole: Question, dimension: str) -> bool:
    return _answers(table, Question(whole.measure, (dimension,), whole.where, whole.publisher))
