"""Compiled code that is kept is made again after a change to any module it was made of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_INNER = """from caudal.flow._compiled import compiled

@compiled(inner=True)
def inner(x):
    return x + {added}
"""
_OUTER = """from caudal.flow._compiled import compiled
from room.inner import inner

@compiled()
def outer(x):
    return inner(x)
"""


def _answer(room: Path) -> tuple[int, int]:
    """Return what ``outer(1)`` says in a process of its own, and how often it was compiled rather than found."""
    asked = "from room.outer import outer; print(outer(1), sum(outer.stats.cache_misses.values()))"
    environment = os.environ | {"PYTHONPATH": str(room.parent), "NUMBA_CACHE_DIR": ""}
    made = subprocess.run(
        [sys.executable, "-c", asked],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer, misses = made.stdout.split()
    return int(answer), int(misses)


def test_a_change_to_a_called_module_is_seen(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "outer.py").write_text(_OUTER)
    (room / "inner.py").write_text(_INNER.format(added=1))
    assert _answer(room) == (2, 1)
    assert _answer(room) == (2, 0)
    (room / "inner.py").write_text(_INNER.format(added=10))
    assert _answer(room) == (11, 1)
