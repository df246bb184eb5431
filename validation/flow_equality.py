"""Whether cohorts and agents are the same law on every shipped case, and meet runs of the reference.

Usage: python validation/flow_equality.py [--files DIR] [--hasten K] [--seeds N] [--order random|creation] [CASE …]

Every camp × 20 days of N runs each: root mean square of z (1 is expected; days of one camp are correlated, so few
numbers are independent and it scatters between about 0.8 and 1.2 even under equality), the largest z, and the least
Holm-corrected p-value. Then normal and rescaled errors of N cohort and N agent runs against the recorded runs of the
reference at the same ``hasten`` (two-sample Kolmogorov–Smirnov, Holm over cases). Prints and writes
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
    parser.add_argument("--order", choices=("random", "creation"), default="random")
    given = parser.parse_args()
    lines = [
        f"# Cohorts against agents, order {given.order}, hasten {given.hasten}, {given.seeds} seeds each",
        "",
        "| case | rms z | largest z | Holm p | tests | normal: p | rescaled: p | agents: both |",
        "|---|---|---|---|---|---|---|---|",
    ]
    runs = pl.read_csv(given.files / "flee/reference/summary.csv").filter(pl.col("hasten") == given.hasten)
    for case in given.cases:
        read = read_flee(given.files / "flee" / case)
        program = compile_case(read, settings=read.settings.changed(hasten=given.hasten))
        one, two = (
            run(
                program,
                replicates=given.seeds,
                seed=k,
                workers=2,
                options=Options(engine=engine, order=given.order),
            )[0]
            for k, engine in ((21, "cohort"), (22, "agent"))
        )
        found = equality(one, two)
        theirs = runs.filter(pl.col("case") == case)
        p = [
            _against(theirs, which.errors, name)
            for which in (one, two)
            for name in ("error_normal", "error_rescaled")
        ]
        lines.append(
            f"| {case} | {found['rms_z']:.2f} | {found['largest_z']:.1f} | {found['holm']:.3g} | {found['tests']} "
            f"| {p[0]} | {p[1]} | {p[2]}, {p[3]} |"
        )
        print(lines[-1], flush=True)
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"flow-equality-{given.order}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _against(theirs: pl.DataFrame, errors: dict[str, np.ndarray], name: str) -> str:
    if not theirs.height:
        return "no run"
    p = stats.ks_2samp(theirs[name].to_numpy(), errors[name]).pvalue
    return f"{p:.2g} ({theirs.height})"


if __name__ == "__main__":
    main()
