"""``caudal corridor``: the ways to the border as declared data, checked and drawn; the model on them."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from caudal.cli._draws import drawing
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
    with drawing(settings(ctx), draws) as (executor, told):
        result = corridor.simulate(
            fitted, horizon, draws=draws, seed=seed, executor=executor, progress=partial(told, "draws")
        )
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


AtOption = Annotated[str, typer.Option("--as-of", metavar="DATE", help="What was published by this day.")]
HorizonOption = Annotated[int, typer.Option(min=1, max=24, help="Months ahead.")]


@app.command()
def calibrate(
    ctx: typer.Context,
    as_of: AtOption,
    months: Annotated[int, typer.Option(min=6, max=60, help="Months of encounters to fit.")] = 24,
    form: FormatOption = Format.table,
) -> None:
    """Fit the corridor to what was published by a day; print encounters seen and modelled by month."""
    import polars as pl

    from caudal import corridor
    from caudal._core.dates import month_label

    note = settings(ctx).note
    note(f"fitting {months} months published by {as_of}")
    fitted = corridor.calibrate(as_of, months)
    for source in fitted.inputs.sources:
        of = f"; {source['pseudo']} from later releases, cut off at their day" if source["pseudo"] else ""
        note(f"{source['measure']} to {source['last_month']}{of}")
    seen, made = fitted.observed.sum(axis=(1, 2)), fitted.fitted.sum(axis=(1, 2))
    labels = [month_label(m) for m in fitted.months[-len(seen) :]]
    frame = pl.DataFrame({"month": labels, "encounters": seen, "modelled": made.round(0)})
    print_rows(frame, form)


@app.command()
def run(
    ctx: typer.Context,
    as_of: AtOption,
    horizon: HorizonOption = 6,
    draws: Annotated[int, typer.Option(min=1, help="1 takes central assumptions: no interval.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Of assumptions and inflow.")] = 1,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter in the months ahead.")
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Simulate the months ahead: every outcome with its interval, and whether data or assumption made it."""
    from caudal import corridor
    from caudal._core.errors import OptionError

    values: dict[str, float] = {}
    for text in given or []:
        name, _, value = text.partition("=")
        try:
            values[name] = float(value)
        except ValueError:
            raise OptionError(f"{text!r} sets nothing", where="--set", remedy="Write NAME=NUMBER") from None
    note = settings(ctx).note
    note(f"fitting what was published by {as_of}")
    fitted = corridor.calibrate(as_of)
    note(f"simulating {horizon} months, {draws} draws")
    with drawing(settings(ctx), draws) as (executor, told):
        result = corridor.simulate(
            fitted,
            horizon,
            values,
            draws=draws,
            seed=seed,
            executor=executor,
            progress=partial(told, "draws"),
        )
    print_rows(result.summary(), form)


@app.command()
def inverse(
    ctx: typer.Context,
    as_of: AtOption,
    path: Annotated[str, typer.Option(metavar="N,N,…", help="Total encounters of the months ahead.")],
    by_month: Annotated[bool, typer.Option("--by-month", help="Print months instead of answers.")] = False,
    form: FormatOption = Format.table,
) -> None:
    """Print what would have to be true for a path: the hold and the discouragement, and the stock in Mexico."""
    from caudal import corridor
    from caudal._core.errors import OptionError

    try:
        wished = [float(x) for x in path.split(",")]
    except ValueError:
        raise OptionError(
            f"{path!r} is no path", where="--path", remedy="Write numbers with commas"
        ) from None
    settings(ctx).note(f"fitting what was published by {as_of}")
    found = corridor.inverse(wished, corridor.calibrate(as_of))
    print_rows(found.frame if by_month else found.answers, form)


@app.command()
def validate(
    ctx: typer.Context,
    part: Annotated[
        list[str] | None, typer.Option(help="numerics, in-sample, origins, frozen-shares, …; default all.")
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also write the page and its chart into this docs directory."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Ignored months after this day as truth.")
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Hold the model against what came: one line per check; exit code 1 when one does not hold."""
    from caudal.corridor._report import write_report
    from caudal.corridor._validate import PARTS, validate

    frame = validate(part or PARTS, until=as_of, progress=settings(ctx).note)
    print_rows(frame, form)
    if write is not None:
        write_report(frame, write)
    if (frame["holds"] == False).any():  # noqa: E712
        raise typer.Exit(1)
