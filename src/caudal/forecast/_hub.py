"""Forecasts in the form of the hubverse: a directory that is a hub, and quantile tables that can be trusted.

``hub-config/admin.json`` and ``tasks.json`` say what may be forecast; ``model-output/<model>/<day>-<model>.csv`` holds
the forecasts. `hubdata`, `hubData` (R) and hubverse dashboards read it as it is. Locations say what they are:
``total``, ``sector=DRT``, ``component=USBP;citizenship=VEN``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from caudal import figures
from caudal._core.dates import parse_day
from caudal._core.errors import InputError, StoreError
from caudal.forecast._forecast import Forecast
from caudal.forecast._quantiles import LEVELS

__all__ = ["COLUMNS", "checked", "hub_files", "hubverse_table", "read_hubverse", "write_hub_file"]

#: Columns of a quantile table.
COLUMNS = (
    "reference_date",
    "target",
    "horizon",
    "location",
    "target_end_date",
    "output_type",
    "output_type_id",
    "value",
)
_LONGEST = 24
_SCHEMA_ADDRESS = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v5.0.0"


def hubverse_table(forecast: Forecast) -> pl.DataFrame:
    """Return a forecast's quantiles with locations that say their dimensions, columns `COLUMNS`."""
    names = {
        location: ";".join(f"{d}={c}" for d, c in zip(level.split("/"), location.split("/"), strict=True))
        for location, level in zip(forecast.locations, forecast.panel.levels, strict=True)
        if level != "total"
    }
    return checked(forecast.quantiles.with_columns(pl.col("location").replace(names)))


def checked(frame: pl.DataFrame, *, where: str = "forecast") -> pl.DataFrame:
    """Return a quantile table in order, or say what is wrong with it.

    Parameters
    ----------
    frame : polars.DataFrame
        With the columns `COLUMNS`.
    where : str
        Named in the error.

    Raises
    ------
    InputError
        When a column is missing, a level is not a probability, a value negative or absent, a measure unknown, two rows
        say the same, or quantiles cross.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(f"no column {missing[0]!r}", where=where, remedy=f"Columns: {', '.join(COLUMNS)}")
    try:
        frame = frame.select(
            pl.col("reference_date", "target_end_date").cast(pl.Date),
            pl.col("target", "location", "output_type").cast(pl.String),
            pl.col("horizon").cast(pl.Int64),
            pl.col("output_type_id", "value").cast(pl.Float64),
        ).select(COLUMNS)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"a value has the wrong type ({error})", where=where) from None
    frame = frame.filter(pl.col("output_type") == "quantile")
    if frame.is_empty():
        raise InputError("no row with output_type 'quantile'", where=where)
    keys = ["reference_date", "target", "location", "horizon", "target_end_date"]
    rules = (
        (frame.null_count().sum_horizontal().item() > 0, "a cell is empty"),
        (not frame["output_type_id"].is_between(0, 1, closed="none").all(), "a level is not between 0 and 1"),
        (not (frame["value"].is_finite() & (frame["value"] >= 0)).all(), "a value is not a count"),
        (frame.select(*keys, "output_type_id").is_duplicated().any(), "two rows say the same"),
        (not set(frame["target"]) <= set(figures.measures()), "a target is not a measure of caudal"),
        (not frame["horizon"].is_between(0, _LONGEST).all(), f"a horizon is not within 0 to {_LONGEST}"),
    )
    for broken, what in rules:
        if broken:
            raise InputError(what, where=where)
    frame = frame.sort(*keys, "output_type_id")
    step = frame.select(pl.col("value").diff().over(keys).min()).item()
    if step is not None and step < 0:
        raise InputError("quantiles cross: a higher level has a lower value", where=where)
    return frame


def read_hubverse(path: Path) -> pl.DataFrame:
    """Return a quantile table from a CSV file, checked.

    Raises
    ------
    InputError
        When it cannot be read or trusted.
    """
    try:
        frame = pl.read_csv(path, infer_schema_length=None, null_values=["NA"])
        for name in ("reference_date", "target_end_date"):
            if name in frame.columns:
                days = [parse_day(str(day), option=name) for day in frame[name]]
                frame = frame.with_columns(pl.Series(name, days))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path)) from None
    return checked(frame, where=str(path))


def hub_files(hub: Path) -> list[tuple[str, Path]]:
    """Return (model, file) of every forecast in a hub."""
    return [(path.parent.name, path) for path in sorted(hub.glob("model-output/*/*.csv"))]


def write_hub_file(hub: Path, model: str, frame: pl.DataFrame) -> Path:
    """Add a table to a hub under a model's name; rows about the same question are replaced.

    Returns
    -------
    pathlib.Path
        ``model-output/<model>/<reference date>-<model>.csv``.

    Raises
    ------
    StoreError
        When the hub cannot be written.
    """
    frame = checked(frame)
    day = frame["reference_date"].unique().to_list()
    if len(day) != 1:
        raise InputError("a hub file holds forecasts of one day", where="reference_date")
    path = hub / "model-output" / model / f"{day[0]}-{model}.csv"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            old = read_hubverse(path)
            about = ["target", "location", "horizon", "target_end_date"]
            frame = pl.concat([old.join(frame, on=about, how="anti"), frame]).sort(*COLUMNS[:-1])
        temporary = path.with_suffix(".tmp")
        frame.write_csv(temporary)
        temporary.replace(path)
        _write_config(hub)
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror or error})", where=str(hub)) from None
    return path


def _write_config(hub: Path) -> None:
    tables = [read_hubverse(path) for _, path in hub_files(hub)]
    whole = pl.concat(tables)

    def seen(name: str) -> list[str]:
        return sorted({str(value) for value in whole[name]})

    def optional(values: Iterable[object]) -> dict[str, object]:
        return {"required": None, "optional": list(values)}

    levels = sorted({*LEVELS, *whole["output_type_id"]})
    tasks = {
        "schema_version": f"{_SCHEMA_ADDRESS}/tasks-schema.json",
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "reference_date",
                "model_tasks": [
                    {
                        "task_ids": {
                            "reference_date": optional(seen("reference_date")),
                            "target": optional(seen("target")),
                            "horizon": optional(range(_LONGEST + 1)),
                            "location": optional(seen("location")),
                            "target_end_date": optional(seen("target_end_date")),
                        },
                        "output_type": {
                            "quantile": {
                                "output_type_id": {"required": levels},
                                "is_required": True,
                                "value": {"type": "double", "minimum": 0},
                            }
                        },
                        "target_metadata": [
                            {
                                "target_id": target,
                                "target_name": figures.measures()[target].title_en,
                                "target_units": figures.measures()[target].unit_en,
                                "target_keys": {"target": target},
                                "target_type": "continuous",
                                "is_step_ahead": True,
                                "time_unit": "month",
                            }
                            for target in seen("target")
                        ],
                    }
                ],
                "submissions_due": {"relative_to": "reference_date", "start": 0, "end": 31},
            }
        ],
    }
    admin = {
        "schema_version": f"{_SCHEMA_ADDRESS}/admin-schema.json",
        "name": "Caudal forecasts",
        "maintainer": "Caudal",
        "contact": {"name": "Caudal", "email": "caudal@example.org"},
        "file_format": ["csv"],
        "timezone": "Etc/UTC",
        "model_output_dir": "model-output",
    }
    directory = hub / "hub-config"
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in (("admin.json", admin), ("tasks.json", tasks)):
        temporary = directory / f".{name}.tmp"
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        temporary.replace(directory / name)
