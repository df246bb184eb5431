"""The shipped scenarios as last run: what the briefing shows without simulating again.

``caudal scenario compare SET --draws 200 --write`` makes the table; a test runs one scenario again and compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from caudal.levers._run import Result

__all__ = ["published", "published_sets", "table_of", "write_published"]

_FOLDER = "results"


def table_of(results: Sequence[Result]) -> pl.DataFrame:
    """Return one row per scenario and outcome: the difference over all months, and what it stands on.

    Returns
    -------
    polars.DataFrame
        ``scenario, title_en, title_es, as_of, first, last, outcome, baseline, median, low, high, grade, status, draws,
        seed``; ``low`` and ``high`` are the 80 % interval of the difference, ``baseline`` the median without levers.
    """
    rows = []
    for result in results:
        one = result.scenario
        for name, cells in result.table().items():
            rows.append(
                {
                    "scenario": one.name,
                    "title_en": one.title.get("en", one.name),
                    "title_es": one.title.get("es", one.name),
                    "as_of": str(one.day),
                    "first": result.months[0],
                    "last": result.months[-1],
                    "outcome": name,
                    "baseline": result.table("baseline")[name][-1]["median"],
                    "median": cells[-1]["median"],
                    "low": cells[-1]["interval_80"][0],
                    "high": cells[-1]["interval_80"][1],
                    "grade": result.grade,
                    "status": result.status,
                    "draws": result.draws,
                    "seed": result.seed,
                }
            )
    return pl.DataFrame(rows)


def published_sets() -> dict[str, date]:
    """Return the sets that have a table, with the day they are of."""
    folder = resources.files("caudal.levers") / _FOLDER
    if not folder.is_dir():
        return {}
    names = sorted(p.name.removesuffix(".csv") for p in folder.iterdir() if p.name.endswith(".csv"))
    return {name: date.fromisoformat(published(name)["as_of"][0]) for name in names}


def published(name: str) -> pl.DataFrame:
    """Return the table of a set, as `table_of` made it."""
    file = resources.files("caudal.levers") / _FOLDER / f"{name}.csv"
    return pl.read_csv(
        file.read_bytes(), schema_overrides={"grade": pl.String, "first": pl.String, "last": pl.String}
    )


def write_published(name: str, results: Sequence[Result]) -> Path:
    """Write the table of a set into the package and return its place."""
    path = Path(__file__).parent / _FOLDER / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(table_of(results).write_csv(), encoding="utf-8")
    return path
