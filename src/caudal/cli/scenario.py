"""``caudal scenario``: levers on the corridor, run beside the same draws without them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caudal.cli._draws import drawing
from caudal.cli._globals import Globals, settings
from caudal.cli._output import Format, FormatOption, print_json, print_rows

if TYPE_CHECKING:
    from caudal.levers import Result, Scenario

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, help="Scenarios: levers on the corridor beside the same draws without them."
)

#: What a person reads first; ``--format json`` has all.
_SHOWN = (
    "encounters",
    "lawful_entries",
    "delay_days",
    "stock_in_mexico",
    "interceptions",
    "waiting_days",
    "deaths_at_risk",
)

Draws = Annotated[int, typer.Option(min=1, max=10_000, help="How many draws; 1 takes central values.")]
Seed = Annotated[int, typer.Option(help="Equal seeds are paired across scenarios.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Nothing later than DATE is known.")
]
LeverOption = Annotated[
    list[str] | None,
    typer.Option("--lever", metavar="NAME=DEGREE[@TARGET,…]", help="Set a lever; may be repeated."),
]
Horizon = Annotated[int, typer.Option(min=1, max=12, help="Months ahead, with --lever.")]


@app.command("list")
def list_(form: FormatOption = Format.table) -> None:
    """List the scenarios that come with the package."""
    import polars as pl

    from caudal import levers

    rows = []
    for name in levers.scenario_names():
        one = levers.load_scenario(name)
        rows.append({"scenario": name, "title": one.title.get("en", ""), "as_of": str(one.day),
                     "levers": ", ".join(f"{s.lever.name}={s.degree:g}" for s in one.settings)})  # fmt: skip
    print_rows(pl.DataFrame(rows), form)


@app.command("levers")
def levers_(as_of: AsOf = None, form: FormatOption = Format.table) -> None:
    """List the levers: what each moves, how strong it is taken to be, and how well that is known."""
    import datetime

    import polars as pl

    from caudal import levers
    from caudal._core.dates import parse_day

    day = parse_day(as_of, option="--as-of") if as_of else datetime.datetime.now(tz=datetime.UTC).date()
    rows = []
    for one in levers.levers().values():
        p = levers.prior(one.name, day)
        rows.append({"lever": one.name, "actor": one.actor, "mechanism": one.mechanism, "parameter": one.parameter,
                     "degree": f"{one.low:g} to {one.high:g}", "unit": one.unit,
                     "strength_10_50_90": f"{p.low:.2f} {p.mid:.2f} {p.high:.2f}", "grade": p.grade,
                     "status": p.status, "source": p.source, "note": one.note})  # fmt: skip
    frame = pl.DataFrame(rows)
    print_rows(frame.drop("source", "note") if form is Format.table else frame, form)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A scenario that comes with the package.")]) -> None:
    """Print a scenario as YAML, to be copied and changed."""
    import yaml

    from caudal import levers

    one = levers.load_scenario(name)
    told = {s.lever.name: {k: v for k, v in (("degree", s.degree), ("targets", list(s.targets)),
                                             ("from", s.first), ("to", s.last)) if v}
            for s in one.settings}  # fmt: skip
    data = {
        "format": 1,
        "name": one.name,
        "title": one.title,
        "as_of": one.day,
        "horizon": one.horizon,
        "levers": told,
    }
    typer.echo(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), nl=False)


@app.command()
def run(
    ctx: typer.Context,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A YAML file, or a name of `list`.")
    ] = None,
    lever: LeverOption = None,
    as_of: AsOf = None,
    horizon: Horizon = 4,
    draws: Draws = 200,
    seed: Seed = 1,
    outcomes: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Also write draws as `caudal bargain run --outcomes` reads them."),
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Run one scenario beside its baseline: outcomes, evidence, mechanisms, what moves the answer."""
    scenario = _asked(file, lever, as_of, horizon)
    (result,) = _run(settings(ctx), [scenario], draws, seed)
    if outcomes is not None:
        outcomes.write_text(result.outcomes().write_csv(), encoding="utf-8")
    if form is Format.json:
        print_json(result.to_dict())
        return
    _report(result, form)


@app.command()
def compare(
    ctx: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Scenarios, or a set that comes with the package.")
    ],
    draws: Draws = 200,
    seed: Seed = 1,
    outcomes: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Also write draws as `caudal bargain run --outcomes` reads them."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Keep the table with the package, for the briefing (one set).")
    ] = False,
    form: FormatOption = Format.table,
) -> None:
    """Run several scenarios with the same draws and print their differences side by side."""
    import polars as pl

    from caudal import levers

    names: list[str] = []
    for word in files:
        inside = [n for n in levers.scenario_names() if n.startswith(f"{word}/")]
        names += inside or [word]
    results = _run(settings(ctx), [levers.load_scenario(n) for n in names], draws, seed)
    if outcomes is not None:
        table = pl.concat([r.outcomes() for r in results])
        outcomes.write_text(table.write_csv(), encoding="utf-8")
    if write:
        typer.echo(str(levers.write_published(files[0], results)), err=True)
    if form is Format.json:
        print_json([r.to_dict() for r in results])
        return
    rows = []
    for r in results:
        flat: dict[str, Any] = {"scenario": r.scenario.name}
        for name in _SHOWN:
            low, high = r.table()[name][-1]["interval_80"]
            flat[name] = f"{r.table()[name][-1]['median']:+,.1f} [{low:+,.1f}, {high:+,.1f}]"
        rows.append(flat | {"grade": r.grade, "status": r.status})
    print_rows(
        pl.DataFrame(rows),
        form,
        title="Differences from the baseline over all months: median and 80 % interval",
    )


@app.command()
def terms(
    ctx: typer.Context,
    negotiation: Annotated[
        str, typer.Argument(metavar="FILE", help="A negotiation file or template of `bargain`.")
    ],
    output: Annotated[
        Path, typer.Option(metavar="CSV", help="Where to write scenario, draw, outcome, value.")
    ],
    draws: Annotated[int, typer.Option(min=2, max=10_000, help="How many draws.")] = 100,
    seed: Seed = 1,
    first: Annotated[
        str | None, typer.Option(metavar="MONTH", help="First month that counts, e.g. 2024-01.")
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=12, help="Months ahead of the last one known.")] = 4,
) -> None:
    """Simulate every term of a negotiation that moves levers, for `caudal bargain run --outcomes`."""
    import polars as pl

    from caudal import bargain
    from caudal.levers import Scenario

    told, _ = bargain.load(negotiation)
    base = Scenario("no-deal", told.as_of, horizon)
    asked = {f"{ask}={d.name}": d.levers for ask, a in told.asks.items() for d in a.degrees if d.levers}
    no_deal = next(iter(told.actors.values())).reservation.scenario
    scenarios = [base, *(base.with_levers(**given) for given in asked.values())]
    results = _run(settings(ctx), scenarios, draws, seed)
    tables = [r.outcomes(label, first) for label, r in zip((no_deal, *asked), results, strict=True)]
    output.write_text(pl.concat(tables).write_csv(), encoding="utf-8")
    settings(ctx).note(f"{len(tables)} scenarios of {draws} draws in {output}")


@app.command()
def ledger(
    ctx: typer.Context,
    draws: Annotated[int, typer.Option(min=1, max=1000, help="How many draws a case.")] = 40,
    seed: Seed = 1,
    form: FormatOption = Format.table,
) -> None:
    """Score scenarios dated before an event against what was recorded after it; what failed is shown."""
    from dataclasses import asdict

    import polars as pl

    from caudal import levers

    rows = [asdict(s) for s in levers.ledger(draws=draws, seed=seed, progress=settings(ctx).note)]
    if form is Format.json:
        print_json(rows)
        return
    for row in rows:
        low, high = row.pop("interval_80") or (None, None)
        row |= {"low_80": low, "high_80": high}
    print_rows(pl.DataFrame(rows, infer_schema_length=None), form)


@app.command("what-would-have-to-be-true")
def what_would(
    path: Annotated[
        str,
        typer.Option(
            "--path",
            metavar="N,N,…",
            help="Total encounters of the months ahead, or a CSV file with month, encounters.",
        ),
    ],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Nothing later than DATE is known.")],
    form: FormatOption = Format.table,
) -> None:
    """Print the hold or the discouragement that would give a path of encounters, and the people it leaves in Mexico."""
    from caudal import corridor, levers

    wished = _path(path)
    found = corridor.inverse(wished, levers.calibrated(levers.Scenario("path", as_of).day))
    if form is Format.json:
        print_json({"answers": found.answers.to_dicts(), "months": found.frame.to_dicts()})
        return
    print_rows(found.answers, form, title="Either would do; encounters alone cannot tell which")
    if form is Format.table:
        print_rows(found.frame, form, title="\nBy month")


def _path(text: str) -> dict[str, float] | list[float]:
    import polars as pl

    from caudal._core.errors import InputError

    if Path(text).exists():
        try:
            rows = pl.read_csv(text).select("month", "encounters").iter_rows()
            return {str(m): float(x) for m, x in rows}
        except (pl.exceptions.PolarsError, ValueError, TypeError):
            raise InputError(
                "not a table of months", where=text, remedy="Columns: month, encounters"
            ) from None
    try:
        return [float(x) for x in text.split(",")]
    except ValueError:
        raise InputError(
            f"{text!r} is neither numbers nor a file", where="--path", remedy="For instance 200000,180000"
        ) from None


def _asked(file: str | None, given: list[str] | None, as_of: str | None, horizon: int) -> Scenario:
    from dataclasses import replace

    from caudal._core.errors import OptionError
    from caudal.levers import Scenario, load_scenario

    if file is None and not given:
        raise OptionError(
            "nothing to run",
            where="FILE",
            remedy="Give a scenario file or --lever; see `caudal scenario list`",
        )
    if file is not None:
        scenario = load_scenario(file)
        scenario = replace(scenario, as_of=as_of) if as_of else scenario
    else:
        if as_of is None:
            raise OptionError("a day is needed", where="--as-of", remedy="For instance --as-of 2023-12-22")
        scenario = Scenario("baseline", as_of, horizon)
    for word in given or []:
        name, sign, value = word.partition("=")
        if not sign:
            raise OptionError(f"{word!r} sets nothing", where="--lever", remedy=f"Write {name}=0.5")
        degree, _, targets = value.partition("@")
        told: dict[str, Any] = {"degree": degree}
        if targets:
            told["targets"] = targets.split(",")
        scenario = scenario.with_levers(**{name: told})
    return scenario


def _run(options: Globals, scenarios: list[Scenario], draws: int, seed: int) -> list[Result]:
    from caudal import levers

    with drawing(options, draws) as (executor, told):
        return [levers.run(s, draws=draws, seed=seed, executor=executor, progress=told) for s in scenarios]


def _report(result: Result, form: Format) -> None:
    import polars as pl

    tables = {which: result.table(which) for which in ("baseline", "scenario", "difference")}
    rows = []
    for name in _SHOWN:
        for i, month in enumerate((*result.months, "all")):
            row: dict[str, Any] = {"outcome": name, "month": month}
            for which, table in tables.items():
                cell = table[name][i]
                low, high = cell["interval_80"]
                if form is Format.csv:
                    row |= {which: cell["median"], f"{which}_low": low, f"{which}_high": high}
                else:
                    row[which] = f"{cell['median']:,.1f} [{low:,.1f}, {high:,.1f}]"
            rows.append(row | {"grade": result.grade, "status": result.status})
    if form is Format.csv:
        print_rows(pl.DataFrame(rows), form)
        return
    typer.echo("\n".join(result.sentences()) + "\n")
    print_rows(
        pl.DataFrame(rows),
        form,
        title=f"{result.scenario.name}, as of {result.scenario.day}: median and 80 % interval, {result.draws} draws",
    )
    if result.mechanisms:
        shown = [
            {"mechanism": k, **{n: round(v[n], 1) for n in _SHOWN}} for k, v in result.mechanisms.items()
        ]
        print_rows(pl.DataFrame(shown), form, title="\nBy mechanism, at central values")
    moved = result.sensitivity()
    if moved:
        top = [{"assumption": k, "share of variance": round(v, 3)} for k, v in list(moved.items())[:8]]
        print_rows(pl.DataFrame(top), form, title="\nWhat moves the difference in encounters most")
    used = [{"lever": n, "strength 10 %": p.low, "50 %": p.mid, "90 %": p.high, "grade": p.grade, "status": p.status,
             "source": p.source} for n, p in result.priors.items()]  # fmt: skip
    if used:
        print_rows(pl.DataFrame(used), form, title="\nHow strong each lever is taken to be, and why")
