"""How strong a lever is at full degree: literature and evidence known by a day, combined by one rule.

The rule. The latest row of ``priors.csv`` published by the day is the prior; its low and high are 10 and 90 per cent.
Studies of events in which the lever acted alone, as known by then, enter levers whose strength is a logarithm: an
*identified* effect with its own standard deviation, a *suggestive* one with twice that, a *not identified* one not at
all; the result is the mean weighted by precision. A grade is the prior's, raised to B at best by an identified study.
The status is that of the best study of the lever alone; a study in which it acted together with another lever makes it
suggestive at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from caudal._core.tables import declared
from caudal.levers._events import load_events
from caudal.levers._known import Known, known_evidence

__all__ = ["Prior", "prior", "strengths"]

Array = npt.NDArray[np.float64]

_Z = 1.2815515655446004
_ORDER = ("not identified", "suggestive", "identified")
#: Sign-uncertain strength of sanctions: weights, means and deviations of three readings (design of the levers).
_MIXTURE = ((0.5, -0.10, 0.10), (0.3, 0.0, 0.05), (0.2, 0.10, 0.10))


@dataclass(frozen=True)
class Prior:
    """Strength of a lever at full degree as known on a day.

    Attributes
    ----------
    lever : str
    low, mid, high : float
        10, 50 and 90 per cent.
    form : {"range", "log", "mixture"}
    grade : {"A", "B", "C", "D"}
    status : str
        Set by the rule above.
    source : str
    studies : tuple of Known
        What entered or was looked at.
    """

    lever: str
    low: float
    mid: float
    high: float
    form: str
    grade: str
    status: str
    source: str
    studies: tuple[Known, ...]


def prior(name: str, as_of: date) -> Prior:
    """Return the strength of a lever as known on a day."""
    rows = [r for r in declared("caudal.levers", "priors.csv") if r["lever"] == name]
    row = max((r for r in rows if date.fromisoformat(r["published"]) <= as_of), key=lambda r: r["published"])
    low, mid, high = (float(row[c]) for c in ("low", "mid", "high"))
    events = load_events()
    mine = tuple(k for k in known_evidence(as_of) if name in events[k.event].levers)
    alone = tuple(k for k in mine if len(events[k.event].levers) == 1)
    status = max((k.status for k in alone), key=_ORDER.index, default="not identified")
    if status == "not identified" and any(k.status != "not identified" for k in mine):
        status = "suggestive"
    grade = row["grade"]
    if row["form"] == "log":
        mid, sd = _weighted(mid, (high - low) / (2 * _Z), alone)
        low, high = mid - _Z * sd, mid + _Z * sd
        if status == "identified":
            grade = min(grade, "B")
    return Prior(name, low, mid, high, row["form"], grade, status, row["source"], mine)


def _weighted(mid: float, sd: float, studies: tuple[Known, ...]) -> tuple[float, float]:
    """Return mean and deviation of the prior and every study, by precision."""
    weight, total = 1 / sd**2, mid / sd**2
    for k in studies:
        if k.status == "not identified":
            continue
        own = (k.high - k.low) / (2 * _Z) * (1 if k.status == "identified" else 2)
        weight, total = weight + 1 / own**2, total + k.effect / own**2
    return total / weight, weight**-0.5


def strengths(found: Prior, draws: int, seed: int) -> Array:
    """Return a strength for every draw; one draw is the middle.

    Parameters
    ----------
    found : Prior
    draws, seed : int
        Draw *i* of a lever is the same in every scenario with that seed.
    """
    if draws == 1:
        return np.array([found.mid])
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(found.lever.encode())))
    # One point in each of as many slices of equal probability: 200 draws say more than 200 throws.
    u = (rng.permutation(draws) + rng.random(draws)) / draws
    if found.form == "mixture":
        which = rng.choice(3, size=draws, p=[w for w, _, _ in _MIXTURE])
        mean, sd = np.array(_MIXTURE)[which, 1], np.array(_MIXTURE)[which, 2]
        drawn: Array = mean + sd * ndtri(u)
        return drawn
    z = np.clip(ndtri(u), -2.5, 2.5)
    down, up = (found.mid - found.low) / _Z, (found.high - found.mid) / _Z
    values = found.mid + np.where(z < 0, down, up) * z
    if found.form == "range" and found.low >= 0:
        return np.asarray(np.clip(values, 0.0, None), float)
    return np.asarray(values, float)
