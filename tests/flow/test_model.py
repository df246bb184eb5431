"""General rules on small networks: closed forms, queue theory, a simpy model, agents against cohorts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from caudal import CaudalError
from caudal.flow import Gate, Hazard, Model, Passage, daily_capacity, run_model


def corridor(steps: int = 60, **changes: Any) -> Model:
    """A small corridor: two classes, an interception that sends back, a gate with a queue, a late change of class."""
    inflow = np.zeros((steps, 5, 2))
    inflow[:, 0] = (120, 60)
    base: dict[str, Any] = {
        "places": ["south", "hub", "city", "north", "out"],
        "classes": ["a", "b"],
        "links": [
            Passage("south", "hub", 3),
            Passage("hub", "city", 2),
            Passage("hub", "north", 4),
            Passage("city", "north", 1),
            Passage("north", "out", 1),
        ],
        "steps": steps,
        "inflow": inflow,
        "leave": np.array([[0.5, 0.3], [0.4, 0.4], [1.0, 1.0], [0.9, 0.9], [0.0, 0.0]]),
        "choice": np.array([[1, 1], [0.7, 0.4], [0.3, 0.6], [1, 1], [1, 1]], dtype=float),
        "hazards": [
            Hazard("interception", ("hub", "city"), [0.1, 0.05], to="south", delay=6),
            Hazard("gives up", "hub", 0.01),
        ],
        "gates": [Gate(("city", "north"), 40, abandon=[0.0, 0.02], abandon_to="hub")],
        "switch": {"hub": [[0.9, 0.1], [0.0, 1.0]]},
    }
    return Model(**(base | changes))


def total_inflow(model: Model) -> Any:
    return model.inflow.sum(axis=(1, 2)).cumsum()


@pytest.mark.parametrize("engine", ["cohort", "expected", "agent"])
def test_people_are_conserved_and_gates_hold(engine: Any) -> None:
    model = corridor()
    done = run_model(model, 3, engine=engine)
    inside = done.inside.sum(axis=1) + done.left.sum(axis=1).cumsum()
    np.testing.assert_allclose(inside, total_inflow(model), rtol=1e-12)
    assert done.served.sum(axis=2).max() <= 40 + 1e-9
    assert done.queue[-1].sum() > 0
    for part in (done.stock, done.on_link, done.queue, done.away):
        assert part.min() >= -1e-9
    assert done.events.sum(axis=0).min() > 0


def test_cohorts_and_agents_are_equal_in_distribution() -> None:
    model = corridor(steps=40)
    a = [run_model(model, i) for i in range(200)]
    b = [run_model(model, i + 999, engine="agent") for i in range(200)]
    rows = []
    for name in ("stock", "queue", "on_link", "events", "away"):
        x, y = (np.stack([getattr(r, name)[9::10] for r in runs]) for runs in (a, b))
        se = np.sqrt((x.var(axis=0) + y.var(axis=0)) / 200)
        rows.append(((x.mean(axis=0) - y.mean(axis=0))[se > 0] / se[se > 0]).ravel())
    z = np.concatenate(rows)
    assert 0.8 < np.sqrt((z**2).mean()) < 1.2
    assert 2 * stats.norm.sf(np.abs(z).max()) * len(z) > 0.01


def test_expected_flow_is_the_mean_where_nothing_binds() -> None:
    model = corridor(steps=40, gates=())
    expected = run_model(model, engine="expected")
    runs = np.stack([run_model(model, i).stock for i in range(300)])
    se = runs.std(axis=0) / math.sqrt(300)
    z = (runs.mean(axis=0) - expected.stock)[se > 0] / se[se > 0]
    assert np.sqrt((z**2).mean()) < 1.3


def line(steps: int, gate: Gate, inflow: Any, **changes: Any) -> Model:
    flow = np.zeros((steps, 2, 1))
    flow[:, 0, 0] = inflow
    return Model(
        places=["a", "b"],
        classes=["all"],
        links=[Passage("a", "b", 1)],
        steps=steps,
        inflow=flow,
        leave=np.array([[1.0], [0.0]]),
        choice=np.array([[1.0]]),
        gates=[gate],
        **changes,
    )


def test_deterministic_queue_waits_as_long_as_arithmetic_says() -> None:
    done = run_model(line(100, Gate(("a", "b"), 100), 150))
    np.testing.assert_array_equal(done.queue[:, 0, 0], 50 * np.arange(1, 101))
    # Whoever joins on day j meets 50 j people before them: the last of the day waits floor((50 j + 149) / 100) days.
    waits = np.zeros(100)
    for person in range(100 * 100):
        waits[person // 100 - person // 150] += 1
    np.testing.assert_array_equal(done.waits[0, :, 0], waits)


def test_opening_hours_and_closed_days() -> None:
    capacity = daily_capacity(10, [8, 8, 8, 8, 8, 4, 0], 14, first_weekday=5, closed=[3])
    assert capacity[:9].tolist() == [40, 0, 80, 0, 80, 80, 80, 40, 0]
    done = run_model(line(14, Gate(("a", "b"), capacity), 60))
    assert (done.served[:, 0, 0] <= capacity).all()
    assert done.served[1, 0, 0] == 0
    with pytest.raises(CaudalError, match="seven"):
        daily_capacity(10, [8], 14)


def test_many_servers_with_random_service_meet_erlang() -> None:
    """A step of a fiftieth of the mean service time stands for continuous time: M/M/c."""
    arrivals, service, servers, steps = 0.05, 0.02, 3, 400_000
    done = run_model(
        line(steps, Gate(("a", "b"), servers, service=service), arrivals, poisson_inflow=True), 1
    )
    load = arrivals / service
    top = load**servers / math.factorial(servers) / (1 - load / servers)
    waiting = top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)
    length = waiting * load / (servers - load) + load  # people waiting and in service
    assert done.queue[2000:].sum(axis=(1, 2)).mean() == pytest.approx(length, rel=0.05)


def test_waiting_times_meet_a_simpy_model() -> None:
    """Bulk service once a day from a line in order of arrival, two classes: the same distribution of waits."""
    steps, capacity, means = 200, 30, (18.0, 11.0)

    def simulated(seed: int) -> list[int]:
        rng = np.random.default_rng(seed)
        env = simpy.Environment()
        line_of: list[tuple[int, int]] = []
        waits: list[int] = []

        def day() -> Any:
            while True:
                today = [(int(env.now), c) for c, m in enumerate(means) for _ in range(rng.poisson(m))]
                rng.shuffle(today)
                line_of.extend(today)
                for joined, c in line_of[:capacity]:
                    if c == 0:
                        waits.append(int(env.now) - joined)
                del line_of[:capacity]
                yield env.timeout(1)

        env.process(day())
        env.run(until=steps)
        return waits

    theirs = np.array([np.bincount(simulated(i), minlength=12)[:12] for i in range(150)], dtype=float)
    flow = np.zeros((steps, 2, 2))
    flow[:, 0] = means
    model = Model(
        places=["a", "b"],
        classes=["x", "y"],
        links=[Passage("a", "b")],
        steps=steps,
        inflow=flow,
        leave=np.array([[1.0, 1.0], [0.0, 0.0]]),
        choice=np.ones((1, 2)),
        gates=[Gate(("a", "b"), capacity)],
        poisson_inflow=True,
    )
    ours = np.array([run_model(model, i).waits[0, :12, 0] for i in range(150)])
    p = [stats.ks_2samp(theirs[:, w], ours[:, w]).pvalue for w in range(8) if theirs[:, w].sum() > 200]
    assert len(p) >= 4
    assert min(p) * len(p) > 0.01


def test_hazards_and_returns_meet_the_closed_form() -> None:
    """Each attempt succeeds with chance q; the struck come back after a delay and try again."""
    q, delay, steps, people = 0.7, 4, 80, 100_000
    start = np.array([[float(people)], [0.0]])
    model = line(
        steps,
        Gate(("a", "b"), 10**9),
        0,
        initial=start,
        hazards=[Hazard("sent back", ("a", "b"), 1 - q, to="a", delay=delay)],
    )
    done = run_model(model, engine="expected")
    rounds = np.arange(steps) // (delay + 1)
    # Attempt n starts on day n (delay + 1) and arrives the day after.
    through = people * (1 - (1 - q) ** ((np.arange(steps) - 1) // (delay + 1) + 1.0))
    np.testing.assert_allclose(done.stock[1:, 1, 0], through[1:], rtol=1e-9)
    np.testing.assert_allclose(
        done.events[:: delay + 1, 0, 0], people * (1 - q) ** (rounds[:: delay + 1] + 1.0)
    )


def test_paired_scenarios_share_their_noise() -> None:
    base, deal = (
        corridor(),
        corridor(gates=[Gate(("city", "north"), 44, abandon=[0.0, 0.02], abandon_to="hub")]),
    )
    out = np.array([[run_model(m, i).stock[-1, 4].sum() for m in (base, deal)] for i in range(60)])
    other = np.array([run_model(deal, 500 + i).stock[-1, 4].sum() for i in range(60)])
    paired, apart = (out[:, 1] - out[:, 0]).var(), (other - out[:, 0]).var()
    assert paired < 0.5 * apart


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_invariants_hold_on_any_model(data: Any) -> None:
    """Conservation, no negative count, capacity never exceeded, the same bytes: whatever the rules."""
    places, classes, steps = (
        data.draw(st.integers(2, 5)),
        data.draw(st.integers(1, 3)),
        data.draw(st.integers(1, 12)),
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    names = [f"p{i}" for i in range(places)]
    pairs = [(a, b) for a in names for b in names if a != b and rng.random() < 0.6] or [("p0", "p1")]
    choice = rng.random((len(pairs), classes)) + 0.01
    for name in names:
        mine = [i for i, pair in enumerate(pairs) if pair[0] == name]
        if mine:
            choice[mine] /= choice[mine].sum(axis=0)
    gates = [
        Gate(pair, rng.integers(0, 9, steps), abandon=rng.random() / 3)
        for pair in pairs
        if rng.random() < 0.4
    ]
    hazards = [
        Hazard(f"h{i}", pairs[rng.integers(len(pairs))] if rng.random() < 0.5 else names[rng.integers(places)],
               rng.random(classes) / 8, to=None if rng.random() < 0.3 else names[rng.integers(places)],
               delay=int(rng.integers(0, 4)))
        for i in range(int(rng.integers(0, 6)))
    ]  # fmt: skip
    model = Model(
        places=names,
        classes=[f"c{i}" for i in range(classes)],
        links=[Passage(a, b, int(rng.integers(1, 4))) for a, b in pairs],
        steps=steps,
        inflow=rng.integers(0, 30, (steps, places, classes)).astype(float),
        leave=rng.random((places, classes)),
        choice=choice,
        gates=gates,
        hazards=hazards,
    )
    entries = model.inflow.sum(axis=1).cumsum(axis=0)
    for engine in ("cohort", "expected", "agent"):
        done = run_model(model, 1, engine=engine)  # type: ignore[arg-type]
        np.testing.assert_allclose(done.inside + done.left.cumsum(axis=0), entries, rtol=1e-9, atol=1e-9)
        for part in (done.stock, done.on_link, done.queue, done.away, done.events):
            assert part.min(initial=0) >= -1e-9
        for i, gate in enumerate(gates):
            assert (done.served[:, i].sum(axis=1) <= np.asarray(gate.capacity) + 1e-9).all()
        if engine != "expected":
            again = run_model(model, 1, engine=engine)  # type: ignore[arg-type]
            assert again.stock.tobytes() == done.stock.tobytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gates": [Gate(("city", "nowhere"), 4)]}, "no link city → nowhere"),
        ({"hazards": [Hazard("x", "hubb", 0.1)]}, "Did you mean 'hub'"),
        ({"leave": np.full((5, 2), 1.2)}, "leave has a value outside"),
        ({"choice": np.full((5, 2), 0.7)}, "add up to"),
        ({"inflow": np.zeros((3, 5, 2))}, "inflow has shape"),
        ({"hazards": [Hazard("x", "hub", 0.7), Hazard("y", "hub", 0.6)]}, "hazards add up to more than 1"),
        ({"switch": {"hub": [[0.9, 0.2], [0, 1]]}}, "rows of switch"),
    ],
)
def test_mistakes_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CaudalError, match=message):
        run_model(corridor(**changes))
