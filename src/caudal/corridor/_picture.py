"""What maps draw: people on links, at places and at the border by month, whoever computed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from caudal._core.errors import InputError
from caudal._core.tables import declared
from caudal.corridor._tables import places, ports

__all__ = ["Layer", "Picture", "Result", "picture"]

Floats = npt.NDArray[np.float64]


class _Part(Protocol):
    """Of an outcome: places, classes and values (draws, months, places, classes)."""

    @property
    def places(self) -> tuple[str, ...]: ...
    @property
    def values(self) -> Floats: ...


class Result(Protocol):
    """What `caudal.corridor.simulate` returns, as far as maps look at it."""

    @property
    def months(self) -> tuple[date, ...]: ...
    @property
    def parts(self) -> Mapping[str, Any]: ...
    @property
    def flows(self) -> Mapping[str, Any]: ...
    @property
    def meta(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Layer:
    """People at places by month: mean and the 5th and 95th percentile over draws, each (months, places)."""

    places: tuple[str, ...]
    mean: Floats
    low: Floats
    high: Floats

    def total(self) -> tuple[Floats, Floats, Floats]:
        """Return sums over places by month. Sums of percentiles: an interval that is too wide, never too narrow."""
        return self.mean.sum(axis=1), self.low.sum(axis=1), self.high.sum(axis=1)


@dataclass(frozen=True)
class Picture:
    """Flows, stocks and queues by month.

    Attributes
    ----------
    months : tuple of date
    links : tuple of (start, end, mode)
        Slugs of places; sectors and ports by their declared place.
    flow : array, (months, links)
        People who set out on each link in the month, mean over draws.
    layers : dict of str to Layer
        ``waiting`` and ``queue`` by border city, ``between`` by sector, ``at`` by field office, ``held`` as one,
        ``deaths`` (at risk) by sector.
    totals : dict of str to (mean, low, high)
        Of a layer by month, the percentiles taken over draws of the sum.
    as_of, draws : str, int
    """

    months: tuple[date, ...]
    links: tuple[tuple[str, str, str], ...]
    flow: Floats
    layers: Mapping[str, Layer]
    totals: Mapping[str, tuple[Floats, Floats, Floats]]
    as_of: str
    draws: int


_LAYERS = {
    "between": "encounters_between_ports",
    "at": "encounters_at_ports",
    "waiting": "waiting",
    "queue": "queue",
    "held": "held",
    "deaths": "deaths_at_risk",
}


def picture(result: Result) -> Picture:
    """Return what maps draw of a simulation's result.

    Raises
    ------
    InputError
        When the result was kept without its flows.
    """
    if not result.flows:
        raise InputError("the result has no flows", remedy="Run it again with a version that keeps them")
    links, flow = _links(result.flows, len(result.months))
    layers, totals = {}, {}
    for name, outcome in _LAYERS.items():
        if outcome in result.parts:
            layers[name], totals[name] = _layer(result.parts[outcome])
    draws = next(iter(result.parts.values())).values.shape[0] if result.parts else 1
    return Picture(
        tuple(result.months), links, flow, layers, totals, str(result.meta.get("as_of", "")), int(draws)
    )


def _links(flows: Mapping[str, Any], months: int) -> tuple[tuple[tuple[str, str, str], ...], Floats]:
    """Return links between declared places and people on them; steps inside a port are left out."""
    entered = np.asarray(flows["entered"], dtype=float)
    people = entered.sum(axis=2) if entered.ndim == 3 else entered
    if people.shape[0] < months:
        raise InputError(f"flows cover {people.shape[0]} months of {months}")
    people = people[people.shape[0] - months :]
    links: dict[tuple[str, str, str], Floats] = {}
    for k, (start, end, mode) in enumerate(zip(flows["start"], flows["end"], flows["mode"], strict=True)):
        a, b = _declared(start), _declared(end)
        if a is None or b is None or a == b:
            continue
        key = (a, b, "foot" if mode == "step" else mode)
        links[key] = links.get(key, np.zeros(months)) + people[:, k]
    return tuple(links), np.stack(list(links.values()), axis=1) if links else np.zeros((months, 0))


def _declared(name: str) -> str | None:
    """Return the declared place of a name of the model's (``sector:RGV``, ``line:2504``); None where there is none."""
    kind, _, code = name.partition(":")
    if not code:
        return name
    if kind == "sector":
        return f"sector-{code.lower()}"
    if kind in ("line", "port"):
        return next((row["place"] for row in ports().iter_rows(named=True) if row["port"] == code), None)
    return None


def _layer(part: _Part) -> tuple[Layer, tuple[Floats, Floats, Floats]]:
    values = np.asarray(part.values, dtype=float).sum(axis=3)  # draws, months, places
    names = [_spot(name) for name in part.places]
    unique = tuple(dict.fromkeys(name for name in names if name is not None))
    spots = np.stack(
        [values[:, :, [i for i, n in enumerate(names) if n == name]].sum(axis=2) for name in unique], axis=2
    )
    low, high = np.quantile(spots, (0.05, 0.95), axis=0)
    total = spots.sum(axis=2)
    edges = np.quantile(total, (0.05, 0.95), axis=0)
    return Layer(unique, spots.mean(axis=0), low, high), (total.mean(axis=0), edges[0], edges[1])


def _spot(name: str) -> str | None:
    """Return where something is drawn: ports by their border city, the rest as named."""
    if name.isdigit():
        return next((r["border_city"] for r in ports().iter_rows(named=True) if r["port"] == name), None)
    return name


def spots() -> dict[str, tuple[float, float]]:
    """Return longitude and latitude of every declared place."""
    return {row["place"]: (row["longitude"], row["latitude"]) for row in places().iter_rows(named=True)}


def names(language: str = "en") -> dict[str, str]:
    """Return the short name of every declared place: without what stands in brackets."""
    rows = places().select("place", "name_es" if language == "es" else "name").iter_rows()
    return {place: name.split(" (")[0] for place, name in rows}


def order(codes: Sequence[str]) -> list[str]:
    """Return sectors and field offices from west to east, an office after the sector of its city."""
    beside = {"FO-SAN-DIEGO": "SDC", "FO-TUCSON": "TCA", "FO-EL-PASO": "EPT", "FO-LAREDO": "LRT"}
    along = [row["sector"] for row in declared("caudal.corridor.data", "sector_limits.csv")]

    def west(code: str) -> tuple[int, bool]:
        sector = beside.get(code, code)
        return (along.index(sector) if sector in along else len(along)), code in beside

    return sorted(codes, key=west)
