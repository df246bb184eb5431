"""``caudal events``: dated policy events with sources."""

from __future__ import annotations

from typing import Annotated

import typer

from caudal.cli._output import Format, FormatOption, print_rows

__all__ = ["command"]


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="EVENT", help="Only this event, with all it says.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only what could be known of by DATE.")
    ] = None,
    lever: Annotated[str | None, typer.Option(metavar="LEVER", help="Only cases of this lever.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """List policy events: announced, signed, effective, suspended; whom they exposed; who says so."""
    from caudal import levers

    frame = levers.events(as_of, lever=lever)
    if name is not None:
        levers.event(name)
        frame = frame.filter(event=name)
    if form is Format.table and name is not None:
        for column, value in frame.row(0, named=True).items() if frame.height else ():
            typer.echo(f"{column:13} {value}")
        return
    if form is Format.table:
        frame = frame.select(
            "event", "announced", "signed", "effective", "exposed", "levers", "disputed", "unverified"
        )
    print_rows(frame, form)
