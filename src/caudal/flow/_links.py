"""Which links are open: lists per place, changed by closures in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass

from caudal.network import Closure, Network

__all__ = ["DirectedLink", "LinkBook"]


@dataclass(frozen=True)
class DirectedLink:
    """One direction of a row of links. Parallel links are objects of their own."""

    start: int
    end: int
    length: float
    speed: float | None
    walk: float
    row: int


class LinkBook:
    """The open and closed links of every place, in order; a reopened link goes to the end of the list.

    Links are numbered; a link that closes keeps its number when it opens again, and whoever entered before is
    turned back all the same (the schedule lists links by the day they shut).
    """

    def __init__(self, network: Network, compat: str) -> None:
        self.compat = compat
        self.network = network
        self.all: list[DirectedLink] = []
        self.open: list[list[int]] = [[] for _ in network.places]
        self.closed: list[list[int]] = [[] for _ in network.places]
        for row, link in enumerate(network.links):
            a, b = network.index[link.start], network.index[link.end]
            for _ in range(link.copies):
                for start, end in ((a, b), (b, a)) if link.two_way else ((a, b),):
                    self.open[start].append(len(self.all))
                    self.all.append(
                        DirectedLink(start, end, link.length, link.speed, link.walk_probability, row)
                    )

    def apply(self, action: str, closure: Closure) -> list[int]:
        """Close or open what a row of ``closures.csv`` says; return the links shut by it."""
        shut: list[int] = []
        for start, end in self._pairs(action, closure):
            source, target = (self.open, self.closed) if action == "close" else (self.closed, self.open)
            moved = [k for k in source[start] if self.all[k].end == end]
            source[start] = [k for k in source[start] if self.all[k].end != end]
            target[start] += moved
            shut += moved if action == "close" else []
        return shut

    def _pairs(self, action: str, closure: Closure) -> list[tuple[int, int]]:
        """Return the (start, end) pairs of places a closure is about."""
        index, places = self.network.index, self.network.places
        book = self.open if action == "close" else self.closed
        present = dict.fromkeys((self.all[k].start, self.all[k].end) for links in book for k in links)
        if closure.kind == "country":
            wanted = ((closure.first, closure.second), (closure.second, closure.first))
            return [
                (a, b)
                for first, second in wanted
                for a, b in present
                if places[a].country == first and places[b].country == second
            ]
        if closure.kind == "location":
            i = index[closure.first]
            return [pair for pair in present if i in pair]
        if self.compat == "flee":
            # The reference compares names by identity here and closes nothing; `check` warns of it.
            return []
        pair = (index[closure.first], index[closure.second])
        return [p for p in (pair, pair[::-1]) if p in present]
