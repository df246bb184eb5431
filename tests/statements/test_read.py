from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pypdf
import pytest

from caudal import statements
from caudal._core.errors import FetchError, InputError

PAGES = Path(__file__).parent / "pages"
CLAIM = "More than 300,000 encounters were recorded at the southwest border in December 2023."


@pytest.fixture(scope="module")
def scraped() -> statements.Reading:
    return statements.read(str(PAGES / "scraped.txt"))


def claim(reading: statements.Reading, part: str) -> statements.DocumentClaim:
    (found,) = [one for one in reading.claims if part in one.text]
    return found


def verdicts(one: statements.DocumentClaim) -> set[tuple[str, str, str]]:
    return {(v.statement.kind, v.measure, v.verdict) for v in one.verdicts if v.edition == "current"}


def test_a_scraped_page_yields_each_claim_once(scraped: statements.Reading) -> None:
    assert [one.text[:40] for one in scraped.claims] == [
        "U.S. authorities recorded 242,418 encoun",
        "In November, the Border Patrol recorded ",
        "Encounters at the southwest border in No",
        "A Monmouth University poll released Dece",
        "Among Democrats, 50 percent approve and ",
        "Encounters at the southwest border could",
    ]


def test_nothing_of_captions_controls_and_related_lines_is_read(scraped: statements.Reading) -> None:
    text = json.dumps(scraped.to_dict()) + " ".join(scraped.paragraphs)
    for word in ("20,000", "500,000", "600,000", "Font Size", "Photo", "Tweet", "Sam Writer", "aerial"):
        assert word not in text


def test_document_and_voices(scraped: statements.Reading) -> None:
    assert scraped.document["title"] == "Envoys Head South As Monthly Border Figures Break A Seasonal Mark"
    assert scraped.document["date"] == "2023-12-27"
    voices = [(one.speaker, one.source) for one in scraped.claims[:5]]
    assert voices == [
        (None, None),
        (None, "U.S. Customs and Border Protection"),
        ("Karen Example", None),
        (None, "Monmouth University"),
        (None, "Monmouth University"),
    ]


def test_a_quotation_in_two_parts_is_one(scraped: statements.Reading) -> None:
    (quotation,) = scraped.quotations
    assert quotation.speaker == "Karen Example"
    assert quotation.text.startswith("Encounters at the southwest border")
    assert quotation.text.endswith("what winter brings.")


def test_claims_of_the_page_are_checked(scraped: statements.Reading) -> None:
    record = claim(scraped, "242,418")
    assert verdicts(record) == {
        ("level", "sw-encounters", "true_as_first_published"),
        ("level", "usbp-encounters", "false"),
        ("record", "sw-encounters", "true"),
        ("record", "usbp-encounters", "false"),
    }
    assert verdicts(claim(scraped, "191,106")) == {("level", "usbp-encounters", "true")}
    split = claim(scraped, "Among Democrats")
    assert [(one.value, one.verdict) for one in split.verdicts] == [(50.0, "true"), (47.0, "true")]
    doubt = claim(scraped, "could top")
    assert not doubt.checkable
    assert "could" in doubt.reason


def test_a_page_that_lost_its_line_breaks_yields_the_same_claims(scraped: statements.Reading) -> None:
    text = " ".join((PAGES / "scraped.txt").read_text(encoding="utf-8").split())
    reading = statements.read_text(text)
    assert [(one.text, one.speaker, one.source) for one in reading.claims] == [
        (one.text, one.speaker, one.source) for one in scraped.claims
    ]
    assert reading.document["date"] == "2023-12-27"


def test_people_and_institutions_are_named(scraped: statements.Reading) -> None:
    kinds = {one["name"]: one["kind"] for one in scraped.entities}
    assert kinds["Karen Example"] == "person"
    assert kinds["U.S. Customs and Border Protection"] == "institution"
    assert kinds["Monmouth University"] == "institution"


def test_html_with_mark_up(caudal_command) -> None:
    data = json.loads(caudal_command("read", PAGES / "marked-up.html", "--format", "json").stdout)
    assert set(data) == {"document", "claims", "quotations", "entities"}
    assert (data["document"]["outlet"], data["document"]["date"]) == ("The Example Post", "2024-01-27")
    assert len(data["claims"]) == 3
    assert data["claims"][1]["source"] == "U.S. Customs and Border Protection"
    assert data["claims"][2]["speaker"] == "Maria Example"
    assert all(
        set(one) == {"text", "speaker", "source", "kind", "checkable", "reason", "verdicts"}
        for one in data["claims"]
    )
    assert not any(
        number in json.dumps(data) for number in ("500,000", "600,000", "700,000", "900,000", "20,000")
    )


def test_the_annotated_copy_marks_claims_in_place_and_is_safe() -> None:
    page = statements.read_text(
        f"<b>x</b> & y said this is a sentence about nothing at all.\n\n{CLAIM}", day="2024-02-01"
    ).to_html()
    assert f'<mark class="misleading">{CLAIM}</mark>' in page
    assert "301,981" in page
    assert "<b>x</b>" not in page
    assert "<script" not in page
    assert "http" not in page.split("</style>")[1]


def test_spanish_page() -> None:
    reading = statements.read_text(
        "Frontera\n22 de enero de 2024\n\nMás de 300 mil encuentros se registraron en diciembre en la frontera "
        "suroeste, según la Oficina de Aduanas y Protección Fronteriza.\n\n«Los encuentros en la frontera suroeste "
        "aumentaron de noviembre a diciembre», dijo Ana Ejemplo, vocera del instituto.\n"
    )
    assert reading.document["language"] == "es"
    first, second = reading.claims
    assert first.source == "Oficina de Aduanas y Protección Fronteriza"
    assert ("level", "sw-encounters", "true") in verdicts(first)
    assert second.speaker == "Ana Ejemplo"
    assert ("change", "usbp-encounters", "true") in verdicts(second)


def test_spanish_numbers_datelines_and_related_lines() -> None:
    reading = statements.read_text(
        """27 de enero de 2024

CIUDAD EJEMPLO.- La frontera suroeste registró en diciembre 301 mil 981 encuentros, la cifra más alta desde que hay
registros.

"Los encuentros en la frontera suroeste aumentaron de noviembre a diciembre", afirmó la secretaria del instituto,
Alicia Ejemplo.

Lea también: Más de 900 mil encuentros en la frontera suroeste
"""
    )
    first, second = reading.claims
    assert {("level", "sw-encounters", "true"), ("record", "sw-encounters", "true")} <= verdicts(first)
    assert second.speaker == "Alicia Ejemplo"


def test_as_of_sees_nothing_later() -> None:
    reading = statements.read(str(PAGES / "scraped.txt"), as_of="2023-12-22")
    days = [name.split("@")[1][:10] for one in reading.claims for v in one.verdicts for name in v.releases]
    assert days
    assert max(days) <= "2023-12-22"


def test_standard_input(caudal_command) -> None:
    done = caudal_command("read", "-", input=CLAIM)
    assert "301,981" in done.stdout


def _encrypted() -> bytes:
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (bytes(range(256)) * 1000, "is not text, HTML or PDF"),
        (b"%PDF-1.7\n" + b"garbage" * 100, "damaged or protected PDF"),
        (_encrypted(), "encrypted PDF"),
        (b"encounters " * 4_700_000, "more than the 20 MB"),
        (b"<html><body><script>" + b"x<" * 300_000, "has no text"),
    ],
    ids=["empty", "binary", "damaged-pdf", "encrypted-pdf", "50-MB", "unclosed-script"],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "document"
    file.write_bytes(data)
    begun = time.process_time()
    with pytest.raises(InputError, match=said) as raised:
        statements.read(str(file))
    assert "\n" not in str(raised.value)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    "text",
    [
        "<html><body>" + "<div>" * 100_000 + CLAIM + "</div>" * 100_000,
        "<html><body>" + "<b><i><table><tr><td>" * 20_000 + CLAIM,
        "<html><body><p>" + "a" * 1_000_000 + "</p><p>" + CLAIM + "</p></body></html>",
        "a" * 1_000_000 + " " + CLAIM,
        "\n" * 3_000_000 + CLAIM,
    ],
    ids=["nested-100000", "nested-tables", "long-word-html", "long-word", "blank-lines"],
)
def test_adversarial_pages_end_soon_and_keep_the_claim(tmp_path: Path, text: str) -> None:
    file = tmp_path / "document"
    file.write_text(text)
    begun = time.process_time()
    reading = statements.read(str(file))
    assert time.process_time() - begun < 30
    assert [one.text for one in reading.claims] == [CLAIM]


@pytest.mark.parametrize(
    "text",
    [
        '"""a b c ' * 100_000,
        "1," * 900_000,
        "Aaa Bbb " * 200_000 + " said.",
        "encounters border 5 " * 90_000,
        ", and " * 300_000,
        "(" * 500_000,
        "(Photo by " * 100_000,
        "according to " * 100_000,
        "<html>" + "<" * 1_000_000,
    ],
    ids=["quotes", "digits", "names", "no-end", "clauses", "brackets", "credits", "sources", "open-tags"],
)
def test_adversarial_text_ends_soon(tmp_path: Path, text: str) -> None:
    file = tmp_path / "document"
    file.write_text(text)
    # In a process of its own: the peak of this one is that of whatever test went before.
    reader = (
        "import sys, time; from pathlib import Path; from caudal import statements; statements.read(sys.argv[1]);"
        "peak = [x.split()[1] for x in Path('/proc/self/status').read_text().splitlines() if x[:6] == 'VmHWM:'];"
        "print(time.process_time(), peak[0])"
    )
    made = subprocess.run(
        [sys.executable, "-c", reader, str(file)], capture_output=True, text=True, timeout=300, check=True
    )
    seconds, kilobytes = made.stdout.split()
    assert float(seconds) < 30
    assert int(kilobytes) < 1_500_000


def test_missing_file_and_address(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        statements.read(str(tmp_path / "none"))
    with pytest.raises(FetchError, match="could not be read"):
        statements.read("http://127.0.0.1:9/nothing")


def voices(page: str) -> list[tuple[str, str | None, str | None, str]]:
    found = statements.read(str(PAGES / page)).claims
    return [(one.text[:28], one.speaker, one.source, one.verdicts[0].verdict) for one in found]


def test_titles_weekdays_and_two_figures_on_a_page() -> None:
    assert voices("ledger.html") == [
        ("Border Patrol encounters bet", None, "U.S. Customs and Border Protection", "true"),
        ("Agents recorded 124,220 enco", None, None, "true"),
        ("The number of encounters at ", "Maria Delgado", None, "true"),
        ("Encounters at the southwest ", "Paul Stone", None, "false"),
        ("A Monmouth University poll p", None, "Monmouth University", "true"),
        ("More than 520,000 people cro", None, "Panama", "true"),
        ("Border Patrol apprehensions ", None, None, "true"),
    ]


def test_the_day_a_page_declares_comes_before_days_it_tells_of() -> None:
    reading = statements.read(str(PAGES / "ledger.html"))
    assert reading.document["date"] == "2024-02-16"  # not that of the poll
    rose = claim(reading, "rose in January")
    assert rose.verdicts[0].statement.span.key == "2024-01"
    names = [one["name"] for one in reading.entities]
    assert "U.S. Customs and Border Protection" in names
    assert not any(". " in name.replace("U.S. ", "") for name in names)


def test_a_spanish_page_without_mark_up() -> None:
    assert voices("fronterizo.txt") == [
        ("Los encuentros de la Patrull", None, "Oficina de Aduanas y Protección Fronteriza", "true"),
        ("Diciembre de 2023 fue el mes", "Alicia Bárcena", None, "true"),
        ("más de 400 mil encuentros se", "Greg Abbott", None, "false"),
        ("Más de 520 mil personas cruz", None, "Servicio Nacional de Migración de Panamá", "true"),
        ("Según el INM, México registr", None, "INM", "true"),
    ]
    quoted = statements.read(str(PAGES / "fronterizo.txt")).quotations
    assert [one.speaker for one in quoted] == ["Alicia Bárcena", "Alicia Bárcena", "Greg Abbott"]


def test_a_page_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    from caudal.statements import _load

    class Dripping:
        def read1(self, _: int) -> bytes:
            return b"x"

    with pytest.raises(TimeoutError, match="not whole"):
        _load._within(Dripping(), time.monotonic() - 1)  # type: ignore[arg-type]
