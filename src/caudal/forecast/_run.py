"""Make a forecast as of a day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from caudal import figures
from caudal._core.dates import parse_day
from caudal._core.errors import InputError, OptionError
from caudal._core.identifiers import resolve_dimension
from caudal.figures import Archive
from caudal.forecast._forecast import Forecast
from caudal.forecast._growth import ranks
from caudal.forecast._panel import Array, Panel, panel_of
from caudal.forecast._past import cache_directory, marginals_of
from caudal.forecast._quantiles import draw
from caudal.forecast._reconcile import add_up
from caudal.forecast.models import model as known_model

__all__ = ["DEFAULT_SEED", "run", "sample_paths"]

#: The seed of every forecast that names none: the same question gets the same answer.
DEFAULT_SEED = 20231222
_LONGEST = 24
_MOST_SAMPLES = 100_000


def run(
    what: str | pl.DataFrame,
    *,
    horizon: int = 6,
    as_of: str | date | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str | Sequence[str]] | None = None,
    model: str = "calibrated",
    capacity: float | None = None,
    samples: int = 1000,
    seed: int = DEFAULT_SEED,
    archive: Archive | None = None,
) -> Forecast:
    """Forecast the months after the last published one.

    Parameters
    ----------
    what : str or polars.DataFrame
        A measure (``"sw-encounters"``), or a frame of `caudal.figures.series` (months only).
    horizon : int
        How many months ahead, from the month after the last published one.
    as_of : str or datetime.date, optional
        The day of the forecast: nothing released later is seen. Default: the day of the newest release behind the
        figures. With a frame it only names the day; ask for the frame as of that day.
    by : sequence of str
        Dimensions to break the measure down by (``component``, ``sector``, ``citizenship``, ``family_status``, …).
        The total of the parts comes first. Not with a frame, whose columns say it.
    where : mapping, optional
        Dimension to the values that count, as in `caudal.figures.series`.
    model : str
        Name of a model, see `caudal.forecast.MODELS`. The default is what won on targets before 2020.
    capacity : float, optional
        Encounters a month, for `Forecast.probability_above`.
    samples : int
        Number of joint sample paths, at least 100.
    seed : int
        Same seed, same paths, byte for byte.
    archive : Archive, optional
        Where to look; default as in `caudal.figures.series`.

    Returns
    -------
    Forecast
        ``.quantiles`` (hubverse frame, 23 levels), ``.paths`` (locations × samples × horizon), ``.targets``,
        ``.interval(0.8)``, ``.probability_above(capacity)``, ``.probability_record()``.

    Raises
    ------
    OptionError
        When a name, a date or a number does not fit.
    NotKnownError
        When nothing had been published by that day.

    Examples
    --------
    >>> import caudal
    >>> ahead = caudal.forecast.run("sw-encounters", as_of="2023-12-22", capacity=250_000)
    >>> ahead.last_month, ahead.targets[0], ahead.paths.shape
    ('2023-11', '2023-12', (1, 1000, 6))
    """
    if not 1 <= horizon <= _LONGEST:
        raise OptionError(
            f"a horizon of {horizon} months is out of range", where="horizon", remedy=f"1 to {_LONGEST}"
        )
    if not 100 <= samples <= _MOST_SAMPLES:
        raise OptionError(
            f"{samples} samples are too few or too many", where="samples", remedy=f"100 to {_MOST_SAMPLES:,}"
        )
    if capacity is not None and not (math.isfinite(capacity) and capacity >= 0):
        raise OptionError(f"{capacity:g} is not a capacity", where="capacity", remedy="Encounters a month")
    known_model(model)
    if isinstance(what, str):
        name = what
        frame = figures.series(what, by=by, where=where, as_of=as_of, archive=archive)
        panel = panel_of(frame, [resolve_dimension(dimension) for dimension in by])
    else:
        if by or where:
            raise OptionError("a frame already says what it is broken down by", where="by, where")
        name, frame = "series", what
        panel = panel_of(frame)
    day = parse_day(as_of, option="as_of") if as_of is not None else _newest(frame)
    made = marginals_of(model, panel, horizon, cache_directory() / "forecast")
    drawn = sample_paths(panel, made, samples, seed)
    conditions = {k: v if isinstance(v, str) else tuple(v) for k, v in (where or {}).items()}
    return Forecast(name, model, day, panel, drawn, capacity, _notes(panel), conditions)


def sample_paths(panel: Panel, quantiles: Array, samples: int, seed: int) -> Array:
    """Return joint paths that add up, from quantiles of every row.

    Parameters
    ----------
    panel : Panel
        The history, whose order the paths take, and what sums to what.
    quantiles : numpy.ndarray
        Shape ``(rows, horizon, 23)``.
    samples, seed : int
        How many paths, and the seed of their order.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, samples, horizon)``.
    """
    return add_up(panel, draw(quantiles, ranks(panel.values, quantiles.shape[1], samples, seed)))


def _newest(frame: pl.DataFrame) -> date:
    """Return the day of the newest release behind a frame (``cbp-southwest@2024-12-19``)."""
    if "release" not in frame.columns:
        raise InputError(
            "a series without releases does not say its day", where="release", remedy="Give as_of"
        )
    days = (text.rpartition("@")[2].partition("+")[0] for text in frame["release"].unique())
    return date.fromisoformat(max(days))


def _notes(panel: Panel) -> tuple[str, ...]:
    notes: list[str] = []
    for location, row in zip(panel.locations, panel.values, strict=True):
        known = row[~np.isnan(row)]
        if len(known) < 24:
            notes.append(
                f"{location}: only {len(known)} months are known; the interval leans on other series"
            )
        elif not known.any():
            notes.append(f"{location}: nothing but zeros so far; the forecast is zero")
    return tuple(notes)
