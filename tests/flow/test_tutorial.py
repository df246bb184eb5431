"""The tutorial's five commands, run as they are printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import polars as pl

from flow.conftest import write_case

TUTORIAL = Path(__file__).parents[2] / "docs/tutorials/validated-ensemble.md"


def test_five_commands_give_a_validated_ensemble(tmp_path: Path, caudal_command: Any) -> None:
    write_case(tmp_path / "my-case")
    block = re.search(r"```sh\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    commands = [shlex.split(line) for line in block[1].splitlines()]
    assert len(commands) == 5
    assert commands[0] == ["pip", "install", "caudal"]
    for words in commands[1:]:
        assert words[0] == "caudal"
        done = caudal_command(*words[1:], cwd=tmp_path)
        if words[2] == "validate":
            assert "error_rescaled" in done.stdout
            assert "q95" in done.stdout
    places = pl.read_parquet(tmp_path / "results/places.parquet")
    assert (places["q05"] < places["q95"]).any()
    for name in ("links.parquet", "errors.parquet", "map.html", "sankey.html"):
        assert (tmp_path / "results" / name).stat().st_size > 1000


def test_validate_prints_the_json_others_rely_on(tmp_path: Path, caudal_command: Any) -> None:
    import json

    root = write_case(tmp_path / "my-case")
    done = caudal_command("flow", "validate", root, "--format", "json", "--replicates", 3, "--hasten", 2)
    row = json.loads(done.stdout)
    assert row["case"] == "my-case"
    assert row["replicates"] == 3
    assert set(row["error_normal"]) >= {"mean", "sd"}
    assert row["processor_seconds_per_replicate"] > 0


def test_compare_tells_engines_apart_only_by_chance(tmp_path: Path, caudal_command: Any) -> None:
    root = write_case(tmp_path / "my-case")
    done = caudal_command("flow", "compare", root, "--replicates", 40, "--format", "json")
    assert '"rms_z"' in done.stdout
    other = tmp_path / "other.yml"
    other.write_text((root / "simsetting.yml").read_text() + "  foreign_weight: 2.0\n")
    paired = caudal_command("flow", "compare", root, "--with", other, "--replicates", 10, "--format", "csv")
    assert paired.stdout.startswith("place,kind,base,other,difference,q05,q95")
