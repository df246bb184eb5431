"""Results of the backtest: kept, shown again, written into the page that cites them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from caudal._core.errors import InputError
from caudal._core.tables import declared
from caudal.figures import Archive
from caudal.forecast._backtest import Backtest
from caudal.forecast._past import cache_directory
from caudal.forecast._scoreboard import ORIGINS, upstream_scores

__all__ = ["headline", "keep", "kept", "write_page"]

_START, _END = "<!-- results: written by `caudal forecast backtest --write` -->", "<!-- end of results -->"
_SHIPPED = "scoreboard.csv"


def archive_state(archive: Archive) -> str:
    """Return which archive the results are of."""
    return f"{len(archive.releases)} releases, newest of {archive.latest.released}"


def keep(table: pl.DataFrame, archive: Archive) -> Path:
    """Keep a scoreboard in the cache and return where."""
    path = cache_directory() / "scoreboard.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"archive": archive_state(archive), "rows": table.to_dicts()}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(path)
    return path


def kept() -> tuple[pl.DataFrame, str]:
    """Return the newest scoreboard of this machine, else the one that came with the package, and which it is."""
    path = cache_directory() / "scoreboard.json"
    if path.exists():
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return pl.DataFrame(
                content["rows"], infer_schema_length=None
            ), f"backtest of this machine: {content['archive']}"
        except (OSError, ValueError, KeyError) as error:
            raise InputError(
                f"cannot be read ({error})", where=str(path), remedy="Run `caudal forecast backtest` again"
            ) from None
    rows = declared("caudal.forecast", _SHIPPED)
    words = ("model", "level", "window")
    table = pl.DataFrame(
        [
            {
                name: value if name in words else int(value) if name in ("horizon", "n") else _number(value)
                for name, value in row.items()
            }
            for row in rows
        ],
        infer_schema_length=None,
    )
    return table, "the scoreboard that came with the package; `caudal forecast backtest` makes it again"


def _number(text: str) -> float | None:
    return float(text) if text else None


def headline(table: pl.DataFrame) -> pl.DataFrame:
    """Return all horizons together, the columns people ask for, best first."""
    return (
        table.filter(pl.col("horizon") == 0)
        .select(
            "window",
            "level",
            "model",
            pl.col("relative_wis", "relative_wis_log", "relative_tail").round(3),
            pl.col("coverage_50", "coverage_80", "coverage_95", "dm_naive").round(3),
            "n",
        )
        .sort("window", "level", "relative_wis", nulls_last=True, maintain_order=True)
    )


def write_page(page: Path, made: Sequence[Backtest], table: pl.DataFrame, archive: Archive) -> None:
    """Write the results into a page between its two marks, and beside the code for `kept`.

    Raises
    ------
    InputError
        When the page has no marks.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(page)) from None
    if _START not in text or _END not in text:
        raise InputError(
            "has no marks between which results go", where=str(page), remedy=f"Add {_START} and {_END}"
        )
    head, _, rest = text.partition(_START)
    tail = rest.partition(_END)[2]
    page.write_text(head + _START + "\n" + _written(made, table, archive) + _END + tail, encoding="utf-8")
    shipped = Path(__file__).parent / _SHIPPED
    rounded = table.with_columns(pl.selectors.float().round(4).fill_nan(None))
    rounded.write_csv(shipped)


def _written(made: Sequence[Backtest], table: pl.DataFrame, archive: Archive) -> str:
    spans = "; ".join(
        f"{one.system.name}: origins {one.origins[0]:%Y-%m} to {one.origins[-1]:%Y-%m}, "
        f"{len(one.system.panel.locations)} series, {len(one.system.printed)} origins with the figures then printed"
        for one in made
    )
    lines = [f"\nArchive: {archive_state(archive)}. {spans}.\n"]
    for window in ("development", "evaluation"):
        part = table.filter(pl.col("window") == window)
        if part.is_empty():
            continue
        lines += [f"\n### {window.capitalize()} window\n", _by_level(part), "\n" + _by_horizon(part)]
    lines.append(_by_origin(table))
    for one in made:
        if one.system.name == "southwest" and "upstream" in one.quantiles:
            shown = ", ".join(
                f"{row['relative_log_mae']:.3f} at {row['horizon']}"
                for row in upstream_scores(one).head(3).to_dicts()
            )
            lines.append(
                f"\n`upstream`, eight citizenships, targets 2022-2024, log error relative to the last value, by months "
                f"ahead: {shown}."
            )
    return "\n".join(lines) + "\n"


def _by_level(part: pl.DataFrame) -> str:
    rows = [
        "| level | model | relative WIS | log scale | to Gaussian naive | upper tail | 50 % | 80 % | 95 % | DM p | n |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    whole = part.filter(pl.col("horizon") == 0)
    for level in whole["level"].unique(maintain_order=True):
        for row in (
            whole.filter(pl.col("level") == level).sort("relative_wis", maintain_order=True).to_dicts()
        ):
            cells = [
                row[k] for k in ("relative_wis", "relative_wis_log", "relative_wis_gaussian", "relative_tail")
            ]
            cells += [row["coverage_50"], row["coverage_80"], row["coverage_95"], row["dm_naive"]]
            shown = " | ".join(_shown(cell) for cell in cells)
            rows.append(f"| {level} | {row['model']} | {shown} | {row['n']:,} |")
    return "\n".join(rows)


def _by_horizon(part: pl.DataFrame) -> str:
    rows = [
        "Relative WIS by months ahead, the default as published and its rivals:\n",
        "| level | model | 1 | 2 | 3 | 4 | 5 | 6 |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for level in part["level"].unique(maintain_order=True):
        for name in ("growth", "ensemble", "ensemble-published", "calibrated", "published", "upstream"):
            own = part.filter((pl.col("level") == level) & (pl.col("model") == name))
            by = dict(own.select("horizon", "relative_wis").rows())
            if by:
                rows.append(
                    f"| {level} | {name} | " + " | ".join(_shown(by.get(h)) for h in range(1, 7)) + " |"
                )
    return "\n".join(rows) + "\n"


def _by_origin(table: pl.DataFrame) -> str:
    """Return the error of the median by months ahead, two and three together, where upstream counts can be read."""
    rows = [
        "\n### Where people are counted upstream\n",
        "Mean absolute error of the median relative to naive's, and relative WIS, by months ahead. `corridor` is the "
        "outlook of the corridor model (`caudal forecast run --model corridor`), chosen on the first window and never "
        "on the second.\n",
        "| origins | level | model | MAE 1 | MAE 2-3 | MAE 4-6 | WIS 1 | WIS 2-3 | WIS 4-6 | n at 2-3 |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for window in ORIGINS:
        part = table.filter(pl.col("window") == window)
        for level in part["level"].unique(maintain_order=True):
            for name in ("corridor", "calibrated", "ensemble"):
                mine = part.filter((pl.col("level") == level) & (pl.col("model") == name))
                plain = part.filter((pl.col("level") == level) & (pl.col("model") == "naive"))
                if mine.is_empty():
                    continue
                cells = [_shown(_pooled(mine, plain, score, h)) for score in ("mae", "wis") for h in _GROUPS]
                n = mine.filter(pl.col("horizon").is_in(_GROUPS[1]))["n"].sum()
                rows.append(
                    f"| {window.removeprefix('origins ')} | {level} | {name} | {' | '.join(cells)} | {n:,} |"
                )
    return "\n".join(rows) + "\n" if len(rows) > 4 else ""


_GROUPS = ([1], [2, 3], [4, 5, 6])


def _pooled(mine: pl.DataFrame, plain: pl.DataFrame, score: str, horizons: Sequence[int]) -> float | None:
    """Return the ratio of summed scores over some horizons."""
    sums = [
        float(
            one.filter(pl.col("horizon").is_in(horizons)).select((pl.col(score) * pl.col("n")).sum()).item()
        )
        for one in (mine, plain)
    ]
    return sums[0] / sums[1] if sums[1] > 0 else None


def _shown(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.3f}"
