"""Paths that add up."""

from __future__ import annotations

import numpy as np

from caudal.forecast._panel import Array, Panel

__all__ = ["add_up"]


def add_up(panel: Panel, paths: Array) -> Array:
    """Return paths in which parts sum to their total, the total taken from its parts.

    Parameters
    ----------
    panel : Panel
        Says what sums to what.
    paths : numpy.ndarray
        Shape ``(rows, samples, horizon)``.
    """
    summed = paths.copy()
    for parent, children in reversed(panel.sums):
        summed[parent] = np.sum(summed[list(children)], axis=0)
    return summed
