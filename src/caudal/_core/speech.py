"""A room's declared phrases in one language; numbers, days and months in the reader's notation."""

from __future__ import annotations

from datetime import date
from functools import cache

from babel.dates import format_date
from babel.numbers import format_decimal

from caudal._core.dates import parse_month
from caudal._core.tables import declared

__all__ = ["LANGUAGES", "Tongue", "sign_of"]

LANGUAGES = ("en", "es")
_LOCALES = {"en": "en_US", "es": "es_MX"}


@cache
def _phrases(package: str, language: str) -> dict[str, str]:
    return {row["key"]: row[language] for row in declared(package, "phrases.csv")}


def sign_of(value: float) -> str:
    """Return ``+``, ``−`` or, for nothing, no sign."""
    return "+" if value > 0 else "−" if value < 0 else ""


class Tongue:
    """A room's words in a language.

    Parameters
    ----------
    package : str
        Dotted name of the room; its ``phrases.csv`` has the columns ``key, en, es``.
    language : {"en", "es"}
        The language.
    """

    def __init__(self, package: str, language: str) -> None:
        self.language = language
        self._package, self._locale = package, _LOCALES[language]

    def phrase(self, key: str) -> str:
        """Return a declared phrase as it stands in the table."""
        return _phrases(self._package, self.language)[key]

    def has(self, key: str) -> bool:
        """Return whether the room declares a phrase."""
        return key in _phrases(self._package, self.language)

    def text(self, key: str, **fields: object) -> str:
        """Return a declared phrase with its fields filled in."""
        return self.phrase(key).format(**fields)

    def decimal(self, value: float, pattern: str) -> str:
        """Return a number in a pattern of Unicode's, e.g. ``#,##0.00``, in the language's notation."""
        return str(format_decimal(value, format=pattern, locale=self._locale))

    def number(self, value: float, *, decimals: int = 0) -> str:
        """Return a number with so many decimals."""
        return self.decimal(value, "#,##0" + ("." + "0" * decimals if decimals else ""))

    def signed(self, value: float, *, decimals: int = 0) -> str:
        """Return a difference with its sign, rounded (below 0 decimals to tens, hundreds …); nothing has no sign."""
        rounded = round(float(value), decimals)
        return sign_of(rounded) + self.number(abs(rounded), decimals=max(decimals, 0))

    def day(self, day: date) -> str:
        """Return ``December 22, 2023`` or ``22 de diciembre de 2023``."""
        return str(format_date(day, "long", locale=self._locale))

    def short_day(self, day: date) -> str:
        """Return ``Dec 22, 2023`` or ``22 dic 2023``."""
        return str(format_date(day, "medium", locale=self._locale))

    def month(self, period: str | date) -> str:
        """Return ``November 2023`` or ``noviembre de 2023``."""
        day = parse_month(period) if isinstance(period, str) else period
        pattern = "MMMM y" if self.language == "en" else "MMMM 'de' y"
        return str(format_date(day, pattern, locale=self._locale))

    def month_name(self, period: str) -> str:
        """Return ``November`` or ``noviembre``."""
        return str(format_date(parse_month(period), "MMMM", locale=self._locale))

    def month_short(self, period: str) -> str:
        """Return ``Nov`` or ``nov``."""
        return str(format_date(parse_month(period), "MMM", locale=self._locale)).rstrip(".")
