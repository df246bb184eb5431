"""Section 4, what could be agreed: packages that leave every side better off than no deal, and how firmly."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from typing import Any

import numpy as np

from caudal import bargain
from caudal.brief import _charts
from caudal.brief._model import Block, Number, Paragraph, Section, Table
from caudal.brief._truth import Line, Truth

__all__ = ["section"]

#: A negotiation is news for this long after the day it was written down for.
_NEWS = timedelta(days=100)
_DRAWS = 300
_SHOWN = 6


def section(truth: Truth) -> Section:
    """Return section 4, with the newest negotiation on file that was news on the day."""
    speech = truth.speech
    title = speech.text("section_agree")
    name = _negotiation(truth)
    if name is None:
        return Section(id="agree", title=title, blocks=[Paragraph(spans=speech.spans("agree_none"))])
    solved = bargain.solve(name, draws=_DRAWS)
    teller = _Teller(truth, name, solved)
    said = solved.summary(speech.language)
    blocks: list[Block] = [
        Paragraph(spans=speech.spans("agree_what", title=said["title"], horizon=said["horizon"]))
    ]
    blocks.append(Paragraph(spans=[said["note"]]))
    if solved.recommended is None:
        return Section(
            id="agree", title=title, blocks=[*blocks, Paragraph(spans=speech.spans("agree_nothing"))]
        )
    blocks += [
        Paragraph(spans=teller.recommendation()),
        _charts.bargain(solved, speech, [teller.file]),
        teller.packages(),
        teller.outcomes(),
        Paragraph(spans=teller.robustness()),
    ]
    return Section(id="agree", title=title, blocks=blocks)


def _negotiation(truth: Truth) -> str | None:
    day = truth.archive.as_of
    assert day is not None  # a briefing is of a day
    on_file = [(bargain.load(name)[0].as_of, name) for name in bargain.templates()]
    news = [(when, name) for when, name in on_file if when <= day <= when + _NEWS]
    return max(news)[1] if news else None


class _Teller:
    """Turns a solved negotiation into numbers with sources."""

    def __init__(self, truth: Truth, name: str, solved: bargain.Bargain) -> None:
        self.truth = truth
        self.solved = solved
        folder = resources.files("caudal.bargain") / "templates"
        assert (folder / f"{name}.yaml").is_file()
        self.file = truth.cite.other(
            publisher="Caudal",
            table=truth.speech.text("negotiation_table"),
            release=name,
            released=solved.negotiation.as_of,
            file=f"caudal.bargain/templates/{name}.yaml",
            address="",
            terms="Apache-2.0",
        )

    def number(self, value: float, text: str, unit: str, label: str) -> Number:
        return self.truth.cite.computed(
            value,
            text,
            unit=unit,
            label=label,
            period=self.solved.negotiation.as_of.isoformat(),
            sources=[self.file],
            cells=self.truth.speech.text("bargain_how", draws=self.solved.draws),
        )

    def share(self, value: float, label: str) -> Number:
        return self.number(round(100 * value, 1), f"{100 * value:.0f} %", "percent", label)

    def gain(self, value: float, label: str) -> Number:
        text = self.truth.speech.number(abs(value), decimals=2)
        return self.number(round(value, 4), ("+" if value >= 0 else "−") + text, "utility", label)

    def recommendation(self) -> list[Any]:
        solved, speech = self.solved, self.truth.speech
        index = solved.recommended
        assert index is not None
        allowed = int(solved.packages.allowed.sum()) - 1
        return speech.spans(
            "agree_first",
            count=self.number(
                int(solved.zone.sum()),
                speech.number(solved.zone.sum()),
                "packages",
                speech.text("packages_label"),
            ),
            total=self.number(allowed, speech.number(allowed), "packages", speech.text("packages_label")),
            package=solved.packages.label(index, speech.language),
            share=self.share(float(solved.acceptable[index]), speech.text("col_accepted")),
        )

    def robustness(self) -> list[Any]:
        solved, speech = self.solved, self.truth.speech
        flips = sum(one.flips for one in solved.influential)
        return speech.spans(
            "agree_robust",
            exists=self.share(solved.agreement, speech.text("col_accepted")),
            flips=self.number(flips, speech.number(flips), "assumptions", speech.text("assumptions_label")),
            all=self.number(
                len(solved.influential),
                speech.number(len(solved.influential)),
                "assumptions",
                speech.text("assumptions_label"),
            ),
        )

    def _solutions(self) -> list[int]:
        return list(dict.fromkeys(i for i in self.solved.solutions.values() if i))

    def _shown(self) -> list[int]:
        """The solutions, then the undominated packages that most draws accept."""
        solved = self.solved
        first = self._solutions()
        others = np.flatnonzero(solved.zone & solved.pareto)
        others = others[np.argsort(-solved.acceptable[others], kind="stable")]
        return list(dict.fromkeys([*first, *map(int, others)]))[:_SHOWN]

    def packages(self) -> Table:
        """Return the packages with each side's gain and the share of draws in which both accept."""
        solved, speech = self.solved, self.truth.speech
        rows: list[Line] = []
        for index in self._shown():
            label = solved.packages.label(index, speech.language)
            gains: Line = [[self.gain(gain, label)] for gain in solved.gains_of(index).values()]
            rows.append([[label], *gains, [self.share(float(solved.acceptable[index]), label)]])
        actors = solved.negotiation.actors.values()
        gained = [
            speech.text("col_gain", actor=bargain.in_language(actor.title, speech.language))
            for actor in actors
        ]
        columns = [speech.text("col_package"), *gained, speech.text("col_accepted")]
        return Table(caption=speech.text("agree_caption"), columns=columns, rows=rows)

    def outcomes(self) -> Table:
        """Return what no deal and the recommended package would bring, every outcome beside the others."""
        solved, speech = self.solved, self.truth.speech
        shown = self._solutions()[:1]
        labels = [solved.packages.label(index, speech.language) for index in (0, *shown)]
        rows: list[Line] = []
        for key, outcome in solved.negotiation.outcomes.items():
            line: Line = [[bargain.in_language(outcome.title, speech.language)]]
            for index, label in zip((0, *shown), labels, strict=True):
                line.append(self._outcome(solved.outcomes_of(index)[key], label, change=index > 0))
            rows.append(line)
        columns = [speech.text("col_outcome"), *labels]
        return Table(caption=speech.text("outcomes_caption"), columns=columns, rows=rows)

    def _outcome(self, outcome: dict[str, Any], label: str, *, change: bool) -> list[Any]:
        """Return the level or its change from no deal, and the level's 80 percent interval."""
        speech = self.truth.speech
        low, high = outcome["interval_80"]
        # Ranges as wide as these carry no more digits.
        digits = -3 if high >= 10_000 else 0
        value = round(outcome["change"] if change else outcome["mean"], digits)
        text = speech.signed(value) if change else speech.number(value)
        spans: list[Any] = [self.number(value, text, "change" if change else "level", label), " ("]
        ends = [round(end, digits) for end in (low, high)]
        numbers = [self.number(end, speech.number(end), "level", label) for end in ends]
        return [*spans, numbers[0], "–", numbers[1], ")"]
