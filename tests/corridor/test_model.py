"""Calibration, scenarios, outlook and the inverse problem on the embedded archive."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from caudal import corridor, figures
from caudal._core.dates import parse_month
from caudal._core.errors import NotKnownError, OptionError
from caudal.corridor._inputs import published
from caudal.corridor._outlook import _parts
from caudal.corridor._scored import wape

AS_OF = "2023-12-22"


@pytest.fixture(scope="module")
def cal():
    return corridor.calibrate(AS_OF)


def test_the_fit_in_sample(cal):
    assert cal.last == date(2023, 11, 1)
    assert wape(cal.fitted.sum(axis=(1, 2)), cal.observed.sum(axis=(1, 2))) <= 0.08
    assert wape(cal.fitted.sum(axis=1), cal.observed.sum(axis=1)) <= 0.125


def test_what_is_not_a_release_of_that_day_is_said(cal):
    by = {source["measure"]: source for source in cal.inputs.sources}
    assert by["usbp-encounters"]["pseudo"].endswith("2023-11")
    assert by["mexico-inm-encounters"]["last_month"] == "2023-10"
    with pytest.raises(NotKnownError):
        corridor.calibrate(AS_OF, pseudo=False)


@pytest.mark.slow
def test_nothing_later_is_seen(cal):
    """The future corrupted, everything computed for the day stays as it is."""
    day = date(2023, 12, 22)

    def corrupted(measure, **question):
        frame = figures.series(measure, **question)
        if question.get("as_of") is not None:
            return frame
        later = [p for p in frame["period"].unique() if published(measure, parse_month(p)) > day]
        wrong = (
            pl.when(pl.col("period").is_in(later)).then(pl.col("value") * 7 + 1000).otherwise(pl.col("value"))
        )
        return frame.with_columns(wrong.alias("value"))

    other = corridor.calibrate(AS_OF, read=corrupted)
    np.testing.assert_array_equal(other.log_scale, cal.log_scale)
    np.testing.assert_array_equal(corridor.outlook(other).classes, corridor.outlook(cal).classes)
    mine, theirs = corridor.simulate(cal, 3), corridor.simulate(other, 3)
    for name, part in mine.parts.items():
        np.testing.assert_array_equal(part.values, theirs.parts[name].values)


NEUTRAL = {
    "rail_capacity": [("2024-01-01", 1.0)],
    "southern_hold": {"venezuela": 1.0},
    "origin_inflow": lambda day: 1.0,
    "port_capacity": 1.0,
    "sector_shift": 0.0,
    "air_share": 1.0,
    "interception_factor": 1.0,
    "repeat": 1.0,
}


def test_degree_0_is_the_baseline_byte_for_byte(cal):
    base, same = corridor.simulate(cal, 3), corridor.simulate(cal, 3, NEUTRAL)
    assert base.frame.equals(same.frame)


def test_levers_act_in_the_direction_they_must(cal):
    base = corridor.simulate(cal, 4)

    def change(outcome, **given):
        return (corridor.simulate(cal, 4, given).total(outcome) - base.total(outcome))[0]

    assert change("encounters_between_ports", southern_hold=0.4)[1] < 0
    assert change("held", southern_hold=0.4)[1] > 0
    assert change("queue", port_capacity=0.25)[3] > 0
    assert change("lawful_entries", port_capacity=0.25)[1] < 0
    assert change("discouraged", discouragement=0.3)[1] > 0
    assert change("encounters_between_ports", origin_inflow=0.5)[3] < 0
    half = change("encounters_between_ports", rail_capacity=0.5, rail_bus_substitution=0.0)
    assert half[0] < 0
    assert abs(half[3]) < abs(half[0])


def test_a_closed_port_admits_nobody(cal):
    shut = corridor.simulate(cal, 2, closures=[{"port": "2504", "first": "2023-12-01"}])
    at = [i for i, end in enumerate(shut.flows["end"]) if end == "port:2504"]
    assert shut.flows["entered"][:, at].sum() == 0


def test_draws_are_paired_and_repeatable(cal):
    base, again = corridor.simulate(cal, 2, draws=3, seed=5), corridor.simulate(cal, 2, draws=3, seed=5)
    assert base.frame.equals(again.frame)
    held = corridor.simulate(cal, 2, {"southern_hold": 0.5}, draws=3, seed=5)
    assert np.all(held.total("encounters_between_ports") < base.total("encounters_between_ports"))
    assert set(base.frame.columns) == {"month", "outcome", "place", "class", "draw", "value"}


def test_unknown_names_are_told_with_the_nearest(cal):
    with pytest.raises(OptionError, match="rail_capacity"):
        corridor.simulate(cal, 2, {"rail_capacty": 0.5})
    with pytest.raises(OptionError, match="no port"):
        corridor.simulate(cal, 2, closures=[{"port": "9999", "first": "2024-01-01"}])


def test_every_number_of_a_scenario_says_what_made_it(cal):
    frame = corridor.simulate(cal, 1).summary()
    assert set(frame["produced_by"]) <= {"data", "assumption", "data and assumption"}
    assert set(frame["outcome"]) == set(corridor.OUTCOMES)


@pytest.mark.slow
def test_the_inverse_of_a_run_finds_its_parameter(cal):
    path = corridor.simulate(cal, 2, {"discouragement": 0.3})
    total = path.total("encounters_between_ports") + path.total("encounters_at_ports")
    found = corridor.inverse(total[0].tolist(), cal).answers
    quit_ = found.filter(pl.col("mechanism") == "discouragement").row(0, named=True)
    assert quit_["wape"] < 0.01
    assert quit_["stock_change"] < 0
    hold = found.filter(pl.col("mechanism") == "hold").row(0, named=True)
    assert hold["stock_change"] > 0
    with pytest.raises(OptionError, match="above 0"):
        corridor.inverse([0.0], cal)


def test_ports_under_a_cap_admit_what_they_did_and_sectors_take_the_rest(cal):
    made = corridor.outlook(cal)
    last = cal.observed[-1].sum(axis=0)
    port = np.array([d.startswith("FO-") for d in cal.destinations])
    np.testing.assert_allclose(made.destinations.sum(axis=1), made.total)
    np.testing.assert_allclose(made.destinations[:, port], np.repeat(last[None, port], 6, axis=0))
    ratio = made.destinations[:, ~port] / last[~port]
    np.testing.assert_allclose(ratio, np.repeat(made.between[:, None], ratio.shape[1], axis=1))
    assert (made.between < made.factor).all()  # fewer people in all, so fewer still between ports


def test_no_cap_no_rule():
    """Before appointments, and once they had ended by the day of the forecast, ports and sectors grow alike."""
    for day in ("2022-11-15", "2025-02-20"):
        made = corridor.outlook(corridor.calibrate(day))
        np.testing.assert_array_equal(made.at_ports, made.factor)
        np.testing.assert_array_equal(made.between, made.factor)


def test_sectors_keep_a_least_share_where_the_total_falls_far(cal):
    last = cal.observed[-1].sum()
    between, at_ports = _parts(cal, np.array([0.1 * last]))
    assert 0 < at_ports[0] < 1
    assert 0 < between[0] < 0.1
