"""Deaths per 10,000 Border Patrol encounters by sector and season: what "deaths at risk" multiplies."""

from __future__ import annotations

from datetime import date

import polars as pl

from caudal import figures
from caudal._core.dates import add_months, month_label, parse_day, parse_month
from caudal._core.errors import NotKnownError
from caudal._core.tables import declared

__all__ = ["SEASONS", "death_rates"]

#: Meteorological seasons by month of the year: heat kills in summer, the river when it is high.
SEASONS = {month: ("winter", "spring", "summer", "autumn")[month % 12 // 3] for month in range(1, 13)}
_ORDER = {season: i for i, season in enumerate(dict.fromkeys(SEASONS.values()))}
#: Events reach Missing Migrants for weeks after the fact; none younger than this is used as of a day.
_LAG_MONTHS = 2
_COVERAGE = 0.9


def death_rates(
    *, as_of: str | date | None = None, months: int = 60, archive: figures.Archive | None = None
) -> pl.DataFrame:
    """Return deaths per 10,000 encounters between ports by sector and season.

    Deaths and disappearances are Missing Migrants' events placed by longitude (``sector_limits.csv``), a lower bound;
    encounters are Border Patrol's by sector. The interval is the exact one for a Poisson count (Garwood, 1936) and
    says nothing of deaths that nobody found. No release of Missing Migrants before 2025-06 is at hand: as of an
    earlier day, the *events* up to two months before it count, as they are known today.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        A day: encounters published, and deaths that happened, by then.
    months : int
        How many of the last months that have both are added up.
    archive : Archive, optional
        Where encounters are read; the embedded archive and one's own otherwise.

    Returns
    -------
    polars.DataFrame
        ``sector, season, deaths, encounters, per_10000, low, high, first, last, status, source``; 90 % interval.

    Raises
    ------
    NotKnownError
        When no month has both by then.
    """
    known = figures.series(
        "usbp-encounters", by=["sector"], where={"region": "southwest"}, as_of=as_of, archive=archive
    ).select("period", "sector", pl.col("value").cast(pl.Int64).alias("encounters"))
    events = pl.DataFrame(declared("caudal.corridor.data", "sector_deaths.csv")).with_columns(
        pl.col("deaths").cast(pl.Int64), pl.col("month").alias("period")
    )
    happened = parse_month(str(events["period"].max()))
    if as_of is not None:
        happened = min(happened, parse_day(as_of, option="as_of").replace(day=1))
    end = month_label(add_months(happened, -_LAG_MONTHS))
    known = known.filter((pl.col("period") <= end) & (pl.col("period") >= str(events["period"].min())))
    window = sorted(known["period"].unique())[-months:]
    if not window:
        raise NotKnownError("no month has both encounters by sector and deaths", where=f"as of {as_of}")
    both = known.filter(pl.col("period").is_in(window)).join(
        events.select("period", "sector", "deaths"), on=["period", "sector"], how="left"
    )
    season = pl.col("period").str.slice(5, 2).cast(pl.Int64).replace_strict(SEASONS)
    rates = both.group_by("sector", season.alias("season"), maintain_order=True).agg(
        pl.col("deaths").fill_null(0).sum(), pl.col("encounters").sum()
    )
    low, high = _garwood(rates["deaths"])
    per = 1e4 / rates["encounters"]
    return rates.with_columns(
        (rates["deaths"] * per).alias("per_10000"),
        (low * per).alias("low"),
        (high * per).alias("high"),
        pl.lit(window[0]).alias("first"),
        pl.lit(window[-1]).alias("last"),
        pl.lit("weak").alias("status"),
        pl.lit("Missing Migrants (IOM); Border Patrol encounters in the archive").alias("source"),
    ).sort("sector", pl.col("season").replace_strict(_ORDER))


def _garwood(counts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the exact interval of Poisson means."""
    from scipy.stats import chi2

    n, tail = counts.to_numpy(), (1 - _COVERAGE) / 2
    low = chi2.ppf(tail, 2 * n) / 2
    return pl.Series(low).fill_nan(0.0), pl.Series(chi2.ppf(1 - tail, 2 * n + 2) / 2)
