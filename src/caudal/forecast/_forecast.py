"""A forecast: joint sample paths and everything that is read off them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from caudal import figures
from caudal._core.dates import add_months, last_day, month_label
from caudal._core.errors import OptionError
from caudal.figures import Archive
from caudal.forecast._panel import Array, Panel
from caudal.forecast._quantiles import LEVELS

__all__ = ["Forecast"]


@dataclass(frozen=True)
class Forecast:
    """What comes next, as joint sample paths.

    Attributes
    ----------
    measure : str
        What is forecast.
    model : str
        Name of the model that drew the paths.
    reference_date : datetime.date
        The as-of day: nothing released later was seen.
    panel : Panel
        The history that was seen: ``locations``, ``levels``, ``values`` and ``last``, the last published month.
    paths : numpy.ndarray
        Encounters, shape ``(locations, samples, horizon)``. Never negative; parts add up to their total in every path.
        ``paths[i, s, h - 1]`` is month ``panel.last + h`` of location ``i`` in sample ``s``.
    capacity : float or None
        The capacity that was asked about.
    notes : tuple of str
        Fallbacks that were taken, in plain words.
    where : dict
        Conditions on the measure, as asked.
    """

    measure: str
    model: str
    reference_date: date
    panel: Panel
    paths: Array
    capacity: float | None = None
    notes: tuple[str, ...] = field(default=())
    where: dict[str, str | tuple[str, ...]] = field(default_factory=dict)

    @property
    def horizon(self) -> int:
        """How many months ahead."""
        return int(self.paths.shape[2])

    @property
    def locations(self) -> tuple[str, ...]:
        """``"total"`` first, then the parts by code."""
        return self.panel.locations

    @property
    def last_month(self) -> str:
        """The last published month, ``"2023-11"``."""
        return month_label(self.panel.last)

    @property
    def targets(self) -> tuple[str, ...]:
        """The months that are forecast: ``("2023-12", "2024-01", …)``."""
        return tuple(month_label(add_months(self.panel.last, h)) for h in range(1, self.horizon + 1))

    @property
    def quantiles(self) -> pl.DataFrame:
        """The 23 quantiles in hubverse columns.

        ``reference_date`` (date), ``target`` (the measure), ``horizon`` (months after the last published one),
        ``location``, ``target_end_date`` (last day of the month forecast), ``output_type`` (``"quantile"``),
        ``output_type_id`` (0.01 … 0.99), ``value``. Sorted; quantiles do not cross.
        """
        found = np.quantile(self.paths, LEVELS, axis=1)  # levels × locations × horizon
        return self._long(found, ("output_type_id", LEVELS)).select(
            "reference_date",
            "target",
            "horizon",
            "location",
            "target_end_date",
            pl.lit("quantile").alias("output_type"),
            "output_type_id",
            "value",
        )

    def interval(self, coverage: float = 0.8) -> pl.DataFrame:
        """Return the central interval and the median.

        Parameters
        ----------
        coverage : float
            Probability inside, between 0 and 1.

        Returns
        -------
        polars.DataFrame
            ``location``, ``month`` (``"2023-12"``), ``horizon``, ``lower``, ``median``, ``upper``.
        """
        if not 0 < coverage < 1:
            raise OptionError(f"coverage {coverage} is not between 0 and 1", remedy="E.g. 0.8")
        levels = ((1 - coverage) / 2, 0.5, (1 + coverage) / 2)
        found = np.quantile(self.paths, levels, axis=1)
        return self._rows(lower=found[0], median=found[1], upper=found[2])

    def probability_above(self, capacity: float | None = None) -> pl.DataFrame:
        """Return how likely each month is to exceed a capacity.

        Parameters
        ----------
        capacity : float, optional
            Encounters in a month; default the capacity the forecast was run with.

        Returns
        -------
        polars.DataFrame
            ``location``, ``month``, ``horizon``, ``capacity``, ``probability`` (that month),
            ``probability_any`` (that month or an earlier one ahead), ``days_above`` (expected days in months above
            it, from the first month ahead to this one).
        """
        limit = self.capacity if capacity is None else capacity
        if limit is None:
            raise OptionError("no capacity was given", where="capacity", remedy="Give encounters a month")
        above = self.paths > limit
        days = np.array([last_day(add_months(self.panel.last, h)).day for h in range(1, self.horizon + 1)])
        rows = self._rows(
            probability=above.mean(axis=1),
            probability_any=np.logical_or.accumulate(above, axis=2).mean(axis=1),
            days_above=np.cumsum(above.mean(axis=1) * days, axis=1),
        )
        return rows.select(
            "location",
            "month",
            "horizon",
            pl.lit(float(limit)).alias("capacity"),
            "probability",
            "probability_any",
            "days_above",
        )

    def probability_record(self) -> pl.DataFrame:
        """Return how likely each month is to be the highest of its name, and the highest of all, in the history seen.

        Returns
        -------
        polars.DataFrame
            ``location``, ``month``, ``horizon``, ``record`` (the highest same month so far), ``record_month`` (when),
            ``years`` (how many same months the history holds), ``probability`` (of exceeding it), ``record_ever``,
            ``probability_ever``. Null where the history holds none.
        """
        rows: list[dict[str, object]] = []
        months = self.panel.months
        for i, location in enumerate(self.locations):
            history = self.panel.values[i]
            known = [(v, m) for v, m in zip(history, months, strict=True) if not np.isnan(v)]
            ever = max((v for v, _ in known), default=None)
            for h in range(1, self.horizon + 1):
                month = add_months(self.panel.last, h)
                same = [(v, m) for v, m in known if m.month == month.month]
                best = max(same, default=None)
                ahead = self.paths[i, :, h - 1]
                rows.append(
                    {
                        "location": location,
                        "month": month_label(month),
                        "horizon": h,
                        "record": best[0] if best else None,
                        "record_month": month_label(best[1]) if best else None,
                        "years": len(same),
                        "probability": float((ahead > best[0]).mean()) if best else None,
                        "record_ever": ever,
                        "probability_ever": float((ahead > ever).mean()) if ever is not None else None,
                    }
                )
        return pl.DataFrame(rows, infer_schema_length=None)

    def outcomes(self, archive: Archive | None = None) -> pl.DataFrame:
        """Return what came, as far as it is published by now (or by the archive's day).

        Parameters
        ----------
        archive : Archive, optional
            Where to look. The forecast itself never saw this.

        Returns
        -------
        polars.DataFrame
            ``location``, ``month``, ``horizon``, ``outcome`` (null where not published).
        """
        parts = [level for level in self.panel.levels if level != "total"]
        by = parts[0].split("/") if parts else []
        frame = figures.series(
            self.measure,
            by=by,
            where=self.where,
            period=(self.targets[0], self.targets[-1]),
            archive=archive,
        )
        named = frame.select(
            pl.concat_str(by, separator="/").alias("location") if by else pl.lit("total").alias("location"),
            pl.col("period").alias("month"),
            pl.col("value").alias("outcome"),
        )
        if by:
            total = named.group_by("month").agg(pl.col("outcome").sum(), pl.lit("total").alias("location"))
            named = pl.concat([named, total.select(named.columns)])
        return self._rows().join(named, on=["location", "month"], how="left", maintain_order="left")

    def _rows(self, **columns: Array) -> pl.DataFrame:
        count = len(self.locations)
        return pl.DataFrame(
            {
                "location": np.repeat(self.locations, self.horizon),
                "month": list(self.targets) * count,
                "horizon": list(range(1, self.horizon + 1)) * count,
                **{name: array.ravel() for name, array in columns.items()},
            }
        )

    def _long(self, found: Array, inner: tuple[str, tuple[float, ...]]) -> pl.DataFrame:
        """Return levels × locations × horizon as rows sorted by location, horizon and level."""
        name, levels = inner
        ends = [last_day(add_months(self.panel.last, h)) for h in range(1, self.horizon + 1)]
        cells, count = len(self.locations) * self.horizon, len(levels)
        return pl.DataFrame(
            {
                "reference_date": [self.reference_date] * (cells * count),
                "target": [self.measure] * (cells * count),
                "horizon": np.tile(np.repeat(np.arange(1, self.horizon + 1), count), len(self.locations)),
                "location": np.repeat(self.locations, self.horizon * count),
                "target_end_date": [day for day in ends for _ in range(count)] * len(self.locations),
                name: np.tile(levels, cells),
                "value": found.transpose(1, 2, 0).ravel(),
            }
        )
