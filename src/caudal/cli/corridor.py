"""``caudal corridor``: the ways to the border as declared data, checked and drawn; the model on them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from caudal.cli._output import Format, FormatOption, print_rows

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


class TableName(StrEnum):
    """What can be shown."""

    places = "places"
    links = "links"
    sectors = "sectors"
    ports = "ports"
    closures = "closures"
    caps = "caps"
    classes = "classes"
    entries = "entries"
    assumptions = "assumptions"


@app.command()
def show(
    name: Annotated[TableName, typer.Argument(metavar="TABLE", help="Which of the declared tables.")],
    form: FormatOption = Format.table,
) -> None:
    """Print a declared table: every number with its source and status."""
    import polars as pl

    from caudal.corridor import table

    lists = pl.selectors.list()
    print_rows(table(name.value).with_columns(lists.list.join("|")), form)
