"""``caudal figures``: official figures, their releases, and taking new ones in."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caudal._core.errors import OptionError, did_you_mean
from caudal.cli._globals import settings
from caudal.cli._output import Format, FormatOption, print_rows

if TYPE_CHECKING:
    import polars as pl

    from caudal.figures import Archive

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
report_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(report_app, name="report", help="Figures reported before the official release: list, add.")

MeasureArgument = Annotated[
    str, typer.Argument(metavar="MEASURE", help="Name of a measure, e.g. sw-encounters.")
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="DIM=VALUE", help="Only these, by code or name; repeatable."),
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Only what had been released by that day.")
]
PublisherOption = Annotated[
    str | None, typer.Option(metavar="P", help="Only figures of this publisher: CBP, OHSS.")
]


def open_for(ctx: typer.Context) -> Archive:
    """Return the archive that the options of the whole program name."""
    from caudal.figures import open_archive

    chosen = settings(ctx)
    return open_archive(chosen.store, embedded=chosen.embedded)


def conditions(where: list[str] | None) -> dict[str, tuple[str, ...]]:
    """Return ``DIM=VALUE`` options as conditions; the same dimension twice, however spelt, means either."""
    from caudal._core.identifiers import resolve_dimension

    found: dict[str, tuple[str, ...]] = {}
    for pair in where or []:
        name, sign, value = pair.partition("=")
        if not sign or not name or not value:
            raise OptionError(
                f"{pair!r} is not a condition",
                where="--where",
                remedy="Write DIM=VALUE, e.g. citizenship=Venezuela",
            )
        dimension = resolve_dimension(name)
        found[dimension] = (*found.get(dimension, ()), value)
    return found


@app.command()
def series(
    ctx: typer.Context,
    measure: MeasureArgument,
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="DIM", help="Break down by a dimension; repeatable.")
    ] = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="First month (or year, week, day).")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month (or year, week, day).")
    ] = None,
    calendar: Annotated[
        str | None,
        typer.Option(
            metavar="C",
            help="month, fiscal_year, fytd, calendar_year, week, day; default: the measure's own.",
        ),
    ] = None,
    publisher: PublisherOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Print a measure by month or fiscal year, each row with the release that says it."""
    from caudal import figures

    frame = figures.series(
        measure,
        by=by or (),
        where=conditions(where),
        as_of=as_of,
        period=(first, last),
        calendar=calendar,
        publisher=publisher,
        archive=open_for(ctx),
    )
    if frame.is_empty():
        settings(ctx).note("no month of that span had been published" + (f" by {as_of}" if as_of else ""))
    _note_stale(ctx, frame, as_of)
    print_rows(frame, form)


def _note_stale(ctx: typer.Context, frame: pl.DataFrame, as_of: str | None) -> None:
    """Say of the sources behind a series which have stopped publishing, as of that day or today."""
    from caudal import figures

    used = {name.partition("@")[0] for names in frame["release"].unique() for name in names.split("; ")}
    for row in figures.source_table(open_for(ctx), as_of=as_of or date.today()).to_dicts():
        if row["source"] in used and row["stale_since"]:
            settings(ctx).note(f"{row['source']} ({row['publisher']}): stale since {row['stale_since']}")


@app.command()
def releases(
    ctx: typer.Context,
    measure: Annotated[
        str | None, typer.Argument(metavar="[MEASURE]", help="With --period: what each release said.")
    ] = None,
    period: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="The month of the triangle.")] = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    publisher: PublisherOption = None,
    form: FormatOption = Format.table,
) -> None:
    """List the releases the archive holds, or what each of them said about one month."""
    from caudal import figures
    from caudal._core.dates import parse_day

    archive = open_for(ctx)
    if measure is None and period is None:
        print_rows(figures.release_table(archive.at(parse_day(as_of) if as_of else None)), form)
        return
    if measure is None or period is None:
        raise OptionError(
            "a triangle needs a measure and a month",
            remedy="E.g. `caudal figures releases sw-encounters --period 2023-11`",
        )
    frame = figures.triangle(
        measure, period, where=conditions(where), publisher=publisher, as_of=as_of, archive=archive
    )
    print_rows(frame, form)


@app.command()
def trace(
    ctx: typer.Context,
    measure: MeasureArgument,
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month.")],
    where: WhereOption = None,
    as_of: AsOfOption = None,
    publisher: PublisherOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Print the rows of the publisher's file that add up to a figure."""
    from caudal import figures

    frame = figures.trace(
        measure, period, where=conditions(where), publisher=publisher, as_of=as_of, archive=open_for(ctx)
    )
    print_rows(frame, form)
    settings(ctx).note(f"{frame.height} rows add up to {frame['value'].sum():,}")


@app.command()
def measures(form: FormatOption = Format.table) -> None:
    """List the measures that can be asked for."""
    import polars as pl

    from caudal import figures

    rows = [
        {"measure": m.id, "title": m.title_en, "unit": m.unit_en, "definition": m.definition_en}
        for m in figures.measures().values()
    ]
    print_rows(
        pl.DataFrame(rows) if form is not Format.table else pl.DataFrame(rows).drop("definition"), form
    )


@app.command()
def add(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Publishers' files, gzipped or not.")],
    released: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day of publication, when the name does not say it.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help="Waive a check you have looked into; repeatable."),
    ] = None,
) -> None:
    """Take publishers' files into your own archive, each whole or not at all."""
    from caudal._core.dates import parse_day
    from caudal.figures import ACCEPTABLE, Archive, Store, add_file, store_directory

    for name in accept or []:
        if name not in ACCEPTABLE:
            raise OptionError(
                f"{name!r} is not a check", where="--accept", remedy=did_you_mean(name, ACCEPTABLE)
            )
    day = parse_day(released, option="--released") if released else None
    chosen = settings(ctx)
    archive = open_for(ctx)
    store = Store(store_directory(chosen.store))
    for number, path in enumerate(files, start=1):
        if len(files) > 1:
            chosen.note(f"[{number}/{len(files)}] {path.name}")
        outcome = add_file(
            Archive(archive.layers),
            store,
            path,
            released=day,
            accept=frozenset(accept or ()),
            retrieved=date.today(),
            ask=_ask if sys.stdin.isatty() and not chosen.quiet else lambda _: None,
            waiting=chosen.note,
        )
        for added in outcome:
            typer.echo(str(added))


def _ask(question: str) -> date | None:
    from caudal._core.dates import parse_day

    answer = typer.prompt(question, default="", show_default=False)
    return parse_day(answer) if answer else None


@app.command("compile")
def compile_(
    ctx: typer.Context,
    source: Annotated[
        Path, typer.Option("--from", metavar="DIR", help="Directory of the publishers' files.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="Archive to write; default: the one in the package."),
    ] = Path("src/caudal/figures/embedded"),
) -> None:
    """Compile the embedded archive from the files that embedded.csv declares."""
    from caudal.figures import compile_archive

    added = compile_archive(source, out, progress=settings(ctx).note)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    typer.echo(f"{out}: {len(added)} releases, {size / 2**20:.1f} MiB")


@app.command()
def reconcile(
    ctx: typer.Context,
    form: FormatOption = Format.table,
    differences: Annotated[
        bool, typer.Option("--differences", help="Print every differing cell instead of the summary.")
    ] = False,
) -> None:
    """Compare tables that count the same thing; exit 1 when they disagree by more than rounding explains."""
    import polars as pl

    from caudal import figures

    outcome = figures.reconcile(open_for(ctx))
    print_rows(outcome.differences if differences else outcome.summary.drop("left", "right"), form)
    unexplained = outcome.differences.filter(pl.col("reason") == "disagreement")
    known = outcome.differences.filter(pl.col("reason") == "known").height
    note = settings(ctx).note
    if outcome.summary.is_empty():
        note("no two tables of the archive count the same thing in the same month: nothing was compared")
    if known:
        note(
            f"{known} cells differ in the publishers' own files beyond rounding (declared in differences.csv)"
        )
    if not outcome.holds:
        if not differences:
            for row in unexplained.head(20).to_dicts():
                note(
                    f"{row['period']} {row['cell']}: {row['left']} says {row['value']:,}, "
                    f"{row['right']} says {row['value_right']:,}"
                )
        note(f"{unexplained.height} cells disagree by more than rounding explains")
        raise typer.Exit(1)


@app.command("sources")
def list_sources(ctx: typer.Context, as_of: AsOfOption = None, form: FormatOption = Format.table) -> None:
    """List the sources, what the archive holds of each, and which have stopped publishing."""
    from caudal import figures
    from caudal._core.dates import parse_day

    day = parse_day(as_of, option="--as-of") if as_of else date.today()
    frame = figures.source_table(open_for(ctx), as_of=day)
    print_rows(frame.drop("title") if form is Format.table else frame, form)


@app.command("update")
def update_(
    ctx: typer.Context,
    only: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE…]", help="Only these sources.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be fetched.")] = False,
    mirror: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A server that holds the publishers' paths in their stead."),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")] = 30,
    deadline: Annotated[float, typer.Option(min=0.1, help="Seconds that one file may take.")] = 300,
) -> None:
    """Fetch new releases from the publishers into your own archive; exit 1 when one of them fails."""
    from caudal import figures

    chosen = settings(ctx)
    store = figures.Store(figures.store_directory(chosen.store))
    outcome = figures.update(
        open_for(ctx),
        store,
        figures.places(only or (), mirror),
        today=date.today(),
        fetcher=figures.Fetcher(store.path / ".downloads", timeout=timeout, deadline=deadline),
        dry_run=dry_run,
        note=chosen.note,
    )
    for one in outcome:
        typer.echo(f"{one.source}: {one.outcome}: {one.detail}")
    if any(one.outcome == "failed" for one in outcome):
        raise typer.Exit(1)


@app.command()
def export(
    ctx: typer.Context,
    path: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="PATH", help="File to write; a directory for a data package."),
    ],
    measure: Annotated[str | None, typer.Argument(metavar="[MEASURE]", help="Name of a measure.")] = None,
    form: Annotated[
        str, typer.Option("--as", metavar="FORM", help="csv, parquet, json, hxl, datapackage.")
    ] = "csv",
    release: Annotated[
        str | None, typer.Option(metavar="ID", help="A whole release instead, for another archive to `add`.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="DIM", help="Break down by a dimension; repeatable.")
    ] = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="First period.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last period.")] = None,
    calendar: Annotated[str | None, typer.Option(metavar="C", help="As of `series`.")] = None,
    publisher: PublisherOption = None,
) -> None:
    """Write a series (or a release) to a file: CSV, parquet, JSON, HXL-tagged CSV, Frictionless data package."""
    from caudal import figures

    if (measure is None) == (release is None):
        raise OptionError("give a measure, or --release and the id of a release", where="export")
    if release is not None:
        count = figures.export_release(release, path, archive=open_for(ctx))
        typer.echo(f"{path}: {release}, {count:,} observations")
        return
    assert measure is not None
    frame = figures.export(
        measure,
        path,
        form,
        by=by or (),
        where=conditions(where),
        as_of=as_of,
        period=(first, last),
        calendar=calendar,
        publisher=publisher,
        archive=open_for(ctx),
    )
    typer.echo(f"{path}: {form}, {frame.height:,} rows")


@app.command("chart")
def chart_(
    ctx: typer.Context,
    measure: MeasureArgument,
    path: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="SVG file to write.")],
    where: WhereOption = None,
    as_of: AsOfOption = None,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="First period.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last period.")] = None,
    calendar: Annotated[str | None, typer.Option(metavar="C", help="As of `series`.")] = None,
    title: Annotated[str | None, typer.Option(help="The claim that the chart shows.")] = None,
    language: Annotated[str, typer.Option("--lang", help="en or es.")] = "en",
) -> None:
    """Draw a series with the publisher of each period and the breaks in its meaning."""
    from caudal import figures
    from caudal._core.dates import parse_day

    if language not in ("en", "es"):
        raise OptionError(f"{language!r} is not a language", where="--lang", remedy="Known: en, es")
    archive = open_for(ctx).at(parse_day(as_of) if as_of else None)
    frame = figures.series(
        measure, where=conditions(where), period=(first, last), calendar=calendar, archive=archive
    )
    picture = figures.chart(measure, frame, title=title, language=language, archive=archive)
    path.write_text(figures.svg_of(picture), encoding="utf-8")
    typer.echo(f"{path}: {frame.height:,} periods, {figures.breaks(measure).height} declared breaks")


@app.command()
def pages(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Directory to write.")] = Path(
        "docs/reference/sources"
    ),
) -> None:
    """Write the reference pages of the sources from their declarations."""
    from caudal import figures

    archive = figures.Archive((figures.open_archive("/nonexistent").layers[-1],))
    typer.echo(f"{out}: {len(figures.write_source_pages(out, archive))} pages")


@report_app.command("list")
def list_reports(
    ctx: typer.Context,
    measure: Annotated[str | None, typer.Argument(metavar="[MEASURE]", help="Only on this measure.")] = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
) -> None:
    """List figures that officials and the press gave before the official release."""
    from caudal import figures

    frame = figures.reports(measure, as_of=as_of, store=settings(ctx).store)
    short = ["published", "measure", "where", "first", "last", "basis", "value", "qualifier", "who"]
    print_rows(frame.select(short) if form is Format.table else frame, form)


@report_app.command("add")
def add_one_report(
    ctx: typer.Context,
    measure: MeasureArgument,
    value: Annotated[float, typer.Option(metavar="N", help="The number given.")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day it covers.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day it covers.")],
    published: Annotated[str, typer.Option(metavar="DATE", help="Day it was published.")],
    who: Annotated[str, typer.Option(help="Who gave it.")],
    source: Annotated[str, typer.Option(help="Where it can be read.")],
    where: WhereOption = None,
    per_day: Annotated[bool, typer.Option("--per-day", help="The number is the mean of a day.")] = False,
    qualifier: Annotated[str, typer.Option(help="about, more than, … as said.")] = "",
    statement: Annotated[str, typer.Option(help="The words.")] = "",
) -> None:
    """Add a figure reported before the official release to your own ledger."""
    from caudal import figures
    from caudal._core.dates import parse_day

    report = figures.Report(
        measure=measure,
        first=parse_day(first, option="--from"),
        last=parse_day(last, option="--to"),
        value=value,
        published=parse_day(published, option="--published"),
        who=who,
        source=source,
        basis="per_day" if per_day else "total",
        qualifier=qualifier,
        statement=statement,
    )
    kept = figures.add_report(report, conditions=conditions(where), store=settings(ctx).store)
    number = figures.reports(store=settings(ctx).store).height
    typer.echo(
        f"{kept.measure} {kept.where or 'all'}: {kept.value:,g} {kept.basis.replace('_', ' ')} over {kept.days} days "
        f"to {kept.last}, published {kept.published}; the ledger holds {number} reports"
    )
