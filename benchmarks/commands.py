"""Commands: processor seconds of a whole process, beside importing the libraries it stands on.

Usage: python benchmarks/commands.py. Prints a table and writes it to benchmarks/results/commands.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECK = "November 2023 was the highest November for encounters at the southwest border"
#: What is run → what a user must import to do anything like it.
COMMANDS = {
    ("check", CHECK): "import polars, duckdb, typer, pydantic",
    ("opinion", "pool", "immigration", "--as-of", "2025-11-15"): "import polars, scipy.optimize, typer",
    (
        "bargain",
        "run",
        "2023-12-us-mexico",
        "--draws",
        "1000",
        "--seed",
        "1",
    ): "import polars, pydantic, typer",
}


def processor_seconds(*arguments: str) -> float:
    """Return user and system seconds of the quickest of three runs."""
    taken = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = os.times()
        taken.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return min(taken)


def main() -> None:
    lines = ["| command | processor s | its libraries alone | ratio |", "|---|---|---|---|"]
    for command, imports in COMMANDS.items():
        ours, theirs = processor_seconds("-m", "caudal", *command), processor_seconds("-c", imports)
        lines.append(f"| caudal {' '.join(command)} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.1f} × |")
    text = "# Commands\n\n`python benchmarks/commands.py`\n\n" + "\n".join(lines) + "\n"
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "commands.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
