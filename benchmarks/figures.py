"""Figures: ingest, as-of queries and start-up, beside what a reader would do without Caudal.

Usage: python benchmarks/figures.py [--files DIR]

``--files`` is the directory of publishers' files (default: CAUDAL_SHARED_DATA, else ../shared/data). Without it
ingest is left out and said so. Prints a table and writes it to benchmarks/results/figures.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from caudal import figures

HERE = Path(__file__).resolve().parent
STATE = "cbp-nationwide-state@2024-03-22"


def seconds(work: Callable[[], object], times: int = 15) -> float:
    """Return the median wall time of a call, the first one left out."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def queries() -> list[tuple[str, str, str, str]]:
    """Return rows of an as-of query by Caudal and of the same answer read out of the newest file alone."""
    archive = figures.open_archive("/nonexistent").at(date(2024, 3, 25))
    (path,) = archive.files([STATE])
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "state.csv"
        pl.read_parquet(path).write_csv(file)

        def peer() -> pl.DataFrame:
            frame = pl.read_csv(file).filter(pl.col("region") == "southwest")
            return frame.group_by("period", "citizenship").agg(pl.col("value").sum())

        rows = []
        for name, options in (
            ("total by month", {}),
            ("by citizenship", {"by": ["citizenship"]}),
            ("one citizenship, fiscal years", {"where": {"citizenship": "VEN"}, "calendar": "fiscal_year"}),
        ):
            ours = seconds(lambda o=options: figures.series("sw-encounters", archive=archive, **o))  # type: ignore[misc]
            theirs = seconds(peer)
            rows.append(
                (
                    f"as-of query, {name}",
                    f"{1000 * ours:.1f} ms",
                    f"{1000 * theirs:.1f} ms",
                    ratio(theirs, ours),
                )
            )
    return rows


def ratio(peer: float, ours: float) -> str:
    return f"{peer / ours:.1f} ×"


def start_up() -> list[tuple[str, str, str, str]]:
    def call(*arguments: str) -> float:
        return seconds(
            lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True), 7
        )

    bare = call("-c", "pass")
    polars = call("-c", "import polars")
    return [
        (
            "caudal --help (peer: python -c pass)",
            f"{call('-m', 'caudal', '--help'):.2f} s",
            f"{bare:.2f} s",
            "",
        ),
        (
            "caudal figures series … (peer: import polars)",
            f"{call('-m', 'caudal', 'figures', 'series', 'sw-encounters'):.2f} s",
            f"{polars:.2f} s",
            "",
        ),
        ("caudal brief", f"{brief():.2f} s", "", ""),
    ]


def brief() -> float:
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "caudal", "brief", "-o", str(Path(directory) / "brief.html")]
        return seconds(lambda: subprocess.run(command, check=True, capture_output=True), 3)


def ingest(files: Path | None) -> list[tuple[str, str, str, str]]:
    if files is None:
        print("ingest is left out: the publishers' files are not at hand (--files DIR)", file=sys.stderr)
        return []
    paths = sorted(files.glob("cbp/nationwide-*/*.gz")) + sorted(files.glob("cbp/southwest/*sbo*.gz"))
    with tempfile.TemporaryDirectory() as directory:
        store = figures.Store(Path(directory))
        began = time.perf_counter()
        for path in paths:
            figures.add_file(figures.Archive((store,)), store, path)
        workbook = files / "ohss" / "khsm-encounters-usbp-fy25m11.xlsx"
        figures.add_file(figures.Archive((store,)), store, workbook, released=date(2025, 1, 31))
        ours = time.perf_counter() - began
    began = time.perf_counter()
    for path in paths:
        pl.read_csv(path, infer_schema=False)
    theirs = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        (
            f"ingest of {len(paths) + 1} files, checked and stored (peer: polars.read_csv of the CSVs)",
            f"{ours:.1f} s, {peak:.0f} MiB",
            f"{theirs:.1f} s",
            ratio(theirs, ours),
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path)
    chosen = parser.parse_args().files
    places = [chosen, os.environ.get("CAUDAL_SHARED_DATA"), HERE.parent.parent / "shared" / "data"]
    files = next((Path(p) for p in places if p and (Path(p) / "INDEX.md").is_file()), None)
    rows = [*ingest(files), *queries(), *start_up()]
    lines = ["| what | Caudal | peer | peer / Caudal |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    versions = (
        f"Python {platform.python_version()}, polars {pl.__version__}, duckdb {duckdb.__version__}, "
        f"{os.cpu_count()} cores"
    )
    text = (
        f"# Figures\n\n`python benchmarks/figures.py`; {versions}. Medians of wall time.\n\n"
        + "\n".join(lines)
        + "\n"
    )
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "figures.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
