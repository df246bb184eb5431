"""``caudal forecast``: what comes next, how well that has gone before, and the ledger of what was said."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caudal._core.errors import OptionError, StoreError
from caudal.cli._globals import Globals, settings
from caudal.cli._output import Format, FormatOption, print_json, print_rows
from caudal.cli.figures import conditions, open_for

if TYPE_CHECKING:
    import polars as pl

    from caudal.forecast import Forecast

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


class RunFormat(StrEnum):
    """How a forecast is printed."""

    table = "table"
    hubverse = "hubverse"
    json = "json"
    svg = "svg"


MeasureOption = Annotated[
    str, typer.Option("--measure", "--series", metavar="MEASURE", help="What to forecast.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Only what had been released by that day.")
]
ModelOption = Annotated[str, typer.Option("--model", metavar="NAME", help="See `caudal forecast models`.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write there instead of printing.")
]
ByOption = Annotated[
    list[str] | None, typer.Option("--by", metavar="DIM", help="Break down by a dimension; repeatable.")
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="DIM=VALUE", help="Only these, by code or name; repeatable."),
]
WorkersOption = Annotated[int | None, typer.Option(metavar="N", help="Processes; default one per core.")]


@app.command()
def run(
    ctx: typer.Context,
    measure: MeasureOption = "sw-encounters",
    by: ByOption = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    horizon: Annotated[int, typer.Option(help="Months ahead, 1 to 24.")] = 6,
    model: ModelOption = "calibrated",
    capacity: Annotated[
        float | None, typer.Option(metavar="N", help="Encounters a month: how likely are more?")
    ] = None,
    samples: Annotated[int, typer.Option(help="Joint sample paths.")] = 1000,
    seed: Annotated[int | None, typer.Option(help="Same seed, same paths.")] = None,
    outcome: Annotated[
        bool, typer.Option("--outcome", help="Add what happened afterwards, as far as it is known by now.")
    ] = False,
    location: Annotated[str, typer.Option(help="With --format svg: which series is drawn.")] = "total",
    language: Annotated[str, typer.Option("--lang", help="With --format svg: en or es.")] = "en",
    store_it: Annotated[
        bool, typer.Option("--record", help="Keep the forecast in the ledger, to be scored later.")
    ] = False,
    form: Annotated[RunFormat, typer.Option("--format", "-f", help="How to print it.")] = RunFormat.table,
    out: OutOption = None,
) -> None:
    """Forecast the months after the last published one."""
    from caudal import forecast

    archive = open_for(ctx)
    made = forecast.run(
        measure,
        by=by or (),
        where=conditions(where),
        as_of=as_of,
        horizon=horizon,
        model=model,
        capacity=capacity,
        samples=samples,
        seed=forecast.DEFAULT_SEED if seed is None else seed,
        archive=archive,
    )
    note = settings(ctx).note
    came = made.outcomes(archive) if outcome else None
    for text in made.notes:
        note(text)
    if store_it:
        note(f"kept in {forecast.record(made, settings(ctx).store)}")
    if form is RunFormat.hubverse:
        _give(forecast.hubverse_table(made).write_csv(), out)
    elif form is RunFormat.svg:
        _give(forecast.fan_chart(made, location=location, outcomes=came, language=language), out)
    elif form is RunFormat.json:
        import json

        _give(json.dumps(_as_json(made, came), indent=2, ensure_ascii=False, default=str) + "\n", out)
    else:
        if out is not None:
            raise OptionError(
                "a table goes to the screen", where="--out", remedy="Add --format hubverse, json or svg"
            )
        note(
            f"{made.measure}, {made.model}, as of {made.reference_date}: last published month {made.last_month}"
        )
        print_rows(_table(made, came), Format.table)


def _table(made: Forecast, came: pl.DataFrame | None) -> pl.DataFrame:
    import polars as pl

    table = made.interval(0.8).rename({"lower": "low 80 %", "upper": "high 80 %"})
    for coverage in (50, 95):
        ends = made.interval(coverage / 100)
        table = table.with_columns(
            ends["lower"].alias(f"low {coverage} %"), ends["upper"].alias(f"high {coverage} %")
        )
    order = ["low 95 %", "low 80 %", "low 50 %", "median", "high 50 %", "high 80 %", "high 95 %"]
    table = table.select("location", "month", *(pl.col(name).round(0) for name in order))
    table = table.with_columns(
        made.probability_record()["probability"].round(3).alias("P(record of that month)")
    )
    if made.capacity is not None:
        above = made.probability_above()
        table = table.with_columns(
            above["probability"].round(3).alias(f"P(above {made.capacity:,.0f})"),
            above["days_above"].round(1).alias("days above, summed"),
        )
    if came is not None:
        table = table.with_columns(came["outcome"])
    return table


def _as_json(made: Forecast, came: pl.DataFrame | None) -> dict[str, Any]:
    from caudal import forecast

    found: dict[str, Any] = {
        "measure": made.measure,
        "model": made.model,
        "reference_date": made.reference_date,
        "last_month": made.last_month,
        "targets": list(made.targets),
        "locations": list(made.locations),
        "quantiles": forecast.hubverse_table(made).to_dicts(),
        "record": made.probability_record().to_dicts(),
        "notes": list(made.notes),
    }
    if made.capacity is not None:
        found["above"] = made.probability_above().to_dicts()
    if came is not None:
        found["outcomes"] = came.to_dicts()
    return found


def _give(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror or error})", where=str(out)) from None


@app.command()
def refresh(
    ctx: typer.Context,
    as_of: AsOfOption = None,
    model: ModelOption = "calibrated",
    form: FormatOption = Format.table,
) -> None:
    """Forecast every declared series at once, coherent by sector, citizenship, family status and port."""
    import polars as pl

    from caudal import forecast

    made = forecast.refresh(as_of=as_of, model=model, archive=open_for(ctx))
    rows = [one.interval(0.8).with_columns(pl.lit(one.measure).alias("system")) for one in made]
    rounded = pl.concat(rows).with_columns(pl.col("lower", "median", "upper").round(0))
    print_rows(rounded.select("system", "location", "month", "lower", "median", "upper"), form)


@app.command()
def models(form: FormatOption = Format.table) -> None:
    """List the models."""
    import polars as pl

    from caudal.forecast import MODELS

    print_rows(pl.DataFrame([{"model": name, "what": line} for name, (_, line) in MODELS.items()]), form)


@app.command()
def backtest(
    ctx: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="First origin.")] = "2012-01",
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last origin.")] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", metavar="NAME", help="Only these; repeatable.")
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option("--system", help="border-patrol, southwest; default both.")
    ] = None,
    workers: WorkersOption = None,
    page: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE", help="Write the results into docs/methods/forecast.md."),
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Make every forecast again from what was known then, and score it; interrupted runs go on where they were."""
    from caudal import forecast
    from caudal.forecast import results

    chosen = settings(ctx)
    archive = open_for(ctx)
    with _Bar(chosen) as bar:
        made = forecast.backtest(
            model or (),
            first=first,
            last=last,
            which=system or (),
            workers=workers,
            progress=bar.advance,
            archive=archive,
        )
    table = forecast.score_table(made)
    where = results.keep(table, archive)
    chosen.note(f"kept in {where}; `caudal forecast scoreboard` shows it again")
    if page is not None:
        results.write_page(page, made, table, archive)
        chosen.note(f"written into {page}")
    print_rows(results.headline(table), form)


class _Bar:
    """Progress on standard error; nothing with --quiet."""

    def __init__(self, chosen: Globals) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), disable=chosen.quiet, transient=True)
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def advance(self, done: int, total: int, name: str) -> None:
        system = name.partition(":")[0]
        if system not in self._tasks:
            self._tasks[system] = self._progress.add_task(system, total=total)
        self._progress.update(self._tasks[system], completed=done, description=name)


@app.command()
def scoreboard(
    ctx: typer.Context,
    level: Annotated[str | None, typer.Option(help="Only this level, e.g. total, sector.")] = None,
    window: Annotated[str | None, typer.Option(help="development or evaluation.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """Show how every model has done: the newest backtest here, else the one that came with the package."""
    import polars as pl

    from caudal._core.errors import did_you_mean
    from caudal.forecast import results

    table, about = results.kept()
    settings(ctx).note(about)
    for name, value in (("level", level), ("window", window)):
        if value is not None:
            known = table[name].unique().to_list()
            if value not in known:
                raise OptionError(
                    f"{value!r} is not a {name}", where=f"--{name}", remedy=did_you_mean(value, known)
                )
            table = table.filter(pl.col(name) == value)
    print_rows(table if form is not Format.table else results.headline(table), form)


@app.command()
def nowcast(
    ctx: typer.Context,
    measure: MeasureOption = "usbp-encounters",
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Default: the month after the last published one.")
    ] = None,
    as_of: AsOfOption = None,
    model: ModelOption = "calibrated",
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Only releases that are held; do not emulate the publication lag."),
    ] = False,
    scores: Annotated[
        bool, typer.Option("--scores", help="Show how nowcasts from each report have done.")
    ] = False,
    form: FormatOption = Format.table,
) -> None:
    """Say what the month in progress will be printed as, from forecast and reports."""
    from caudal import figures, forecast

    archive = open_for(ctx)
    chosen = settings(ctx)
    if scores:
        print_rows(forecast.nowcast_scores(measure, archive=archive), form)
        return
    made = forecast.nowcast(
        measure,
        month=month,
        as_of=as_of,
        model=model,
        ledger=figures.reports(measure, as_of=as_of, store=chosen.store),
        emulate=not strict,
        archive=archive,
    )
    for text in made.notes:
        chosen.note(text)
    low, high = made.interval(0.8)
    if form is Format.json:
        print_json(
            {
                "measure": made.measure,
                "month": made.month,
                "as_of": made.as_of,
                "interval_80": [low, high],
                "quantiles": made.to_frame().to_dicts(),
                "reports": made.reports.to_dicts(),
                "notes": list(made.notes),
            }
        )
        return
    chosen.note(f"{made.measure}, {made.month}, as of {made.as_of}: 80 % between {low:,.0f} and {high:,.0f}")
    used = int(made.reports["used"].sum())
    chosen.note(
        f"{used} of {made.reports.height} reports used" if made.reports.height else "no report: the forecast"
    )
    if form is Format.table and made.reports.height:
        print_rows(made.reports, form)
    print_rows(made.to_frame(), form)


@app.command()
def propose(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An article: HTML, text or PDF.")],
    who: Annotated[str, typer.Option(help="Who gives the figures: office, person, paper.")],
    published: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day of the article; default: what it says.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where it can be read; default: the file.")] = "",
    form: FormatOption = Format.table,
) -> None:
    """Propose rows for the ledger of reports from an article; nothing is entered."""
    from dataclasses import asdict

    import polars as pl

    from caudal import forecast, statements
    from caudal._core.dates import parse_day
    from caudal._core.errors import NotKnownError

    reading = statements.read(str(file), day=published)
    day = published or reading.document.get("date")
    if not day:
        raise NotKnownError(
            "the article does not say its day", where=str(file), remedy="Give --published DATE"
        )
    sentences = [sentence for text in reading.paragraphs for sentence in text.replace("? ", ". ").split(". ")]
    rows = forecast.propose_reports(
        sentences, parse_day(day, option="--published"), who=who, source=source or str(file)
    )
    columns = ("measure", "first", "last", "value", "basis", "qualifier", "published", "who", "statement")
    typer.echo(f"{len(rows)} proposed; `caudal figures report add` enters one", err=True)
    if rows:
        print_rows(pl.DataFrame([asdict(row) for row in rows]).select(columns), form)


@app.command("score-ledger")
def score_ledger(ctx: typer.Context, form: FormatOption = Format.table) -> None:
    """Score stored forecasts, ours and others', whose month is published by now."""
    from caudal import forecast

    table = forecast.score_ledger(settings(ctx).store, archive=open_for(ctx))
    if table.is_empty():
        settings(ctx).note("the ledger is empty: `caudal forecast run --record` puts a forecast into it")
    print_rows(table, form)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A hubverse CSV file of quantiles.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Whose forecasts they are.")],
) -> None:
    """Take somebody else's forecasts into the ledger."""
    from caudal import forecast

    for path in forecast.import_forecasts(file, name, settings(ctx).store):
        typer.echo(str(path))


@app.command()
def claim(
    ctx: typer.Context,
    who: Annotated[str, typer.Option(help="Who said it.")],
    said: Annotated[str, typer.Option(help="The words.")],
    published: Annotated[str, typer.Option(metavar="DATE", help="The day it was said.")],
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month it is about.")],
    value: Annotated[float, typer.Option(help="Encounters a month.")],
    above: Annotated[bool, typer.Option("--above/--below", help="Said to come out above or below it.")],
    measure: MeasureOption = "sw-encounters",
    source: Annotated[str, typer.Option(help="Where it can be read.")] = "",
) -> None:
    """Write down what an expert said a month would be, to be judged when it is published."""
    from caudal import forecast
    from caudal._core.dates import parse_day

    kept = forecast.add_claim(
        forecast.Claim(
            who, said, parse_day(published, option="--published"), measure, month,
            "above" if above else "below", value, source,
        ),
        settings(ctx).store,
    )  # fmt: skip
    typer.echo(f"{kept.who}: {kept.measure} {kept.month} {kept.relation} {kept.value:,.0f}")
