"""The briefing in a real browser: numbers lead to their sources, nothing is loaded, everyone can read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from caudal import brief, figures

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=brief.LANGUAGES)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "brief.html"
    archive = figures.open_archive("/nonexistent")
    brief.write(path, as_of="2023-12-22", language=request.param, archive=archive)
    return path.as_uri()


@pytest.fixture
def page(chromium: Browser, address: str) -> Page:
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.set_default_timeout(20_000)
    said: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address)
    assert said == []
    assert requested == [address]
    return page


def test_a_click_on_a_number_leads_to_release_and_hash(page: Page) -> None:
    number = page.locator("#truth a.n").first
    label = number.inner_text()
    number.click()
    entry = page.locator(":target")
    entry.wait_for(state="visible")
    assert label in entry.inner_text()
    entry.locator("sup a").first.click()
    source = page.locator(":target")
    source.wait_for(state="visible")
    words = source.inner_text()
    assert "US Customs and Border Protection" in words
    assert "cbp-nationwide-state@2023-12-22" in words
    release = figures.open_archive("/nonexistent").release("cbp-nationwide-state@2023-12-22")
    assert release.sha256 in words


def test_a_narrow_screen_does_not_scroll_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"


def test_axe_finds_nothing_serious(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []


def test_charts_can_be_read_on_a_narrow_screen_and_begin_at_their_newest_end(page: Page) -> None:
    low = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.pan svg text')].map(one => one.getBoundingClientRect().height))"
    )
    assert low >= 8
    newest = page.locator("#line-sw-encounters .pan svg text", has_text="242,418").first.bounding_box()
    assert newest is not None
    assert 0 <= newest["x"] <= 360 - newest["width"]
