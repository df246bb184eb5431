"""Compiled code that is kept is made again after a change to any file it was made of."""

from __future__ import annotations

import os
from pathlib import Path

from caudal.flow._compiled import _renewed


def test_every_module_takes_the_date_of_the_newest(tmp_path: Path) -> None:
    for name, second in (("caller.py", 1_000), ("called.py", 2_000), ("table.csv", 3_000)):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (second, second))
    _renewed(tmp_path)
    assert {f.name: f.stat().st_mtime for f in tmp_path.iterdir()} == {
        "caller.py": 2_000,
        "called.py": 2_000,
        "table.csv": 3_000,
    }
