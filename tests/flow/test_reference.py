"""The publishers' cases against runs of the reference itself (seed by seed distributions)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from caudal.flow import Options, compile_case, run
from caudal.network import read_flee

CASES = ["burundi", "car", "mali2012", "ssudan"]


@pytest.mark.parametrize("case", [*CASES, "validation/nigeria2016", "validation/mali2017_adm1"])
def test_registrations_are_read_as_the_reference_reads_them(shared_data: Path, case: str) -> None:
    runs = pl.read_csv(shared_data / "flee/reference/camp-days.csv.gz").filter(pl.col("case") == case)
    program = compile_case(read_flee(shared_data / "flee" / case))
    names = [program.case.network.places[i].name for i in program.schedule.observed_places]
    for (hasten,), rows in runs.group_by("hasten"):
        changed = program.settings.changed(hasten=hasten)
        observed = compile_case(program.case, settings=changed).schedule.observed
        one = rows.filter(pl.col("seed") == 1)
        mine = [observed[d, names.index(c)] for d, c in one.select("day", "camp").iter_rows()]
        assert mine == one["data"].to_list()


@pytest.mark.parametrize(
    ("case", "hasten"), [("burundi", 100), ("mali2012", 10), ("car", 100), ("ssudan", 100)]
)
def test_errors_lie_within_the_seed_noise_of_the_reference(shared_data: Path, case: str, hasten: int) -> None:
    runs = pl.read_csv(shared_data / "flee/reference/summary.csv")
    runs = runs.filter((pl.col("case") == case) & (pl.col("hasten") == hasten))
    read = read_flee(shared_data / "flee" / case)
    program = compile_case(read, settings=read.settings.changed(hasten=hasten))
    mine = run(program, replicates=150, seed=1, workers=2, keep=False)[0].errors
    for name in ("error_normal", "error_rescaled", "mean_total_error"):
        assert stats.ks_2samp(runs[name].to_numpy(), mine[name]).pvalue > 0.01 / 3


@pytest.mark.slow
def test_full_size_means(shared_data: Path) -> None:
    wanted = {"burundi": ((0.469, 0.003), (0.368, 0.004)), "mali2012": ((0.357, 0.004), (0.307, 0.004))}
    for case, (normal, rescaled) in wanted.items():
        read = read_flee(shared_data / "flee" / case)
        program = compile_case(read, settings=read.settings.changed(hasten=1))
        for options in (Options(), Options(order="creation")):
            errors = run(program, replicates=6, seed=1, options=options, workers=2, keep=False)[0].errors
            assert np.mean(errors["error_normal"]) == pytest.approx(normal[0], abs=normal[1] + 0.0005)
            assert np.mean(errors["error_rescaled"]) == pytest.approx(rescaled[0], abs=rescaled[1] + 0.0005)
