"""Errors a user can act on.

::

    CaudalError                 anything Caudal raises on purpose
    ├── InputError              a file, row or value that cannot be used as it is
    ├── OptionError             an option or argument that does not exist or does not fit
    ├── NotKnownError           the archive cannot answer (no such figure, not yet published)
    ├── StoreError              the store on disk cannot be read or written
    └── FetchError              a publisher's address could not be read

Every error is one line: what is wrong, where, and how to mend it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CaudalError",
    "FetchError",
    "InputError",
    "NotKnownError",
    "OptionError",
    "StoreError",
    "did_you_mean",
]


class CaudalError(Exception):
    """An error with a place and a remedy.

    Parameters
    ----------
    what : str
        What is wrong, in one clause without a full stop.
    where : str, optional
        File, sheet, row, option: the place to look at.
    remedy : str, optional
        What the reader can do about it.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(what, where, remedy)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.remedy}" if self.remedy else text


class InputError(CaudalError):
    """A file, row or value that cannot be used as it is."""


class OptionError(CaudalError):
    """An option, argument or name that does not exist or does not fit the others."""


class NotKnownError(CaudalError):
    """The archive cannot answer: no such figure, or not published by that day."""


class StoreError(CaudalError):
    """The store on disk cannot be read or written."""


class FetchError(CaudalError):
    """A publisher's address could not be read."""


def did_you_mean(word: str, known: Iterable[str], *, most: int = 3) -> str:
    """Return ``"Did you mean …?"`` for the nearest known words, or what is known when none is near.

    Parameters
    ----------
    word : str
        What the user wrote.
    known : iterable of str
        What would have been understood.
    most : int
        The largest number of suggestions.
    """
    words = sorted(set(known))
    by_fold = {w.casefold(): w for w in words}
    near = [by_fold[w] for w in difflib.get_close_matches(word.casefold(), list(by_fold), n=most, cutoff=0.6)]
    if not near:
        near = [w for w in words if word and word.casefold() in w.casefold()][:most]
    if near:
        return "Did you mean " + " or ".join(repr(w) for w in near) + "?"
    shown = ", ".join(words[:12]) + (f", … ({len(words)} in all)" if len(words) > 12 else "")
    return f"Known: {shown}"
