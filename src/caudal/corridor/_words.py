"""Sentences, numbers and months of maps in English and Spanish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from caudal._core.errors import OptionError, did_you_mean
from caudal._core.identifiers import identities, name_of
from caudal._core.tables import declared

__all__ = ["Words"]


@dataclass(frozen=True)
class Words:
    """What a map says in one language."""

    language: str = "en"

    def __post_init__(self) -> None:
        if self.language not in ("en", "es"):
            raise OptionError(
                f"{self.language!r} is not a language",
                where="--lang",
                remedy=did_you_mean(self.language, ("en", "es")),
            )

    def say(self, key: str, **fields: object) -> str:
        """Return a declared sentence with its blanks filled."""
        return _phrases()[key][self.language].format(**fields)

    def number(self, value: float) -> str:
        """Return people as whole numbers; thousands rounded where a simulation says no more."""
        from babel.numbers import format_decimal

        step = 10 ** max(0, len(str(int(abs(value)))) - 3)  # three digits: more would pretend to be known
        return str(format_decimal(round(value / step) * step, locale=self._locale))

    def percent(self, share: float) -> str:
        """Return a share as a whole percentage."""
        return f"{100 * share:.0f} %"

    def month(self, day: date) -> str:
        """Return a month in words."""
        from babel.dates import format_date

        text = str(format_date(day, "LLLL y", locale=self._locale))
        return text[:1].upper() + text[1:]

    def day(self, iso: str) -> str:
        """Return a day in words; nothing for none."""
        from babel.dates import format_date

        return str(format_date(date.fromisoformat(iso), "long", locale=self._locale)) if iso else ""

    def listed(self, items: list[str]) -> str:
        """Return items as a list in words."""
        return ", ".join(items)

    def area(self, code: str) -> str:
        """Return the short name of a sector or field office."""
        dimension = "field_office" if code.startswith("FO-") else "sector"
        name = name_of(dimension, code, self.language) if code in identities(dimension) else code
        for word in (" Sector", " Field Office", "Sector ", "Oficina de campo "):
            name = name.replace(word, "")
        return name

    def region(self, code: str) -> str:
        """Return the name of a region of the corridor, or of a sector or the ports of a field office."""
        for row in declared("caudal.corridor.data", "regions.csv"):
            if row["region"] == code:
                return row[f"name_{self.language}"]
        return f"{self.area(code)} ({self.say('ports_of')})" if code.startswith("FO-") else self.area(code)

    @property
    def _locale(self) -> str:
        return "en_US" if self.language == "en" else "es_MX"


@cache
def _phrases() -> dict[str, dict[str, str]]:
    return {row["key"]: row for row in declared("caudal.corridor.data", "phrases.csv")}
