"""Writing a series for others to read, and a release for another archive to take in; each file whole or not at all.

A series goes to CSV, parquet, JSON, CSV tagged for HXL (https://hxlstandard.org) or a Frictionless data package
(https://specs.frictionlessdata.io). A release goes to one CSV file that `add_file` takes in again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from caudal._core.errors import OptionError, StoreError
from caudal._core.identifiers import VIEWS
from caudal._core.tables import declared
from caudal.figures._archive import Archive, open_archive
from caudal.figures._declared import measures, sources
from caudal.figures._release import EXCHANGE_COLUMNS
from caudal.figures._series import Where, series

__all__ = ["FORMS", "export", "export_release"]

_FIXED = {
    "period": ("string", "#date+period", "Month, year, week or day"),
    "value": ("number", "#indicator+num+value", "The figure"),
    "unit": ("string", "#indicator+unit+text", "Unit, with its rounding"),
    "status": ("string", "#status+text", "final, or provisional while the publisher may still restate it"),
    "release": ("string", "#meta+release+id", "The release that says it: source@day"),
}


def export(
    measure: str,
    path: Path,
    form: str,
    *,
    by: Sequence[str] = (),
    where: Where | None = None,
    as_of: str | date | None = None,
    period: tuple[str | None, str | None] = (None, None),
    calendar: str | None = None,
    publisher: str | None = None,
    archive: Archive | None = None,
) -> pl.DataFrame:
    """Write a series to a file, or to a directory for a data package.

    Parameters
    ----------
    measure, by, where, as_of, period, calendar, publisher, archive
        As in `series`.
    path : pathlib.Path
        Where to write; replaced when it is there.
    form : {"csv", "parquet", "json", "hxl", "datapackage"}
        How.

    Returns
    -------
    polars.DataFrame
        What was written.

    Raises
    ------
    OptionError
        When there is no such form, or `series` refuses.
    StoreError
        When it cannot be written.
    """
    if form not in FORMS:
        raise OptionError(f"{form!r} is not a form", where="--as", remedy="Known: " + ", ".join(FORMS))
    held = archive or open_archive()
    frame = series(
        measure,
        by=by,
        where=where,
        as_of=as_of,
        period=period,
        calendar=calendar,
        publisher=publisher,
        archive=held,
    )
    about = _about(measure, frame, held, as_of)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        FORMS[form](frame, path, about)
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror or error})", where=str(path)) from None
    return frame


def _about(measure: str, frame: pl.DataFrame, archive: Archive, as_of: str | date | None) -> dict[str, Any]:
    """Return what a reader needs to know beside the rows."""
    asked = measures()[measure]
    used = sorted({name for names in frame["release"].unique() for name in names.split("; ")})
    releases = [archive.release(name) for name in used]
    return {
        "measure": measure,
        "title": asked.title_en,
        "title_es": asked.title_es,
        "definition": asked.definition_en,
        "as_of": str(as_of) if as_of else None,
        "releases": [
            {
                "release": r.id,
                "publisher": r.publisher,
                "released": r.released.isoformat(),
                "certainty": r.certainty,
                "address": r.address,
                "file": r.file,
                "sha256": r.sha256,
                "licence": sources()[r.source].licence if r.source in sources() else "",
            }
            for r in releases
        ],
    }


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _csv(frame: pl.DataFrame, path: Path, _about: Mapping[str, Any]) -> None:
    _replace(path, frame.write_csv().encode())


def _parquet(frame: pl.DataFrame, path: Path, _about: Mapping[str, Any]) -> None:
    out = io.BytesIO()
    frame.write_parquet(out)
    _replace(path, out.getvalue())


def _json(frame: pl.DataFrame, path: Path, about: Mapping[str, Any]) -> None:
    _replace(
        path, (json.dumps({**about, "rows": frame.to_dicts()}, indent=1, ensure_ascii=False) + "\n").encode()
    )


def _hxl(frame: pl.DataFrame, path: Path, _about: Mapping[str, Any]) -> None:
    """Write a row of headings, a row of tags, and the data."""
    tags = [_field(name)[1] for name in frame.columns]
    first, _, rest = frame.write_csv().partition("\n")
    _replace(path, f"{first}\n{','.join(tags)}\n{rest}".encode())


def _datapackage(frame: pl.DataFrame, path: Path, about: Mapping[str, Any]) -> None:
    """Write a directory: ``data.csv``, then ``datapackage.json``, so that the description is never alone."""
    path.mkdir(parents=True, exist_ok=True)
    data = frame.write_csv().encode()
    fields = [
        {"name": name, "type": _type(frame, name), "description": _field(name)[2]} for name in frame.columns
    ]
    dims = [name for name in frame.columns if name not in _FIXED]
    package = {
        "profile": "tabular-data-package",
        "name": about["measure"],
        "title": about["title"],
        "description": about["definition"],
        "as_of": about["as_of"],
        "sources": [
            {"title": f"{one['publisher']}, {one['release']}", "path": one["address"]}
            for one in about["releases"]
        ],
        "releases": about["releases"],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "data",
                "path": "data.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(data),
                "schema": {"fields": fields, "primaryKey": ["period", *dims], "missingValues": [""]},
            }
        ],
    }
    _replace(path / "data.csv", data)
    _replace(path / "datapackage.json", (json.dumps(package, indent=1, ensure_ascii=False) + "\n").encode())


def _type(frame: pl.DataFrame, name: str) -> str:
    return "integer" if frame.schema[name].is_integer() else _field(name)[0]


def _field(name: str) -> tuple[str, str, str]:
    """Return type, HXL tag and description of a column."""
    if name in _FIXED:
        return _FIXED[name]
    for row in declared("caudal._core.data", "dimensions.csv"):
        if row["dimension"] == VIEWS.get(name, name):
            return "string", row["hxl"], row["description"]
    raise AssertionError(name)


#: form → how it is written
FORMS: dict[str, Callable[[pl.DataFrame, Path, Mapping[str, Any]], None]] = {
    "csv": _csv,
    "parquet": _parquet,
    "json": _json,
    "hxl": _hxl,
    "datapackage": _datapackage,
}


def export_release(name: str, path: Path, *, archive: Archive | None = None) -> int:
    """Write all observations of a release to a CSV file that another archive can take in with `add_file`.

    Parameters
    ----------
    name : str
        Id of the release.
    path : pathlib.Path
        The file.
    archive : Archive, optional
        Default: the embedded archive and the user's own store.

    Returns
    -------
    int
        How many observations.

    Raises
    ------
    NotKnownError
        When there is no such release.
    StoreError
        When the file cannot be written.
    """
    held = archive or open_archive()
    release = held.release(name)
    (file,) = held.files([name])
    about = {
        "source": release.source,
        "released": release.released.isoformat(),
        "certainty": release.certainty,
        "label": release.label,
        "part": name.partition("+")[2],
    }
    frame = pl.read_parquet(file).drop("release").with_columns(pl.lit(v).alias(k) for k, v in about.items())
    absent = [pl.lit(None, dtype=pl.String).alias(c) for c in EXCHANGE_COLUMNS if c not in frame.columns]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, frame.with_columns(absent).select(EXCHANGE_COLUMNS).write_csv().encode())
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror or error})", where=str(path)) from None
    return frame.height
