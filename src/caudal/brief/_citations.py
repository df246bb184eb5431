"""Numbers with their sources: everything printed is made here, from rows of a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from caudal import figures
from caudal.brief._model import Number, Source
from caudal.brief._phrases import Speech

__all__ = ["Citations"]


class Citations:
    """Gives each number an identity and each table of a release a number, in order of first use.

    Parameters
    ----------
    archive : caudal.figures.Archive
        The archive as of the briefing's day.
    speech : Speech
        The language.
    """

    def __init__(self, archive: figures.Archive, speech: Speech) -> None:
        self._archive = archive
        self._speech = speech
        self._sources: dict[tuple[str, str], Source] = {}
        self._count = 0

    @property
    def sources(self) -> list[Source]:
        """The sources used so far, by number."""
        return list(self._sources.values())

    def source(self, release_id: str, table_id: str) -> int:
        """Return the number of a table of a release."""
        key = (release_id, table_id)
        if key not in self._sources:
            release = self._archive.release(release_id)
            table = figures.tables()[table_id]
            declared = figures.sources()[table.source]
            self._sources[key] = Source(
                number=len(self._sources) + 1,
                publisher=declared.publisher_name,
                table=declared.title_es if self._speech.language == "es" else declared.title_en,
                release=release.id,
                released=release.released,
                certainty=self._certainty(release.certainty),
                file=release.file,
                sheet=table.sheet,
                sha256=release.sha256,
                address=release.address,
                licence=declared.licence,
            )
        return self._sources[key].number

    def other(
        self, *, publisher: str, table: str, release: str, released: date, file: str, address: str, terms: str
    ) -> int:
        """Return the number of a source that is no release: a poll, or a file that comes with the package."""
        key = (release, table)
        if key not in self._sources:
            self._sources[key] = Source(
                number=len(self._sources) + 1,
                publisher=publisher,
                table=table,
                release=release,
                released=released,
                certainty="",
                file=file,
                sheet="",
                sha256="",
                address=address,
                licence=terms,
            )
        return self._sources[key].number

    def _certainty(self, text: str) -> str:
        if text in ("stated", "inferred"):
            return self._speech.text(f"certainty_{text}")
        if text.startswith("month ± 1, "):
            return self._speech.text(
                "certainty_month", month=self._speech.month(text.removeprefix("month ± 1, "))
            )
        return text

    def figure(self, row: Mapping[str, Any], label: str) -> Number:
        """Return a published figure from a row of ``series(…, rows=True)``."""
        return self.computed(
            float(row["value"]),
            self._speech.number(row["value"]),
            unit=row["unit"],
            label=label,
            period=row["period"],
            sources=[self.source(row["release"], row["table"])],
            cells=self._cells(row),
        )

    def _cells(self, row: Mapping[str, Any]) -> str:
        if not row["rows"]:
            return self._speech.text("rows_none")
        key = "rows_one" if row["rows"] == 1 else "rows_many"
        text = self._speech.text(key, count=row["rows"], first=row["first_row"], last=row["last_row"])
        table = figures.tables()[row["table"]]
        return text if table.exact else f"{text}; {self._speech.text('rounded', step=table.rounding)}"

    def percent(self, new: Number, old: Number) -> Number:
        """Return the change from one number to another in percent, without its sign."""
        change = 100 * (new.value - old.value) / old.value
        return self._from_two(change, self._speech.number(abs(change), decimals=1), "percent", new, old)

    def signed(self, new: Number, old: Number, *, percent: bool) -> Number:
        """Return the change from one number to another with its sign, in percent or in units."""
        change = 100 * (new.value - old.value) / old.value if percent else new.value - old.value
        text = self._speech.signed(change, decimals=1 if percent else 0)
        unit = "percent" if percent else new.unit
        return self._from_two(change, text + (" %" if percent else ""), unit, new, old)

    def share(self, part: Number, whole: Number) -> Number:
        """Return one number as a percentage of another."""
        value = 100 * part.value / whole.value
        return self._from_two(value, self._speech.number(value, decimals=1) + " %", "percent", part, whole)

    def _from_two(self, value: float, text: str, unit: str, a: Number, b: Number) -> Number:
        return self.computed(
            value,
            text,
            unit=unit,
            label=a.label,
            period=a.period,
            sources=list(dict.fromkeys([*a.sources, *b.sources])),
            cells=self._speech.text("calculated", a=a.text, b=b.text),
        )

    def total(self, parts: Sequence[Number], label: str, how: str) -> Number:
        """Return the sum of numbers; ``how`` says what was added up."""
        value = sum(part.value for part in parts)
        return self.computed(
            value,
            self._speech.number(value),
            unit=parts[0].unit,
            label=label,
            period=parts[-1].period,
            sources=list(dict.fromkeys(number for part in parts for number in part.sources)),
            cells=how,
        )

    def computed(
        self, value: float, text: str, *, unit: str, label: str, period: str, sources: list[int], cells: str
    ) -> Number:
        """Return a number with its sources, under an identity of its own."""
        self._count += 1
        return Number(
            id=f"n{self._count}",
            text=text,
            value=value,
            unit=unit,
            label=label,
            period=period,
            sources=sources,
            cells=cells,
        )
