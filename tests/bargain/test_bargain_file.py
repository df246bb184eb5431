"""Negotiation files: what is wrong, where inside the file, and how to mend it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from caudal import bargain
from caudal._core.errors import CaudalError, InputError, OptionError

TEMPLATE = "2023-12-us-mexico"


def _template() -> dict[str, Any]:
    path = Path(bargain.__file__).parent / "templates" / f"{TEMPLATE}.yaml"
    return yaml.safe_load(path.read_text())  # type: ignore[no-any-return]


def _error(data: Any) -> str:
    with pytest.raises(CaudalError) as error:
        bargain.parse(data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False), "mine.yaml")
    line = str(error.value)
    assert "\n" not in line
    assert line.startswith("mine.yaml")
    return line


def test_public_names() -> None:
    public = {name for name in vars(bargain) if not name.startswith("_")} - {"annotations"}
    assert public == set(bargain.__all__)


def test_templates_are_valid() -> None:
    assert TEMPLATE in bargain.templates()
    for name in bargain.templates():
        negotiation, table = bargain.load(name)
        assert table is not None
        assert all(i.reason for a in negotiation.actors.values() for i in a.interests)
        assert any(o.humanitarian for o in negotiation.outcomes.values())


def test_weights_that_do_not_add_up() -> None:
    data = _template()
    data["actors"]["us"]["interests"][0]["weight"] = 0.5
    assert "actors.us.interests: weights add up to 1.1, not 1. Multiply each by 0.909" in _error(data)


@pytest.mark.parametrize("weight", [-0.1, 1.5, float("nan"), "much"])
def test_a_weight_that_is_none(weight: Any) -> None:
    data = _template()
    data["actors"]["mexico"]["interests"][2]["weight"] = weight
    assert "actors.mexico.interests[2].weight" in _error(data)


def test_an_unknown_lever() -> None:
    data = _template()
    data["asks"]["rail_control"]["degrees"][1]["levers"] = {"rail_contrl": 0.3}
    assert (
        "asks.rail_control.degrees[1].levers.rail_contrl: no lever 'rail_contrl'. Did you mean 'rail_control'?"
        in _error(data)
    )


def test_a_degree_a_lever_does_not_have() -> None:
    data = _template()
    data["asks"]["rail_control"]["degrees"][1]["levers"] = {"rail_control": 99}
    said = _error(data)
    assert "asks.rail_control.degrees[1].levers.rail_control" in said
    assert "0 to 1" in said


def test_cyclic_linkage() -> None:
    data = _template()
    data["links"] = [
        {"ask": "sanctions", "from": "talks", "requires": {"origin_aid": "some"}},
        {"ask": "origin_aid", "from": "some", "requires": {"rail_control": "firm"}},
        {"ask": "rail_control", "from": "some", "requires": {"sanctions": "talks"}},
    ]
    line = _error(data)
    assert "linkage goes in a circle: origin_aid → rail_control → sanctions → origin_aid" in line
    assert "Take one link out" in line


def test_an_ask_linked_to_itself() -> None:
    data = _template()
    data["links"] = [{"ask": "sanctions", "from": "relief", "requires": {"sanctions": "talks"}}]
    assert "circle: sanctions → sanctions" in _error(data)


def test_an_actor_without_reservation() -> None:
    data = _template()
    del data["actors"]["mexico"]["reservation"]
    assert "actors.mexico.reservation: is missing. Say what the actor has without a deal" in _error(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(asks={}), "asks: "),
        (lambda d: d.update(acters={}), "acters: is not understood. Did you mean 'actors'?"),
        (lambda d: d["actors"].pop("us"), "actors: "),
        (
            lambda d: d["asks"]["sanctions"].update(asked_by="cuba"),
            "asks.sanctions.asked_by: no actor 'cuba'",
        ),
        (lambda d: d["asks"]["sanctions"]["degrees"].reverse(), "asks.sanctions.degrees"),
        (lambda d: d["asks"]["sanctions"]["degrees"][2].update(level=0.2), "do not rise"),
        (lambda d: d["asks"]["sanctions"]["degrees"][2].update(name="talks"), "two degrees have one name"),
        (lambda d: d["asks"]["sanctions"]["degrees"][2].update(name="a=b"), "no plain name"),
        (
            lambda d: d["actors"]["us"]["interests"][0].update(outcome="encountrs"),
            "Did you mean 'encounters'?",
        ),
        (lambda d: d["actors"]["us"]["interests"][0].update(scale=0), "actors.us.interests[0].scale"),
        (
            lambda d: d["actors"]["us"]["interests"][0].pop("better"),
            "actors.us.interests[0]: an outcome needs better",
        ),
        (
            lambda d: d["actors"]["us"]["interests"][0].update(range=[0.5, 0.6]),
            "interests[0].range: [0.5, 0.6] does not",
        ),
        (lambda d: d["actors"]["us"]["interests"][0].update(terms="direct"), "either an outcome or terms"),
        (lambda d: d["actors"]["us"]["interests"][1].update(outcome="encounters"), "encounters stands twice"),
        (lambda d: d["actors"]["us"]["interests"][0].update(reason=""), "interests[0].reason"),
        (
            lambda d: d["actors"]["us"]["terms"].update(walls={"value": 0, "range": [0, 0], "reason": "x"}),
            "no such ask",
        ),
        (lambda d: d["actors"]["us"]["reservation"].update(margn=1), "Did you mean 'margin'"),
        (
            lambda d: d["links"][0].update({"from": "most"}),
            "links[0].from: southward_return has no degree 'most'",
        ),
        (lambda d: d["links"][0].update(requires={"aid": "some"}), "links[0].requires.aid: no ask 'aid'"),
        (lambda d: d["links"][0].update(requires={}), "links[0].requires"),
        (lambda d: d.update(as_of="last week"), "as_of"),
        (lambda d: d.update(format=2), "format"),
        (lambda d: d["actors"]["us"].update(title={"es": "Ejecutivo"}), "a text by language needs en"),
        (lambda d: d["actors"]["us"].update(title={"en": "x", "fr": "y"}), "language 'fr' is not one of"),
    ],
)
def test_every_mistake_names_its_path(change: Any, said: str) -> None:
    data = _template()
    change(data)
    assert said in _error(data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2", "mine.yaml line"),
        ("title: a\ntitle: b\n", "line 2, column 1: not YAML: key 'title' stands twice"),
        ("- 1\n- 2\n", "not a negotiation"),
        ("", "not a negotiation"),
        ("x: !!python/object/apply:os.system [ls]\n", "not YAML"),
        ("{1: 2, [a]: b}", "not YAML"),
        ("a: \x07\n", "not YAML"),
    ],
)
def test_text_that_is_no_negotiation(text: str, said: str) -> None:
    assert said in _error(text)


def test_neither_template_nor_file(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Did you mean '2023-12-us-mexico'"):
        bargain.load("2023-12-us-mexic")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        bargain.load(tmp_path / "b.yaml")
    data = _template()
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(data))
    with pytest.raises(InputError, match="outcome_table: no file"):
        bargain.load(tmp_path / "c.yaml")
    with pytest.raises(OptionError):
        bargain.load(tmp_path)


def test_too_many_packages() -> None:
    data = _template()
    for i in range(4):
        data["asks"][f"more{i}"] = {**data["asks"]["rail_control"], "short": f"more {i}"}
    negotiation = bargain.parse(yaml.safe_dump(data))
    with pytest.raises(InputError, match="157,464 packages, more than 16,384"):
        bargain.enumerate_packages(negotiation)


def test_packages_by_name() -> None:
    packages = bargain.enumerate_packages(bargain.load(TEMPLATE)[0])
    assert len(packages) == 1944
    for index in (0, 1, 777, 1943):
        assert packages.index(packages.name(index)) == index
    assert packages.name(0) == "no-deal"
    one = packages.index("origin_aid=large + rail_control=some")
    assert packages.contents(one) == {"rail_control": "some", "origin_aid": "large"}
    for wrong, said in (
        ("rail=some", "Did you mean 'rail_control'"),
        ("rail_control=sme", "Did you mean 'some'"),
        ("rail_control=some,rail_control=firm", "stands twice"),
        ("rail_control", "has no degree ''"),
    ):
        with pytest.raises(OptionError, match=said):
            packages.index(wrong)


def test_linkage_rules_packages_out() -> None:
    packages = bargain.enumerate_packages(bargain.load(TEMPLATE)[0])
    assert not packages.allowed[packages.index("southward_return=full")]
    assert packages.allowed[packages.index("southward_return=full,origin_aid=some")]
    assert packages.allowed[packages.index("southward_return=full,origin_aid=large")]
    assert packages.allowed[packages.index("southward_return=half")]
    brute = sum(
        not (c.get("southward_return") == "full" and "origin_aid" not in c)
        and not (c.get("sanctions") == "relief" and "interior_enforcement" not in c)
        for c in (packages.contents(i) for i in range(len(packages)))
    )
    assert packages.allowed.sum() == brute


def test_a_template_says_nothing_of_what_came_later() -> None:
    for name in bargain.templates():
        told, _ = bargain.load(name)
        for text in told.note.values() if isinstance(told.note, dict) else [told.note]:
            years = {int(year) for year in re.findall(r"\b20\d\d\b", text)}
            assert all(year <= told.as_of.year for year in years), text
