"""Saying things in English and Spanish so that numbers keep their sources."""

from __future__ import annotations

import string

from caudal._core.speech import Tongue
from caudal.brief._model import Number, Span

__all__ = ["Speech", "first_upper"]

_MONTH_PLURAL = {"en": "{}s", "es": "meses de {}"}


def first_upper(text: str) -> str:
    """Return ``text`` with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]


class Speech(Tongue):
    """A language to write the briefing in.

    Parameters
    ----------
    language : {"en", "es"}
        The language.
    """

    def __init__(self, language: str) -> None:
        super().__init__("caudal.brief", language)

    def spans(self, key: str, **fields: Number | str | int) -> list[Span]:
        """Return a declared phrase as text and numbers, so that numbers keep their sources."""
        found: list[Span] = []
        for literal, name, _, _ in string.Formatter().parse(self.phrase(key)):
            if literal:
                found.append(literal)
            if name:
                value = fields[name]
                found.append(value if isinstance(value, Number) else str(value))
        return found

    def month_plural(self, period: str) -> str:
        """Return ``Novembers`` or ``meses de noviembre``."""
        return _MONTH_PLURAL[self.language].format(self.month_name(period))
