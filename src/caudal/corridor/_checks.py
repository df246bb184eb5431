"""Small checks of the declared tables. Each looks for one mistake, names file and row, and says how to mend it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from caudal._core.errors import did_you_mean
from caudal._core.identifiers import identities
from caudal.corridor._compile import great_circle_km
from caudal.corridor._outlines import inside, outlines
from caudal.corridor._tables import TABLES, network, table
from caudal.network import Finding, check_network

__all__ = ["Declared", "check"]

Findings = Iterator[Finding]

#: Railways are measured between the points of the line nearest to two places, which may be nearer than the places.
_SHORTER_KM = 15.0
#: Outlines are simplified to 0.04 degrees, so a port or a coast may lie just outside.
_OUTSIDE_DEGREES = 0.15


@dataclass(frozen=True)
class Declared:
    """The tables as read; a check may be given others."""

    places: pl.DataFrame
    links: pl.DataFrame
    sectors: pl.DataFrame
    ports: pl.DataFrame
    closures: pl.DataFrame
    caps: pl.DataFrame
    classes: pl.DataFrame
    entries: pl.DataFrame
    assumptions: pl.DataFrame

    @classmethod
    def read(cls) -> Declared:
        """Return the package's own."""
        return cls(**{name: table(name) for name in TABLES})

    def rows(self, name: str) -> Iterator[tuple[dict[str, object], str]]:
        """Yield the rows of a table with the place of each: file and row."""
        frame: pl.DataFrame = getattr(self, name)
        for n, row in enumerate(frame.iter_rows(named=True), 2):
            yield row, f"corridor/data/{TABLES[name]}, row {n}"


#: (table, column, table it refers to, column there, whether it may be empty)
_REFERENCES = (
    ("places", "dwell", "assumptions", "parameter", True),
    ("links", "from", "places", "place", False),
    ("links", "to", "places", "place", False),
    ("links", "speed_parameter", "assumptions", "parameter", False),
    ("sectors", "border_city", "places", "place", False),
    ("ports", "place", "places", "place", False),
    ("ports", "border_city", "places", "place", False),
    ("closures", "port", "ports", "port", False),
    ("entries", "class", "classes", "class", False),
    ("entries", "place", "places", "place", False),
)


def check_references(data: Declared) -> Findings:
    """Every name refers to a row of the table that declares it."""
    for name, column, other, key, optional in _REFERENCES:
        known = set(getattr(data, other)[key])
        for row, where in data.rows(name):
            word = str(row[column] or "")
            if word not in known and (word or not optional):
                yield Finding(
                    "error", f"{column} {word!r} is not in {TABLES[other]}", where, did_you_mean(word, known)
                )


def check_codes(data: Declared) -> Findings:
    """Sectors, ports, field offices and citizenships are codes the archive knows."""
    for name, column, dimension in (
        ("sectors", "sector", "sector"),
        ("ports", "port", "port"),
        ("ports", "field_office", "field_office"),
    ):
        known = identities(dimension)
        for row, where in data.rows(name):
            if row[column] not in known:
                yield Finding(
                    "error", f"no {dimension} {row[column]!r}", where, did_you_mean(str(row[column]), known)
                )


def check_citizenships(data: Declared) -> Findings:
    """Every citizenship is known and belongs to one class."""
    known, taken = identities("citizenship"), dict[str, str]()
    for row, where in data.rows("classes"):
        for code in row["citizenships"]:  # type: ignore[attr-defined]
            if code not in known:
                yield Finding("error", f"no citizenship {code!r}", where, did_you_mean(code, known))
            if code in taken:
                yield Finding(
                    "error", f"{code} is also in class {taken[code]!r}", where, "Leave it in one of them"
                )
            taken[code] = str(row["class"])


def check_shares(data: Declared) -> Findings:
    """Shares of a sector's cities and of a class's entry places add up to 1."""
    for name, key in (("sectors", "sector"), ("entries", "class")):
        totals: dict[object, tuple[float, str]] = {}
        for row, where in data.rows(name):
            share = float(row["share"])  # type: ignore[arg-type]
            if not 0 <= share <= 1:
                yield Finding("error", f"share is {share:g}", where, "Give one from 0 to 1")
            totals[row[key]] = (totals.get(row[key], (0.0, ""))[0] + share, where)
        for what, (total, where) in totals.items():
            if not math.isclose(total, 1, abs_tol=1e-9):
                yield Finding(
                    "error", f"shares of {what} add up to {total:g}", where, "Make them add up to 1"
                )


def check_ranges(data: Declared) -> Findings:
    """Every assumption lies within a range of some width, and says why it is one."""
    seen: dict[str, str] = {}
    for row, where in data.rows("assumptions"):
        low, central, high = (float(row[key]) for key in ("low", "central", "high"))  # type: ignore[arg-type]
        name = str(row["parameter"])
        if not low <= central <= high:
            yield Finding(
                "error", f"{name} is {central:g}, outside {low:g} to {high:g}", where, "Widen the range"
            )
        elif low == high:
            yield Finding(
                "error", f"{name} has no range", where, "Give the lowest and highest value to be expected"
            )
        if row["status"] not in ("assumption", "identified", "weak"):
            yield Finding(
                "error", f"status is {row['status']!r}", where, "Write assumption, identified or weak"
            )
        if not row["reason"] or not row["unit"]:
            yield Finding(
                "error", f"{name} has no reason or unit", where, "Say why it is assumed, and in what unit"
            )
        if name in seen:
            yield Finding("error", f"{name} is also declared in {seen[name]}", where, "Remove one")
        seen[name] = where


def check_lengths(data: Declared) -> Findings:
    """No link is shorter than the straight line between its ends."""
    at = {str(row["place"]): (row["longitude"], row["latitude"]) for row, _ in data.rows("places")}
    goals = {str(row["place"]) for row, _ in data.rows("places") if row["kind"] in ("sector", "port")}
    for row, where in data.rows("links"):
        ends = str(row["from"]), str(row["to"])
        if ends[1] in goals or not set(ends) <= set(at):
            continue  # a sector stands at its headquarters, which nobody walks to
        straight = great_circle_km(at[ends[0]], at[ends[1]])  # type: ignore[arg-type]
        km = float(row["distance_km"])  # type: ignore[arg-type]
        if km < straight - _SHORTER_KM:
            what = f"{row['link']} has {km:.0f} km, less than the straight line ({straight:.0f} km)"
            yield Finding("error", what, where, "Measure it again with `caudal corridor compile`")


def check_countries(data: Declared) -> Findings:
    """Every place lies in the country it is said to lie in, as far as simplified outlines tell."""
    rings = {shape.code: shape.rings for shape in outlines() if shape.kind == "country"}
    for row, where in data.rows("places"):
        point = float(row["longitude"]), float(row["latitude"])  # type: ignore[arg-type]
        country = str(row["country"])
        if country in rings and not inside(point, rings[country], within=_OUTSIDE_DEGREES):
            what = f"{row['place']!r} does not lie in {country} but at {point[1]:g}, {point[0]:g}"
            yield Finding("error", what, where, "Mend country or coordinates in gazetteer.csv")


def check_ways(data: Declared) -> Findings:
    """From every entry place every sector and every appointment port can be reached."""
    goals = {str(row["place"]): where for row, where in data.rows("places") if row["kind"] == "sector"}
    for row, where in data.rows("ports"):
        if float(row["appointments_per_day"] or 0):  # type: ignore[arg-type]
            goals[str(row["place"])] = where
    entries = {str(row["place"]) for row, _ in data.rows("entries")}
    for goal, where in goals.items():
        for entry in sorted(entries - _before(data, goal, ("road", "rail", "air", "foot"))):
            yield Finding(
                "error", f"no way leads from {entry!r} to {goal!r}", where, "Add a chain to routes.csv"
            )


def check_flights(data: Declared) -> Findings:
    """A ground way joins the ends of every flight: its worth is set beside that of the ground way."""
    ground: dict[str, set[str]] = {}
    for row, where in data.rows("links"):
        start, end = str(row["from"]), str(row["to"])
        if row["mode"] == "air":
            if end not in ground:
                ground[end] = _before(data, end, ("road", "rail", "foot"))
            if start not in ground[end]:
                yield Finding(
                    "error", f"only air leads from {start!r} to {end!r}", where, "Add a chain to routes.csv"
                )


def _before(data: Declared, goal: str, modes: tuple[str, ...]) -> set[str]:
    """Return the places from which a goal can be reached, itself included."""
    into: dict[str, list[str]] = {}
    for row, _ in data.rows("links"):
        if row["mode"] in modes:
            into.setdefault(str(row["to"]), []).append(str(row["from"]))
    reached, edge = {goal}, [goal]
    while edge:
        for start in into.get(edge.pop(), ()):
            if start not in reached:
                reached.add(start)
                edge.append(start)
    return reached


def check_appointments(data: Declared) -> Findings:
    """Appointments of the ports add up to the highest cap, and every period follows the one before."""
    total = math.fsum(data.ports["appointments_per_day"].to_list())
    cap = max(data.caps["cap_per_day"].to_list())
    if total != cap:
        yield Finding(
            "error", f"ports have {total:g} appointments a day, the cap is {cap:g}", "corridor/data/ports.csv"
        )
    before = ""
    for row, where in data.rows("caps"):
        if before and not before < str(row["from"]):
            yield Finding(
                "error", f"{row['from']} does not follow {before}", where, "Sort the periods by day"
            )
        before = str(row["to"] or "9999")


def check_closures(data: Declared) -> Findings:
    """A closure ends after it begins, at a time with its offset, and leaves 0 to 1 of the capacity."""
    for row, where in data.rows("closures"):
        try:
            start, end = (datetime.fromisoformat(str(row[key])) for key in ("from", "to"))
        except ValueError:
            yield Finding(
                "error", f"{row['from']} or {row['to']} is no time", where, "Write 2023-12-04T06:00-07:00"
            )
            continue
        if start.tzinfo is None or end.tzinfo is None:
            yield Finding("error", "a time has no offset", where, "Write 2023-12-04T06:00-07:00")
        elif not start < end:
            yield Finding(
                "error", f"it ends ({row['to']}) before it begins ({row['from']})", where, "Swap them"
            )
        if not 0 <= float(row["capacity_left"]) <= 1:  # type: ignore[arg-type]
            yield Finding(
                "error", f"capacity_left is {row['capacity_left']}", where, "Give a factor from 0 to 1"
            )


CHECKS: tuple[Callable[[Declared], Findings], ...] = (
    check_references,
    check_codes,
    check_citizenships,
    check_shares,
    check_ranges,
    check_lengths,
    check_countries,
    check_ways,
    check_flights,
    check_appointments,
    check_closures,
)


def check(data: Declared | None = None) -> list[Finding]:
    """Return what is wrong with the corridor's tables, errors first; empty when all is well.

    Parameters
    ----------
    data : Declared, optional
        Tables to check instead of the package's own (whose network is then not looked at).
    """
    found = [] if data is not None else check_network(network())
    data = data or Declared.read()
    found += [finding for one in CHECKS for finding in one(data)]
    return sorted(found, key=lambda f: f.level)
