"""Every series at once."""

from __future__ import annotations

from datetime import date

from caudal import figures
from caudal._core.dates import parse_day
from caudal._core.errors import NotKnownError
from caudal.figures import Archive
from caudal.forecast._backtest import DEFAULT, HORIZON
from caudal.forecast._forecast import Forecast
from caudal.forecast._past import cache_directory, marginals_of
from caudal.forecast._run import DEFAULT_SEED, sample_paths
from caudal.forecast._systems import system_of, systems

__all__ = ["refresh"]


def refresh(
    *,
    as_of: str | date | None = None,
    model: str = DEFAULT,
    samples: int = 1000,
    archive: Archive | None = None,
) -> list[Forecast]:
    """Forecast all declared series, coherent over each system: totals, sectors, citizenships, family status, ports.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        Nothing released later is seen; levels of which nothing had been released are left out.
    model : str
        Name of a model.
    samples : int
        Joint paths.
    archive : Archive, optional
        Where to look.

    Returns
    -------
    list of Forecast
        One per system that had a total; locations are named ``sector/DRT``.

    Raises
    ------
    NotKnownError
        When nothing had been published by that day.
    """
    held = (archive or figures.open_archive()).at(parse_day(as_of) if as_of is not None else None)
    day = held.as_of or held.latest.released
    found = []
    for name in systems():
        try:
            panel = system_of(name, held, printed=False).panel
        except NotKnownError:
            continue
        made = marginals_of(model, panel, HORIZON, cache_directory() / "forecast")
        paths = sample_paths(panel, made, samples, DEFAULT_SEED)
        found.append(Forecast(name, model, day, panel, paths))
    if not found:
        raise NotKnownError(
            f"nothing that is forecast had been published by {day}",
            remedy="`caudal figures releases` lists what was",
        )
    return found
