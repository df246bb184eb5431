"""``caudal read``: go through a document and check what it claims."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from caudal.cli._globals import settings
from caudal.cli.check import Language


class Shape(StrEnum):
    """How the result is given."""

    text = "text"
    json = "json"
    html = "html"


def command(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE|URL|-", help="HTML, text or PDF; - reads standard input.")
    ],
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="The day it was written; default: as it says."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Use only what had been published by DATE.")
    ] = None,
    language: Annotated[
        Language | None, typer.Option("--lang", help="Language of the verdicts; default: the document's.")
    ] = None,
    shape: Annotated[Shape, typer.Option("--format", "-f", help="How to give the result.")] = Shape.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to FILE.")
    ] = None,
) -> None:
    """Read a news article or report: its claims, who makes them, and what the official figures say."""
    import json

    from rich.console import Console
    from rich.progress import Progress

    from caudal import statements
    from caudal._core.errors import StoreError
    from caudal.figures import open_archive

    chosen = settings(ctx)
    with Progress(console=Console(stderr=True), disable=chosen.quiet, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        reading = statements.read(
            source,
            day=day,
            as_of=as_of,
            language=str(language) if language else None,
            archive=open_archive(chosen.store, embedded=chosen.embedded),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if shape is Shape.json:
        shown = json.dumps(reading.to_dict(), indent=2, ensure_ascii=False, default=str)
    else:
        shown = reading.to_html() if shape is Shape.html else str(reading)
    if output is None:
        typer.echo(shown)
        return
    try:
        output.write_text(shown + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror})", where=str(output)) from None
    chosen.note(f"wrote {output}")
