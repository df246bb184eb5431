"""Write a case in Flee's format, so that what was built or changed here runs in the reference too."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from caudal._core.tables import declared
from caudal.network._flee_case import FleeCase
from caudal.network._flee_settings import FleeSettings

__all__ = ["write_flee"]


def write_flee(case: FleeCase, directory: str | Path) -> Path:
    """Write a case in Flee's format and return the directory.

    Registrations are written as corrected, one file per series, so ``registration_corrections.csv`` is not needed.

    Parameters
    ----------
    case : FleeCase
        The case.
    directory : path
        Made if needed.
    """
    root = Path(directory)
    inputs, source = root / "input_csv", root / "source_data"
    for folder in (inputs, source):
        folder.mkdir(parents=True, exist_ok=True)
    _csv(inputs / "sim_period.csv", None, [("StartDate", case.start), ("Length", case.days)])
    _locations(case, inputs / "locations.csv")
    _routes(case, inputs / "routes.csv")
    _csv(
        inputs / "closures.csv",
        ["#closure_type", "name1", "name2", "closure_start", "closure_end"],
        [(c.kind, c.first, c.second, c.start, c.end) for c in case.closures],
    )
    _csv(
        inputs / "conflicts.csv",
        ["#Day", *case.conflict_names],
        [(day, *(f"{v:g}" for v in row)) for day, row in enumerate(case.conflicts)],
    )
    for table in case.demographics:
        names = list(table.weights)
        body = [(v, *(table.weights[n][i] for n in names)) for i, v in enumerate(table.values)]
        _csv(inputs / f"demographics_{table.attribute}.csv", [table.attribute, *names], body)
    _registrations(case, source)
    (root / "simsetting.yml").write_text(yaml.safe_dump(_settings(case.settings)), encoding="utf-8")
    return root


def _csv(path: Path, header: Sequence[str] | None, rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if header:
            writer.writerow(header)
        writer.writerows(rows)


def _locations(case: FleeCase, path: Path) -> None:
    places = case.network.places
    extra = list(dict.fromkeys(name for p in places for name in p.extra))
    header = [
        "#name",
        "region",
        "country",
        "latitude",
        "longitude",
        "location_type",
        "conflict_date",
        "population",
    ]
    rows = []
    for p in places:
        camp = p.kind in ("camp", "idpcamp")
        people = max(p.capacity, 0) if camp else p.population
        day = p.conflict_day if p.kind == "conflict_zone" else ""
        row = [p.name, p.region, p.country, p.latitude, p.longitude, p.kind, day, people]
        rows.append(row + [p.extra.get(name, "") for name in extra])
    _csv(path, header + extra, rows)


def _routes(case: FleeCase, path: Path) -> None:
    links = case.network.links
    extra = list(dict.fromkeys(name for k in links for name in k.extra))
    header = ["#name1", "name2", "distance", "forced_redirection", *extra]
    rows = [
        [k.start, k.end, f"{k.length:g}", k.forced_redirection, *(k.extra.get(n, "") for n in extra)]
        for k in links
    ]
    _csv(path, header, rows)


def _registrations(case: FleeCase, source: Path) -> None:
    names = list(case.observed)
    files = {name: "refugees.csv" if name == "total" else f"series-{i}.csv" for i, name in enumerate(names)}
    _csv(source / "data_layout.csv", None, [(name, files[name]) for name in names])
    for name, series in case.observed.items():
        rows = [
            (case.start + timedelta(days=day), round(people))
            for day, people in zip(series.days, series.people, strict=True)
        ]
        _csv(source / files[name], ["Date", "people"], rows)


def _settings(s: FleeSettings) -> dict[str, Any]:
    """Return the settings as the sections of ``simsetting.yml``."""
    out: dict[str, Any] = {"log_levels": {"agent": 0, "camp": 0, "init": 0, "link": 0, "conflict": 0}}
    values = {f.name: getattr(s, f.name) for f in fields(s)}
    for row in declared("caudal.network", "attributes/flee_settings.csv"):
        if row["status"] != "supported":
            continue
        section, _, key = row["setting"].rpartition(".")
        value = values[row["name"]]
        if isinstance(value, tuple):
            if not value:
                continue
            value = list(value)
        target = out.setdefault(section, {}) if section else out
        target[_SPELLED.get(key, key)] = value
    if s.spawn_mode != "data":
        rate = s.displaced_per_conflict_day
        out.setdefault("spawn_rules", {})["conflict_driven_spawning"] = {
            "spawn_mode": s.spawn_mode,
            "displaced_per_conflict_day": int(rate) if rate == int(rate) else rate,
        }
    return out


#: Keys the reference reads in CamelCase.
_SPELLED = {
    "children_avoid_hazards": "ChildrenAvoidHazards",
    "women_avoid_hazards": "WomenAvoidHazards",
    "elderly_avoid_hazards": "ElderlyAvoidHazards",
    "boys_take_risk": "BoysTakeRisk",
}
