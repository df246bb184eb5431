"""What each package would do: outcomes of scenarios, as draws or as stated intervals, joined to packages.

The table comes in one of two forms, told apart by their columns.

*draws* (what a simulation gives): ``scenario, draw, outcome, value``; draws are paired across scenarios.
*stated*: ``scenario, outcome, low, mid, high`` (10, 50 and 90 %), for the no-deal scenario as levels and for
every other as ratios to no deal, with ``grade, status, reason`` in words.

A scenario is named like a package (``rail_control=firm,origin_aid=some``), or by a single term of one. A package
that was simulated whole is used as it is; any other is composed of its terms' ratios to no deal, multiplied.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtri

from caudal._core.errors import InputError, OptionError, did_you_mean
from caudal.bargain._packages import Packages

__all__ = ["Outcomes", "join", "read_table"]

Array = npt.NDArray[np.float64]

_DRAWS = ("scenario", "draw", "outcome", "value")
_STATED = ("scenario", "outcome", "low", "mid", "high")
_Z90 = 1.2815515655446004
#: Equal-probability points at which means of stated intervals are taken: the same on every run.
_GRID = ndtri((np.arange(400) + 0.5) / 400)


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of every term, by draw.

    Attributes
    ----------
    names : list of str
        The outcomes, K of them.
    base : ndarray, shape (draws, K)
        Levels without a deal.
    log_ratio : ndarray, shape (draws, terms, K)
        Logarithm of each term's ratio to no deal.
    base_range, ratio_range : ndarray, shapes (3, K) and (3, terms, K)
        The 10 % point, the mean and the 90 % point.
    whole : dict of int to ndarray, shape (draws, K)
        Levels of the packages that were simulated whole.
    evidence : dict of (str, str) to str
        What the table says of a (scenario, outcome): grade, status, reason.
    """

    names: list[str]
    base: Array
    log_ratio: Array
    base_range: Array
    ratio_range: Array
    whole: dict[int, Array] = field(default_factory=dict)
    evidence: dict[tuple[str, str], str] = field(default_factory=dict)

    def levels(self, has: Array, draw: int) -> Array:
        """Return the levels of all packages in one draw, shape (packages, K)."""
        out = self.base[draw] * np.exp(has @ self.log_ratio[draw])
        for index, values in self.whole.items():
            out[index] = values[draw]
        return np.asarray(out, float)


def read_table(text: str, where: str = "outcomes") -> pl.DataFrame:
    """Read an outcome table from CSV text.

    Raises
    ------
    InputError
        When it is not CSV.
    """
    try:
        return pl.read_csv(io.StringIO(text), infer_schema_length=None)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise InputError("not a CSV table", where=where, remedy=f"Columns: {', '.join(_DRAWS)}") from error


def join(table: pl.DataFrame, packages: Packages, draws: int, rng: np.random.Generator) -> Outcomes:
    """Return the outcomes of every term and of the packages simulated whole.

    Parameters
    ----------
    table : polars.DataFrame
        In either form (see the module).
    packages : Packages
        What is to be told.
    draws : int
        How many draws to use; a table of draws is drawn from with replacement when it has fewer or more.
    rng : numpy.random.Generator
        Where chance comes from.

    Raises
    ------
    InputError
        For missing columns, scenarios or outcomes, for duplicates, and for values that cannot be.
    OptionError
        For scenarios that name no package.
    """
    columns = set(table.columns)
    if set(_DRAWS) <= columns:
        # Ranges and means are of all draws there are; only what is drawn from them depends on chance.
        whole = _assemble(_from_draws(table), packages, _evidence(table))
        count = len(whole.base)
        pick = rng.integers(0, count, draws) if count != draws else np.arange(draws)
        return replace(
            whole, base=whole.base[pick], log_ratio=whole.log_ratio[pick],
            whole={index: values[pick] for index, values in whole.whole.items()},
        )  # fmt: skip
    if set(_STATED) <= columns:
        cells = _from_stated(table, draws, rng, _no_deal(packages))
    else:
        wanted = f"{', '.join(_DRAWS)} or {', '.join(_STATED)}"
        raise InputError("columns are missing", where="outcomes", remedy=f"Give {wanted}")
    return _assemble(cells, packages, _evidence(table))


def _no_deal(packages: Packages) -> str:
    scenarios = {a.reservation.scenario for a in packages.negotiation.actors.values()}
    if len(scenarios) > 1:
        raise InputError(
            f"actors name different scenarios of no deal: {', '.join(sorted(scenarios))}",
            where="actors", remedy="No deal is one world for all; value it differently through margins",
        )  # fmt: skip
    return next(iter(scenarios))


#: (scenario, outcome) → values by draw, whether they are ratios, and 10 %, mean, 90 %.
_Cells = dict[tuple[str, str], tuple[Array, bool, tuple[float, float, float]]]


def _from_draws(table: pl.DataFrame) -> _Cells:
    table = table.select(_DRAWS)
    if table.null_count().sum_horizontal().item() or not table["value"].dtype.is_numeric():
        raise InputError(
            "a value is missing or no number", where="outcomes", remedy="Every draw needs every outcome"
        )
    if table.select("scenario", "draw", "outcome").is_duplicated().any():
        raise InputError(
            "a scenario has two values for one draw and outcome", where="outcomes",
            remedy="Add up months and places first",
        )  # fmt: skip
    known = table["draw"].unique().sort()
    cells: _Cells = {}
    for (scenario, outcome), part in table.group_by("scenario", "outcome", maintain_order=True):
        values = part.sort("draw")["value"].to_numpy().astype(float)
        if len(values) != len(known):
            raise InputError(
                f"{scenario}, {outcome}: {len(values)} draws of {len(known)}", where="outcomes",
                remedy="Draws are paired: every scenario needs each",
            )  # fmt: skip
        if not np.isfinite(values).all() or (values < 0).any():
            raise InputError(f"{scenario}, {outcome}: a value is negative or no number", where="outcomes",
                             remedy="Outcomes are counts or shares")  # fmt: skip
        low, high = np.quantile(values, [0.1, 0.9])
        cells[str(scenario), str(outcome)] = (
            values,
            False,
            (float(low), float(values.mean()), float(high)),
        )
    return cells


def _from_stated(table: pl.DataFrame, draws: int, rng: np.random.Generator, no_deal: str) -> _Cells:
    cells: _Cells = {}
    # One stream per row, in the order of the table: adding a row at the end changes no other.
    streams = rng.spawn(table.height)
    for number, (row, stream) in enumerate(zip(table.iter_rows(named=True), streams, strict=True), start=2):
        key = (str(row["scenario"]), str(row["outcome"]))
        where = f"outcomes row {number}"
        if key in cells:
            raise InputError(f"{key[0]}, {key[1]} stands twice", where=where, remedy="Keep one row")
        try:
            low, mid, high = (float(row[c]) for c in ("low", "mid", "high"))
        except (TypeError, ValueError):
            low = mid = high = float("nan")
        if not 0 < low <= mid <= high < np.inf:
            raise InputError(f"low, mid, high are {low:g}, {mid:g}, {high:g}", where=where,
                             remedy="Give 0 < low ≤ mid ≤ high")  # fmt: skip
        down, up = np.log(mid / low) / _Z90, np.log(high / mid) / _Z90

        def values(z: Array, mid: float = mid, down: float = down, up: float = up) -> Array:
            return np.asarray(mid * np.exp(np.where(z < 0, down * z, up * z)), float)

        mean = float(values(_GRID).mean())
        cells[key] = (values(stream.standard_normal(draws)), key[0] != no_deal, (low, mean, high))
    return cells


def _evidence(table: pl.DataFrame) -> dict[tuple[str, str], str]:
    said = [c for c in ("grade", "status", "reason") if c in table.columns]
    if not said or not {"scenario", "outcome"} <= set(table.columns):
        return {}
    return {
        (str(r["scenario"]), str(r["outcome"])): "; ".join(str(r[c]) for c in said if r[c])
        for r in table.unique(["scenario", "outcome"], keep="first").iter_rows(named=True)
    }


def _assemble(cells: _Cells, packages: Packages, evidence: dict[tuple[str, str], str]) -> Outcomes:
    n = packages.negotiation
    names, no_deal = list(n.outcomes), _no_deal(packages)
    scenarios = list(dict.fromkeys(scenario for scenario, _ in cells))
    if no_deal not in scenarios:
        raise InputError(
            f"no scenario {no_deal!r}", where="outcomes", remedy=did_you_mean(no_deal, scenarios)
        )
    base, _, base_range = _scenario(cells, no_deal, names)
    whole: dict[int, Array] = {}
    for scenario in scenarios:
        if scenario == no_deal or scenario in packages.terms:
            continue
        try:
            index = packages.index(scenario)
        except OptionError as error:
            raise InputError(f"scenario {scenario!r} is no package: {error.what}", where="outcomes",
                             remedy=str(error.remedy)) from error  # fmt: skip
        values, ratio, _ = _scenario(cells, scenario, names)
        whole[index] = values * base if ratio else values
    count = len(base)
    log_ratio = np.zeros((count, len(packages.terms), len(names)))
    ratio_range = np.ones((3, len(packages.terms), len(names)))
    for t, term in enumerate(packages.terms):
        if term in scenarios:
            log_ratio[:, t], ratio_range[:, t] = _ratios(*_scenario(cells, term, names), base)
        elif _moves_levers(packages, term):
            raise InputError(f"no outcomes for {term!r}, which moves levers", where="outcomes",
                             remedy=f"Add its scenario; there are {', '.join(scenarios[:8])}")  # fmt: skip
    return Outcomes(names, base, log_ratio, base_range, ratio_range, whole, evidence)


def _moves_levers(packages: Packages, term: str) -> bool:
    ask, _, degree = term.partition("=")
    return any(d.levers for d in packages.negotiation.asks[ask].degrees if d.name == degree)


def _scenario(cells: _Cells, scenario: str, names: list[str]) -> tuple[Array, bool, Array]:
    for name in names:
        if (scenario, name) not in cells:
            raise InputError(f"scenario {scenario!r} has no {name!r}", where="outcomes", remedy="Add the row")
    parts = [cells[scenario, name] for name in names]
    return np.stack([p[0] for p in parts], axis=1), parts[0][1], np.array([p[2] for p in parts]).T


def _ratios(values: Array, ratio: bool, stated: Array, base: Array) -> tuple[Array, Array]:
    if ratio:
        return np.log(values), stated
    # Half a person keeps the ratio finite where a draw has none.
    paired = (values + 0.5) / (base + 0.5)
    low, high = np.quantile(paired, [0.1, 0.9], axis=0)
    # The mean ratio is that of the means, so that a single term's expected level is its own.
    return np.log(paired), np.stack([low, (values.mean(axis=0) + 0.5) / (base.mean(axis=0) + 0.5), high])
