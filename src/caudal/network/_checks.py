"""Small checks of networks and cases. Each looks for one mistake, says where it is and how to mend it.

An *error* cannot be simulated; a *warning* can, but is probably not what was meant, or is passed over in silence by
the reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from caudal._core.errors import InputError, did_you_mean
from caudal.network._flee_case import FleeCase
from caudal.network._network import Network, Place

__all__ = ["Finding", "check_case", "check_network", "raise_first"]

_EARTH_KM = 6371.0
_ZERO = 1e-6
#: No place of a case lies further from the middle of its country, in km.
_FAR = 2000.0
#: Names of countries in published cases that are no names of countries.
_CASES_SAY = {"CAR": "Central African Republic", "RC": "Republic of the Congo"}


@dataclass(frozen=True)
class Finding:
    """One thing a check found; printed as one line."""

    level: Literal["error", "warning"]
    what: str
    where: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.remedy}" if self.remedy else text


Findings = Iterator[Finding]


def check_link_places(network: Network) -> Findings:
    """Both ends of every link are places."""
    for link in network.links:
        for name in (link.start, link.end):
            if name not in network.index:
                yield Finding(
                    "error", f"there is no place {name!r}", link.where, did_you_mean(name, network.index)
                )


def check_link_lengths(network: Network) -> Findings:
    """Every link has a length above 0 and joins two different places."""
    for link in network.links:
        if not link.length > 0 or not math.isfinite(link.length):
            yield Finding(
                "error",
                f"the distance {link.start} – {link.end} is {link.length:g} km",
                link.where,
                "Give a length above 0",
            )
        if link.start == link.end:
            yield Finding("error", f"{link.start!r} is linked to itself", link.where, "Remove the row")
        if link.speed is not None and not link.speed > 0:
            yield Finding("error", f"the speed is {link.speed:g} km a day", link.where, "Give one above 0")
        if not 0 <= link.walk_probability <= 1:
            yield Finding("error", f"walk_probability is {link.walk_probability:g}", link.where, "0 to 1")


def check_isolated(network: Network) -> Findings:
    """Every place can be reached or left."""
    used = {name for link in network.links for name in (link.start, link.end)}
    for place in network.places:
        if place.name not in used:
            yield Finding("warning", f"{place.name!r} has no link", place.where, "Add a route to it")


def check_markers(network: Network) -> Findings:
    """Markers, which are only passed through, do not form a ring."""
    marker = {p.name for p in network.places if p.kind == "marker"}
    parent = {name: name for name in marker}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for link in network.links:
        if link.start in marker and link.end in marker and link.start != link.end:
            a, b = root(link.start), root(link.end)
            if a == b:
                yield Finding(
                    "error",
                    f"markers form a ring that {link.start} – {link.end} closes",
                    link.where,
                    "Make one of them a town or remove a link",
                )
            parent[a] = b


def check_coordinates(network: Network) -> Findings:
    """No place lies further from its neighbours, as the crow flies, than its links are long."""
    for place in network.places:
        if abs(place.latitude) > 90 or abs(place.longitude) > 180:
            yield Finding(
                "warning",
                f"latitude {place.latitude:g}, longitude {place.longitude:g} of {place.name!r} is nowhere on Earth",
                place.where,
                "Latitude and longitude look swapped",
            )
            continue
        if place.latitude == 0 and place.longitude == 0:
            continue
        pairs = [(network.place(n), km) for n, km in _neighbours(network, place.name)]
        swapped = Place(place.name, latitude=place.longitude, longitude=place.latitude)
        # Links are longer than the straight line between their ends; allow for coarse coordinates.
        far = sum(_km(place, other) > 1.5 * km + 50 for other, km in pairs)
        mended = sum(_km(swapped, other) <= 1.5 * km + 50 for other, km in pairs)
        if pairs and far == len(pairs) == mended:
            yield Finding(
                "warning",
                f"{place.name!r} lies far from all its neighbours",
                place.where,
                "Latitude and longitude look swapped",
            )


def check_countries(network: Network) -> Findings:
    """Places lie in their countries, not where the two coordinates exchanged would put them.

    Where the two are exchanged throughout, distances between places hardly change: the country tells.
    """
    wrong = []
    for place in network.places:
        point = _middle_of(place.country)
        if point is None or (place.latitude == 0 and place.longitude == 0):
            continue
        swapped = Place(place.name, latitude=place.longitude, longitude=place.latitude)
        away = _km(place, point)
        if away > _FAR and abs(place.longitude) <= 90 and _km(swapped, point) < away / 2:
            wrong.append((place, away))
    if wrong:
        first, away = wrong[0]
        others = f"; so do {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield Finding(
            "warning",
            f"{first.name!r} lies {away:,.0f} km from the middle of {first.country}{others}",
            first.where,
            "Latitude and longitude look swapped",
        )


@cache
def _middle_of(country: str) -> Place | None:
    """Return a point in the middle of a country, None where its name is not known."""
    from countryinfo import CountryInfo, CountryNotFoundError

    name = _CASES_SAY.get(country, country).replace("_", " ")
    try:
        latitude, longitude = CountryInfo(name).latlng()
    except (CountryNotFoundError, ValueError):
        return None
    return Place(country, latitude=latitude, longitude=longitude)


def _neighbours(network: Network, name: str) -> list[tuple[str, float]]:
    out = [(k.end, k.length) for k in network.links if k.start == name and k.end in network.index]
    return out + [(k.start, k.length) for k in network.links if k.end == name and k.start in network.index]


def _km(a: Place, b: Place) -> float:
    la, lb = math.radians(a.latitude), math.radians(b.latitude)
    half = math.sin((lb - la) / 2) ** 2
    half += math.cos(la) * math.cos(lb) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def check_closures(case: FleeCase) -> Findings:
    """Every closure names something that is there, and has an effect."""
    network = case.network
    countries = {p.country for p in network.places}
    joined = {frozenset((k.start, k.end)) for k in network.links}
    for c in case.closures:
        known = countries if c.kind == "country" else set(network.index)
        # The second name of a location or camp closure is not looked at.
        for name in (c.first,) if c.kind in ("location", "camp", "idpcamp") else (c.first, c.second):
            if name not in known:
                kind = "country" if c.kind == "country" else "place"
                yield Finding("error", f"there is no {kind} {name!r}", c.where, did_you_mean(name, known))
        if c.kind in ("link", "remove_forced_redirection") and frozenset((c.first, c.second)) not in joined:
            yield Finding(
                "error",
                f"there is no link {c.first} – {c.second}",
                c.where,
                "Close a link that routes.csv has",
            )
        if c.kind == "link":
            yield Finding(
                "warning",
                "closures of single links have no effect in the reference",
                c.where,
                "Use --compat documented to close it",
            )
        if c.kind == "remove_forced_redirection":
            yield Finding("warning", "redirections move nobody in the reference", c.where)


def check_conflicts(case: FleeCase) -> Findings:
    """Conflicts cover the period, name places, and leave no day without a source of displacement."""
    file = f"{case.name}/input_csv/conflicts.csv"
    if len(case.conflicts) < case.days:
        yield Finding(
            "error",
            f"{len(case.conflicts)} days of conflict for {case.days} days of simulation",
            f"{file}, row {len(case.conflicts) + 1}",
            "Add a row per day or shorten Length in sim_period.csv",
        )
    for column, name in enumerate(case.conflict_names):
        values = [row[column] for row in case.conflicts]
        day = next((d for d, v in enumerate(values) if v > _ZERO), None)
        if day is not None and name not in case.network.index:
            yield Finding(
                "error",
                f"there is no place {name!r}",
                f"{file}, row {day + 2}",
                did_you_mean(name, case.network.index),
            )
        changes = [d for d in range(1, len(values)) if min(values[d - 1], values[d]) > _ZERO]
        ignored = next((d for d in changes if values[d] != values[d - 1]), None)
        if ignored is not None:
            yield Finding(
                "warning",
                f"the intensity of {name!r} changes while it lasts, which the reference overlooks",
                f"{file}, row {ignored + 2}",
                "Use --compat documented to follow it",
            )
    if case.settings.spawn_mode == "data":
        yield from _quiet_days(case, file)


def _quiet_days(case: FleeCase, file: str) -> Findings:
    """Report the first day on which nobody can be displaced."""
    always = {
        p.name: p.population > 0
        for p in case.network.places
        if p.kind == "conflict_zone" and p.conflict_day == 0 and p.conflict_intensity > 0
    }
    people = {p.name: p.population > 0 for p in case.network.places}
    fighting = dict(always)
    for day in range(min(case.days, len(case.conflicts))):
        for name, now in zip(case.conflict_names, case.conflicts[day], strict=True):
            if now > _ZERO:
                fighting[name] = people.get(name, False)
            elif day and case.conflicts[day - 1][case.conflict_names.index(name)] > _ZERO:
                fighting.pop(name, None)
        if not any(fighting.values()):
            yield Finding(
                "error",
                f"no conflict zone with residents on day {day}, so nobody can be displaced",
                f"{file}, row {day + 2}",
                "Give a place an intensity above 0 that day and a population in locations.csv",
            )
            return


def check_registrations(case: FleeCase) -> Findings:
    """Every camp has registrations, every series a place, and dates go up."""
    layout = f"{case.name}/source_data/data_layout.csv"
    if not case.observed:
        return
    for place in case.network.places:
        if place.kind in ("camp", "idpcamp") and place.name not in case.observed:
            yield Finding(
                "error",
                f"camp {place.name!r} is missing",
                layout,
                f"Add a row {place.name},file.csv (or mend its name)",
            )
    for name, series in case.observed.items():
        if name != "total" and name not in case.network.index:
            yield Finding(
                "warning",
                f"{name!r} has registrations but is not in locations.csv: it displaces people and receives none",
                layout,
                did_you_mean(name, case.network.index),
            )
        if any(b <= a for a, b in zip(series.days, series.days[1:], strict=False)):
            yield Finding(
                "warning",
                f"dates of {name!r} do not go up, which makes interpolation wrong",
                layout,
                "Sort its file",
            )


def check_redirections(case: FleeCase) -> Findings:
    """Say what forced redirections do, and do not, in the reference."""
    for link in case.network.links:
        if link.copies > 1:
            yield Finding(
                "warning",
                f"forced_redirection 1 doubles the link {link.start} – {link.end} and redirects nobody",
                link.where,
                "Write 0 unless the doubling is wanted",
            )


def check_rarely_left(case: FleeCase) -> Findings:
    """Say when a low chance of leaving turns places into camps, as the reference does in silence."""
    if case.settings.default_movechance < 0.005:
        yield Finding(
            "warning",
            f"default_movechance {case.settings.default_movechance:g} turns every town into a camp",
            f"{case.name}/simsetting.yml",
            "Use 0.005 or more, or --compat documented",
        )


_NETWORK: tuple[Callable[[Network], Findings], ...] = (
    check_link_places,
    check_link_lengths,
    check_isolated,
    check_markers,
    check_coordinates,
    check_countries,
)
_CASE: tuple[Callable[[FleeCase], Findings], ...] = (
    check_closures,
    check_conflicts,
    check_registrations,
    check_redirections,
    check_rarely_left,
)


def check_network(network: Network) -> list[Finding]:
    """Return what is wrong with a network, errors first."""
    found = [finding for check in _NETWORK for finding in check(network)]
    return sorted(found, key=lambda f: f.level)


def check_case(case: FleeCase) -> list[Finding]:
    """Return what is wrong with a case and its network, errors first."""
    found = [finding for check in _CASE for finding in check(case)]
    found += [Finding("warning", note, "") for note in case.notes]
    return sorted(check_network(case.network) + found, key=lambda f: f.level)


def raise_first(findings: list[Finding]) -> None:
    """Raise the first error, if there is one.

    Raises
    ------
    InputError
        With the place and the remedy of the finding.
    """
    for finding in findings:
        if finding.level == "error":
            raise InputError(finding.what, where=finding.where, remedy=finding.remedy or None)
