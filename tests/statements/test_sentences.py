from __future__ import annotations

import pytest

from statements.scoring import FRESH, Scored, report, score, sentences

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scored() -> list[Scored]:
    return [score(one) for one in sentences()]


def test_there_are_enough_sentences() -> None:
    assert len(sentences()) >= 200
    assert sum(one.language == "es" for one in sentences()) >= 60
    assert sum(not one.checkable for one in sentences()) >= 40


@pytest.mark.parametrize("held_back", [False, True])
def test_no_verdict_is_wrong_and_most_claims_are_read(scored: list[Scored], held_back: bool) -> None:
    part = [one for one in scored if one.sentence.held_back == held_back]
    print(report(part, "held back" if held_back else "known"))
    for one in part:
        if one.wrong or one.missed:
            print(
                one.sentence.id,
                one.sentence.text,
                *one.wrong,
                f"missed {one.missed}",
                one.reason,
                sep="\n   ",
            )
    assert [line for one in part for line in one.wrong] == []
    checkable = [one for one in part if one.sentence.checkable]
    assert sum(one.recalled for one in checkable) / len(checkable) >= 0.85


def test_of_sentences_meant_to_mislead_none_is_judged_wrongly() -> None:
    part = [score(one) for one in sentences(FRESH)]
    print(report(part, "fresh"))
    assert [line for one in part for line in one.wrong] == []
    checkable = [one for one in part if one.sentence.checkable]
    assert sum(one.recalled for one in checkable) / len(checkable) >= 0.85
