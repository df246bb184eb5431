"""The page of the map: the corridor as it is declared, its ports and closures, and everything the model assumes."""

from __future__ import annotations

from caudal import corridor
from caudal.figures import Archive
from caudal.web._ask import PlainAsked
from caudal.web._desk import Reply
from caudal.web._render import page

__all__ = ["corridor_page"]


def corridor_page(_: Archive, asked: PlainAsked) -> Reply:
    """Return the page."""
    return page(
        "corridor.html", "/corridor", asked, map=corridor.network_map(language=asked.lang),
        ports=corridor.ports().to_dicts(), closures=corridor.port_closures().to_dicts(),
        assumptions=corridor.assumptions().to_dicts(), caps=corridor.appointment_caps().to_dicts(),
    )  # fmt: skip
