"""Answers: worked out once per archive state and address, kept within bounds, never twice at the same time."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import caudal
from caudal import figures
from caudal._core.errors import CaudalError
from caudal.web._limits import Limits

__all__ = ["Desk", "Reply"]

#: Smaller answers are not worth packing.
_PACKED_FROM = 1_000
_PACKABLE = ("text/", "application/json", "image/svg+xml", "application/vnd.oai")


@dataclass(frozen=True)
class Reply:
    """An answer: bytes with their kind, the same for everybody who asks the same of the same archive."""

    body: bytes
    media: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    packed: bytes | None = None
    keep: bool = True

    @property
    def size(self) -> int:
        """Bytes it takes to keep."""
        return len(self.body) + len(self.packed or b"") + 500

    def with_packed(self) -> Reply:
        """Return the reply with its body compressed beside it, if that is worth it."""
        if not self.keep or len(self.body) < _PACKED_FROM or not self.media.startswith(_PACKABLE):
            return self
        # No time stamp in it: the same answer is the same bytes.
        packed = gzip.compress(self.body, compresslevel=6, mtime=0)
        return Reply(self.body, self.media, self.status, self.headers, packed)


Maker = Callable[[figures.Archive], Reply]


class Desk:
    """Where answers come from.

    Parameters
    ----------
    store, embedded
        The archive, as in `caudal.figures.open_archive`.
    limits : Limits
        How many at once, how many waiting, how many kept.
    """

    def __init__(self, store: str | os.PathLike[str] | None, embedded: bool, limits: Limits) -> None:
        self.store, self._embedded, self.limits = store, embedded, limits
        self.path = Path(store) if store is not None else None
        self._kept: OrderedDict[str, Reply] = OrderedDict()
        self._bytes = 0
        self._under_way: dict[str, asyncio.Future[Reply]] = {}
        self._pool = ThreadPoolExecutor(limits.workers, thread_name_prefix="caudal-answer")

    def archive(self) -> figures.Archive:
        """Return the archive as it is now."""
        return figures.open_archive(self.store, embedded=self._embedded)

    def state(self) -> str:
        """Return a name for all that answers depend on besides the address: version, releases, the user's own files."""
        layers = tuple((str(layer.path), layer.identity) for layer in self.archive().layers)
        home = Path(figures.store_directory(self.store))
        own = sorted([*home.glob("*.csv"), *home.glob("*/*.csv")])
        files = [(str(path), path.stat().st_mtime_ns) for path in own]
        said = repr((caudal.__version__, layers, files))
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def answer(self, request: Request, key: str, make: Maker) -> Response:
        """Return the answer to an address: kept, not changed since, under way, or worked out now.

        Parameters
        ----------
        request : Request
            The request, for its conditions and what it accepts.
        key : str
            The address in one spelling: what the answer depends on, the archive's state aside.
        make : callable
            Works it out from the archive; run in a thread.
        """
        state = self.state()
        name = f"{state} {key}"
        tag = f'W/"{hashlib.sha256(name.encode()).hexdigest()[:24]}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=_caching(tag))
        reply = self._kept.get(name)
        if reply is not None:
            self._kept.move_to_end(name)
        else:
            reply = await self._made(name, make)
        return _response(request, reply, tag)

    async def work(self, make: Callable[[], Reply]) -> Reply:
        """Work something out in a thread that is not to be kept."""
        if len(self._under_way) >= self.limits.waiting:
            raise HTTPException(503, "Many answers are being worked out; try again in a few seconds.")
        loop = asyncio.get_running_loop()
        name = f"work {id(make)}"
        future = asyncio.ensure_future(loop.run_in_executor(self._pool, make))
        self._under_way[name] = future
        try:
            return await asyncio.shield(future)
        finally:
            self._under_way.pop(name, None)

    async def _made(self, name: str, make: Maker) -> Reply:
        future = self._under_way.get(name)
        if future is None:
            if len(self._under_way) >= self.limits.waiting:
                raise HTTPException(503, "Many answers are being worked out; try again in a few seconds.")
            archive = self.archive()
            loop = asyncio.get_running_loop()
            future = asyncio.ensure_future(
                loop.run_in_executor(self._pool, lambda: make(archive).with_packed())
            )
            self._under_way[name] = future
            future.add_done_callback(lambda done: self._finished(name, done))
        # A reader who leaves does not take the answer away from those who wait for the same.
        return await asyncio.shield(future)

    def _finished(self, name: str, done: asyncio.Future[Reply]) -> None:
        self._under_way.pop(name, None)
        if done.cancelled() or done.exception() is not None:
            return
        reply = done.result()
        if not reply.keep:
            return
        if reply.size > self.limits.cache_bytes // 8:
            return
        self._kept[name] = reply
        self._bytes += reply.size
        while self._bytes > self.limits.cache_bytes:
            _, old = self._kept.popitem(last=False)
            self._bytes -= old.size


def _caching(tag: str) -> dict[str, str]:
    return {"etag": tag, "cache-control": "no-cache", "vary": "Accept-Encoding"}


def _response(request: Request, reply: Reply, tag: str) -> Response:
    headers = {**reply.headers, **(_caching(tag) if reply.keep else {"cache-control": "no-store"})}
    body = reply.body
    if reply.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = reply.packed, "gzip"
    return Response(body, reply.status, headers, media_type=reply.media)


def status_of(error: CaudalError) -> int:
    """Return the HTTP status of an error: 404 when the archive cannot answer, 400 for what was asked wrongly."""
    from caudal._core.errors import NotKnownError, StoreError

    if isinstance(error, NotKnownError):
        return 404
    return 503 if isinstance(error, StoreError) else 400
