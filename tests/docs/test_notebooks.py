"""The notebooks run from top to bottom, and find what their prose says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
SRC = Path(__file__).parents[2] / "src"
#: Runs every cell, then prints what an expression over their names says.
PROGRAM = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("notebook", sys.argv[1])
notebook = importlib.util.module_from_spec(spec)
spec.loader.exec_module(notebook)
_, names = notebook.app.run()
print(json.dumps(eval(sys.argv[2], dict(names))))
"""

EXPECTED: dict[str, tuple[str, Any]] = {
    "analyst": (
        "[triangle['value'].to_list()[0], triangle['value'].to_list()[-1], novembers['period'][0], agreed.holds, "
        "total == figures.series('usbp-encounters', where={'sector': 'Tucson'}, "
        "period=('2023-11', '2023-11'))['value'][0]]",
        [242418, 242399, "2023-11", True, True],
    ),
    "planner": (
        "[ahead.last_month, len(ahead.targets), bool(above['probability'].is_between(0, 1).all()), "
        "len(deaths) > 0, came.height, board.height > 5]",
        ["2023-11", 6, True, True, 6, True],
    ),
    "journalist": (
        "[[one.verdict for one in found][:2], found.overall, quoted.verdict, len(claims) >= 2, "
        "cited['release'].to_list()]",
        [["true", "false"], "misleading", "true", True, ["cbp-nationwide-state@2023-12-22"]],
    ),
    "modeller": (
        "[unchanged, bool(more.total('interceptions')[0].sum() > base.total('interceptions')[0].sum()), len(ends), "
        "str(fitted.as_of)]",
        [True, True, 2, "2023-12-22"],
    ),
    "negotiator": (
        "[best is not None, bool(result.zone[best]), set(linkage) == {'us', 'mexico'}, len(survivors), pooled.method]",
        [True, True, True, 5, "few polls"],
    ),
}


def test_every_notebook_is_tested_and_listed() -> None:
    found = {path.stem for path in NOTEBOOKS.glob("*.py")}
    assert found == set(EXPECTED)
    assert all(f"[{name}.py]({name}.py)" in (NOTEBOOKS / "README.md").read_text() for name in found)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_notebook_runs_and_finds_what_it_says(name: str, tmp_path: Path) -> None:
    expression, expected = EXPECTED[name]
    environment = {**os.environ, "CAUDAL_HOME": str(tmp_path), "PYTHONPATH": str(SRC), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error::FutureWarning", "-c", PROGRAM, str(NOTEBOOKS / f"{name}.py"), expression],
        capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == expected
