"""The map: places, links, and the formats they are read from."""

from __future__ import annotations

from caudal.network._checks import Finding, check_case, check_network
from caudal.network._directory import read_network, write_network
from caudal.network._flee_case import Closure, Demographic, FleeCase, Series
from caudal.network._flee_read import read_flee
from caudal.network._flee_settings import FleeSettings
from caudal.network._flee_write import write_flee
from caudal.network._network import Link, Network, Place

__all__ = [
    "Closure",
    "Demographic",
    "Finding",
    "FleeCase",
    "FleeSettings",
    "Link",
    "Network",
    "Place",
    "Series",
    "check_case",
    "check_network",
    "read_flee",
    "read_network",
    "write_flee",
    "write_network",
]
