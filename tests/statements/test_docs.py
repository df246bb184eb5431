from __future__ import annotations

import re
from pathlib import Path

import pytest

from caudal import statements
from caudal.statements._vocabulary import rows

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", ["vocabulary.csv", "refusals.csv", "passing.csv"])
def test_every_word_is_in_the_reference(name: str) -> None:
    page = (DOCS / "reference" / "statements.md").read_text(encoding="utf-8")
    for row in rows(name):
        assert ", ".join(row["phrases"].split("|")) in page, "run docs/make.py"


def test_every_type_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "statements.md").read_text(encoding="utf-8")
    for name in (
        "Level",
        "Record",
        "Rank",
        "Change",
        "Ratio",
        "Share",
        "Streak",
        "Threshold",
        "Compare",
        "Poll",
    ):
        assert f"`{name}`" in page
        assert hasattr(statements, name)


def test_the_example_of_the_methods_page_is_what_is_printed() -> None:
    page = (DOCS / "methods" / "statements.md").read_text(encoding="utf-8")
    (asked, printed) = re.search(r'\$ caudal check "([^"]+)"\n(.*?)\n```', page, re.DOTALL).groups()
    assert str(statements.check(asked)) == printed
