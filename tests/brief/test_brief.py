"""The briefing: honest about its day, traceable, self-contained, the same every time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from caudal import brief, figures, forecast, statements
from caudal._core.errors import NotKnownError, OptionError, StoreError

DAY = "2023-12-22"
ARCHIVE = figures.open_archive("/nonexistent")
#: Before the first of these days there is nothing about the border to brief on.
FIRST = figures.releases_of("usbp-encounters", archive=ARCHIVE)[0].released
DAYS = sorted({r.released.isoformat() for r in ARCHIVE.releases if r.released >= FIRST})


@pytest.fixture(scope="module")
def december() -> brief.Briefing:
    return brief.build(as_of=DAY, archive=ARCHIVE)


@pytest.fixture(scope="module")
def page(december: brief.Briefing) -> str:
    return brief.html(december)


class _Page(HTMLParser):
    """Collects identifiers, links and what would be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" and "href" in found else []
        self.loads += [found[name] for name in ("src", "srcset", "data", "poster") if name in found]
        self.loads += [found["href"]] if tag in ("link", "image", "use") and "href" in found else []


def test_it_says_what_was_published_that_day(december: brief.Briefing, page: str) -> None:
    assert december.as_of == date(2023, 12, 22)
    assert "242,418" in page
    assert "242,399" not in page
    headline = next(b for b in december.sections[0].blocks if b.type == "headline")
    verdicts = {chip.definition.split(",")[0].split(" (")[0]: chip.verdict for chip in headline.chips}
    assert verdicts["All CBP encounters"] == "true"
    assert verdicts["Border Patrol encounters between ports"] == "unknown"


def test_what_comes_next_is_what_caudal_forecast_run_says(december: brief.Briefing) -> None:
    said = forecast.run("sw-encounters", as_of=DAY, archive=ARCHIVE.at(date(2023, 12, 22)))
    chart = next(b for b in december.sections[1].blocks if b.type == "chart")
    for coverage, column in ((0.5, "_50"), (0.8, "_80"), (0.95, "_95")):
        ahead = said.interval(coverage).filter(pl.col("location") == "total")
        for row, told in zip(ahead.to_dicts(), chart.data, strict=True):
            assert told[f"lower{column}"] == round(row["lower"])
            assert told[f"upper{column}"] == round(row["upper"])


def test_with_hindsight_the_same_words_are_false_between_ports() -> None:
    built = brief.build(as_of="2024-12-19", archive=ARCHIVE.at(date(2024, 12, 19)))
    headline = next(b for b in built.sections[0].blocks if b.type == "headline")
    assert {chip.verdict for chip in headline.chips} >= {"true", "false"} or "November" in headline.claim


@pytest.mark.parametrize("day", ["2023-12-22", "2024-06-20", "2024-12-19", "2025-11-15"])
def test_the_headline_says_what_caudal_check_says(day: str) -> None:
    built = brief.build(as_of=day, archive=ARCHIVE)
    headline = next(b for b in built.sections[0].blocks if b.type == "headline")
    claim = re.fullmatch(r"Was (.+) the (\w+) (\w+) on record\?", headline.claim)
    assert claim
    sentence = f"{claim[1]} was the {claim[2]} {claim[3]} for encounters at the southwest border"
    found = statements.check(sentence, as_of=day, archive=ARCHIVE)
    checked = {v.measure: v.verdict for v in found if v.edition == "current"}
    definitions = {c.definition: c.verdict for c in reversed(headline.chips)}
    for measure, start in (
        ("sw-encounters", "All CBP encounters (B"),
        ("usbp-encounters", "Border Patrol enc"),
    ):
        (shown,) = [verdict for text, verdict in definitions.items() if text.startswith(start)]
        assert shown == checked[measure]


def test_nothing_later_can_reach_it(tmp_path: Path, december: brief.Briefing, page: str) -> None:
    """Every figure of every later release is poisoned: the bytes must not change."""
    store = tmp_path / "poisoned"
    shutil.copytree(ARCHIVE.files([ARCHIVE.releases[0].id])[0].parent.parent, store)
    poisoned = 0
    for release in ARCHIVE.releases:
        if release.released > date(2023, 12, 22):
            path = store / "releases" / f"{release.id}.parquet"
            pl.read_parquet(path).with_columns(pl.col("value") * 7 + 13).write_parquet(path)
            poisoned += 1
    assert poisoned >= 10
    archive = figures.Archive((figures.Store(store),))
    assert figures.series("sw-encounters", archive=archive).height
    assert brief.html(brief.build(as_of=DAY, archive=archive)) == page
    assert brief.to_json(brief.build(as_of=DAY, archive=archive)) == brief.to_json(december)


def test_the_poison_would_be_seen(tmp_path: Path, page: str) -> None:
    store = tmp_path / "poisoned"
    shutil.copytree(ARCHIVE.files([ARCHIVE.releases[0].id])[0].parent.parent, store)
    path = store / "releases" / f"cbp-nationwide-state@{DAY}.parquet"
    pl.read_parquet(path).with_columns(pl.col("value") + 1).write_parquet(path)
    archive = figures.Archive((figures.Store(store),))
    assert brief.html(brief.build(as_of=DAY, archive=archive)) != page


def test_a_second_run_gives_the_same_bytes(page: str) -> None:
    assert brief.html(brief.build(as_of=DAY, archive=figures.open_archive("/nonexistent"))) == page


def test_every_number_leads_to_its_release_and_file(december: brief.Briefing, page: str) -> None:
    parsed = _Page(page)
    sources = {source.number: source for source in december.sources}
    numbers = list(brief.numbers(december))
    assert len(numbers) > 80
    for number in numbers:
        assert f"#{number.id}" in parsed.links
        assert parsed.ids.count(number.id) == 1
        assert number.sources
        assert number.cells
        for source in number.sources:
            assert f"s{source}" in parsed.ids
            assert sources[source].released <= december.as_of
    for source in december.sources:
        entry = page[page.index(f'<li id="s{source.number}">') :].partition("</li>")[0]
        needles = [source.publisher, source.table, source.file, source.address]
        if source.sha256:
            needles += [source.sha256, source.release]
        for needle in needles:
            assert needle in entry


def test_figures_in_the_prose_are_numbers_with_sources(page: str) -> None:
    """No encounter count stands in the text without being a link to its source."""
    body = page[page.index("<main") : page.index('<section id="appendix"')]
    body = re.sub(
        r"<svg.*?</svg>|<details>.*?</details>|<figcaption>.*?</figcaption>", "", body, flags=re.DOTALL
    )
    linked = re.sub(r'<a class="n".*?</a>', "", body, flags=re.DOTALL)
    visible = re.sub(r"<[^>]*>", " ", linked)
    assert re.findall(r"\d{1,3}(?:,\d{3})+", visible) == []


def test_identifiers_are_unique_and_links_lead_somewhere(page: str) -> None:
    parsed = _Page(page)
    assert len(parsed.ids) == len(set(parsed.ids))
    for link in parsed.links:
        assert link[1:] in parsed.ids if link.startswith("#") else link.startswith("https://")


def test_it_loads_nothing_and_is_small(page: str) -> None:
    parsed = _Page(page)
    assert parsed.loads == []
    assert not parsed.tags & {"script", "iframe", "object", "link", "img"}
    assert "default-src 'none'" in page
    assert len(page.encode()) <= 3 * 2**20
    assert "svg" in parsed.tags


def test_charts_have_words(december: brief.Briefing) -> None:
    charts = [block for section in december.sections for block in section.blocks if block.type == "chart"]
    assert len(charts) >= 3
    for chart in charts:
        assert len(chart.alternative) > 40
        assert chart.data
        assert chart.title != chart.subtitle


@pytest.mark.parametrize(
    ("day", "language"),
    [*((day, "en") for day in DAYS), *((day, "es") for day in DAYS[:: max(len(DAYS) // 4, 1)])],
)
def test_every_day_with_a_release_gives_a_briefing(day: str, language: str) -> None:
    built = brief.build(as_of=day, language=language, archive=ARCHIVE)
    text = brief.html(built)
    assert f'<html lang="{language}">' in text
    assert all(source.released.isoformat() <= day for source in built.sources)
    assert all(section.blocks for section in built.sections)


def test_spanish_is_spanish() -> None:
    text = brief.html(brief.build(as_of=DAY, language="es", archive=ARCHIVE))
    assert "noviembre de 2023" in text
    for word in ("November", "Single adults", "Southwest land border", "True", "Month before"):
        assert word not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def test_json_is_the_same_briefing(december: brief.Briefing) -> None:
    data = json.loads(brief.to_json(december))
    assert brief.Briefing.model_validate(data) == december
    assert data["as_of"] == DAY


def test_the_schema_is_published() -> None:
    path = Path(__file__).parents[2] / "docs" / "reference" / "briefing.schema.json"
    assert json.loads(path.read_text()) == brief.json_schema()


def test_a_capacity_adds_a_chance_of_exceeding_it() -> None:
    built = brief.build(as_of=DAY, capacity=250_000, archive=ARCHIVE)
    table = next(b for b in built.sections[1].blocks if b.type == "table")
    assert "250,000" in table.columns[-1]
    assert built.command.endswith("--capacity 250000")


def test_mistakes() -> None:
    first = ARCHIVE.releases[0].released
    with pytest.raises(NotKnownError, match=str(first)):
        brief.build(as_of=first - timedelta(days=1), archive=ARCHIVE)
    with pytest.raises(OptionError, match="YYYY-MM-DD"):
        brief.build(as_of="22 December 2023", archive=ARCHIVE)
    with pytest.raises(OptionError, match="language"):
        brief.build(language="fr", archive=ARCHIVE)
    with pytest.raises(OptionError, match="format"):
        brief.write("x.docx", archive=ARCHIVE)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot be written"):
        brief.write(tmp_path / "no" / "such" / "brief.html", as_of=DAY, archive=ARCHIVE)
    assert list(tmp_path.iterdir()) == []


def test_pdf_is_the_same_every_time_and_short(december: brief.Briefing) -> None:
    content = brief.pdf(december)
    assert content.startswith(b"%PDF-")
    assert content == brief.pdf(december)
    assert len(content) < 3 * 2**20


def test_a_link_is_followed_and_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    brief.write(tmp_path / "link.html", as_of=DAY, archive=ARCHIVE)
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").stat().st_size > 50_000
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # To a file: a second pipe, read only after the writing, would fill up and hold both.
    with (tmp_path / "read.json").open("wb") as read, subprocess.Popen(["cat", pipe], stdout=read) as reader:
        brief.write(pipe, format="json", as_of=DAY, archive=ARCHIVE)
        assert pipe.is_fifo()
        assert reader.wait(60) == 0
    assert json.loads((tmp_path / "read.json").read_bytes())["as_of"] == DAY


def test_a_path_through_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        brief.write(tmp_path / "file" / "brief.html", as_of=DAY, archive=ARCHIVE)


def test_the_command_repeats_the_capacity_as_given() -> None:
    made = brief.build(as_of=DAY, capacity=0.5, archive=ARCHIVE)
    assert made.command.endswith("--capacity 0.5")
    with pytest.raises(OptionError, match="inf"):
        brief.build(as_of=DAY, capacity=float("inf"), archive=ARCHIVE)


def test_a_rounded_figure_says_so() -> None:
    built = brief.build(as_of="2025-02-28", archive=ARCHIVE)
    rounded = [
        n for n in brief.numbers(built) if "rounded" in n.unit and n.unit != "percent" and "table" in n.cells
    ]
    assert rounded
    assert all("rounded by the publisher to 10" in n.cells for n in rounded)


def test_each_section_is_there_or_says_why_not(december: brief.Briefing) -> None:
    old = brief.build(as_of="2022-11-30", archive=ARCHIVE)
    for built in (december, old):
        assert [s.id for s in built.sections] == ["truth", "next", "asks", "agree", "public", "unknown"]
        assert all(section.blocks for section in built.sections)
    agree = next(s for s in old.sections if s.id == "agree")
    assert [b.type for b in agree.blocks] == ["paragraph"]  # no negotiation was on file then


def test_public_opinion_of_december_is_the_one_poll_with_its_address(december: brief.Briefing) -> None:
    public = next(s for s in december.sections if s.id == "public")
    asked = [n for n in brief.numbers(december) if n.label == "Disapprove, pooled"]
    assert asked[0].text == "69 %"
    assert len({n.text for n in asked}) == 3  # the middle and both ends
    source = december.sources[asked[0].sources[0] - 1]
    assert (source.publisher, source.address[:22]) == ("Monmouth University", "https://www.wbjb.org/l")
    assert "No trend can be estimated" in " ".join(str(b) for b in public.blocks)


def test_no_doubtful_event_of_the_future_is_named(december: brief.Briefing) -> None:
    unknown = next(s for s in december.sections if s.id == "unknown")
    (doubts,) = (b for b in unknown.blocks if b.type == "table" and "Events" in b.caption)
    days = [str(row[0][0]) for row in doubts.rows if row[0]]
    assert days
    assert not [day for day in days if "2024" in day or "2025" in day or "2026" in day]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_fiscal_year_that_has_ended_is_not_so_far(language: str) -> None:
    made = brief.html(brief.build(as_of="2025-11-15", archive=ARCHIVE, language=language))
    assert (
        "Fiscal year 2025, October to September" if language == "en" else "de octubre a septiembre"
    ) in made
    assert ("2025 so far" if language == "en" else "hasta ahora") not in made
    assert "443,671" in made


@pytest.mark.parametrize("language", ["en", "es"])
def test_rounded_differences_say_so_and_nothing_has_no_sign(language: str) -> None:
    made = brief.html(brief.build(as_of=DAY, archive=ARCHIVE, language=language))
    said = "rounded to thousands" if language == "en" else "redondeada a miles"
    assert sum(said in one for one in re.findall(r"<caption.*?</caption>", made)) == 2
    assert not re.search(r"±\s*0", re.sub(r"<[^>]+>", "", made))
