"""The room's public names are the ones it declares."""

from __future__ import annotations

import ast
from pathlib import Path

from caudal import levers


def test_all_names_what_the_room_exports() -> None:
    tree = ast.parse(Path(levers.__file__).read_text())
    imported = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert (imported | set(levers._LATER)) - {"annotations", "later"} == set(levers.__all__)
    assert list(levers.__all__) == sorted(levers.__all__)


def test_public_names_say_what_they_do() -> None:
    for name in levers.__all__:
        assert getattr(levers, name).__doc__, name
