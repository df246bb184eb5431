"""The validation page: tables between markers in ``docs/methods/corridor.md`` and one chart."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from caudal._core.errors import InputError
from caudal.corridor._outcomes import OUTCOMES
from caudal.corridor._setting import setting

__all__ = ["write_report"]

_BEGIN, _END = "<!-- {}: written by make validation -->", "<!-- end -->"


def write_report(frame: pl.DataFrame, docs: Path) -> None:
    """Write the tables into ``methods/corridor.md`` and the chart into ``images/corridor-validation.svg``.

    Parameters
    ----------
    frame : polars.DataFrame
        Of `caudal.corridor.validate`.
    docs : pathlib.Path
        The documentation's directory.

    Raises
    ------
    InputError
        When the page lacks a marker.
    """
    page = docs / "methods" / "corridor.md"
    text = page.read_text(encoding="utf-8")
    for name, table in (
        ("checks", _checks(frame)),
        ("outcomes", _outcomes()),
        ("assumptions", _assumptions()),
    ):
        text = _between(text, name, table, page)
    page.write_text(text, encoding="utf-8")
    chart = _chart(frame)
    if chart:
        (docs / "images" / "corridor-validation.svg").write_text(chart, encoding="utf-8")


def _between(text: str, name: str, table: str, page: Path) -> str:
    begin = _BEGIN.format(name)
    if begin not in text:
        raise InputError(f"the marker {begin!r} is missing", where=str(page), remedy="Put it back")
    head, rest = text.split(begin, 1)
    return f"{head}{begin}\n{table}\n{_END}{rest.split(_END, 1)[1]}"


def _checks(frame: pl.DataFrame) -> str:
    lines = [
        "| check | value | baseline | 90 % interval | threshold | holds | note |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in frame.iter_rows(named=True):
        holds = {True: "yes", False: "**no**", None: ""}[row["holds"]]
        base = "" if row["baseline"] is None else f"{row['baseline']:.3f}"
        cells = (
            row["check"],
            _number(row["value"]),
            base,
            row["interval"] or "",
            row["threshold"],
            holds,
            row["note"],
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return (
        f"{value:.3g}"
        if abs(value) < 0.01 and value
        else f"{value:,.3f}"
        if abs(value) < 100
        else f"{value:,.0f}"
    )


def _outcomes() -> str:
    lines = ["| outcome | unit | what it is | produced by |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {unit} | {what} | **{by}** |" for name, (unit, what, by) in OUTCOMES.items()]
    return "\n".join(lines)


def _assumptions() -> str:
    lines = ["| parameter | central | range | unit | status | what it moves |", "|---|---|---|---|---|---|"]
    for one in setting().assumptions.values():
        span = f"{one.low:g}-{one.high:g}"
        lines.append(f"| `{one.name}` | {one.central:g} | {span} | {one.unit} | {one.status} | {one.moves} |")
    return "\n".join(lines)


def _chart(frame: pl.DataFrame) -> str:
    """Draw relative errors with their intervals; 1 is the last value carried forward."""
    import altair as alt

    from caudal._core.charts import COLOURS, svg

    kept = frame.filter(pl.col("check").str.starts_with("origins") & pl.col("interval").is_not_null())
    if kept.is_empty():
        return ""
    ends = kept["interval"].str.strip_chars("[]").str.split(", ")
    data = kept.select(pl.col("check").str.replace("origins: ", ""), "value").with_columns(
        ends.list.get(0).cast(pl.Float64).alias("low"), ends.list.get(1).cast(pl.Float64).alias("high")
    )
    base = alt.Chart(alt.Data(values=data.to_dicts())).encode(y=alt.Y("check:N", sort=None, title=None))
    span = base.mark_rule(color=COLOURS["history"], strokeWidth=3).encode(
        x=alt.X(
            "low:Q", title="error over that of the last value (90 % interval)", scale=alt.Scale(zero=False)
        ),
        x2="high:Q",
    )
    dots = base.mark_point(filled=True, size=60, color=COLOURS["highlight"]).encode(x="value:Q")
    one = alt.Chart(alt.Data(values=[{"x": 1}])).mark_rule(strokeDash=[4, 3]).encode(x="x:Q")
    words = (
        "Relative errors of the corridor's outlook from rolling origins, with intervals; 1 is the last value."
    )
    return svg((span + dots + one).properties(width=420), name="corridor-validation", alternative=words)
