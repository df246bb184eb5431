"""Which destination: shares turned into mean utilities (Berry 1994) where the way there counts too.

People of one class stand at several places when they choose. Somebody at place *i* chooses destination *k* with
chance ``exp(d_k + λ v_ik) / Σ_j exp(d_j + λ v_ij)``, where ``v_ik`` is the value of the ways from *i* to *k* and λ
couples the two stages. The shares seen are those of everybody together, so the utilities ``d`` have no closed form as
soon as λ > 0; Berry's contraction ``d ← d + ln(seen) − ln(implied)`` finds them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError

__all__ = ["Inversion", "choice_shares", "invert_shares"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Inversion:
    """Utilities that reproduce shares.

    Attributes
    ----------
    utility : array, (classes, destinations)
        Mean utility; minus infinity where nobody was seen. The utilities of a class are known up to a constant, which
        is set so that their weighted mean is 0.
    iterations : int
        Steps of the contraction.
    gap : float
        Largest absolute difference between a share seen and the share implied.
    """

    utility: Floats
    iterations: int
    gap: float


def choice_shares(utility: Floats, value: Floats, coupling: float) -> Floats:
    """Return the chance of each destination from each place.

    Parameters
    ----------
    utility : array, (classes, destinations)
        Mean utilities.
    value : array, (places, classes, destinations)
        Value of the ways; minus infinity where there is none.
    coupling : float
        λ, 0 to 1.

    Returns
    -------
    array, (places, classes, destinations)
        Shares that add up to 1, or to 0 where no destination can be reached.
    """
    reach = np.where(np.isfinite(value), 0.0, -np.inf)
    total = utility[None] + reach
    if coupling:
        total = total + coupling * np.where(np.isfinite(value), value, 0.0)
    top = total.max(axis=-1, keepdims=True)
    weight = np.exp(total - np.where(np.isfinite(top), top, 0.0))
    whole = weight.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(weight, whole, out=np.zeros_like(weight), where=whole > 0))


def invert_shares(
    seen: Floats,
    value: Floats | None = None,
    *,
    weight: Floats | None = None,
    coupling: float = 0.0,
    tolerance: float = 1e-10,
    most: int = 100,
) -> Inversion:
    """Return the mean utilities that reproduce shares.

    Parameters
    ----------
    seen : array, (classes, destinations)
        Shares seen; rows add up to 1 (rows of zeros are left alone).
    value : array, (places, classes, destinations), optional
        Value of the ways from each place where people choose.
    weight : array, (places, classes), optional
        How many of a class choose at each place; equal by default.
    coupling : float
        λ; 0 gives the closed form ``ln(seen)``.
    tolerance : float
        Largest absolute difference between shares to stop at.
    most : int
        Steps at most.

    Raises
    ------
    OptionError
        When shares do not add up, λ is outside 0 to 1, or the contraction does not arrive.
    """
    shares = np.asarray(seen, dtype=float)
    whole = shares.sum(axis=1)
    if shares.ndim != 2 or np.any(shares < 0) or np.any((np.abs(whole - 1) > 1e-9) & (whole != 0)):
        raise OptionError(
            "shares must not be negative and must add up to 1 in each class",
            remedy="Divide by the sum of the row",
        )
    if not 0 <= coupling <= 1:
        raise OptionError(f"λ = {coupling:g} lies outside 0 to 1", where="nesting_lambda")
    with np.errstate(divide="ignore"):
        wanted = np.log(shares)
    if value is None:
        value = np.zeros((1, *shares.shape))
    mass = np.ones(value.shape[:2]) if weight is None else np.asarray(weight, dtype=float)
    mass = mass / np.where(mass.sum(axis=0) > 0, mass.sum(axis=0), 1.0)
    mass = np.where(mass.sum(axis=0) > 0, mass, 1.0 / len(mass))
    utility, gap = wanted.copy(), np.inf
    for step in range(1, most + 1):
        implied = np.einsum("pc,pck->ck", mass, choice_shares(utility, value, coupling))
        gap = float(np.abs(implied - shares).max())
        if gap <= tolerance:
            return Inversion(_centred(utility, shares), step, gap)
        with np.errstate(divide="ignore", invalid="ignore"):
            change = wanted - np.log(implied)
        utility = utility + np.where(np.isfinite(change), change, 0.0)
    raise OptionError(
        f"shares were not reproduced within {most} steps (still {gap:.2g} apart)",
        remedy="A destination people were seen at cannot be reached from where they choose: `caudal corridor check`",
    )


def _centred(utility: Floats, shares: Floats) -> Floats:
    finite = np.where(np.isfinite(utility), utility, 0.0)
    mean = (finite * shares).sum(axis=1, keepdims=True)
    return np.asarray(utility - mean)
