"""``caudal flow``: run, check, validate, compare, calibrate and draw cases of displacement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caudal.cli._globals import Globals, settings
from caudal.cli._output import Format, FormatOption, print_json, print_rows, print_table

if TYPE_CHECKING:
    from caudal.flow import Options, Program
    from caudal.network import FleeCase

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


class EngineName(StrEnum):
    """The engines."""

    cohort = "cohort"
    agent = "agent"
    expected = "expected"


class OrderName(StrEnum):
    """Who is served first where a capacity binds."""

    random = "random"
    creation = "creation"


class CompatName(StrEnum):
    """Whose rules."""

    flee = "flee"
    documented = "documented"


CaseArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="A case in Flee's format: holds input_csv/ and source_data/.")
]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings, else DIR/simsetting.yml.")
]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="Counts, compiled agents, or no draws.")]
OrderOption = Annotated[OrderName, typer.Option("--order", help="Order within a day where a capacity binds.")]
CompatOption = Annotated[CompatName, typer.Option("--compat", help="Rules as the reference runs or reads.")]
HastenOption = Annotated[
    int | None, typer.Option("--hasten", metavar="K", min=1, help="Divide people and capacities by K.")
]
DaysOption = Annotated[int | None, typer.Option("--days", min=1, help="Simulate so many days only.")]
BinOption = Annotated[
    float, typer.Option("--bin-km", min=0.001, help="Bins of recent travel with short stints (64 is fast).")
]
ReplicatesOption = Annotated[int, typer.Option("--replicates", min=1, metavar="N", help="How many.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, metavar="S", help="Of the ensemble.")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, metavar="W", help="Threads of this process.")]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="A dask.distributed scheduler.")
]
OutOption = Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="Directory of the results.")]


def _case(directory: Path, file: Path | None, hasten: int | None, out: Globals) -> FleeCase:
    """Read and check a case: one line per error, then stop; one note per warning."""
    from dataclasses import replace

    from caudal.network import check_case, read_flee

    case = read_flee(directory, settings=file)
    if hasten is not None:
        case = replace(case, settings=case.settings.changed(hasten=hasten))
    findings = check_case(case)
    errors = [finding for finding in findings if finding.level == "error"]
    for finding in findings:
        if finding.level == "warning":
            out.note(f"warning: {finding}")
    for finding in errors:
        typer.echo(f"error: {finding}", err=True)
    if errors:
        raise typer.Exit(2)
    return case


def _options(engine: EngineName, order: OrderName, bin_km: float) -> Options:
    from caudal.flow import Options

    return Options(engine=engine.value, order=order.value, bin_km=bin_km)


@contextmanager
def _watched(out: Globals, what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show progress to a person watching, and say when something has to be compiled."""
    from caudal.flow._compiled import announced

    with announced(out.note):
        if out.quiet:
            yield None
            return
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _program(case: FleeCase, days: int | None, compat: CompatName) -> Program:
    from caudal.flow import compile_case

    return compile_case(case, days=days, compat=compat.value)


@app.command()
def check(
    ctx: typer.Context,
    directory: CaseArgument,
    file: SettingsOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Check a case and print one line per finding; exit code 1 when there is an error."""
    import polars as pl

    from caudal.network import check_case, read_flee

    findings = check_case(read_flee(directory, settings=file))
    rows = [{"level": f.level, "where": f.where, "what": f.what, "remedy": f.remedy} for f in findings]
    names = ("level", "where", "what", "remedy")
    if form is Format.table:
        for finding in findings:
            typer.echo(f"{finding.level}: {finding}")
        settings(ctx).note(f"{len(findings)} findings")
    else:
        print_rows(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String)), form)
    if any(f.level == "error" for f in findings):
        raise typer.Exit(1)


@app.command()
def run(
    ctx: typer.Context,
    directory: CaseArgument,
    out: OutOption,
    file: SettingsOption = None,
    engine: EngineOption = EngineName.cohort,
    order: OrderOption = OrderName.random,
    compat: CompatOption = CompatName.flee,
    hasten: HastenOption = None,
    days: DaysOption = None,
    bin_km: BinOption = 1.0,
    replicates: ReplicatesOption = 1,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    cluster: ClusterOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Write every replicate's days too, not only statistics.")
    ] = False,
) -> None:
    """Run an ensemble into a directory; run the same command again to go on after an interruption."""
    from caudal._core.executor import executor
    from caudal.flow import run_to, write_frames

    options = settings(ctx)
    program = _program(_case(directory, file, hasten, options), days, compat)
    with _watched(options, "replicates") as progress, executor(workers, cluster) as pool:
        ensemble = run_to(
            out,
            program,
            replicates=replicates,
            seed=seed,
            options=_options(engine, order, bin_km),
            executor=pool,
            workers=workers,
            progress=progress,
        )
        written = write_frames(ensemble, out, everything=everything)
    for path in written:
        typer.echo(str(path))


@app.command()
def validate(
    ctx: typer.Context,
    directory: CaseArgument,
    file: SettingsOption = None,
    engine: EngineOption = EngineName.cohort,
    order: OrderOption = OrderName.random,
    compat: CompatOption = CompatName.flee,
    hasten: HastenOption = None,
    days: DaysOption = None,
    bin_km: BinOption = 1.0,
    replicates: ReplicatesOption = 10,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    cluster: ClusterOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Compare an ensemble with registrations: errors as the reference defines them, with intervals."""
    from caudal._core.executor import executor
    from caudal.flow import run as run_ensemble
    from caudal.flow import validation_row

    options = settings(ctx)
    program = _program(_case(directory, file, hasten, options), days, compat)
    with _watched(options, "replicates") as progress, executor(workers, cluster) as pool:
        (ensemble,) = run_ensemble(
            program,
            replicates=replicates,
            seed=seed,
            options=_options(engine, order, bin_km),
            executor=pool,
            workers=workers,
            keep=False,
            progress=progress,
        )
    row = validation_row(ensemble)
    if form is Format.json:
        print_json(row)
    else:
        _print_validation(row, form)


def _print_validation(row: dict[str, Any], form: Format) -> None:
    errors = [{"error": k, **v} for k, v in row.items() if isinstance(v, dict)]
    title = (
        f"{row['case']}: {row['people']:,} people, {row['days']} days, {row['replicates']} replicates, "
        f"{row['processor_seconds_per_replicate']:.3g} processor seconds each"
    )
    if form is Format.table:  # without a frame: importing one takes longer than the run
        numeric = {name: name != "error" for name in errors[0]}
        print_table(numeric, [list(error.values()) for error in errors], title)
        return
    import polars as pl

    print_rows(pl.DataFrame(errors, schema_overrides={"mean": pl.Float64}), form, title=title)


@app.command()
def compare(
    ctx: typer.Context,
    directory: CaseArgument,
    other_file: Annotated[
        Path | None, typer.Option("--with", metavar="FILE", help="Other settings: paired differences.")
    ] = None,
    file: SettingsOption = None,
    order: OrderOption = OrderName.random,
    compat: CompatOption = CompatName.flee,
    hasten: HastenOption = None,
    days: DaysOption = None,
    bin_km: BinOption = 1.0,
    replicates: ReplicatesOption = 40,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    form: FormatOption = Format.table,
) -> None:
    """Compare a case under two settings, paired; without --with, cohorts against agents (1 if they differ)."""
    from caudal.flow import equality, paired_differences
    from caudal.flow import run as run_ensemble

    options = settings(ctx)
    program = _program(_case(directory, file, hasten, options), days, compat)
    with _watched(options, "replicates") as progress:
        if other_file is not None:
            other = _program(_case(directory, other_file, hasten, options), days, compat)
            base, changed = run_ensemble(
                [program, other],
                replicates=replicates,
                seed=seed,
                options=_options(EngineName.cohort, order, bin_km),
                workers=workers,
                progress=progress,
            )
            print_rows(paired_differences(base, changed), form, title="People on the last day")
            return
        one, two = (
            run_ensemble(
                program,
                replicates=replicates,
                seed=seed + k,
                options=_options(engine, order, bin_km),
                workers=workers,
                progress=progress,
            )[0]
            for k, engine in enumerate((EngineName.cohort, EngineName.agent))
        )
    found = equality(one, two)
    if form is Format.json:
        print_json(found)
    else:
        import polars as pl

        print_rows(pl.DataFrame([found]), form, title="Cohorts against agents, every camp × 20 days")
    if found["holm"] < 0.01:
        raise typer.Exit(1)


ParameterOption = Annotated[
    list[str] | None, typer.Option("--setting", metavar="NAME=LOW:HIGH", help="A setting and its range.")
]


def _ranges(given: list[str] | None) -> dict[str, tuple[float, float]]:
    from caudal import CaudalError
    from caudal.flow._calibrate import RANGES

    out = {}
    for text in given or ["default_movechance", "conflict_weight", "camp_weight"]:
        name, _, values = text.partition("=")
        low, _, high = values.partition(":")
        try:
            out[name] = (float(low), float(high)) if values else RANGES[name]
        except (ValueError, KeyError):
            raise CaudalError(
                f"{text!r} is not a range", where="--setting", remedy="Write it as default_movechance=0.1:0.6"
            ) from None
    return out


class FoldName(StrEnum):
    """How a fit is cross-validated."""

    camps = "camps"
    time = "time"
    none = "none"


@app.command()
def calibrate(
    ctx: typer.Context,
    directory: CaseArgument,
    parameters: ParameterOption = None,
    file: SettingsOption = None,
    engine: EngineOption = EngineName.expected,
    hasten: HastenOption = None,
    trials: Annotated[int, typer.Option("--trials", min=8, help="Settings tried.")] = 120,
    folds: Annotated[
        FoldName, typer.Option("--folds", help="Hold out camps or later days.")
    ] = FoldName.camps,
    replicates: ReplicatesOption = 1,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    form: FormatOption = Format.table,
) -> None:
    """Fit settings to registrations, cross-validated: what the gain is worth where it was not fitted."""
    from caudal.flow import calibrate as fit

    options = settings(ctx)
    case = _case(directory, file, hasten, options)
    with _watched(options, "settings tried") as progress:
        found = fit(
            case,
            _ranges(parameters),
            trials=trials,
            replicates=replicates,
            seed=seed,
            options=_options(engine, OrderName.random, 1.0),
            folds=folds.value,
            workers=workers,
            progress=progress,
        )
    if form is Format.json:
        parts = ("values", "before", "after", "folds")
        print_json({"case": case.name, **{name: getattr(found, name) for name in parts}})
        return
    import polars as pl

    values = ", ".join(f"{k} {v:.4g}" for k, v in found.values.items()) or "the case's own settings"
    whole = {"fold": "everything (fitted)", "before": found.before, "after": found.after}
    rows = [*found.folds, {**whole, "gain": found.before - found.after}]
    print_rows(pl.DataFrame(rows), form, title=f"Rescaled error of {case.name}; best: {values}")


@app.command()
def sensitivity(
    ctx: typer.Context,
    directory: CaseArgument,
    parameters: ParameterOption = None,
    file: SettingsOption = None,
    engine: EngineOption = EngineName.expected,
    hasten: HastenOption = None,
    samples: Annotated[int, typer.Option("--samples", min=2, help="Base samples, a power of two.")] = 64,
    replicates: ReplicatesOption = 1,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    form: FormatOption = Format.table,
) -> None:
    """Sobol indices of the rescaled error: which settings matter."""
    import polars as pl

    from caudal.flow import sensitivity as indices

    options = settings(ctx)
    case = _case(directory, file, hasten, options)
    with _watched(options, "runs") as progress:
        rows = indices(
            case,
            _ranges(parameters),
            samples=samples,
            replicates=replicates,
            seed=seed,
            options=_options(engine, OrderName.random, 1.0),
            workers=workers,
            progress=progress,
        )
    print_rows(pl.DataFrame(rows), form, title=f"Sobol indices of the rescaled error of {case.name}")


@app.command()
def draw(
    ctx: typer.Context,
    directory: CaseArgument,
    out: OutOption,
    file: SettingsOption = None,
    order: OrderOption = OrderName.random,
    compat: CompatOption = CompatName.flee,
    hasten: HastenOption = None,
    days: DaysOption = None,
    replicates: ReplicatesOption = 10,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
) -> None:
    """Draw an animated map and a Sankey diagram of an ensemble (going on from OUT if it holds one)."""
    from caudal.flow import animated_map, run_to, sankey

    options = settings(ctx)
    program = _program(_case(directory, file, hasten, options), days, compat)
    with _watched(options, "replicates") as progress:
        ensemble = run_to(
            out,
            program,
            replicates=replicates,
            seed=seed,
            options=_options(EngineName.cohort, order, 1.0),
            workers=workers,
            progress=progress,
        )
    typer.echo(str(animated_map(ensemble, out / "map.html")))
    typer.echo(str(sankey(ensemble, out / "sankey.html")))
