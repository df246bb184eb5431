"""The settings of a Flee case (``simsetting.yml``), declared in ``attributes/flee_settings.csv``.

A setting that would change the result and that Caudal does not reproduce is refused, never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from caudal._core.errors import InputError, OptionError, did_you_mean
from caudal._core.tables import declared

__all__ = ["FleeSettings", "SpawnMode", "read_settings"]

SpawnMode = Literal["data", "constant", "poisson", "pop_ratio"]


@dataclass(frozen=True)
class FleeSettings:
    """What a Flee case may set; names, units and meaning are declared in ``flee_settings.csv``.

    ``spawn_mode`` is ``"data"`` (registrations drive displacement) or one of the conflict-driven modes with
    ``displaced_per_conflict_day`` people (share of the population for ``"pop_ratio"``).
    """

    take_from_population: bool = False
    insert_day0: bool = True
    empty_camps_on_day0: bool = False
    conflict_zone_spawning_only: bool = True
    sum_from_camps: bool = True
    conflict_spawn_decay: tuple[float, ...] = ()
    conflict_spawn_decay_interval: int = 30
    max_move_speed: float = 360.0
    max_walk_speed: float = 35.0
    foreign_weight: float = 1.0
    camp_weight: float = 1.0
    conflict_weight: float = 0.31622776601683794
    conflict_movechance: float = 1.0
    camp_movechance: float = 0.001
    idpcamp_movechance: float = 0.1
    default_movechance: float = 0.3
    awareness_level: int = 1
    capacity_buffer: float = 0.9
    capacity_scaling: float = 1.0
    avoid_short_stints: bool = False
    start_on_foot: bool = False
    softening: float = 10.0
    weight_softening: float = 0.0
    weight_power: float = 1.0
    distance_power: float = 1.0
    stay_close_to_home: bool = False
    home_distance_power: float = 0.5
    use_pop_for_loc_weight: bool = False
    pop_power_for_loc_weight: float = 0.1
    movechance_pop_base: float = 10000.0
    movechance_pop_scale_factor: float = 0.0
    pruning_threshold: float = 1.0
    children_avoid_hazards: bool = False
    women_avoid_hazards: bool = False
    elderly_avoid_hazards: bool = False
    boys_take_risk: bool = False
    hasten: int = 1
    default_conflict_intensity: float = 1.0
    spawn_mode: SpawnMode = "data"
    displaced_per_conflict_day: float = 500.0

    def changed(self, **values: Any) -> FleeSettings:
        """Return settings with some values changed.

        Raises
        ------
        OptionError
            When a name is not a setting.
        """
        known = [f.name for f in fields(self)]
        for name in values:
            if name not in known:
                raise OptionError(f"there is no setting {name!r}", remedy=did_you_mean(name, known))
        return replace(self, **values)


@cache
def _declared() -> dict[str, dict[str, str]]:
    rows = declared("caudal.network", "attributes/flee_settings.csv")
    # Some rules stand in CamelCase in the reference's files; both spellings are read.
    return {_plain(row["setting"]): row for row in rows}


def _plain(key: str) -> str:
    """Fold a dotted key so that ``move_rules.ChildrenAvoidHazards`` meets ``children_avoid_hazards``."""
    return key.replace("_", "").lower()


def read_settings(path: str | Path) -> tuple[FleeSettings, list[str]]:
    """Read a ``simsetting.yml`` and return its settings and what it says that has no effect.

    Raises
    ------
    InputError
        When a setting is unknown, cannot be read, or would change the result in a way not reproduced here.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("settings not found", where=str(path), remedy="Give them with --settings FILE")
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", row {mark.line + 1}" if mark else ""
        raise InputError(
            "not valid YAML", where=f"{path}{line}", remedy="Check indentation and colons"
        ) from None
    if not isinstance(data, dict):
        raise InputError(
            "not a settings file", where=str(path), remedy="It needs sections such as move_rules"
        )
    values: dict[str, Any] = {}
    notes: list[str] = []
    for key, value in _flat(data):
        _take(key, value, values, notes, str(path))
    return FleeSettings(**values), notes


def _flat(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key, value in data.items():
        if key == "log_levels":
            continue
        inner = key in ("conflict_driven_spawning", "flood_driven_spawning", "flood_rules")
        if isinstance(value, Mapping) and not inner:
            out += _flat(value, f"{prefix}{key}.")
        else:
            out.append((f"{prefix}{key}", value))
    return out


def _take(key: str, value: Any, values: dict[str, Any], notes: list[str], where: str) -> None:
    if key == "spawn_rules.conflict_driven_spawning":
        values |= _conflict_driven(value or {}, where)
        return
    if key in ("spawn_rules.flood_driven_spawning", "move_rules.flood_rules"):
        raise InputError(
            f"{key} is not reproduced", where=where, remedy="Remove the section to run without floods"
        )
    row = _declared().get(_plain(key))
    if row is None:
        if _plain(key) == _plain("spawn_rules.camps_are_sinks"):
            notes.append(f"{where}: {key} has no effect (the reference reads another spelling)")
            return
        known = [r["setting"] for r in _declared().values()]
        raise InputError(f"there is no setting {key!r}", where=where, remedy=did_you_mean(key, known))
    parsed = _parse(row, value, where)
    if row["status"] == "refused" and parsed:
        raise InputError(
            f"{key} is not reproduced", where=where, remedy="Switch it off, or run this case in the reference"
        )
    if row["status"] == "supported":
        values[row["name"]] = parsed


def _conflict_driven(value: Mapping[str, Any], where: str) -> dict[str, Any]:
    mode = str(value.get("spawn_mode", "constant")).lower()
    if mode not in ("constant", "poisson", "pop_ratio"):
        raise InputError(
            f"spawn_mode cannot be {mode!r}",
            where=where,
            remedy=did_you_mean(mode, ["constant", "poisson", "pop_ratio"]),
        )
    rate = float(value.get("displaced_per_conflict_day", 0.01 if mode == "pop_ratio" else 500))
    return {"spawn_mode": mode, "displaced_per_conflict_day": rate}


def _parse(row: Mapping[str, str], value: Any, where: str) -> Any:
    kind, key = row["type"], row["setting"]
    try:
        if kind == "flag":
            if isinstance(value, str):
                # The reference takes any text for true; that is never what is meant by "false".
                if value.strip().lower() not in ("true", "false", ""):
                    raise ValueError
                return value.strip().lower() == "true"
            return bool(value)
        if kind == "numbers":
            return tuple(float(v) for v in value or ())
        if kind == "count":
            if float(value) != int(value):
                raise ValueError
            return int(value)
        return float(value) if kind == "number" else value
    except (TypeError, ValueError):
        raise InputError(f"{key} is {value!r}, which is not a {kind}", where=where) from None
