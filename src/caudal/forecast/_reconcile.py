"""Paths that add up.

A total forecast for itself and the sum of its parts' forecasts differ. Per path the total becomes the geometric mean of
the two, and the parts are scaled to it: nothing turns negative, every path adds up, and a total that is broken down in
several ways (by sector, by citizenship) adds up in each of them.
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel

__all__ = ["add_up"]

#: Weight of a total's own forecast against each sum of its parts.
_OWN = 1.0


def add_up(panel: Panel, paths: Array) -> Array:
    """Return paths in which parts sum to their total.

    Parameters
    ----------
    panel : Panel
        Says what sums to what, parents before children.
    paths : numpy.ndarray
        Shape ``(rows, samples, horizon)``, not negative.
    """
    found = paths.copy()
    parents = list(dict.fromkeys(parent for parent, _ in panel.sums))
    fixed: set[int] = set()
    for parent in parents:
        ways = [list(children) for own, children in panel.sums if own == parent]
        if parent not in fixed:
            logs = [_OWN * np.log1p(found[parent])] + [np.log1p(found[way].sum(axis=0)) for way in ways]
            found[parent] = np.maximum(np.expm1(sum(logs) / (_OWN + len(ways))), 0.0)
        for way in ways:
            total = found[way].sum(axis=0)
            share = np.divide(found[parent], total, out=np.zeros_like(total), where=total > 0)
            # A total without any part that moves is shared out evenly.
            even = np.where(total > 0, 0.0, found[parent] / len(way))
            found[way] = found[way] * share + even
            fixed.update(way)
    return found
