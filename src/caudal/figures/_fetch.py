"""Reading publishers' addresses: politely, within limits, and never trusting what comes back.

Requests are conditional (ETag, Last-Modified); errors of the server and of the line are tried again with back-off;
a download that stops is taken up where it stopped; size, time and redirects have limits; a web page in place of a
table is refused. Nothing here touches the archive.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from caudal._core.errors import FetchError
from caudal.figures._release import MAX_FILE_BYTES

if TYPE_CHECKING:
    import httpx

__all__ = ["Fetched", "Fetcher", "OfflineError"]

_PAGE = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<script")
_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class OfflineError(FetchError):
    """The publisher could not be reached at all."""


class _AgainError(Exception):
    """Something that may be better in a moment; carries what to say when it is not."""

    def __init__(self, error: FetchError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Fetched:
    """What an address answered.

    Attributes
    ----------
    address : str
        Where it finally came from.
    content : bytes or None
        The body; None when it has not changed.
    etag, modified : str
        What to ask with the next time.
    released : datetime.date or None
        Day of ``Last-Modified``.
    size : int or None
        Bytes announced or received.
    """

    address: str
    content: bytes | None
    etag: str
    modified: str
    released: date | None
    size: int | None

    @property
    def sha256(self) -> str:
        """SHA-256 of the body."""
        return hashlib.sha256(self.content or b"").hexdigest()


class Fetcher:
    """Reads addresses.

    Parameters
    ----------
    directory : pathlib.Path
        Where parts of downloads are kept until they are whole.
    timeout : float
        Seconds to wait for an answer, or for the next bytes of it.
    deadline : float
        Seconds that one file may take in all.
    attempts : int
        How often an address is tried.
    wait : float
        Seconds before the second try; doubled for each further one, with jitter.
    limit : int
        Largest file, in bytes.
    """

    def __init__(
        self,
        directory: Path,
        *,
        timeout: float = 30,
        deadline: float = 300,
        attempts: int = 4,
        wait: float = 0.5,
        limit: int = MAX_FILE_BYTES,
    ) -> None:
        self.directory = directory
        self.timeout, self.deadline = timeout, deadline
        self.attempts, self.wait, self.limit = attempts, wait, limit

    def get(
        self, address: str, *, etag: str = "", modified: str = "", page: bool = False, head: bool = False
    ) -> Fetched:
        """Return what an address answers.

        Parameters
        ----------
        address : str
            ``http`` or ``https``.
        etag, modified : str
            Of the last answer: the body comes only if it has changed since.
        page : bool
            Whether a web page is expected.
        head : bool
            Stop after the headers; the content is then empty.

        Raises
        ------
        FetchError
            When it cannot be had, with what happened; `OfflineError` when nobody answered.
        """
        import stamina
        from stamina.instrumentation import set_on_retry_hooks

        set_on_retry_hooks([])  # its own log lines would stand between the user and the one line that matters
        started = time.monotonic()
        try:
            for attempt in stamina.retry_context(
                on=_AgainError,
                attempts=self.attempts,
                timeout=None,
                wait_initial=self.wait,
                wait_max=8 * self.wait,
            ):
                with attempt:
                    return self._once(address, etag, modified, page, head, started + self.deadline)
        except _AgainError as last:
            raise last.error from None
        raise AssertionError("unreachable")

    def impatient(self) -> Fetcher:
        """Return a fetcher that tries once only: for what remains when a publisher could not be reached."""
        return Fetcher(
            self.directory,
            timeout=self.timeout,
            deadline=self.deadline,
            attempts=1,
            wait=self.wait,
            limit=self.limit,
        )

    def _once(self, address: str, etag: str, modified: str, page: bool, head: bool, until: float) -> Fetched:
        import httpx

        part = _Part(self.directory, address)
        headers = {"User-Agent": "caudal (open research software)", "Accept-Encoding": "identity"}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        if part.resumable and not page and not head:
            headers |= {"Range": f"bytes={part.size}-", "If-Range": part.etag}
        with _translated(address):
            client = httpx.Client(timeout=self.timeout, follow_redirects=True, max_redirects=5)
            with client, client.stream("GET", address, headers=headers) as answer:
                if answer.status_code == 304:
                    return _fetched(answer, None, etag, modified, 0)
                self._check(answer, address, page)
                if head:
                    return _fetched(answer, b"", size=_length(answer))
                part.begin(answer.headers.get("etag", ""), resume=answer.status_code == 206)
                self._receive(answer, part, address, until)
                content = part.take()
                if not page and content[:2000].lstrip().lower().startswith(_PAGE):
                    raise _page(address)
                return _fetched(answer, content, size=len(content))

    def _check(self, answer: httpx.Response, address: str, page: bool) -> None:
        code = answer.status_code
        if code in _AGAIN:
            raise _AgainError(
                FetchError(f"answered {code} {answer.reason_phrase}", where=address, remedy="Try later")
            )
        if code >= 400:
            raise FetchError(
                f"answered {code} {answer.reason_phrase}",
                where=address,
                remedy="The publisher has moved it: `caudal figures add FILE` takes a file at hand",
            )
        announced = _length(answer)
        if announced is not None and announced > self.limit:
            raise FetchError(
                f"announces {announced / 2**20:,.0f} MiB, the limit is {self.limit / 2**20:,.0f} MiB",
                where=address,
            )
        if not page and "text/html" in answer.headers.get("content-type", ""):
            raise _page(address)

    def _receive(self, answer: httpx.Response, part: _Part, address: str, until: float) -> None:
        expected = _length(answer)
        received = 0
        for chunk in answer.iter_raw():
            received += len(chunk)
            part.append(chunk)
            if part.size > self.limit:
                part.drop()
                raise FetchError(f"is larger than the limit of {self.limit / 2**20:,.0f} MiB", where=address)
            if time.monotonic() > until:
                raise FetchError(
                    f"is too slow: {part.size:,} bytes in {self.deadline:.0f} seconds",
                    where=address,
                    remedy="Run it again: the download is taken up where it stopped"
                    if part.etag
                    else "Try later",
                )
        if expected is not None and received != expected:
            raise _AgainError(
                FetchError(
                    f"ended after {received:,} of {expected:,} bytes", where=address, remedy="Try later"
                )
            )


class _Part:
    """A download on disk until it is whole: its bytes, and the ETag that says which file they are of."""

    def __init__(self, directory: Path, address: str) -> None:
        name = hashlib.sha256(address.encode()).hexdigest()[:24]
        self.path = directory / f"{name}.part"
        self.note = directory / f"{name}.json"
        try:
            self.etag: str = json.loads(self.note.read_text(encoding="utf-8"))["etag"]
            self.size = self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            self.etag, self.size = "", 0

    @property
    def resumable(self) -> bool:
        return bool(self.etag) and self.size > 0 and not self.etag.startswith("W/")

    def begin(self, etag: str, *, resume: bool) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not resume:
            self.path.write_bytes(b"")
            self.size, self.etag = 0, etag
            self.note.write_text(json.dumps({"etag": etag}), encoding="utf-8")

    def append(self, chunk: bytes) -> None:
        with self.path.open("ab") as stream:
            stream.write(chunk)
        self.size += len(chunk)

    def take(self) -> bytes:
        content = self.path.read_bytes()
        self.drop()
        return content

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


@contextmanager
def _translated(address: str) -> Iterator[None]:
    """Turn what httpx raises into what a user can act on."""
    import httpx

    try:
        yield
    except httpx.TooManyRedirects:
        raise FetchError(
            "redirects in a circle", where=address, remedy="The publisher has to mend it"
        ) from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _AgainError(
            OfflineError(
                f"cannot be reached ({error or 'no answer'})", where=address, remedy="Check the connection"
            )
        ) from None
    except httpx.TimeoutException:
        raise _AgainError(FetchError("does not answer in time", where=address, remedy="Try later")) from None
    except httpx.TransportError as error:
        raise _AgainError(FetchError(f"broke off ({error})", where=address, remedy="Try later")) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise FetchError(f"is not an address ({error})", where=address) from None


def _page(address: str) -> FetchError:
    return FetchError(
        "answered with a web page, not a table",
        where=address,
        remedy="It may be a login or a notice; open it in a browser and `caudal figures add` the file",
    )


def _length(answer: httpx.Response) -> int | None:
    text = answer.headers.get("content-length", "")
    return int(text) if text.isdigit() else None


def _fetched(
    answer: httpx.Response, content: bytes | None, etag: str = "", modified: str = "", size: int | None = None
) -> Fetched:
    last = answer.headers.get("last-modified", modified)
    try:
        day = parsedate_to_datetime(last).date() if last else None
    except (ValueError, TypeError):
        day = None
    return Fetched(str(answer.url), content, answer.headers.get("etag", etag), last, day, size)
