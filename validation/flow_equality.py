"""Whether cohorts and agents are the same law on every shipped case, and meet runs of the reference.

Usage: python validation/flow_equality.py [--files DIR] [--hasten K] [--seeds N] [--batches B] [--order random|creation]
       [CASE …]

Every camp × 20 days of N runs of each engine, B times with fresh seeds: root mean square of z over all batches (1 is
expected) and its least and largest over single batches (days of one camp are correlated, so few numbers of a batch are
independent and one batch scatters widely even under equality), the largest z, and the least p-value, Holm-corrected
over all tests of all batches. Then normal and rescaled errors of N cohort and N agent runs against the recorded runs
of the reference at the same ``hasten`` (two-sample Kolmogorov–Smirnov, Holm over cases). Prints and writes
validation/results/flow-equality-ORDER.md.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import polars as pl
from scipy import stats

from caudal.flow import Options, compile_case, equality, run
from caudal.network import read_flee

HERE = Path(__file__).resolve().parent
CASES = ["burundi", "car", "mali2012", "ssudan"] + [
    f"validation/{name}"
    for name in ("burundi2015", "car2013", "mali2012", "mali2017_adm1", "nigeria2016", "ssudan2013")
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=CASES)
    parser.add_argument(
        "--files", type=Path, default=os.environ.get("CAUDAL_SHARED_DATA", HERE.parents[1] / "shared/data")
    )
    parser.add_argument("--hasten", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--order", choices=("random", "creation"), default="random")
    given = parser.parse_args()
    lines = [
        f"# Cohorts against agents, order {given.order}, hasten {given.hasten}, "
        f"{given.batches} × {given.seeds} seeds each",
        "",
        "| case | rms z (single batches) | largest z | Holm p | tests | normal: p | rescaled: p | agents: both "
        "| cost of the cohorts' order |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    runs = pl.read_csv(given.files / "flee/reference/summary.csv").filter(pl.col("hasten") == given.hasten)
    for case in given.cases:
        lines.append(_row(case, given, runs.filter(pl.col("case") == case)))
        print(lines[-1], flush=True)
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"flow-equality-{given.order}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(case: str, given: argparse.Namespace, theirs: pl.DataFrame) -> str:
    read = read_flee(given.files / "flee" / case)
    program = compile_case(read, settings=read.settings.changed(hasten=given.hasten))
    found = []
    for batch in range(given.batches):
        one, two = (
            run(
                program,
                replicates=given.seeds,
                seed=100 * batch + k,
                workers=given.workers,
                options=Options(engine=engine, order=given.order),
            )[0]
            for k, engine in ((21, "cohort"), (22, "agent"))
        )
        found.append(equality(one, two))
        if batch == 0:
            p = [
                _against(theirs, which.errors, name)
                for which in (one, two)
                for name in ("error_normal", "error_rescaled")
            ]
    squares = [f["rms_z"] ** 2 for f in found]
    tests = sum(f["tests"] for f in found)
    # Each batch is corrected for its own tests; over all batches the least of them is corrected once more.
    holm = min(1.0, len(found) * min(f["holm"] for f in found))
    default = run(program, replicates=20, seed=1, workers=1)[0]
    chosen = run(program, replicates=20, seed=1, workers=1, options=Options(order=given.order))[0]
    cost = sum(s.seconds for s in chosen.summaries) / sum(s.seconds for s in default.summaries)
    return (
        f"| {case} | {np.sqrt(np.mean(squares)):.2f} ({np.sqrt(min(squares)):.2f}–{np.sqrt(max(squares)):.2f}) "
        f"| {max(f['largest_z'] for f in found):.1f} | {holm:.3g} | {tests} "
        f"| {p[0]} | {p[1]} | {p[2]}, {p[3]} | {cost:.1f} × |"
    )


def _against(theirs: pl.DataFrame, errors: dict[str, np.ndarray], name: str) -> str:
    if not theirs.height:
        return "no run"
    p = stats.ks_2samp(theirs[name].to_numpy(), errors[name]).pvalue
    return f"{p:.2g} ({theirs.height})"


if __name__ == "__main__":
    main()
