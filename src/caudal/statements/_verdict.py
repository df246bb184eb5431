"""What `check` returns: verdicts per definition, rendered as text, JSON rows or a table in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from caudal.statements._say import phrase
from caudal.statements._types import Statement

__all__ = ["VERDICTS", "Check", "Verdict"]

Answer = Literal["true", "false", "true_as_first_published", "misleading", "unknown"]

#: What a verdict can be.
VERDICTS: tuple[Answer, ...] = ("true", "false", "true_as_first_published", "misleading", "unknown")


@dataclass(frozen=True)
class Verdict:
    """The verdict on a statement under one definition and edition.

    Attributes
    ----------
    definition : str
        The definition in words.
    measure : str
        The declared measure (``"poll"`` for polls).
    verdict : str
        One of `VERDICTS`.
    value, comparison_value : float or None
        The number stated about, and what it is compared with, as published.
    comparison_period : str or None
        The period of ``comparison_value``: ``2022-11``, ``FY2022``.
    margin : float or None
        ``value - comparison_value``.
    releases : tuple of str
        The releases behind the numbers.
    sentence : str
        The finding in one sentence.
    summary : str
        The numbers as they stand in the printed table.
    edition : {"current", "first_published"}
        Whether figures are those of the archive as of the day asked, or those first published.
    statement : Statement
        The typed statement.
    reason : str
        Why, as a key, where the verdict is unknown.
    table : tuple of dict
        The comparison table: ``period``, ``value``.
    address : str or None
        Where a poll can be read.
    """

    definition: str
    measure: str
    verdict: Answer
    value: float | None
    comparison_value: float | None
    comparison_period: str | None
    margin: float | None
    releases: tuple[str, ...]
    sentence: str
    summary: str
    edition: Literal["current", "first_published"]
    statement: Statement
    reason: str = ""
    table: tuple[dict[str, Any], ...] = ()
    measured: float | None = None
    address: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "definition": self.definition,
            "verdict": self.verdict,
            "value": self.value,
            "comparison_value": self.comparison_value,
            "comparison_period": self.comparison_period,
            "margin": self.margin,
            "releases": list(self.releases),
            "sentence": self.sentence,
            "measure": self.measure,
            "kind": self.statement.kind,
            "edition": self.edition,
            "measured": self.measured,
            "reason": self.reason,
            "table": list(self.table),
            **({"address": self.address} if self.address else {}),
        }


@dataclass(frozen=True)
class Check:
    """All verdicts on a sentence; a sequence of `Verdict`.

    Attributes
    ----------
    text : str
        What was checked.
    language : {"en", "es"}
        Language of the sentences.
    as_of : datetime.date or None
        Nothing released after this day was used.
    verdicts : tuple of Verdict
        One per definition and edition, in order.
    reason : str
        Why nothing could be checked; empty when something could.
    """

    text: str
    language: str
    as_of: date | None
    verdicts: tuple[Verdict, ...] = ()
    reason: str = ""
    hints: tuple[str, ...] = field(default=())

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    def __getitem__(self, index: int) -> Verdict:
        return self.verdicts[index]

    @property
    def overall(self) -> Answer:
        """One word for all definitions: what they agree on, else ``misleading`` (true of one, false of another)."""
        found = {one.verdict for one in self.verdicts if one.edition == "current"}
        if len(found) == 1:
            return next(iter(found))
        return "misleading" if found & {"true", "true_as_first_published", "misleading"} else "unknown"

    def to_list(self) -> list[dict[str, Any]]:
        """Return the verdicts as plain data."""
        return [one.to_dict() for one in self.verdicts]

    def __str__(self) -> str:
        if not self.verdicts:
            return self.reason
        rows = [
            (phrase(f"verdict_{one.verdict}", self.language), one.definition, one.summary)
            for one in self.verdicts
        ]
        first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
        return "\n".join(f"{a:<{first}}  {b:<{second}}   {c}".rstrip() for a, b, c in rows)

    def _repr_html_(self) -> str:
        if not self.verdicts:
            return f"<p>{html.escape(self.reason)}</p>"
        body = "".join(
            f"<tr><td><b>{html.escape(phrase(f'verdict_{one.verdict}', self.language))}</b></td>"
            f"<td>{html.escape(one.definition)}</td><td>{html.escape(one.summary)}</td></tr>"
            for one in self.verdicts
        )
        return f"<p>{html.escape(self.text)}</p><table>{body}</table>"
