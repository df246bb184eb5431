"""``caudal serve``: the application, on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from caudal.cli._globals import settings


def command(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8642,
    public: Annotated[
        bool,
        typer.Option("--public", help="Allow an address that other machines can reach; there is no login."),
    ] = False,
) -> None:
    """Serve the application until interrupted: pages, charts and an API over the archive."""
    from caudal import web

    chosen = settings(ctx)

    def ready(address: str) -> None:
        # The address is the result: scripts read it, so it goes to standard output and at once.
        print(address, flush=True)  # noqa: T201
        chosen.note("Ctrl-C stops it")

    try:
        web.serve(
            host=host, port=port, public=public, store=chosen.store, embedded=chosen.embedded, ready=ready
        )
    except KeyboardInterrupt:
        chosen.note("stopped")
