"""One corridor as data and as a model: the ways to the US–Mexico border."""

from __future__ import annotations

from caudal.corridor._checks import check
from caudal.corridor._compile_all import compile_tables
from caudal.corridor._deaths import death_rates
from caudal.corridor._paths import shortest_km
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
    "check",
    "classes",
    "compile_tables",
    "death_rates",
    "entry_places",
    "links",
    "network",
    "places",
    "port_closures",
    "ports",
    "sectors",
    "shortest_km",
    "table",
]
