"""Calibrations and baselines kept on disk: the same question is not computed twice.

The key holds everything the answer depends on: the releases in the archive, the corridor's own code and tables, and
the question. Whatever cannot be read is computed again.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TypeVar

from caudal import figures

__all__ = ["kept"]

T = TypeVar("T")


@cache
def _code() -> str:
    """Return a digest of the corridor's code and tables, and of the engine's."""
    digest = hashlib.sha256()
    for room in ("caudal.corridor", "caudal.corridor.data", "caudal.flow"):
        files = sorted((p for p in resources.files(room).iterdir() if p.is_file()), key=lambda p: p.name)
        for file in files:
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


@cache
def _releases(store: str) -> str:
    """Return a digest of what the archive holds."""
    from caudal.figures import open_archive

    archive = open_archive(store)
    return hashlib.sha256("|".join(sorted(str(r) for r in archive.releases)).encode()).hexdigest()


def kept(question: tuple[object, ...], make: Callable[[], T]) -> T:
    """Return what ``make`` says to a question, from disk when it was asked before."""
    directory = figures.store_directory(None)
    name = hashlib.sha256(repr((_code(), _releases(str(directory)), question)).encode()).hexdigest()[:32]
    path = directory / "cache" / f"{name}.pickle"
    try:
        return pickle.loads(path.read_bytes())  # type: ignore[no-any-return]
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError):
        found = make()
    _write(path, pickle.dumps(found))
    return found


def _write(path: Path, data: bytes) -> None:
    """Write by one rename; a disk that cannot be written to costs time, not the answer."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        return
