"""One corridor as data and as a model: the ways to the US–Mexico border."""

from __future__ import annotations

from caudal._core.later import later
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
    "HANDLES",
    "OUTCOMES",
    "Calibration",
    "Closure",
    "Inverse",
    "Outcomes",
    "Outlook",
    "animated_map",
    "appointment_caps",
    "assumptions",
    "calibrate",
    "check",
    "classes",
    "compile_tables",
    "death_rates",
    "entry_places",
    "flow_map",
    "inverse",
    "links",
    "network",
    "network_map",
    "outlines",
    "outlook",
    "places",
    "port_closures",
    "ports",
    "sankey",
    "sectors",
    "shortest_km",
    "simulate",
    "table",
    "validate",
]

#: Loaded when first used: the model needs compiled code, the tables do not.
_LATER = {
    "HANDLES": "_parameters",
    "OUTCOMES": "_outcomes",
    "Calibration": "_calibrate",
    "Closure": "_parameters",
    "Inverse": "_inverse",
    "Outlook": "_outlook",
    "Outcomes": "_outcomes",
    "calibrate": "_calibrate",
    "inverse": "_inverse",
    "outlook": "_outlook",
    "simulate": "_simulate",
    "validate": "_validate",
}
__getattr__ = later(__name__, _LATER)
