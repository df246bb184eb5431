"""A `Model` as arrays, checked: the one place where shapes and chances are looked at."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from caudal._core.errors import OptionError
from caudal.flow._model import Gate, Model

__all__ = ["ModelTables", "tables_of"]

Array = npt.NDArray[Any]
_SLACK = 1e-9


class ModelTables(NamedTuple):
    """Arrays of a model; tables by step have first axis 1 where nothing changes."""

    inflow: Array  # step, place, class
    initial: Array  # place, class
    leave: Array  # step or 1, place, class
    choice: Array  # step or 1, link, class
    link_start: Array
    link_end: Array
    link_steps: Array
    out_ptr: Array  # place → range in out_link
    out_link: Array
    gate: Array  # link → gate or -1
    gate_link: Array
    capacity: Array  # step, gate
    service: Array  # gate: chance of service, 0 for exact capacity
    abandon: Array  # gate, class
    abandon_to: Array  # gate
    place_ptr: Array  # place → range in place_hazard
    place_hazard: Array
    link_ptr: Array  # link → range in link_hazard
    link_hazard: Array
    hazard: Array  # step or 1, hazard, class
    hazard_to: Array  # place or -1
    hazard_delay: Array
    switch_at: Array  # place → matrix or -1
    switch: Array  # step or 1, matrix, class, class


def tables_of(model: Model) -> ModelTables:
    """Return a model's arrays.

    Raises
    ------
    OptionError
        For a wrong shape, a chance outside 0 to 1, choices or hazards that add up to more than 1.
    """
    p, c, k, t = len(model.places), len(model.classes), len(model.links), model.steps
    if t < 1 or p < 1 or c < 1:
        raise OptionError("a model needs at least one place, one class and one step")
    for link in model.links:
        if link.steps < 1:
            raise OptionError(f"{link.start} → {link.end} takes {link.steps} steps", remedy="Use 1 or more")
    starts = np.array([model.index(x.start) for x in model.links], np.int64)
    ends = np.array([model.index(x.end) for x in model.links], np.int64)
    leave = _chances(_stepwise(model.leave, (p, c), t, "leave"), "leave")
    choice = _chances(_stepwise(model.choice, (k, c), t, "choice"), "choice")
    for place in range(p):
        total = choice[:, starts == place].sum(axis=1)
        if np.any((np.abs(total - 1) > 1e-6) & (np.abs(total) > 1e-6)):
            raise OptionError(
                f"choices at {model.places[place]!r} add up to {total.max():.4g}",
                remedy="Make them add up to 1",
            )
    out = [np.flatnonzero(starts == place) for place in range(p)]
    inflow = np.asarray(model.inflow, dtype=float)
    if inflow.shape != (t, p, c) or np.any(inflow < 0):
        raise OptionError(f"inflow has shape {inflow.shape}, not {(t, p, c)}, or is negative")
    initial = np.zeros((p, c)) if model.initial is None else np.asarray(model.initial, dtype=float)
    return ModelTables(
        inflow=inflow,
        initial=initial,
        leave=leave,
        choice=choice,
        link_start=starts,
        link_end=ends,
        link_steps=np.array([x.steps for x in model.links], np.int64),
        out_ptr=np.concatenate([[0], np.cumsum([len(x) for x in out])]).astype(np.int64),
        out_link=np.concatenate([*out, []]).astype(np.int64),
        **_gates(model, k, c, t),
        **_hazards(model, p, k, c, t),
        **_switches(model, p, c, t),
    )


def _stepwise(values: Any, shape: tuple[int, ...], steps: int, name: str) -> Array:
    array = np.asarray(values, dtype=float)
    if array.shape == shape:
        return array[None]
    if array.shape == (steps, *shape):
        return array
    raise OptionError(f"{name} has shape {array.shape}", remedy=f"Give {shape} or {(steps, *shape)}")


def _chances(array: Array, name: str) -> Array:
    if not np.all((array >= -_SLACK) & (array <= 1 + _SLACK)):
        raise OptionError(f"{name} has a value outside 0 to 1")
    return np.ascontiguousarray(np.clip(array, 0.0, 1.0))


def _per_class(value: Any, classes: int, name: str) -> Array:
    array = np.asarray(value, dtype=float)
    if array.ndim == 0:
        array = np.full(classes, float(array))
    if array.shape[-1] != classes:
        raise OptionError(f"{name} has shape {array.shape}", remedy=f"Give a number or {classes} of them")
    return array


def _gates(model: Model, links: int, classes: int, steps: int) -> dict[str, Array]:
    gates: list[Gate] = list(model.gates)
    where = [model.link_index(g.at) for g in gates]
    if len(set(where)) < len(where):
        raise OptionError("a link has two gates", remedy="Keep one")
    of_link = np.full(links, -1, np.int64)
    of_link[where] = np.arange(len(gates))
    capacity = np.zeros((steps, len(gates)))
    for i, gate in enumerate(gates):
        capacity[:, i] = np.broadcast_to(np.asarray(gate.capacity, dtype=float), (steps,))
    if np.any(capacity < 0):
        raise OptionError("a gate's capacity is negative")
    rows = [_per_class(g.abandon, classes, "abandon") for g in gates]
    return {
        "gate": of_link,
        "gate_link": np.array(where, np.int64),
        "capacity": np.floor(capacity),
        "service": np.array([g.service or 0.0 for g in gates]),
        "abandon": _chances(np.array(rows).reshape(len(gates), classes), "abandon"),
        "abandon_to": np.array([model.index(g.abandon_to or g.at[0]) for g in gates], np.int64),
    }


def _hazards(model: Model, places: int, links: int, classes: int, steps: int) -> dict[str, Array]:
    hazards = list(model.hazards)
    rows = [_per_class(h.chance, classes, h.name) for h in hazards]
    varying = any(r.ndim == 2 for r in rows)
    table = np.zeros((steps if varying else 1, len(hazards), classes))
    for i, row in enumerate(rows):
        table[:, i] = row
    at_place = [model.index(h.at) if isinstance(h.at, str) else -1 for h in hazards]
    on_link = [-1 if isinstance(h.at, str) else model.link_index(h.at) for h in hazards]
    parts: dict[str, Array] = {}
    for name, where, count in (("place", at_place, places), ("link", on_link, links)):
        groups = [[i for i, w in enumerate(where) if w == x] for x in range(count)]
        for group in groups:
            if group and np.any(table[:, group].sum(axis=1) > 1 + _SLACK):
                raise OptionError(
                    f"hazards add up to more than 1: {', '.join(hazards[i].name for i in group)}"
                )
        parts[f"{name}_ptr"] = np.concatenate([[0], np.cumsum([len(g) for g in groups])]).astype(np.int64)
        parts[f"{name}_hazard"] = np.array([i for g in groups for i in g], np.int64)
    return parts | {
        "hazard": _chances(table, "a hazard"),
        "hazard_to": np.array([-1 if h.to is None else model.index(h.to) for h in hazards], np.int64),
        "hazard_delay": np.array([h.delay for h in hazards], np.int64),
    }


def _switches(model: Model, places: int, classes: int, steps: int) -> dict[str, Array]:
    at = np.full(places, -1, np.int64)
    tables = []
    for i, (place, matrix) in enumerate(model.switch.items()):
        at[model.index(place)] = i
        table = _chances(_stepwise(matrix, (classes, classes), steps, "switch"), "switch")
        if np.any(np.abs(table.sum(axis=2) - 1) > 1e-6):
            raise OptionError(f"rows of switch at {place!r} do not add up to 1")
        tables.append(table)
    length = max((len(x) for x in tables), default=1)
    stacked = [np.broadcast_to(x, (length, classes, classes)) for x in tables]
    switch = np.stack(stacked, axis=1) if stacked else np.zeros((1, 0, classes, classes))
    return {"switch_at": at, "switch": np.ascontiguousarray(switch)}
