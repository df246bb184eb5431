"""What a model would have said: its forecasts from earlier months of the same panel, each computed once.

A forecast made as of a month depends on the panel up to that month and on the code, and on nothing else; so it is kept
under the digest of both, in memory and, where a directory is given, on disk. A backtest that was stopped goes on
where it was, and what one run computed the next one reads.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import platformdirs

from caudal.forecast._panel import Array, Panel
from caudal.forecast.models import MODELS, model

__all__ = ["cache_directory", "marginals_of", "outcomes", "past"]

_REMEMBERED: dict[str, Array] = {}
_MOST = 6000
#: Where models that read the forecasts of others keep those: the directory of the call they serve.
_DIRECTORY: ContextVar[Path | None] = ContextVar("directory", default=None)


def cache_directory() -> Path:
    """Return where forecasts are kept: ``CAUDAL_CACHE``, else the platform's user cache directory."""
    chosen = os.environ.get("CAUDAL_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("caudal", appauthor=False))


#: What every forecast depends on; and what those that read the forecasts of others depend on besides.
_SHARED = ("_growth.py", "_quantiles.py", "models/naive.py")
_FURTHER = {
    "growth": (),
    "drift": ("models/growth.py",),
    "ensemble": ("_scores.py", "models/levelled.py", "models/gaussian.py", "models/growth.py"),
    "calibrated": (
        "_scores.py",
        "_recalibrate.py",
        "models/levelled.py",
        "models/gaussian.py",
        "models/growth.py",
        "models/ensemble.py",
    ),
    **dict.fromkeys(("theta", "ets", "ces", "mstl"), ("models/_statistical.py",)),
}


@cache
def _code(name: str) -> str:
    """Return the digest of the modules that make a model's forecasts: a change to them makes old results stale."""
    digest = hashlib.sha256()
    root = resources.files("caudal.forecast")
    own = [f"models/{MODELS[name][0]}.py"] if name in MODELS else []
    for path in (*_SHARED, *_FURTHER.get(name, ()), *own):
        digest.update((root / path).read_bytes())
    return digest.hexdigest()


def _key(name: str, panel: Panel, horizon: int) -> str:
    digest = hashlib.sha256()
    about = (
        name,
        horizon,
        panel.first,
        panel.locations,
        panel.levels,
        panel.sums,
        sorted(panel.beside),
        _code(name),
    )
    digest.update(repr(about).encode())
    for array in (panel.values, *(panel.beside[side] for side in sorted(panel.beside))):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:40]


def marginals_of(name: str, panel: Panel, horizon: int, directory: Path | None = None) -> Array:
    """Return a model's quantiles for a panel, from the cache where they are there.

    Parameters
    ----------
    name : str
        The model.
    panel : Panel
        What is known.
    horizon : int
        Months ahead.
    directory : pathlib.Path, optional
        Where results are kept on disk.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, horizon, 23)``; sorted along the last axis.
    """
    made_by = model(name)
    key = _key(name, panel, horizon)
    if key in _REMEMBERED:
        return _REMEMBERED[key]
    directory = directory or _DIRECTORY.get()
    if name not in MODELS:  # what is offered from outside may read what no key here knows of
        directory = None
    path = directory / key[:2] / f"{key}.npy" if directory else None
    found = _read(path)
    if found is None:
        token = _DIRECTORY.set(directory)
        try:
            found = np.sort(made_by(panel, horizon), axis=-1)
        finally:
            _DIRECTORY.reset(token)
        if path:
            # A cache that cannot be written is no reason not to forecast.
            with suppress(OSError):
                _write(path, found)
    if len(_REMEMBERED) >= _MOST:
        _REMEMBERED.pop(next(iter(_REMEMBERED)))
    _REMEMBERED[key] = found
    return found


def _read(path: Path | None) -> Array | None:
    if path is None:
        return None
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (OSError, ValueError, EOFError):
        return None


def _write(path: Path, found: Array) -> None:
    """Write by one rename: an interrupted run leaves whole files or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        np.save(stream, found)
    temporary.replace(path)


def past(name: str, panel: Panel, horizon: int, most: int, *, shortest: int = 24) -> Array:
    """Return what a model would have said at each of the last months of a panel.

    Parameters
    ----------
    name, panel, horizon
        As for `marginals_of`.
    most : int
        How many earlier months to forecast from, at most.
    shortest : int
        Months of record before the first of them.

    Returns
    -------
    numpy.ndarray
        Shape ``(origins, rows, horizon, 23)``; the last origin is the month before the panel's last.
    """
    months = panel.values.shape[1]
    ends = range(max(shortest, months - most), months)
    made = [marginals_of(name, _cut(panel, end), horizon) for end in ends]
    if not made:
        return np.empty((0, len(panel.locations), horizon, 23))
    return np.stack(made)


def _cut(panel: Panel, end: int) -> Panel:
    return replace(
        panel,
        values=panel.values[:, :end],
        beside={name: array[..., : end + panel.ahead] for name, array in panel.beside.items()},
    )


def outcomes(panel: Panel, horizon: int, count: int) -> Array:
    """Return what came of the last ``count`` origins, shape ``(count, rows, horizon)``; NaN where not yet known."""
    months = panel.values.shape[1]
    found = np.full((count, len(panel.locations), horizon), np.nan)
    for i in range(count):
        origin = months - 1 - count + i
        for h in range(1, horizon + 1):
            if origin + h < months:
                found[i, :, h - 1] = panel.values[:, origin + h]
    return found
