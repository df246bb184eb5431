"""Tables that count the same thing agree, and a disagreement is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from caudal import figures
from caudal._core.tables import declared

ARCHIVE = figures.open_archive("/nonexistent")


@pytest.fixture(scope="module")
def outcome() -> figures.Reconciliation:
    return figures.reconcile(ARCHIVE)


def test_states_and_areas_agree_in_all_sixty_months(outcome: figures.Reconciliation) -> None:
    row = outcome.summary.filter(pl.col("compared").str.starts_with("state totals")).row(0, named=True)
    assert row["cells"] == 60 * 3
    assert row["equal"] == row["cells"]


def test_the_publishers_files_hold_no_undeclared_disagreement(outcome: figures.Reconciliation) -> None:
    assert outcome.holds
    assert outcome.summary.height >= 14


def test_every_declared_difference_is_really_there(outcome: figures.Reconciliation) -> None:
    known = outcome.differences.filter(pl.col("reason") == "known")
    for row in declared("caudal.figures", "differences.csv"):
        first, _, last = row["period"].partition("..")
        here = known.filter(
            (pl.col("left") == row["left"])
            & (pl.col("right") == row["right"])
            & pl.col("period").is_between(pl.lit(first), pl.lit(last or first))
        )
        cells = here if row["cell"] == "*" else here.filter(pl.col("cell") == row["cell"])
        assert cells.height, row
        assert row["note"], row
    assert outcome.holds


def test_what_is_called_rounding_is_within_five_a_cell(outcome: figures.Reconciliation) -> None:
    assert (outcome.differences["difference"].abs() > 0).all()
    by_sector = outcome.summary.filter(pl.col("compared") == "the same by sector").row(0, named=True)
    assert by_sector["rounding"] > 400
    assert by_sector["largest"] <= 10


def test_one_wrong_cell_is_found(tmp_path: Path, caudal_command) -> None:  # type: ignore[no-untyped-def]
    store = tmp_path / "store"
    shutil.copytree(ARCHIVE.files([ARCHIVE.releases[0].id])[0].parent.parent, store)
    path = store / "releases" / "cbp-nationwide-aor@2024-10-22.parquet"
    frame = pl.read_parquet(path)
    last = pl.int_range(pl.len()) == pl.len() - 1
    frame.with_columns(value=pl.col("value") + 100 * last.cast(pl.Float64)).write_parquet(path)
    assert not figures.reconcile(figures.Archive((figures.Store(store),))).holds
    done = caudal_command("--store", store, "--no-embedded", "figures", "reconcile", check=False)
    assert done.returncode == 1
    assert "2024-09" in done.stderr


def test_nothing_to_compare_is_no_disagreement(tmp_path: Path, caudal_command) -> None:  # type: ignore[no-untyped-def]
    done = caudal_command("--no-embedded", "figures", "reconcile")
    assert "nothing was compared" in done.stderr
