"""A negotiation on file: actors, asks, interests, reservation, linkage; read and checked."""

from __future__ import annotations

from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from caudal._core.errors import CaudalError, InputError, OptionError, did_you_mean
from caudal.bargain._phrases import LANGUAGES, Text

__all__ = ["Actor", "Ask", "Degree", "Interest", "Link", "Negotiation", "Range", "load", "parse", "templates"]

_TEMPLATES = resources.files("caudal.bargain") / "templates"

Range = tuple[float, float]


def _in_english(text: Text) -> Text:
    if isinstance(text, dict) and (unknown := set(text) - set(LANGUAGES)):
        raise ValueError(f"language {sorted(unknown)[0]!r} is not one of {', '.join(LANGUAGES)}")
    if isinstance(text, dict) and not text.get("en"):
        raise ValueError("a text by language needs en")
    return text


#: A text, or texts by language (``{en: …, es: …}``).
Said = Annotated[Text, AfterValidator(_in_english)]
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reservation(_Strict):
    """What an actor gets without an agreement.

    Attributes
    ----------
    scenario : str
        The scenario of the outcome table that stands for no deal.
    margin : float
        How much better than no deal a package must be before the actor signs, in units of utility.
    range : tuple of float
        The range the margin is drawn from.
    """

    scenario: str
    margin: _Finite = 0.0
    range: tuple[_Finite, _Finite] = (0.0, 0.0)
    reason: str = ""


class Interest(_Strict):
    """One thing an actor cares for, and how much.

    Attributes
    ----------
    outcome : str, optional
        An outcome of the simulation; ``better`` and ``scale`` (the change that counts as one) go with it.
    terms : "direct", optional
        Instead of an outcome: what signing the terms is worth in itself (see `Actor.terms`).
    weight, range : float, tuple of float
        The stated weight (an actor's weights add up to 1) and the range it is drawn from.
    reason : str
        Why this weight: it is an assumption, never a fact.
    """

    outcome: str | None = None
    terms: Literal["direct"] | None = None
    better: Literal["more", "fewer"] | None = None
    scale: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    weight: Annotated[float, Field(ge=0, le=1)]
    range: tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]
    reason: Annotated[str, Field(min_length=1)]

    @property
    def name(self) -> str:
        """The outcome's name, or ``terms``."""
        return self.outcome or "terms"


class TermValue(_Strict):
    """What the full degree of an ask is worth to an actor in itself (a part of it in proportion to its level)."""

    value: _Finite
    range: tuple[_Finite, _Finite]
    reason: Annotated[str, Field(min_length=1)]


class Actor(_Strict):
    """A party that must agree."""

    title: Said
    reservation: Reservation
    interests: Annotated[list[Interest], Field(min_length=1)]
    terms: dict[str, TermValue] = {}


class Degree(_Strict):
    """How far an ask is granted: ``level`` 0 to 1, the levers it moves, the terms that are no lever."""

    name: str
    label: Said = ""
    level: Annotated[float, Field(ge=0, le=1)] = 0.0
    levers: dict[str, Any] = {}
    other: str = ""


class Ask(_Strict):
    """Something one actor wants of another, in ordered degrees of which the first is nothing."""

    title: Said
    short: Said
    asked_by: str
    controlled_by: str
    degrees: Annotated[list[Degree], Field(min_length=2)]


class Link(_Strict):
    """``ask`` at degree ``from`` or beyond only if every ask in ``requires`` is at its degree or beyond."""

    ask: str
    from_: Annotated[str, Field(alias="from")]
    requires: Annotated[dict[str, str], Field(min_length=1)]
    reason: str = ""


class Deadline(_Strict):
    """A day that matters to the talks; shown, not computed with."""

    day: date
    what: Said


class OutcomeName(_Strict):
    """How an outcome is called and counted."""

    title: Said
    unit: Said
    humanitarian: bool = False


class Negotiation(_Strict):
    """A whole negotiation, as read from its file."""

    format: Literal[1]
    title: Said
    as_of: date
    horizon: Said
    note: Said = ""
    outcomes: dict[str, OutcomeName]
    outcome_table: str | None = None
    actors: Annotated[dict[str, Actor], Field(min_length=2)]
    asks: Annotated[dict[str, Ask], Field(min_length=1)]
    links: list[Link] = []
    deadlines: list[Deadline] = []


class _OnceLoader(yaml.SafeLoader):
    """A YAML loader that refuses a key given twice: the second would silently win."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, str | int | float | bool | date | None):
            raise yaml.constructor.ConstructorError(None, None, "a key must be plain", key_node.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} stands twice", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_OnceLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def templates() -> list[str]:
    """Return the names of the negotiations that came with the package."""
    return sorted(p.name.removesuffix(".yaml") for p in _TEMPLATES.iterdir() if p.name.endswith(".yaml"))


def load(source: str | Path) -> tuple[Negotiation, str | None]:
    """Read a negotiation by the name of a template or from a file.

    Returns
    -------
    tuple of Negotiation and str or None
        The negotiation, and the text of the outcome table it names (found beside it), if it names one.

    Raises
    ------
    InputError
        With the file and the path inside it, what is wrong and how to mend it.
    OptionError
        When there is neither such a template nor such a file.
    """
    name = str(source)
    if name in templates():
        text, where = (_TEMPLATES / f"{name}.yaml").read_text(encoding="utf-8"), name
        negotiation = parse(text, where)
        table = negotiation.outcome_table
        return negotiation, (_TEMPLATES / table).read_text(encoding="utf-8") if table else None
    path = Path(source)
    if not path.is_file():
        raise OptionError(
            f"neither a template nor a file: {name}",
            where="negotiation",
            remedy=did_you_mean(name, templates()),
        )
    negotiation = parse(_read(path), path.name)
    if negotiation.outcome_table is None:
        return negotiation, None
    beside = path.parent / negotiation.outcome_table
    if not beside.is_file():
        remedy = "Put it beside this file"
        if (_TEMPLATES / negotiation.outcome_table).is_file():
            remedy += f" (`caudal bargain template --table > {negotiation.outcome_table}`)"
        raise _wrong(path.name, "outcome_table", f"no file {negotiation.outcome_table}", remedy)
    return negotiation, _read(beside)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="Give a text file in UTF-8"
        ) from error


def parse(text: str, where: str = "negotiation") -> Negotiation:
    """Check the text of a negotiation file and return what it says (errors as in `load`)."""
    try:
        # S506 does not apply: the loader is the safe one with a check added.
        data = yaml.load(text, Loader=_OnceLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where} line {mark.line + 1}, column {mark.column + 1}" if mark else where
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(f"not YAML: {what}", where=place, remedy="Mend the line") from error
    except (RecursionError, ValueError) as error:
        raise InputError(f"not YAML: {error}", where=where, remedy="See the template") from error
    if not isinstance(data, dict):
        raise InputError("not a negotiation", where=where, remedy="Start from `caudal bargain template`")
    try:
        negotiation = Negotiation.model_validate(data)
    except ValidationError as error:
        raise _from_pydantic(error, where) from error
    _check(negotiation, where)
    return negotiation


def _wrong(where: str, path: str, what: str, remedy: str) -> CaudalError:
    return InputError(what, where=f"{where}: {path}", remedy=remedy)


def _path(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _from_pydantic(error: ValidationError, where: str) -> CaudalError:
    first = error.errors(include_url=False)[0]
    # pydantic adds the branch of a union to the path: not a place in the file.
    path, kind = _path(tuple(p for p in first["loc"] if p not in ("str", "dict[str,str]"))), first["type"]
    message = first["msg"].removeprefix("Value error, ")
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if kind == "missing":
        remedy = "Add it"
        if first["loc"][-1] == "reservation":
            remedy = "Say what the actor has without a deal, e.g. reservation: {scenario: no-deal}"
        return _wrong(where, path, f"is missing{more}", remedy)
    if kind == "extra_forbidden":
        known = _siblings(first["loc"])
        return _wrong(where, path, f"is not understood{more}", did_you_mean(str(first["loc"][-1]), known))
    return _wrong(where, path, f"{message[0].lower()}{message[1:]}, not {first['input']!r}{more}", "Mend it")


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    """Names that could stand where an unknown one was found."""
    models: dict[str, type[BaseModel]] = {
        "interests": Interest, "reservation": Reservation, "degrees": Degree, "links": Link, "deadlines": Deadline,
    }  # fmt: skip
    for part in reversed(loc[:-1]):
        if part in models:
            return _fields(models[str(part)])
    if len(loc) == 1:
        return _fields(Negotiation)
    by_top: dict[str, type[BaseModel]] = {"asks": Ask, "actors": Actor, "outcomes": OutcomeName}
    if len(loc) > 3 and loc[-3] == "terms":
        return _fields(TermValue)
    return _fields(by_top.get(str(loc[0]), Negotiation))


def _fields(model: type[BaseModel]) -> list[str]:
    return [f.alias or name for name, f in model.model_fields.items()]


def _check(n: Negotiation, where: str) -> None:
    """Check what one part says of another."""
    _check_asks(n, where)
    for key, actor in n.actors.items():
        _check_actor(n, f"actors.{key}", actor, where)
    _check_links(n, where)


def _check_asks(n: Negotiation, where: str) -> None:
    from caudal.levers import Scenario

    for key, ask in n.asks.items():
        for side in ("asked_by", "controlled_by"):
            if getattr(ask, side) not in n.actors:
                raise _wrong(
                    where, f"asks.{key}.{side}", f"no actor {getattr(ask, side)!r}",
                    did_you_mean(getattr(ask, side), n.actors),
                )  # fmt: skip
        names = [d.name for d in ask.degrees]
        if len(set(names)) < len(names):
            raise _wrong(where, f"asks.{key}.degrees", "two degrees have one name", "Name them apart")
        if ask.degrees[0].level != 0 or ask.degrees[0].levers:
            raise _wrong(
                where,
                f"asks.{key}.degrees[0]",
                "the first degree is not nothing",
                "Let it have level 0 and no levers",
            )
        levels = [d.level for d in ask.degrees]
        if any(b <= a for a, b in pairwise(levels)):
            raise _wrong(
                where, f"asks.{key}.degrees", f"levels {levels} do not rise", "Order degrees from nothing on"
            )
        for i, degree in enumerate(ask.degrees):
            if not all(c.isalnum() or c in "-_." for c in degree.name + key):
                raise _wrong(where, f"asks.{key}.degrees[{i}].name", f"{degree.name!r} is no plain name",
                             "Use letters, digits, - and _")  # fmt: skip
            for lever, value in degree.levers.items():
                at = f"asks.{key}.degrees[{i}].levers.{lever}"
                try:
                    Scenario(key, n.as_of).with_levers(**{lever: value})
                except OptionError as error:
                    raise _wrong(where, at, error.what, error.remedy or "") from error


def _check_actor(n: Negotiation, path: str, actor: Actor, where: str) -> None:
    total = sum(i.weight for i in actor.interests)
    if abs(total - 1) > 1e-6:
        raise _wrong(
            where, f"{path}.interests", f"weights add up to {total:.3g}, not 1",
            f"Multiply each by {1 / total:.4g}" if total > 0 else "Give at least one weight",
        )  # fmt: skip
    _check_range(actor.reservation.margin, actor.reservation.range, f"{path}.reservation", where)
    names = [i.name for i in actor.interests]
    for i, interest in enumerate(actor.interests):
        at = f"{path}.interests[{i}]"
        if (interest.outcome is None) == (interest.terms is None):
            raise _wrong(where, at, "needs either an outcome or terms: direct", "Give one of the two")
        if interest.outcome is not None:
            if interest.outcome not in n.outcomes:
                raise _wrong(
                    where,
                    f"{at}.outcome",
                    f"no outcome {interest.outcome!r}",
                    did_you_mean(interest.outcome, n.outcomes),
                )
            if interest.better is None or interest.scale is None:
                raise _wrong(
                    where, at, "an outcome needs better and scale", "e.g. better: fewer, scale: 100000"
                )
        if names.index(interest.name) != i:
            raise _wrong(where, at, f"{interest.name} stands twice", "Weigh it once")
        _check_range(interest.weight, interest.range, at, where)
    for ask, value in actor.terms.items():
        if ask not in n.asks:
            raise _wrong(where, f"{path}.terms.{ask}", "no such ask", did_you_mean(ask, n.asks))
        _check_range(value.value, value.range, f"{path}.terms.{ask}", where)
    if actor.terms and "terms" not in names:
        raise _wrong(where, f"{path}.terms", "have no weight", "Add an interest with terms: direct")


def _check_range(value: float, bounds: Range, path: str, where: str) -> None:
    if not bounds[0] <= value <= bounds[1]:
        raise _wrong(
            where, f"{path}.range", f"[{bounds[0]:g}, {bounds[1]:g}] does not hold {value:g}", "Widen it"
        )


def _check_links(n: Negotiation, where: str) -> None:
    needs: dict[str, set[str]] = {key: set() for key in n.asks}
    for i, link in enumerate(n.links):
        at = f"links[{i}]"
        for path, ask, degree in [
            (f"{at}.from", link.ask, link.from_),
            *((f"{at}.requires.{a}", a, d) for a, d in link.requires.items()),
        ]:
            if ask not in n.asks:
                raise _wrong(
                    where,
                    f"{at}.ask" if ask == link.ask else path,
                    f"no ask {ask!r}",
                    did_you_mean(ask, n.asks),
                )
            names = [d.name for d in n.asks[ask].degrees]
            if degree not in names[1:]:
                raise _wrong(where, path, f"{ask} has no degree {degree!r}", did_you_mean(degree, names[1:]))
        needs[link.ask] |= set(link.requires)
    cycle = _cycle(needs)
    if cycle:
        raise _wrong(
            where,
            "links",
            f"linkage goes in a circle: {' → '.join(cycle)}",
            "Take one link out, or make them one ask",
        )


def _cycle(needs: dict[str, set[str]]) -> list[str] | None:
    done: set[str] = set()

    def visit(key: str, trail: list[str]) -> list[str] | None:
        if key in trail:
            return [*trail[trail.index(key) :], key]
        if key in done:
            return None
        for other in sorted(needs[key]):
            found = visit(other, [*trail, key])
            if found:
                return found
        done.add(key)
        return None

    return next((found for key in sorted(needs) if (found := visit(key, []))), None)
