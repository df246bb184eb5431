"""Run a scenario beside its baseline: same draws, same inflow, same assumptions; only the levers differ."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal import corridor
from caudal._core.dates import month_label
from caudal.corridor import Calibration, Outcomes
from caudal.levers._cache import kept
from caudal.levers._combine import parameters
from caudal.levers._lever import Context, Move, Setting, action_of
from caudal.levers._prior import Prior, prior, strengths
from caudal.levers._scenario import Scenario, port_names, window
from caudal.levers._sensitivity import shares

__all__ = ["OUTCOMES", "Result", "calibrated", "run"]

Array = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

#: Outcome → (corridor outcomes added up, how months add up, humanitarian).
OUTCOMES: dict[str, tuple[tuple[str, ...], str, bool]] = {
    "encounters": (("encounters_between_ports", "encounters_at_ports"), "sum", False),
    "encounters_between_ports": (("encounters_between_ports",), "sum", False),
    "lawful_entries": (("lawful_entries",), "sum", True),
    "interceptions": (("interceptions",), "sum", False),
    "delay_days": (("delay_days",), "mean", True),
    "stock_in_mexico": (("waiting", "held", "on_the_way", "queue"), "mean", True),
    "waiting_days": (("waiting_days",), "mean", True),
    "deaths_at_risk": (("deaths_at_risk",), "sum", True),
}
_GRADES = "ABCD"
_STATUSES = ("not identified", "suggestive", "identified")


@dataclass(frozen=True)
class Result:
    """A scenario and its baseline.

    Attributes
    ----------
    scenario : Scenario
    months : tuple of str
    baseline, changed : dict of str to ndarray, shape (draws, months)
        By outcome of `OUTCOMES`.
    priors : dict of str to Prior
        By lever.
    inputs : dict of str to ndarray, shape (draws,)
        Assumptions and strengths as drawn.
    mechanisms : dict of str to dict
        Change of each outcome over all months by mechanism alone at central values, and ``interaction``.
    seed : int
    meta : dict
        As the corridor says.
    groups : dict of str to (ndarray, ndarray), shape (draws, months)
        Encounters by class: baseline, scenario.
    flows : Outcomes or None
        The run with the levers at central values, for `caudal.corridor.flow_map`; None with more draws.
    """

    scenario: Scenario
    months: tuple[str, ...]
    baseline: dict[str, Array]
    changed: dict[str, Array]
    priors: dict[str, Prior]
    inputs: dict[str, Array]
    mechanisms: dict[str, dict[str, float]]
    seed: int
    meta: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, tuple[Array, Array]] = field(default_factory=dict, repr=False)
    flows: Outcomes | None = field(default=None, repr=False)

    @property
    def draws(self) -> int:
        """How many draws."""
        return len(self.baseline["encounters"])

    @property
    def grade(self) -> str:
        """The worst grade of any lever used; empty without levers."""
        return max((p.grade for p in self.priors.values()), key=_GRADES.index, default="")

    @property
    def status(self) -> str:
        """The worst status of any lever used; ``no lever`` without one."""
        return min((p.status for p in self.priors.values()), key=_STATUSES.index, default="no lever")

    def total(self, outcome: str, which: str = "difference") -> Array:
        """Return an outcome over all months by draw: a sum, or a mean for stocks and days."""
        return _whole(outcome, self._values(outcome, which))

    def _values(self, outcome: str, which: str) -> Array:
        base, changed = self.baseline[outcome], self.changed[outcome]
        return {"baseline": base, "scenario": changed, "difference": changed - base}[which]

    def sensitivity(self, outcome: str = "encounters") -> dict[str, float]:
        """Return which assumption moves the difference most; see `caudal.levers._sensitivity`."""
        return shares(self.inputs, self.total(outcome))

    def table(self, which: str = "difference") -> dict[str, list[dict[str, Any]]]:
        """Return mean, median and 80 % interval by outcome and month, and over all months."""
        return {name: _cells(name, self.months, self._values(name, which)) for name in OUTCOMES}

    def against(self, other: Result) -> dict[str, list[dict[str, Any]]]:
        """Return the difference from another scenario of the same months and seed, draw by draw, as `table` does."""
        return {
            name: _cells(name, self.months, self.changed[name] - other.changed[name]) for name in OUTCOMES
        }

    def sentences(self, language: str = "en") -> list[str]:
        """Return what can be said of it, never more than its status allows."""
        from caudal.levers._say import sentences

        return sentences(self, language)

    def outcomes(self, label: str | None = None, first: str | None = None) -> pl.DataFrame:
        """Return ``scenario, draw, outcome, value`` as `caudal.bargain.solve` takes it: its four outcomes.

        Beside them ``grade, status, reason``: how strong the levers are taken to be and why, in rows of draw 0 only.

        Parameters
        ----------
        label : str, optional
            What the scenario is called there; default its name.
        first : str, optional
            First month that counts, e.g. ``"2024-01"``; default all.
        """
        keep = [i for i, m in enumerate(self.months) if first is None or m >= first]
        rows = []
        told = "; ".join(f"{name}: {p.source}" for name, p in self.priors.items())
        reason = f"simulated as of {self.scenario.day}" + (f"; {told}" if told else "")
        first_draw = pl.col("draw") == 0
        for name, source in _BARGAIN.items():
            values = self.changed[source][:, keep]
            value = np.maximum(_whole(source, values), 0.0).round(2)
            rows.append(
                pl.DataFrame({"draw": np.arange(self.draws), "value": value}).select(
                    pl.lit(label or self.scenario.name).alias("scenario"), "draw",
                    pl.lit(name).alias("outcome"), "value",
                    pl.when(first_draw).then(pl.lit(self.grade or None, pl.String)).alias("grade"),
                    pl.when(first_draw).then(pl.lit(self.status)).alias("status"),
                    pl.when(first_draw).then(pl.lit(reason)).alias("reason"),
                )
            )  # fmt: skip
        return pl.concat(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data: what ``caudal scenario run --format json`` prints."""
        return {
            "scenario_name": self.scenario.name,
            "as_of": str(self.scenario.day),
            "draws": self.draws,
            "seed": self.seed,
            "baseline": self.table("baseline"),
            "scenario": self.table("scenario"),
            "difference": self.table("difference"),
            "humanitarian": [n for n, (_, _, h) in OUTCOMES.items() if h],
            "grade": self.grade,
            "status": self.status,
            "levers": [self._told(s) for s in self.scenario.settings],
            "assumptions": {
                k: {"mid": float(np.median(v)), "interval_80": [float(q) for q in np.quantile(v, [0.1, 0.9])]}
                for k, v in self.inputs.items()
            },
            "mechanisms": self.mechanisms,
            "sensitivity": {
                n: self.sensitivity(n) for n in ("encounters", "stock_in_mexico", "deaths_at_risk")
            },
            "sentences": {language: self.sentences(language) for language in ("en", "es")},
        }

    def _told(self, s: Setting) -> dict[str, Any]:
        p = self.priors.get(s.lever.name)
        told = {"lever": s.lever.name, "degree": s.degree, "unit": s.lever.unit, "targets": list(s.targets),
                "mechanism": s.lever.mechanism, "from": str(s.first or ""), "to": str(s.last or "")}  # fmt: skip
        if p is None:
            return told
        return told | {
            "strength": [p.low, p.mid, p.high],
            "grade": p.grade,
            "status": p.status,
            "source": p.source,
        }


#: Outcome of a negotiation file → outcome here.
_BARGAIN = {
    "encounters": "encounters", "lawful_entries": "lawful_entries", "stranded": "stock_in_mexico",
    "deaths": "deaths_at_risk",
}  # fmt: skip


def _whole(outcome: str, values: Array) -> Array:
    """Return an outcome over all months by draw."""
    return np.asarray(values.sum(axis=1) if OUTCOMES[outcome][1] == "sum" else values.mean(axis=1))


def _cells(outcome: str, months: tuple[str, ...], values: Array) -> list[dict[str, Any]]:
    by_month = [_cell(month, values[:, i]) for i, month in enumerate(months)]
    return [*by_month, _cell("all", _whole(outcome, values))]


def _cell(month: str, values: Array) -> dict[str, Any]:
    low, mid, high = (round(float(q), 3) for q in np.quantile(values, [0.1, 0.5, 0.9]))
    return {"month": month, "mean": round(float(values.mean()), 3), "median": mid, "interval_80": [low, high]}


def calibrated(day: date) -> Calibration:
    """Return the corridor fitted to what was published by a day, from disk where it was fitted before."""
    return kept(("calibration", str(day)), lambda: corridor.calibrate(day, window(day)))


def run(
    scenario: Scenario,
    *,
    draws: int = 200,
    seed: int = 1,
    executor: Executor | None = None,
    calibration: Calibration | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario and its baseline with common random numbers.

    Parameters
    ----------
    scenario : Scenario
        What to change.
    draws : int
        How many; 1 takes central values.
    seed : int
        Equal seeds are paired across scenarios.
    executor : concurrent.futures.Executor, optional
        Where draws run; results do not depend on it.
    calibration : Calibration, optional
        Default `calibrated` on the scenario's day. The baseline is kept on disk.
    progress : callable, optional
        Told (what, done, all).

    Returns
    -------
    Result
    """
    cal = calibration or calibrated(scenario.day)
    told = progress or (lambda *_: None)
    common = {"assumptions": scenario.assumptions, "seed": seed, "draws": draws, "executor": executor}

    def first() -> Outcomes:
        return corridor.simulate(
            cal, scenario.horizon, progress=lambda i, n: told("baseline", i, n), **common
        )

    question = (
        "baseline",
        cal.fingerprint,
        scenario.horizon,
        sorted(scenario.assumptions.items()),
        seed,
        draws,
    )
    base = kept(question, first)
    priors = {s.lever.name: prior(s.lever.name, scenario.day) for s in scenario.settings if s.degree != 0}
    strength = {name: strengths(p, draws, seed) for name, p in priors.items()}
    given = _given(scenario, cal, base, strength, draws)
    changed = base
    if any(given):
        changed = corridor.simulate(
            cal, scenario.horizon, given, progress=lambda i, n: told(scenario.name, i, n), **common
        )
    inputs = {k: np.asarray(v) for k, v in base.drawn.items() if draws > 1}
    inputs |= {f"strength of {k}": v for k, v in strength.items()}
    return Result(
        scenario, tuple(month_label(m) for m in base.months), measured(base), measured(changed), priors, inputs,
        _mechanisms(scenario, cal), seed, dict(base.meta),
        {c: (_encounters(base, c), _encounters(changed, c)) for c in cal.classes}, changed if draws == 1 else None,
    )  # fmt: skip


def _encounters(made: Outcomes, group: str) -> Array:
    parts = OUTCOMES["encounters"][0]
    return np.asarray(np.sum([made.total(p, classes=[group]) for p in parts], axis=0), float)


def measured(made: Outcomes) -> dict[str, Array]:
    """Return the outcomes of `OUTCOMES`, each (draws, months)."""
    return {
        name: np.asarray(np.sum([made.total(part) for part in parts], axis=0), float)
        for name, (parts, _, _) in OUTCOMES.items()
    }


def _given(
    scenario: Scenario, cal: Calibration, base: Outcomes, strength: dict[str, Array], draws: int,
    only: str | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    from caudal.corridor._outlook import appointments_in_force

    in_force = appointments_in_force(cal.last)
    outflow = sum(base.total(n).mean() for n in ("encounters_between_ports", "encounters_at_ports"))
    sectors = [d for d in cal.destinations if not d.startswith("FO-")]
    context = Context(cal.classes, sectors, port_names(), in_force, float(outflow))
    moves: list[tuple[Setting, Move]] = []
    for s in scenario.settings:
        if s.degree != 0 and only in (None, s.lever.mechanism):
            moves += [(s, m) for m in action_of(s.lever.name)(s, strength[s.lever.name], context)]
    central = cal.setting.central
    neutral = {
        "return_south": np.asarray(base.drawn.get("return_south", np.full(draws, central["return_south"]))),
        "appointments_per_day": np.full(draws, in_force),
    }
    if "return_south" in scenario.assumptions:
        neutral["return_south"] = np.full(draws, scenario.assumptions["return_south"])
    return parameters(moves, base.months, draws, neutral)


def _mechanisms(scenario: Scenario, cal: Calibration) -> dict[str, dict[str, float]]:
    """Return each mechanism's change alone at central values, all together, and what is left between them."""
    active = [s for s in scenario.settings if s.degree != 0]
    if not active:
        return {}
    names = list(dict.fromkeys(s.lever.mechanism for s in active))
    strength = {s.lever.name: strengths(prior(s.lever.name, scenario.day), 1, 1) for s in active}
    base = corridor.simulate(cal, scenario.horizon, assumptions=scenario.assumptions)

    def change(only: str | None) -> dict[str, float]:
        given = _given(scenario, cal, base, strength, 1, only)
        made = corridor.simulate(cal, scenario.horizon, given, assumptions=scenario.assumptions)
        after, before = measured(made), measured(base)
        return {
            k: float(getattr(after[k] - before[k], kind)(axis=1)[0]) for k, (_, kind, _) in OUTCOMES.items()
        }

    out = {name: change(name) for name in names}
    out["together"] = change(None) if len(names) > 1 else dict(out[names[0]])
    out["interaction"] = {k: out["together"][k] - sum(out[n][k] for n in names) for k in OUTCOMES}
    return out
