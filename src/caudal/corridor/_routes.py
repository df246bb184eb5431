"""The way to a destination: recursive logit (Fosgerau, Frejinger and Karlström 2013, doi 10.1016/j.trb.2013.07.012).

A traveller at a place takes each link with a chance that grows with the utility of the link plus the value of going
on from its end. With ``M_ij = exp(u_ij)`` and ``b`` = 1 at the destination, the exponentiated values solve
``z = M z + b``; a link is taken with chance ``M_ij z_j / z_i``. That has a solution only while the spectral radius of
``M`` is below 1: above it, walking in circles is worth more than arriving.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError

__all__ = ["CircleWarning", "Routes", "expected_distance", "spectral_radius", "walk"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Above this the values are still finite, but people walk in circles.
CAUTION = 0.8


class CircleWarning(UserWarning):
    """The route choice is near the point where walking in circles is worth more than arriving."""


@dataclass(frozen=True)
class Routes:
    """Chances and values for several destinations on one set of utilities.

    Attributes
    ----------
    chance : array, (destinations, links)
        Chance of taking a link at its start; 0 where the destination cannot be reached.
    value : array, (destinations, places)
        Log of ``z``: value of the ways from a place; minus infinity where there is none.
    radius : float
        Spectral radius of ``M``.
    """

    chance: Floats
    value: Floats
    radius: float


def spectral_radius(matrix: Floats) -> float:
    """Return the largest absolute eigenvalue of a square matrix."""
    return float(np.abs(np.linalg.eigvals(matrix)).max()) if matrix.size else 0.0


def walk(
    starts: Ints, ends: Ints, utility: Floats, goals: Floats, *, places: int, check: bool = True
) -> Routes:
    """Return the chances of taking each link towards each of several destinations.

    Parameters
    ----------
    starts, ends : array, (links,)
        Positions of places.
    utility : array, (links,)
        Utility of a link, below 0; minus infinity closes it.
    goals : array, (destinations, places)
        1 at the place (or places) that end the walk, else 0.
    places : int
        How many there are.
    check : bool
        False skips the spectral radius (it then reads NaN); for repeated solutions near one that was checked.

    Raises
    ------
    OptionError
        When the spectral radius is 1 or more.

    Warns
    -----
    CircleWarning
        When it is above 0.8.
    """
    matrix = np.zeros((places, places))
    weight = np.exp(utility)
    np.add.at(matrix, (starts, ends), weight)
    radius = _checked(matrix) if check else float("nan")
    z = np.linalg.solve(np.eye(places) - matrix, goals.T).T  # destinations × places
    z = np.where(z > 1e-290, z, 0.0)
    goal = goals > 0
    numerator = weight * z[:, ends]
    denominator = z[:, starts]
    # At the goal the walk ends: who stands there takes no link.
    open_way = (denominator > 0) & ~goal[:, starts]
    chance = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=open_way)
    whole = np.zeros_like(z)
    np.add.at(whole.T, starts, chance.T)
    scale = whole[:, starts]
    chance = np.divide(chance, scale, out=np.zeros_like(chance), where=scale > 0)
    with np.errstate(divide="ignore"):
        return Routes(chance, np.log(z), radius)


def _checked(matrix: Floats) -> float:
    radius = spectral_radius(matrix)
    if radius >= 1:
        raise OptionError(
            f"the spectral radius of the route choice is {radius:.3f}, and must be below 1",
            where="route_cost_scale",
            remedy="Raise the cost scale or the constants per link: short links are too cheap, people walk in circles",
        )
    if radius > CAUTION:
        warnings.warn(
            f"the spectral radius of the route choice is {radius:.3f}: above {CAUTION} people walk in circles; "
            "raise the cost scale or the constants per link",
            CircleWarning,
            stacklevel=3,
        )
    return radius


def expected_distance(routes: Routes, starts: Ints, ends: Ints, km: Floats) -> Floats:
    """Return the mean distance walked to each destination from each place (destinations, places); NaN: no way."""
    places = routes.value.shape[1]
    out = np.full_like(routes.value, np.nan)
    for k, chance in enumerate(routes.chance):
        step = np.zeros((places, places))
        np.add.at(step, (starts, ends), chance)
        per_place = np.zeros(places)
        np.add.at(per_place, starts, chance * km)
        found = np.linalg.solve(np.eye(places) - step, per_place)
        out[k] = np.where(np.isfinite(routes.value[k]), found, np.nan)
    return out
