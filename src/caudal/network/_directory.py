"""Caudal's own format of a network: a directory with ``network.yml``, ``places.csv`` and ``links.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from caudal._core.errors import InputError
from caudal.network._network import Link, Network, Place
from caudal.network._schema import attributes, parse_row

__all__ = ["read_network", "write_network"]


def read_network(directory: str | Path) -> Network:
    """Read a network in Caudal's own format.

    Parameters
    ----------
    directory : path
        Holds ``network.yml`` (``name``), ``places.csv`` and ``links.csv`` with declared columns.

    Raises
    ------
    InputError
        When a file is missing, a column is not declared or a value cannot be read; with file and row.
    """
    root = Path(directory)
    header = root / "network.yml"
    if not header.is_file():
        raise InputError("not a network directory", where=str(header), remedy="It needs a file network.yml")
    about = yaml.safe_load(header.read_text(encoding="utf-8")) or {}
    places = tuple(Place(**row, where=where) for row, where in _rows(root, "places"))
    links = tuple(Link(**row, where=where) for row, where in _rows(root, "links"))
    return Network(places, links, str(about.get("name", root.name)))


def write_network(network: Network, directory: str | Path) -> Path:
    """Write a network in Caudal's own format and return the directory."""
    root = Path(directory)
    root.mkdir(parents=True, exist_ok=True)
    (root / "network.yml").write_text(yaml.safe_dump({"name": network.name}), encoding="utf-8")
    _write(root / "places.csv", list(attributes("places")), map(asdict, network.places))
    _write(root / "links.csv", list(attributes("links")), map(asdict, network.links))
    return root


def _rows(root: Path, of: str) -> list[tuple[dict[str, Any], str]]:
    path = root / f"{of}.csv"
    if not path.is_file():
        raise InputError("file not found", where=str(path), remedy=f"A network needs {of}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return [
            (parse_row(of, row, f"{path}, row {n}"), f"{path}, row {n}") for n, row in enumerate(reader, 2)
        ]


def _write(path: Path, columns: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(_text(row[name]) for name in columns)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
