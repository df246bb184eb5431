"""``caudal bargain``: negotiations on file, solved over every package."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caudal.cli._globals import Globals, settings
from caudal.cli._output import Format, FormatOption, print_json, print_rows

if TYPE_CHECKING:
    from caudal.bargain import Bargain

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Who wants what, and which packages all could sign.")

_TEMPLATE = "2023-12-us-mexico"

File = Annotated[str, typer.Argument(metavar="FILE", help="A negotiation file, or the name of a template.")]
Draws = Annotated[int, typer.Option(help="Draws of weightings and evidence.")]
Seed = Annotated[int, typer.Option(help="Seed of the draws.")]
Table = Annotated[
    Path | None,
    typer.Option("--outcomes", metavar="FILE", help="An outcome table (CSV) in place of the file's own."),
]


class Language(StrEnum):
    """Languages of what is said."""

    en = "en"
    es = "es"


LanguageOption = Annotated[Language, typer.Option("--lang", help="Language.")]
Chart = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a chart: .svg, .png, .html or .json.")
]


def _solved(options: Globals, file: str, draws: int, seed: int, table: Path | None) -> Bargain:
    from rich.console import Console
    from rich.progress import Progress

    from caudal import bargain
    from caudal._core.errors import InputError

    outcomes = None
    if table is not None:
        try:
            outcomes = bargain.read_table(table.read_text(encoding="utf-8-sig"), str(table))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"cannot be read ({type(error).__name__})",
                where=str(table),
                remedy="Give a CSV file in UTF-8",
            ) from error
    with Progress(
        console=Console(stderr=True), disable=options.quiet or not sys.stderr.isatty(), transient=True
    ) as bar:
        task = bar.add_task("weighing", total=None)
        return bargain.solve(
            file, outcomes=outcomes, draws=draws, seed=seed,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip


def _save(options: Globals, picture: Any, path: Path) -> None:
    from caudal import opinion

    opinion.save_chart(picture, path)
    options.note(f"wrote {path}")


@app.command()
def run(
    ctx: typer.Context,
    file: File = _TEMPLATE,
    draws: Draws = 1000,
    seed: Seed = 1,
    outcomes: Table = None,
    chart: Chart = None,
    acceptability_chart: Chart = None,
    language: LanguageOption = Language.en,
    form: FormatOption = Format.table,
) -> None:
    """Solve a negotiation (exit code 1 when nothing can be agreed)."""
    from caudal import bargain

    options = settings(ctx)
    result = _solved(options, file, draws, seed, outcomes)
    if chart is not None:
        _save(options, bargain.pareto_chart(result, language=language), chart)
    if acceptability_chart is not None:
        _save(options, bargain.acceptability_chart(result, language=language), acceptability_chart)
    if form is Format.json:
        print_json(result.to_dict(language))
    elif form is Format.csv:
        print_rows(_package_rows(result), form)
    else:
        _report(options, result, language)
    if result.recommended is None:
        options.note(result.why_none(language))
        raise typer.Exit(1)


def _package_rows(result: Bargain) -> Any:
    import polars as pl

    rows = []
    for i in range(len(result.packages)):
        p = result.package(i)
        flat: dict[str, Any] = {
            k: p[k] for k in ("package", "allowed", "agreement", "pareto", "acceptable", "chosen")
        }
        flat |= {f"gain_{a}": g for a, g in p["gains"].items()}
        for name, o in p["outcomes"].items():
            flat |= {
                name: o["mean"],
                f"{name}_lower_80": o["interval_80"][0],
                f"{name}_upper_80": o["interval_80"][1],
            }
        rows.append(flat)
    return pl.DataFrame(rows, infer_schema_length=None)


def _report(options: Globals, result: Bargain, language: str) -> None:
    import polars as pl

    from caudal.bargain import phrase

    n = result.negotiation
    zone, allowed = int(result.zone.sum()), int(result.packages.allowed.sum()) - 1
    typer.echo(phrase("report_as_of", language, **result.summary(language)))
    said = {"zone": f"{zone:,}", "allowed": f"{allowed:,}", "draws": f"{result.draws:,}"}
    typer.echo(phrase("report_zone", language, share=f"{result.agreement:.0%}", **said) + "\n")
    data = {k: v for k, v in result.solutions.items() if v is not None}
    rows = []
    for key, index in data.items():
        label = result.packages.label(index, language)
        flat: dict[str, Any] = {"solution": key.replace("_", "-"), "package": label}
        flat |= {
            f"gain {a}": g
            for a, g in (result.gains_of(index) if index else dict.fromkeys(n.actors, 0.0)).items()
        }
        flat["survives %"] = round(100 * float(result.acceptable[index]), 1)
        for name, o in result.outcomes_of(index).items():
            low, high = o["interval_80"]
            flat[name] = f"{o['mean']:,.0f} [{low:,.0f}, {high:,.0f}]"
        rows.append(flat)
    if rows:
        print_rows(pl.DataFrame(rows), Format.table, title=phrase("report_solutions", language))
        value = result.linkage_value or {}
        values = ", ".join(f"{a} {v:+.3f}" for a, v in value.items())
        typer.echo("\n" + phrase("report_linkage", language, values=values) + "\n")
    order = sorted(range(len(result.packages)), key=lambda i: (-result.acceptable[i], -result.chosen[i], i))[
        :8
    ]
    rows = [
        {
            "package": result.packages.label(i, language),
            "survives %": round(100 * float(result.acceptable[i]), 1),
            "chosen %": round(100 * float(result.chosen[i]), 1),
        }
        for i in order
        if result.acceptable[i] > 0
    ]
    if rows:
        print_rows(pl.DataFrame(rows), Format.table, title=phrase("report_survive", language))
    rows = [
        {
            "assumption": f"{i.kind} {i.actor} {i.name}".replace("  ", " "),
            "low": i.low, "high": i.high, "flips": i.flips, "loss by keeping %": round(100 * i.regret, 1),
            "still signed": i.survives_low and i.survives_high, "swing": round(i.swing, 3),
        }
        for i in result.influential[:10]
    ]  # fmt: skip
    print_rows(pl.DataFrame(rows), Format.table, title="\n" + phrase("report_assumptions", language))
    options.note(result.summary(language)["note"])


@app.command()
def explain(
    ctx: typer.Context,
    package: Annotated[str, typer.Argument(help="e.g. rail_control=some,origin_aid=large")],
    file: Annotated[
        str, typer.Option("--file", metavar="FILE", help="A negotiation file or template.")
    ] = _TEMPLATE,
    draws: Draws = 1000,
    seed: Seed = 1,
    outcomes: Table = None,
    language: LanguageOption = Language.en,
    form: FormatOption = Format.table,
) -> None:
    """Explain one package: what each side gains from it, and why."""
    import polars as pl

    from caudal import bargain

    told = bargain.explain(_solved(settings(ctx), file, draws, seed, outcomes), package, language=language)
    if form is Format.json:
        print_json(told)
        return
    rows = [
        {"actor": a, "interest": i, "gain": g}
        for a, parts in told["by_interest"].items()
        for i, g in parts.items()
    ]
    rows += [{"actor": a, "interest": "total over no deal", "gain": g} for a, g in told["gains"].items()]
    if form is Format.csv:
        print_rows(pl.DataFrame(rows), form)
        return
    typer.echo(f"{told['label']}\n{told['verdict']}\n")
    print_rows(pl.DataFrame(rows), form, title=bargain.phrase("report_gains", language))
    simulated = bargain.phrase(told["simulated"], language)
    outcome_rows = [
        {"outcome": k, "mean": f"{o['mean']:,.1f}", "low 80 %": f"{o['interval_80'][0]:,.1f}",
         "high 80 %": f"{o['interval_80'][1]:,.1f}", "change": f"{o['change']:+,.1f}"}
        for k, o in told["outcomes"].items()
    ]  # fmt: skip
    print_rows(
        pl.DataFrame(outcome_rows),
        form,
        title="\n" + bargain.phrase("report_outcomes", language, simulated=simulated),
    )
    if told["without"]:
        left = [
            {"without": t, **{f"change {a}": c for a, c in d.items()}} for t, d in told["without"].items()
        ]
        print_rows(pl.DataFrame(left), form, title="\n" + bargain.phrase("report_left_out", language))
    if told["better"]:
        typer.echo("\n" + bargain.phrase("report_better", language, packages="; ".join(told["better"])))


@app.command()
def template(
    name: Annotated[str, typer.Argument(help="Which template.")] = _TEMPLATE,
    table: Annotated[bool, typer.Option("--table", help="Print its outcome table instead.")] = False,
) -> None:
    """Print a template, to be copied and changed."""
    from importlib import resources

    from caudal import bargain
    from caudal._core.errors import OptionError, did_you_mean

    if name not in bargain.templates():
        raise OptionError(
            f"no template {name!r}", where="template", remedy=did_you_mean(name, bargain.templates())
        )
    directory = resources.files("caudal.bargain") / "templates"
    file = (bargain.load(name)[0].outcome_table or "") if table else f"{name}.yaml"
    typer.echo((directory / file).read_text(encoding="utf-8"), nl=False)
