"""Registrations of a Flee case: ``source_data/data_layout.csv`` and the corrections that apply to it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from caudal._core.errors import InputError
from caudal.network._flee_case import Series

__all__ = ["read_observed"]


def read_observed(root: Path, start: date) -> dict[str, Series]:
    """Read every camp's registrations, corrected, as days relative to ``start``."""
    layout = root / "source_data" / "data_layout.csv"
    if not layout.is_file():
        raise InputError(
            "file not found", where=str(layout), remedy="It lists name,file for total and each camp"
        )
    tables: dict[str, Series] = {}
    with layout.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            cells = [cell.strip() for cell in row if cell.strip()]
            if not cells or cells[0].startswith("#"):
                continue
            where = f"{layout}, row {number}"
            if not tables and cells[0] != "total":
                raise InputError(
                    "the first row is not total", where=where, remedy="Begin with total,refugees.csv"
                )
            if len(cells) < 2:
                raise InputError(f"no file for {cells[0]!r}", where=where, remedy="Write name,file")
            parts = [_read_series(layout.parent / name, start, where) for name in cells[1:]]
            tables[cells[0]] = _stepwise_sum(parts)
    _correct(root / "input_csv" / "registration_corrections.csv", tables, start)
    return tables


def _read_series(path: Path, start: date, listed: str) -> Series:
    if not path.is_file():
        raise InputError(f"{path.name} is not there", where=listed, remedy="Add the file or mend its name")
    days: list[int] = []
    people: list[float] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if not days and cells[0] in ("Date", "DateTime"):
                continue
            if len(cells) < 2 or not cells[1]:
                continue
            where = f"{path}, row {number}"
            try:
                days.append((date.fromisoformat(cells[0][:10]) - start).days)
            except ValueError:
                raise InputError(
                    f"{cells[0]!r} is not a day", where=where, remedy="Write YYYY-MM-DD"
                ) from None
            try:
                people.append(float(int(cells[1])))
            except ValueError:
                raise InputError(f"{cells[1]!r} is not a whole number of people", where=where) from None
    return Series(tuple(days), tuple(people))


def _stepwise_sum(parts: list[Series]) -> Series:
    """Add several series on the union of their days, the way the reference does.

    Where only the later file has a day, the reference adds the earlier file's *next* value, and it stops at
    the end of either file. Registrations are inputs of every published result, so this is kept under both
    ``compat``.
    """
    total = parts[0]
    for other in parts[1:]:
        total = _add(total, other)
    return total


def _add(first: Series, second: Series) -> Series:
    days: list[int] = []
    people: list[float] = []
    at, carried = 0, 0.0
    for day, value in zip(second.days, second.people, strict=True):
        while first.days[at] < day:
            days.append(first.days[at])
            people.append(first.people[at] + carried)
            if at == len(first.days) - 1:
                break
            at += 1
        if first.days[at] >= day:
            days.append(day)
            people.append(first.people[at] + value)
            carried = value
            if first.days[at] == day and at < len(first.days) - 1:
                at += 1
    return Series(tuple(days), tuple(people))


def _correct(path: Path, tables: dict[str, Series], start: date) -> None:
    """Scale what was registered before a count so that it meets the count."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            cells = [cell.strip() for cell in row]
            if len(cells) < 2 or not cells[0] or cells[0].startswith("#"):
                continue
            where = f"{path}, row {number}"
            if cells[0] not in tables:
                raise InputError(
                    f"{cells[0]!r} is not in data_layout.csv", where=where, remedy="Mend the name"
                )
            try:
                day = (date.fromisoformat(cells[1][:10]) - start).days
            except ValueError:
                raise InputError(
                    f"{cells[1]!r} is not a day", where=where, remedy="Write YYYY-MM-DD"
                ) from None
            if day >= 0:
                tables[cells[0]] = _corrected(tables[cells[0]], day, cells[1], where)


def _corrected(series: Series, day: int, written: str, where: str) -> Series:
    if day not in series.days:
        raise InputError(
            f"{written} is not a date of that camp's table", where=where, remedy="Use one that is"
        )
    people = list(series.people)
    for at, other in enumerate(
        series.days
    ):  # a day that is there twice is corrected twice, as in the reference
        if other != day or at == 0:
            continue
        if people[at - 1] < 1:
            raise InputError(
                "nobody was registered before that date", where=where, remedy="Remove the correction"
            )
        factor = people[at] / people[at - 1]
        people[:at] = [p * factor for p in people[:at]]
    return Series(series.days, tuple(people))
