"""What a package is worth to each actor: stated weights, their draws, and gains over no deal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from caudal.bargain._file import Actor, Negotiation
from caudal.bargain._outcomes import Outcomes
from caudal.bargain._packages import Packages

__all__ = ["Point", "Preferences", "draw_preferences", "draw_weights", "gains_in_draw", "reference"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Preferences:
    """One actor's preferences: a single set (leading axis dropped) or one per draw.

    Attributes
    ----------
    weight : ndarray, shape (…, interests)
        In the order of the file; each set adds up to 1.
    term : ndarray, shape (…, asks)
        Worth of the full degree of each ask in itself.
    margin : ndarray, shape (…,)
        Utility above no deal below which the actor does not sign.
    """

    weight: Array
    term: Array
    margin: Array


def _coefficients(negotiation: Negotiation, actor: Actor, weight: Array) -> tuple[Array, Array]:
    """Return utility per unit of each outcome, shape (…, K), and the weight of the terms themselves."""
    names = list(negotiation.outcomes)
    per_unit = np.zeros((*weight.shape[:-1], len(names)))
    direct = np.zeros(weight.shape[:-1])
    for i, interest in enumerate(actor.interests):
        if interest.outcome is None:
            direct = weight[..., i]
        else:
            sign = 1.0 if interest.better == "more" else -1.0
            per_unit[..., names.index(interest.outcome)] = sign * weight[..., i] / (interest.scale or 1.0)
    return per_unit, direct


def _stated(negotiation: Negotiation, actor: Actor) -> Preferences:
    return Preferences(
        np.array([i.weight for i in actor.interests]),
        np.array([actor.terms[a].value if a in actor.terms else 0.0 for a in negotiation.asks]),
        np.array(actor.reservation.margin),
    )


def draw_weights(weight: Array, low: Array, high: Array, draws: int, rng: np.random.Generator) -> Array:
    """Draw weights that add up to 1, uniformly among those within their ranges.

    Parameters
    ----------
    weight, low, high : ndarray, shape (interests,)
        The stated weights (adding up to 1) and their ranges.
    draws : int
        How many.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    ndarray, shape (draws, interests)

    Notes
    -----
    Gibbs steps along the differences of two weights, all draws at once: each step is uniform on the segment that the
    ranges leave, so the uniform distribution on the polytope is kept, and fifty sweeps from the stated point reach it.
    """
    count = len(weight)
    out = np.tile(weight, (draws, 1))
    if count == 1:
        return out
    pairs = [(i, j) for i in range(count) for j in range(i)]
    for _ in range(50):
        for i, j in pairs:
            most = np.minimum(high[i] - out[:, i], out[:, j] - low[j])
            least = np.maximum(low[i] - out[:, i], out[:, j] - high[j])
            step = least + (most - least) * rng.random(draws)
            out[:, i] += step
            out[:, j] -= step
    return np.clip(out, low, high)


def draw_preferences(
    negotiation: Negotiation, draws: int, rng: np.random.Generator
) -> dict[str, Preferences]:
    """Draw every actor's preferences from their stated ranges; actors have streams of their own."""
    out: dict[str, Preferences] = {}
    for (key, actor), stream in zip(
        negotiation.actors.items(), rng.spawn(len(negotiation.actors)), strict=True
    ):
        weight, low, high = (
            np.array(v) for v in zip(*((i.weight, *i.range) for i in actor.interests), strict=True)
        )
        bounds = [actor.terms[a].range if a in actor.terms else (0.0, 0.0) for a in negotiation.asks]
        lows, highs = np.array(bounds).T
        out[key] = Preferences(
            draw_weights(weight, low, high, draws, stream),
            lows + (highs - lows) * stream.random((draws, len(bounds))),
            stream.uniform(*actor.reservation.range, draws),
        )
    return out


def gains_in_draw(
    packages: Packages, outcomes: Outcomes, preferences: dict[str, Preferences], draw: int
) -> tuple[Array, Array]:
    """Return gains over reservation (packages, actors) and outcome levels (packages, K) in one draw."""
    levels = outcomes.levels(packages.has, draw)
    change = levels - outcomes.base[draw]
    columns = []
    for key, actor in packages.negotiation.actors.items():
        p = preferences[key]
        per_unit, direct = _coefficients(packages.negotiation, actor, p.weight[draw])
        columns.append(change @ per_unit + packages.level @ (direct * p.term[draw]) - p.margin[draw])
    return np.stack(columns, axis=1), levels


@dataclass(frozen=True)
class Point:
    """One complete set of assumptions: what the answer is computed at, and what sensitivity varies.

    Attributes
    ----------
    base : ndarray, shape (K,)
        Levels without a deal.
    ratio : ndarray, shape (terms, K)
        Expected ratio of each term to no deal.
    whole : dict of int to ndarray, shape (K,)
        Expected levels of packages simulated whole.
    preferences : dict of str to Preferences
        By actor.
    """

    base: Array
    ratio: Array
    whole: dict[int, Array]
    preferences: dict[str, Preferences]

    def levels(self, packages: Packages) -> Array:
        """Return expected levels, shape (packages, K)."""
        out = self.base * np.exp(packages.has @ np.log(self.ratio))
        for index, values in self.whole.items():
            out[index] = values
        return np.asarray(out, float)

    def parts(self, packages: Packages) -> dict[str, Array]:
        """Return each actor's utility over no deal by interest, shape (packages, interests)."""
        change = self.levels(packages) - self.base
        names = list(packages.negotiation.outcomes)
        out: dict[str, Array] = {}
        for key, actor in packages.negotiation.actors.items():
            p = self.preferences[key]
            per_unit, direct = _coefficients(packages.negotiation, actor, p.weight)
            columns = [
                packages.level @ (direct * p.term)
                if i.outcome is None
                else change[:, names.index(i.outcome)] * per_unit[names.index(i.outcome)]
                for i in actor.interests
            ]
            out[key] = np.stack(columns, axis=1)
        return out

    def gains(self, packages: Packages) -> Array:
        """Return gains over reservation, shape (packages, actors)."""
        change = self.levels(packages) - self.base
        columns = []
        for key, actor in packages.negotiation.actors.items():
            p = self.preferences[key]
            per_unit, direct = _coefficients(packages.negotiation, actor, p.weight)
            columns.append(change @ per_unit + packages.level @ (direct * p.term) - p.margin)
        return np.stack(columns, axis=1)

    def with_preferences(self, actor: str, preferences: Preferences) -> Point:
        """Return the point with one actor's preferences changed."""
        return replace(self, preferences={**self.preferences, actor: preferences})


def reference(packages: Packages, outcomes: Outcomes) -> Point:
    """Return the stated assumptions: stated weights, expected outcomes; no chance in it for a stated table."""
    n = packages.negotiation
    return Point(
        outcomes.base_range[1],
        outcomes.ratio_range[1],
        {index: values.mean(axis=0) for index, values in outcomes.whole.items()},
        {key: _stated(n, actor) for key, actor in n.actors.items()},
    )
