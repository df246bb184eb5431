"""Solving whole negotiations: templates, tables of outcomes, robustness, no agreement, time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from caudal import bargain
from caudal._core.errors import CaudalError, InputError, OptionError
from caudal.bargain._utility import draw_weights

Command = Callable[..., "CompletedProcess[str]"]
TEMPLATE = "2023-12-us-mexico"


@pytest.fixture(scope="module")
def solved() -> bargain.Bargain:
    return bargain.solve(TEMPLATE, draws=500, seed=1)


def _data() -> dict[str, Any]:
    path = Path(bargain.__file__).parent / "templates" / f"{TEMPLATE}.yaml"
    return yaml.safe_load(path.read_text())  # type: ignore[no-any-return]


def _table() -> pl.DataFrame:
    """Return a table of stated ranges; the template's own holds draws of the corridor."""
    return bargain.read_table(Path(__file__).with_name("stated.csv").read_text())


@pytest.fixture(scope="module")
def stated() -> bargain.Bargain:
    return bargain.solve(TEMPLATE, outcomes=_table(), draws=500, seed=1)


def test_the_shape_others_rely_on(solved: bargain.Bargain) -> None:
    data = json.loads(json.dumps(solved.to_dict()))
    assert {"packages", "pareto", "agreement_zone", "solutions", "acceptability", "influential"} <= set(data)
    assert len(data["packages"]) == 1944
    for package in data["packages"][:50]:
        assert set(package["outcomes"]) == {"encounters", "lawful_entries", "stranded", "deaths"}
        for outcome in package["outcomes"].values():
            low, high = outcome["interval_80"]
            assert low <= high


def test_gains_are_utility_over_no_deal(solved: bargain.Bargain) -> None:
    """One package by hand, from the file's own numbers."""
    data, packages = _data(), solved.packages
    index = packages.index("rail_control=some,trade_crossings=open")
    levels = solved.point.levels(packages)[index]
    change = dict(zip(data["outcomes"], levels - solved.point.base, strict=True))
    for column, actor in enumerate(data["actors"].values()):
        total = -actor["reservation"]["margin"]
        for interest in actor["interests"]:
            if "outcome" in interest:
                sign = 1 if interest["better"] == "more" else -1
                total += interest["weight"] * sign * change[interest["outcome"]] / interest["scale"]
            else:
                worth = (
                    0.5 * actor["terms"]["rail_control"]["value"] + actor["terms"]["trade_crossings"]["value"]
                )
                total += interest["weight"] * worth
        assert solved.gains[index, column] == pytest.approx(total)


def test_nothing_shown_as_agreement_is_worse_for_anybody(solved: bargain.Bargain) -> None:
    zone = solved.zone
    assert zone.any()
    assert (solved.gains[zone] >= -1e-12).all()
    assert solved.packages.allowed[zone].all()
    assert not zone[0]
    for key in ("nash", "kalai_smorodinsky", "egalitarian"):
        index = solved.solutions[key]
        assert index is not None
        assert zone[index]
        assert solved.pareto[index]


def test_the_result_is_stable_to_the_seed(solved: bargain.Bargain) -> None:
    for seed in (2, 3):
        other = bargain.solve(TEMPLATE, draws=500, seed=seed)
        assert other.solutions == solved.solutions
        np.testing.assert_array_equal(other.gains, solved.gains)
        index = solved.recommended
        assert abs(other.acceptable[index] - solved.acceptable[index]) < 0.05
        top = [i.name for i in solved.influential[:3]]
        assert top == [i.name for i in other.influential[:3]]
    again = bargain.solve(TEMPLATE, draws=500, seed=1)
    assert json.dumps(again.to_dict()) == json.dumps(solved.to_dict())


def test_acceptability_counts_draws_of_weightings(solved: bargain.Bargain) -> None:
    assert 0 < solved.acceptable[solved.recommended] <= 1
    assert solved.chosen.sum() == pytest.approx(solved.agreement)
    assert solved.acceptable[0] == 0
    assert (solved.chosen <= solved.acceptable + 1e-12).all()


def test_linkage_value_is_joint_less_issue_by_issue(solved: bargain.Bargain) -> None:
    alone = solved.solutions["issue_by_issue"]
    value = solved.linkage_value
    assert value is not None
    expected = solved.gains[solved.recommended] - solved.gains[alone]
    assert list(value.values()) == pytest.approx(expected.tolist())
    # By hand: an ask alone is settled at the degree with the largest product of gains that leaves nobody worse off.
    packages = solved.packages
    for ask, definition in solved.negotiation.asks.items():
        best, top = "none", 0.0
        for degree in definition.degrees[1:]:
            index = packages.index(f"{ask}={degree.name}")
            gains = solved.gains[index]
            if packages.allowed[index] and gains.min() >= 0 and gains.max() > 0 and gains.prod() > top:
                best, top = degree.name, float(gains.prod())
        assert packages.contents(alone).get(ask, "none") == best


def test_influence_says_what_flips(stated: bargain.Bargain) -> None:
    flips = [i for i in stated.influential if i.flips]
    assert flips
    now = stated.packages.name(stated.recommended)
    assert all(now != i.at_low or now != i.at_high for i in flips)
    first = stated.influential[0]
    # By hand: put the most influential assumption into the table and solve again.
    assert first.kind == "effect"
    term, outcome = first.name.split(" → ")
    table = _table().with_columns(
        *(
            pl.when((pl.col("scenario") == term) & (pl.col("outcome") == outcome))
            .then(pl.lit(first.low))
            .otherwise(pl.col(c))
            .alias(c)
            for c in ("low", "mid", "high")
        )
    )
    moved = bargain.solve(TEMPLATE, outcomes=table, draws=10)
    assert moved.packages.name(moved.recommended) == first.at_low
    kinds = {i.kind for i in stated.influential}
    assert kinds == {"weight", "term", "margin", "effect", "level"}


def _hopeless() -> bargain.Negotiation:
    data = _data()
    for value in data["actors"]["mexico"]["terms"].values():
        value.update(value=-5.0, range=[-6.0, -4.0])
    return bargain.parse(yaml.safe_dump(data))


def test_a_game_without_agreement_says_so_and_why() -> None:
    result = bargain.solve(_hopeless(), outcomes=_table(), draws=20)
    assert result.recommended is None
    assert set(result.solutions.values()) == {None}
    assert not result.zone.any()
    assert result.agreement == 0
    assert result.linkage_value is None
    assert "No package leaves every actor at least as well off as no deal" in result.why
    assert "Nothing on the table is better than no deal for mexico" in result.why
    assert json.dumps(result.to_dict())
    assert "No package" in bargain.pareto_chart(result).to_dict()["title"]["text"]
    assert bargain.acceptability_chart(result).to_dict()
    assert "better off without a deal" in bargain.explain(result, "trade_crossings=open")["verdict"]


def test_draws_of_a_simulation_join_without_change() -> None:
    """The same world as stated ranges and as paired draws: the join differs, the bargaining does not."""
    stated = bargain.solve(TEMPLATE, draws=400)
    joined, packages = stated.outcomes, stated.packages
    rows = []
    for draw in range(400):
        for k, outcome in enumerate(joined.names):
            rows.append(("no-deal", draw, outcome, joined.base[draw, k]))
            for t, term in enumerate(packages.terms):
                rows.append(
                    (term, draw, outcome, joined.base[draw, k] * np.exp(joined.log_ratio[draw, t, k]))
                )
    frame = pl.DataFrame(rows, schema=["scenario", "draw", "outcome", "value"], orient="row")
    drawn = bargain.solve(TEMPLATE, outcomes=frame, draws=400)
    np.testing.assert_allclose(drawn.acceptable, stated.acceptable, atol=0.01)
    assert np.corrcoef(drawn.gains[:, 0], stated.gains[:, 0])[0, 1] > 0.99


def test_a_package_simulated_whole_is_used_as_it_is() -> None:
    name = "rail_control=some,trade_crossings=open"
    whole = pl.DataFrame(
        [(name, o, *[0.5 if o == "encounters" else 1.0] * 3) for o in bargain.load(TEMPLATE)[0].outcomes],
        schema=["scenario", "outcome", "low", "mid", "high"], orient="row",
    )  # fmt: skip
    table = pl.concat([_table().select(whole.columns), whole])
    result = bargain.solve(TEMPLATE, outcomes=table, draws=300)
    told = result.package(result.packages.index("trade_crossings=open,rail_control=some"))
    assert told["simulated"] == "whole"
    assert told["outcomes"]["encounters"]["change"] == pytest.approx(
        -0.5 * result.outcomes.base.mean(axis=0)[0], rel=0.05
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop("mid"), "columns are missing"),
        (lambda t: t.filter(pl.col("scenario") != "no-deal"), "no scenario 'no-deal'"),
        (
            lambda t: t.filter(pl.col("scenario") != "rail_control=firm"),
            "no outcomes for 'rail_control=firm'",
        ),
        (
            lambda t: t.filter(~((pl.col("scenario") == "no-deal") & (pl.col("outcome") == "deaths"))),
            "has no 'deaths'",
        ),
        (lambda t: pl.concat([t, t.head(1)]), "stands twice"),
        (lambda t: t.with_columns(low=pl.lit(-1.0)), "0 < low"),
        (lambda t: t.with_columns(low=pl.lit("few")), "0 < low"),
        (lambda t: t.with_columns(high=pl.lit(None, dtype=pl.Float64)), "0 < low"),
        (
            lambda t: t.with_columns(
                scenario=pl.col("scenario").replace({"rail_control=some": "rail_control=bit"})
            ),
            "is no package",
        ),
    ],
)
def test_bad_outcome_tables(change: Callable[[pl.DataFrame], pl.DataFrame], said: str) -> None:
    with pytest.raises(InputError) as error:
        bargain.solve(TEMPLATE, outcomes=change(_table()), draws=10)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("no-deal", 0, "encounters", -5.0)], "negative"),
        ([("no-deal", 0, "encounters", 5.0)] * 2, "two values"),
        ([("no-deal", 0, "encounters", None)], "missing"),
        (
            [("no-deal", 0, "encounters", 5.0), ("no-deal", 1, "encounters", 5.0), ("x", 0, "encounters", 5.0)],
            "1 draws of 2",
        ),
    ],
)  # fmt: skip
def test_bad_draws(rows: list[tuple[Any, ...]], said: str) -> None:
    kinds = {"scenario": pl.String, "draw": pl.Int64, "outcome": pl.String, "value": pl.Float64}
    with pytest.raises(CaudalError, match=said):
        bargain.solve(TEMPLATE, outcomes=pl.DataFrame(rows, schema=kinds, orient="row"), draws=10)


def test_numbers_out_of_range() -> None:
    for wrong in ({"draws": -5}, {"draws": 0}, {"draws": 10**7}, {"seed": -1}):
        with pytest.raises(OptionError):
            bargain.solve(TEMPLATE, **wrong)


def test_drawn_weights_add_up_and_stay_in_range() -> None:
    low, high = np.array([0.25, 0.02, 0.0, 0.03, 0.25]), np.array([0.55, 0.2, 0.12, 0.2, 0.5])
    drawn = draw_weights(np.array([0.4, 0.1, 0.05, 0.1, 0.35]), low, high, 4000, np.random.default_rng(1))
    np.testing.assert_allclose(drawn.sum(axis=1), 1, atol=1e-9)
    assert (drawn >= low - 1e-12).all()
    assert (drawn <= high + 1e-12).all()
    # Uniform on the polytope: the same means as rejection from the box with the last weight left to fill up.
    rng = np.random.default_rng(2)
    box = low[:4] + (high[:4] - low[:4]) * rng.random((400_000, 4))
    rest = 1 - box.sum(axis=1)
    kept = np.column_stack([box, rest])[(rest >= low[4]) & (rest <= high[4])]
    np.testing.assert_allclose(drawn.mean(axis=0), kept.mean(axis=0), atol=0.004)
    np.testing.assert_allclose(drawn.std(axis=0), kept.std(axis=0), atol=0.004)


@pytest.mark.slow
def test_the_largest_negotiation_takes_ten_seconds() -> None:
    data = _data()
    data["asks"] = {
        f"ask{i}": {
            **data["asks"]["trade_crossings"], "short": f"a{i}",
            "degrees": [{"name": "none"}, {"name": "yes", "level": 1, "levers": {"rail_control": 1}}],
        }
        for i in range(14)
    }  # fmt: skip
    data["links"] = []
    for sign, actor in zip((1, -1), data["actors"].values(), strict=True):
        actor["terms"] = {
            f"ask{i}": {"value": 0.1 * sign * (-1) ** i, "range": [-0.2, 0.2], "reason": "x"}
            for i in range(14)
        }
    rows = [
        (s, o, lo, 1.0, hi)
        for s, lo, hi in [(f"ask{i}=yes", 0.9, 1.05) for i in range(14)]
        for o in data["outcomes"]
    ]
    rows += [("no-deal", o, 900.0, 1000.0, 1100.0) for o in data["outcomes"]]
    table = pl.DataFrame(rows, schema=["scenario", "outcome", "low", "mid", "high"], orient="row")
    negotiation = bargain.parse(yaml.safe_dump(data))
    start = time.process_time()
    result = bargain.solve(negotiation, outcomes=table, draws=1000)
    assert time.process_time() - start < 10
    assert len(result.packages) == 2**14


def test_charts_name_what_is_in_a_package(stated: bargain.Bargain) -> None:
    spec = bargain.pareto_chart(stated).to_dict()
    assert any(line.startswith("A (Nash") and "rail" in line for line in spec["title"]["subtitle"])
    bars = bargain.acceptability_chart(stated).to_dict()
    assert "survives" in bars["title"]["text"]


def test_labels_and_charts_in_spanish(stated: bargain.Bargain) -> None:
    spec = bargain.pareto_chart(stated, language="es").to_dict()
    assert "podrían acordarse" in spec["title"]["text"]
    assert any("trenes: parcial" in line for line in spec["title"]["subtitle"])
    assert "sobrevive" in bargain.acceptability_chart(stated, language="es").to_dict()["title"]["text"]
    assert stated.packages.label(0, "es") == "sin acuerdo"
    assert stated.summary("es")["title"] == "Estados Unidos y México, diciembre de 2023"
    with pytest.raises(OptionError, match="no language 'fr'"):
        stated.summary("fr")


def test_on_the_command_line(caudal_command: Command, tmp_path: Path) -> None:
    run = caudal_command("bargain", "run", TEMPLATE, "--draws", 60, "--seed", 3, "--format", "json")
    data = json.loads(run.stdout)
    assert data["solutions"]["nash"]["package"] in data["agreement_zone"]
    shown = caudal_command("bargain", "run", "--draws", 60, "--chart", tmp_path / "p.svg").stdout
    assert "nash" in shown
    assert "Assumptions that move the recommendation most" in shown
    assert (tmp_path / "p.svg").is_file()
    told = caudal_command(
        "bargain", "explain", "rail_control=some+southward_return=full", "--draws", 30
    ).stdout
    assert "Not allowed: southward_return=full only if origin_aid=some" in told
    (tmp_path / "mine.yaml").write_text(
        caudal_command("bargain", "template").stdout.replace("weight: 0.40", "weight: 0.60")
    )
    (tmp_path / f"{TEMPLATE}.outcomes.csv").write_text(
        caudal_command("bargain", "template", "--table").stdout
    )
    wrong = caudal_command("bargain", "run", tmp_path / "mine.yaml", check=False)
    assert wrong.returncode == 2
    assert "mine.yaml: actors.us.interests: weights add up to 1.2" in wrong.stderr
    assert wrong.stderr.count("\n") == 1
    (tmp_path / "none.yaml").write_text(yaml.safe_dump(_hopeless().model_dump(by_alias=True, mode="json")))
    none = caudal_command("bargain", "run", tmp_path / "none.yaml", "--draws", 20, check=False)
    assert none.returncode == 1
    assert "Nothing on the table is better than no deal for mexico" in none.stderr
    assert caudal_command("bargain", "run", "--draws", -4, check=False).returncode == 2


def test_verdicts_and_labels_follow_the_language(solved: bargain.Bargain) -> None:
    for package in (
        "no-deal",
        "rail_control=some,origin_aid=large",
        "southward_return=full",
        "ports_reopen=yes",
    ):
        if package == "ports_reopen=yes":
            package = solved.packages.name(solved.recommended or 0)
        english, spanish = (bargain.explain(solved, package, language=one) for one in ("en", "es"))
        assert english["verdict"] != spanish["verdict"]
        assert english["gains"] == spanish["gains"]
    assert spanish["verdict"].startswith("Podría acordarse")
    assert "Nash" in spanish["verdict"]
    assert solved.to_dict("es")["actors"]["us"] == "Ejecutivo de Estados Unidos"
    with pytest.raises(OptionError, match="no language 'fr'"):
        bargain.explain(solved, "no-deal", language="fr")


def test_why_nothing_can_be_agreed_is_said_in_both_languages() -> None:
    data = _data()
    for actor in data["actors"].values():
        for term in actor["terms"].values():
            term |= {"value": -1.0, "range": [-1.0, -1.0]}
    data["outcome_table"] = None
    result = bargain.solve(bargain.parse(yaml.safe_dump(data), "x.yaml"), outcomes=_table(), draws=20)
    assert result.recommended is None
    assert result.why_none("en") == result.why
    assert result.why_none("es").startswith("Ningún paquete deja a cada parte")


def test_the_command_speaks_spanish(caudal_command: Command) -> None:
    told = caudal_command("bargain", "run", "--draws", "20", "--lang", "es").stdout
    assert "paquetes podrían acordarse" in told
    assert "Soluciones" in told
    assert "could be agreed" not in told


def test_a_copied_template_is_told_how_to_get_its_table(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(_data()))
    with pytest.raises(InputError, match="caudal bargain template --table > 2023-12-us-mexico"):
        bargain.solve(tmp_path / "mine.yaml")


@pytest.mark.slow
def test_the_page_on_bargaining_says_what_the_template_gives() -> None:
    page = (Path(__file__).parents[2] / "docs" / "methods" / "bargain.md").read_text()
    found = bargain.solve(TEMPLATE, draws=1000, seed=1)
    shown = found.to_dict()
    nash = shown["solutions"]["nash"]
    no_deal = nash["outcomes"]["encounters"]["mean"] - nash["outcomes"]["encounters"]["change"]
    allowed = sum(p["allowed"] for p in shown["packages"]) - 1  # no deal is none
    for words in (
        f"{len(shown['agreement_zone']):,} of {allowed:,} allowed packages could be agreed",
        f"{len(shown['pareto'])} are undominated",
        f"{nash['gains']['us']:.2f} (US) and {nash['gains']['mexico']:.2f} (Mexico)",
        f"survives in {nash['acceptable']:.0%}".replace("%", " %"),
        f"{round(nash['outcomes']['encounters']['mean'], -3):,.0f} [",
        f"against {round(no_deal, -3):,.0f} without a deal",
    ):
        assert words in page
