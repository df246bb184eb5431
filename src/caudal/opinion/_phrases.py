"""What the room says, in English and Spanish, from a declared table."""

from __future__ import annotations

from functools import cache

from caudal._core.errors import OptionError, did_you_mean
from caudal.opinion._tables import table

__all__ = ["LANGUAGES", "issue_name", "phrase"]

LANGUAGES = ("en", "es")


@cache
def _phrases(language: str) -> dict[str, str]:
    if language not in LANGUAGES:
        raise OptionError(
            f"no language {language!r}", where="language", remedy=did_you_mean(language, LANGUAGES)
        )
    return {row["key"]: row[language] for row in table("phrases.csv")}


def phrase(key: str, language: str, **fields: object) -> str:
    """Return a declared phrase with its fields filled in."""
    return _phrases(language)[key].format(**fields)


def issue_name(issue: str, language: str) -> str:
    """Return an issue as it stands in a sentence; undeclared ones keep their English name."""
    return _phrases(language).get(f"issue_{issue}", issue.replace("_", " "))
