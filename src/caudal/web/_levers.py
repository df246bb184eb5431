"""Levers in an address, ``lever:degree@target,target``: as sliders, and as a scenario of the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from caudal import levers
from caudal._core.dates import parse_day
from caudal._core.errors import OptionError
from caudal._core.tables import declared
from caudal.levers import Lever, Scenario
from caudal.web._ask import ScenarioAsked
from caudal.web._words import Words

__all__ = ["GROUPS", "Slider", "address_of", "degrees_of", "scenario_of", "sliders", "targets_said"]

#: Sliders stand in these groups; the last one is folded away.
GROUPS = ("asked", "offered", "more")


@dataclass(frozen=True)
class Slider:
    """A lever as a slider: its steps, what it acts on if the address says nothing, what its ends mean."""

    lever: Lever
    group: str
    step: float
    targets: str
    words: Mapping[str, str]

    def title(self, language: str) -> str:
        """Return the lever's title with a capital."""
        found = self.lever.title_es if language == "es" else self.lever.title_en
        return found[:1].upper() + found[1:]

    def end(self, which: str, language: str) -> str:
        """Return what an end means: ``low`` or ``high``."""
        return self.words[f"{which}_{language}"]


@cache
def sliders() -> dict[str, Slider]:
    """Return the declared sliders by lever, in order."""
    known = levers.levers()
    return {
        row["lever"]: Slider(known[row["lever"]], row["group"], float(row["step"]), row["targets"], row)
        for row in declared("caudal.web", "sliders.csv")
    }


def scenario_of(asked: ScenarioAsked, pairs: Sequence[str], where: str) -> Scenario:
    """Return what an address asks for: as ``caudal scenario run --lever NAME=DEGREE[@TARGET,…]`` does.

    Raises
    ------
    OptionError
        When there is no such lever, or its degree, target or day cannot be.
    """
    given: dict[str, dict[str, object]] = {}
    for text in pairs:
        name, _, rest = text.partition(":")
        degree, _, targets = rest.partition("@")
        levers.lever(name[:40], where=where)
        if name in given:
            raise OptionError(f"{name} is set twice", where=where, remedy="Give each lever once")
        targets = targets or sliders()[name].targets
        given[name] = {"degree": degree, "from": asked.first}
        if targets:
            given[name]["targets"] = targets.split(",")
    return Scenario("baseline", parse_day(asked.as_of, option="as_of"), asked.horizon).with_levers(**given)


def targets_said(targets: str, t: Words) -> str:
    """Return the targets of a lever in words, as far as they have any."""
    names = [t("target_" + one) if t.has("target_" + one) else one for one in targets.split(",")]
    return ", ".join(names)


def degrees_of(pairs: Sequence[str]) -> dict[str, float]:
    """Return the degrees in an address as far as they are numbers, so that the sliders stay where they were put."""
    found = {}
    for text in pairs:
        name, _, rest = text.partition(":")
        try:
            found[name] = float(rest.partition("@")[0])
        except ValueError:
            continue
    return found


def address_of(scenario: Scenario) -> dict[str, object]:
    """Return the parameters of the address that asks for a scenario; its levers begin on the first of one month."""
    first = {s.first.replace(day=1) for s in scenario.settings if s.first}
    pairs = [
        f"{s.lever.name}:{s.degree:.12g}" + (f"@{','.join(s.targets)}" if s.targets else "")
        for s in scenario.settings
    ]
    query: dict[str, object] = {"as_of": str(scenario.day), "horizon": scenario.horizon, "set": pairs}
    return query | ({"from": str(min(first))} if first else {})
