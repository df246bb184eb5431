"""Between the network and the application: bounded connections, slow or large requests refused, headers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import h11
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

from caudal.web._limits import Limits

__all__ = ["Guard", "bounded_protocol"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_NAMES_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

#: No script but our own files, no style but our own, nothing from elsewhere. No inline script at all, so no nonce.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'none'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
}


def _plain(status: str, text: str) -> bytes:
    body = (text + "\n").encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Retry-After: 5\r\nConnection: close\r\n\r\n".encode() + body


_FULL = _plain("503 Service Unavailable", "Too many open connections; try again in a few seconds.")
_SLOW = _plain("408 Request Timeout", "The request took too long to arrive.")


def bounded_protocol(limits: Limits) -> type[asyncio.Protocol]:
    """Return uvicorn's HTTP protocol with a limit on open connections and on the time a request may take to arrive."""

    class Bounded(H11Protocol):
        refused = False
        timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                self._refuse(_FULL)
            else:
                self._watch()

        def data_received(self, data: bytes) -> None:
            if self.refused:
                return
            super().data_received(data)
            if self.conn.their_state is h11.IDLE and self.timer is None:
                self._watch()  # the first bytes of another request on the same connection
            elif self.conn.their_state is not h11.IDLE:
                self._unwatch()

        def connection_lost(self, exc: Exception | None) -> None:
            self._unwatch()
            super().connection_lost(exc)

        def _watch(self) -> None:
            self.timer = self.loop.call_later(limits.header_seconds, self._late)

        def _unwatch(self) -> None:
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None

        def _late(self) -> None:
            self.timer = None
            if self.conn.their_state is h11.IDLE and (self.cycle is None or self.cycle.response_complete):
                self._refuse(_SLOW)

        def _refuse(self, answer: bytes) -> None:
            self.refused = True
            self.transport.write(answer)
            self.transport.close()

    return Bounded


class Guard:
    """ASGI middleware: who is asked for, how much is sent and how fast, and the headers of every answer.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    limits : Limits
        The bounds.
    public : bool
        Answer under any host name. Otherwise only under those of this machine, so that a page elsewhere cannot
        read from here by pointing a name of its own at the loopback address.
    """

    def __init__(self, app: Application, limits: Limits, *, public: bool = False) -> None:
        self._app, self._limits, self._public = app, limits, public

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        shielded = _shielded(send, str(scope["path"]), scope["query_string"])
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _answer(shielded, *refusal)
            return
        await self._app(scope, self._measured(receive), shielded)

    def _refusal(
        self, scope: MutableMapping[str, Any], headers: dict[bytes, bytes]
    ) -> tuple[int, str] | None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if not self._public and name not in _NAMES_OF_THIS_MACHINE:
            return 421, "This server answers only under the names of its own machine (localhost, 127.0.0.1)."
        if len(scope["raw_path"] or b"") + len(scope["query_string"]) > self._limits.address_bytes:
            return 414, f"The address is longer than {self._limits.address_bytes:,} bytes."
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._limits.body_bytes:
            return 413, f"The body is larger than {self._limits.body_bytes // 1_000_000} MB."
        return None

    def _measured(self, receive: Receive) -> Receive:
        """Return ``receive`` that refuses a body which is too large or too slow."""
        limits, seen, end = self._limits, 0, time.monotonic() + self._limits.body_seconds
        done = False

        async def measured() -> Message:
            nonlocal seen, done
            if done:
                return await receive()
            try:
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(
                    408, f"The body took longer than {limits.body_seconds:g} seconds."
                ) from None
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                done = not message.get("more_body", False)
            if seen > limits.body_bytes:
                raise HTTPException(413, f"The body is larger than {limits.body_bytes // 1_000_000} MB.")
            return message

        return measured


def _shielded(send: Send, path: str, query: bytes) -> Send:
    """Return ``send`` that adds the headers of every answer."""
    shared = path.startswith("/c/")
    embedded = shared and b"embed=" in query
    fixed = dict(_HEADERS)
    fixed["content-security-policy"] = _POLICY.format(ancestors="*" if embedded else "'self'")
    # Charts are made to be shown on other people's pages; nothing else is.
    fixed["cross-origin-resource-policy"] = "cross-origin" if shared else "same-origin"
    if not embedded:
        fixed["x-frame-options"] = "SAMEORIGIN"
    extra = [(name.encode(), value.encode()) for name, value in fixed.items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message.get("headers", [])}
            message["headers"] = [
                *message.get("headers", []),
                *(pair for pair in extra if pair[0] not in own),
            ]
        await send(message)

    return sending


async def _answer(send: Send, status: int, text: str) -> None:
    body = (text + "\n").encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
