"""Scores on polls that the pool has not seen."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from caudal import opinion
from caudal.opinion._scores import LEVELS


def test_wis_is_its_definition() -> None:
    rng = np.random.default_rng(3)
    q = np.sort(rng.normal(40, 5, (50, 7)), axis=1)
    y = rng.normal(40, 6, 50)
    total = 0.5 * np.abs(y - q[:, 3])
    for low, high, alpha in ((2, 4, 0.5), (1, 5, 0.2), (0, 6, 0.05)):
        width = q[:, high] - q[:, low]
        below, above = np.maximum(q[:, low] - y, 0), np.maximum(y - q[:, high], 0)
        total += alpha / 2 * (width + 2 / alpha * (below + above))
    np.testing.assert_allclose(opinion.weighted_interval_score(q, y), total / 3.5)
    assert list(LEVELS) == [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]


@pytest.mark.slow
def test_polls_one_month_ahead() -> None:
    held = opinion.held_out("immigration", horizon=30)
    table = {(r["method"], r["answer"]): r for r in opinion.scores(held).iter_rows(named=True)}
    for answer in ("approve", "disapprove", "both"):
        pool = table["pool", answer]
        assert pool["polls"] >= 240
        assert 0.75 <= pool["coverage_80"] <= 0.85
        for baseline in ("last poll", "mean of last five", "last poll of the house"):
            assert table[baseline, answer]["wis_pool"] < table[baseline, answer]["wis"]


@pytest.mark.slow
def test_house_effects_are_stable_when_a_house_is_left_out() -> None:
    table = opinion.leave_one_house_out("immigration")
    assert table["others_moved_out"].sum() == 0
    assert table["largest_shift"].max() < 1
    covered = table.select((pl.col("covered_80") * pl.col("polls")).sum() / pl.col("polls").sum()).item()
    assert 0.72 <= covered <= 0.88
