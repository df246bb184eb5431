"""Agreement zone, Pareto set and bargaining solutions over a finite set of packages.

All functions take ``gains``, an array (packages, actors): utility above each actor's reservation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["agreement_zone", "egalitarian", "kalai_smorodinsky", "nash", "pareto"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Differences of utility below this are rounding.
_EPS = 1e-12


def agreement_zone(gains: Array, allowed: Mask | None = None) -> Mask:
    """Return which packages no actor finds worse than no deal and at least one finds better.

    Parameters
    ----------
    gains : ndarray, shape (packages, actors)
        Utility above reservation.
    allowed : ndarray of bool, optional
        Packages that the linkage allows; all by default.
    """
    zone: Mask = np.logical_and((gains >= -_EPS).all(axis=1), (gains > _EPS).any(axis=1))
    return zone if allowed is None else zone & allowed


def pareto(gains: Array) -> Mask:
    """Return which packages are not dominated: no other is at least as good for all and better for one."""
    order = np.lexsort((*gains.T[::-1], gains.sum(axis=1)))[::-1]
    kept = np.empty_like(gains)
    count = 0
    out = np.zeros(len(gains), dtype=bool)
    # Going down in total gain, a package can only be dominated by one that was kept before it.
    for i in order:
        row = gains[i]
        above = kept[:count]
        if not ((above >= row - _EPS).all(axis=1) & (above > row + _EPS).any(axis=1)).any():
            out[i] = True
            kept[count] = row
            count += 1
    return out


def nash(gains: Array, zone: Mask) -> int | None:
    """Return the package of the zone with the largest product of gains (Nash 1950), ``None`` if it is empty.

    Ties go to the larger smallest gain, then to the larger sum, then to the earlier package.
    """
    index = np.flatnonzero(zone)
    if not len(index):
        return None
    g = np.maximum(gains[index], 0.0)
    return int(index[_best(g.prod(axis=1), g.min(axis=1), g.sum(axis=1))])


def kalai_smorodinsky(gains: Array, zone: Mask) -> int | None:
    """Return the package that makes the smallest share of each actor's best gain in the zone as large as it can be.

    Kalai and Smorodinsky (1975). Ties are broken lexicographically on the sorted shares. An actor that cannot gain
    in the zone is left out.
    """
    index = np.flatnonzero(zone)
    if not len(index):
        return None
    g = np.maximum(gains[index], 0.0)
    ideal = g.max(axis=0)
    return int(index[_leximin(g[:, ideal > _EPS] / ideal[ideal > _EPS])])


def egalitarian(gains: Array, zone: Mask) -> int | None:
    """Return the package with the largest smallest gain (Kalai 1977), ties broken lexicographically.

    Gains of different actors are compared as they stand: the scale of their utilities matters.
    """
    index = np.flatnonzero(zone)
    if not len(index):
        return None
    return int(index[_leximin(np.maximum(gains[index], 0.0))])


def _leximin(values: Array) -> int:
    ordered = np.sort(values, axis=1)
    return _best(*ordered.T, values.sum(axis=1))


def _best(*keys: Array) -> int:
    """The first row that is best by the first key, then by the next, and so on, up to rounding."""
    left = np.arange(len(keys[0]))
    for key in keys:
        at = key[left]
        top = at.max()
        left = left[at >= top - _EPS * max(1.0, abs(float(top)))]
    return int(left[0])
