"""Sentences about a scenario that never say more than the status of its levers allows.

No sentence says that a lever brings anything about; it says what stands beside what, under which assumptions.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from caudal._core.tables import declared

if TYPE_CHECKING:
    from caudal.levers._run import Result

__all__ = ["sentences"]

_TEMPLATE = {"identified": "identified", "suggestive": "association", "not identified": "assumption"}
_STATUS = {
    "identified": "identified_status",
    "suggestive": "suggestive_status",
    "not identified": "not_status",
}


@cache
def _phrases(language: str) -> dict[str, str]:
    return {r["key"]: r[language] for r in declared("caudal.levers", "phrases.csv")}


def sentences(result: Result, language: str = "en") -> list[str]:
    """Return what can be said of a scenario, in English or Spanish."""
    words, s = _phrases(language), result.scenario
    name = s.title.get(language) or s.name
    active = [x for x in s.settings if x.degree != 0]
    if not active:
        return [words["no_lever"].format(name=name, as_of=s.day)]
    levers = ", ".join(x.lever.title_es if language == "es" else x.lever.title_en for x in active)
    low, mid, high = np.quantile(result.total("encounters"), [0.1, 0.5, 0.9])
    told = words[_TEMPLATE[result.status]].format(
        name=name, lever=levers, degree=", ".join(f"{x.degree:,g}" for x in active), mid=_signed(mid),
        low=_signed(low), high=_signed(high), first=result.months[0], last=result.months[-1],
        base=f"{np.median(result.total('encounters', 'baseline')):,.0f}",
        status=words[_STATUS[result.status]], grade=result.grade,
    )  # fmt: skip
    human = words["humanitarian"].format(
        stock=_range(result, "stock_in_mexico"), days=_range(result, "waiting_days", 1),
        deaths=_range(result, "deaths_at_risk", 1), lawful=_range(result, "lawful_entries"),
    )  # fmt: skip
    out = [told, human]
    most = [
        f"{k.replace('_', ' ')} ({v:.0%})" for k, v in result.sensitivity().items() if k != "unexplained"
    ][:3]
    if most:
        out.append(words["sensitivity"].format(names=", ".join(most)))
    return out


def _signed(value: float, places: int = 0) -> str:
    return f"{value:+,.{places}f}"


def _range(result: Result, outcome: str, places: int = 0) -> str:
    low, mid, high = np.quantile(result.total(outcome), [0.1, 0.5, 0.9])
    return f"{_signed(mid, places)} [{_signed(low, places)}, {_signed(high, places)}]"
