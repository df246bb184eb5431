# ruff: noqa: E501  (the header lines of publishers are as long as they are)
"""Damaged files: whatever a parser is given, it answers with releases or one error that names the file.

Every parser gets 20,000 inputs: a small file of its own that it reads, damaged as files are (bytes, fields, rows, columns
swapped, doubled, dropped, replaced by words that mean trouble). No other exception, no hang, and what it does return is
whole: declared tables, no null values. Seeds are fixed, so a failure comes again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from caudal import figures
from caudal._core.errors import CaudalError
from caudal.figures.sources import ohss_khsm, ohss_legal, parse

INPUTS = 20_000
#: A single input may take this long, in seconds of processor time.
SLOWEST = 2.0
TROUBLE = (
    "",
    " ",
    "-1",
    "1e999",
    "nan",
    "inf",
    "1.5",
    "0",
    "99999999999999999999",
    "2024 (FYTD)",
    "2024-13",
    "0000-00-00",
    "MAR",
    "OOO",
    "UNK",
    "Venezula",
    "X",
    "NA",
    '"',
    "\x00",
    "é",
    "\ufeff",
    "=1+1",
    "N/A",
    ",",
    "|",
    "1,234",
)


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return a damaged copy: one to three damages, in fields, rows or bytes."""
    for _ in range(rng.randint(1, 3)):
        lines = content.split(b"\n")
        kind = rng.randrange(8)
        at = rng.randrange(len(lines))
        comma = b"|" if b"|" in content and b"," not in content[:40] else b","
        fields = lines[at].split(comma)
        if kind == 0:
            fields[rng.randrange(len(fields))] = rng.choice(TROUBLE).encode()
            lines[at] = comma.join(fields)
        elif kind == 1:
            del lines[at]
        elif kind == 2:
            lines.insert(at, rng.choice(lines))
        elif kind == 3 and len(fields) > 1:
            del fields[rng.randrange(len(fields))]
            lines[at] = comma.join(fields)
        elif kind == 4:
            rng.shuffle(fields)
            lines[at] = comma.join(fields)
        content = b"\n".join(lines)
        if kind == 5 and content:
            where = rng.randrange(len(content))
            content = content[:where] + bytes([rng.randrange(256)]) + content[where + 1 :]
        elif kind == 6:
            content = content[: rng.randrange(len(content) + 1)]
        elif kind == 7:
            where = rng.randrange(len(content) + 1)
            content = content[:where] + rng.choice(TROUBLE).encode() + content[where:]
    return content


def check(found: list[figures.ParsedRelease]) -> None:
    for release in found:
        assert release.source in figures.sources()
        frame = release.observations
        assert frame["value"].null_count() == 0
        assert frame["period"].null_count() == 0
        assert set(frame["table"]) <= set(figures.tables())
        assert frame["value"].is_finite().all()


def attempt(read: Callable[[], list[figures.ParsedRelease]]) -> str:
    """Return ``read``, or ``refused`` with an error of ours; anything else is a failure of the test."""
    started = time.process_time()
    refusal = None
    try:
        check(read())
    except CaudalError as error:
        refusal = error
    assert time.process_time() - started < SLOWEST
    if refusal is None:
        return "read"
    assert refusal.where, refusal
    assert "\n" not in str(refusal), refusal
    return "refused"


_ROWS = {
    "2023-12-22_state.csv": (
        "Fiscal Year,Month Grouping,Month (abbv),Land Border Region,State,Demographic,Citizenship,Title of Authority,"
        "Encounter Count\n2024 (FYTD),FYTD,OCT,Southwest Land Border,TX,FMUA,CUBA,Title 8,12\n"
        "2024 (FYTD),FYTD,NOV,Southwest Land Border,AZ,Single Adults,OTHER,Title 8,7\n"
    ),
    "2024-10-22_aor.csv": (
        "Fiscal Year,Month Grouping,Month (abbv),Component,Land Border Region,Area of Responsibility,AOR (Abbv),Demographic,"
        "Citizenship,Title of Authority,Encounter Type,Encounter Count\n"
        "2024 (FYTD),FYTD,OCT,U.S. Border Patrol,Southwest Land Border,Tucson Sector,TCA,FMUA,CUBA,Title 8,"
        "Apprehensions,12\n"
    ),
    "2024-12-19_sbo.csv": (
        "Fiscal Year,Month Grouping,Month (abbv),Component,Demographic,Citizenship Grouping,Title of Authority,"
        "Encounter Type,Encounter Count\n2025 (FYTD),FYTD,OCT,U.S. Border Patrol,FMUA,Mexico,Title 8,Apprehensions,9\n"
    ),
    "triangle.csv": "release_month,source,ym,sw_border_encounters\n2022-10,page,202209,227547\n2022-11,page,202210,9\n",
    "aor.csv": (
        "component,area,authority,type,demog,nat,n,date,month\n"
        "U.S. Border Patrol,,Title 8,Apprehensions,FMUA,,4836.0,2017-10-01,2017-10\n"
        "U.S. Border Patrol,Tucson Sector,Title 8,Apprehensions,UAC,MEX,12.0,2024-10-01,2024-10\n"
    ),
    "darien-nat.csv": "nat,n,date,month\nCUB,79.0,2010-01-01,2010-01\nNPL,29.0,2021-03-01,2021-03\nVEN,1.0,2021-05-01,2021-05\n",
    "darien-dmg.csv": "demog,n,date,month\nmen,687.0,2021-01-01,2021-01\ngirls,3.0,2021-02-01,2021-02\n",
    "honduras.csv": "n,date,month\n988,2014-01-01,2014-01\n498,2014-02-01,2014-02\n",
    "mexico-exp.csv": "nat,type,n,date,month\nBLZ,assisted return,1.0,2015-01-01,2015-01\nCAN,deportation,1.0,2015-02-01,2015-02\n",
    "guatemala.csv": "sex,age,origin,n,date,month\nmale,adult,MEX,2243.0,2020-01-01,2020-01\nfemale,adult,,9,2024-01-01,2024-01\n",
    "four.csv": "geo,nat,n,month\nCOL,CUB,4.0,2022-01\nMEX,ECU,10.0,2022-01\nPAN,GUF,,2022-02\n",
    "weekly.csv": (
        "week_start_monday,usbp_nationwide_encounters,source_parts,source_kind\n2007-10-01,12888,1,T8\n2007-10-08,12363,1,T8\n"
    ),
    "daily.csv": "event_date,usbp_nationwide_t8_apprehensions\n2024-04-01,3257\n2024-04-02,3709\n",
    "cbp_one_appointments.csv": "group,series,month,fy,value\n,Total,2023-01,2023,10380\n,Cuba,2023-01,2023,260\n",
    "events.csv": (
        "month,t,type,geo,dead,cause,surv,nat,location,lon,lat\n"
        '2014-01,2014-01-06,Incident,USA,1.0,Mixed or unknown,,GTM,"Ajo, Arizona",-110.4,31.6\n'
        '2014-02,2014-02-06,Incident,MEX,1.0,Drowning,,"MEX,UNK",here,-110.4,31.6\n'
    ),
    "border.csv": "month,dead_or_missing\n2014-01,28.0\n2014-02,31.0\n",
    "bts.csv": (
        "Port Name,State,Port Code,Measure,month,Value,Location\nNogales,Arizona,2604,Trains,2019-03,62,POINT (-110 31)\n"
        "Otay Mesa,California,2506,Pedestrians,2019-03,9,POINT (-117 32)\n"
    ),
    "wdi.csv": "geo,var,t,v\nABW,birth,1990,18.662\nHND,gdp,2020,-1.5\n",
    "homicide.csv": (
        'Entity,Code,Year,"Homicide rate per 100,000 population",World region according to OWID\nHonduras,HND,2009,4.05,NA\n'
    ),
    "jolts.csv": "observation_date,JTSJOL\n2000-12-01,5088\n2001-01-01,5234\n",
    "fx.csv": "Date,Country,Exchange rate\n1971-01-01,Australia,0.8944\n1971-02-01,Mexico,12.5\n",
    "shelter.csv": "arrival_date,n,seven_avg\n2021-01-26,2,2\n2021-01-29,2,2\n",
    "hhs.csv": (
        "date,cbp_apprehended,cbp_in_custody,cbp_transferred,hhs_in_care,hhs_discharged\n2023-01-12,33.0,53.0,34.0,6566,436.0\n"
    ),
    "ice.csv": (
        "month,arresting_agency,initial_book_ins,data_through,file\n2026-01,CBP,2822,2026-01-25,FY26_detentionStats02022026.xlsx\n"
        "2025-12,ICE,9,2026-01-25,FY26_detentionStats02022026.xlsx\n"
    ),
    "custody.csv": (
        "vintage_last_month,row,month,value,source\n2023-04,OFO SW Title 8 inadmissibles total,2022-10,24328,cbp.gov\n"
        '2023-04,"OFO inadmissibles, El Paso",2022-11,5,cbp.gov\nFY2023 final,Notice to appear,2023-09,7,cbp.gov\n'
    ),
}


def _usbp() -> str:
    sectors = (
        "Miami New Orleans|Ramey|Blaine|Buffalo|Detroit|Grand Forks|Havre|Houlton|Spokane|Swanton|Big Bend"
    )
    names = [
        "Miami",
        "New Orleans",
        *sectors.split("|")[1:],
        "Del Rio",
        "El Centro",
        "El Paso",
        "Laredo",
        "Rio Grande Valley",
        "San Diego",
        "Tucson",
        "Yuma",
    ]
    lines = ["United States Border Patrol", "Total Illegal Alien Apprehensions By Month - FY 2019", "Yearly"]
    lines += [f"{name}|{'|'.join(['1'] * 12)}|12" for name in names]
    for name, count in (
        ("Coastal Border", 3),
        ("Northern Border", 8),
        ("Southwest Border", 9),
        ("Monthly Total", 20),
    ):
        lines.append(f"{name}|{'|'.join([str(count)] * 12)}|{12 * count}")
    return "\n".join(lines) + "\n"


_SAMPLES = {name: (name, text.encode()) for name, text in _ROWS.items()} | {
    "usbp.psv": ("usbp_monthly_fy2019.psv", _usbp().encode())
}


@pytest.mark.parametrize("name", list(_SAMPLES))
def test_every_sample_is_read_as_it_is(name: str) -> None:
    accept = frozenset({"months"}) if name.startswith("20") else frozenset()
    file = figures.SourceFile(*_SAMPLES[name], accept)
    assert attempt(lambda: parse(file)) == "read"


def test_every_parser_of_text_has_a_sample() -> None:
    read = {
        release.source
        for name, sample in _SAMPLES.items()
        for release in parse(
            figures.SourceFile(*sample, frozenset({"months"} if name.startswith("20") else ()))
        )
    }
    modules = {figures.sources()[source].module for source in read}
    everything = {source.module for source in figures.sources().values() if not source.plugin}
    assert everything - modules == {"ohss_khsm", "ohss_legal"}  # workbooks: their cells are damaged below


def shaken(name: str, inputs: int) -> dict[str, int]:
    called, content = _SAMPLES[name]
    rng = random.Random(f"caudal {name}")
    accept = frozenset({"months"}) if name.startswith("20") else frozenset()
    outcome = {"read": 0, "refused": 0}
    for _ in range(inputs):
        file = figures.SourceFile(called, mutated(content, rng), accept)
        outcome[attempt(lambda file=file: parse(file))] += 1  # type: ignore[misc]
    return outcome


@pytest.mark.parametrize("name", list(_SAMPLES))
def test_a_few_damaged_files(name: str) -> None:
    assert shaken(name, 60)["refused"] > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", list(_SAMPLES))
def test_twenty_thousand_damaged_files(name: str) -> None:
    outcome = shaken(name, INPUTS)
    assert outcome["refused"] > INPUTS / 4
    assert outcome["read"] > 0


def workbook(rng: random.Random, rows: list[list[object]]) -> list[list[object]]:
    """Return a damaged copy of a sheet's cells."""
    cells = [list(row) for row in rows]
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(cells))
        kind = rng.randrange(6)
        if kind == 0 and cells[at]:
            cells[at][rng.randrange(len(cells[at]))] = rng.choice(
                [*TROUBLE, -1.0, 1.5, 1e300, float("nan"), None, True]
            )
        elif kind == 1 and len(cells) > 1:
            del cells[at]
        elif kind == 2:
            cells.insert(at, list(rng.choice(cells)))
        elif kind == 3 and cells[at]:
            del cells[at][rng.randrange(len(cells[at]))]
        elif kind == 4:
            rng.shuffle(cells[at])
        else:
            cells[at] = []
    return cells


LEGAL: list[list[object]] = [
    ["Return to Table of Contents."],
    ["CBP SW Border Encounters by Agency and Selected Citizenship"],
    ["", "", "Total CBP", "", "USBP", ""],
    ["Fiscal Year", "Month", "Total", "Mexico", "Total", "Mexico"],
    [2024.0, "Total", 30.0, 20.0, 10.0, 10.0],
    ["", "October", 10.0, 10.0, "X", 0.0],
    ["", "November", 20.0, 10.0, 10.0, 10.0],
    ["Notes: rounded"],
]
KHSM: list[list[object]] = [
    ["Fiscal Year", "Month", "Region", "Sector", "Quantity"],
    [2024.0, "01 October", "Southwest Border", "Tucson, AZ", 10.0],
    [2024.0, "02 November", "Southwest Border", "Tucson, AZ", 20.0],
]


def legal(rng: random.Random | None) -> list[figures.ParsedRelease]:
    sheet = next(one for one in ohss_legal._sheets() if one.slug == "encounters-citizenship")
    file = figures.SourceFile("book.xlsx", b"PK\x03\x04")
    frame = ohss_legal.read_sheet(file, sheet, workbook(rng, LEGAL) if rng else LEGAL)
    return [figures.ParsedRelease("ohss-legal", frame)]


def khsm(rng: random.Random | None, monkeypatch: pytest.MonkeyPatch) -> list[figures.ParsedRelease]:
    table = figures.tables()["ohss-khsm-usbp/monthly-rgn-and-sector"]
    cells = workbook(rng, KHSM) if rng else KHSM
    monkeypatch.setattr(ohss_khsm, "rows", lambda *_: cells)
    frame = ohss_khsm._sheet(figures.SourceFile("book.xlsx", b"PK\x03\x04"), table)
    return [figures.ParsedRelease("ohss-khsm-usbp", frame)]


@pytest.mark.parametrize("inputs", [100, pytest.param(INPUTS, marks=pytest.mark.slow)])
@pytest.mark.parametrize("which", ["legal", "khsm"])
def test_damaged_sheets(which: str, inputs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(f"caudal {which}")

    def read(generator: random.Random | None) -> list[figures.ParsedRelease]:
        return legal(generator) if which == "legal" else khsm(generator, monkeypatch)

    assert attempt(lambda: read(None)) == "read"
    outcome = {"read": 0, "refused": 0}
    for _ in range(inputs):
        outcome[attempt(lambda: read(rng))] += 1
    assert outcome["refused"] > inputs / 4
    assert outcome["read"] > 0


def test_a_damaged_workbook_is_refused(shared_data: Path) -> None:
    rng = random.Random("caudal workbook")
    content = next((shared_data / "ohss").glob("2024-08-09*")).read_bytes()
    for _ in range(40):
        where = rng.randrange(len(content))
        cut = (
            content[:where]
            if rng.random() < 0.5
            else content[:where] + rng.randbytes(40) + content[where + 40 :]
        )
        attempt(lambda cut=cut: parse(figures.SourceFile("2024-08-09_book.xlsx", cut)))  # type: ignore[misc]


def test_nothing_is_written_of_a_damaged_file(tmp_path: Path) -> None:
    store = figures.Store(tmp_path / "store")
    rng = random.Random("caudal store")
    for name, (called, content) in _SAMPLES.items():
        path = tmp_path / f"2026-07-31_{called}"
        path.write_bytes(mutated(content, rng) + b"\nx")
        try:
            figures.add_file(figures.Archive((store,)), store, path)
        except CaudalError:
            assert not list(tmp_path.rglob("*.tmp*")), name
    assert not store.releases()
