"""``caudal brief``: write the briefing."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from caudal.cli._globals import settings


class Language(StrEnum):
    """Languages of the briefing."""

    en = "en"
    es = "es"


class Shape(StrEnum):
    """Formats of the briefing."""

    html = "html"
    pdf = "pdf"
    json = "json"


def command(
    ctx: typer.Context,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="As of this day; default: the newest release."),
    ] = None,
    language: Annotated[Language, typer.Option("--lang", help="Language.")] = Language.en,
    shape: Annotated[
        Shape | None,
        typer.Option("--format", "-f", help="Format of the file; default: what its name ends in, else html."),
    ] = None,
    capacity: Annotated[
        float | None,
        typer.Option(metavar="N", min=0, help="Add the chance of more than N encounters a month."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="File to write; default: brief.html."),
    ] = None,
) -> None:
    """Write the briefing: what is true and what comes next, with a source behind every number."""
    from caudal import brief
    from caudal.figures import open_archive

    chosen = settings(ctx)
    archive = open_archive(chosen.store, embedded=chosen.embedded)
    suffix = output.suffix.removeprefix(".").lower() if output else ""
    form = str(shape) if shape else suffix if suffix in brief.FORMATS else "html"
    target = output or Path(f"brief.{form}")
    chosen.note("writing the briefing …")
    path = brief.write(
        target, format=form, as_of=as_of, language=str(language), capacity=capacity, archive=archive
    )
    typer.echo(str(path.resolve()))
