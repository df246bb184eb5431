"""The page of what the public thinks: the pool, every poll as a dot, houses, answers by party."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from caudal import opinion
from caudal._core.charts import svg
from caudal._core.errors import CaudalError
from caudal.figures import Archive
from caudal.opinion import Pooled
from caudal.web._ask import OpinionAsked
from caudal.web._desk import Reply, status_of
from caudal.web._pages import release_days
from caudal.web._render import page
from caudal.web._words import words

__all__ = ["opinion_page", "pooled"]

_POLLS, _HOUSES = 40, 15


def pooled(asked: OpinionAsked, own: list[Path]) -> Pooled:
    """Return the pool that an address asks for."""
    return opinion.pool(asked.issue, as_of=asked.as_of, president=asked.president, own=own)


def opinion_page(archive: Archive, asked: OpinionAsked, own: list[Path]) -> Reply:
    """Return the page."""
    t = words(asked.lang)
    known = opinion.issues()
    about: dict[str, Any] = {
        "issues": sorted(known["issue"].unique().to_list()),
        "presidents": known["president"].unique(maintain_order=True).sort().to_list(),
        "days": release_days(archive),
    }
    try:
        found = pooled(asked, own)
        kind: Any = "smoother" if asked.hindsight == "yes" else "filter"
        chart = opinion.chart(found, kind=kind, language=t.language, width=720)
        houses = opinion.houses(asked.issue, as_of=asked.as_of, president=asked.president, own=own)
        crosstabs = opinion.crosstabs(asked.issue, as_of=asked.as_of, president=asked.president, own=own)
    except CaudalError as error:
        return page(
            "opinion.html", "/opinion", asked, status=status_of(error), error=error, found=None, **about
        )
    picture = svg(chart, name="pool", alternative=str(chart.description), language=t.language)
    polls = found.polls.sort("middle", descending=True).head(_POLLS).to_dicts()
    return page(
        "opinion.html", "/opinion", asked, error=None, found=found, chart=picture,
        note=opinion.note(found, t.language), polls=polls, more=max(0, found.polls.height - _POLLS),
        houses=houses.filter(pl.col("answer") == "disapprove").head(_HOUSES).to_dicts(),
        crosstabs=_newest_first(crosstabs), **about,
    )  # fmt: skip


def _newest_first(crosstabs: pl.DataFrame) -> list[dict[str, Any]]:
    day = pl.coalesce("published", "field_end", pl.col("field_month").str.to_date("%Y-%m", strict=False))
    ordered = crosstabs.with_columns(day.alias("_day")).sort(
        "_day", descending=True, nulls_last=True, maintain_order=True
    )
    return ordered.drop("_day").head(_POLLS).to_dicts()
