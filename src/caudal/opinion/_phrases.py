"""What the room says, in English and Spanish, from a declared table."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from caudal._core.errors import OptionError, did_you_mean
from caudal.opinion._tables import table

__all__ = ["LANGUAGES", "issue_name", "phrase", "written"]

LANGUAGES = ("en", "es")


@cache
def _phrases(language: str) -> dict[str, str]:
    if language not in LANGUAGES:
        raise OptionError(
            f"no language {language!r}", where="language", remedy=did_you_mean(language, LANGUAGES)
        )
    return {row["key"]: row[language] for row in table("phrases.csv")}


def phrase(key: str, language: str, **fields: object) -> str:
    """Return a declared phrase with its fields filled in, days as a reader writes them."""
    known = _phrases(language)
    said = {k: written(value, language) if isinstance(value, date) else value for k, value in fields.items()}
    return known[key].format(**said)


def written(when: object, language: str) -> str:
    """Return a day, or a month given as ``2023-12``, in words; anything else as it is."""
    from caudal._core.speech import Tongue  # names of months load slowly, and not every call needs them

    if isinstance(when, date):
        return Tongue("caudal.opinion", language).day(when)
    text = str(when)
    return Tongue("caudal.opinion", language).month(text) if re.fullmatch(r"\d{4}-\d{2}", text) else text


def issue_name(issue: str, language: str) -> str:
    """Return an issue as it stands in a sentence; undeclared ones keep their English name."""
    return _phrases(language).get(f"issue_{issue}", issue.replace("_", " "))
