"""What one request, one reader and the whole server may take. Every limit ends in a clear refusal, never in a hang."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Bounds of the server.

    Attributes
    ----------
    connections : int
        Open connections; one more is answered 503 and closed.
    header_seconds, body_seconds : float
        How long a request line with headers, and a body, may take to arrive.
    body_bytes : int
        Largest body.
    address_bytes : int
        Longest path and query.
    statement_characters : int
        Longest statement that is checked.
    reading_seconds : float
        Longest time spent on one document.
    workers, waiting : int
        Answers worked out at the same time, and waiting for it; one more is answered 503.
    cache_bytes : int
        Answers kept, all together.
    """

    connections: int = 400
    header_seconds: float = 10.0
    body_seconds: float = 15.0
    body_bytes: int = 8_000_000
    address_bytes: int = 8_192
    statement_characters: int = 2_000
    reading_seconds: float = 20.0
    workers: int = 2
    waiting: int = 64
    cache_bytes: int = 96_000_000
