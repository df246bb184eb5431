"""Every table of the pages that are not one series, cell by cell, against what the library says to the question."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any

import httpx
import polars as pl
import pytest

from caudal import bargain, brief, corridor, figures, forecast, levers, opinion
from caudal.forecast.results import headline, kept
from caudal.web._words import words

pytestmark = pytest.mark.slow

Tables = dict[str, list[list[str]]]
DAYS = ("2023-12-22", "2024-02-13", "2025-06-30")
LANGUAGES = ("en", "es")


class _Reader(HTMLParser):
    """Texts of the body cells of every table with an id."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: Tables = {}
        self._table = ""
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._table = dict(attrs).get("id") or ""
            self.tables.setdefault(self._table, [])
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag == "td":
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._cell is not None:
            self.tables[self._table][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None


def tables(client: httpx.Client, path: str, query: dict[str, Any]) -> Tables:
    page = client.get(path, params=query)
    assert page.status_code == 200, (path, query, page.text[-400:])
    reader = _Reader()
    reader.feed(page.text)
    return {name: [row for row in rows if row] for name, rows in reader.tables.items()}


@pytest.fixture(scope="module")
def archive() -> figures.Archive:
    return figures.open_archive("/nonexistent")


def numbers(rows: list[list[str]]) -> int:
    return sum(bool(re.search(r"\d", cell)) for row in rows for cell in row)


# ── forecast and scores ──────────────────────────────────────────────────────

FORECASTS = [
    {"measure": measure, "as_of": day, "lang": language}
    for measure in ("sw-encounters", "usbp-encounters", "nationwide-encounters")
    for day, language in zip((DAYS[0], DAYS[1], None), ("en", "es", "en"), strict=True)
] + [
    {"measure": "usbp-encounters", "by": "sector", "as_of": DAYS[0], "outcome": "yes", "capacity": "150000"},
    {"measure": "usbp-encounters", "by": "sector", "location": "sector=TCA", "as_of": DAYS[0], "lang": "es"},
    {"measure": "usbp-encounters", "by": "citizenship"},  # one model's score has 28 digits there
    {"measure": "sw-encounters", "by": "family_status"},
    {"measure": "ofo-encounters", "model": "seasonal", "horizon": "3"},
]  # fmt: skip


@pytest.mark.parametrize("query", FORECASTS)
def test_a_forecast_and_its_scores(
    client: httpx.Client, archive: figures.Archive, query: dict[str, str | None]
) -> None:
    asked = {name: value for name, value in query.items() if value is not None}
    by = [asked["by"]] if "by" in asked else []
    location = asked.get("location", "total")
    capacity = float(asked["capacity"]) if "capacity" in asked else None
    ahead = forecast.run(
        asked["measure"], by=by, horizon=int(asked.get("horizon", 6)), model=asked.get("model", "calibrated"),
        as_of=asked.get("as_of"), capacity=capacity, archive=archive,
    )  # fmt: skip
    if location not in ahead.locations:
        location = next(one for one in ahead.locations if one.endswith(location.rpartition("=")[2]))
        asked["location"] = location
    t = words(asked.get("lang", "en"))
    found = tables(client, "/forecast", asked)

    def of(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
        return {row["month"]: row for row in frame.filter(pl.col("location") == location).to_dicts()}

    bands = {c: of(ahead.interval(c / 100)) for c in (50, 80, 95)}
    record = of(ahead.probability_record())
    above = of(ahead.probability_above()) if capacity is not None else {}
    outcomes = of(ahead.outcomes(archive)) if asked.get("outcome") == "yes" else None
    expected = []
    for month, middle in bands[50].items():
        row = [t.value(round(middle["median"], -2))]
        row += [
            f"{t.value(round(b[month]['lower'], -2))} – {t.value(round(b[month]['upper'], -2))}"
            for b in bands.values()
        ]
        chance = record.get(month, {}).get("probability")
        row.append("–" if chance is None else t.percent(100 * chance))
        if capacity is not None:
            row.append(t.percent(100 * above[month]["probability"]))
        if outcomes is not None:
            row.append(t.value(outcomes[month]["outcome"]) if month in outcomes else "–")
        expected.append(row)
    assert found["ahead"] == expected
    assert numbers(found["ahead"]) >= 12
    board = headline(kept()[0]).filter(pl.col("window") == "evaluation")
    lines = [
        [t.value(r["relative_wis"], 3), t.value(r["relative_wis_log"], 3),
         *(t.percent(100 * r[f"coverage_{c}"]) for c in (50, 80, 95)), t.value(r["n"])]
        for r in board.to_dicts() if r["relative_wis"] is not None
    ]  # fmt: skip
    for row in found.get("scores", []):
        assert row in lines


# ── corridor and laboratory ──────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_corridor_assumes(client: httpx.Client, language: str) -> None:
    t = words(language)
    found = tables(client, "/corridor", {"lang": language})
    assumed = corridor.assumptions().to_dicts()
    assert [row[:2] for row in found["assumptions"]] == [
        [t.exact(one["central"]), f"{t.exact(one['low'])} … {t.exact(one['high'])}"] for one in assumed
    ]
    closures = corridor.port_closures().to_dicts()
    assert [[row[1], row[2], row[3]] for row in found["closures"]] == [
        [
            t.day(str(one["from"])[:10]),
            t.day(str(one["to"])[:10]),
            t.percent(100 * float(one["capacity_left"])),
        ]
        for one in closures
    ]


@pytest.mark.parametrize("day", DAYS)
def test_what_is_known_of_each_lever_stands_beside_its_slider(client: httpx.Client, day: str) -> None:
    page = client.get("/scenarios", params={"as_of": day, "lang": "es"}).text
    t = words("es")
    for name in levers.levers():
        prior = levers.prior(name, date.fromisoformat(day))
        part = page[page.index(f'id="e-{name}"') :]
        part = html.unescape(part[: part.index("</details>")])
        assert f"grado {prior.grade}, " in part
        assert f"{t.exact(prior.low)} · {t.exact(prior.mid)} · {t.exact(prior.high)}" in part
        assert prior.source in part


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_scenarios_stand_as_last_run(client: httpx.Client, language: str) -> None:
    t = words(language)
    rows = tables(client, "/scenarios", {"lang": language})["shipped"]
    table = levers.published("2023-12")
    names = [one for one in table["scenario"].unique(maintain_order=True) if one != "no-deal"]
    assert len(rows) == len(names)
    for row, name in zip(rows, names, strict=True):
        for cell, outcome, d in zip(
            row, ("encounters", "stock_in_mexico", "deaths_at_risk"), (0, 0, 1), strict=False
        ):
            (one,) = table.filter(scenario=name, outcome=outcome).to_dicts()
            mid, low, high = (t.signed(round(one[part], d), d) for part in ("median", "low", "high"))
            assert cell == f"{mid} {low} … {high}", (name, outcome)


# ── negotiation, opinion, sources ────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_negotiation(client: httpx.Client, language: str) -> None:
    t = words(language)
    found = tables(client, "/bargain", {"draws": "40", "lang": language})
    negotiation, text = bargain.load("2023-12-us-mexico")
    outcomes = bargain.read_table(text, "2023-12-us-mexico") if text else None
    result = bargain.solve(negotiation, outcomes=outcomes, draws=40, seed=1)
    named = [(name, index) for name, index in result.solutions.items() if index is not None]
    assert len(found["solutions"]) == len(named)
    for row, (_, index) in zip(found["solutions"], named, strict=True):
        gains = result.gains_of(index) if index else dict.fromkeys(negotiation.actors, 0.0)
        expected = [t.signed(one, 2) for one in gains.values()] + [
            t.percent(100 * float(result.acceptable[index]))
        ]
        for one in result.outcomes_of(index).values():
            low, high = (t.value(round(end)) for end in one["interval_80"])
            expected.append(f"{t.value(round(one['mean']))} {low} – {high}")
        assert row[1:] == expected
    packages = {
        (t.percent(100 * one["acceptable"]), t.percent(100 * one["chosen"]),
         *(t.signed(g, 2) for g in one["gains"].values()))
        for one in (result.package(i) for i in range(len(result.acceptable)))
    }  # fmt: skip
    assert {tuple(row) for row in found["packages"]} <= packages


OPINIONS = [("immigration", None, "en"), ("immigration", "2023-12-22", "es"), ("economy", "2025-06-30", "es")]


@pytest.mark.parametrize(("issue", "day", "language"), OPINIONS)
def test_polls_and_houses(client: httpx.Client, issue: str, day: str | None, language: str) -> None:
    t = words(language)
    query = {"issue": issue, "lang": language} | ({"as_of": day} if day else {})
    found = tables(client, "/opinion", query)
    pooled = opinion.pool(issue, as_of=day)
    polls = pooled.polls.sort("middle", descending=True).head(40).to_dicts()
    assert found["polls"] == [
        [t.short_day(one["middle"]), t.value(one["approve"]), t.value(one["disapprove"]), t.value(one["n"]),
         t(f"population_{one['population']}") if one["population"] else "–"]
        for one in polls
    ]  # fmt: skip
    houses = opinion.houses(issue, as_of=day).filter(pl.col("answer") == "disapprove").head(15).to_dicts()
    assert found.get("houses", []) == [
        [str(one["polls"]), t.signed(one["effect"], 1),
         f"{t.signed(one['lower_80'], 1)} … {t.signed(one['upper_80'], 1)}"]
        for one in houses
    ]  # fmt: skip


@pytest.mark.parametrize("day", [None, *DAYS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_sources_and_releases(
    client: httpx.Client, archive: figures.Archive, day: str | None, language: str
) -> None:
    t = words(language)
    found = tables(client, "/sources", {"lang": language} | ({"as_of": day} if day else {}))
    held = archive.at(date.fromisoformat(day) if day else None)
    names = ("cells", "equal", "rounding", "revision", "known", "disagreement", "largest")
    agreed = figures.reconcile(held).summary.to_dicts()
    assert found["agreement"] == [[t.value(row[name]) for name in names] for row in agreed]
    releases = list(reversed(figures.release_table(held).to_dicts()))
    assert [[row[0], row[2], row[3]] for row in found["releases"]] == [
        [t.short_day(one["released"]), f"{one['first']} – {one['last']}", t.value(one["observations"])]
        for one in releases
    ]
    sources = figures.source_table(held).to_dicts()
    assert [row[3] for row in found["publishers"]] == [str(one["releases"]) for one in sources]


# ── the briefing ─────────────────────────────────────────────────────────────


def _said(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if part.get("type") == "number":
            yield part
        for one in part.values():
            yield from _said(one)
    elif isinstance(part, list):
        for one in part:
            yield from _said(one)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("day", DAYS)
def test_numbers_of_the_briefing(
    client: httpx.Client, archive: figures.Archive, day: str, language: str
) -> None:
    built = brief.build(as_of=day, language=language, archive=archive)
    page = client.get("/", params={"as_of": day, "lang": language}).text
    shown = re.findall(r'<a class="n" href="#([^"]+)"[^>]*>([^<]*)</a>', page)
    expected = [(one["id"], one["text"]) for one in _said(built.model_dump(mode="json"))]
    assert len(shown) >= 20
    assert {(name, html.unescape(text)) for name, text in shown} == set(expected)
