"""What the model does when something is closed or slowed: properties that must hold whatever the data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from caudal._core.dates import add_months
from caudal.corridor._calibrate import Calibration
from caudal.corridor._inverse import encounters
from caudal.corridor._outcomes import Outcomes
from caudal.corridor._scored import Row
from caudal.corridor._simulate import simulate

__all__ = ["lever_rows"]

Floats = npt.NDArray[np.float64]


def _shares(made: Outcomes) -> Floats:
    values = made.parts["encounters_between_ports"].values[0].sum(axis=(0, 2))
    return np.asarray(values / values.sum())


def lever_rows(cal: Calibration, horizon: int = 6) -> list[Row]:
    """Return checks of train control, closed trains and a closed port, as of a calibration."""
    base = simulate(cal, horizon)
    half = simulate(cal, horizon, {"rail_capacity": 0.5, "rail_bus_substitution": 0.0})
    change = 100 * (encounters(half)[0] / encounters(base)[0] - 1)
    first = add_months(cal.last, 1)
    shut = simulate(cal, horizon, closures=[{"mode": "rail", "first": first}])
    moved = 100 * np.abs(_shares(shut) - _shares(base)).max()
    rows = [
        Row(
            "rail control 50 %, delay only: month 1, %",
            change[0],
            threshold="-10 to -1",
            holds=-10 <= change[0] <= -1,
        ),
        Row(
            "rail control 50 %, delay only: months 4 to 6, % (largest)",
            float(change[3:][np.abs(change[3:]).argmax()]),
            threshold="-1 to 1",
            holds=bool(np.abs(change[3:]).max() <= 1),
        ),
        _balance(base, half),
        Row(
            "trains closed, nesting 0: largest change of a sector's share, points",
            float(moved),
            threshold="< 1",
            holds=bool(moved < 1),
        ),
    ]
    busiest = max(cal.setting.net.ports, key=lambda p: p.appointments).code
    closed = simulate(cal, horizon, closures=[{"port": busiest, "first": first}])
    at = closed.parts["lawful_entries"].places.index(busiest)
    link = [i for i, e in enumerate(closed.flows["end"]) if e == f"port:{busiest}"]
    through = float(closed.flows["entered"][:, link].sum())
    kept = float(closed.parts["lawful_entries"].values[0, 1:, at].sum())
    rows.append(
        Row(
            f"port {busiest} closed: people let through",
            through,
            threshold="0",
            holds=through == 0 and kept == 0,
            note="those inspected on the first day had been let through the day before",
        )
    )
    return rows


def _balance(base: Outcomes, half: Outcomes) -> Row:
    """Compare the loss of encounters with the people who are still inside, as persons.

    An encounter is an event; a person ends with an encounter that is not repeated, a crossing without one, a
    deportation or a journey given up. So the loss is counted in people who left the corridor.
    """

    def left(made: Outcomes) -> float:
        return float(made.meta["left"])

    loss = left(base) - left(half)
    stock = float(half.meta["inside"] - base.meta["inside"])
    gap = 100 * (stock / loss - 1) if loss else 0.0
    return Row(
        "rail control 50 %: people still inside over people who did not leave, % apart",
        gap,
        threshold="within 1",
        holds=bool(abs(gap) <= 1),
        note=f"{loss:,.0f} fewer left in six months; {stock:,.0f} more are on links, at places and in lines",
    )
