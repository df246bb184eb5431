"""What the studies said on certain days: compiled, so that a scenario need not run every placebo again.

A scenario as of a day takes the latest compiled day that is not later: never what was learned afterwards. A slow test
computes one day again and compares. Compile with ``python -m caudal.levers._known``.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from caudal._core.tables import declared

__all__ = ["DAYS", "Known", "compile_known", "known_evidence"]

#: Days for which the studies are compiled.
DAYS = ("2022-04-30", "2023-01-04", "2023-12-22", "2024-05-31", "2024-12-31", "2025-09-01")
_HORIZON = 3
_COLUMNS = ("as_of", "event", "group", "effect", "low", "high", "status")


@dataclass(frozen=True)
class Known:
    """One effect at three months, Border Patrol encounters, as it was known on a day."""

    as_of: date
    event: str
    group: str
    effect: float
    low: float
    high: float
    status: str


@cache
def _all() -> tuple[Known, ...]:
    return tuple(
        Known(date.fromisoformat(r["as_of"]), r["event"], r["group"], float(r["effect"]), float(r["low"]),
              float(r["high"]), r["status"])
        for r in declared("caudal.levers", "evidence_known.csv")
    )  # fmt: skip


def known_evidence(as_of: date) -> tuple[Known, ...]:
    """Return what the latest compiled day not after ``as_of`` said; nothing before the first."""
    days = [date.fromisoformat(d) for d in DAYS if date.fromisoformat(d) <= as_of]
    return tuple(k for k in _all() if days and k.as_of == max(days))


def compile_known(days: Sequence[str] = DAYS) -> str:
    """Return the table as CSV text, computed from the embedded archive."""
    from caudal import figures
    from caudal.levers._evidence import evidence

    archive = figures.open_archive("/nonexistent")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for day in days:
        for r in evidence(as_of=day, archive=archive, measures=("usbp-encounters",)):
            if r.horizon_months == _HORIZON:
                numbers = (r.effect, *r.interval_80)
                writer.writerow([day, r.event, r.group, *(f"{x:.4f}" for x in numbers), r.status])
    return out.getvalue()


if __name__ == "__main__":
    path = Path(__file__).with_name("evidence_known.csv")
    path.write_text(compile_known(sys.argv[1:] or DAYS), encoding="utf-8")
