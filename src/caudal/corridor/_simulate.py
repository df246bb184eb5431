"""Scenarios: what the corridor does in the months ahead, under parameters, closures and sampled assumptions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from caudal._core.dates import add_months, month_label
from caudal._core.errors import NotKnownError, OptionError, did_you_mean
from caudal.corridor._ahead import (
    BURN_IN,
    Ahead,
    ahead,
    drivers,
    free,
    near_sector_shares,
)
from caudal.corridor._build import State, build
from caudal.corridor._calibrate import Calibration
from caudal.corridor._ground import Ground
from caudal.corridor._inputs import Inputs
from caudal.corridor._measure import death_rates, measured, pace
from caudal.corridor._outcomes import Outcomes, Part
from caudal.corridor._parameters import Closure, Parameters, closures_of
from caudal.corridor._rules import Record, Tables, run_tables
from caudal.corridor._ways import rail_constant

__all__ = ["SAMPLED", "simulate"]

Floats = npt.NDArray[np.float64]
Mode = Literal["expected", "cohort"]
Progress = Callable[[int, int], None]

#: Assumptions drawn from their ranges (triangular: low, central, high) in every draw of a scenario.
SAMPLED = (
    "rail_share",
    "rail_share_others",
    "rail_bus_substitution",
    "nesting",
    "return_south",
    "return_delay",
    "return_to_tapachula",
    "held_after_interception",
    "held_days",
    "discouragement",
    "hub_dwell",
    "tapachula_dwell",
    "mexico_city_dwell",
    "border_city_dwell",
    "encounter_probability",
    "retry_title_42",
    "retry_mexican",
    "retry_other",
    "retry_delay",
    "queue_days",
    "abandonment",
    "route_cost_scale",
    "fly_share",
    "rail_speed",
    "rail_speed_south",
    "road_speed",
    "foot_speed",
)
_WHOLE = ("return_delay", "held_days", "retry_delay", "queue_days")
#: Not drawn unless asked: the reading of early 2024 is left to `inverse`, which gives each its own answer.
_CENTRAL_ONLY = ("southern_hold", "discouragement")


@dataclass(frozen=True)
class _Job:
    cal: Calibration
    far: Ahead
    given: tuple[dict[str, Any], ...]
    closures: tuple[Closure, ...]
    assumed: dict[str, float]
    mode: str
    seed: int
    draws: int
    sample: tuple[str, ...]
    admitted: Floats
    sent: Floats
    beginning: tuple[Any, ...] | None  # what tells one burn-in from another; None: not to be kept

    @property
    def steady(self) -> bool:
        """Whether assumptions and inflow are central."""
        return self.draws == 1


def simulate(
    calibration: Calibration,
    horizon: int = 6,
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    closures: Sequence[Closure | Mapping[str, Any]] = (),
    *,
    assumptions: Mapping[str, float] | None = None,
    mode: Mode = "expected",
    seed: int = 1,
    draws: int = 1,
    sample: Sequence[str] | None = None,
    actual: Inputs | None = None,
    inflow: bool = True,
    counts: bool = False,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Outcomes:
    """Run the corridor ahead of what is known.

    Runs with equal seeds are paired: draw *i* of two scenarios has the same assumptions and the same inflow.

    Parameters
    ----------
    calibration : Calibration
        See `calibrate`.
    horizon : int
        Months ahead.
    parameters : mapping, optional
        What to set in the months ahead: any assumption or handle (see `caudal.corridor.HANDLES`) to a number, steps
        ``[(day, value), …]``, a function of the day, or a mapping from class, port or sector to these. A sequence of
        such mappings gives one for every draw.
    closures : sequence
        Of `Closure` or mappings with ``port`` | ``link`` | ``mode``, ``first``, ``last``.
    assumptions : mapping, optional
        Values of assumptions that hold throughout, also while the corridor fills up before the first month ahead.
    mode : {"expected", "cohort"}
        Expected flow, or counts drawn by the general engine.
    seed : int
        Of assumptions, inflow and (in mode ``"cohort"``) movement.
    draws : int
        1 takes central assumptions and inflow; more sample both.
    sample : sequence of str, optional
        Assumptions to draw; default `SAMPLED`.
    actual : Inputs, optional
        Later counts, to test the model: people counted on the way unless ``inflow`` is false, interceptions if
        ``counts`` is true. Never used for a forecast.
    executor : concurrent.futures.Executor, optional
        Where draws run; results do not depend on it.
    progress : callable, optional
        Called with (done, all).

    Raises
    ------
    OptionError
        For parameters, closures or assumptions that do not exist.
    """
    if horizon < 1 or draws < 1:
        raise OptionError("horizon and draws must be at least 1")
    if mode not in ("expected", "cohort"):
        raise OptionError(f"mode cannot be {mode!r}", remedy=did_you_mean(mode, ["expected", "cohort"]))
    known = calibration.setting.assumptions
    for name in [*(assumptions or {}), *(sample or ())]:
        if name not in known:
            raise OptionError(f"{name!r} is not an assumption", remedy=did_you_mean(name, known))
    given = (
        (parameters or {},) if parameters is None or isinstance(parameters, Mapping) else tuple(parameters)
    )
    if len(given) not in (1, draws):
        raise OptionError(f"{len(given)} sets of parameters for {draws} draws", where="parameters")
    for one_given in given:
        Parameters(calibration.setting.central, one_given, calibration.classes)
    far = _far(calibration, horizon, actual, inflow, counts)
    sampled = tuple(SAMPLED if sample is None else sample) if draws > 1 else ()
    beginning = (
        calibration.fingerprint,
        horizon,
        tuple(sorted((assumptions or {}).items())),
        seed,
        draws == 1,
        sampled,
    )
    job = _Job(
        calibration,
        far[0],
        tuple(dict(g) for g in given),
        closures_of(closures),
        dict(assumptions or {}),
        mode,
        seed,
        draws,
        sampled,
        far[1],
        far[2],
        None if actual is not None else beginning,
    )
    # Found once here, not by every process that runs draws.
    _tastes_table(calibration)
    death_rates(calibration)
    parts: list[tuple[dict[str, Floats], dict[str, float]]] = []
    made = (
        map(_one, [job] * draws, range(draws))
        if executor is None
        else executor.map(_one, [job] * draws, range(draws), chunksize=max(1, draws // 16))
    )
    for i, one in enumerate(made):
        parts.append(one)
        if progress:
            progress(i + 1, draws)
    return _outcomes(job, parts)


def _far(
    cal: Calibration, horizon: int, actual: Inputs | None, inflow: bool, counts: bool
) -> tuple[Ahead, Floats, Floats]:
    """Return what drives the months ahead and what ports admit; kept, so that paired runs share it."""
    key = ("ahead", horizon, None if actual is None else actual.as_of, inflow, counts)
    if key not in cal.cache:
        far = ahead(cal, horizon, actual=actual, inflow=inflow, counts=counts)
        cal.cache[key] = (far, *_ports_unbound(cal, far))
    return cal.cache[key]  # type: ignore[no-any-return]


def _assumed(job: _Job, draw: int) -> tuple[dict[str, float], Floats]:
    """Return the assumptions of a draw and log factors on the inflow ahead, (months ahead, classes)."""
    central = {**job.cal.setting.central, **job.assumed}
    horizon, c = len(job.far.months) - BURN_IN, len(job.cal.classes)
    noise = np.zeros((horizon, c))
    if job.steady:
        return central, noise
    rng = np.random.default_rng(np.random.SeedSequence(job.seed, spawn_key=(draw,)))
    for name in job.sample:
        one = job.cal.setting.assumptions[name]
        # The number is taken from the stream also for those set by hand: draws stay paired.
        value = (
            rng.triangular(one.low, min(max(one.central, one.low), one.high), one.high)
            if one.high > one.low
            else one.low
        )
        if name not in job.assumed:
            central[name] = float(round(value)) if name in _WHOLE else float(value)
    change = np.diff(np.log(job.cal.observed.sum(axis=2) + 20.0), axis=0)
    spread = change.std(axis=0)
    common = np.diff(np.log(job.cal.observed.sum(axis=(1, 2)) + 20.0)).std()
    steps = 0.5 * spread * rng.standard_normal((horizon, c)) + common * rng.standard_normal((horizon, 1))
    return central, np.cumsum(steps, axis=0)


def _tastes(cal: Calibration, share: float, others: float) -> list[float]:
    """Return train constants for shares of km."""
    grid, found = _tastes_table(cal)
    return [float(np.interp(x, grid, found)) for x in (share, others)]


def _tastes_table(cal: Calibration) -> tuple[Floats, Floats]:
    """Return shares of km by train and their constants, found once per calibration at central costs."""
    if "tastes_table" not in cal.cache:
        net = cal.setting.net
        central = Parameters(cal.setting.central, None, cal.classes)
        options = {
            "scale": 1.0,
            "per_link": -central.number("link_constant_road"),
            "per_km": central.number("route_cost_per_km"),
            "fly": central.number("fly_share"),
        }
        grid = np.array([0.01, 0.05, 0.1, 0.2, 0.33, 0.45, 0.6])
        found = [rail_constant(net, g, net.index("tapachula"), options) for g in grid]
        cal.cache["tastes_table"] = (grid, np.array(found))
    return cal.cache["tastes_table"]  # type: ignore[no-any-return]


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def _one(job: _Job, draw: int) -> tuple[dict[str, Floats], dict[str, float]]:
    # Small matrices: more threads only wait for each other.
    with _blas().limit(limits=1, user_api="blas"):
        return _drawn(job, draw)


@dataclass(frozen=True)
class _Begun:
    """The corridor filled up under a draw's assumptions: where every scenario of that draw begins."""

    assumed: dict[str, float]
    far: Ahead  # without the draw's noise on the inflow
    noise: Floats
    net: Ground
    tastes: list[float]
    ways: dict[Any, Any]
    before: Parameters
    people: State  # none of them in a line yet
    pace: tuple[float, float]
    capacity: Floats
    shares: Floats
    chance: Floats


_KEPT = 256
_kept: OrderedDict[tuple[Any, ...], _Begun] = OrderedDict()
_lock = Lock()


def _begun(job: _Job, draw: int) -> _Begun:
    """Return where a draw begins, from memory when another scenario began there: paired runs share it."""
    if job.beginning is None:
        return _begin(job, draw)
    key = (*job.beginning, draw)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _begin(job, draw)
    with _lock:
        _kept[key] = made
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return made


def _begin(job: _Job, draw: int) -> _Begun:
    """Run the burn-in of a draw."""
    cal, far = job.cal, job.far
    assumed, noise = _assumed(job, draw)
    speeds = {k: v for k, v in assumed.items() if k.endswith("_speed") or k == "rail_speed_south"}
    net = cal.setting.net if job.steady and not job.assumed else cal.setting.net.at_speeds(speeds)
    tastes = _tastes(cal, assumed["rail_share"], assumed["rail_share"] * assumed["rail_share_others"])
    before = Parameters(assumed, None, cal.classes)
    ways: dict[Any, Any] = {}
    plain = np.zeros((len(net.ports), len(cal.classes)))
    start = drivers(cal, far, before, far.shares, plain, None, 0, BURN_IN)
    filled = run_tables(build(net, cal.classes, cal.setting.riders, before, start, tastes=tastes, cache=ways))
    shares, chance = near_sector_shares(cal, far.shares, before)
    # The chance of interception comes from this draw's own burn-in: with its dwell and speeds it gives the counts.
    return _Begun(
        assumed, _rates(far, filled, cal), noise, net, tastes, ways, before, _people(filled), pace(filled),
        _capacity(job, filled), shares, chance,
    )  # fmt: skip


def _people(filled: Record) -> State:
    gates, kinds = filled.ports.shape[1], filled.end_here.shape[1]
    return State(
        filled.end_here, filled.end_road_at, filled.end_road, filled.end_back_at, filled.end_back,
        np.zeros((gates, 0, kinds)),
    )  # fmt: skip


def _drawn(job: _Job, draw: int) -> tuple[dict[str, Floats], dict[str, float]]:
    """Run one draw: the burn-in, then the months ahead from where people are."""
    cal = job.cal
    begun = _begun(job, draw)
    net = begun.net
    scale = begun.far.log_scale.copy()
    scale[BURN_IN:] += begun.noise
    far = replace(begun.far, log_scale=scale)
    after = Parameters(begun.assumed, job.given[draw % len(job.given)], cal.classes)
    horizon = len(far.months) - BURN_IN
    drive = drivers(cal, far, after, begun.shares, begun.chance, begun.capacity, BURN_IN, horizon)
    line = _queue(cal, net, begun.capacity, begun.shares, begun.before)
    tab = build(
        net, cal.classes, cal.setting.riders, after, drive,
        state=replace(begun.people, queue=line), closures=job.closures, tastes=begun.tastes,
        # What a closure adds is of no use to other scenarios of the draw.
        cache=dict(begun.ways) if job.closures else begun.ways,
    )  # fmt: skip
    record = run_tables(tab)
    if job.mode == "cohort":
        record = _cohort(cal, net, tab, record, job.seed, draw)
    found = measured(cal, net, tab, record, after, begun.pace)
    return found, {name: begun.assumed[name] for name in (*job.sample, *job.assumed)}


def _capacity(job: _Job, filled: Record) -> Floats:
    """Return what each port admits a day: what the model sends there ahead when nobody has to wait.

    Taken from the model, not the count, so that the queue is pinned: it neither grows nor shrinks by itself. Found once
    with central assumptions; other draws scale it by what they send to the ports before.
    """
    mine = filled.ports[-3:].sum(axis=(0, 2))
    return np.asarray(job.admitted * np.divide(mine, job.sent, out=np.ones_like(mine), where=job.sent > 0))


def _ports_unbound(cal: Calibration, far: Ahead) -> tuple[Floats, Floats]:
    """Return people a day at each port when all are admitted, and those sent there in the last three months."""
    record = free(cal, far)
    horizon = len(far.months) - BURN_IN
    days = (add_months(cal.last, horizon + 1) - add_months(cal.last, 1)).days
    before = record.ports[BURN_IN - 3 : BURN_IN].sum(axis=(0, 2))
    return record.ports[BURN_IN:].sum(axis=(0, 2)) / days, before


def _queue(cal: Calibration, net: Ground, capacity: Floats, shares: Floats, par: Parameters) -> Floats:
    """Return people in line at the start: so many days of what the port admits, by class as the office's encounters."""
    days = max(int(par.number("queue_days")), 0)
    c, k = len(cal.classes), len(net.destinations)
    out = np.zeros((len(net.ports), days, c + c * k))
    recent = cal.observed[-3:].sum(axis=0)
    for g, port in enumerate(net.ports):
        office = net.destinations.index(port.office)
        mix = recent[:, office] / max(recent[:, office].sum(), 1e-9)
        out[g][:, c + np.arange(c) * k + office] = capacity[g] * mix
    return out


def _rates(far: Ahead, filled: Record, cal: Calibration) -> Ahead:
    """Take the chance of interception ahead from a burn-in, unless interceptions are counted there."""
    if not np.isnan(far.counted[BURN_IN:]).all():
        return far
    days = filled.rate.shape[0]
    rate = far.rate.copy()
    rate[BURN_IN:] = filled.rate[days - 92 :].mean(axis=0)
    return replace(far, rate=rate)


def _cohort(cal: Calibration, net: Ground, tab: Tables, expected: Record, seed: int, draw: int) -> Record:
    """Run the general engine with draws and return its outcomes in the shape of the fast loop's."""
    from caudal.corridor._engine import kind_names, model_of, record_of
    from caudal.flow import run_model

    sequence, people = np.random.SeedSequence(seed, spawn_key=(draw, 1)).spawn(2)
    kinds = kind_names(cal.classes, net.destinations)
    model = model_of(tab, net.places, kinds, expected.rate, np.random.default_rng(people))
    return record_of(tab, model, run_model(model, sequence, engine="cohort"), expected)


def _outcomes(job: _Job, parts: list[tuple[dict[str, Floats], dict[str, float]]]) -> Outcomes:
    cal, net = job.cal, job.cal.setting.net
    sectors = tuple(d for d in net.destinations if not d.startswith("FO-"))
    offices = tuple(d for d in net.destinations if d.startswith("FO-"))
    ports = tuple(p.code for p in net.ports)
    border = tuple(p for p, k in zip(net.places, net.kind, strict=True) if k == "border_city")
    places = {
        "encounters_between_ports": sectors,
        "encounters_at_ports": offices,
        "lawful_entries": (*ports, "parole"),
        "waiting": border,
        "queue": ports,
        "waiting_days": ports,
        "delay_days": ("corridor",),
        "deaths_at_risk": sectors,
    }
    found = {}
    for name in parts[0][0]:
        if name.startswith("_"):
            continue
        values = np.stack([made[name] for made, _ in parts])
        every = values.shape[3] == 1
        found[name] = Part(places.get(name, ("mexico",)), ("all",) if every else cal.classes, values)
    months = job.far.months[BURN_IN:]
    drawn = {name: np.array([used[name] for _, used in parts]) for name in parts[0][1]}
    flows = {
        "entered": np.mean([made["_entered"] for made, _ in parts], axis=0),
        "links": net.slug,
        "start": [net.places[i] for i in net.start],
        "end": [net.places[i] for i in net.end],
        "mode": net.mode,
        "classes": cal.classes,
    }
    if not months:
        raise NotKnownError("no months ahead")
    meta = {
        "as_of": cal.as_of.isoformat(),
        "last_month_known": month_label(cal.last),
        "mode": job.mode,
        "seed": job.seed,
        "draws": job.draws,
        "left": float(np.mean([made["_left"] for made, _ in parts])),
        "inside": float(np.mean([made["_inside"] for made, _ in parts])),
    }
    return Outcomes(months, found, drawn, flows, meta)
