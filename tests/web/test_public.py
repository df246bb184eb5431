"""The room's public names, its phrases in both languages, and the words its templates use."""

from __future__ import annotations

import ast
import csv
import re
import string
from pathlib import Path

import caudal.web as web

ROOM = Path(web.__file__).parent


def _phrases() -> list[dict[str, str]]:
    with (ROOM / "phrases.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_names_what_the_room_exports() -> None:
    tree = ast.parse((ROOM / "__init__.py").read_text())
    imported = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert imported - {"annotations"} == set(web.__all__)
    assert all(getattr(web, name).__doc__ for name in web.__all__ if callable(getattr(web, name)))


def test_every_phrase_says_the_same_fields_in_both_languages() -> None:
    rows = _phrases()
    assert len({row["key"] for row in rows}) == len(rows)
    for row in rows:
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(row[language]) if name}
            for language in ("en", "es")
        ]
        assert fields[0] == fields[1], row["key"]
        assert row["en"], row["key"]
        assert row["es"], row["key"]


def test_templates_use_declared_phrases_and_every_phrase_is_used() -> None:
    known = {row["key"] for row in _phrases()}
    text = "\n".join(path.read_text() for path in [*ROOM.glob("templates/*.html"), *ROOM.glob("*.py")])
    used = set(re.findall(r"""\b(?:t|of\.t)\(\s*["']([a-z_0-9]+)["']\s*[,)]""", text))
    assert used <= known, used - known
    beginnings = {"example_", "each_"} | set(re.findall(r"""\bt\(\s*["']([a-z_0-9]+_)["']\s*[~+]""", text))
    quoted = set(re.findall(r"""["']([a-z_0-9]+)["']""", text))
    unused = {key for key in known - used - quoted if not any(key.startswith(one) for one in beginnings)}
    # Statuses of a series are phrases by their own name.
    assert unused - {"final", "provisional"} == set()


def test_nothing_in_the_pages_needs_another_server_or_an_inline_script() -> None:
    for path in [*ROOM.glob("templates/*.html"), *ROOM.glob("static/*")]:
        text = path.read_text()
        assert not re.search(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""", text), path.name
        assert " style=" not in text, path.name
        assert not re.search(r"\son[a-z]+=", text), path.name
