"""The pool: what it shows with one poll and with many, and that it never sees the future."""

from __future__ import annotations

import json
import re
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from caudal import opinion
from caudal._core.errors import CaudalError
from caudal.opinion import _archive
from caudal.opinion._latent import Observations, Targets, fit, noise_variance, to_logit


def test_one_poll_has_an_honest_interval_and_no_trend() -> None:
    pooled = opinion.pool("immigration", as_of="2023-12-22")
    assert pooled.method == "few polls"
    assert pooled.polls_used == 1
    assert pooled.disapprove.mean == pytest.approx(69.0)
    low, high = pooled.disapprove.interval_80 or (0, 0)
    # Root mean square 3.5 points: about 4.5 either way at 80 %, far wider than sampling of any usual size.
    assert 4.2 < (high - low) / 2 < 4.8
    assert pooled.approve.mean is None
    assert "No trend can be estimated" in pooled.note
    assert "approves is not known" in pooled.note
    assert pooled.path().is_empty()
    assert opinion.houses("immigration", as_of="2023-12-22").is_empty()
    (shown,) = pooled.to_dict()["polls"]
    assert shown["crosstabs"] == {"Democrats": {"approve": 50.0, "disapprove": 47.0}}


@pytest.mark.parametrize("as_of", ["2023-12-22", "2024-03-01", "2019-03-01", "2025-09-01", "2026-05-01"])
def test_notes_and_charts_in_spanish(as_of: str) -> None:
    pooled = opinion.pool("immigration", as_of=as_of)
    spanish = opinion.note(pooled, "es")
    assert "encuesta" in spanish
    assert opinion.note(pooled) == pooled.note
    assert "encuesta" not in pooled.note
    spec = opinion.chart(pooled, language="es").to_dict()
    assert "inmigración" in spec["title"]["text"]
    assert "Porcentaje" in spec["title"]["subtitle"]
    with pytest.raises(CaudalError, match="no language 'fr'"):
        opinion.note(pooled, "fr")


def test_the_shape_others_rely_on() -> None:
    data = json.loads(json.dumps(opinion.pool("immigration", as_of="2025-09-01").to_dict()))
    assert data["date"] == "2025-09-01"
    assert {"date", "approve", "disapprove", "polls_used", "note"} <= set(data)
    for answer in ("approve", "disapprove"):
        low95, high95 = data[answer]["interval_95"]
        low80, high80 = data[answer]["interval_80"]
        assert low95 < low80 < data[answer]["mean"] < high80 < high95


def test_nothing_published_says_so() -> None:
    pooled = opinion.pool("immigration", as_of="2019-03-01")
    assert (pooled.method, pooled.polls_used, pooled.disapprove.mean) == ("none", 0, None)
    assert pooled.note.startswith("No poll on immigration")
    assert opinion.chart(pooled).to_dict()["title"]["text"].startswith("No poll")


def test_days_outside_the_declared_terms_are_refused() -> None:
    with pytest.raises(CaudalError, match="no term of office"):
        opinion.pool("immigration", as_of="2010-01-01")
    with pytest.raises(CaudalError, match="is not a day"):
        opinion.pool("immigration", as_of="2025-02-30")


def test_the_future_does_not_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2025, 7, 15)
    before = opinion.pool("immigration", as_of=day)
    effects = opinion.houses("immigration", as_of=day)
    table = _archive.compiled()
    later = pl.coalesce("published", pl.col("field_end") + timedelta(days=opinion.PUBLICATION_LAG)) > day
    corrupted = table.with_columns(
        approve=pl.when(later).then(pl.lit(3.0)).otherwise("approve"),
        disapprove=pl.when(later).then(pl.lit(95.0)).otherwise("disapprove"),
        house=pl.when(later).then(pl.lit("Nobody")).otherwise("house"),
        mode=pl.when(later).then(pl.lit("Live Phone")).otherwise("mode"),
    )
    assert not corrupted.equals(table)
    monkeypatch.setattr(_archive, "compiled", lambda: corrupted)
    after = opinion.pool("immigration", as_of=day)
    assert after.to_dict() == before.to_dict()
    assert after.path("filter").equals(before.path("filter"))
    assert opinion.houses("immigration", as_of=day).equals(effects)


def test_the_filter_on_a_day_does_not_use_later_polls() -> None:
    pooled = opinion.pool("immigration", as_of="2025-09-01")
    path = pooled.path("filter")
    end = path.filter(pl.col("answer") == "approve").tail(1)
    smooth = pooled.path("smoother").filter(pl.col("answer") == "approve").tail(1)
    np.testing.assert_allclose(end["mean"], smooth["mean"])  # on the last day both know the same
    earlier = path.filter((pl.col("answer") == "approve") & (pl.col("date") == date(2025, 6, 1)))
    hindsight = pooled.path().filter((pl.col("answer") == "approve") & (pl.col("date") == date(2025, 6, 1)))
    width = (earlier["upper_80"] - earlier["lower_80"]).item()
    assert width > (hindsight["upper_80"] - hindsight["lower_80"]).item()


def test_house_effects_sum_to_zero() -> None:
    rng = np.random.default_rng(5)
    polls, _, _ = _simulated(rng)
    model = fit(polls)
    mean, sd = model.effects(sorted(set(polls.at.house.tolist())))
    assert abs(mean.sum()) < 1e-6
    assert (sd > 0).all()


def test_conditioning_equals_a_kalman_smoother() -> None:
    """One house, one mode: the joint normal is the local level model that statsmodels-style recursions solve."""
    rng = np.random.default_rng(11)
    days = 60
    level = np.cumsum(rng.normal(0, 0.02, days))
    y = level + rng.normal(0, 0.08, days)
    n = np.full(days, "h")
    at = Targets(
        np.arange(days, dtype=float), n, np.full(days, "m"), np.full(days, "A"), np.full(days, "approve")
    )
    variance = np.full(days, 0.08**2)
    model = fit(Observations(at, y, variance), shocks=False)
    scales = model._members[0][1].scales
    member = model._members[0][1]
    mean, var = member.answers(Targets.level(np.arange(days, dtype=float)), None)
    centre = float(np.median(y))
    # Kalman filter and Rauch-Tung-Striebel smoother, prior N(0, 1) for the first day.
    q, r = scales.drift**2, variance[0] + scales.extra**2
    m, p, mf, pf, mp, pp = 0.0, 1.0, [], [], [], []
    for t in range(days):
        if t:
            p += q
        mp.append(m)
        pp.append(p)
        gain = p / (p + r)
        m, p = m + gain * (y[t] - centre - m), (1 - gain) * p
        mf.append(m)
        pf.append(p)
    ms, ps = [mf[-1]], [pf[-1]]
    for t in range(days - 2, -1, -1):
        g = pf[t] / pp[t + 1]
        ms.insert(0, mf[t] + g * (ms[0] - mp[t + 1]))
        ps.insert(0, pf[t] + g**2 * (ps[0] - pp[t + 1]))
    np.testing.assert_allclose(mean, ms, atol=1e-8)
    np.testing.assert_allclose(var, ps, atol=1e-8)
    known = np.arange(1, days + 1)
    filtered, spread = member.answers(Targets.level(np.arange(days, dtype=float)), known)
    np.testing.assert_allclose(filtered, mf, atol=1e-8)
    np.testing.assert_allclose(spread, pf, atol=1e-8)


def _simulated(rng: np.random.Generator) -> tuple[Observations, np.ndarray, np.ndarray]:
    """Polls of a known truth: drift, house, mode, population effects, extra and sampling error, rounding."""
    count, houses, days = 120, 12, 300
    drift, spread, extra = np.exp(rng.normal(np.log([0.01, 0.12, 0.045]), 0.3))
    truth = np.log(0.45 / 0.55) + np.cumsum(rng.normal(0, drift, days))
    effect = rng.normal(0, spread, houses)
    effect -= effect.mean()
    who = np.concatenate(
        [np.arange(houses), rng.choice(houses, count - houses, p=rng.dirichlet(np.ones(houses)))]
    )
    when, n = np.sort(rng.integers(0, days, count)), rng.integers(600, 3000, count)
    names = np.array(["online", "phone", "probability panel"])
    mode = rng.integers(0, 3, houses)
    mode[:3] = [0, 1, 2]
    by_mode = rng.normal(0, 0.04, 3)
    by_mode -= by_mode.mean()
    registered = rng.random(houses) < 0.4
    latent = truth[when] + effect[who] + by_mode[mode[who]] + rng.normal(0, 0.08) * registered[who]
    share = 1 / (1 + np.exp(-(latent + rng.normal(0, extra, count))))
    effective = (n / 1.3).astype(int)
    printed = np.round(100 * rng.binomial(effective, share) / effective) / 100
    at = Targets(
        when.astype(float), np.array([f"h{i:02d}" for i in who]), names[mode[who]],
        np.where(registered[who], "RV", "A"), np.full(count, "approve"),
    )  # fmt: skip
    return Observations(at, to_logit(printed), noise_variance(printed, n.astype(float))), truth, effect


@pytest.mark.slow
def test_simulated_polls_are_recovered() -> None:
    """500 simulations: coverage of the truth within two points, at 80 and at 95 %."""
    rng = np.random.default_rng(20231218)
    inside = []
    for _ in range(500):
        polls, truth, _ = _simulated(rng)
        mean, sd = fit(polls).answers(Targets.level(np.arange(len(truth), dtype=float)))
        z = np.abs(truth - mean) / sd
        inside.append([(z < 1.2816).mean(), (z < 1.96).mean()])
    at80, at95 = np.mean(inside, axis=0)
    assert abs(at80 - 0.80) <= 0.02
    assert abs(at95 - 0.95) <= 0.02


def test_a_jump_is_followed() -> None:
    """A jump of about six points in a day: the Student-t drift follows it closer than the normal one."""
    rng = np.random.default_rng(8)
    errors: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(12):
        polls, truth, _ = _simulated(rng)
        day = int(rng.integers(100, 200))
        after = (np.arange(len(truth)) >= day) * 0.25
        moved = Observations(polls.at, polls.y + (polls.at.time >= day) * 0.25, polls.variance)
        around = np.arange(day - 10, day + 10)
        for shocks in errors:
            mean, _ = fit(moved, shocks=shocks).answers(Targets.level(around.astype(float)))
            errors[shocks].append(float(np.abs(mean - (truth + after)[around]).mean()))
    assert np.mean(errors[True]) < 0.95 * np.mean(errors[False])


def test_pooling_takes_less_than_three_seconds() -> None:
    start = time.process_time()  # the machine may be busy with other things
    opinion.pool("immigration", as_of="2026-02-20").path()
    assert time.process_time() - start < 3


def test_charts(tmp_path: Path) -> None:
    pooled = opinion.pool("immigration", as_of="2025-09-01")
    picture = opinion.chart(pooled)
    spec = picture.to_dict()
    assert "disapprove" in spec["title"]["text"]
    assert "80 % interval" in spec["description"]
    opinion.save_chart(picture, tmp_path / "a.svg")
    assert "<svg" in (tmp_path / "a.svg").read_text()
    single = opinion.chart(opinion.pool("immigration", as_of="2023-12-22")).to_dict()
    assert "no trend" in single["title"]["subtitle"]
    with pytest.raises(CaudalError, match=r"\.svg"):
        opinion.save_chart(picture, tmp_path / "a.doc")
    with pytest.raises(CaudalError, match="no directory"):
        opinion.save_chart(picture, tmp_path / "none" / "a.svg")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("as_of", ["2023-12-22", "2024-02-26", "2025-11-15"])
def test_days_are_written_as_a_reader_writes_them(as_of: str, language: str) -> None:
    pooled = opinion.pool("immigration", as_of=as_of)
    picture = opinion.chart(pooled, language=language)
    for text in (opinion.note(pooled, language), picture.title.text, picture.description):
        assert not re.search(r"\d{4}-\d{2}", text), text


def test_one_poll_is_one_poll() -> None:
    pooled = opinion.pool("immigration", as_of="2023-12-22")
    assert pooled.polls_used == 1
    assert opinion.chart(pooled).description.endswith("one poll.")
