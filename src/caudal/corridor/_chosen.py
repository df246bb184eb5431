"""Which destination people choose where they choose one: shares seen, turned into utilities and back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from caudal.corridor._ground import Ground
from caudal.corridor._leaving import distinct
from caudal.corridor._parameters import Parameters
from caudal.corridor._shares import choice_shares, invert_shares
from caudal.corridor._ways import Ways, absorbed

if TYPE_CHECKING:
    from caudal.corridor._build import Drivers

__all__ = ["destinations_of"]

Array = npt.NDArray[Any]


def destinations_of(
    net: Ground, par: Parameters, drive: Drivers, found: list[Ways], closed: Array, profile: Array,
    kept: dict[Any, Any],
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Return shares by place of choice for every (period, closed links) that occurs."""
    coupling = par.number("nesting")
    c, k = drive.shares.shape[1:]
    draw_at = np.full(len(net.places), -1, np.int64)
    for i, place in enumerate(net.draws):
        draw_at[net.index(place)] = i
    shift = par.by_key("sector_shift", drive.days, net.destinations)
    moved = np.stack([shift[d] for d in net.destinations], axis=1)
    table = np.column_stack([drive.period, closed, moved])
    rows, row = distinct(table)
    share = np.zeros((len(rows), len(net.draws), c + c * k))
    drawn = np.zeros((len(rows), len(net.draws), c), bool)
    open_value = found[0].value[profile].transpose(1, 0, 2)  # draws × classes × destinations
    came = ("weight", _digest(drive.entry_mix))
    if came not in kept:
        weight = np.zeros((c, len(net.draws)))
        for p in np.unique(profile):
            weight[profile == p] = absorbed(net, found[0].to_draw[p], drive.entry_mix[profile == p])
        kept[came] = weight
    weight = kept[came]
    for s, line in enumerate(rows):
        period, mask = int(line[0]), int(line[1])
        seen = (came, coupling, _digest(drive.shares[period]))
        if seen not in kept:
            kept[seen] = invert_shares(
                drive.shares[period], open_value, weight=weight.T, coupling=coupling
            ).utility
        value = found[mask + 1].value[profile].transpose(1, 0, 2)
        # λ acts on the change in value of the ways: shares seen already hold what the open ways are worth.
        chosen = choice_shares(kept[seen], value, coupling)
        chosen = _shifted(chosen, line[2:])
        share[s, :, c:] = chosen.reshape(len(net.draws), c * k)
        drawn[s] = chosen.sum(axis=2) > 0
    return share, drawn, draw_at, row


def _digest(values: Array) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=16).digest()


def _shifted(chosen: Array, moved: Array) -> Array:
    """Move a share of each destination's people to the others, in proportion."""
    if not moved.any():
        return chosen
    out = chosen * (1 - moved)
    rest = np.where(moved == 0, chosen, 0.0)
    whole = rest.sum(axis=2, keepdims=True)
    gone = (chosen * moved).sum(axis=2, keepdims=True)
    return np.asarray(out + np.divide(rest * gone, whole, out=np.zeros_like(rest), where=whole > 0))
