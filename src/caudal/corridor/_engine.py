"""The same rules as a `caudal.flow.Model`: draws by cohorts or agents, and the oracle of the fast loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from caudal.corridor._rules import Record, Tables
from caudal.flow import Gate, Hazard, Model, Movement, Passage

__all__ = ["kind_names", "model_of", "record_of"]

Array = npt.NDArray[Any]


def kind_names(classes: Sequence[str], destinations: Sequence[str]) -> list[str]:
    """Return names of kinds: classes, then class>destination."""
    return [*classes, *(f"{c}>{d}" for c in classes for d in destinations)]


def model_of(
    tab: Tables,
    places: Sequence[str],
    kinds: Sequence[str],
    rate: Array,
    whole: np.random.Generator | None = None,
) -> Model:
    """Return the general model of a run.

    Parameters
    ----------
    tab : Tables
        The rules.
    places, kinds : sequence of str
        Names.
    rate : array, (days, classes)
        Chance of interception per day on watched links (`Record.rate` of the expected run: the general engine takes
        chances, it does not look for them).
    whole : numpy.random.Generator, optional
        Draw whole numbers of people at the start (the mean stays); needed for cohorts and agents.

    Notes
    -----
    People on links at the start are taken as arriving when they would have, without meeting an interception; people
    in a queue at the start stand at its place and join on day 0.
    """
    days, q = tab.month.size, len(kinds)
    names = list(places)
    links = [
        Passage(names[a], names[b], int(n)) for a, b, n in zip(tab.start, tab.end, tab.steps, strict=True)
    ]
    inflow = np.zeros((days, len(names), q))
    for i, (p, k) in enumerate(zip(tab.entry_place, tab.entry_kind, strict=True)):
        inflow[:, p, k] += tab.inflow[:, i]
    for at, rows in ((tab.back_at, tab.back), (tab.road_at, tab.road)):
        for (place, day, *_), people in zip(at, rows, strict=True):
            if day < days:
                inflow[day, place] += people
    initial = tab.initial.copy()
    for g, k in enumerate(tab.gate_link):
        initial[tab.start[k]] += tab.queue[g].sum(axis=0)
    if whole is not None:
        initial = np.floor(initial + whole.random(initial.shape))
    gates = [
        Gate(
            (names[tab.start[k]], names[tab.end[k]]),
            tab.capacity[:, g],
            abandon=tab.abandon[g],
            abandon_to=names[tab.abandon_to[g]],
        )
        for g, k in enumerate(tab.gate_link)
    ]
    return Model(
        names,
        list(kinds),
        links,
        days,
        inflow,
        tab.leave[tab.regime] if len(tab.leave) > 1 else tab.leave[0],
        tab.choice[tab.regime] if len(tab.choice) > 1 else tab.choice[0],
        [*_border(tab, names), *_interception(tab, names, rate)],
        gates,
        _switches(tab, names),
        initial,
        poisson_inflow=True,
    )


def _border(tab: Tables, names: list[str]) -> list[Hazard]:
    of = tab.cls
    meet, retry, evade = tab.meet[:, of], tab.retry[:, of], tab.evade[:, of]
    found: list[Hazard] = []
    for p in tab.sector_place:
        home = names[tab.push_to[p]]
        found += [
            Hazard("encounter", names[p], meet * (1 - retry)),
            Hazard("encounter-repeat", names[p], meet * retry, home, tab.push_delay),
            Hazard("unseen", names[p], (1 - meet) * (1 - evade)),
            Hazard("unseen-repeat", names[p], (1 - meet) * evade, home, tab.push_delay),
        ]
    return found + [Hazard("port", names[p], 1.0) for p in tab.gate_end]


def _interception(tab: Tables, names: list[str], rate: Array) -> list[Hazard]:
    of = tab.cls
    chance = rate[:, of]
    sent, quit_, south = tab.removed[:, of], tab.discouraged[:, of], tab.returned[:, of]
    held = tab.held[:, of]
    rest = np.maximum(1 - sent - quit_ - south - held, 0.0)
    found: list[Hazard] = []
    for k in np.flatnonzero(tab.watched):
        found += [
            Hazard("removal", int(k), chance * sent),
            Hazard("discouraged", int(k), chance * quit_),
            Hazard("held", int(k), chance * held, names[tab.end[k]], tab.held_delay),
            Hazard("released", int(k), chance * rest, names[tab.end[k]], tab.release_delay),
        ]
        for place, part in zip(tab.return_place, tab.return_part, strict=True):
            found.append(Hazard("sent-south", int(k), chance * south * part, names[place], tab.return_delay))
    return found


def _switches(tab: Tables, names: list[str]) -> dict[str, Array]:
    q = tab.cls.size
    found: dict[str, Array] = {}
    for p, name in enumerate(names):
        matrix = np.eye(q)
        if tab.draw_at[p] >= 0:
            rows = np.repeat(matrix[None], len(tab.share), axis=0)
            for c in range(tab.undrawn):
                pairs = slice(tab.pair_ptr[c], tab.pair_ptr[c + 1])
                for s in range(len(rows)):
                    if tab.drawn[s, tab.draw_at[p], c]:
                        rows[s, c, c] = 0.0
                        rows[s, c, pairs] = tab.share[s, tab.draw_at[p], pairs]
            found[name] = rows[tab.share_row] if len(rows) > 1 else rows[0]
        elif tab.forget_at[p]:
            matrix[tab.undrawn :] = 0.0
            matrix[np.arange(tab.undrawn, q), tab.cls[tab.undrawn :]] = 1.0
            found[name] = matrix
        elif tab.give_up_at[p]:
            for k in range(tab.undrawn, q):
                if tab.give_up_to[p, k] >= 0:
                    matrix[k] = 0.0
                    matrix[k, tab.give_up_to[p, k]] = 1.0
            found[name] = matrix
    return found


def record_of(tab: Tables, model: Model, made: Movement, like: Record) -> Record:
    """Return what the general engine recorded in the shape of the fast loop's record.

    Daily accounts and the state at the end are not kept; ``like`` lends their shapes.
    """
    months = like.between.shape[0]
    by_month = np.zeros((months, tab.month.size))
    by_month[tab.month, np.arange(tab.month.size)] = 1.0
    by_class = np.zeros((tab.cls.size, tab.undrawn))
    by_class[np.arange(tab.cls.size), tab.cls] = 1.0
    ends = np.flatnonzero(np.append(np.diff(tab.month), 1))
    names = np.array([h.name for h in model.hazards])

    def events(*wanted: str) -> Array:
        return np.asarray(by_month @ made.events[:, np.isin(names, wanted)].sum(axis=1))

    def monthly(values: Array) -> Array:
        flat = values.reshape(values.shape[0], -1)
        return (by_month @ flat).reshape(months, *values.shape[1:])

    intercepted = events("removal", "discouraged", "released", "held", "sent-south")
    port_rows = np.flatnonzero(names == "port")
    coming = np.zeros((months, len(model.places), tab.undrawn))
    for k, end in enumerate(tab.end):
        coming[:, end] += made.on_link[ends, k] @ by_class
    waits = np.zeros((months, tab.gate_link.size))
    days = np.arange(made.waits.shape[1])
    through = made.waits.sum(axis=(1, 2))
    mean = np.divide(made.waits.sum(axis=2) @ days, through, out=np.zeros(waits.shape[1]), where=through > 0)
    served = by_month @ made.served.sum(axis=2)
    return like._replace(
        between=events("encounter", "encounter-repeat"),
        repeat=events("encounter-repeat", "unseen-repeat") @ by_class,
        unseen=events("unseen", "unseen-repeat") @ by_class,
        ports=monthly(made.events[:, port_rows]) @ by_class,
        at_ports=events("port"),
        entered=monthly(made.entered) @ by_class,
        waited=served * mean,
        served=served,
        intercepted=intercepted @ by_class,
        removals=events("removal") @ by_class,
        discouraged=events("discouraged") @ by_class,
        sent_south=events("sent-south") @ by_class,
        stock=made.stock[ends] @ by_class,
        away=made.away[ends] @ by_class,
        coming=coming,
        queue=made.queue[ends] @ by_class,
    )
