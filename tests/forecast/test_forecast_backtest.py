"""Rolling origins and the scoreboard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from caudal import forecast
from caudal._core.errors import InputError, NotKnownError, OptionError
from caudal.forecast import results
from caudal.forecast._systems import levels, system_of, systems

QUICK = ["naive", "gaussian", "growth"]


def small(tmp_path: Path, **options: object) -> forecast.Backtest:
    (found,) = forecast.backtest(
        QUICK,
        first="2023-10",
        last="2024-03",
        which=["southwest"],
        directory=tmp_path / "kept",
        **{"workers": 1, **options},  # type: ignore[arg-type]
    )
    return found


def test_workers_and_resumption_change_nothing(tmp_path: Path) -> None:
    alone = small(tmp_path / "one")
    many = small(tmp_path / "two", workers=2)
    again = small(tmp_path / "two")
    for name in alone.quantiles:
        assert alone.quantiles[name].tobytes() == many.quantiles[name].tobytes()
        assert alone.quantiles[name].tobytes() == again.quantiles[name].tobytes()


def test_progress_is_told_and_an_interrupted_run_leaves_whole_files(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []

    def stop(done: int, total: int, name: str) -> None:
        told.append((done, total, name))
        if done >= total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(tmp_path, progress=stop)
    assert told[0][1] == 18
    kept = list((tmp_path / "kept").rglob("*.npy"))
    assert kept
    assert all(np.isfinite(np.load(path)).all() for path in kept)
    assert not list((tmp_path / "kept").rglob("*.tmp"))
    assert (
        small(tmp_path).quantiles["growth"].tobytes()
        == small(tmp_path / "other").quantiles["growth"].tobytes()
    )


def test_the_scoreboard_is_relative_to_naive(tmp_path: Path) -> None:
    found = small(tmp_path)
    assert found.origins[0] == date(2023, 10, 1)
    table = forecast.score_table([found])
    naive = [row for row in table.to_dicts() if row["model"] == "naive"]
    assert all(
        row["relative_wis"] == pytest.approx(1) for row in naive if row["relative_wis"] == row["relative_wis"]
    )
    whole = [
        r
        for r in table.to_dicts()
        if r["level"] == "sw-total" and r["horizon"] == 0 and r["model"] == "growth"
    ]
    assert [(r["window"], r["n"]) for r in whole] == [
        ("evaluation", 36),
        ("origins 2021-06 to 2024-06", 36),
    ]
    # Naive again under another name is no score of its own.
    repeated = replace(found, quantiles=found.quantiles | {"echo": found.quantiles["naive"]})
    assert "echo" not in forecast.score_table([repeated])["model"].to_list()
    one = [
        r
        for r in table.to_dicts()
        if r["level"] == "sw-total" and r["horizon"] == 1 and r["model"] == "growth"
    ]
    assert 0 <= one[0]["coverage_50"] <= one[0]["coverage_80"] <= one[0]["coverage_95"] <= 1


def test_outcomes_are_what_the_archive_says(tmp_path: Path) -> None:
    found = small(tmp_path)
    row = found.system.panel.locations.index("sw-total")
    assert found.outcomes[found.origins.index(date(2023, 11, 1)), row, 0] == 301_981


def test_systems_add_up() -> None:
    assert systems() == ["border-patrol", "southwest"]
    panel = system_of("southwest", printed=False).panel
    for parent, children in panel.sums:
        total, parts = panel.values[parent], panel.values[list(children)].sum(axis=0)
        known = np.isfinite(total) & np.isfinite(parts)
        assert known.sum() > 60
        # Releases of different days differ by the revisions between them, OHSS and CBP by a percent in 2018.
        assert np.abs(total[known] / parts[known] - 1).max() <= 0.03
    assert {level.system for level in levels()} == set(systems())


def test_every_series_is_refreshed_coherently() -> None:
    made = forecast.refresh(as_of="2023-12-22", model="naive")
    southwest = next(one for one in made if one.measure == "southwest")
    assert southwest.last_month == "2023-11"
    for parent, children in southwest.panel.sums:
        assert np.allclose(southwest.paths[parent], southwest.paths[list(children)].sum(axis=0), rtol=1e-9)
    assert southwest.paths.min() >= 0


def test_names_and_months_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Did you mean 'naive'"):
        forecast.backtest(["naif"])
    with pytest.raises(OptionError, match="not a system"):
        forecast.backtest(["naive"], which=["north"])
    with pytest.raises(OptionError, match="workers"):
        small(tmp_path, workers=0)
    with pytest.raises(NotKnownError, match="no origin"):
        forecast.backtest(["naive"], first="2030-01", which=["southwest"], workers=1, directory=tmp_path)


def test_results_are_kept_shown_and_written(tmp_path: Path) -> None:
    from caudal import figures

    table = forecast.score_table([small(tmp_path)])
    results.keep(table, figures.open_archive())
    again, about = results.kept()
    assert "this machine" in about
    assert again.height == table.height
    windows = results.headline(again)["window"].unique(maintain_order=True)
    assert windows.to_list() == ["evaluation", "origins 2021-06 to 2024-06"]
    page = tmp_path / "page.md"
    page.write_text("no marks")
    with pytest.raises(InputError, match="marks"):
        results.write_page(page, [], table, figures.open_archive())
