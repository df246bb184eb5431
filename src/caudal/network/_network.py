"""Places and links: the map people move over. It knows geography, not rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from caudal._core.errors import OptionError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Link", "Network", "Place"]


@dataclass(frozen=True)
class Place:
    """A place; its fields are declared in ``attributes/places.csv``, ``extra`` holds a case's own columns."""

    name: str
    kind: str = "town"
    region: str = "unknown"
    country: str = "unknown"
    latitude: float = 0.0
    longitude: float = 0.0
    population: int = 0
    capacity: int = -1
    conflict_day: int = 0
    conflict_intensity: float = 1.0
    initial_people: int = 0
    capacity_per_day: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class Link:
    """A link; its fields are declared in ``attributes/links.csv``."""

    start: str
    end: str
    length: float
    mode: str = "road"
    two_way: bool = True
    speed: float | None = None
    walk_probability: float = 0.0
    copies: int = 1
    forced_redirection: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class Network:
    """A directed network of places and links.

    Parameters
    ----------
    places : tuple of Place
        In the order of the file; the country of the first is the home country.
    links : tuple of Link
        In the order of the file.
    name : str
        What the network is called.
    """

    places: tuple[Place, ...]
    links: tuple[Link, ...]
    name: str = ""

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of every place by name."""
        return {place.name: i for i, place in enumerate(self.places)}

    def place(self, name: str) -> Place:
        """Return the place called ``name``.

        Raises
        ------
        OptionError
            When there is none; the message names the nearest.
        """
        if name not in self.index:
            raise OptionError(f"there is no place {name!r}", remedy=did_you_mean(name, self.index))
        return self.places[self.index[name]]

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return places and links as tidy frames, one column per declared attribute."""
        return _frame(self.places, "places"), _frame(self.links, "links")


def _frame(rows: Iterable[Place] | Iterable[Link], of: str) -> pl.DataFrame:
    import polars as pl

    from caudal.network._schema import attributes

    kinds = {"number": pl.Float64, "count": pl.Int64, "flag": pl.Boolean}
    schema = {name: kinds.get(a.kind, pl.String) for name, a in attributes(of).items()}
    return pl.DataFrame([{name: getattr(row, name) for name in schema} for row in rows], schema=schema)
