"""Paths that add up.

A total keeps its own forecast, and in every path the parts are scaled to it: nothing turns negative, every path adds
up, and a total that is broken down in several ways (by sector, by citizenship) adds up in each of them. Sums of parts
do not move the total: on targets to 2019 a total that was the geometric mean of its own forecast and the sums of its
parts scored 11 % worse, because the tails of many small parts add up to tails the total has never had.
"""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel

__all__ = ["add_up"]


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
    for parent, children in panel.sums:
        way = list(children)
        total = found[way].sum(axis=0)
        share = np.divide(found[parent], total, out=np.zeros_like(total), where=total > 0)
        # A total without any part that moves is shared out evenly.
        found[way] = found[way] * share + np.where(total > 0, 0.0, found[parent] / len(way))
    return found
