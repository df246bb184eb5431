"""A corridor small enough for every engine: two ways north, two sectors, one field office with two ports."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from caudal.corridor._build import Drivers, State, build, day_list
from caudal.corridor._ground import Ground, ground
from caudal.corridor._parameters import Parameters, closures_of
from caudal.corridor._rules import Tables

CLASSES = ("mexico", "venezuela")
CENTRAL = {
    "rail_share": 0.33,
    "rail_share_others": 0.3,
    "rail_bus_substitution": 0.25,
    "route_cost_scale": 1.0,
    "route_cost_per_km": 0.004,
    "link_constant_road": -1.5,
    "fly_share": 0.1,
    "nesting": 0.0,
    "hub_dwell": 2.0,
    "tapachula_dwell": 4.0,
    "border_city_dwell": 3.3,
    "return_south": 0.5,
    "return_delay": 5.0,
    "return_to_tapachula": 0.6,
    "release_delay": 1.0,
    "held_after_interception": 0.1,
    "held_days": 3.0,
    "discouragement": 0.05,
    "southern_hold": 1.0,
    "interception_factor": 1.0,
    "encounter_probability": 0.8,
    "retry_title_42": 0.45,
    "retry_mexican": 0.3,
    "retry_other": 0.05,
    "retry_delay": 7.0,
    "evasion_retry": 0.02,
    "queue_days": 30.0,
    "abandonment": 0.01,
    "rail_capacity": 1.0,
    "origin_inflow": 1.0,
}


def frames() -> dict[str, pl.DataFrame]:
    def rows(names: list[str], *given: tuple[Any, ...]) -> pl.DataFrame:
        return pl.DataFrame([dict(zip(names, row, strict=True)) for row in given])

    return {
        "places": rows(
            ["place", "country", "kind", "latitude", "longitude", "dwell"],
            ("darien", "PAN", "entry", 8.4, -77.8, "hub_dwell"),
            ("tapachula", "MEX", "entry", 14.9, -92.3, "tapachula_dwell"),
            ("villahermosa", "MEX", "hub", 18.0, -92.9, "hub_dwell"),
            ("mexico-city", "MEX", "hub", 19.4, -99.1, "hub_dwell"),
            ("monterrey", "MEX", "hub", 25.7, -100.3, "hub_dwell"),
            ("ciudad-juarez", "MEX", "border_city", 31.7, -106.5, "border_city_dwell"),
            ("reynosa", "MEX", "border_city", 26.1, -98.3, "border_city_dwell"),
        ),
        "links": rows(
            [
                "link",
                "from",
                "to",
                "mode",
                "distance_km",
                "speed_parameter",
                "speed_km_per_day",
                "interception",
            ],
            ("darien--tapachula--road", "darien", "tapachula", "road", 2000.0, "", 450.0, 0),
            ("tapachula--villahermosa--road", "tapachula", "villahermosa", "road", 500.0, "", 450.0, 1),
            ("villahermosa--mexico-city--road", "villahermosa", "mexico-city", "road", 800.0, "", 450.0, 1),
            ("tapachula--mexico-city--rail", "tapachula", "mexico-city", "rail", 1141.0, "", 300.0, 1),
            (
                "mexico-city--ciudad-juarez--rail",
                "mexico-city",
                "ciudad-juarez",
                "rail",
                1657.0,
                "",
                300.0,
                1,
            ),
            (
                "mexico-city--ciudad-juarez--road",
                "mexico-city",
                "ciudad-juarez",
                "road",
                1800.0,
                "",
                600.0,
                1,
            ),
            ("mexico-city--monterrey--road", "mexico-city", "monterrey", "road", 900.0, "", 450.0, 1),
            ("monterrey--reynosa--road", "monterrey", "reynosa", "road", 220.0, "", 450.0, 1),
            ("monterrey--ciudad-juarez--road", "monterrey", "ciudad-juarez", "road", 1100.0, "", 450.0, 1),
            ("mexico-city--ciudad-juarez--air", "mexico-city", "ciudad-juarez", "air", 1550.0, "", 3000.0, 1),
        ),
        "sectors": rows(
            ["sector", "border_city", "share"], ("EPT", "ciudad-juarez", 1.0), ("RGV", "reynosa", 1.0)
        ),
        "ports": rows(
            ["port", "field_office", "border_city", "appointments_per_day"],
            ("2402", "FO-X", "ciudad-juarez", 200.0),
            ("2305", "FO-X", "reynosa", 200.0),
        ),
    }


def reduced() -> Ground:
    found = frames()
    return ground(found["places"], found["links"], found["sectors"], found["ports"])


def rules(
    days: int = 60,
    *,
    people: float = 1.0,
    given: dict[str, Any] | None = None,
    closures: tuple[dict[str, Any], ...] = (),
    capacity: float | None = 20.0,
    state: State | None = None,
    counted: float | None = None,
    audit: bool = True,
    first: date = date(2023, 4, 20),
) -> tuple[Ground, Tables]:
    net = reduced()
    when = day_list(first, days)
    inflow = np.tile([60.0, 40.0, 100.0], (days, 1)) * people
    mix = np.zeros((2, len(net.places)))
    mix[0, net.index("mexico-city")] = 1.0
    mix[1, net.index("darien")] = 1.0
    drive = Drivers(
        when,
        (
            ("mexico-city", "mexico", "land"),
            ("tapachula", "venezuela", "land"),
            ("darien", "venezuela", "land"),
        ),
        inflow,
        np.array([[[0.5, 0.3, 0.2], [0.3, 0.3, 0.4]], [[0.2, 0.7, 0.1], [0.6, 0.2, 0.2]]]),
        (np.arange(days) >= days // 2).astype(np.int64),
        np.full((days, 2), np.nan if counted is None else counted),
        np.tile([0.0, 0.06], (days, 1)),
        np.full((days, 2), 0.1),
        None if capacity is None else np.full((days, 2), capacity),
        mix,
    )
    par = Parameters(CENTRAL, given, CLASSES)
    tab = build(
        net, CLASSES, ("venezuela",), par, drive, closures=closures_of(closures), state=state, audit=audit
    )
    return net, tab
