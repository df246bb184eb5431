"""Run the application with uvicorn: on the loopback interface unless told otherwise."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable

import uvicorn

from caudal._core.errors import OptionError
from caudal.web._app import application
from caudal.web._guard import bounded_protocol
from caudal.web._limits import Limits

__all__ = ["HOST", "PORT", "is_loopback", "serve"]

HOST = "127.0.0.1"
PORT = 8642
#: Idle connections are kept this long.
_KEEP_ALIVE = 5


def is_loopback(host: str) -> bool:
    """Return whether a host name or address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    *,
    host: str = HOST,
    port: int = PORT,
    public: bool = False,
    store: str | os.PathLike[str] | None = None,
    embedded: bool = True,
    limits: Limits | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    host, port : str, int
        Where to listen; port 0 takes a free one.
    public : bool
        Allow an address that other machines can reach. There is no login: whoever reaches it can read everything.
    store, embedded : path, bool
        The archive, as in `caudal.figures.open_archive`.
    limits : Limits, optional
        The bounds of the server.
    ready : callable, optional
        Called with the address once it listens.

    Raises
    ------
    OptionError
        When the address is not loopback and ``public`` is not set, or cannot be listened on.
    """
    if not public and not is_loopback(host):
        raise OptionError(
            f"{host} can be reached from other machines, and there is no login",
            where="--host",
            remedy="Add --public if that is what you want",
        )
    bounds = limits or Limits()
    listening = _listen(host, port)
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listening.getsockname()[1]}/"
    config = uvicorn.Config(
        application(store=store, embedded=embedded, limits=bounds, public=public),
        http=bounded_protocol(bounds),
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=5,
        backlog=2048,
    )
    with listening:
        if ready is not None:
            ready(address)
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)  # from here on a reader waits rather than being refused
    except (OSError, OverflowError) as error:
        found.close()
        raise OptionError(
            f"cannot listen on {host}:{port} ({getattr(error, 'strerror', None) or error})",
            where="--port",
            remedy="Another program may have it: choose another with --port, or --port 0 for a free one",
        ) from None
    found.set_inheritable(True)
    return found
