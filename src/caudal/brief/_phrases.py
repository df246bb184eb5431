"""Saying things in English and Spanish: declared phrases, numbers and dates in the reader's notation."""

from __future__ import annotations

import string
from datetime import date
from functools import cache

from babel.dates import format_date
from babel.numbers import format_decimal

from caudal._core.dates import parse_month
from caudal._core.tables import declared
from caudal.brief._model import Number, Span

__all__ = ["Speech", "first_upper"]

_LOCALES = {"en": "en_US", "es": "es_MX"}
_MONTH_PLURAL = {"en": "{}s", "es": "meses de {}"}


@cache
def _phrases(language: str) -> dict[str, str]:
    return {row["key"]: row[language] for row in declared("caudal.brief", "phrases.csv")}


def first_upper(text: str) -> str:
    """Return ``text`` with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]


class Speech:
    """A language to write in.

    Parameters
    ----------
    language : {"en", "es"}
        The language.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = _LOCALES[language]

    def text(self, key: str, **fields: object) -> str:
        """Return a declared phrase with its fields filled in."""
        return _phrases(self.language)[key].format(**fields)

    def spans(self, key: str, **fields: Number | str | int) -> list[Span]:
        """Return a declared phrase as text and numbers, so that numbers keep their sources."""
        found: list[Span] = []
        for literal, name, _, _ in string.Formatter().parse(_phrases(self.language)[key]):
            if literal:
                found.append(literal)
            if name:
                value = fields[name]
                found.append(value if isinstance(value, Number) else str(value))
        return found

    def number(self, value: float, *, decimals: int = 0) -> str:
        """Return a number in the language's notation."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self._locale))

    def day(self, day: date) -> str:
        """Return ``December 22, 2023`` or ``22 de diciembre de 2023``."""
        return str(format_date(day, "long", locale=self._locale))

    def month(self, period: str | date) -> str:
        """Return ``November 2023`` or ``noviembre de 2023``."""
        day = parse_month(period) if isinstance(period, str) else period
        pattern = "MMMM y" if self.language == "en" else "MMMM 'de' y"
        return str(format_date(day, pattern, locale=self._locale))

    def month_name(self, period: str) -> str:
        """Return ``November`` or ``noviembre``."""
        return str(format_date(parse_month(period), "MMMM", locale=self._locale))

    def month_plural(self, period: str) -> str:
        """Return ``Novembers`` or ``meses de noviembre``."""
        return _MONTH_PLURAL[self.language].format(self.month_name(period))
