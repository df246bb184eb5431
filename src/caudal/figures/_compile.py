"""Compiling the embedded archive from the publishers' files that ``embedded.csv`` declares."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from caudal._core.dates import parse_day
from caudal._core.errors import InputError
from caudal._core.tables import declared
from caudal.figures._archive import Archive
from caudal.figures._ingest import Added, add_file
from caudal.figures._store import Store

__all__ = ["compile_archive"]


def compile_archive(files: Path, out: Path, progress: Callable[[str], None] = lambda _: None) -> list[Added]:
    """Build an archive from the declared files, beside ``out``, and put it in its place when it is whole.

    Parameters
    ----------
    files : pathlib.Path
        Directory that holds the files at the paths ``embedded.csv`` names.
    out : pathlib.Path
        Directory to write; an archive already there is replaced.
    progress : callable
        Called with a line for each file.

    Raises
    ------
    InputError
        When a declared file is absent or cannot be used; ``out`` is then untouched.
    """
    rows = declared("caudal.figures", "embedded.csv")
    for row in rows:
        if not (files / row["path"]).is_file():
            raise InputError(
                "is not there", where=str(files / row["path"]), remedy="Give the directory with --from DIR"
            )
    building = out.with_name(f".{out.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    added: list[Added] = []
    try:
        store = Store(building)
        for row in rows:
            added += add_file(
                Archive((store,)),
                store,
                files / row["path"],
                released=parse_day(row["released"]) if row["released"] else None,
                certainty=row["certainty"] or None,
                carried_by=row["carried_by"],
                accept=frozenset(row["accept"].split()),
            )
            progress(str(added[-1]))
        (building / ".lock").unlink(missing_ok=True)
        shutil.rmtree(out, ignore_errors=True)
        building.replace(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return added
