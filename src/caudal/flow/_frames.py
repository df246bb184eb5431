"""Outcomes as tidy frames and parquet: people at every place and on every link, by day, with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from caudal.flow._ensemble import Ensemble

__all__ = ["QUANTILES", "errors_frame", "links_frame", "places_frame", "replicates_frame", "write_frames"]

Floats = npt.NDArray[np.float64]

#: Quantiles reported beside mean and standard deviation.
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def _statistics(values: Floats, prefix: str = "") -> dict[str, Floats]:
    """Return statistics over replicates of an array (replicate, day, column), flattened day by column."""
    out = {f"{prefix}mean": values.mean(axis=0).ravel()}
    spread = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1:])
    out[f"{prefix}sd"] = spread.ravel()
    levels = np.quantile(values, list(QUANTILES.values()), axis=0)
    return out | {f"{prefix}{name}": level.ravel() for name, level in zip(QUANTILES, levels, strict=True)}


def places_frame(ensemble: Ensemble) -> pl.DataFrame:
    """Return people at places: one row per day and place; ``registered`` where the case has registrations."""
    program = ensemble.program
    places = program.case.network.places
    days = program.days
    registered: list[Any] = [None] * (days * len(places))
    for column, place in enumerate(program.schedule.observed_places):
        for day in range(days):
            registered[day * len(places) + place] = int(program.schedule.observed[day, column])
    camps = program.schedule.camp.ravel()
    return pl.DataFrame(
        {
            "day": np.repeat(np.arange(days), len(places)),
            "date": _dates(ensemble, len(places)),
            "place": [p.name for p in places] * days,
            "kind": [p.kind for p in places] * days,
            "open_camp": camps,
            **_statistics(ensemble.occupancy),
            "registered": pl.Series(registered, dtype=pl.Int64),
        }
    )


def links_frame(ensemble: Ensemble) -> pl.DataFrame:
    """Return people on links and entries to them: one row per day and directed link."""
    program = ensemble.program
    links = program.schedule.links.all
    names = [p.name for p in program.case.network.places]
    days = program.days
    return pl.DataFrame(
        {
            "day": np.repeat(np.arange(days), len(links)),
            "date": _dates(ensemble, len(links)),
            "start": [names[k.start] for k in links] * days,
            "end": [names[k.end] for k in links] * days,
            "km": [k.length for k in links] * days,
            **_statistics(ensemble.on_link),
            **_statistics(ensemble.entered, "entered_"),
        }
    )


def _dates(ensemble: Ensemble, columns: int) -> pl.Series:
    start = ensemble.program.case.start
    days = pl.Series(np.arange(ensemble.program.days)).cast(pl.Duration("ms")) * 86_400_000
    dates = pl.Series([start] * ensemble.program.days) + days
    return pl.Series(np.repeat(dates.cast(pl.Int32).to_numpy(), columns)).cast(pl.Int32).cast(pl.Date)


def replicates_frame(ensemble: Ensemble, of: str = "places") -> pl.DataFrame:
    """Return every replicate's days: people at places, or on links and entering them."""
    program = ensemble.program
    count, days = len(ensemble.summaries), program.days
    if of == "places":
        names = [p.name for p in program.case.network.places]
        labels: dict[str, Any] = {"place": names * (days * count)}
        values = {"people": ensemble.occupancy.ravel()}
    else:
        links = program.schedule.links.all
        titles = [p.name for p in program.case.network.places]
        names = [titles[k.start] for k in links]
        labels = {"start": names * (days * count), "end": [titles[k.end] for k in links] * (days * count)}
        values = {"people": ensemble.on_link.ravel(), "entered": ensemble.entered.ravel()}
    columns = len(names)
    return pl.DataFrame(
        {
            "replicate": np.repeat(np.arange(count), days * columns),
            "day": np.tile(np.repeat(np.arange(days), columns), count),
            **labels,
            **values,
        }
    )


def errors_frame(ensemble: Ensemble) -> pl.DataFrame:
    """Return one row per replicate: people displaced and every validation error."""
    return pl.DataFrame(
        [{"replicate": s.replicate, "people": s.people, **s.errors} for s in ensemble.summaries]
    )


def write_frames(ensemble: Ensemble, directory: str | Path, *, everything: bool = False) -> list[Path]:
    """Write places, links and errors as parquet, and every replicate's days too with ``everything``."""
    root = Path(directory)
    root.mkdir(parents=True, exist_ok=True)
    frames = {
        "places": places_frame(ensemble),
        "links": links_frame(ensemble),
        "errors": errors_frame(ensemble),
    }
    if everything:
        frames["places-replicates"] = replicates_frame(ensemble)
        frames["links-replicates"] = replicates_frame(ensemble, "links")
    written = []
    for name, frame in frames.items():
        path = root / f"{name}.parquet"
        frame.write_parquet(path, statistics=False)
        written.append(path)
    return written
