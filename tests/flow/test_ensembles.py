"""Ensembles: the same bytes anywhere, resumed or not; outcomes, validation row, drawings, calibration."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from caudal import CaudalError
from caudal.flow import (
    Options,
    animated_map,
    calibrate,
    compile_case,
    equality,
    paired_differences,
    run,
    run_to,
    sankey,
    sensitivity,
    validation_row,
    write_frames,
)
from caudal.flow._replicate import run_once


def bytes_of(directory: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()
    }


def test_an_interrupted_ensemble_goes_on_to_the_same_bytes(make_case: Any, tmp_path: Path) -> None:
    program = compile_case(make_case())
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    write_frames(run_to(whole, program, replicates=35, seed=5, workers=2), whole)

    class Stop(BaseException):
        pass

    def stop(done: int, total: int) -> None:
        if done >= 20:
            raise Stop

    with pytest.raises(Stop):
        run_to(parts, program, replicates=35, seed=5, progress=stop)
    kept = {p.name for p in (parts / "parts").iterdir()}
    assert 0 < len(kept) < 4
    write_frames(run_to(parts, program, replicates=35, seed=5, workers=8), parts)
    assert bytes_of(whole) == bytes_of(parts)


def test_another_run_is_not_mixed_in(make_case: Any, tmp_path: Path) -> None:
    program = compile_case(make_case())
    other = compile_case(program.case, settings=program.settings.changed(default_movechance=0.5))
    run_to(tmp_path / "o", program, replicates=2, seed=5)
    with pytest.raises(CaudalError, match="different seed"):
        run_to(tmp_path / "o", program, replicates=2, seed=6)
    with pytest.raises(CaudalError, match="different fingerprint"):
        run_to(tmp_path / "o", other, replicates=2, seed=5)


@pytest.mark.slow
def test_processes_give_the_same_bytes_as_threads(make_case: Any) -> None:
    program = compile_case(make_case())
    threads = run(program, replicates=20, seed=9, workers=2)[0]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        processes = run(program, replicates=20, seed=9, executor=pool)[0]
    assert threads.occupancy.tobytes() == processes.occupancy.tobytes()
    assert threads.on_link.tobytes() == processes.on_link.tobytes()


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes(make_case: Any, tmp_path: Path) -> None:
    """A scheduler and two workers, each a process of its own, as on a cluster."""
    from caudal._core.executor import executor

    program = compile_case(make_case())
    here = run(program, replicates=40, seed=9, workers=1)[0]
    where = tmp_path / "scheduler.json"
    words = ["--scheduler-file", str(where)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler", *words, "--port", "0", "--no-dashboard",
             "--host", "127.0.0.1"], **quiet)  # type: ignore[call-overload]
    ]  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not where.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        started += [
            subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_worker", *words, "--nthreads", "1", "--no-nanny",
                 "--no-dashboard", "--local-directory", str(tmp_path)], **quiet)  # type: ignore[call-overload]
            for _ in range(2)
        ]  # fmt: skip
        address = json.loads(where.read_text())["address"]
        with executor(cluster=address) as pool:
            pool._client.wait_for_workers(2, timeout=60)  # type: ignore[attr-defined]
            there = run(program, replicates=40, seed=9, executor=pool)[0]
    finally:
        # Workers first: one that loses its scheduler spends its goodbye on finding it again.
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    assert here.occupancy.tobytes() == there.occupancy.tobytes()
    assert here.entered.tobytes() == there.entered.tobytes()


def test_outcomes_are_tidy_and_whole(make_case: Any, tmp_path: Path) -> None:
    program = compile_case(make_case())
    ensemble = run(program, replicates=12, seed=1)[0]
    paths = write_frames(ensemble, tmp_path, everything=True)
    frames = {p.stem: pl.read_parquet(p) for p in paths}
    places, links = frames["places"], frames["links"]
    assert places.height == program.days * len(program.case.network.places)
    assert links.height == program.days * len(program.schedule.links.all)
    everybody = places.group_by("day").agg(pl.col("mean").sum()).sort("day")["mean"].to_numpy()
    everybody = everybody + links.group_by("day").agg(pl.col("mean").sum()).sort("day")["mean"].to_numpy()
    assert everybody[-1] == pytest.approx(ensemble.summaries[0].people)
    assert places["date"][0].isoformat() == "2020-01-01"
    assert (places["q05"] <= places["q95"]).all()
    assert set(places.filter(pl.col("registered").is_not_null())["place"]) == {"Oak", "Elm", "Ash"}
    assert frames["errors"].height == 12
    assert frames["places-replicates"].height == 12 * places.height


def test_validation_row_has_the_names_others_rely_on(make_case: Any) -> None:
    row = validation_row(run(compile_case(make_case()), replicates=5, keep=False)[0])
    for name in ("case", "people", "days", "replicates", "processor_seconds_per_replicate", "states"):
        assert name in row
    for name in ("error_normal", "error_rescaled", "mean_total_error"):
        assert row[name]["q05"] <= row[name]["mean"] <= row[name]["q95"]


def test_pairs_of_scenarios_share_their_noise(make_case: Any) -> None:
    case = make_case()
    base = compile_case(case)
    changed = compile_case(case, settings=case.settings.changed(foreign_weight=1.1))
    one, two = run([base, changed], replicates=60, seed=3)
    gap = paired_differences(one, two)
    apart = run(changed, replicates=60, seed=400)[0]
    i = case.network.index["Ash"]
    paired = (two.occupancy[:, -1, i] - one.occupancy[:, -1, i]).var()
    assert paired < 0.9 * (apart.occupancy[:, -1, i] - one.occupancy[:, -1, i]).var()
    assert gap["difference"].sum() == pytest.approx(0, abs=200)
    assert equality(one, one)["largest_z"] == 0


def test_drawings_stand_alone(make_case: Any, tmp_path: Path) -> None:
    ensemble = run(compile_case(make_case()), replicates=3)[0]
    for path in (animated_map(ensemble, tmp_path / "m.html"), sankey(ensemble, tmp_path / "s.html")):
        text = path.read_text(encoding="utf-8")
        assert "Oak" in text
        assert "http" not in text.replace("http://www.w3.org", "")
        assert "nan" not in text


def test_calibration_recovers_a_setting_and_reports_what_was_held_out(make_case: Any) -> None:
    from dataclasses import replace

    from caudal.network import Series

    # Driven by conflicts, so that invented registrations do not change who is displaced.
    case = make_case(insert_day0=False, spawn_mode="constant", displaced_per_conflict_day=60.0)
    truth = compile_case(case, settings=case.settings.changed(foreign_weight=3.0))
    people = run_once(truth, 1, Options(engine="expected")).occupancy
    names = [case.network.places[i].name for i in truth.schedule.observed_places]
    days = tuple(range(case.days))
    invented = {
        name: Series(days, tuple(people[:, i]))
        for name, i in zip(names, truth.schedule.observed_places, strict=True)
    }
    wrong = replace(case, observed={**case.observed, **invented})
    found = calibrate(wrong, {"foreign_weight": (0.5, 6.0)}, trials=48, workers=2)
    assert found.after < 0.5 * found.before
    assert {"fold", "before", "after", "gain"} == set(found.folds[0])
    assert found.values["foreign_weight"] == pytest.approx(3.0, rel=0.35)


def test_sensitivity_finds_the_setting_that_matters(make_case: Any) -> None:
    rows = sensitivity(
        make_case(), {"foreign_weight": (0.2, 6.0), "max_walk_speed": (20.0, 40.0)}, samples=32, workers=2
    )
    total = {row["setting"]: row["total"] for row in rows}
    assert total["foreign_weight"] > 0.8
    assert total["max_walk_speed"] == pytest.approx(0, abs=1e-9)


def test_conflict_driven_displacement_follows_its_rates(make_case: Any) -> None:
    expected = {"constant": 60 * 40 + 33 * 40, "pop_ratio": 60 * 500 + 33 * 300, "poisson": 93 * 40}
    for mode, total in expected.items():
        rate = 0.01 if mode == "pop_ratio" else 40.0
        program = compile_case(make_case(spawn_mode=mode, displaced_per_conflict_day=rate, insert_day0=False))
        for options in (Options(), Options(engine="agent")):
            runs = [run_once(program, i, options).spawned.sum() for i in range(20)]
            assert np.mean(runs) == pytest.approx(total, rel=0.02)
