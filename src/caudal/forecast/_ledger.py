"""The ledger: forecasts as they were made, ours and others', scored when the month is published.

It is a hub (see `_hub`) in the user's store, ``<store>/forecasts``. What somebody said about a month without giving
quantiles ("will be temporary") stands beside it in ``statements.csv`` as a claim that can come true: a figure above or
below a value, said on a day.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from caudal import figures
from caudal._core.dates import month_label, parse_day, parse_month
from caudal._core.errors import CaudalError, InputError, NotKnownError, OptionError
from caudal.figures import Archive, store_directory
from caudal.forecast._forecast import Forecast
from caudal.forecast._hub import hub_files, hubverse_table, read_hubverse, write_hub_file
from caudal.forecast._run import run
from caudal.forecast._scores import INTERVALS

__all__ = ["Claim", "add_claim", "hub_directory", "import_forecasts", "record", "score_ledger"]

_CLAIMS = "statements.csv"


@dataclass(frozen=True)
class Claim:
    """What somebody said a month would be.

    Attributes
    ----------
    who, said, published : str, str, datetime.date
        Person or office, their words, the day.
    measure, month : str
        What it is about.
    relation : {"above", "below"}
        Whether the figure is said to come out above or below ``value``.
    value : float
        Encounters.
    source : str
        Where it can be read.
    """

    who: str
    said: str
    published: date
    measure: str
    month: str
    relation: str
    value: float
    source: str = ""


def hub_directory(store: str | os.PathLike[str] | None = None) -> Path:
    """Return the ledger of a store (default as `caudal.figures.store_directory`)."""
    return store_directory(store) / "forecasts"


def _model_id(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
        raise OptionError(
            f"{name!r} cannot name a model", remedy="Letters, digits, '-' and '_', e.g. unhcr-expert"
        )
    return name


def record(forecast: Forecast, store: str | os.PathLike[str] | None = None) -> Path:
    """Store a forecast as it was made; the same question on the same day is replaced.

    Returns
    -------
    pathlib.Path
        The hub file.
    """
    return write_hub_file(
        hub_directory(store), _model_id(f"caudal-{forecast.model}"), hubverse_table(forecast)
    )


def import_forecasts(path: Path, name: str, store: str | os.PathLike[str] | None = None) -> list[Path]:
    """Take in somebody else's forecasts, a hubverse CSV file.

    Parameters
    ----------
    path : pathlib.Path
        The file; columns as `caudal.forecast.COLUMNS`.
    name : str
        The name it is kept under; ``caudal-…`` is ours.

    Raises
    ------
    InputError
        When the table cannot be trusted.
    OptionError
        When the name cannot be used.
    """
    if _model_id(name).startswith("caudal-"):
        raise OptionError(f"{name!r} is kept for our own forecasts", remedy="Choose another name")
    frame = read_hubverse(path)
    return [
        write_hub_file(hub_directory(store), name, part)
        for _, part in sorted(frame.group_by("reference_date"), key=lambda item: str(item[0]))
    ]


def add_claim(claim: Claim, store: str | os.PathLike[str] | None = None) -> Claim:
    """Write down what somebody said a month would be, once.

    Raises
    ------
    OptionError
        When the measure, month or relation does not fit, or the month was over when it was said.
    """
    if claim.measure not in figures.measures():
        raise OptionError(
            f"{claim.measure!r} is not a measure", remedy="`caudal figures measures` lists them"
        )
    if claim.relation not in ("above", "below"):
        raise OptionError(f"{claim.relation!r} is not a relation", remedy="Known: above, below")
    if not claim.who.strip() or not claim.said.strip():
        raise OptionError("a claim needs who said it and the words", where="--who, --said")
    if not np.isfinite(claim.value) or claim.value < 0:
        raise OptionError(f"{claim.value:g} is not a count", where="--value")
    parse_month(claim.month, option="--month")
    own = _claims(store)
    if claim not in own:
        path = hub_directory(store) / _CLAIMS
        path.parent.mkdir(parents=True, exist_ok=True)
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, [field.name for field in fields(Claim)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in [*own, claim])
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(out.getvalue(), encoding="utf-8")
        temporary.replace(path)
    return claim


def _claims(store: str | os.PathLike[str] | None) -> list[Claim]:
    path = hub_directory(store) / _CLAIMS
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    except FileNotFoundError:
        return []
    found = []
    for number, row in enumerate(rows, start=2):
        try:
            plain = {name: row[name] for name in ("who", "said", "measure", "month", "relation", "source")}
            found.append(Claim(**plain, published=parse_day(row["published"]), value=float(row["value"])))
        except (KeyError, TypeError, ValueError, CaudalError) as error:
            raise InputError(f"row {number} is not a claim ({error})", where=str(path)) from None
    return found


def score_ledger(
    store: str | os.PathLike[str] | None = None, *, archive: Archive | None = None
) -> pl.DataFrame:
    """Score every stored forecast and claim whose month is published by now.

    Parameters
    ----------
    store : path, optional
        The user's store.
    archive : Archive, optional
        Where outcomes are; its as-of day holds.

    Returns
    -------
    polars.DataFrame
        ``model``, ``reference_date``, ``target``, ``location``, ``month``, ``horizon``, ``outcome`` (null while the
        month is not published), ``median``, ``wis``, ``naive_wis`` (of the naive model as of the same day, where the
        archive can make it), ``inside_50``, ``inside_80``, ``inside_95``; claims have ``came_true`` and ``said``.
    """
    held = archive or figures.open_archive(store)
    outcomes = _Outcomes(held)
    rows: list[dict[str, object]] = []
    for name, path in hub_files(hub_directory(store)):
        rows += _scored(name, read_hubverse(path), outcomes, held)
    for claim in _claims(store):
        outcome = outcomes.of(claim.measure, "total", claim.month)
        rows.append(
            {
                "model": claim.who,
                "reference_date": claim.published,
                "target": claim.measure,
                "location": "total",
                "month": claim.month,
                "outcome": outcome,
                "came_true": None
                if outcome is None
                else (outcome > claim.value) == (claim.relation == "above"),
                "said": claim.said,
            }
        )
    schema = {
        "model": pl.String,
        "reference_date": pl.Date,
        "target": pl.String,
        "location": pl.String,
        "month": pl.String,
        "horizon": pl.Int64,
        "outcome": pl.Float64,
        "median": pl.Float64,
        "wis": pl.Float64,
        "naive_wis": pl.Float64,
        **{f"inside_{round(100 * c)}": pl.Boolean for c in INTERVALS},
        "came_true": pl.Boolean,
        "said": pl.String,
    }
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


class _Outcomes:
    """Figures as published by now, each series read once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[tuple[str, str], dict[str, float]] = {}

    def of(self, measure: str, location: str, month: str) -> float | None:
        key = (measure, location)
        if key not in self._known:
            try:
                frame = figures.series(measure, where=_where(location), archive=self._archive)
                self._known[key] = dict(frame.select("period", "value").rows())
            except NotKnownError:
                self._known[key] = {}
        return self._known[key].get(month)


def _where(location: str) -> dict[str, str]:
    if location == "total":
        return {}
    return dict(pair.split("=", 1) for pair in location.split(";"))


def _scored(
    name: str, frame: pl.DataFrame, outcomes: _Outcomes, archive: Archive
) -> Iterator[dict[str, object]]:
    keys = ["reference_date", "target", "location", "target_end_date", "horizon"]
    for key, part in frame.group_by(keys, maintain_order=True):
        day, target, location, end, horizon = key
        month = month_label(end)
        levels, values = part["output_type_id"].to_numpy(), part["value"].to_numpy()
        outcome = outcomes.of(str(target), str(location), month)
        row: dict[str, object] = {
            "model": name,
            "reference_date": day,
            "target": target,
            "location": location,
            "month": month,
            "horizon": horizon,
            "median": float(np.interp(0.5, levels, values)),
            "outcome": outcome,
        }
        if outcome is not None:
            row["wis"] = _wis(levels, values, outcome)
            row["naive_wis"] = _naive_wis(str(target), str(location), day, month, levels, outcome, archive)
            for coverage in INTERVALS:
                low, high = np.interp(((1 - coverage) / 2, (1 + coverage) / 2), levels, values)
                row[f"inside_{round(100 * coverage)}"] = bool(low <= outcome <= high)
        yield row


def _wis(levels: np.ndarray, values: np.ndarray, outcome: float) -> float:
    """Return twice the mean pinball loss over the levels that were given."""
    off = outcome - values
    return float(2 * np.mean(np.where(off >= 0, levels * off, (levels - 1) * off)))


def _naive_wis(
    target: str,
    location: str,
    day: date,
    month: str,
    levels: np.ndarray,
    outcome: float,
    archive: Archive,
) -> float | None:
    try:
        made = run(target, where=_where(location), as_of=day, model="naive", archive=archive)
    except CaudalError:
        return None
    if month not in made.targets:
        return None
    return _wis(levels, np.quantile(made.paths[0, :, made.targets.index(month)], levels), outcome)
