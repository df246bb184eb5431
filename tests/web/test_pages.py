"""Pages and exports: they answer in both languages, say the figures the library says, and refuse what they must."""

from __future__ import annotations

import csv
import io
import json

import httpx
import pytest

from caudal import figures
from caudal.web import HOST, is_loopback

PAGES = [
    "/",
    "/figures",
    "/c/sw-encounters",
    "/check",
    "/sources",
    "/forecast",
    "/bargain",
    "/opinion",
    "/docs",
]


@pytest.fixture(scope="session")
def archive() -> figures.Archive:
    return figures.open_archive("/nonexistent")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_both_languages(client: httpx.Client, path: str) -> None:
    english, spanish = (client.get(path, params={"lang": language}) for language in ("en", "es"))
    assert english.status_code == spanish.status_code == 200
    assert '<html lang="en">' in english.text
    assert '<html lang="es">' in spanish.text
    # No word of the navigation is the same in both, so a page in the wrong language would show.
    assert ">Figures</a>" in english.text
    assert ">Cifras</a>" in spanish.text
    assert ">Figures</a>" not in spanish.text


def test_csv_json_and_python_say_the_same(client: httpx.Client, archive: figures.Archive) -> None:
    query = {
        "by": "sector",
        "from": "2023-01",
        "to": "2023-11",
        "citizenship": "Venezuela",
        "as_of": "2025-01-31",
    }
    expected = figures.series(
        "usbp-encounters", by=["sector"], period=("2023-01", "2023-11"), where={"citizenship": "Venezuela"},
        as_of="2025-01-31", archive=archive,
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(client.get("/c/usbp-encounters.csv", params=query).text)))
    assert [int(row["value"]) for row in rows] == expected["value"].to_list()
    said = client.get("/c/usbp-encounters.json", params=query).json()
    assert said["ok"] is True
    assert said["data"] == json.loads(json.dumps(expected.to_dicts()))
    assert said["meta"]["as_of"] == "2025-01-31"
    assert {one["release"] for one in said["meta"]["releases"]} == set(expected["release"].unique())
    assert client.get("/api/v1/series/usbp-encounters", params=query).json()["data"] == said["data"]


def test_a_page_of_a_day_reads_nothing_released_later(client: httpx.Client) -> None:
    page = client.get("/c/sw-encounters", params={"as_of": "2023-12-22"}).text
    assert "242,418 encounters in November 2023" in page
    assert "242,399" not in page
    assert "2024" not in page
    assert "242,399" in client.get("/c/sw-encounters").text


def test_pictures_are_pictures_and_say_in_words_what_they_show(client: httpx.Client) -> None:
    picture = client.get("/c/sw-encounters.svg", params={"as_of": "2024-02-13", "from": "2021-10"})
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "176,205 encounters in January 2024, 12 % more than a year before" in picture.text
    assert "chart-hatch" in picture.text  # October 2023 to January 2024 were provisional
    png = client.get("/c/sw-encounters.png", params={"as_of": "2024-02-13"})
    assert png.content.startswith(b"\x89PNG\r\n")
    assert "chart-hatch" not in client.get("/c/sw-encounters.svg", params={"to": "2023-09"}).text


def test_places_of_any_kind_are_found(client: httpx.Client, archive: figures.Archive) -> None:
    expected = figures.series("usbp-encounters", where={"sector": "Tucson"}, archive=archive)[
        "value"
    ].to_list()
    rows = client.get("/c/usbp-encounters.json", params={"geo": "Tucson"}).json()["data"]
    assert [row["value"] for row in rows] == expected
    refused = client.get("/c/usbp-encounters.json", params={"geo": "Atlantis"})
    assert refused.status_code == 400
    assert "Atlantis" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("/c/sw-encounters.csv?asof=2023-12-22", "as_of"),
        ("/api/v1/series/sw-encounters?calender=month", "calendar"),
        ("/api/v1/forecast?mesure=sw-encounters", "measure"),
        ("/api/v1/check?txt=x", "text"),
    ],
)
def test_an_unknown_parameter_is_refused_with_the_nearest(
    client: httpx.Client, address: str, hint: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    said = answer.json()
    assert said["ok"] is False
    assert said["error"]["code"] == "bad_request"
    assert f"'{hint}'" in said["error"]["hint"]


def test_a_page_that_cannot_be_shown_says_why_in_its_language(client: httpx.Client) -> None:
    missing = client.get("/c/sw-encounter", params={"lang": "es"})
    assert missing.status_code == 404
    assert "sw-encounters" in missing.text
    assert "Eso no funcionó" in missing.text
    assert client.get("/figurs").status_code == 404
    assert "/figures" in client.get("/figurs").text
    bad = client.get("/figures", params={"measure": "sw-encounters", "from": "november"})
    assert bad.status_code == 400
    assert 'name="from" value="november"' in bad.text  # the form stays, to be mended


def test_empty_fields_of_a_form_are_as_if_absent(client: httpx.Client) -> None:
    plain = client.get("/c/sw-encounters.csv")
    assert client.get("/c/sw-encounters.csv?from=&to=&by=&as_of=&geo=&calendar=").text == plain.text


def test_what_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/c/sw-encounters")
    again = client.get("/c/sw-encounters", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    other = client.get("/c/sw-encounters?lang=es", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_statements_are_checked_and_documents_read(client: httpx.Client) -> None:
    text = "November 2023 was the highest November for encounters at the southwest border"
    page = client.get("/check", params={"text": text}).text
    assert 'class="chip misleading"' in page
    assert "242,399 against 235,173" in page
    body = f"Border news. {text}, officials said. It rained in Tucson."
    for sent in (
        {"data": {"passage": body}},
        {"files": {"document": ("a.txt", body.encode(), "text/plain")}},
    ):
        read = client.post("/check", **sent)  # type: ignore[arg-type]
        assert read.status_code == 200
        assert "242,399 against 235,173" in read.text
        assert read.headers["cache-control"] == "no-store"
    said = client.post("/api/v1/read", json={"text": body, "lang": "es"}).json()
    assert said["data"]["claims"][0]["verdicts"][0]["verdict"] == "true"
    assert client.post("/check", files={"document": ("empty.txt", b"", "text/plain")}).status_code == 400


def test_weights_of_a_negotiation_change_the_answer(client: httpx.Client) -> None:
    stated = client.get("/api/v1/bargain", params={"draws": 20}).json()["data"]
    moved = client.get("/api/v1/bargain", params={"draws": 20, "weight": "us.encounters:0.9"}).json()["data"]
    assert moved["solutions"]["nash"]["gains"] != stated["solutions"]["nash"]["gains"]
    for wrong in ("us.encounters:2", "usa.encounters:0.5", "us.encounter:0.5"):
        assert client.get("/api/v1/bargain", params={"weight": wrong}).status_code == 400


def test_hosts_of_this_machine_are_told_from_others() -> None:
    assert is_loopback(HOST)
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("192.168.1.4")
    assert not is_loopback("example.org")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/?as_of=2023-02-30", '<code>as_of</code>: <span lang="es">«2023-02-30» no es un día'),
        ("/?as_of=1950-01-01", "el archivo no tiene ninguna publicación hasta el 1 de enero de 1950"),
        ("/?asof=2023-12-22", "¿Quiso decir «as_of»?"),
        ("/c/sw-encounters?from=2023-11-05", '<code>from</code>: <span lang="es">«2023-11-05» no es un mes'),
        ("/figures?measure=sw-encounters&calendar=fortnight", "<code>calendar</code>: "),
        ("/nowhere", "no existe esa página"),
    ],
)
def test_common_mistakes_are_said_in_spanish_and_name_the_parameter(
    client: httpx.Client, path: str, said: str
) -> None:
    page = client.get(path, params={**httpx.URL(path).params, "lang": "es"})
    assert 400 <= page.status_code < 500
    text = page.text.replace("&#39;", "'")
    assert said in text
    assert "--" not in text.partition('role="alert"')[2].partition("</div>")[0]


def test_a_mistake_that_has_no_spanish_words_is_marked_as_english(client: httpx.Client) -> None:
    page = client.get("/figures", params={"measure": "sw-encounters", "where": "nonsense", "lang": "es"})
    alert = page.text.partition('role="alert"')[2].partition("</div>")[0]
    assert page.status_code >= 400
    assert 'lang="' in alert


def test_every_pattern_of_a_mistake_fills_its_spanish_words() -> None:
    from caudal.web._words import _mistakes, words

    for pattern, said in _mistakes():
        fields = ["x"] * (pattern.groups + 1)
        assert said.format(*fields, day="x")
    assert words("es").mistake("Did you mean 'a' or 'b'?") == ("¿Quiso decir «a» o «b»?", "es")
    assert words("es").mistake("something rare") == ("something rare", "en")
    assert words("en").mistake("something rare") == ("something rare", "en")


@pytest.mark.parametrize("language", ["en", "es"])
def test_tables_have_words_and_no_codes(client: httpx.Client, language: str) -> None:
    bargain = client.get("/bargain", params={"draws": 50, "lang": language}).text
    opinion = client.get("/opinion", params={"as_of": "2025-06-30", "lang": language}).text
    lab = client.get("/scenarios", params={"lang": language}).text
    influential = bargain.rpartition("<table")[2]
    assert "origin_aid" not in influential
    assert "rail_control" not in influential
    assert "<td>RV</td>" not in opinion
    assert "<td>Trump 2</td>" not in opinion
    assert "Eagle Pass (" in lab
    assert "san-ysidro-pedwest, " not in lab


def test_a_difference_of_nothing_has_no_sign(client: httpx.Client) -> None:
    from caudal.web._words import words

    assert [words("es").signed(value, 1) for value in (0.04, -0.04, 0.5, -0.5)] == [
        "0.0",
        "0.0",
        "+0.5",
        "−0.5",
    ]
