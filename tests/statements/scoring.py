"""Score the reading of the labelled sentences: `python -m statements.scoring` from tests/ prints each miss.

A verdict is wrong when the label gives another one for that definition, or none at all. A checkable sentence is
recalled when every verdict of its label was given. Every third sentence was held back while the rules were written.
`fresh.psv` came later, by somebody who looked for wrong verdicts: `python -m statements.scoring fresh`. A sentence
with two numbers of one kind may be labelled with two letters (``T/F``).
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from caudal import statements

FILE = Path(__file__).with_name("sentences.psv")
FRESH = Path(__file__).with_name("fresh.psv")
SHORT = {
    "sw-encounters": "sw",
    "usbp-encounters": "bp",
    "ofo-encounters": "ofo",
    "nationwide-encounters": "us",
    "usbp-encounters-nationwide": "bpus",
    "darien-entries": "darien",
    "mexico-inm-encounters": "mexico",
    "poll": "poll",
}
RELATIONS = {"change", "ratio", "compare"}
LETTER = {"true": "T", "false": "F", "true_as_first_published": "P", "misleading": "M", "unknown": "U"}


@dataclass(frozen=True)
class Labelled:
    id: str
    language: str
    date: str | None
    kind: str
    expect: dict[str, str]
    text: str

    @property
    def held_back(self) -> bool:
        return self.id.isdigit() and int(self.id) % 3 == 0

    @property
    def checkable(self) -> bool:
        return self.kind != "none"


@dataclass(frozen=True)
class Scored:
    sentence: Labelled
    wrong: list[str]
    missed: list[str]
    reason: str

    @property
    def recalled(self) -> bool:
        return not self.missed


def sentences(file: Path = FILE) -> list[Labelled]:
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="|", quoting=csv.QUOTE_NONE))
    out = []
    for row in rows:
        expect = dict(pair.split("=") for pair in row["expect"].split())
        expect = {key if "." in key else f"{row['kind']}.{key}": value for key, value in expect.items()}
        out.append(Labelled(row["id"], row["lang"], row["date"] or None, row["kind"], expect, row["text"]))
    return out


def score(sentence: Labelled) -> Scored:
    found = statements.check(sentence.text, day=sentence.date)
    wrong, given = [], set()
    for one in found:
        if one.edition != "current":
            continue
        # "Fell by half" is a change or a ratio, "more in 2019 than in 2020" a change or a comparison.
        kind = sentence.kind if {one.statement.kind, sentence.kind} <= RELATIONS else one.statement.kind
        key = f"{kind}.{SHORT.get(one.measure, one.measure)}"
        letter = LETTER[one.verdict]
        expected = sentence.expect.get(key)
        if expected and letter in expected.split("/"):
            given.add(key)
        elif letter != "U":
            wrong.append(f"{key}={letter}, labelled {expected or 'nothing'}: {one.sentence}")
    missed = [key for key in sentence.expect if key not in given]
    return Scored(sentence, wrong, missed, found.reason)


def report(scored: list[Scored], name: str) -> str:
    checkable = [one for one in scored if one.sentence.checkable]
    recalled = sum(one.recalled for one in checkable)
    wrong = sum(len(one.wrong) for one in scored)
    share = recalled / len(checkable) if checkable else 1.0
    return f"{name}: {len(scored)} sentences, recall {recalled}/{len(checkable)} = {share:.2f}, wrong verdicts {wrong}"


def main() -> None:
    which = sys.argv[1] if len(sys.argv) > 1 else "all"
    if which == "fresh":
        wanted = sentences(FRESH)
    else:
        wanted = [s for s in sentences() if which == "all" or s.held_back == (which == "held")]
    scored = [score(one) for one in wanted]
    for one in scored:
        if one.wrong or (one.missed and one.sentence.checkable):
            print(one.sentence.id, one.sentence.text)
            for line in one.wrong:
                print("   WRONG", line)
            if one.missed:
                print("   missed", ", ".join(one.missed), "|", one.reason)
    print(report(scored, which))


if __name__ == "__main__":
    main()
