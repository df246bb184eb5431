"""Quoted poll figures: found with their address, or honestly not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from caudal import opinion
from caudal._core.errors import OptionError

Command = Callable[..., "CompletedProcess[str]"]

ARTICLE = (
    "In a Monmouth poll published Monday, 69% of respondents said they disapprove of his handling of immigration, "
    "with Democrats split 50-47 in approval"
)


def test_the_quoted_poll_is_found_with_its_address() -> None:
    verdict = opinion.check(69, "disapprove", pollster="Monmouth", as_of="2023-12-22")
    assert verdict.verdict == "true"
    assert "https://www.wbjb.org" in verdict.sentence
    assert verdict.to_dict()["polls"][0]["address"].startswith("https://")


def test_an_article_sentence_gives_three_true_claims() -> None:
    found = opinion.check_text(ARTICLE, as_of="2023-12-22")
    assert [(c.percent, c.answer, c.group) for c, _ in found] == [
        (69.0, "disapprove", None),
        (50.0, "approve", "Democrats"),
        (47.0, "disapprove", "Democrats"),
    ]
    assert {v.verdict for _, v in found} == {"true"}


@pytest.mark.parametrize(
    "text",
    [
        "69 percent disapprove of the president's handling of immigration, Monmouth",
        "69 % desaprueba su gestión de la inmigración (Monmouth)",
        "Democrats 50 approve–47 disapprove, Monmouth",
        "Monmouth, 18 December 2023: 69 per cent disapprove",
    ],
)
def test_ways_to_say_it(text: str) -> None:
    found = opinion.check_text(text)
    assert found
    assert {v.verdict for _, v in found} == {"true"}


def test_false_needs_the_poll_itself() -> None:
    assert opinion.check(72, "disapprove", pollster="Monmouth", day="2023-12-18").verdict == "false"
    # Monmouth may have asked on another day: not in the archive is not false.
    assert opinion.check(72, "disapprove", pollster="Monmouth").verdict == "not known"
    assert opinion.check(12.5, "approve").verdict == "not known"
    assert opinion.check(69, "disapprove", pollster="Monmouth", as_of="2023-12-17").verdict == "not known"


def test_find_narrows_by_every_parameter() -> None:
    rows = opinion.find(None, "disapprove", pollster="Quinnipiac", issue="immigration", day=date(2025, 6, 9))
    assert set(rows["pollster"]) == {"Quinnipiac University"}
    assert rows["percent"].to_list() == [54.0]
    assert (
        opinion.find(95, "disapprove", pollster="Quinnipiac", issue="immigration", group="Democrats").height
        == 1
    )
    with pytest.raises(OptionError, match="Democrats"):
        opinion.find(50, group="Democratic")
    with pytest.raises(OptionError, match="disapprove"):
        opinion.find(50, "disaprove")


def test_nothing_to_check() -> None:
    assert opinion.check_text("Record-high crossings overwhelm the border") == []
    assert opinion.check_text("12 percent of the wall") == []


def test_on_the_command_line(caudal_command: Command, tmp_path: Path) -> None:
    assert "wbjb.org" in caudal_command("opinion", "check", ARTICLE).stdout
    finding = caudal_command("opinion", "check", "Monmouth 2023-12-18: 75% disapprove", check=False)
    assert finding.returncode == 1
    assert "false" in finding.stdout
    bad = caudal_command("opinion", "check", "hello", check=False)
    assert (bad.returncode, bad.stderr.count("\n")) == (2, 1)
    data = json.loads(
        caudal_command("opinion", "pool", "immigration", "--as-of", "2023-12-22", "--format", "json").stdout
    )
    assert data["disapprove"]["mean"] == 69.0
    assert data["polls"][0]["crosstabs"]["Democrats"] == {"approve": 50.0, "disapprove": 47.0}
    mine = tmp_path / "mine.csv"
    mine.write_text("pollster,population,address,published,disapprove\nX,A,https://e.org/x,2023-12-20,66\n")
    caudal_command("opinion", "add", mine)
    listed = caudal_command(
        "opinion", "polls", "immigration", "--as-of", "2023-12-22", "--format", "csv"
    ).stdout
    assert "https://e.org/x" in listed
    wrong = caudal_command("opinion", "pool", "imigration", check=False)
    assert wrong.returncode == 2
    assert "Did you mean 'immigration'" in wrong.stderr
    assert "Quinnipiac" in caudal_command("opinion", "houses").stdout
    caudal_command("--quiet", "opinion", "pool", "--chart", tmp_path / "c.svg", "--series", "--no-hindsight")
    assert (tmp_path / "c.svg").stat().st_size > 10_000


@pytest.mark.parametrize(
    "text",
    [
        "69 percent of women disapprove of Biden's handling of immigration, Monmouth, December 18, 2023",
        "69 percent of registered voters disapprove of Biden's handling of immigration, Monmouth, December 18, 2023",
        "Among Hispanics, 69 percent disapprove of Biden's handling of immigration, Monmouth, December 18, 2023",
        "69 percent disapprove of Congress's handling of immigration, Monmouth, December 18, 2023",
        "69 percent strongly disapprove of Biden's handling of immigration, Monmouth, December 18, 2023",
        "69 percent do not approve of Biden's handling of immigration, Monmouth, December 18, 2023",
        "69 percent disapprove of Biden, Monmouth, December 18, 2023",
        "El 69 por ciento de los latinos desaprueba la gestión de la inmigración, Monmouth",
    ],
)
def test_another_figure_is_not_read(text: str) -> None:
    assert opinion.check_text(text) == []


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        ("More than 60", "true"), ("More than 70", "false"), ("Nearly 70", "true"), ("About 70", "true"),
        ("About 80", "false"), ("Fewer than 69", "not known"), ("Fewer than 60", "false"),
    ],
)  # fmt: skip
def test_how_exact_a_figure_is_said_to_be_counts(how: str, verdict: str) -> None:
    text = f"{how} percent disapprove of Biden's handling of immigration, Monmouth, December 18, 2023"
    ((_, found),) = opinion.check_text(text)
    assert found.verdict == verdict


def test_a_poll_on_another_president_does_not_count() -> None:
    text = "69 percent disapprove of how Trump is handling immigration, Monmouth, December 18, 2023"
    ((_, found),) = opinion.check_text(text)
    assert found.verdict == "not known"
