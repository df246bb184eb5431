"""Read a sentence into typed statements, or say what was not understood.

A sentence is read only when every word that carries meaning has been given a place. Each rule demands an exact
inventory: one number too many, a second place, a word of doubt, and the sentence is not checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from caudal._core.dates import add_months
from caudal.statements._definitions import Definition, candidates
from caudal.statements._inventory import Refused, Sentence, sentence_of
from caudal.statements._poll_words import polls_in, quotes_a_poll
from caudal.statements._rules import RULES
from caudal.statements._scan import Item, language_of, prepare, scan
from caudal.statements._span import Span
from caudal.statements._types import Change, Level, Poll, Rank, Ratio, SeriesStatement, Statement

__all__ = ["Claim", "Understood", "parse"]


@dataclass(frozen=True)
class Claim:
    """A typed statement and the definitions it can be read under."""

    statement: Statement
    definitions: tuple[Definition, ...]


@dataclass(frozen=True)
class Understood:
    """What a sentence says: claims, or the reason why there is none, and examples of what would be understood."""

    language: str
    claims: tuple[Claim, ...] = ()
    reason: str = ""
    hints: tuple[str, ...] = ()
    key: str = ""


_REASONS = {
    "en": {
        "negated": "it is denied or negated ({text!r})",
        "forecast": "it speaks of what may be or what is expected ({text!r})",
        "other_subject": "it is about something the archive has no figures on ({text!r})",
        "per_day": "it is about days, weeks or averages, which the monthly archive cannot check ({text!r})",
        "only_part": "it leaves out or singles out a part ({text!r})",
        "cumulative": "it adds up over a time that is not named exactly ({text!r})",
        "opinionlike": "it is a judgement ({text!r})",
        "other_poll": "it quotes a poll of a part of the people, about somebody else, or denies something",
        "question": "it is a question",
        "unknown": "these words are not in the vocabulary: {text}",
        "no_measure": "it names nothing that is counted here, such as encounters or apprehensions",
        "no_time": "it names no month, fiscal year or calendar year",
        "which_year": "a month is named without a year: give the day it was written (--date)",
        "no_base": "it does not name exactly two times of the same length to compare",
        "among_what": "it does not say among what ({text!r}): months, years, sectors",
        "no_claim": "it makes no claim of level, record, rank, change, ratio, share, streak, threshold or comparison",
        "no_definition": "no declared measure counts that",
        "too_much": "more is said than one rule can place ({text})",
    },
    "es": {
        "negated": "está negado ({text!r})",
        "forecast": "habla de lo que puede ser o se espera ({text!r})",
        "other_subject": "trata de algo sobre lo que el archivo no tiene cifras ({text!r})",
        "per_day": "trata de días, semanas o promedios, que el archivo mensual no puede comprobar ({text!r})",
        "only_part": "excluye o separa una parte ({text!r})",
        "cumulative": "suma un periodo que no se nombra con exactitud ({text!r})",
        "opinionlike": "es un juicio ({text!r})",
        "other_poll": "cita una encuesta sobre una parte de la gente o sobre otra persona, o niega algo",
        "question": "es una pregunta",
        "unknown": "estas palabras no están en el vocabulario: {text}",
        "no_measure": "no nombra nada que se cuente aquí, como encuentros o aprehensiones",
        "no_time": "no nombra mes, año fiscal ni año calendario",
        "which_year": "nombra un mes sin año: indique el día en que se escribió (--date)",
        "no_base": "no nombra exactamente dos periodos de la misma duración para comparar",
        "among_what": "no dice entre qué ({text!r}): meses, años, sectores",
        "no_claim": "no afirma nivel, récord, lugar, cambio, razón, proporción, racha, umbral ni comparación",
        "no_definition": "ninguna medida declarada cuenta eso",
        "too_much": "dice más de lo que una regla puede situar ({text})",
    },
}  # fmt: skip

_HINTS = {
    "en": (
        "November 2023 was the highest November for encounters at the southwest border",
        "Border Patrol encounters between ports fell 50 percent from December 2023 to January 2024",
        "More than 300,000 encounters were recorded at the southwest border in December 2023",
    ),
    "es": (
        "Noviembre de 2023 fue el noviembre con más encuentros en la frontera suroeste",
        "Más de 300 mil encuentros se registraron en diciembre de 2023 en la frontera suroeste",
        "Los encuentros de la Patrulla Fronteriza cayeron 50 por ciento de diciembre de 2023 a enero de 2024",
    ),
}

#: A sentence longer than this is not one.
MOST_CHARACTERS = 2_000


def parse(
    text: str, written: date | None = None, language: str | None = None, answer: str | None = None
) -> Understood:
    """Read a sentence.

    Parameters
    ----------
    text : str
        One sentence.
    written : datetime.date, optional
        The day it was written.
    language : {"en", "es"}, optional
        Language of the sentence; default: as its function words suggest.
    answer : {"en", "es"}, optional
        Language of the reason; default: that of the sentence.
    """
    short = text[:MOST_CHARACTERS]
    chosen = language or language_of(short)

    def refuse(key: str, shown: str = "") -> Understood:
        reason = _REASONS[answer or chosen][key].format(text=shown)
        return Understood(chosen, reason=reason, hints=_HINTS[answer or chosen], key=key)

    if len(text) > MOST_CHARACTERS:
        return refuse("too_much", f"{len(text):,} characters")
    polls = polls_in(short, chosen, written)
    if polls:
        return Understood(chosen, tuple(Claim(one, ()) for one in polls))
    if quotes_a_poll(short):
        return refuse("other_poll")
    items = _kept(scan(prepare(short, chosen), chosen, written))
    try:
        understood = sentence_of(items, chosen, written)
        for rule in RULES:
            statements = rule(understood)
            if statements:
                break
        else:
            raise Refused("no_claim")
        _scopes_used(understood, statements)
        definitions = _definitions(understood)
    except Refused as why:
        return refuse(why.key, why.shown)
    until = add_months(written.replace(day=1), -1) if written else None
    bound = tuple(
        one if isinstance(one, Poll) else replace(one, where=one.where or understood.where, until=until)
        for one in statements
    )
    claims = [Claim(one, definitions) for one in bound]
    if understood.base == "encounters" and _bare_years(understood):
        # CBP counts by fiscal years; "in 2021" may be either, and the difference is large.
        claims = [
            Claim(version, tuple(replace(one, calendar=version.span.kind) for one in definitions))  # type: ignore[union-attr]
            for statement in bound
            for version in (statement, _in_fiscal_years(statement))
        ]
    return Understood(chosen, tuple(claims))


def _bare_years(sentence: Sentence) -> bool:
    """Return whether the years the statement is about are named without "fiscal" or "calendar"."""
    if any("calendar" in item.text for item in sentence.items):
        return False
    return any(time.span.kind == "calendar_year" and time.tie != "since" for time in sentence.times)


def _in_fiscal_years(statement: Statement) -> Statement:
    changed: dict[str, Span] = {"span": statement.span.shift(-3)}  # type: ignore[union-attr]
    if isinstance(statement, Change | Ratio):
        changed["base"] = statement.base.shift(-3)
    return replace(statement, **changed)  # type: ignore[arg-type]


def _scopes_used(sentence: Sentence, statements: Sequence[SeriesStatement]) -> None:
    """Refuse where a sector, a nationality or a month is spoken of that no statement takes up ("one sector")."""
    scopes = {item.value: item.text for item in sentence.all("scope")}
    ranked = any(isinstance(one, Rank) and one.among for one in statements)
    for value in ("sector", "citizenship"):
        if value in scopes and not ranked:
            raise Refused("too_much", scopes[value])
    if "month" in scopes and any(isinstance(one, Level) and one.span.kind != "month" for one in statements):
        raise Refused("too_much", scopes["month"])


def _definitions(sentence: Sentence) -> tuple[Definition, ...]:
    found = candidates(sentence.base, sentence.regions, sentence.components)
    if not found:
        raise Refused("no_definition")
    return tuple(replace(one, named=_named(one, sentence)) for one in found)


def _named(definition: Definition, sentence: Sentence) -> bool:
    return not sentence.loose or definition.measure.startswith("usbp")


#: Roles whose presence makes a part of a sentence matter.
_WEIGHTY = {"when", "count", "percent", "fraction", "extreme", "measure", "up", "down", "factor", "straight", "refuse",
            "first_time", "never", "since", "ever", "citizenship", "family_status", "authority", "area", "place",
            "component", "state", "scope", "times", "past", "outnumbered", "to_then"}  # fmt: skip


def _kept(items: list[Item]) -> list[Item]:
    """Return the items without the parts, set off by marks, in which nothing is said that counts."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.role == "mark":
            parts.append([])
        else:
            parts[-1].append(item)
    parts = [part for part in parts if part]
    kept: list[Item] = []
    for number, part in enumerate(parts):
        idle = not any(item.role in _WEIGHTY for item in part)
        # "In Chicago, encounters …": a place that is not known is no idle part.
        where = part[0].text in ("in", "at", "near", "en", "of", "de", "among", "entre")
        if idle and number and not where:
            continue
        kept += part
    return kept
