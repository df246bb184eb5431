"""How many people set out: a smooth scale on what was counted on the way, by penalised deconvolution.

Encounters of a month are a mixture of people who set out in this month and the months before. To turn that around
month by month is ill-posed: a free monthly inflow reproduces everything and forecasts nothing. So the logarithm of the
inflow, relative to what was counted on the way, may change only smoothly: second differences are penalised (Whittaker
1923; Eilers 2003, doi 10.1021/ac034173t), and each Newton step is one small linear system per class.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError

__all__ = ["deconvolve", "mixture", "smooth_step", "whittaker"]

Floats = npt.NDArray[np.float64]


def whittaker(months: int, order: int = 2) -> Floats:
    """Return the penalty matrix D'D of differences of an order, (months, months)."""
    rows = np.diff(np.eye(months), order, axis=0)
    return np.asarray(rows.T @ rows)


def mixture(inflow: Floats, response: Floats) -> Floats:
    """Return how much of each month's encounters is due to each month's inflow.

    Parameters
    ----------
    inflow : array, (months,)
        People setting out.
    response : array, (lags,)
        Encounters per person in the same month, the next, and so on.

    Returns
    -------
    array, (months, months)
        Row: month of encounter; column: month of setting out; rows add up to 1 (or to 0 where nobody came).
    """
    months = len(inflow)
    out = np.zeros((months, months))
    for lag, part in enumerate(response):
        for m in range(lag, months):
            out[m, m - lag] = part * inflow[m - lag]
    whole = out.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(out, whole, out=np.zeros_like(out), where=whole > 0))


def smooth_step(
    scale: Floats, gap: Floats, weight: Floats, jacobian: Floats, penalty: float, order: int = 2
) -> Floats:
    """Return the log scale after one penalised Newton step.

    Parameters
    ----------
    scale : array, (months,)
        Log scale now.
    gap : array, (seen,)
        Log of encounters seen over modelled.
    weight : array, (seen,)
        Weight of each month.
    jacobian : array, (seen, months)
        Change of the log of encounters with the log scale.
    penalty : float
        Above 0; larger is smoother.

    Raises
    ------
    OptionError
        When the penalty is not above 0: without it the problem has no stable solution.
    """
    if not penalty > 0:
        raise OptionError(
            f"penalty {penalty:g}",
            where="smoothness",
            remedy="Give a number above 0: a free inflow is ill-posed",
        )
    smooth = penalty * whittaker(len(scale), order)
    left = jacobian.T @ (weight[:, None] * jacobian) + smooth + 1e-9 * np.eye(len(scale))
    right = jacobian.T @ (weight * gap) - smooth @ scale
    return np.asarray(scale + np.linalg.solve(left, right))


def deconvolve(
    seen: Floats, base: Floats, response: Floats, *, penalty: float, steps: int = 30, order: int = 2
) -> Floats:
    """Return the log scale of an inflow whose convolution with ``response`` gives ``seen``, smoothly.

    Parameters
    ----------
    seen : array, (months,)
        Encounters; the first ``len(response) - 1`` months of ``base`` lie before them.
    base : array, (months + lags - 1,)
        What was counted on the way, above 0.
    response : array, (lags,)
        See `mixture`.
    penalty, steps, order
        See `smooth_step`; Newton steps at most.
    """
    scale = np.zeros(len(base))
    lead = len(base) - len(seen)
    for _ in range(steps):
        inflow = base * np.exp(scale)
        fitted = np.convolve(inflow, response)[: len(base)][lead:]
        jacobian = mixture(inflow, response)[lead:]
        gap = np.log(np.maximum(seen, 0.5)) - np.log(np.maximum(fitted, 0.5))
        new = smooth_step(scale, gap, np.ones(len(seen)), jacobian, penalty, order)
        if np.abs(new - scale).max() < 1e-10:
            return new
        scale = new
    return scale
