"""``caudal opinion``: the archive of polls, and their pool."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caudal.cli._globals import settings
from caudal.cli._output import Format, FormatOption, print_json, print_rows

if TYPE_CHECKING:
    import polars as pl

    from caudal.opinion import Pooled

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="What the public thinks: polls with their addresses, pooled.")

Issue = Annotated[str, typer.Argument(help="The issue asked about; see `caudal opinion issues`.")]
AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="Use only what had been published by DATE.")]
Term = Annotated[str | None, typer.Option(metavar="TERM", help="Term of office, e.g. Biden or 'Trump 2'.")]
More = Annotated[
    list[Path] | None, typer.Option("--polls", metavar="FILE", help="A CSV file of your own polls to add.")
]


def _own(ctx: typer.Context, more: list[Path] | None) -> list[Path]:
    from caudal import opinion

    return [*opinion.own_polls(settings(ctx).store), *(more or [])]


@app.command()
def pool(
    ctx: typer.Context,
    issue: Issue = "immigration",
    as_of: AsOf = None,
    president: Term = None,
    more: More = None,
    series: Annotated[bool, typer.Option("--series", help="Print the pooled series by day.")] = False,
    hindsight: Annotated[
        bool,
        typer.Option(help="With --series or --chart: the smoother; --no-hindsight is the filter."),
    ] = True,
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a chart: .svg, .png, .html or .json.")
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Pool the polls on an issue as of a day."""
    from caudal import opinion

    pooled = opinion.pool(issue, as_of=as_of, president=president, own=_own(ctx, more))
    if chart is not None:
        opinion.save_chart(opinion.chart(pooled, kind="smoother" if hindsight else "filter"), chart)
        settings(ctx).note(f"wrote {chart}")
    if series:
        print_rows(pooled.path("smoother" if hindsight else "filter"), form)
    elif form is Format.json:
        print_json(pooled.to_dict())
    else:
        print_rows(_pool_rows(pooled), form, title=f"{pooled.issue}, {pooled.president}, {pooled.date}")
    if form is not Format.json or series:
        settings(ctx).note(pooled.note)


def _pool_rows(pooled: Pooled) -> pl.DataFrame:
    import polars as pl

    rows = []
    for answer in ("approve", "disapprove"):
        shown = getattr(pooled, answer).to_dict()
        low80, high80 = shown["interval_80"] or (None, None)
        low95, high95 = shown["interval_95"] or (None, None)
        rows.append((pooled.date, answer, shown["mean"], low80, high80, low95, high95, pooled.polls_used))
    names = ["date", "answer", "mean", "lower_80", "upper_80", "lower_95", "upper_95", "polls_used"]
    return pl.DataFrame(rows, schema=names, orient="row")


@app.command()
def houses(
    ctx: typer.Context,
    issue: Issue = "immigration",
    as_of: AsOf = None,
    president: Term = None,
    more: More = None,
    form: FormatOption = Format.table,
) -> None:
    """Show how each house differs from the average house, in points."""
    import polars as pl

    from caudal import opinion

    frame = opinion.houses(issue, as_of=as_of, president=president, own=_own(ctx, more))
    if frame.is_empty():
        settings(ctx).note("No house effects: too few polls for a trend. See `caudal opinion pool`.")
    print_rows(frame.with_columns(pl.selectors.float().round(1)), form)


@app.command()
def polls(
    ctx: typer.Context,
    issue: Annotated[str | None, typer.Argument(help="Only this issue.")] = None,
    as_of: AsOf = None,
    president: Term = None,
    more: More = None,
    form: FormatOption = Format.table,
) -> None:
    """List polls, the newest last, each with its address."""
    from caudal import opinion

    frame = opinion.polls(issue, president=president, as_of=as_of, own=_own(ctx, more))
    columns = ["known_on", "president", "issue", "house", "field_end", "published", "n", "population", "mode",
               "variant", "approve", "disapprove", "unsure", "status", "address"]  # fmt: skip
    print_rows(frame if form is not Format.table else frame.select(columns), form)


@app.command()
def crosstabs(
    ctx: typer.Context,
    issue: Issue = "immigration",
    as_of: AsOf = None,
    president: Term = None,
    more: More = None,
    form: FormatOption = Format.table,
) -> None:
    """List answers by party, as published."""
    from caudal import opinion

    print_rows(opinion.crosstabs(issue, as_of=as_of, president=president, own=_own(ctx, more)), form)


@app.command()
def issues(president: Term = None, form: FormatOption = Format.table) -> None:
    """List the issues that were polled."""
    from caudal import opinion

    print_rows(opinion.issues(president=president), form)


@app.command()
def check(
    ctx: typer.Context,
    statement: Annotated[str, typer.Argument(help="e.g. '69 percent disapprove on immigration, Monmouth'")],
    as_of: AsOf = None,
    more: More = None,
    form: FormatOption = Format.table,
) -> None:
    """Check what a sentence says about a poll (exit code 1 unless true)."""
    from caudal import opinion
    from caudal._core.errors import OptionError

    found = opinion.check_text(statement, as_of=as_of, own=_own(ctx, more))
    if not found:
        raise OptionError(
            "no poll figure found in the sentence", where="statement",
            remedy="Write a percentage with approve or disapprove, e.g. '69 percent disapprove, Monmouth'",
        )  # fmt: skip
    if form is Format.json:
        print_json([verdict.to_dict() for _, verdict in found])
    else:
        import polars as pl

        rows = [{"verdict": verdict.verdict, "finding": verdict.sentence} for _, verdict in found]
        print_rows(pl.DataFrame(rows), form)
    if any(verdict.verdict != "true" for _, verdict in found):
        raise typer.Exit(1)


@app.command()
def scores(
    ctx: typer.Context,
    issue: Issue = "immigration",
    president: Annotated[str, typer.Option(metavar="TERM", help="Term of office.")] = "Trump 2",
    horizon: Annotated[int, typer.Option(min=1, max=365, help="Days ahead.")] = 30,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Refit without each house in turn instead.")
    ] = False,
    form: FormatOption = Format.table,
) -> None:
    """Score the pool on polls it has not seen, against the last poll and the mean of the last five."""
    import polars as pl

    from caudal import opinion
    from caudal._core.errors import NotKnownError

    with _progress(settings(ctx).quiet, "refitting") as report:
        if leave_one_out:
            frame = opinion.leave_one_house_out(issue, president=president, progress=report)
        else:
            held = opinion.held_out(issue, president=president, horizon=horizon, progress=report)
            if held.is_empty():
                raise NotKnownError(
                    f"too few polls on {issue} under {president} to hold any out",
                    remedy="See `caudal opinion issues` for issues with more",
                )
            frame = opinion.scores(held)
    print_rows(frame.with_columns(pl.selectors.float().round(3)), form)


@app.command()
def add(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with pollster, population, address, dates and answers.")],
) -> None:
    """Keep a file of your own polls in your archive; every command then uses it."""
    import shutil

    from caudal import opinion
    from caudal._core.errors import StoreError

    frame = opinion.read_own(file)
    directory = opinion.own_directory(settings(ctx).store)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if file.resolve() != (directory / file.with_suffix(".csv").name).resolve():
            shutil.copyfile(file, directory / file.with_suffix(".csv").name)
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror})", where=str(directory)) from error
    settings(ctx).note(f"{frame.height} polls kept in {directory}")


@app.command("compile", hidden=True)
def compile_(
    source: Annotated[Path, typer.Option("--from", metavar="DIR", help="The directory of poll files.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write polls.csv.")],
) -> None:
    """Compile the shipped poll files into the package's table (for maintainers)."""
    from caudal import opinion

    opinion.compile_polls(source).write_csv(out)


class _progress:  # noqa: N801
    """A progress bar on standard error; nothing with --quiet."""

    def __init__(self, quiet: bool, what: str) -> None:
        self._quiet, self._what = quiet, what

    def __enter__(self) -> Callable[[int, int], None]:
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(
            console=Console(stderr=True), disable=self._quiet or not sys.stderr.isatty(), transient=True
        )
        self._bar.start()
        task = self._bar.add_task(self._what, total=None)
        return lambda done, total: self._bar.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
