"""What a briefing is: data first. HTML, PDF and JSON are three ways to show the same object.

Every number in it is a `Number` that names its source, so that nothing can be printed without one.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Briefing",
    "Chart",
    "Chip",
    "Fact",
    "Facts",
    "Headline",
    "Number",
    "Paragraph",
    "Section",
    "Source",
    "Span",
    "Table",
    "Verdict",
]

Verdict = Literal["true", "false", "unknown", "misleading", "true_as_first_published"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Number(_Data):
    """One number as it is printed, with where it comes from.

    ``sources`` are the numbers of `Source` entries; ``cells`` says which rows of the publisher's table add up to it.
    """

    type: Literal["number"] = "number"
    id: str
    text: str
    value: float
    unit: str
    label: str
    period: str
    sources: list[int]
    cells: str


Span = Annotated[Number | str, Field(union_mode="left_to_right")]


class Paragraph(_Data):
    """A paragraph: text with numbers in it."""

    type: Literal["paragraph"] = "paragraph"
    spans: list[Span]


class Fact(_Data):
    """A figure that stands by itself, with a line under it."""

    label: str
    number: Number
    spans: list[Span]


class Facts(_Data):
    """The figures a reader should leave with."""

    type: Literal["facts"] = "facts"
    facts: list[Fact]


class Chip(_Data):
    """One definition of a statement and whether the statement is true of it."""

    verdict: Verdict
    definition: str
    spans: list[Span]


class Headline(_Data):
    """A statement that people make, checked against every definition a reader could mean."""

    type: Literal["headline"] = "headline"
    claim: str
    chips: list[Chip]


class Table(_Data):
    """A table; the first column names the row, a cell is text and numbers, or nothing."""

    type: Literal["table"] = "table"
    caption: str
    columns: list[str]
    rows: list[list[list[Span] | None]]


class Chart(_Data):
    """A chart as SVG, with the finding as its title, alternative text, and the data it shows."""

    type: Literal["chart"] = "chart"
    id: str
    title: str
    subtitle: str
    alternative: str
    sources: list[int]
    data: list[dict[str, Any]]
    svg: str


Block = Annotated[Paragraph | Facts | Headline | Table | Chart, Field(discriminator="type")]


class Section(_Data):
    """A numbered part of the briefing."""

    id: str
    title: str
    blocks: list[Block]


class Source(_Data):
    """Where numbers were taken from: a table of a release, a poll, or a file of the package.

    ``sha256`` is of the publisher's file; empty for a poll and for a file that comes with the package.
    """

    number: int
    publisher: str
    table: str
    release: str
    released: date
    certainty: str
    file: str
    sheet: str
    sha256: str
    address: str
    licence: str


class Briefing(_Data):
    """A briefing as of a day."""

    schema_version: Literal[1] = 1
    language: Literal["en", "es"]
    as_of: date
    title: str
    standfirst: list[Span]
    sections: list[Section]
    sources: list[Source]
    methods: list[str]
    command: str
    version: str
