"""Sentences about a scenario that never say more than the status of its levers allows.

No sentence says that a lever brings anything about; it says what stands beside what, under which assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from caudal._core.speech import Tongue
from caudal.levers._lever import lever

if TYPE_CHECKING:
    from caudal.levers._lever import Setting
    from caudal.levers._run import Result

__all__ = ["sentences"]

_TEMPLATE = {"identified": "identified", "suggestive": "association", "not identified": "assumption"}
_STATUS = {
    "identified": "identified_status",
    "suggestive": "suggestive_status",
    "not identified": "not_status",
}
#: How many of the assumptions that move a difference are named.
_NAMED = 3


def sentences(result: Result, language: str = "en") -> list[str]:
    """Return what can be said of a scenario, in English or Spanish."""
    t, s = Tongue("caudal.levers", language), result.scenario
    name = s.title.get(language) or s.name
    active = [x for x in s.settings if x.degree != 0]
    if not active:
        return [t.text("no_lever", name=name, as_of=t.day(s.day))]
    low, mid, high = np.quantile(result.total("encounters"), [0.1, 0.5, 0.9])
    told = t.text(
        _TEMPLATE[result.status],
        name=name, levers=_listed([_setting(x, t) for x in active], t), mid=t.signed(mid),
        low=t.signed(low), high=t.signed(high), first=t.month(result.months[0]), last=t.month(result.months[-1]),
        base=t.number(float(np.median(result.total("encounters", "baseline")))),
        status=t.phrase(_STATUS[result.status]), grade=result.grade,
    )  # fmt: skip
    human = t.text(
        "humanitarian",
        stock=_range(result, "stock_in_mexico", t), days=_range(result, "waiting_days", t, 1),
        deaths=_range(result, "deaths_at_risk", t, 1), lawful=_range(result, "lawful_entries", t),
    )  # fmt: skip
    out = [told, human]
    moving = [(k, v) for k, v in result.sensitivity().items() if k != "unexplained"][:_NAMED]
    if moving:
        names = "; ".join(f"{_input(k, t)} ({t.number(100 * v)} %)" for k, v in moving)
        out.append(t.text("sensitivity", names=names))
    return out


def _setting(setting: Setting, t: Tongue) -> str:
    """Return a lever and how far it is set, in its own unit where that is not a share."""
    which = setting.lever
    key = f"degree_{which.name}"
    degree = t.decimal(setting.degree, "#,##0.##")
    said = t.text(key if t.has(key) else "degree", degree=degree)
    return t.text("setting", lever=_title(which.name, t), degree=said)


def _title(name: str, t: Tongue) -> str:
    return str(getattr(lever(name), f"title_{t.language}"))


def _input(name: str, t: Tongue) -> str:
    """Return an assumption or a strength in words."""
    of = name.removeprefix("strength of ")
    if of != name:
        return t.text("strength", lever=_title(of, t))
    return t.phrase(f"input_{name}") if t.has(f"input_{name}") else name.replace("_", " ")


def _listed(items: list[str], t: Tongue) -> str:
    *before, last = items
    return f"{', '.join(before)} {t.phrase('and')} {last}" if before else last


def _range(result: Result, outcome: str, t: Tongue, places: int = 0) -> str:
    low, mid, high = (
        t.signed(q, decimals=places) for q in np.quantile(result.total(outcome), [0.1, 0.5, 0.9])
    )
    return t.text("range", low=low, mid=mid, high=high)
