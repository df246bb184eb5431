"""The outlook as a model of the forecast room."""

from __future__ import annotations

from datetime import date

import numpy as np

from caudal.corridor._forecast_model import marginals
from caudal.corridor._origins import BLIND, FIRST_ORIGIN, LAST_ORIGIN
from caudal.forecast._panel import Panel
from caudal.forecast._scoreboard import ORIGINS
from caudal.forecast.models import model


def _panel(last_year: int) -> Panel:
    rng = np.random.default_rng(1)
    months = (last_year - 2015) * 12 + 11
    values = np.exp(rng.normal(10, 0.2, (2, months)))
    values[0] = values[1]
    return Panel(
        ("sw-total", "sw-citizenship/VEN"), date(2015, 1, 1), values, (), ("total", "sw-citizenship")
    )


def test_it_is_offered_by_name():
    assert model("corridor") is marginals


def test_it_moves_the_naive_quantiles_and_says_the_same_where_it_knows_nothing():
    early, late = _panel(2018), _panel(2023)
    np.testing.assert_array_equal(marginals(early, 3), model("naive")(early, 3))
    ratio = marginals(late, 3) / model("naive")(late, 3)
    assert np.ptp(ratio, axis=2).max() < 1e-12
    assert np.abs(ratio - 1).max() > 0.01


def test_each_row_follows_its_part_of_the_border():
    months = (2023 - 2015) * 12 + 11
    names = ("sw-total", "component/OFO", "component/USBP", "field-office/FO-LAREDO", "sw-family/FMUA")
    flat = Panel(names, date(2015, 1, 1), np.full((5, months), 1000.0), (), ("total",) * 5)
    ratio = (marginals(flat, 2) / model("naive")(flat, 2))[:, :, 11]
    total, offices, sectors, laredo, family = ratio
    np.testing.assert_allclose(offices, 1.0)  # appointments were capped in November 2023
    np.testing.assert_array_equal(laredo, offices)
    np.testing.assert_array_equal(family, total)
    assert (np.abs(sectors - 1) > np.abs(total - 1)).all()
    patrol = Panel(
        ("total", "sector/DRT"), date(2015, 1, 1), np.full((2, months), 1000.0), (), ("total", "sector")
    )
    np.testing.assert_allclose(
        (marginals(patrol, 2) / model("naive")(patrol, 2))[:, :, 11], np.repeat(sectors[None], 2, axis=0)
    )


def test_the_scoreboard_has_the_windows_the_outlook_was_chosen_on_and_not() -> None:
    chosen, since = ORIGINS.values()
    assert chosen == (FIRST_ORIGIN, LAST_ORIGIN)
    assert since[0] == BLIND[0]
