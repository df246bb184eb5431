"""The room's public names are the ones it declares, and every declared thing is whole."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from caudal import figures
from caudal._core.identifiers import DIMENSIONS, identities, resolve


def test_all_names_what_the_room_exports() -> None:
    tree = ast.parse(Path(figures.__file__).read_text())
    imported = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert imported - {"annotations"} == set(figures.__all__)
    assert list(figures.__all__) == sorted(figures.__all__)


def test_public_names_say_what_they_do() -> None:
    for name in figures.__all__:
        thing = getattr(figures, name)
        if callable(thing):
            assert thing.__doc__, name


def test_declared_tables_refer_to_declared_things() -> None:
    for table in figures.tables().values():
        assert table.source in figures.sources()
        assert set(table.dims) <= set(DIMENSIONS)
        for dimension, code in table.fixed.items():
            assert resolve(dimension, code) == code
    for measure in figures.measures().values():
        assert measure.base in {table.base for table in figures.tables().values()}
        assert measure.title_es
        assert measure.definition_es


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_code_answers_to_its_own_names(dimension: str) -> None:
    for code, one in identities(dimension).items():
        for name in (code, one.name_en, one.name_es):
            if dimension != "area":  # sector and field office of one town share a short name
                assert resolve(dimension, name) == code
        assert one.name_en
        assert one.name_es
