"""The worked example of docs/how-to/add-a-source.md, installed and run; and plugins that are broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-source.md"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def install(site: Path, module: str, text: str) -> dict[str, str]:
    """Put a module and its entry point where Python finds them, as an installer would."""
    site.mkdir(exist_ok=True)
    (site / f"{module}.py").write_text(text)
    about = site / f"{module}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[caudal.sources]\nshelters = {module}\n")
    src = Path(__file__).parents[2] / "src"
    return {"PYTHONPATH": f"{site}:{src}"}


def test_the_worked_example_works(tmp_path: Path, caudal_command) -> None:  # type: ignore[no-untyped-def]
    assert "border_shelters" in block("toml")
    env = install(tmp_path / "site", "border_shelters", block("python"))
    import os

    env |= {"CAUDAL_HOME": str(tmp_path / "home")}
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from caudal.cli import main; main()"

    def run(*arguments: object, check: bool = True):  # type: ignore[no-untyped-def]
        import subprocess
        import sys

        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "site"), *map(str, arguments)],
            capture_output=True,
            text=True,
            env={**os.environ, **env},
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    path = tmp_path / "nights.csv"
    path.write_text("month,city,nights\n2024-01,Tucson,1200\n2024-01,El Paso,900\n")
    added = run("figures", "add", path, "--released", "2024-03-01").stdout
    assert added.startswith("border-shelters@2024-03-01: 2 observations; 2 new")
    shown = run("figures", "series", "shelter-nights", "--by", "sector", "--format", "csv").stdout
    assert "2024-01,TCA,1200,nights,final,border-shelters@2024-03-01" in shown
    assert "border-shelters" in run("figures", "sources", "--format", "csv").stdout
    path.write_text("month,city,nights\n2024-02,Tucson,x\n")
    wrong = run("figures", "add", path, "--released", "2024-04-01", check=False)
    assert wrong.returncode == 2
    assert "row 2" in wrong.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("raise RuntimeError('broken')", "RuntimeError: broken"),
        ("SOURCES = [{}]", "has no attribute 'recognise'"),
        ("def recognise(f): ...\ndef parse(f): ...\n", "needs SOURCES"),
        (
            "SOURCES = [{'source': 'cbp-southwest'}]\nTABLES = [{}]\n"
            "def recognise(f): ...\ndef parse(f): ...\n",
            "'cbp-southwest', which is taken",
        ),
    ],
)
def test_a_broken_plugin_is_named(tmp_path: Path, text: str, says: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from caudal._core.errors import InputError
    from caudal.figures import _declared

    install(tmp_path / "site", "broken_shelters", text)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    _declared.plugins.cache_clear()
    try:
        with pytest.raises(InputError, match="shelters") as caught:
            _declared._declared_rows("sources", "source")
        assert says in str(caught.value)
    finally:
        monkeypatch.undo()
        _declared.plugins.cache_clear()
        import sys

        sys.modules.pop("broken_shelters", None)
