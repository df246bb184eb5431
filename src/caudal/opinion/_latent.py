"""The state-space model behind the pool, in closed form.

On the logit scale a poll's answer is::

    y_i = x(t_i) + house + mode + population + variant + e_i

``x`` is a daily random walk, Gaussian within a week and Student-t from week to week (see `fit`), house
effects are exchangeable and sum to zero, mode effects likewise, registered and likely voters and unusual
wordings have effects of their own with a prior around zero, and ``e_i`` holds the sampling variance (with a
design effect), the rounding of the printed figure, and an extra variance. Given the weeks' variances
everything is Gaussian, so the Kalman filter and smoother are conditioning on a joint normal; with a few
hundred polls one Cholesky factor of their covariance gives both, exactly, house effects included. Polls stand
in the order in which they became known: the leading block of the factor is then the factor of what was known
earlier, and the filter is the same sum stopped early.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.optimize import minimize
from scipy.special import expit, logit
from threadpoolctl import threadpool_limits

__all__ = [
    "DESIGN_EFFECT", "Latent", "Observations", "Scales", "Targets", "fit", "noise_variance", "share_mean",
    "to_logit",
]  # fmt: skip

Array = npt.NDArray[np.float64]

#: Kish design effect of a weighted sample: the usual 1.2 to 1.5 of published polls.
DESIGN_EFFECT = 1.3
#: Prior of the level (logit): between about 12 % and 88 %.
_LEVEL_SD = 1.0
#: Standard deviations of the effects that a handful of polls cannot estimate (0.04 of logit is about one
#: point).
_POPULATION_SD, _VARIANT_SD, _MODE_SD = 0.10, 0.15, 0.05
#: Centre of the log-normal priors of drift per root day, houses and extra error; each has a log sd of 1.
_PRIOR = np.log([0.010, 0.12, 0.05])
#: Drift of a week: Student-t with this many degrees of freedom, found in this many rounds.
_WEEK, _FREEDOM, _ROUNDS = 7, 4.0, 4


@dataclass(frozen=True)
class Targets:
    """What an answer is asked for: one entry per poll (or day) in each array.

    Attributes
    ----------
    time : ndarray of float
        Days from any fixed day.
    house, mode, population, variant : ndarray of str
        ``""`` stands for the average house or mode, ``"A"`` for adults, ``"approve"`` for the usual wording.
    """

    time: Array
    house: npt.NDArray[np.str_]
    mode: npt.NDArray[np.str_]
    population: npt.NDArray[np.str_]
    variant: npt.NDArray[np.str_]

    def take(self, index: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> Targets:
        """Return the entries at ``index``."""
        return Targets(
            self.time[index], self.house[index], self.mode[index], self.population[index], self.variant[index]
        )

    @classmethod
    def level(cls, time: Array) -> Targets:
        """Return the pooled level on the days ``time``: average house and mode, adults, usual wording."""
        n = len(time)
        return cls(
            np.asarray(time, float), np.full(n, ""), np.full(n, ""), np.full(n, "A"), np.full(n, "approve")
        )


@dataclass(frozen=True)
class Observations:
    """Polls in the order in which they became known: logit answers, variance of sampling and rounding."""

    at: Targets
    y: Array
    variance: Array


@dataclass(frozen=True)
class Scales:
    """Standard deviations on the logit scale: drift per root day, between houses, extra error of a poll."""

    drift: float
    house: float
    extra: float


def noise_variance(share: Array, n: Array) -> Array:
    """Return the logit variance of sampling (``DESIGN_EFFECT / n p q``) and of rounding to whole points."""
    pq = share * (1 - share)
    return DESIGN_EFFECT / (n * pq) + (0.01**2 / 12) / pq**2


@dataclass(frozen=True)
class Clock:
    """Time in which the drift is even: a week that moved more than usual lasts longer.

    Attributes
    ----------
    start : float
        The day of the first poll, 0 on this clock.
    pace : ndarray, shape (weeks,)
        Variance of each week's drift against the usual; after the last week it is 1.
    """

    start: float
    pace: Array

    @classmethod
    def even(cls, time: Array) -> Clock:
        """Return the ordinary clock over the days of ``time``."""
        return cls(float(time.min()), np.ones(int((time.max() - time.min()) // _WEEK) + 1))

    def __call__(self, time: Array) -> Array:
        """Return days as this clock counts them; days before the first poll are 0."""
        edges = _WEEK * np.arange(len(self.pace) + 1.0)
        since = np.maximum(time - self.start, 0.0)
        return np.asarray(np.interp(since, edges, self.marks()) + np.maximum(since - edges[-1], 0.0), float)

    def marks(self) -> Array:
        """Return where the weeks begin and end on this clock."""
        return np.concatenate([[0.0], np.cumsum(_WEEK * self.pace)])


@dataclass(frozen=True)
class _Known:
    """The houses and modes that have been polled: the effects of these, and of these only, sum to zero."""

    houses: frozenset[str]
    modes: frozenset[str]

    @classmethod
    def of(cls, at: Targets) -> _Known:
        return cls(frozenset(at.house.tolist()), frozenset(at.mode.tolist()))


def _centred(a: npt.NDArray[np.str_], b: npt.NDArray[np.str_], known: frozenset[str]) -> Array:
    """Covariance of unit effects that sum to zero over ``known``; a name not in it stands on its own."""
    same = (a[:, None] == b[None, :]) & (a[:, None] != "")
    names = np.array(sorted(known))
    both = np.isin(a, names)[:, None] & np.isin(b, names)[None, :]
    return np.asarray(same - both / max(len(names), 1), float)


@dataclass(frozen=True)
class _Parts:
    """The parts of a covariance that do not depend on the scales."""

    drift: Array
    house: Array
    fixed: Array

    @classmethod
    def between(cls, a: Targets, b: Targets, known: _Known) -> _Parts:
        population = (a.population[:, None] == b.population[None, :]) & (a.population[:, None] != "A")
        variant = (a.variant[:, None] == b.variant[None, :]) & (a.variant[:, None] != "approve")
        fixed = (
            _LEVEL_SD**2
            + _MODE_SD**2 * _centred(a.mode, b.mode, known.modes)
            + _POPULATION_SD**2 * population
            + _VARIANT_SD**2 * variant
        )
        return cls(np.minimum.outer(a.time, b.time), _centred(a.house, b.house, known.houses), fixed)

    def at(self, scales: Scales) -> Array:
        return self.fixed + scales.drift**2 * self.drift + scales.house**2 * self.house


def _own_variance(at: Targets, scales: Scales, known: _Known) -> Array:
    """Prior variance of each target: the diagonal of its covariance with itself."""
    house = np.where(at.house == "", 0.0, 1.0 - np.isin(at.house, sorted(known.houses)) / len(known.houses))
    mode = np.where(at.mode == "", 0.0, 1.0 - np.isin(at.mode, sorted(known.modes)) / len(known.modes))
    return np.asarray(
        _LEVEL_SD**2
        + scales.drift**2 * at.time
        + scales.house**2 * house
        + _MODE_SD**2 * mode
        + _POPULATION_SD**2 * (at.population != "A")
        + _VARIANT_SD**2 * (at.variant != "approve"),
        float,
    )


class _Conditioned:
    """The joint normal at one set of scales, conditioned on the polls."""

    def __init__(self, polls: Observations, scales: Scales, parts: _Parts, known: _Known) -> None:
        self.polls, self.scales, self.known = polls, scales, known
        covariance = parts.at(scales)
        covariance[np.diag_indices(len(polls.y))] += polls.variance + scales.extra**2
        self.factor = np.linalg.cholesky(covariance)
        self.white = solve_triangular(self.factor, polls.y, lower=True, check_finite=False)

    def log_likelihood(self) -> float:
        return float(-np.log(np.diag(self.factor)).sum() - 0.5 * self.white @ self.white)

    def answers(self, at: Targets, upto: npt.NDArray[np.intp] | None) -> tuple[Array, Array]:
        """Mean and variance of the latent answer; ``upto`` polls are known for each target (all if None)."""
        cross = _Parts.between(self.polls.at, at, self.known).at(self.scales)
        return self._given(cross, _own_variance(at, self.scales, self.known), upto)

    def squared_moves(self, marks: Array) -> Array:
        """Expected squared move of the level between marks that follow each other."""
        at = Targets.level(marks)
        cross = _Parts.between(self.polls.at, at, self.known).at(self.scales)
        v = solve_triangular(self.factor, cross, lower=True, check_finite=False)
        level = _LEVEL_SD**2 + self.scales.drift**2 * np.minimum.outer(marks, marks) - v.T @ v
        here, there = np.diag(level)[:-1], np.diag(level)[1:]
        return np.asarray(np.diff(v.T @ self.white) ** 2 + here + there - 2 * np.diag(level, 1), float)

    def effects(self, houses: list[str]) -> tuple[Array, Array]:
        names = np.array(houses)
        unit = _centred(self.polls.at.house, names, self.known.houses)
        own = np.full(len(houses), self.scales.house**2 * (1 - 1 / len(self.known.houses)))
        return self._given(self.scales.house**2 * unit, own, None)

    def _given(self, cross: Array, own: Array, upto: npt.NDArray[np.intp] | None) -> tuple[Array, Array]:
        v = solve_triangular(self.factor, cross, lower=True, check_finite=False)
        if upto is not None:
            v = np.where(np.arange(len(v))[:, None] < upto[None, :], v, 0.0)
        return v.T @ self.white, np.maximum(own - (v**2).sum(axis=0), 1e-12)


class Latent:
    """A fitted model: a few weighted sets of scales, each conditioned on the polls.

    Answers are mixtures over the sets, given as mean and standard deviation on the logit scale, so that not
    knowing the scales exactly widens the intervals.
    """

    def __init__(self, members: Sequence[tuple[float, _Conditioned]], clock: Clock, centre: float) -> None:
        self._members, self._clock, self._centre = members, clock, centre

    @property
    def scales(self) -> Scales:
        """The most probable scales."""
        return self._members[0][1].scales

    def answers(
        self, at: Targets, *, upto: npt.NDArray[np.intp] | None = None, extra: bool = False
    ) -> tuple[Array, Array]:
        """Return mean and standard deviation (logit) of what the targets would answer, sampling noise aside.

        Parameters
        ----------
        at : Targets
            Where to ask.
        upto : ndarray of int, optional
            Per target the number of polls (in order of becoming known) to use: the filter. All by default:
            the smoother.
        extra : bool
            Add the extra error of a single poll.
        """
        at = replace(at, time=self._clock(at.time))
        means, variances = [], []
        for _, member in self._members:
            mean, variance = member.answers(at, upto)
            means.append(mean + self._centre)
            variances.append(variance + (member.scales.extra**2 if extra else 0.0))
        return self._mixed(np.array(means), np.array(variances))

    def effects(self, houses: list[str]) -> tuple[Array, Array]:
        """Return mean and standard deviation (logit) of the effects of houses that have been polled."""
        pairs = [member.effects(houses) for _, member in self._members]
        return self._mixed(np.array([m for m, _ in pairs]), np.array([v for _, v in pairs]))

    def _mixed(self, means: Array, variances: Array) -> tuple[Array, Array]:
        weight = np.array([w for w, _ in self._members])[:, None]
        mean = (weight * means).sum(axis=0)
        return mean, np.sqrt((weight * (variances + (means - mean) ** 2)).sum(axis=0))


def fit(polls: Observations, *, shocks: bool = True) -> Latent:
    """Fit the scales by maximum a posteriori and integrate over them at seven points.

    Parameters
    ----------
    polls : Observations
        At least three polls.
    shocks : bool
        Let the drift of a week be Student-t rather than normal, so that a jump is followed rather than smoothed.

    Returns
    -------
    Latent
        The fitted model.

    Notes
    -----
    A Student-t drift is a normal one with a variance of its own for each week; these are found by expectation and
    maximisation, which amounts to a clock that runs faster in weeks that moved. The points of integration are the mode
    and one step of √(d + ½) standard deviations either way along each axis of the posterior's curvature, with
    unscented weights corrected by the true posterior (importance).
    """
    centre = float(np.median(polls.y))
    polls = replace(polls, y=polls.y - centre)
    clock = Clock.even(polls.at.time)
    # A few hundred polls are too few to share out: BLAS threads took both cores and doubled the wait.
    with threadpool_limits(limits=1, user_api="blas"):
        mode = _Mode(polls, clock, _PRIOR)
        for _ in range(_ROUNDS if shocks else 0):
            clock = mode.reweighted()
            mode = _Mode(polls, clock, mode.best)
        points = _integration_points(mode.loss, mode.best, mode.lowest)
        members = [(w, mode.conditioned(x)) for w, x in points]
    return Latent(members, clock, centre)


class _Mode:
    """The most probable scales on one clock."""

    def __init__(self, polls: Observations, clock: Clock, start: Array) -> None:
        self._clock = clock
        self._polls = replace(polls, at=replace(polls.at, time=clock(polls.at.time)))
        self._known = _Known.of(polls.at)
        self._parts = _Parts.between(self._polls.at, self._polls.at, self._known)
        bounds = [(p - 4, p + 4) for p in _PRIOR]
        found = minimize(self.loss, start, method="L-BFGS-B", bounds=bounds)
        self.best, self.lowest = np.asarray(found.x, float), float(found.fun)

    def conditioned(self, x: Array) -> _Conditioned:
        return _Conditioned(self._polls, Scales(*np.exp(x).tolist()), self._parts, self._known)

    def loss(self, x: Array) -> float:
        return -self.conditioned(x).log_likelihood() + 0.5 * float(((x - _PRIOR) ** 2).sum())

    def reweighted(self) -> Clock:
        """Return the clock on which each week's variance is what its expected squared move implies."""
        squared = self.conditioned(self.best).squared_moves(self._clock.marks())
        usual = float(np.exp(self.best[0])) ** 2 * _WEEK
        return replace(self._clock, pace=(_FREEDOM + squared / usual) / (_FREEDOM + 1))


def _integration_points(
    loss: Callable[[Array], float], best: Array, lowest: float
) -> list[tuple[float, Array]]:
    d = len(best)
    values, vectors = np.linalg.eigh(_curvature(loss, best))
    spread = np.sqrt(d + 0.5)
    points, weights = [best], [0.5 / (d + 0.5)]
    for value, vector in zip(values, vectors.T, strict=True):
        # A flat direction is held to two log units: beyond that the priors have spoken.
        step = min(spread / np.sqrt(max(value, 1e-6)), 2.0)
        for sign in (-1.0, 1.0):
            point = best + sign * step * vector
            assumed = 0.5 * step**2 * max(value, 1e-6)
            ratio = np.exp(np.clip(lowest - loss(point) + assumed, -3, 3))
            points.append(point)
            weights.append(float(ratio) / (2 * (d + 0.5)))
    total = sum(weights)
    return [(w / total, x) for w, x in zip(weights, points, strict=True)]


def _curvature(loss: Callable[[Array], float], best: Array, h: float = 0.1) -> Array:
    """Second derivatives by central differences."""
    d = len(best)
    eye = np.eye(d) * h
    out = np.empty((d, d))
    for i in range(d):
        for j in range(i + 1):
            quad = (
                loss(best + eye[i] + eye[j])
                - loss(best + eye[i] - eye[j])
                - loss(best - eye[i] + eye[j])
                + loss(best - eye[i] - eye[j])
            )
            out[i, j] = out[j, i] = quad / (4 * h * h)
    return out


def share_mean(mean: Array, sd: Array) -> Array:
    """Return the expectation of ``expit`` of normals, by 21-point Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    return np.asarray(expit(mean[:, None] + sd[:, None] * nodes) @ weights / weights.sum(), float)


def to_logit(share: Array) -> Array:
    """Return logits of shares kept half a rounding step away from 0 and 1."""
    return np.asarray(logit(np.clip(share, 0.005, 0.995)), float)
