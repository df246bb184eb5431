"""The declared places and links as arrays, with the border's last steps added.

To the declared places come, for each sector, the sector; for each port of entry that admits people, its *line* and the
port itself; for each border city with a port, the place where those who leave a line stand. Links between declared
places are declared; the last steps (city → sector, city → line, line → port) follow from the tables of sectors and
ports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal._core.errors import InputError, did_you_mean

__all__ = ["Ground", "Port", "ground"]

Array = npt.NDArray[Any]

#: People choose (or choose again) where to cross when they reach Mexico north of here and west of there: the latitude
#: of Mexico City and the longitude that leaves out Yucatán, where many land by air.
DRAW_NORTH_OF, DRAW_WEST_OF = 18.9, -95.5
#: Utility of the last steps at the border: chosen given the destination, so only differences count.
_LAST_STEP = 1.0


@dataclass(frozen=True)
class Port:
    """A port of entry that admits people: its code, field office, city, and share of the office's admissions."""

    code: str
    office: str
    city: str
    part: float
    appointments: float


@dataclass(frozen=True)
class Ground:
    """Places and links in the order of the arrays.

    Attributes
    ----------
    places : tuple of str
        Declared places, then sectors, lines, ports, giving-up places.
    kind, country : tuple of str
        By place; ``"sector" | "line" | "port" | "gave-up"`` for those added.
    latitude, longitude : array
        By place; NaN for those added.
    start, end, steps, km, cost : array, (links,)
        Ends, days, km, and what is added to the cost of a link.
    mode : tuple of str
        ``road | rail | air | foot | step``.
    slug : tuple of str
        Declared name of each link ("" for steps).
    speed : tuple of str
        Name of the assumption that gives the speed of each link ("" for steps).
    part : array, (links,)
        Part of its destination each last step should get; 1 elsewhere.
    watched : array, (links,)
        1 where Mexico's migration institute can stop people.
    destinations : tuple of str
        Sectors, then field offices.
    goals : array, (destinations, places)
        Where the walk to a destination ends.
    sector_home : dict of str to str
        Sector → city where people who were put back stand.
    ports : tuple of Port
    draws : tuple of str
        Places where people choose a destination.
    """

    places: tuple[str, ...]
    kind: tuple[str, ...]
    country: tuple[str, ...]
    latitude: Array
    longitude: Array
    dwell: tuple[str, ...]
    start: Array
    end: Array
    steps: Array
    km: Array
    cost: Array
    mode: tuple[str, ...]
    slug: tuple[str, ...]
    watched: Array
    speed: tuple[str, ...]
    part: Array
    destinations: tuple[str, ...]
    goals: Array
    sector_home: dict[str, str]
    ports: tuple[Port, ...]
    draws: tuple[str, ...]

    def index(self, place: str) -> int:
        """Return the position of a place."""
        if place not in self.places:
            raise InputError(f"there is no place {place!r}", remedy=did_you_mean(place, self.places))
        return self.places.index(place)

    def near_sector(self, city: str) -> int:
        """Return the position among destinations of the sector a city lies nearest to."""
        for sector, home in self.sector_home.items():
            if home == city:
                return self.destinations.index(sector)
        steps = [
            i for i in np.flatnonzero(self.start == self.index(city)) if self.kind[self.end[i]] == "sector"
        ]
        if not steps:
            return 0
        nearest = min(steps, key=lambda i: float(self.cost[i]))
        return self.destinations.index(self.places[self.end[nearest]].removeprefix("sector:"))

    def is_mode(self, mode: str) -> Array:
        """Return which links are of a mode."""
        return np.array([m == mode for m in self.mode])

    def at_speeds(self, speeds: Mapping[str, float]) -> Ground:
        """Return the same ground with travel days from these speeds (km a day)."""
        steps = [
            old if not name or name not in speeds else max(1, round(km / speeds[name]))
            for old, name, km in zip(self.steps, self.speed, self.km, strict=True)
        ]
        return replace(self, steps=np.array(steps))


@dataclass
class _Links:
    start: list[int]
    end: list[int]
    steps: list[int]
    km: list[float]
    cost: list[float]
    mode: list[str]
    slug: list[str]
    watched: list[int]
    speed: list[str]
    part: list[float]

    def add(self, *row: Any) -> None:
        for column, value in zip(vars(self).values(), row, strict=True):
            column.append(value)


def ground(
    places: pl.DataFrame,
    links: pl.DataFrame,
    sectors: pl.DataFrame,
    ports: pl.DataFrame,
    *,
    walk_in: float = 10.0,
) -> Ground:
    """Return the arrays of declared tables (see `caudal.corridor.places` and its neighbours for the columns).

    Parameters
    ----------
    places, links, sectors, ports : polars.DataFrame
        Declared tables.
    walk_in : float
        People a day a port without appointments admits relative to the appointments of others: only shares of an
        office's total, which is data, follow from it.
    """
    declared = places.filter(~pl.col("kind").is_in(["sector", "port"]))
    names = declared["place"].to_list()
    kind = declared["kind"].to_list()
    admits = _ports(ports, names, walk_in)
    sector_rows = [r for r in sectors.iter_rows(named=True) if r["border_city"] in names]
    codes = list(dict.fromkeys(r["sector"] for r in sector_rows))
    cities = list(dict.fromkeys(p.city for p in admits))
    added = [
        *((f"sector:{c}", "sector") for c in codes),
        *((f"line:{p.code}", "line") for p in admits),
        *((f"port:{p.code}", "port") for p in admits),
        *((f"gave-up:{c}", "gave-up") for c in cities),
    ]
    everywhere = [*names, *(n for n, _ in added)]
    at = {name: i for i, name in enumerate(everywhere)}
    made = _Links([], [], [], [], [], [], [], [], [], [])
    _declared_links(made, links, at)
    home = _last_steps(made, sector_rows, admits, cities, at)
    offices = list(dict.fromkeys(p.office for p in admits))
    goals = np.zeros((len(codes) + len(offices), len(everywhere)))
    for k, code in enumerate(codes):
        goals[k, at[f"sector:{code}"]] = 1.0
    for k, office in enumerate(offices):
        for port in admits:
            if port.office == office:
                goals[len(codes) + k, at[f"line:{port.code}"]] = 1.0
    pad = [float("nan")] * len(added)
    latitude = np.array([*declared["latitude"].cast(pl.Float64).to_list(), *pad])
    longitude = np.array([*declared["longitude"].cast(pl.Float64).to_list(), *pad])
    country = [*declared["country"].to_list(), *[""] * len(added)]
    draws = [
        n
        for n, c, y, x in zip(everywhere, country, latitude, longitude, strict=True)
        if c == "MEX" and y >= DRAW_NORTH_OF and x < DRAW_WEST_OF
    ]
    return Ground(
        tuple(everywhere),
        (*kind, *(k for _, k in added)),
        tuple(country),
        latitude,
        longitude,
        (*(d or "" for d in declared["dwell"].to_list()), *[""] * len(added)),
        np.array(made.start),
        np.array(made.end),
        np.array(made.steps),
        np.array(made.km),
        np.array(made.cost),
        tuple(made.mode),
        tuple(made.slug),
        np.array(made.watched),
        tuple(made.speed),
        np.array(made.part),
        (*codes, *offices),
        goals,
        home,
        tuple(admits),
        tuple(draws),
    )


def _ports(ports: pl.DataFrame, names: Sequence[str], walk_in: float) -> list[Port]:
    rows = [r for r in ports.iter_rows(named=True) if r["border_city"] in names]
    weight = [float(r["appointments_per_day"] or 0) + walk_in for r in rows]
    found = []
    for r, w in zip(rows, weight, strict=True):
        whole = sum(x for s, x in zip(rows, weight, strict=True) if s["field_office"] == r["field_office"])
        found.append(
            Port(
                r["port"],
                r["field_office"],
                r["border_city"],
                w / whole,
                float(r["appointments_per_day"] or 0),
            )
        )
    return found


def _days(row: dict[str, Any]) -> int:
    days = row.get("travel_days")
    if days is None:
        days = float(row["distance_km"]) / float(row["speed_km_per_day"])
    return max(1, round(float(days)))


def _declared_links(made: _Links, links: pl.DataFrame, at: dict[str, int]) -> None:
    for r in links.iter_rows(named=True):
        if r["from"] not in at or r["to"] not in at:
            continue  # a last step, or a place that only the map shows
        made.add(
            at[r["from"]],
            at[r["to"]],
            _days(r),
            float(r["distance_km"]),
            0.0,
            r["mode"],
            r["link"],
            int(r["interception"] or 0),
            r["speed_parameter"] or "",
            1.0,
        )


def _last_steps(
    made: _Links, sectors: list[dict[str, Any]], ports: list[Port], cities: list[str], at: dict[str, int]
) -> dict[str, str]:
    home: dict[str, tuple[str, float]] = {}
    for r in sectors:
        share = float(r["share"])
        if share <= 0:
            continue
        cost = _LAST_STEP - float(np.log(share))
        made.add(at[r["border_city"]], at[f"sector:{r['sector']}"], 1, 0.0, cost, "step", "", 0, "", share)
        if share > home.get(r["sector"], ("", 0.0))[1]:
            home[r["sector"]] = (r["border_city"], share)
    for p in ports:
        cost = _LAST_STEP - float(np.log(p.part))
        made.add(at[p.city], at[f"line:{p.code}"], 1, 0.0, cost, "step", "", 0, "", p.part)
        made.add(at[f"line:{p.code}"], at[f"port:{p.code}"], 1, 0.0, _LAST_STEP, "step", "", 0, "", 1.0)
    for city in cities:
        made.add(at[f"gave-up:{city}"], at[city], 1, 0.0, _LAST_STEP, "step", "", 0, "", 1.0)
    return {sector: city for sector, (city, _) in home.items()}
