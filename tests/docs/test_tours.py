"""What the documentation shows works: Python blocks run, command lines run and print what stands under them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from conftest import Command

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "docs/tutorials/first-briefing.md"]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), flags=re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAUDAL_HOME", str(tmp_path / "home"))
    found = blocks(page, "python")
    assert found
    for block in found:
        exec(compile(block, page, "exec"), {})


@pytest.mark.parametrize("page", PAGES)
def test_command_lines_run_and_print_what_is_shown(
    page: str, tmp_path: Path, caudal_command: Command
) -> None:
    commands = 0
    for block in blocks(page, "console"):
        for call in re.split(r"^\$ caudal ", block, flags=re.MULTILINE)[1:]:
            line, _, shown = call.partition("\n")
            done = caudal_command(*shlex.split(line, comments=True), cwd=tmp_path)
            assert done.stdout.strip(), line
            if shown.strip():
                assert done.stdout == shown
            commands += 1
    assert commands


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", "\n".join(blocks("README.md", "console")), flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"
