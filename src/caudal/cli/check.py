"""``caudal check``: what a sentence says, against the official figures."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from caudal.cli._globals import settings


class Language(StrEnum):
    """Languages of the answer."""

    en = "en"
    es = "es"


class Shape(StrEnum):
    """How the answer is printed."""

    text = "text"
    json = "json"


def command(
    ctx: typer.Context,
    text: Annotated[
        str, typer.Argument(help='A sentence, e.g. "November 2023 was the highest November for encounters".')
    ],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Use only what had been published by DATE.")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="The day it was written, for 'last month'.")
    ] = None,
    language: Annotated[
        Language | None, typer.Option("--lang", help="Language of the answer; default: the sentence's.")
    ] = None,
    shape: Annotated[Shape, typer.Option("--format", "-f", help="How to print the answer.")] = Shape.text,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add a sentence on each line, and notes.")
    ] = False,
) -> None:
    """Check a sentence in English or Spanish, under every definition it could mean."""
    import json

    from caudal import statements
    from caudal._core.errors import OptionError
    from caudal.figures import open_archive

    chosen = settings(ctx)
    found = statements.check(
        text,
        as_of=as_of,
        day=day,
        language=str(language) if language else None,
        archive=open_archive(chosen.store, embedded=chosen.embedded),
    )
    if not found.verdicts:
        raise OptionError(
            f"not checked: {found.reason}",
            remedy="Understood would be, e.g.: " + " · ".join(f"“{hint}”" for hint in found.hints),
        )
    if shape is Shape.json:
        typer.echo(json.dumps(found.to_list(), indent=2, ensure_ascii=False, default=str))
        return
    typer.echo(str(found))
    if explain:
        typer.echo("")
        for one in found:
            typer.echo(one.sentence)
