"""One way to print a table: ``--format table|csv|json``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Format", "FormatOption", "print_json", "print_rows", "print_table"]


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    csv = "csv"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print the result.")]


def print_json(data: Any) -> None:
    """Print plain data as indented JSON, dates as ISO 8601."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def print_rows(frame: pl.DataFrame, form: Format, *, title: str | None = None) -> None:
    """Print a frame: an aligned table for people, CSV or a JSON list of rows for programs."""
    if form is Format.csv:
        typer.echo(frame.write_csv(), nl=False)
    elif form is Format.json:
        print_json(frame.to_dicts())
    else:
        print_table(
            {name: kind.is_numeric() for name, kind in frame.schema.items()}, frame.iter_rows(), title
        )


def print_table(columns: Mapping[str, bool], rows: Iterable[Sequence[object]], title: str | None) -> None:
    """Print an aligned table; ``columns`` says which of them hold numbers."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name, numeric in columns.items():
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    # A pipe has no width: print every column whole rather than folding at 80.
    width = None if sys.stdout.isatty() else 10_000
    console = Console(width=width, soft_wrap=True, highlight=False)
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}"
    return str(value)
