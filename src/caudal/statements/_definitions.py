"""The definitions a reader could mean: which declared measures a sentence's words leave open.

Nothing is listed here by hand but labels: every declared monthly measure that counts the thing named, and does not
contradict the place and component named, is a candidate. A new measure joins by being declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from caudal import figures
from caudal._core.identifiers import name_of
from caudal._core.tables import declared

__all__ = ["Definition", "candidates"]

#: Dimensions whose values make one definition of encounters differ from another; the rest narrows all alike.
DEFINING = ("region", "component")


_CALENDARS = {
    "en": {"fiscal_year": "fiscal year", "calendar_year": "calendar year"},
    "es": {"fiscal_year": "año fiscal", "calendar_year": "año calendario"},
}


@dataclass(frozen=True)
class Definition:
    """A series: a declared measure, narrowed by conditions.

    Attributes
    ----------
    measure : str
        Name of the declared measure.
    where : tuple of (str, str)
        Dimension and code of every narrowing condition.
    named : bool
        Whether the sentence's own words mean this series (False: a neighbour it is confused with).
    calendar : str
        ``fiscal_year`` or ``calendar_year`` where a year was named that may be either; it becomes part of the label.
    """

    measure: str
    where: tuple[tuple[str, str], ...] = ()
    named: bool = True
    calendar: str = ""

    def label(self, language: str = "en") -> str:
        """Return the definition in words."""
        row = _labels().get(self.measure)
        text = (
            row[f"label_{language}"]
            if row
            else getattr(figures.measures()[self.measure], f"title_{language}")
        )
        for dimension, code in self.where:
            text += f", {name_of(dimension, code, language)}"
        if self.calendar:
            text += ", " + _CALENDARS[language][self.calendar]
        return text

    @property
    def order(self) -> tuple[int, str]:
        """Where it stands in a list of definitions."""
        row = _labels().get(self.measure)
        return (int(row["order"]) if row else 99, self.measure)


@cache
def _labels() -> dict[str, dict[str, str]]:
    return {row["measure"]: row for row in declared("caudal.statements", "definitions.csv")}


def candidates(
    base: str,
    regions: tuple[str | None, ...],
    components: tuple[str | None, ...],
    where: tuple[tuple[str, str], ...] = (),
) -> list[Definition]:
    """Return the definitions that count ``base`` in any of the regions by any of the components.

    Parameters
    ----------
    base : str
        What is counted, as measures declare it (``"encounters"``).
    regions, components : tuple of (str or None)
        The codes left open; None stands for all of them together (the whole country, both components).
    where : tuple of (str, str)
        Conditions that narrow every definition alike.
    """
    found = []
    for measure in figures.measures().values():
        if measure.base != base or measure.freq != "month" or measure.kind != "flow":
            continue
        if set(measure.where) - set(DEFINING):
            continue
        if base == "encounters" and (
            measure.where.get("region") not in regions or measure.where.get("component") not in components
        ):
            continue
        found.append(Definition(measure.id, where))
    return sorted(found, key=lambda one: one.order)
