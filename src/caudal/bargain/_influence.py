"""Which assumption matters: set each to the ends of its range, and see whether the recommendation stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.bargain._outcomes import Outcomes
from caudal.bargain._packages import Packages
from caudal.bargain._solutions import agreement_zone, nash
from caudal.bargain._utility import Point, Preferences

__all__ = ["Influence", "influences"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Influence:
    """What one assumption does to the answer.

    Attributes
    ----------
    kind : {"weight", "term", "margin", "effect", "level"}
        A preference (weight, worth of a term, margin of reservation) or evidence (a term's effect on an outcome,
        the level of an outcome without a deal).
    actor, name : str
        Whose, and of what.
    low, high : float
        The ends of its range.
    at_low, at_high : str or None
        The package recommended with the assumption at that end, all else as stated.
    survives_low, survives_high : bool
        Whether the recommendation is still acceptable to all there.
    regret : float
        The largest share of the product of gains that is lost by keeping to the recommendation at either end.
    swing : float
        Share of draws in which the recommendation is acceptable, upper third of the assumption minus lower third.
    flips : bool
        Whether another package is recommended at either end (``regret`` says how much that matters).
    """

    kind: str
    actor: str
    name: str
    low: float
    high: float
    at_low: str | None
    at_high: str | None
    survives_low: bool
    survives_high: bool
    regret: float
    swing: float
    flips: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            k: round(v, 4) if isinstance(v, float) else v
            for k, v in self.__dict__.items()
        }  # fmt: skip


@dataclass(frozen=True)
class _Assumption:
    kind: str
    actor: str
    name: str
    low: float
    high: float
    at_low: Point
    at_high: Point
    drawn: Array


def influences(
    packages: Packages,
    outcomes: Outcomes,
    preferences: dict[str, Preferences],
    point: Point,
    recommended: int | None,
    acceptable: npt.NDArray[np.bool_],
) -> list[Influence]:
    """Return every assumption's influence, the largest first.

    Parameters
    ----------
    packages, outcomes, preferences, point
        The negotiation as solved.
    recommended : int or None
        The recommendation, if there is one.
    acceptable : ndarray of bool, shape (draws,)
        By draw whether the recommendation (or, without one, any package) is acceptable to all.
    """
    found = [
        _influence(a, packages, recommended, acceptable)
        for a in _assumptions(packages, outcomes, preferences, point)
        if a.high > a.low
    ]
    return sorted(found, key=lambda i: (i.regret, abs(i.swing)), reverse=True)


def _influence(
    a: _Assumption, packages: Packages, recommended: int | None, acceptable: npt.NDArray[np.bool_]
) -> Influence:
    names: list[str | None] = []
    survives: list[bool] = []
    regrets = [0.0]
    for point in (a.at_low, a.at_high):
        gains = point.gains(packages)
        zone = agreement_zone(gains, packages.allowed)
        best = nash(gains, zone)
        names.append(None if best is None else packages.name(best))
        survives.append(bool(recommended is not None and zone[recommended]))
        if best is not None and recommended is not None:
            top = float(np.maximum(gains[best], 0).prod())
            kept = float(np.maximum(gains[recommended], 0).prod()) if zone[recommended] else 0.0
            regrets.append(1 - kept / top if top > 0 else 0.0)
        elif recommended is not None:
            regrets.append(1.0)
    order = np.argsort(a.drawn, kind="stable")
    third = max(len(order) // 3, 1)
    swing = float(acceptable[order[-third:]].mean() - acceptable[order[:third]].mean())
    now = None if recommended is None else packages.name(recommended)
    return Influence(
        a.kind, a.actor, a.name, a.low, a.high, names[0], names[1], survives[0], survives[1], max(regrets), swing,
        any(name != now for name in names),
    )  # fmt: skip


def _assumptions(
    packages: Packages, outcomes: Outcomes, preferences: dict[str, Preferences], point: Point
) -> Iterator[_Assumption]:
    n = packages.negotiation
    for key, actor in n.actors.items():
        p, drawn = point.preferences[key], preferences[key]
        for i, interest in enumerate(actor.interests):
            ends = [
                point.with_preferences(key, replace(p, weight=_reweighted(p.weight, i, v)))
                for v in interest.range
            ]
            yield _assume("weight", key, interest.name, interest.range, ends, drawn.weight[:, i])
        for j, ask in enumerate(n.asks):
            if ask in actor.terms:
                bounds = actor.terms[ask].range
                ends = [point.with_preferences(key, replace(p, term=_replaced(p.term, j, v))) for v in bounds]
                yield _assume("term", key, ask, bounds, ends, drawn.term[:, j])
        bounds = actor.reservation.range
        ends = [point.with_preferences(key, replace(p, margin=np.array(v))) for v in bounds]
        yield _assume("margin", key, "reservation", bounds, ends, drawn.margin)
    for k, outcome in enumerate(outcomes.names):
        low, high = float(outcomes.base_range[0, k]), float(outcomes.base_range[2, k])
        ends = [replace(point, base=_replaced(point.base, k, v)) for v in (low, high)]
        yield _assume("level", "", f"no deal → {outcome}", (low, high), ends, outcomes.base[:, k])
        for t, term in enumerate(packages.terms):
            low, high = float(outcomes.ratio_range[0, t, k]), float(outcomes.ratio_range[2, t, k])
            ends = [replace(point, ratio=_replaced(point.ratio, (t, k), v)) for v in (low, high)]
            yield _assume("effect", "", f"{term} → {outcome}", (low, high), ends, outcomes.log_ratio[:, t, k])


def _assume(
    kind: str, actor: str, name: str, bounds: tuple[float, float], ends: list[Point], drawn: Array
) -> _Assumption:
    return _Assumption(kind, actor, name, bounds[0], bounds[1], ends[0], ends[1], drawn)


def _replaced(values: Array, at: int | tuple[int, int], value: float) -> Array:
    out = values.copy()
    out[at] = value
    return out


def _reweighted(weight: Array, i: int, value: float) -> Array:
    """Set one weight and scale the others in proportion, so that they still add up to 1."""
    rest = weight.sum() - weight[i]
    if rest <= 0:
        return weight
    out = weight * (1 - value) / rest
    out[i] = value
    return np.asarray(out, float)
