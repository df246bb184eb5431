"""``caudal evidence``: event studies."""

from __future__ import annotations

from typing import Annotated

import typer

from caudal.cli._globals import settings
from caudal.cli._output import Format, FormatOption, print_json, print_rows

__all__ = ["command"]


def command(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="EVENT", help="Only this event; see `caudal events`.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Use only what had been released and known by DATE.")
    ] = None,
    displacement: Annotated[
        bool,
        typer.Option("--displacement", help="Print where else the same citizenship was counted instead."),
    ] = False,
    null: Annotated[
        bool, typer.Option("--null", help="Print what the method says where nothing was done instead.")
    ] = False,
    form: FormatOption = Format.table,
) -> None:
    """Estimate what encounters did after an event, beside unexposed groups, a model and the season.

    Effects are natural logarithms (−0.69 is half), intervals 80 %, the status is set by a declared rule.
    """
    import polars as pl

    from caudal import figures, levers

    options = settings(ctx)
    archive = figures.open_archive(options.store, embedded=options.embedded)
    if null:
        said = levers.null_test(as_of=as_of, archive=archive)
        print_rows(pl.DataFrame([{"horizon_months": h, **r} for h, r in said.items()]), form)
        return
    if displacement:
        if name is not None:
            levers.event(name)
        print_rows(levers.displacement(name, as_of=as_of, archive=archive), form)
        return
    found = levers.evidence(name, as_of=as_of, archive=archive, progress=options.note)
    rows = [r.row() for r in found]
    if form is Format.json:
        print_json(rows)
        return
    shown = [
        {
            **row,
            "interval_80": f"{told.interval_80[0]:.2f} to {told.interval_80[1]:.2f}",
            "reason": told.reason,
        }
        for row, told in zip(rows, found, strict=True)
    ]
    print_rows(pl.DataFrame(shown, infer_schema_length=None), form)
