"""Who leaves a place by which link: closures, train capacity and the hold in the south, by regime of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError, did_you_mean
from caudal.corridor._ground import Ground
from caudal.corridor._parameters import Closure, Parameters
from caudal.corridor._ways import Ways

__all__ = [
    "closed_links",
    "closed_ports",
    "departures",
    "distinct",
    "dwell_leave",
    "link_choice",
    "regimes_of",
]

Array = npt.NDArray[Any]


def closed_links(net: Ground, closures: Sequence[Closure], days: Sequence[date]) -> Array:
    masks = np.zeros((len(days), len(net.start)), bool)
    for one in closures:
        if one.kind == "port":
            hit = np.array(
                [net.places[e] == f"port:{one.name}" or net.places[e] == f"line:{one.name}" for e in net.end]
            )
            known = [p.code for p in net.ports]
        elif one.kind == "mode":
            hit, known = net.is_mode(one.name), sorted(set(net.mode))
        else:
            hit, known = np.array([s == one.name for s in net.slug]), [s for s in net.slug if s]
        if not hit.any():
            raise OptionError(f"there is no {one.kind} {one.name!r}", remedy=did_you_mean(one.name, known))
        masks[[one.first <= d <= one.last for d in days]] |= hit
    return masks


def closed_ports(net: Ground, closures: Sequence[Closure], days: Sequence[date]) -> Array:
    shut = np.zeros((len(days), len(net.ports)), bool)
    for one in closures:
        if one.kind == "port":
            on = np.array([one.first <= d <= one.last for d in days])
            shut |= on[:, None] & np.array([p.code == one.name for p in net.ports])
    return shut


def regimes_of(
    par: Parameters, days: Sequence[date], closed: Array, classes: Sequence[str]
) -> tuple[list[tuple[int, float, Array]], Array]:
    rail = np.clip(par.daily("rail_capacity", days), 0, 1)
    hold = np.clip(par.by_class("southern_hold", days), 0, 1)
    table = np.column_stack([closed, rail, hold])
    rows, at = distinct(table)
    return [(int(r[0]), float(r[1]), r[2:]) for r in rows], at


def distinct(rows: Array) -> tuple[Array, Array]:
    """Return distinct rows and which of them each row is; mostly there are few runs of equal rows."""
    new = np.concatenate([[True], (rows[1:] != rows[:-1]).any(axis=1)])
    if not new[1:].any():
        return rows[:1], np.zeros(len(rows), np.int64)
    kept, at = np.unique(rows[new], axis=0, return_inverse=True)
    return kept, np.asarray(at).ravel()[np.cumsum(new) - 1].astype(np.int64)


def dwell_leave(net: Ground, par: Parameters) -> Array:
    out = np.zeros(len(net.places))
    for i, kind in enumerate(net.kind):
        if kind in ("line", "gave-up"):
            out[i] = 1.0
        elif kind not in ("sector", "port"):
            name = net.dwell[i]
            out[i] = 1.0 / max(par.number(name), 1.0) if name else 1.0
    return out


def link_choice(net: Ground, way: Ways, profile: Array, c: int, k: int) -> Array:
    """Return the chance of each link by kind, (links, kinds)."""
    early = way.to_draw[profile].T  # links × classes
    late = way.to_goal[profile].reshape(c * k, -1).T
    out = np.concatenate([early, late], axis=1)
    for i in range(len(net.start)):
        if net.kind[net.start[i]] in ("line", "gave-up"):
            out[i] = 1.0
    return np.asarray(out)


def departures(
    net: Ground, base: Array, choice: Array, rail: float, payers: float, hold: Array, cls: Array
) -> tuple[Array, Array]:
    """Apply train capacity and the southern hold to the chance of leaving and the choice of links."""
    n = len(net.places)
    on_rail = net.is_mode("rail")
    by_rail = np.zeros((n, choice.shape[1]))
    np.add.at(by_rail, net.start[on_rail], choice[on_rail])
    other = np.zeros_like(by_rail)
    np.add.at(other, net.start[~on_rail], choice[~on_rail])
    blocked = (1 - rail) * by_rail
    bus = np.where(other > 0, blocked * payers, 0.0)
    moving = by_rail + other - blocked + bus
    leave = base[:, None] * np.where(by_rail + other > 0, np.minimum(moving, 1.0), 0.0)
    south = np.array(
        [
            x == "MEX" and y < 18.9 and kind not in ("sector", "port", "line", "gave-up")
            for x, y, kind in zip(net.country, net.latitude, net.kind, strict=True)
        ]
    )
    leave[south] *= hold[cls]
    if rail < 1.0:
        grow = np.divide(other + bus, other, out=np.ones_like(other), where=other > 0)
        choice = np.where(on_rail[:, None], choice * rail, choice * grow[net.start])
        whole = np.zeros_like(by_rail)
        np.add.at(whole, net.start, choice)
        scale = whole[net.start]
        choice = np.divide(choice, scale, out=np.zeros_like(choice), where=scale > 0)
    return leave, choice
