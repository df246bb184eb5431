"""Levers as declared: fifteen, each with a file, a prior and limits; combined without counting twice."""

from __future__ import annotations

from datetime import date
from importlib import resources

import numpy as np
import pytest

from caudal import levers
from caudal._core.tables import declared
from caudal.corridor import HANDLES
from caudal.levers._combine import WAYS, parameters, weight
from caudal.levers._known import DAYS, known_evidence
from caudal.levers._lever import Context, Setting, action_of
from caudal.levers._prior import prior, strengths
from caudal.levers._scenario import port_names
from caudal.levers._sensitivity import shares

REQUIRED = {
    "rail_control", "interior_enforcement", "southward_return", "visa_rule", "ports_open", "lawful_appointments",
    "parole_programme", "expulsion_authority", "removal_flights", "asylum_rule", "sanctions_relief", "origin_aid",
    "state_enforcement", "mexican_visas", "barrier",
}  # fmt: skip
CLASSES = (
    "mexico",
    "guatemala",
    "cuba",
    "haiti",
    "nicaragua",
    "venezuela",
    "colombia",
    "peru",
    "honduras",
    "el-salvador",
)
CONTEXT = Context(CLASSES, ("DRT", "RGV", "LRT", "EPT", "BBT", "TCA"), port_names(), 1450.0, 200_000.0)
MONTHS = (date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1))


def setting(name: str, degree: float, **more: object) -> Setting:
    given = {"degree": degree, **more}
    if name == "ports_open":
        given.setdefault("targets", ["lukeville"])
    (found,) = levers.Scenario("x", "2023-12-22").with_levers(**{name: given}).settings
    return found


def given(*settings: Setting, draws: int = 5) -> list[dict]:
    moves = []
    for s in settings:
        strength = strengths(prior(s.lever.name, date(2023, 12, 22)), draws, 1)
        moves += [(s, m) for m in action_of(s.lever.name)(s, strength, CONTEXT)]
    neutral = {"return_south": np.full(draws, 0.5), "appointments_per_day": np.full(draws, 1450.0)}
    return parameters(moves, MONTHS, draws, neutral)


def test_the_required_levers_each_have_a_file_and_a_prior() -> None:
    assert set(levers.levers()) == REQUIRED
    files = {p.name.removesuffix(".py") for p in (resources.files("caudal.levers") / "kinds").iterdir()}
    assert files >= REQUIRED
    assert {r["lever"] for r in declared("caudal.levers", "priors.csv")} == REQUIRED


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_lever_moves_only_declared_parameters_of_the_corridor(name: str) -> None:
    from caudal import corridor

    known = set(corridor.assumptions()["parameter"].to_list()) | set(HANDLES)
    top = levers.lever(name).high
    for one in given(setting(name, top)):
        assert one
        assert set(one) <= known
        assert set(one) <= set(WAYS)


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_degree_zero_sets_nothing(name: str) -> None:
    assert given(setting(name, 0)) == [{}] * 5


@pytest.mark.parametrize(
    "name", ["rail_control", "southward_return", "interior_enforcement", "mexican_visas"]
)
def test_parameters_are_monotone_in_degree(name: str) -> None:
    high = levers.lever(name).high
    parameter = levers.lever(name).parameter
    path = [given(setting(name, high * d))[2][parameter][0][1] for d in (0.2, 0.5, 1.0)]
    assert path == sorted(path) or path == sorted(path, reverse=True)
    assert path[0] != path[2]


def test_two_levers_on_one_mechanism_stay_within_its_limit() -> None:
    for name, other in (("mexican_visas", 60_000.0), ("rail_control", 1.0), ("interior_enforcement", 1.0)):
        one = setting(name, other)
        parameter = one.lever.parameter
        way = WAYS[parameter]
        for few, many in zip(given(one), given(one, one, one), strict=True):
            a, b = (x[parameter][0][1] for x in (few, many))
            assert way.low <= b <= way.high
            # Never more than three times as much, and never past the limit.
            start = 1.0
            assert abs(b - start) >= abs(a - start) - 1e-12
    both = given(setting("state_enforcement", 1.0), setting("barrier", 1.0, targets=["DRT"]))
    alone = given(setting("state_enforcement", 1.0))
    for b, a in zip(both, alone, strict=True):
        x, y = b["sector_shift"]["DRT"][-1][1], a["sector_shift"]["DRT"][-1][1]
        assert y <= x <= 0.5
    relief = given(setting("sanctions_relief", 1.0), setting("asylum_rule", 1.0))
    for one in relief:
        for _, value in one["origin_inflow"]["venezuela"]:
            assert WAYS["origin_inflow"].low <= value <= WAYS["origin_inflow"].high


def test_onset_and_wearing_off() -> None:
    slow = setting("sanctions_relief", 1.0, **{"from": "2023-12-01"})
    assert weight(slow, MONTHS[0]) == pytest.approx(1 / 18)
    assert weight(slow, MONTHS[2]) == pytest.approx(3 / 18)
    fading = setting("interior_enforcement", 1.0, **{"from": "2023-12-01"})
    assert weight(fading, MONTHS[0]) == 1
    assert weight(fading, date(2024, 3, 1)) == pytest.approx(0.5)
    assert weight(setting("rail_control", 1.0, **{"from": "2024-02-01"}), MONTHS[0]) == 0


def test_priors_know_nothing_later() -> None:
    early, late = prior("asylum_rule", date(2023, 12, 22)), prior("asylum_rule", date(2025, 9, 1))
    assert early.status == "not identified"
    assert late.status == "identified"
    assert late.mid < early.mid
    assert prior("lawful_appointments", date(2024, 2, 1)).grade == "D"
    assert prior("lawful_appointments", date(2024, 4, 1)).grade == "B"
    assert known_evidence(date(2020, 1, 1)) == ()
    for day in DAYS:
        assert {k.as_of for k in known_evidence(date.fromisoformat(day))} <= {date.fromisoformat(day)}


def test_a_package_never_identifies_a_single_lever() -> None:
    found = prior("parole_programme", date(2025, 9, 1))
    assert any(k.status == "identified" for k in found.studies)
    assert found.status == "suggestive"


def test_the_sign_of_sanctions_stays_open() -> None:
    for day in (date(2023, 12, 22), date(2025, 9, 1)):
        drawn = strengths(prior("sanctions_relief", day), 400, 1)
        assert (drawn < 0).mean() > 0.15
        assert (drawn > 0).mean() > 0.15


def test_strengths_are_paired_and_reproducible() -> None:
    p = prior("rail_control", date(2023, 12, 22))
    np.testing.assert_array_equal(strengths(p, 50, 3), strengths(p, 50, 3))
    assert not np.array_equal(strengths(p, 50, 3), strengths(p, 50, 4))
    low, mid, high = np.quantile(strengths(p, 2000, 1), [0.1, 0.5, 0.9])
    assert (low, mid, high) == pytest.approx((p.low, p.mid, p.high), abs=0.05)


def test_shares_of_variance_agree_with_the_truth_and_with_salib() -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import rbd_fast
    rng = np.random.default_rng(3)
    x = {k: rng.uniform(0, 1, 800) for k in ("a", "b", "c")}
    y = 3 * x["a"] + 1 * x["b"] + 0.0 * x["c"]
    found = shares(x, y)
    assert found["a"] == pytest.approx(0.9, abs=0.04)
    assert found["b"] == pytest.approx(0.1, abs=0.04)
    assert sum(found.values()) == pytest.approx(1)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = rbd_fast.analyze(problem, np.stack(list(x.values()), axis=1), y, seed=1)
    for name, first in zip("abc", theirs["S1"], strict=True):
        assert found[name] == pytest.approx(first, abs=0.08)
    assert shares(x, np.ones(800)) == {}


def test_asking_for_the_levers_works_after_their_files_were_read() -> None:
    # A package of the function's name would take its place when first imported.
    for name in REQUIRED:
        assert callable(action_of(name))
    assert set(levers.levers()) == REQUIRED
