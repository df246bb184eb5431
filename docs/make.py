"""Make what the documentation shows: picture of the README, schema of the briefing, statements' words, the corridor.

Usage: python docs/make.py (or ``make docs``). The picture needs Chromium (Debian: apt-get install chromium); without
it the rest is made and that is said.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from caudal import brief, corridor, figures, levers

HERE = Path(__file__).resolve().parent
#: Below this line `vocabulary` writes.
MARK = "<!-- made by docs/make.py from src/caudal/statements/*.csv -->"


def schema() -> None:
    text = json.dumps(brief.json_schema(), indent=1) + "\n"
    (HERE / "reference" / "briefing.schema.json").write_text(text)


def vocabulary() -> None:
    """Write the tables of words into the reference page of statements, below its introduction."""
    from caudal.statements._vocabulary import rows

    page = HERE / "reference" / "statements.md"
    head = page.read_text(encoding="utf-8").split(MARK)[0]
    parts = [head, MARK, "\n"]

    def table(title: str, heading: str, lines: list[str]) -> None:
        columns = heading.count("|") - 1
        parts.append(f"\n## {title}\n\n{heading}\n{'|---' * columns}|\n" + "\n".join(lines) + "\n")

    def words(text: str) -> str:
        return ", ".join(text.split("|"))

    for language, title in (("en", "English"), ("es", "Spanish (accents and case do not matter)")):
        found = [row for row in rows("vocabulary.csv") if row["language"] == language]
        lines = [f"| {row['role']} | {row['value']} | {words(row['phrases'])} |" for row in found]
        table(title, "| role | stands for | phrases |", lines)
        found = [row for row in rows("refusals.csv") if row["language"] == language]
        lines = [f"| {row['reason']} | {words(row['phrases'])} |" for row in found]
        table(f"Not checked, {title.split()[0]}", "| reason | words |", lines)
        found = [row for row in rows("passing.csv") if row["language"] == language]
        lines = [f"| {words(row['phrases'])} |" for row in found]
        table(f"Change nothing, {title.split()[0]}", "| words |", lines)
    lines = [f"| {row['code']} | {words(row['en'])} | {words(row['es'])} |" for row in rows("demonyms.csv")]
    table("Nationalities", "| code | English | Spanish |", lines)
    page.write_text("".join(parts), encoding="utf-8")


def corridor_page() -> None:
    """Write the corridor's tables as a reference page, and its map."""
    from caudal.corridor._pages import reference_page

    (HERE / "reference" / "corridor.md").write_text(reference_page(), encoding="utf-8")
    (HERE / "images" / "corridor.svg").write_text(corridor.network_map(), encoding="utf-8")


def picture() -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        print("no Chromium here: the picture is left as it is", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as directory:
        page = brief.write(
            Path(directory) / "brief.html", as_of="2023-12-22", archive=figures.open_archive("/nonexistent")
        )
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                f"--user-data-dir={directory}/profile",
                "--window-size=900,1000",
                f"--screenshot={HERE / 'images' / 'briefing.png'}",
                page.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


def laboratory() -> None:
    """Take a picture of the laboratory: interception inside Mexico up by half from January, as of 22 December 2023."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [sys.executable, "-m", "caudal", "--store", home, "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
                )
                page = chromium.new_page(viewport={"width": 1180, "height": 1250})
                page.goto(f"{address}scenarios?set=interior_enforcement:0.5&from=2024-01-01")
                page.locator("#answer[data-ready=yes]").wait_for(timeout=600_000)
                page.screenshot(path=HERE / "images" / "laboratory.png")
                chromium.close()
        finally:
            server.terminate()
            server.wait(30)


def studies() -> None:
    """Write a page and charts for every studied event."""
    levers.write_evidence_pages(HERE / "reference" / "evidence", archive=figures.open_archive("/nonexistent"))


def lever_page() -> None:
    """Write the reference of levers: what each moves, how strong it is taken to be and why."""
    from datetime import date

    from caudal.levers._known import DAYS

    day = date.fromisoformat(max(DAYS))
    lines = ["# Levers", "<!-- made by docs/make.py from src/caudal/levers/levers.csv and priors.csv -->", ""]
    lines += [f"Strengths as known on {day}; see [methods](../methods/levers.md).", ""]
    for one in levers.levers().values():
        p = levers.prior(one.name, day)
        lines += [f"## {one.name}", "", f"{one.title_en[:1].upper()}{one.title_en[1:]}: {one.note}.", ""]
        lines += [
            "| | |",
            "|---|---|",
            f"| who controls it | {one.actor} |",
            f"| mechanism | {one.mechanism} |",
        ]
        lines += [
            f"| moves | `{one.parameter}` of the corridor |",
            f"| degree | {one.low:g} to {one.high:g}, {one.unit} |",
        ]
        lines += [
            f"| months until in full, half-life | {one.onset_months:g}, {one.half_life_months or 'none'} |"
        ]
        lines += [f"| strength (10, 50, 90 %) | {p.low:.2f}, {p.mid:.2f}, {p.high:.2f} ({p.form}) |"]
        lines += [f"| grade, status | {p.grade}, {p.status} |", f"| source | {p.source} |", ""]
    (HERE / "reference" / "levers.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    schema()
    vocabulary()
    corridor_page()
    studies()
    lever_page()
    picture()
    laboratory()
