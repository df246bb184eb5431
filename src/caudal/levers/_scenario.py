"""A scenario: as of a day, levers with degrees, targets and dates, assumptions with ranges. In Python or YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from caudal import corridor
from caudal._core.dates import parse_day
from caudal._core.errors import CaudalError, InputError, NotKnownError, OptionError, did_you_mean
from caudal._core.identifiers import resolve
from caudal.levers._lever import Lever, Setting, lever

__all__ = ["Scenario", "load_scenario", "scenario_names"]

#: Encounters by citizenship and sector begin in October 2019: from here on eighteen months can be fitted, later 24.
_FIRST_DAY, _WHOLE_WINDOW = date(2021, 6, 1), date(2021, 12, 1)
#: Crossings by the names people use, where they are part of a port.
_CROSSINGS = {
    "eagle-pass-bridge-1": "2303",
    "san-ysidro-pedwest": "2504",
    "nogales-morley": "2604",
}
#: Targets taken when a scenario names none.
_TARGETS = {
    "parole_programme": ("cuba", "haiti", "nicaragua", "venezuela"),
    "removal_flights": ("venezuela",),
    "sanctions_relief": ("cuba", "venezuela"),
    "origin_aid": ("guatemala", "honduras", "el-salvador", "haiti"),
    "state_enforcement": ("DRT", "RGV", "LRT", "EPT", "BBT"),
    "visa_rule": ("colombia", "peru"),
    "barrier": ("TCA",),
}


@dataclass(frozen=True)
class Scenario:
    """What is to be changed, as of a day.

    Parameters
    ----------
    name : str
        What it is called.
    as_of : str or datetime.date
        Nothing later is known.
    horizon : int
        Months ahead.
    settings : tuple of Setting
        Levers as set; see `with_levers`.
    assumptions : dict of str to float
        Assumptions of the corridor set to a value instead of drawn.
    title : dict of str to str
        Words by language.

    Examples
    --------
    >>> from caudal.levers import Scenario
    >>> deal = Scenario("deal", as_of="2023-12-22").with_levers(rail_control=0.5, ports_open=["eagle-pass"])
    >>> [(s.lever.name, s.degree) for s in deal.settings]
    [('rail_control', 0.5), ('ports_open', 1.0)]
    """

    name: str
    as_of: str | date
    horizon: int = 4
    settings: tuple[Setting, ...] = ()
    assumptions: dict[str, float] = field(default_factory=dict)
    title: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        day = parse_day(self.as_of, option="as_of")
        if day < _FIRST_DAY:
            raise NotKnownError(
                f"{day} is before the archive can calibrate",
                where="as_of",
                remedy=f"The first day is {_FIRST_DAY}",
            )
        if not 1 <= self.horizon <= 12:
            raise OptionError(f"{self.horizon} months ahead", where="horizon", remedy="Give 1 to 12")
        known = {str(r) for r in corridor.assumptions()["parameter"].to_list()}
        for name in self.assumptions:
            if name not in known:
                raise OptionError(
                    f"{name!r} is not an assumption", where="assumptions", remedy=did_you_mean(name, known)
                )

    @property
    def day(self) -> date:
        """The as-of day."""
        return parse_day(self.as_of)

    def with_levers(self, **given: Any) -> Scenario:
        """Return the scenario with more levers.

        Parameters
        ----------
        **given
            Lever to a degree (``rail_control=0.5``), to targets (``ports_open=["lukeville"]``, degree 1), or to a
            mapping with ``degree``, ``targets``, ``from``, ``to``.

        Raises
        ------
        OptionError
            For a lever, target or degree that cannot be.
        """
        more = tuple(_setting(name, value) for name, value in given.items())
        label = ",".join(f"{s.lever.name}={s.degree:g}" for s in more)
        name = label if self.name in ("baseline", "") and label else self.name
        return replace(self, name=name, settings=(*self.settings, *more))

    def baseline(self) -> Scenario:
        """Return the same without levers."""
        return replace(self, name="baseline", settings=())


def window(day: date) -> int:
    """Return how many months the corridor is fitted to as of a day."""
    return 24 if day >= _WHOLE_WINDOW else 18


def _setting(name: str, value: Any) -> Setting:
    one = lever(name)
    given: dict[str, Any] = {}
    if isinstance(value, Mapping):
        given = dict(value)
        extra = set(given) - {"degree", "targets", "from", "to"}
        if extra:
            word = sorted(map(str, extra))[0]
            raise OptionError(
                f"{name} has no {word!r}",
                where=name,
                remedy=did_you_mean(word, ["degree", "targets", "from", "to"]),
            )
    elif isinstance(value, (list, tuple)):
        given = {"targets": value}
    else:
        given = {"degree": value}
    targets = tuple(_target(one, str(t)) for t in given.get("targets", _TARGETS.get(name, ())))
    try:
        degree = float(given.get("degree", 1.0))
    except (TypeError, ValueError):
        raise OptionError(
            f"degree {given['degree']!r} is no number",
            where=name,
            remedy=f"Give {one.low:g} to {one.high:g} ({one.unit})",
        ) from None
    if not one.low <= degree <= one.high:
        raise OptionError(
            f"degree {degree:g} is outside its range",
            where=name,
            remedy=f"Give {one.low:g} to {one.high:g} ({one.unit})",
        )
    if name == "ports_open" and not targets:
        raise OptionError(
            "it needs to know which ports", where=name, remedy="For instance ports_open: [lukeville]"
        )
    first, last = (parse_day(given[k], option=k) if given.get(k) else None for k in ("from", "to"))
    if first and last and last < first:
        raise OptionError(f"it ends on {last}, before it begins on {first}", where=name)
    return Setting(one, degree, targets, first, last)


def _target(one: Lever, text: str) -> str:
    """Return the corridor's word for a target."""
    if one.target in ("citizenship", "origin"):
        return _class_of(text, one.name)
    if one.target == "port":
        known = port_names()
        if text not in known:
            raise OptionError(f"no port {text!r}", where=one.name, remedy=did_you_mean(text, known))
        return text
    if one.target == "sector":
        if text.casefold() in ("texas", "tx"):
            raise OptionError(
                "name sectors, not a state", where=one.name, remedy="Texas: DRT, RGV, LRT, EPT, BBT"
            )
        sectors = set(corridor.sectors()["sector"].to_list())
        code = resolve("sector", text, where=one.name)
        if code not in sectors:
            raise OptionError(
                f"{text!r} is no southwest sector", where=one.name, remedy=did_you_mean(code, sectors)
            )
        return code
    raise OptionError(f"it takes no targets, and got {text!r}", where=one.name)


def _class_of(text: str, where: str) -> str:
    rows = {str(r["class"]): r for r in corridor.classes().iter_rows(named=True)}
    if text in rows:
        return text
    try:
        code = resolve("citizenship", text)
    except CaudalError:
        code = ""
    for name, row in rows.items():
        held = row["citizenships"]
        codes = held if isinstance(held, list) else str(held).split("|")
        if code and code in codes and len(codes) == 1:
            return name
    raise OptionError(
        f"the data hold no citizenship {text!r} of its own", where=where, remedy=did_you_mean(text, rows)
    )


@cache
def port_names() -> dict[str, str]:
    """Return port codes by name and by code."""
    found = dict(_CROSSINGS)
    for row in corridor.ports().iter_rows(named=True):
        code = str(row["port"])
        found[code] = code
        found.setdefault(str(row["place"]).removeprefix("port-"), code)
    return found


class _File(BaseModel):
    """The schema of a scenario file."""

    model_config = ConfigDict(extra="forbid")
    format: int = Field(1, ge=1, le=1)
    name: str
    title: dict[str, str] = Field(default_factory=dict)
    as_of: date
    horizon: int = Field(4, ge=1, le=12)
    levers: dict[str, Any] = Field(default_factory=dict)
    assumptions: dict[str, float] = Field(default_factory=dict)


def _shipped() -> dict[str, str]:
    folder = resources.files("caudal.levers") / "scenarios"
    return {
        p.name.removesuffix(".yaml"): p.read_text(encoding="utf-8")
        for p in folder.iterdir()
        if p.name.endswith(".yaml")
    }


@cache
def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package, ``set/name``."""
    found = []
    for stem, text in sorted(_shipped().items()):
        found += [f"{stem}/{one['name']}" for one in yaml.safe_load(text)["scenarios"]]
    return tuple(found)


def load_scenario(name: str | Path) -> Scenario:
    """Return a scenario from a YAML file, or one that comes with the package (``2023-12/rail-control``).

    Raises
    ------
    InputError
        When the file cannot be read or is no scenario.
    OptionError
        When it names a lever, target or degree that cannot be.
    """
    where = str(name)
    if where in scenario_names():
        stem, _, wanted = where.partition("/")
        whole = yaml.safe_load(_shipped()[stem])
        data = next(s for s in whole["scenarios"] if s["name"] == wanted)
        return _made({"as_of": whole["as_of"], "horizon": whole["horizon"], **data}, where)
    path = Path(name)
    if not path.exists():
        known = (*scenario_names(), *(p.name for p in Path().glob("*.y*ml")))
        raise InputError("no such scenario file", where=where, remedy=did_you_mean(where, known))
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        line = str(error).splitlines()[-1].strip()
        raise InputError(f"not a YAML file ({line})", where=where) from None
    if not isinstance(data, dict):
        raise InputError("not a scenario", where=where, remedy="It needs name, as_of and levers")
    return _made(data, where)


def _made(data: dict[str, Any], where: str) -> Scenario:
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        word = str(first["loc"][-1]) if first["type"] == "extra_forbidden" else ""
        remedy = did_you_mean(word, _File.model_fields) if word else None
        raise InputError(f"{place}: {first['msg']}", where=where, remedy=remedy) from None
    try:
        base = Scenario(file.name, file.as_of, file.horizon, (), dict(file.assumptions), dict(file.title))
        return base.with_levers(**file.levers)
    except CaudalError as error:
        place = f"{where}: {error.where}" if error.where else where
        raise type(error)(error.what, where=place, remedy=error.remedy) from None
