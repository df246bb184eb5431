"""What the room says, in English and Spanish; texts of a negotiation may be given in both."""

from __future__ import annotations

from functools import cache

from caudal._core.errors import OptionError, did_you_mean
from caudal._core.tables import declared

__all__ = ["LANGUAGES", "Text", "in_language", "phrase"]

LANGUAGES = ("en", "es")

#: A text of a negotiation file: one for all readers, or one by language.
Text = str | dict[str, str]


def in_language(text: Text, language: str) -> str:
    """Return a text in a language; where it was not given in it, in English, else as it is.

    Raises
    ------
    OptionError
        For a language other than `LANGUAGES`.
    """
    _known(language)
    return text if isinstance(text, str) else text.get(language) or text["en"]


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise OptionError(
            f"no language {language!r}", where="language", remedy=did_you_mean(language, LANGUAGES)
        )


@cache
def _phrases(language: str) -> dict[str, str]:
    _known(language)
    return {row["key"]: row[language] for row in declared("caudal.bargain", "phrases.csv")}


def phrase(key: str, language: str, **fields: object) -> str:
    """Return a declared phrase with its fields filled in."""
    return _phrases(language)[key].format(**fields)
