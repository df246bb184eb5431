"""Cohorts, agents and expected flow of the general engine on the reduced corridor."""

from __future__ import annotations

import numpy as np
from scipy.stats import ks_2samp

from caudal.corridor._engine import kind_names, model_of
from caudal.corridor._rules import run_tables
from caudal.flow import run_model

from .reduced import CLASSES, rules

RUNS = 120


def _outcomes(engine: str) -> tuple[np.ndarray, np.ndarray]:
    net, tab = rules(45, people=0.3, capacity=4.0)
    expected = run_tables(tab)
    model = model_of(
        tab, net.places, kind_names(CLASSES, net.destinations), expected.rate, np.random.default_rng(0)
    )
    names = np.array([h.name for h in model.hazards])
    rows = []
    for seed in range(RUNS):
        made = run_model(model, seed + (1000 if engine == "agent" else 0), engine=engine)
        count = [
            made.events[:, names == n].sum() for n in ("encounter", "encounter-repeat", "port", "sent-south")
        ]
        rows.append([*count, made.queue[-1].sum(), made.stock[-1].sum()])
    mean = [
        expected.between.sum() - expected.repeat.sum(),
        expected.at_ports.sum(),
    ]
    return np.array(rows), np.array(mean)


def test_cohorts_and_agents_follow_the_same_law_and_its_mean_is_the_expected_flow():
    cohorts, mean = _outcomes("cohort")
    agents, _ = _outcomes("agent")
    for i in range(cohorts.shape[1]):
        assert ks_2samp(cohorts[:, i], agents[:, i]).pvalue > 0.001, i
    met = cohorts[:, 0]
    # Repeats hold those unseen who try again, a few in a thousand.
    assert abs(met.mean() - mean[0]) < 5 * met.std() / np.sqrt(RUNS) + 0.02 * mean[0]
    assert abs(cohorts[:, 2].mean() - mean[1]) < 5 * cohorts[:, 2].std() / np.sqrt(RUNS) + 0.5
