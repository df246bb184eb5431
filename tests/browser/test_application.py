"""The application in a real browser: silent, readable by everyone, usable by keyboard, fit for a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from serving import Server, running

pytestmark = pytest.mark.slow

PAGES = {
    "briefing": "/?as_of=2023-12-22",
    "figures": "/figures?measure=usbp-encounters&by=sector&from=2021-10",
    "chart": "/c/sw-encounters?as_of=2024-02-13&events=yes",
    "check": "/check?text=November+2023+was+the+highest+November+for+encounters+at+the+southwest+border",
    "forecast": "/forecast?as_of=2023-12-22&outcome=yes&capacity=250000",
    "bargain": "/bargain?draws=50",
    "opinion": "/opinion?as_of=2025-06-30",
    "sources": "/sources",
    "docs": "/docs",
    "corridor": "/corridor",
    "scenarios": "/scenarios?set=rail_control:0.6&from=2024-01-01",
    "scenarios-other": "/scenarios?set=sanctions_relief:1&than=rail_control:0.6&as_of=2023-12-22",
    "scenarios-wrong": "/scenarios?set=rails:0.6",
    "series-by-many": "/c/usbp-encounters?by=citizenship&as_of=2025-06-30",
    "forecast-by": "/forecast?measure=usbp-encounters&by=sector&as_of=2023-12-22",
    "bargain-package": "/bargain?draws=50&weight=us.encounters:0.5",
    "embed": "/c/sw-encounters?embed=yes",
    "nothing": "/c/nothing",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(30_000)
    yield page
    page.close()


def _open(page: Page, server: Server, address: str) -> list[str]:
    """Open a page and return what it complained about; the browser's note that a page is refused is none."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(server.address.rstrip("/") + address)
    return [text for text in said if "status of 40" not in text]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_silent_fits_a_phone_reached_by_keys_and_axe_finds_nothing(
    page: Page, server: Server, name: str, language: str
) -> None:
    path = PAGES[name]
    address = path + ("&" if "?" in path else "?") + f"lang={language}"
    page.set_viewport_size({"width": 1280, "height": 900})
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    assert _open(page, server, address) == []
    if name == "scenarios":  # the first time its model is fitted, which takes a while
        page.locator("#answer[data-ready=yes]").wait_for(timeout=400_000)
    assert all(url.startswith(server.address) for url in requested)
    assert page.evaluate("document.documentElement.lang") == language
    assert _axe(page) == []
    assert _not_reached(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert _too_wide(page) == []
    assert _axe(page) == []


def _axe(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")]


def _too_wide(page: Page) -> list[str]:
    """Return what makes a page of 360 pixels scroll sideways: nothing if it does not."""
    if page.evaluate("document.documentElement.scrollWidth") <= 360:
        return []
    wide = """() => [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > 361)
    .map(one => one.outerHTML.slice(0, 120))"""
    return [str(one) for one in page.evaluate(wide)][:5] or ["the page"]


def _not_reached(page: Page) -> list[str]:
    """Press Tab through a page from its top; return the controls that never had the focus."""
    page.evaluate(
        """() => {
        const controls = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
        window.unreached = new Set([...document.querySelectorAll(controls)]
            .filter(one => one.checkVisibility() && one.type !== 'hidden' && !one.disabled));
        const radios = new Map(); // one of a group is enough: arrow keys reach the others
        for (const one of window.unreached) {
            if (one.type !== 'radio') continue;
            if (radios.has(one.name)) window.unreached.delete(one);
            radios.set(one.name, one);
        }
        window.wanted = window.unreached.size;
        document.addEventListener('focusin', event => {
            window.unreached.delete(event.target);
            window.firstReached ??= event.target;
        });
        document.activeElement.blur();
        scrollTo(0, 0);
        }"""
    )
    wanted = int(page.evaluate("window.wanted"))
    assert wanted > 0
    for pressed in range(wanted + 60):
        page.keyboard.press("Tab")
        if pressed % 20 == 19 and page.evaluate("window.unreached.size") == 0:
            break
    if wanted > 10 and "skip" not in page.evaluate("window.firstReached.className"):
        return ["the link that skips to the content is not the first"]
    return [
        str(one) for one in page.evaluate("[...window.unreached].map(one => one.outerHTML.slice(0, 160))")
    ]


def test_the_slider_walks_back_through_releases(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    _open(page, server, "/?as_of=2024-01-26")
    title = page.locator(".standfirst").inner_text()
    slider = page.locator("#when")
    slider.focus()
    with page.expect_navigation():
        page.keyboard.press("ArrowLeft")
    assert "as_of=2023-12-22" in page.url
    assert page.locator(".standfirst").inner_text() != title
    assert "242,418" in page.locator(".standfirst").inner_text()


def test_a_cursor_reads_the_chart_by_pointer_and_by_keys(page: Page, server: Server) -> None:
    _open(page, server, "/c/sw-encounters?as_of=2023-12-22")
    said = page.locator(".scrub output")
    assert said.inner_text() == "November 2023: 242,418 (provisional)"
    page.locator(".scrub input").focus()
    page.keyboard.press("ArrowLeft")
    assert said.inner_text().startswith("October 2023: ")
    box = page.locator(".plot svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 100)
    assert "2018" in said.inner_text() or "2019" in said.inner_text()


def test_a_form_makes_a_short_address_and_the_page_follows(page: Page, server: Server) -> None:
    _open(page, server, "/figures")
    page.select_option("#measure", "usbp-encounters")
    page.fill("#from", "2022-01")
    with page.expect_navigation():
        page.click("form.ask button[type=submit]")
    assert page.url.endswith("/figures?measure=usbp-encounters&from=2022-01")


def test_weights_that_are_moved_change_the_recommendation(page: Page, server: Server) -> None:
    _open(page, server, "/bargain?draws=50")
    before = page.locator("#solutions tbody tr").first.inner_text()
    slider = page.locator("[data-weight='us.encounters']")
    slider.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    with page.expect_navigation():
        page.click("form.weights button[type=submit]")
    assert "weight=us.encounters" in page.url
    assert page.locator("#solutions tbody tr").first.inner_text() != before


def test_levers_change_what_the_laboratory_answers(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    _open(page, server, "/scenarios")
    page.locator("#answer[data-ready=yes]").wait_for(timeout=400_000)
    rows = page.locator("#outcomes tbody tr")
    assert rows.count() == 8
    # Nothing set: nothing changes, to the last person.
    assert {rows.nth(i).locator("td").nth(2).inner_text() for i in range(8)} == {"–"}
    slider = page.locator("[data-lever=interior_enforcement]")
    slider.focus()
    with page.expect_response(lambda answer: "interior_enforcement" in answer.url):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda address: "set=interior_enforcement%3A0.05" in address)
    shown = page.locator("#outcomes tbody tr", has_text="Interceptions").locator("td").first.inner_text()
    said = page.request.get(f"{server.address}api/v1/scenario?set=interior_enforcement:0.05").json()["data"]
    assert said["difference"]["interceptions"][-1]["median"] > 0
    assert shown == f"{round(said['scenario']['interceptions'][-1]['median']):,}"
    assert slider.evaluate("one => one === document.activeElement")  # the next key moves it on


def test_uncertainty_follows_once_a_lever_rests(page: Page, server: Server) -> None:
    _open(page, server, "/scenarios?set=rail_control:0.6")
    page.locator("#answer[data-ready=yes]").wait_for(timeout=400_000)
    page.locator("#answer .drawing").wait_for(timeout=60_000)
    expect(page.locator("#answer .drawing b")).not_to_have_text("0", timeout=120_000)


def test_a_download_is_the_series(page: Page, server: Server) -> None:
    _open(page, server, "/c/sw-encounters?as_of=2023-12-22")
    with page.expect_download() as found:
        page.click(".downloads a >> text=CSV")
    lines = found.value.path().read_text().splitlines()
    assert lines[0] == "period,value,unit,status,release"
    assert lines[-1].startswith("2023-11,242418,")


def test_a_document_is_uploaded_and_read(page: Page, server: Server) -> None:
    _open(page, server, "/check?lang=es")
    text = "Los encuentros en la frontera suroeste fueron 242,418 en noviembre de 2023."
    page.set_input_files("#document", {"name": "nota.txt", "mimeType": "text/plain", "buffer": text.encode()})
    with page.expect_navigation():
        page.click("form[method=post] button[type=submit]")
    assert page.locator("#reading .claim").count() >= 1
    assert page.evaluate("document.documentElement.lang") == "es"
