"""The flow engine beside the field's reference simulator.

Usage: python benchmarks/flow.py [--flee PYTHON] [--files DIR] [--quick]

``--flee`` is an interpreter with the registry's ``flee`` installed (`pip install flee` in an environment of
its own); it runs the same network, settings and displacement through its own API, one after the other with
Caudal. ``--files`` is the directory of publishers' files (default: CAUDAL_SHARED_DATA, else
../shared/data): Flee's cases, and recorded runs of its development version, which the registry's release
cannot read. Without either, what needs it is left out and said so. Times are processor seconds of the day
loop, compiled code warm, the least of several; writes benchmarks/results/flow.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numba
import numpy as np
import polars as pl

from caudal.flow import Options, Program, compile_case, run, run_once
from caudal.network import FleeCase, FleeSettings, Link, Network, Place, read_flee

HERE = Path(__file__).resolve().parent
# : Processor seconds of the reference at full size where it was run; else its cost per person and day,
# scaled up.
MEASURED = {"burundi": 298.04, "mali2012": 200.02}


def least(program: Program, options: Options, times: int = 5) -> float:
    """Return the least processor seconds of several replicates (the first warms up)."""
    run_once(program, 0, options)
    return min(run_once(program, seed, options).seconds for seed in range(1, times + 1))


def full_size(files: Path, case: str, **changes: Any) -> Program:
    read = read_flee(files / "flee" / case)
    return compile_case(read, settings=read.settings.changed(**{"hasten": 1, **changes}))


def reference_seconds(files: Path, case: str) -> float:
    """Return the reference's processor seconds at full size: measured, or its least cost per person scaled."""
    if case in MEASURED:
        return MEASURED[case]
    runs = pl.read_csv(files / "flee/reference/summary.csv").filter(pl.col("case") == case)
    biggest = runs.filter(pl.col("agents") == pl.col("agents").max())
    per_person = biggest["processor_s"].min() / biggest["agents"].max()  # type: ignore[operator]
    return float(per_person * run_once(full_size(files, case), 1).spawned.sum())


def cases(files: Path, quick: bool) -> list[tuple[str, float, float, str]]:
    rows = []
    targets = {"burundi": 3000, "car": 3000, "ssudan": 3000, "mali2012": 5000}
    for case, target in targets.items():
        peer = reference_seconds(files, case)
        mark = "" if case in MEASURED else "~"
        program = full_size(files, case)
        rows.append((f"{case}, cohorts", peer, least(program, Options()), f"{mark}≥ {target} ×"))
        rows.append(
            (
                f"{case}, cohorts in order of creation",
                peer,
                least(program, Options(order="creation"), 2),
                mark,
            )
        )
        agents = Options(engine="agent", order="creation")
        rows.append(
            (
                f"{case}, agents",
                peer,
                least(program, agents, 3),
                f"{mark}≥ 400 ×" if case == "burundi" else mark,
            )
        )
    for case in ("burundi2015", "ssudan2013", "car2013"):
        peer = reference_seconds(files, f"validation/{case}")
        program = full_size(files, f"validation/{case}")
        for km, target in ((1.0, 300), (64.0, 700)):
            kind = "exact" if km == 1.0 else f"bins of {km:g} km"
            times = 1 if quick else 3
            rows.append(
                (
                    f"{case}, short stints, {kind}",
                    peer,
                    least(program, Options(bin_km=km), times),
                    f"~≥ {target} ×",
                )
            )
    return rows


def growth(files: Path) -> list[str]:
    """People × 1, 100, 1,000 from full size, short stints off."""
    lines = []
    for case in ("burundi", "car", "mali2012", "ssudan"):
        read = read_flee(files / "flee" / case)
        base = compile_case(read, settings=read.settings.changed(hasten=1))
        tab = base.tables
        seconds = []
        for factor in (1, 100, 1000):
            scaled = tab._replace(
                spawn_total=tab.spawn_total * factor,
                initial=tab.initial * factor,
                capacity=np.where(tab.capacity > 0, tab.capacity * factor, tab.capacity),
                population=tab.population * factor,
            )
            seconds.append(least(replace(base, tables=scaled), Options(), 3))
        one, hundred, thousand = seconds
        lines.append(
            f"| {case} | {one:.3f} | {hundred:.3f} | {thousand:.3f} | {thousand / one:.2f} × "
            f"| {thousand / hundred:.2f} × |"
        )
    return lines


def ensemble(files: Path, replicates: int) -> str:
    program = full_size(files, "burundi")
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    run(program, replicates=replicates, workers=2, keep=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime - before.ru_utime
    return f"| {replicates:,} replicates of burundi, 2 threads | {wall:.1f} s wall, {used:.1f} s processor | ≤ 60 s |"


def starts(files: Path) -> list[str]:
    """A whole process, import to result, with the compiled code cached and without."""
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        words = [
            sys.executable,
            "-m",
            "caudal",
            "flow",
            "validate",
            str(files / "flee/burundi"),
            "--replicates",
            "1",
        ]
        # As on a user's machine, where Python keeps the bytecode of what it has imported once.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["NUMBA_CACHE_DIR"] = cache
        for name, target in (("first process ever", "≤ 10 s"), ("process, warm cache", "≤ 1 s")):
            begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
            after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
            used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
            said = " (says that it compiles)" if "compiling" in done.stderr else ""
            rows.append(f"| {name}, burundi{said} | {wall:.1f} s wall, {used:.1f} s processor | {target} |")
    return rows


def town_network(days: int, per_day: int) -> FleeCase:
    """A ring of towns around two sources, with camps: small, invented, the same for both programs."""
    places = [
        Place("S1", "conflict_zone", country="A", population=1000),
        Place("S2", "conflict_zone", country="A", population=1000),
    ]
    places += [Place(f"T{i}", "town", country="A") for i in range(8)]
    places += [Place(f"C{i}", "camp", country="B", capacity=10**7) for i in range(4)]
    links = [Link(f"T{i}", f"T{(i + 1) % 8}", 60.0 + 10 * i) for i in range(8)]
    links += [Link("S1", "T0", 80.0), Link("S1", "T3", 120.0), Link("S2", "T5", 90.0)]
    links += [Link(f"T{2 * i}", f"C{i}", 150.0) for i in range(4)]
    settings = FleeSettings(
        spawn_mode="constant", displaced_per_conflict_day=per_day, insert_day0=False, max_move_speed=200.0,
        conflict_weight=0.25,
    )  # fmt: skip
    conflicts = tuple((1.0, 1.0) for _ in range(days))
    return FleeCase(
        "ring of towns", Network(tuple(places), tuple(links)), date(2020, 1, 1), days, ("S1", "S2"), conflicts, (),
        {}, (), settings,
    )  # fmt: skip


def peer(python: str, days: int, per_day: int) -> tuple[float, float, dict[str, int]]:
    """Run the same network in the registry's flee and here; return both times and its end state."""
    case = town_network(days, per_day)
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "simsetting.yml"
        settings.write_text(
            "log_levels: {agent: 0, link: 0, camp: 0, conflict: 0, init: 0}\n"
            "spawn_rules: {take_from_population: false, insert_day0: false}\n"
            "move_rules: {max_move_speed: 200.0, max_walk_speed: 35.0, foreign_weight: 1.0, camp_weight: 1.0,\n"
            "  conflict_weight: 0.25, conflict_movechance: 1.0, camp_movechance: 0.001, default_movechance: 0.3,\n"
            "  awareness_level: 1, capacity_scaling: 1.0, avoid_short_stints: false, start_on_foot: false,\n"
            "  weight_power: 1.0}\noptimisations: {hasten: 1}\n",
            encoding="utf-8",
        )
        plan = {
            "settings": str(settings),
            "seed": 1,
            "days": days,
            "per_day": per_day,
            "sources": ["S1", "S2"],
            "places": [
                {
                    "name": p.name, "x": 0.0, "y": 0.0, "kind": p.kind, "capacity": p.capacity,
                    "population": p.population, "foreign": p.country != "A", "country": p.country,
                }
                for p in case.network.places
            ],
            "links": [[k.start, k.end, k.length] for k in case.network.links],
        }  # fmt: skip
        path = Path(folder) / "network.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        words = [python, str(HERE / "peers/flee_run.py"), str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return float(found["seconds"]), least(compile_case(case), Options()), found["people"]


def side_by_side(python: str, quick: bool) -> list[str]:
    version = subprocess.run(
        [python, "-c", "import importlib.metadata as m; print(m.version('flee'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    lines = [
        f"\n## Side by side with flee {version} from the registry, one run, its own API\n",
        "| ring of 14 places, 100 days | flee, s | Caudal, s | ratio | camps at the end, flee / Caudal |",
        "|---|---|---|---|---|",
    ]
    for per_day in (10, 100) if quick else (10, 100, 1000):
        theirs, ours, people = peer(python, 100, per_day)
        program = compile_case(town_network(100, per_day))
        mine = run(program, replicates=20)[0].occupancy[:, -1].mean(axis=0)
        camps = [i for i, p in enumerate(program.case.network.places) if p.kind == "camp"]
        here = sum(mine[i] for i in camps)
        there = sum(people[program.case.network.places[i].name] for i in camps)
        lines.append(
            f"| {200 * per_day:,} people | {theirs:.2f} | {ours:.4f} | {theirs / ours:,.0f} × "
            f"| {there:,} / {here:,.0f} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flee", metavar="PYTHON", help="interpreter with flee installed")
    parser.add_argument(
        "--files", type=Path, default=os.environ.get("CAUDAL_SHARED_DATA", HERE.parents[1] / "shared/data")
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    given = parser.parse_args()
    lines = [
        "# Flow",
        "",
        f"`python benchmarks/flow.py`; Python {platform.python_version()}, numpy {np.__version__}, numba "
        f"{numba.__version__}, {os.cpu_count()} cores, {_processor()}, load {os.getloadavg()[0]:.1f} at the start. "
        "Processor seconds of the day loop, the least of several. `~`: the reference extrapolated from its cost per "
        "person at reduced size.",
        "",
    ]
    if (given.files / "flee").is_dir():
        rows = cases(given.files, given.quick)
        lines += ["| full size | reference, s | Caudal, s | ratio | wanted |", "|---|---|---|---|---|"]
        lines += [f"| {n} | {a:,.0f} | {b:.4f} | {a / b:,.0f} × | {w} |" for n, a, b, w in rows]
        lines += ["", "| people × | 1, s | 100, s | 1,000, s | 1,000 / 1 (≤ 5) | 1,000 / 100 (≤ 1.4) |"]
        lines += ["|---|---|---|---|---|---|", *growth(given.files)]
        lines += ["", "| what | measured | wanted |", "|---|---|---|"]
        lines += [ensemble(given.files, 200 if given.quick else 1000), *starts(given.files)]
    else:
        lines.append("Flee's cases are absent (set --files): full-size rows left out.")
    lines += (
        side_by_side(given.flee, given.quick)
        if given.flee
        else ["", "flee is absent (set --flee): no side by side."]
    )
    text = "\n".join(lines) + "\n"
    print(text)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results/flow.md").write_text(text, encoding="utf-8")


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line), "")


if __name__ == "__main__":
    main()
