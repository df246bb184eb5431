"""One corridor as data and as a model: the ways to the US–Mexico border."""

from __future__ import annotations

from caudal.corridor._animate import animated_map
from caudal.corridor._checks import check
from caudal.corridor._compile_all import compile_tables
from caudal.corridor._deaths import death_rates
from caudal.corridor._map import flow_map, network_map
from caudal.corridor._outlines import outlines
from caudal.corridor._paths import shortest_km
from caudal.corridor._sankey import sankey
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
    "animated_map",
    "appointment_caps",
    "assumptions",
    "check",
    "classes",
    "compile_tables",
    "death_rates",
    "entry_places",
    "flow_map",
    "links",
    "network",
    "network_map",
    "outlines",
    "places",
    "port_closures",
    "ports",
    "sankey",
    "sectors",
    "shortest_km",
    "table",
]
