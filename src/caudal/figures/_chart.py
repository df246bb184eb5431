"""A series as a chart that shows what it is spliced from: the publisher of each month, and declared breaks."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from caudal._core.charts import COLOURS, themed
from caudal._core.dates import parse_period
from caudal._core.errors import OptionError
from caudal._core.tables import declared
from caudal.figures._archive import Archive, open_archive
from caudal.figures._declared import measure as figure_of
from caudal.figures._declared import measures, sources
from caudal.figures._derive import length_of_periods

__all__ = ["breaks", "chart", "with_publisher"]

_SCHEMA = dict.fromkeys(("period", "kind", "text_en", "text_es"), pl.String)


def breaks(measure: str) -> pl.DataFrame:
    """Return where a measure changes its meaning: authority, definition, rounding.

    Parameters
    ----------
    measure : str
        Declared measure.

    Returns
    -------
    polars.DataFrame
        ``period`` (the first of the new meaning), ``kind`` (``authority``, ``definition``, ``rounding``), ``text_en``,
        ``text_es``.

    Raises
    ------
    OptionError
        When there is no such measure.
    """
    asked = figure_of(measure)
    rows = [
        {k: v for k, v in row.items() if k != "measure"}
        for row in declared("caudal.figures", "breaks.csv")
        if row["measure"] == asked.id
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


def with_publisher(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a series with the ``publisher`` of each row, who said it last."""
    known = {source.id: source.publisher for source in sources().values()}
    names = {
        text: "; ".join(sorted({known[one.partition("@")[0]] for one in text.split("; ")}))
        for text in frame["release"].unique()
    }
    return frame.with_columns(
        pl.col("release").replace_strict(names, return_dtype=pl.String).alias("publisher")
    )


def chart(
    measure: str,
    frame: pl.DataFrame,
    *,
    title: str | None = None,
    language: str = "en",
    archive: Archive | None = None,
) -> Any:
    """Return an Altair chart of a series, its publishers in colours, its breaks as rules with their words.

    Parameters
    ----------
    measure : str
        The measure.
    frame : polars.DataFrame
        What `series` returned for it, without breakdown.
    title : str, optional
        The claim that the chart shows; default the measure's title.
    language : {"en", "es"}
        Language of the words.
    archive : Archive, optional
        Whose as-of day the chart names; default the embedded archive and the user's own store.

    Returns
    -------
    altair.LayerChart
        A chart that stands alone: claim, definition, source line with the day.

    Raises
    ------
    OptionError
        When the frame is empty or broken down.
    """
    import altair as alt

    asked = measures()[figure_of(measure).id]
    if frame.is_empty() or frame["period"].is_duplicated().any():
        raise OptionError(
            "a chart needs a series with one row a period", remedy="Leave out --by, or filter the frame"
        )
    freq = length_of_periods(frame)

    def day(label: str) -> date:
        return parse_period(freq, label)

    shown = with_publisher(frame).with_columns(
        pl.col("period")
        .replace_strict({p: day(p) for p in frame["period"]}, return_dtype=pl.Date)
        .alias("day")
    )
    held = archive or open_archive()
    as_of = held.as_of or held.latest.released
    words = {"en": ("Source", "as of"), "es": ("Fuente", "al")}[language]
    who = ", ".join(sorted(shown["publisher"].unique()))
    x = alt.X("day:T", title=None)
    line = (
        alt.Chart(alt.InlineData(_values(shown)))
        .mark_line(point=shown.height < 40)
        .encode(
            x=x,
            y=alt.Y("value:Q", title=asked.unit_es if language == "es" else asked.unit_en),
            color=alt.Color("publisher:N", title=None, scale=alt.Scale(range=list(COLOURS.values())[:3])),
        )
    )
    rules = breaks(measure).filter(pl.col("period").str.len_chars() == len(frame["period"][0]))
    inside = rules.filter(
        (pl.col("period") > frame["period"].min()) & (pl.col("period") <= frame["period"].max())
    )
    marks = inside.with_columns(
        pl.col("period").map_elements(day, return_dtype=pl.Date).alias("day"),
        pl.col(f"text_{language}").alias("text"),
    )
    base = alt.Chart(alt.InlineData(_values(marks.select("day", "kind", "text"))))
    layers = [line]
    if marks.height:
        layers += [
            base.mark_rule(strokeDash=[4, 3], color=COLOURS["ink"]).encode(x=x, tooltip=["text:N", "kind:N"]),
            base.mark_text(angle=270, align="right", baseline="bottom", dy=-3, fontSize=9).encode(
                x=x, y=alt.value(4), text="text:N"
            ),
        ]
    heading = title or (asked.title_es if language == "es" else asked.title_en)
    definition = asked.definition_es if language == "es" else asked.definition_en
    return alt.layer(*layers).properties(
        width=720,
        height=320,
        title=alt.TitleParams(
            heading, subtitle=[definition, f"{words[0]}: {who}, {words[1]} {as_of}"], anchor="start"
        ),
    )


def _values(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.with_columns(pl.col("day").cast(pl.String)).to_dicts()


def svg_of(picture: Any) -> str:
    """Return a chart as SVG that stands alone."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(themed(picture).to_dict()))
