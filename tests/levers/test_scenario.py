"""Scenarios: files and their mistakes, pairing, degree 0, what is printed, and that no sentence says too much."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from caudal import corridor, levers
from caudal._core.errors import CaudalError, InputError, NotKnownError, OptionError
from caudal._core.speech import Tongue
from caudal._core.tables import declared
from caudal.corridor import Calibration
from caudal.levers._run import OUTCOMES, Result
from caudal.levers._say import sentences
from conftest import Command

DAY = "2023-12-22"
#: Words that say more than an association or an assumption, in both languages.
TOO_MUCH = re.compile(
    r"\b(reduc\w*|caus\w*|will|lower\w*|raise[sd]?|cut[s]?|prevent\w*|leads? to|drives?"
    r"|disminu\w*|provoca\w*|\w+(?:arán|erán|irán|ará|erá|irá)|va a|van a)\b", re.IGNORECASE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rail_contrl": 0.5}, "rail_control"),
        ({"rail_control": 1.5}, "0 to 1"),
        ({"rail_control": "much"}, "0 to 1"),
        ({"ports_open": ["lukevile"]}, "lukeville"),
        ({"ports_open": 1}, "which ports"),
        ({"parole_programme": {"degree": 1000, "targets": ["Atlantis"]}}, "no citizenship"),
        ({"sanctions_relief": ["Iran"]}, "no citizenship"),
        ({"visa_rule": ["equador"]}, "ecuador"),
        ({"rail_control": {"degree": 0.5, "form": "2024-01-01"}}, "from"),
        ({"rail_control": {"degree": 0.5, "from": "2024-02-01", "to": "2024-01-01"}}, "ends on"),
    ],
)
def test_what_cannot_be_is_one_line_with_a_remedy(given: dict, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        levers.Scenario("x", DAY).with_levers(**given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_days_before_the_archive_and_unknown_assumptions() -> None:
    with pytest.raises(NotKnownError, match="before the archive"):
        levers.Scenario("x", "2015-01-01")
    with pytest.raises(OptionError, match="rail_share"):
        levers.Scenario("x", DAY, assumptions={"rail_shar": 0.2})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: x\nas_of: 2023-12-22\nlevers: {rail_contrl: 1}\n", "rail_control"),
        ("name: x\nas_of: 2023-12-22\nlever: {rail_control: 1}\n", "levers"),
        ("name: x\nlevers: {}\n", "as_of"),
        ("name: x\nas_of: 1999-01-01\n", "before the archive"),
        ("name: [x\n", "YAML"),
        ("- 1\n", "not a scenario"),
        ("name: x\nas_of: 2023-12-22\nhorizon: 40\n", "horizon"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CaudalError) as caught:
        levers.load_scenario(file)
    assert words in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match="2023-12/rail-control"):
        levers.load_scenario("2023-12/rail-contrl")


def test_the_december_set_is_whole() -> None:
    names = levers.scenario_names()
    assert "2023-12/no-deal" in names
    assert len([n for n in names if "package" in n]) == 3
    alone = [levers.load_scenario(n) for n in names if "package" not in n and "no-deal" not in n]
    assert all(len(s.settings) == 1 for s in alone)
    asked = {s.settings[0].lever.name for s in alone}
    assert asked == {"rail_control", "southward_return", "interior_enforcement", "mexican_visas", "ports_open",
                     "sanctions_relief", "origin_aid"}  # fmt: skip
    assert all({"en", "es"} <= set(levers.load_scenario(n).title) for n in names)


def _fake(name: str, seed: int = 0) -> Result:
    rng = np.random.default_rng(seed)
    scenario = levers.load_scenario(name)
    base = {k: rng.uniform(1e3, 2e3, (40, 4)) for k in OUTCOMES}
    changed = {k: v * rng.uniform(0.9, 1.1, v.shape) for k, v in base.items()}
    priors = {s.lever.name: levers.prior(s.lever.name, scenario.day) for s in scenario.settings}
    months = ("2023-12", "2024-01", "2024-02", "2024-03")
    return Result(scenario, months, base, changed, priors, {"rail_share": rng.random(40)}, {}, 1)


def test_no_generated_text_says_too_much() -> None:
    texts = [r[k] for r in declared("caudal.levers", "phrases.csv") for k in ("en", "es")]
    texts += [r[k] for r in declared("caudal.levers", "levers.csv") for k in ("title_en", "title_es", "note")]
    texts += [r["source"] for r in declared("caudal.levers", "priors.csv")]
    for name in levers.scenario_names():
        texts += [s for language in ("en", "es") for s in sentences(_fake(name), language)]
        texts += list(levers.load_scenario(name).title.values())
    assert len(texts) > 60
    for text in texts:
        assert not TOO_MUCH.search(text), text


def test_no_page_of_evidence_says_too_much() -> None:
    pages = levers.evidence_pages()
    assert len(pages) >= 14
    for name, text in pages.items():
        for line in text.splitlines():
            assert not TOO_MUCH.search(line), f"{name}: {line}"


@pytest.mark.parametrize("language", ["en", "es"])
def test_sentences_are_written_as_a_reader_reads_them(language: str) -> None:
    for name in levers.scenario_names():
        told = " ".join(sentences(_fake(name), language))
        assert not re.search(r"\d{4}-\d{2}|_|\de\+|[ (]-\d", told), told
        if not name.endswith("no-deal"):
            assert ("diciembre de 2023" if language == "es" else "December 2023") in told
    full = sentences(_fake("2023-12/package-full"), language)[0]
    assert (
        "2,000,000,000 de dólares al año" if language == "es" else "2,000,000,000 US dollars a year"
    ) in full


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_assumption_that_is_drawn_has_a_name(language: str) -> None:
    from caudal.corridor._simulate import SAMPLED

    words = Tongue("caudal.levers", language)
    assert [name for name in SAMPLED if not words.has(f"input_{name}")] == []


def test_the_humanitarian_side_is_said_beside_every_difference() -> None:
    for name in levers.scenario_names():
        if name.endswith("no-deal"):
            continue
        text = " ".join(sentences(_fake(name), "en"))
        assert "encounters" in text
        assert "deaths at risk" in text
        assert "waiting" in text
        assert "status" in text


def test_the_frame_is_what_bargaining_takes() -> None:
    frame = _fake("2023-12/rail-control").outcomes("rail_control=firm")
    assert frame.columns == ["scenario", "draw", "outcome", "value", "grade", "status", "reason"]
    assert frame["reason"].count() == 4
    assert set(frame["outcome"]) == {"encounters", "lawful_entries", "stranded", "deaths"}
    assert frame.height == 160


@cache
def calibration() -> Calibration:
    return corridor.calibrate(DAY)


def ran(draws: int = 1, **given: object) -> Result:
    scenario = levers.Scenario("x", DAY, 3).with_levers(**given)
    return levers.run(scenario, draws=draws, calibration=calibration())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(levers.levers()))
def test_degree_zero_is_the_baseline_and_extremes_do_not_break_the_model(name: str) -> None:
    one = levers.lever(name)
    targets = {"targets": ["eagle-pass"]} if name == "ports_open" else {}
    zero = ran(**{name: {"degree": 0, **targets}})
    for outcome in OUTCOMES:
        np.testing.assert_array_equal(zero.baseline[outcome], zero.changed[outcome])
    for degree in {one.low, one.high} - {0}:
        far = ran(**{name: {"degree": degree, **targets}})
        for outcome, values in far.changed.items():
            assert np.isfinite(values).all(), outcome
            if outcome != "delay_days":
                assert (values >= 0).all(), outcome


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(levers.levers()) - {"origin_aid", "sanctions_relief"}))
def test_more_of_a_lever_moves_people_further_the_same_way(name: str) -> None:
    """All but those whose sign is open: their centre is nought."""
    high = levers.lever(name).high
    targets = {"targets": ["eagle-pass"]} if name == "ports_open" else {}
    results = [ran(**{name: {"degree": high * part, **targets}}) for part in (0.25, 0.5, 1.0)]
    for outcome in ("encounters_between_ports", "stock_in_mexico"):
        moved = [0.0, *(float(r.total(outcome)[0]) for r in results)]
        assert np.all(np.diff(moved) > 0) or np.all(np.diff(moved) < 0), (outcome, moved)


@pytest.mark.slow
def test_a_hold_is_monotone_and_shows_the_people_it_keeps() -> None:
    results = [ran(mexican_visas=d) for d in (10_000, 30_000, 60_000)]
    fewer = [float(r.total("encounters")[0]) for r in results]
    stock = [float(r.total("stock_in_mexico")[0]) for r in results]
    assert fewer == sorted(fewer, reverse=True)
    assert stock == sorted(stock)
    assert stock[0] > 0 > fewer[0]


@pytest.mark.slow
def test_draws_are_paired_and_do_not_depend_on_other_levers() -> None:
    a, b = ran(4, rail_control=0.5), ran(4, rail_control=0.5)
    for outcome in OUTCOMES:
        np.testing.assert_array_equal(a.changed[outcome], b.changed[outcome])
    c = ran(4, rail_control=0.5, sanctions_relief=1)
    np.testing.assert_array_equal(a.baseline["encounters"], c.baseline["encounters"])
    assert np.std(a.total("encounters")) < np.std(a.total("encounters", "scenario"))


@pytest.mark.slow
def test_command_prints_what_others_rely_on(caudal_command: Command) -> None:
    call = (
        "scenario",
        "run",
        "--lever",
        "rail_control=0.5",
        "--as-of",
        DAY,
        "--draws",
        "2",
        "--horizon",
        "2",
    )
    data = json.loads(caudal_command(*call, "--format", "json").stdout)
    assert {"baseline", "scenario", "difference", "grade", "status", "assumptions"} <= set(data)
    for which in ("baseline", "scenario", "difference"):
        for outcome in ("encounters", "lawful_entries", "delay_days", "stock_in_mexico", "interceptions",
                        "waiting_days", "deaths_at_risk"):  # fmt: skip
            assert [r["month"] for r in data[which][outcome]] == ["2023-12", "2024-01", "all"]
            assert all(len(r["interval_80"]) == 2 for r in data[which][outcome])
    shown = caudal_command(*call).stdout
    assert not TOO_MUCH.search(shown)
    bad = caudal_command("scenario", "run", "--lever", "rail_contrl=0.5", "--as-of", DAY, check=False)
    assert bad.returncode == 2
    assert "rail_control" in bad.stderr
    assert bad.stderr.count("\n") == 1


def test_listing_costs_no_simulation(caudal_command: Command) -> None:
    assert "package-full" in caudal_command("scenario", "list").stdout
    rows = json.loads(caudal_command("scenario", "levers", "--as-of", DAY, "--format", "json").stdout)
    assert len(rows) == 15
    assert levers.load_scenario("2023-12/package-full").horizon == 4


def test_bargaining_takes_the_frame_unchanged() -> None:
    import polars as pl

    from caudal import bargain

    told, _ = bargain.load("2023-12-us-mexico")
    terms = {f"{ask}={d.name}": d.levers for ask, a in told.asks.items() for d in a.degrees if d.levers}
    base = levers.Scenario("no-deal", told.as_of, 4)
    for label, given in terms.items():
        assert base.with_levers(**given).settings, label
    labels = ["no-deal", *terms]
    frame = pl.concat([_fake("2023-12/rail-control", i).outcomes(label) for i, label in enumerate(labels)])
    assert bargain.solve("2023-12-us-mexico", outcomes=frame, draws=40, seed=1).packages
