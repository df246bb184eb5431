"""``caudal corridor``: the ways to the border as declared data, checked and drawn; the model on them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from caudal.cli._globals import settings
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
    deaths = "deaths"


AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Only what was published by this day (deaths).")
]


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[TableName, typer.Argument(metavar="TABLE", help=", ".join(TableName))],
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Print a declared table, every number with source and status; `deaths` is computed from the archive."""
    import polars as pl

    from caudal import corridor, figures

    if name is TableName.deaths:
        known = settings(ctx)
        archive = figures.open_archive(known.store, embedded=known.embedded)
        print_rows(corridor.death_rates(as_of=as_of, archive=archive), form)
    else:
        lists = pl.selectors.list()
        print_rows(corridor.table(name.value).with_columns(lists.list.join("|")), form)


@app.command()
def check(ctx: typer.Context, form: FormatOption = Format.table) -> None:
    """Check the declared tables and print one line per finding; exit code 1 when there is an error."""
    import polars as pl

    from caudal import corridor

    findings = corridor.check()
    if form is Format.table:
        for finding in findings:
            typer.echo(f"{finding.level}: {finding}")
        settings(ctx).note(f"{len(findings)} findings")
    else:
        columns = ("level", "where", "what", "remedy")
        rows = [{column: getattr(finding, column) for column in columns} for finding in findings]
        print_rows(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)), form)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


@app.command("compile")
def compile_(
    source: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="Directory of the publishers' files.")
    ],
    atlas: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Also the outlines: where npm put world-atlas and us-atlas (node_modules).",
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="Where to write; default: the package's tables."),
    ] = Path("src/caudal/corridor/data"),
) -> None:
    """Compile places, links, deaths and outlines from the publishers' files (for maintainers)."""
    from caudal.corridor import compile_tables

    for name, count in compile_tables(source, out, atlas=atlas).items():
        typer.echo(f"{out / name}: {count:,}")


class Language(StrEnum):
    """Languages of maps."""

    en = "en"
    es = "es"


@app.command("map")
def map_(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE.svg", help="Where to write it.")],
    language: Annotated[Language, typer.Option("--lang", help="Language of words.")] = Language.en,
) -> None:
    """Draw the declared corridor: places by kind, links by mode, schematic sectors."""
    from caudal.corridor import network_map

    out.write_text(network_map(language=language.value), encoding="utf-8")
    typer.echo(str(out))


@app.command()
def draw(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Directory of the pictures.")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="What was known by this day.")],
    horizon: Annotated[int, typer.Option(min=1, max=24, help="Months ahead.")] = 6,
    draws: Annotated[int, typer.Option(min=1, help="1 takes central assumptions: no interval.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Of assumptions and inflow.")] = 1,
    language: Annotated[Language, typer.Option("--lang", help="Language of words.")] = Language.en,
) -> None:
    """Simulate the months ahead and draw them: a map a month, a Sankey, and months in motion."""
    from caudal import corridor

    note = settings(ctx).note
    note(f"fitting what was published by {as_of}")
    fitted = corridor.calibrate(as_of)
    note(f"simulating {horizon} months, {draws} draws")
    result = corridor.simulate(fitted, horizon, draws=draws, seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    files = {
        f"{month:%Y-%m}.svg": corridor.flow_map(result, month=f"{month:%Y-%m}", language=language.value)
        for month in result.months
    }
    files["sankey.svg"] = corridor.sankey(result, language=language.value)
    files["months.html"] = corridor.animated_map(result, language=language.value)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
        typer.echo(str(out / name))
