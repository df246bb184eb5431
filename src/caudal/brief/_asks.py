"""Section 3, what each ask would change: scenarios beside the same months without them, people's outcomes included."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from caudal import levers
from caudal.brief._model import Block, Number, Paragraph, Section, Table
from caudal.brief._truth import Line, Truth

__all__ = ["section"]

#: A set of scenarios is news for this long after its day.
_NEWS = timedelta(days=100)
#: What is shown, enforcement's outcomes and people's in turn: caption, then outcomes and the digits their width leaves.
_TABLES = {
    "asks_caption": {"encounters": -3, "lawful_entries": -3},
    "asks_caption_stock": {"interceptions": -3, "stock_in_mexico": -3},
    "asks_caption_people": {"waiting_days": 1, "deaths_at_risk": 0},
}


def section(truth: Truth) -> Section:
    """Return section 3, from the newest set of scenarios that was news on the day."""
    speech = truth.speech
    day = truth.archive.as_of
    assert day is not None  # a briefing is of a day
    title = speech.text("section_asks")
    news = [(when, name) for name, when in levers.published_sets().items() if when <= day <= when + _NEWS]
    if not news:
        return Section(id="asks", title=title, blocks=[Paragraph(spans=speech.spans("asks_none"))])
    name = max(news)[1]
    frame = levers.published(name).filter(
        pl.col("grade").fill_null("") != ""
    )  # no deal is what others stand beside
    teller = _Teller(truth, name, frame)
    blocks: list[Block] = [Paragraph(spans=teller.first())]
    blocks += [teller.table(caption, outcomes) for caption, outcomes in _TABLES.items()]
    blocks.append(Paragraph(spans=speech.spans("asks_how")))
    return Section(id="asks", title=title, blocks=blocks)


class _Teller:
    """Turns a set of scenarios into numbers with sources."""

    def __init__(self, truth: Truth, name: str, frame: pl.DataFrame) -> None:
        self.truth, self.name, self.frame = truth, name, frame
        self.one = frame.row(0, named=True)
        self.file = truth.cite.other(
            publisher="Caudal",
            table=truth.speech.text("scenarios_table"),
            release=f"scenarios {name}",
            released=levers.published_sets()[name],
            file=f"caudal.levers/results/{name}.csv",
            address="",
            terms="Apache-2.0",
        )

    def _number(self, value: float, text: str, label: str) -> Number:
        return self.truth.cite.computed(
            value,
            text,
            unit="difference",
            label=label,
            period=f"{self.one['first']}/{self.one['last']}",
            sources=[self.file],
            cells=self.truth.speech.text(
                "scenarios_how", name=self.name, draws=self.one["draws"], seed=self.one["seed"]
            ),
        )

    def first(self) -> list[Any]:
        """Say what is compared with what, and that no status allows more than an assumption."""
        speech = self.truth.speech
        return speech.spans(
            "asks_first",
            first=speech.month(self.one["first"]),
            last=speech.month(self.one["last"]),
            draws=self._number(
                self.one["draws"], speech.number(self.one["draws"]), speech.text("draws_label")
            ),
        )

    def _signed(self, value: float, digits: int, label: str) -> Number:
        text = self.truth.speech.signed(value, decimals=digits)
        return self._number(round(float(value), digits) + 0.0, text, label)

    def table(self, caption: str, outcomes: dict[str, int]) -> Table:
        """Return the differences of some outcomes, with interval, grade and status."""
        speech = self.truth.speech
        rows: list[Line] = []
        for _, cells in self.frame.group_by("scenario", maintain_order=True):
            by_outcome = {row["outcome"]: row for row in cells.to_dicts()}
            one = cells.row(0, named=True)
            label = one[f"title_{speech.language}"]
            line: Line = [[label]]
            for outcome, digits in outcomes.items():
                row = by_outcome[outcome]
                middle, low, high = (self._signed(row[k], digits, label) for k in ("median", "low", "high"))
                line.append([middle, " (", low, " … ", high, ")"])
            status = speech.text(f"status_{one['status'].replace(' ', '_')}")
            line.append([f"{one['grade']}, {status}"])
            rows.append(line)
        columns = [speech.text("col_scenario"), *(speech.text(f"outcome_{o}") for o in outcomes)]
        return Table(caption=speech.text(caption), columns=[*columns, speech.text("col_evidence")], rows=rows)
