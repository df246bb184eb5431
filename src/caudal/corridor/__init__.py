"""One corridor as data and as a model: the ways to the US–Mexico border."""

from __future__ import annotations

from caudal.corridor._tables import (
    appointment_caps,
    assumptions,
    classes,
    entry_places,
    links,
    network,
    places,
    port_closures,
    ports,
    sectors,
    table,
)

__all__ = [
    "appointment_caps",
    "assumptions",
    "classes",
    "entry_places",
    "links",
    "network",
    "places",
    "port_closures",
    "ports",
    "sectors",
    "table",
]
