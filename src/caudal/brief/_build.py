"""Putting a briefing together: sections from the archive as of a day, then the sources of every number in them."""

from __future__ import annotations

import math
from datetime import date
from typing import Literal, cast

import caudal
from caudal import figures
from caudal._core.dates import parse_day, parse_month
from caudal._core.errors import NotKnownError, OptionError, did_you_mean
from caudal.brief import _agree, _asks, _next, _public, _truth, _unknown
from caudal.brief._citations import Citations
from caudal.brief._model import Briefing, Span
from caudal.brief._phrases import Speech

__all__ = ["LANGUAGES", "build"]

LANGUAGES = ("en", "es")
#: Months between a month and the day its figures are still the newest: they are replaced within two.
_USUAL_LAG = 3


def build(
    *,
    as_of: str | date | None = None,
    language: str = "en",
    capacity: float | None = None,
    archive: figures.Archive | None = None,
) -> Briefing:
    """Return the briefing as of a day.

    Parameters
    ----------
    as_of : str or datetime.date, optional
        Only releases up to the end of that day are read. Default: the day of the newest release in the archive.
    language : {"en", "es"}
        The language it is written in.
    capacity : float, optional
        Encounters a month that the reader can handle: adds the probability of exceeding it to section 2.
    archive : caudal.figures.Archive, optional
        Default: the embedded archive and the user's own store.

    Returns
    -------
    Briefing
        The same archive, day and language give the same briefing, byte for byte.

    Raises
    ------
    OptionError
        When the day, the language or the capacity is none.
    NotKnownError
        When nothing had been published by that day.
    """
    if language not in LANGUAGES:
        raise OptionError(
            f"{language!r} is not a language", where="--lang", remedy=did_you_mean(language, LANGUAGES)
        )
    if capacity is not None and not 0 <= capacity < math.inf:
        raise OptionError(f"{capacity} is not a number of encounters", where="--capacity")
    held = archive or figures.open_archive()
    day = held.latest.released if as_of is None else parse_day(as_of, option="--as-of")
    held = held.at(day)
    if not held.releases:
        first = (archive or figures.open_archive()).releases
        since = f"The first release it holds is of {first[0].released}" if first else "It is empty"
        raise NotKnownError(f"the archive holds no release by {day}", remedy=since)
    speech = Speech(language)
    cite = Citations(held, speech)
    truth = _truth.Truth(held, speech, cite)
    sections = [
        _truth.section(truth),
        _next.section(truth, capacity),
        _asks.section(truth),
        _agree.section(truth),
        _public.section(truth),
        _unknown.section(truth),
    ]
    head = truth.figure(truth.head, truth.month)
    row = truth.row(truth.head, truth.month)
    assert head is not None
    assert row is not None
    return Briefing(
        language=cast(Literal["en", "es"], language),
        as_of=day,
        title=speech.text("title"),
        standfirst=speech.spans(
            "standfirst",
            as_of=speech.day(day),
            month=speech.month(truth.month),
            value=head,
            what=speech.text(f"def_{truth.head}"),
            status=speech.text(row["status"]),
        )
        + _behind(speech, day, truth.month),
        sections=sections,
        sources=cite.sources,
        methods=_methods(speech, day),
        command=f"caudal brief --as-of {day} --lang {language}"
        + (f" --capacity {capacity:.15g}" if capacity is not None else ""),
        version=caudal.__version__,
    )


def _methods(speech: Speech, day: date) -> list[str]:
    keys = ("method_asof", "method_encounter", "method_record", "method_provisional", "method_forecast")
    return [speech.text(key, as_of=speech.day(day)) for key in keys]


def _behind(speech: Speech, day: date, month: str) -> list[Span]:
    """Say that the newest month is old, when it is: figures come two or three weeks after their month."""
    newest = parse_month(month)
    months = (day.year - newest.year) * 12 + day.month - newest.month
    return speech.spans("behind", count=months) if months > _USUAL_LAG else []
