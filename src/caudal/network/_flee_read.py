"""Read a case in Flee's format (``input_csv/``, ``source_data/``, ``simsetting.yml``)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from caudal._core.errors import InputError
from caudal.network._flee_case import Closure, Demographic, FleeCase
from caudal.network._flee_observed import read_observed
from caudal.network._flee_settings import FleeSettings, read_settings
from caudal.network._network import Link, Network, Place

__all__ = ["read_flee"]

_CLOSURES = ("country", "location", "link", "camp", "idpcamp", "remove_forced_redirection")


def read_flee(
    directory: str | Path, *, settings: str | Path | FleeSettings | None = None, observed: bool = True
) -> FleeCase:
    """Read a Flee case.

    Parameters
    ----------
    directory : path
        Holds ``input_csv/`` and ``source_data/``.
    settings : path or FleeSettings, optional
        Else ``simsetting.yml`` in the directory (or the one beside it, as validation suites have it).
    observed : bool
        Whether registrations are needed (they are not when conflicts drive displacement).

    Raises
    ------
    InputError
        One line with file and row for whatever cannot be used as it is.
    """
    root = Path(directory)
    inputs = root / "input_csv"
    if not inputs.is_dir():
        raise InputError("not a Flee case", where=str(root), remedy="It needs a directory input_csv")
    notes: list[str] = []
    if not isinstance(settings, FleeSettings):
        settings, notes = read_settings(_settings_path(root, settings))
    start, days = _period(inputs / "sim_period.csv")
    places = _places(inputs / "locations.csv", settings)
    links = _links(inputs / "routes.csv")
    names, matrix = _conflicts(inputs / "conflicts.csv")
    return FleeCase(
        name=root.resolve().name,
        network=Network(places, links, root.resolve().name),
        start=start,
        days=days,
        conflict_names=names,
        conflicts=matrix,
        closures=_closures(inputs / "closures.csv"),
        observed=read_observed(root, start) if observed else {},
        demographics=tuple(_demographic(p) for p in sorted(inputs.glob("demographics_*.csv"))),
        settings=settings,
        notes=tuple(notes),
    )


def _settings_path(root: Path, given: str | Path | None) -> Path:
    if given is not None:
        return Path(given)
    return next((p for p in (root, root.parent) if (p / "simsetting.yml").is_file()), root) / "simsetting.yml"


def rows(path: Path, *, required: bool = True, comments: bool = True) -> Iterator[tuple[str, list[str]]]:
    """Yield ``(where, cells)`` for every row that is neither empty nor a comment."""
    if not path.is_file():
        if required:
            raise InputError("file not found", where=str(path), remedy="A Flee case needs it")
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, cells in enumerate(csv.reader(file), 1):
            if not any(cell.strip() for cell in cells):
                continue
            if comments and cells[0].startswith("#"):
                continue
            yield f"{path}, row {number}", cells


def number(text: str, what: str, where: str) -> float:
    """Return a number or say which cell is not one."""
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{what} is {text!r}, which is not a number", where=where) from None


def whole(text: str, what: str, where: str) -> int:
    """Return a whole number or say which cell is not one."""
    value = number(text, what, where)
    if value != int(value):
        raise InputError(f"{what} is {text!r}, which is not a whole number", where=where)
    return int(value)


def _period(path: Path) -> tuple[date, int]:
    start: date | None = None
    days = 0
    for where, cells in rows(path, comments=False):
        key = cells[0].strip().lower()
        if key == "startdate":
            start = parse_date(cells[1], where)
        elif key == "length":
            days = whole(cells[1], "Length", where)
    if start is None or days <= 0:
        what = "StartDate" if start is None else "Length"
        raise InputError(f"{what} is missing", where=str(path), remedy="Write it as a row, e.g. Length,300")
    return start, days


def parse_date(text: str, where: str) -> date:
    """Return a day written ``YYYY-MM-DD``."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise InputError(f"{text!r} is not a day", where=where, remedy="Write it as YYYY-MM-DD") from None


def _header(path: Path) -> list[str]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for cells in csv.reader(file):
            if cells and cells[0].startswith("#"):
                return [cell.strip().strip('"') for cell in cells]
    return []


def _places(path: Path, settings: FleeSettings) -> tuple[Place, ...]:
    header = _header(path)
    found: dict[str, Place] = {}
    for where, raw in rows(path):
        cells = [cell.strip() for cell in raw] + [""] * (8 - len(raw))
        if len(raw) < 6:
            raise InputError("too few columns", where=where, remedy="name,region,country,x,y,location_type,…")
        if cells[0] in found:
            raise InputError(f"place {cells[0]!r} is there twice", where=where, remedy="Give it another name")
        found[cells[0]] = _place(cells, header, settings, where)
    if not found:
        raise InputError("no places", where=str(path), remedy="One row per place")
    return tuple(found.values())


def _place(cells: list[str], header: list[str], settings: FleeSettings, where: str) -> Place:
    kind = _kind(cells[5].lower(), where)
    people = whole(cells[7] or "0", "population or capacity", where)
    names = [header[i] if i < len(header) else f"column_{i}" for i in range(len(cells))]
    extra = {names[i]: cells[i] for i in range(8, len(cells))}
    camp = kind in ("camp", "idpcamp")
    conflict = kind == "conflict_zone"
    return Place(
        name=cells[0],
        kind=kind,
        region=cells[1] or "unknown",
        country=cells[2] or "unknown",
        # Columns 3 and 4 in the order of the file; most shipped cases put latitude first.
        latitude=number(cells[3] or "0", "latitude", where),
        longitude=number(cells[4] or "0", "longitude", where),
        population=0 if camp else people,
        capacity=people if camp else -1,
        conflict_day=whole(cells[6] or "0", "conflict_date", where) if conflict else 0,
        conflict_intensity=number(
            extra.get("conflict_intensity") or str(settings.default_conflict_intensity), "intensity", where
        ),
        initial_people=whole(extra.get("initial_idps") or "0", "initial_idps", where) if camp else 0,
        capacity_per_day=whole(extra.get("capacity_per_day") or "0", "capacity_per_day", where),
        extra=extra,
        where=where,
    )


def _kind(text: str, where: str) -> str:
    if "camp" in text:
        return "idpcamp" if "idp" in text else "camp"
    for word, kind in (
        ("conflict", "conflict_zone"),
        ("forward", "forwarding_hub"),
        ("marker", "marker"),
        ("flood_zone", "flood_zone"),
        ("default", "town"),
        ("town", "town"),
    ):
        if word in text:
            return kind
    raise InputError(
        f"location_type {text!r} is not known",
        where=where,
        remedy="Use conflict_zone, town, camp, idpcamp, forwarding_hub or marker",
    )


def _links(path: Path) -> tuple[Link, ...]:
    header = _header(path)
    links = []
    for where, raw in rows(path):
        cells = [cell.strip() for cell in raw]
        if len(cells) < 3:
            raise InputError("too few columns", where=where, remedy="name1,name2,distance,forced_redirection")
        extra = {header[i]: cells[i] for i in range(4, min(len(cells), len(header))) if cells[i]}
        forced = whole(cells[3] or "0", "forced_redirection", where) if len(cells) > 3 else 0
        speed = extra.get("max_move_speed")
        links.append(
            Link(
                start=cells[0],
                end=cells[1],
                length=number(cells[2], "distance", where),
                speed=number(speed, "max_move_speed", where) if speed else None,
                walk_probability=number(extra.get("walk_probability", "0"), "walk_probability", where),
                # The reference creates the pair twice when the direction is 1.
                copies=2 if forced == 1 else 1,
                forced_redirection=forced,
                extra=extra,
                where=where,
            )
        )
    return tuple(links)


def _conflicts(path: Path) -> tuple[tuple[str, ...], tuple[tuple[float, ...], ...]]:
    header = _header(path)
    if not header and path.is_file():
        raise InputError("no header", where=str(path), remedy="Begin with #Day,name,name,…")
    columns = [i for i, name in enumerate(header) if i > 0 and name]
    matrix = []
    for where, cells in rows(path):
        matrix.append(
            tuple(
                number(cells[i].strip() or "0", header[i], where) if i < len(cells) else 0.0 for i in columns
            )
        )
    return tuple(header[i] for i in columns), tuple(matrix)


def _closures(path: Path) -> tuple[Closure, ...]:
    out = []
    for where, raw in rows(path, required=False):
        cells = [cell.strip() for cell in raw]
        if len(cells) < 5:
            raise InputError(
                "too few columns", where=where, remedy="closure_type,name1,name2,closure_start,closure_end"
            )
        if cells[0] not in _CLOSURES:
            raise InputError(
                f"closure_type {cells[0]!r} is not known", where=where, remedy=f"Use {_CLOSURES}"
            )
        start, end = whole(cells[3], "closure_start", where), whole(cells[4], "closure_end", where)
        out.append(Closure(cells[0], cells[1], cells[2], start, end, where))
    return tuple(out)


def _demographic(path: Path) -> Demographic:
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    header, body = table[0], table[1:]
    columns = {
        name: tuple(number(row[i], name, f"{path}, row {n}") for n, row in enumerate(body, 2))
        for i, name in enumerate(header)
        if i > 0 and name
    }
    if "Default" not in columns:
        raise InputError("no column Default", where=str(path), remedy="It holds where a place has no column")
    for name, weights in columns.items():
        if min(weights) < 0 or sum(weights) <= 0:
            raise InputError(
                f"weights of {name!r} do not add up", where=str(path), remedy="None negative, one > 0"
            )
    return Demographic(path.stem.partition("_")[2], tuple(row[0] for row in body), columns)
