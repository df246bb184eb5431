"""Solve a negotiation: what all could sign, what they would sign, and how far the answer rests on assumptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal._core.errors import InputError, OptionError
from caudal.bargain._file import Negotiation, load
from caudal.bargain._influence import Influence, influences
from caudal.bargain._outcomes import Outcomes, join, read_table
from caudal.bargain._packages import Packages, enumerate_packages
from caudal.bargain._phrases import in_language, phrase
from caudal.bargain._solutions import agreement_zone, egalitarian, kalai_smorodinsky, nash, pareto
from caudal.bargain._utility import Point, Preferences, draw_preferences, gains_in_draw, reference

__all__ = ["Bargain", "solve"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Progress = Callable[[int, int], None]

#: Fewer draws make no share and no interval.
_FEWEST = 10
_Z80 = 1.2815515655446004


@dataclass(frozen=True)
class Bargain:
    """A solved negotiation.

    Attributes
    ----------
    negotiation : Negotiation
        What was solved.
    packages : Packages
        All combinations; number 0 is no deal.
    gains : ndarray, shape (packages, actors)
        Utility over reservation at the stated assumptions and expected outcomes.
    zone, pareto : ndarray of bool, shape (packages,)
        Zone of possible agreement; undominated packages among those the linkage allows.
    solutions : dict of str to int or None
        ``nash``, ``kalai_smorodinsky``, ``egalitarian`` and ``issue_by_issue``; ``None`` without an agreement.
    acceptable, chosen : ndarray of float, shape (packages,)
        Share of draws of weightings and evidence in which a package is acceptable to all, and in which it is
        the Nash solution.
    agreement : float
        Share of draws in which anything is acceptable to all.
    influential : list of Influence
        Assumptions, the most influential first.
    why : str
        Without an agreement, why there is none.
    """

    negotiation: Negotiation
    packages: Packages
    outcomes: Outcomes
    point: Point
    gains: Array
    zone: Mask
    pareto: Mask
    solutions: dict[str, int | None]
    acceptable: Array
    chosen: Array
    agreement: float
    outcome_interval: Array
    influential: list[Influence]
    why: str
    draws: int
    seed: int

    @property
    def recommended(self) -> int | None:
        """The Nash solution at the stated assumptions."""
        return self.solutions["nash"]

    @property
    def linkage_value(self) -> dict[str, float] | None:
        """What each actor gains by bargaining over all asks at once rather than one by one."""
        joint = self.recommended
        if joint is None:
            return None
        alone = self.solutions["issue_by_issue"] or 0
        base = self.gains[alone] if self.zone[alone] else np.zeros(self.gains.shape[1])
        return {a: float(v) for a, v in zip(self.negotiation.actors, self.gains[joint] - base, strict=True)}

    def gains_of(self, index: int) -> dict[str, float]:
        """Return each actor's gain from a package, in units of utility."""
        return {
            a: round(float(v), 4) for a, v in zip(self.negotiation.actors, self.gains[index], strict=True)
        }

    def outcomes_of(self, index: int) -> dict[str, dict[str, Any]]:
        """Return expected outcomes of a package with their 80 % intervals, and the expected change from no deal."""
        levels = self.point.levels(self.packages)[index]
        return {
            name: {
                "mean": round(float(levels[k]), 1),
                "interval_80": [round(float(v), 1) for v in self.outcome_interval[:, index, k]],
                "change": round(float(levels[k] - self.point.base[k]), 1),
            }
            for k, name in enumerate(self.outcomes.names)
        }

    def package(self, index: int, language: str = "en") -> dict[str, Any]:
        """Return all that is known of a package, as plain data."""
        return {
            "package": self.packages.name(index),
            "label": self.packages.label(index, language),
            "contents": self.packages.contents(index),
            "allowed": bool(self.packages.allowed[index]),
            "gains": self.gains_of(index),
            "agreement": bool(self.zone[index]),
            "pareto": bool(self.pareto[index]),
            "acceptable": round(float(self.acceptable[index]), 4),
            "chosen": round(float(self.chosen[index]), 4),
            "outcomes": self.outcomes_of(index),
            "simulated": "whole" if index in self.outcomes.whole else "composed of its terms",
        }

    def why_none(self, language: str = "en") -> str:
        """Return why nothing can be agreed, or nothing where something can."""
        return "" if self.recommended is not None else _why_none(self.packages, self.gains, language)

    def summary(self, language: str = "en") -> dict[str, Any]:
        """Return title, day, horizon and note of the negotiation, and what the draws were."""
        n = self.negotiation
        return {
            "title": in_language(n.title, language),
            "as_of": n.as_of.isoformat(),
            "horizon": in_language(n.horizon, language),
            "note": in_language(n.note, language),
            "draws": self.draws,
            "seed": self.seed,
        }

    def to_dict(self, language: str = "en") -> dict[str, Any]:
        """Return the result as plain data (the JSON of ``caudal bargain run``), its words in a language."""
        order = [int(i) for i in np.lexsort((-self.chosen, -self.acceptable)) if self.acceptable[i] > 0]
        solutions: dict[str, Any] = {
            key: None if index is None else {
                "package": self.packages.name(index), "label": self.packages.label(index, language),
                "gains": self.gains_of(index) if index else dict.fromkeys(self.negotiation.actors, 0.0),
                "acceptable": round(float(self.acceptable[index]), 4), "outcomes": self.outcomes_of(index),
            }
            for key, index in self.solutions.items()
        }  # fmt: skip
        value = self.linkage_value
        return {
            **self.summary(language),
            "actors": {
                key: in_language(actor.title, language) for key, actor in self.negotiation.actors.items()
            },
            "packages": [self.package(i, language) for i in range(len(self.packages))],
            "pareto": [self.packages.name(int(i)) for i in np.flatnonzero(self.pareto)],
            "agreement_zone": [self.packages.name(int(i)) for i in np.flatnonzero(self.zone)],
            "solutions": solutions,
            "linkage_value": value and {k: round(v, 4) for k, v in value.items()},
            "acceptability": [
                {
                    "package": self.packages.name(i), "label": self.packages.label(i, language),
                    "acceptable": round(float(self.acceptable[i]), 4), "chosen": round(float(self.chosen[i]), 4),
                }
                for i in order
            ],
            "agreement_in_draws": round(self.agreement, 4),
            "influential": [i.to_dict() for i in self.influential],
            "why": self.why_none(language),
        }  # fmt: skip


def solve(
    negotiation: str | Path | Negotiation = "2023-12-us-mexico",
    *,
    outcomes: pl.DataFrame | None = None,
    draws: int = 1000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Bargain:
    """Solve a negotiation.

    Parameters
    ----------
    negotiation : str, Path or Negotiation
        Name of a template, a file, or a negotiation already read.
    outcomes : polars.DataFrame, optional
        Outcomes by scenario: ``scenario, draw, outcome, value`` from a simulation, or ``scenario, outcome, low, mid,
        high`` as stated; by default the table the file names.
    draws : int
        Draws of weightings and evidence, 10 to 100,000.
    seed : int
        Seed of the draws; the solutions at the stated assumptions do not depend on it.
    progress : callable, optional
        Called with (done, all).

    Returns
    -------
    Bargain
        The result.

    Raises
    ------
    InputError
        For a file or a table that cannot be used, with the place.
    OptionError
        For an unknown name or a number out of range.
    """
    if not _FEWEST <= draws <= 100_000:
        raise OptionError(f"{draws} draws", where="draws", remedy=f"Give a number from {_FEWEST} to 100000")
    if seed < 0:
        raise OptionError(f"seed {seed} is negative", where="seed", remedy="Give 0 or more")
    text = None
    if not isinstance(negotiation, Negotiation):
        negotiation, text = load(negotiation)
    if outcomes is None:
        if text is None:
            raise InputError(
                "no outcomes", where="outcome_table", remedy="Name a table in the file, or pass outcomes"
            )
        outcomes = read_table(text, negotiation.outcome_table or "outcomes")
    packages = enumerate_packages(negotiation)
    # Evidence and preferences have streams of their own: a change in one leaves the draws of the other.
    evidence_rng, preference_rng = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    joined = join(outcomes, packages, draws, evidence_rng)
    preferences = draw_preferences(negotiation, draws, preference_rng)
    point = reference(packages, joined)
    gains = point.gains(packages)
    zone = agreement_zone(gains, packages.allowed)
    solutions = {
        "nash": nash(gains, zone),
        "kalai_smorodinsky": kalai_smorodinsky(gains, zone),
        "egalitarian": egalitarian(gains, zone),
        "issue_by_issue": _issue_by_issue(packages, gains),
    }
    counts = _over_draws(packages, joined, preferences, solutions["nash"], progress)
    return Bargain(
        negotiation, packages, joined, point, gains, zone, _efficient(packages, gains), solutions,
        counts.acceptable, counts.chosen, float(counts.any.mean()), counts.interval,
        influences(packages, joined, preferences, point, solutions["nash"], counts.recommended),
        "" if solutions["nash"] is not None else _why_none(packages, gains, "en"), draws, seed,
    )  # fmt: skip


def _efficient(packages: Packages, gains: Array) -> Mask:
    out = np.zeros(len(packages), dtype=bool)
    index = np.flatnonzero(packages.allowed)
    out[index] = pareto(gains[index])
    return out


def _issue_by_issue(packages: Packages, gains: Array) -> int | None:
    """Return the package made of each ask's own Nash solution, had it been bargained over alone."""
    if nash(gains, agreement_zone(gains, packages.allowed)) is None:
        return None
    degree = np.zeros(packages.degree.shape[1], dtype=np.int64)
    alone = (packages.degree > 0).sum(axis=1) == 1
    for i in range(len(degree)):
        of_ask = alone & (packages.degree[:, i] > 0)
        best = nash(gains, agreement_zone(gains, packages.allowed & of_ask))
        if best is not None:
            degree[i] = packages.degree[best, i]
    index = int(np.flatnonzero((packages.degree == degree).all(axis=1))[0])
    return index if packages.allowed[index] else 0


@dataclass(frozen=True)
class _Counts:
    acceptable: Array
    chosen: Array
    any: Mask
    recommended: Mask
    interval: Array


def _over_draws(
    packages: Packages, outcomes: Outcomes, preferences: dict[str, Preferences], recommended: int | None,
    progress: Progress | None,
) -> _Counts:  # fmt: skip
    draws, size, kinds = len(outcomes.base), len(packages), len(outcomes.names)
    acceptable, chosen = np.zeros(size), np.zeros(size)
    some, of_recommended = np.zeros(draws, dtype=bool), np.zeros(draws, dtype=bool)
    # Mean and spread of log levels as they come: the interval is log-normal and needs no store of draws.
    mean, spread = np.zeros((size, kinds)), np.zeros((size, kinds))
    for draw in range(draws):
        gains, levels = gains_in_draw(packages, outcomes, preferences, draw)
        zone = agreement_zone(gains, packages.allowed)
        acceptable += zone
        best = nash(gains, zone)
        if best is not None:
            chosen[best] += 1
            some[draw] = True
        of_recommended[draw] = zone[recommended] if recommended is not None else some[draw]
        logs = np.log(levels + 0.5)
        step = logs - mean
        mean += step / (draw + 1)
        spread += step * (logs - mean)
        if progress is not None and (draw % 20 == 19 or draw == draws - 1):
            progress(draw + 1, draws)
    sd = np.sqrt(spread / draws)
    interval = np.stack([np.maximum(np.exp(mean + z * sd) - 0.5, 0) for z in (-_Z80, _Z80)])
    return _Counts(acceptable / draws, chosen / draws, some, of_recommended, interval)


def _why_none(packages: Packages, gains: Array, language: str) -> str:
    """Say why nothing can be agreed: what is nearest, and who is missing how much."""
    index = np.flatnonzero(packages.allowed & (packages.degree > 0).any(axis=1))
    actors = list(packages.negotiation.actors)
    if not len(index):
        return phrase("why_linkage", language)
    nearest = int(index[np.argmax(gains[index].min(axis=1))])
    short = ", ".join(f"{a} {gains[nearest, i]:+.3f}" for i, a in enumerate(actors))
    parts = [phrase("why_none", language, package=packages.name(nearest), gains=short)]
    for i, a in enumerate(actors):
        best = int(index[np.argmax(gains[index, i])])
        losers = ", ".join(f"{b} {gains[best, j]:+.3f}" for j, b in enumerate(actors) if j != i)
        if gains[best, i] <= 0:
            parts.append(phrase("why_nothing_for", language, actor=a))
        else:
            said = {"actor": a, "package": packages.name(best), "gain": f"{gains[best, i]:+.3f}"}
            parts.append(phrase("why_best_for", language, losers=losers, **said))
    return " ".join(parts)
