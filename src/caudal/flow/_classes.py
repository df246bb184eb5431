"""Which attributes of people the active rules look at: people alike in them are counted together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal._core.errors import InputError
from caudal.network import Demographic, FleeCase, FleeSettings

__all__ = ["RuleClasses", "rule_classes", "shares"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RuleClasses:
    """The classes the rules tell apart.

    Parameters
    ----------
    powers : tuple of float
        Per class, the power its attraction scores are raised to (0: all places attract alike).
    shares : array, shape (places, classes)
        Share of each class among people displaced at a place.
    names : tuple of str
        What the classes are called in results.
    """

    powers: tuple[float, ...]
    shares: Floats
    names: tuple[str, ...]


def rule_classes(case: FleeCase, s: FleeSettings, population: Floats) -> RuleClasses:
    """Return the classes that the rules on age and gender make.

    Raises
    ------
    InputError
        When a rule needs an attribute the case does not describe.
    """
    places = len(population)
    rules = (s.children_avoid_hazards, s.women_avoid_hazards, s.elderly_avoid_hazards, s.boys_take_risk)
    if not any(rules):
        return RuleClasses((1.0,), np.ones((places, 1)), ("all",))
    needs = {"age": rules[0] or rules[2] or rules[3], "gender": rules[1] or rules[3]}
    tables = {d.attribute: d for d in case.demographics}
    for attribute, needed in needs.items():
        if needed and attribute not in tables:
            raise InputError(
                f"a rule asks for {attribute}",
                where=f"{case.name}/input_csv/demographics_{attribute}.csv",
                remedy="Add the file or switch the rule off",
            )
    ages = tables.get("age") or Demographic("age", ("30",), {"Default": (1.0,)})
    genders = tables.get("gender") or Demographic("gender", ("any",), {"Default": (1.0,)})
    age_shares, gender_shares = shares(ages, case), shares(genders, case)
    found: dict[float, Any] = {}
    for (i, age), (j, gender) in product(enumerate(ages.values), enumerate(genders.values)):
        power = _power(float(age), gender, s)
        share = age_shares[:, i] * gender_shares[:, j]
        found[power] = found.get(power, 0.0) + share
    powers = tuple(sorted(found))
    names = tuple(f"score^{power:g}" if power else "takes risks" for power in powers)
    return RuleClasses(powers, np.stack([found[p] for p in powers], axis=1), names)


def _power(age: float, gender: str, s: FleeSettings) -> float:
    """Return the power of the attraction score: each hazard rule squares it, taking risks sets it to 1."""
    if s.boys_take_risk and gender == "male" and age > 14:
        return 0.0
    power = 1.0
    child, elder = s.children_avoid_hazards and age < 19, s.elderly_avoid_hazards and age > 59
    if child:
        power *= 2.0
    if elder:
        power *= 2.0
    if s.women_avoid_hazards and gender == "female" and not (child or elder):
        power *= 2.0
    return power


def shares(table: Demographic, case: FleeCase) -> Floats:
    """Return shares of an attribute's values by place, shape (places, values)."""
    rows = [table.weights.get(p.name, table.weights["Default"]) for p in case.network.places]
    out = np.array(rows, dtype=float)
    return np.asarray(out / out.sum(axis=1, keepdims=True))
