"""Every number on every page equals the library's answer for the same address: page, CSV and Python, 300 addresses."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from caudal import figures
from caudal._core.errors import CaudalError, NotKnownError
from caudal.web._series import dimensions_of
from caudal.web._words import words

pytestmark = pytest.mark.slow

DAYS = ("2023-12-22", "2024-02-13", "2025-06-30")
LEAST, ENOUGH = 300, 310
_CELL = re.compile(r'<data value="([^"]*)" data-period="([^"]*)"(?: data-key="([^"]*)")?>([^<]*)</data>')


@dataclass(frozen=True)
class Address:
    measure: str
    query: dict[str, Any] = field(default_factory=dict)

    def library(self, archive: figures.Archive) -> Any:
        given = dict(self.query)
        return figures.series(
            self.measure, by=[given["by"]] if "by" in given else (), as_of=given.get("as_of"),
            period=(given.get("from"), given.get("to")), calendar=given.get("calendar"),
            where={"country": given["country"]} if "country" in given else None, archive=archive,
        )  # fmt: skip


def addresses() -> Iterator[Address]:
    """Every measure now and on three days; then by each of its dimensions, now and then; then by other calendars."""
    measures = figures.measures()
    for name in measures:
        yield Address(name)
        for day in DAYS:
            yield Address(name, {"as_of": day})
    for name, measure in measures.items():
        if measure.freq == "month" and measure.kind == "flow" and not measure.per:
            yield Address(name, {"calendar": "fiscal_year"})
            yield Address(name, {"calendar": "fytd", "as_of": DAYS[1]})
            yield Address(name, {"from": "2022-10", "to": "2023-09", "lang": "es"})
            yield Address(name, {"calendar": "calendar_year"})
            yield Address(name, {"to": "2023-11", "as_of": DAYS[2]})
    for name in measures:
        for dimension in dimensions_of(name):
            yield Address(name, {"by": dimension})
            yield Address(name, {"by": dimension, "as_of": DAYS[0], "lang": "es"})


@pytest.fixture(scope="module")
def archive() -> figures.Archive:
    return figures.open_archive("/nonexistent")


def test_page_csv_and_python_agree(client: httpx.Client, archive: figures.Archive) -> None:
    asked = answered = numbers = 0
    for address in addresses():
        if answered >= ENOUGH:
            break
        asked += 1
        path = f"/c/{address.measure}"
        try:
            frame = address.library(archive)
        except CaudalError as error:
            expected = 404 if isinstance(error, NotKnownError) else 400
            assert client.get(f"{path}.csv", params=address.query).status_code == expected, address
            continue
        answered += 1
        said = client.get(f"{path}.csv", params=address.query)
        assert said.status_code == 200, (address, said.text)
        rows = list(csv.DictReader(io.StringIO(said.text)))
        assert [float(row["value"]) for row in rows] == frame["value"].cast(float).to_list(), address
        assert [row["period"] for row in rows] == frame["period"].to_list(), address
        numbers += _page_agrees(client, address, frame)
    assert LEAST <= answered <= asked
    assert numbers >= 20 * LEAST


def _page_agrees(client: httpx.Client, address: Address, frame: Any) -> int:
    page = client.get(f"/c/{address.measure}", params=address.query)
    if frame.is_empty():  # a table without rows is an answer, a page without figures is none
        assert page.status_code == 404
        return 0
    assert page.status_code == 200, (address, page.text[-600:])
    by = [address.query["by"]] if "by" in address.query else []
    known = {(row["period"], *(row[name] for name in by)): row["value"] for row in frame.to_dicts()}
    t = words(address.query.get("lang", "en"))
    cells = _CELL.findall(page.text)
    assert cells, address
    for value, period, key, text in cells:
        expected = known[(period, key) if by else (period,)]
        assert float(value) == float(expected), (address, period, key)
        assert text == t.value(expected), (address, period, key)
    return len(cells)
