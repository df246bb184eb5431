"""The laboratory behind the sliders: scenarios of the library, run once each on a model fitted once per day.

Fitting to a day takes seconds and draws take longer than a page may: both go on in a thread, a page asked for before
they are done says how far they are, and draws that nobody waits for any more are given up. A scenario is run by
`caudal.levers.run`, as the command line runs it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date

from caudal import corridor, levers
from caudal._core.errors import CaudalError
from caudal._core.executor import Steady
from caudal.corridor import Calibration
from caudal.levers import Result, Scenario

__all__ = ["DRAWS", "Drawing", "Laboratory"]

#: Processes that draw; results do not depend on it.
_PROCESSES = 2
#: How far they give way to pages.
_NICE = 5
#: Days whose fitted model is held in memory, days that may wait to be fitted, scenarios whose answer is held.
_MOST_DAYS, _MOST_FITTING, _MOST_RUNS = 6, 3, 100
#: Maps held; scenarios that may wait to be drawn.
_MOST_MAPS, _MOST_DRAWING = 12, 4
#: Draws that pages ask for; seconds that their baseline may take beforehand, and after which idle processes end.
DRAWS = 200
_WARMING, _RESTING = 120.0, 120.0


class _Left(Exception):  # noqa: N818 - not an error: nobody waits for the draws any more
    pass


@dataclass
class Drawing:
    """Draws of a scenario and its baseline: how many are done, until when they are wanted, what came of them."""

    draws: int
    until: float
    stages: dict[str, int] = field(default_factory=dict)
    found: Result | None = None
    wrong: CaudalError | None = None

    @property
    def done(self) -> int:
        """Draws done, of twice those asked for: with levers and without."""
        return min(sum(self.stages.values()), 2 * self.draws)

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.found is not None or self.wrong is not None


def _named(scenario: Scenario) -> str:
    """Return all that the answer depends on as one name."""
    parts = [
        f"{s.lever.name}={s.degree!r}@{s.targets}:{s.first}:{s.last}" for s in scenario.settings if s.degree
    ]
    return f"{scenario.day} {scenario.horizon} {' '.join(parts)}"


def _beginning(scenario: Scenario) -> str:
    """Return what the beginnings of draws depend on."""
    return f"{scenario.day} {scenario.horizon}"


class Laboratory:
    """Models fitted by day, and what was run on them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fitted: OrderedDict[date, Calibration | CaudalError] = OrderedDict()
        self._fitting: set[date] = set()
        self._runs: OrderedDict[str, Result] = OrderedDict()
        self._maps: OrderedDict[str, str] = OrderedDict()
        self._drawings: OrderedDict[str, Drawing] = OrderedDict()
        self._one_fit, self._one_drawing = threading.Lock(), threading.Lock()
        self._drawers: Steady | None = None
        self._resting: threading.Timer | None = None
        self._warm: set[str] = set()

    def fitted(self, day: date) -> Calibration | None:
        """Return the model fitted to a day; ``None`` while that is under way or waits for others.

        Raises
        ------
        CaudalError
            When it could not be fitted to that day.
        """
        with self._lock:
            found = self._fitted.get(day)
            if found is not None:
                self._fitted.move_to_end(day)  # the day nobody asked about for longest goes first
            elif day not in self._fitting and len(self._fitting) < _MOST_FITTING:
                self._fitting.add(day)
                threading.Thread(target=self._fit, args=(day,), daemon=True, name=f"fit {day}").start()
        if isinstance(found, CaudalError):
            raise found
        return found

    def _fit(self, day: date) -> None:
        found: Calibration | CaudalError
        try:
            with self._one_fit:
                found = levers.calibrated(day)
                # The first run prepares what all others share.
                levers.run(Scenario("baseline", day), draws=1, calibration=found)
        except CaudalError as error:
            found = error
        except Exception as error:
            found = CaudalError(f"a mistake of ours, not yours ({type(error).__name__})")
        with self._lock:
            self._fitted[day] = found
            self._fitting.discard(day)
            while len(self._fitted) > _MOST_DAYS:
                self._fitted.popitem(last=False)

    def run(self, scenario: Scenario, fitted: Calibration) -> Result:
        """Return the expected flows of a scenario beside its baseline."""
        name = _named(scenario)
        with self._lock:
            if name in self._runs:
                self._runs.move_to_end(name)
                return self._runs[name]
        found = levers.run(scenario, draws=1, calibration=fitted)
        with self._lock:
            self._runs[name] = found
            while len(self._runs) > _MOST_RUNS:
                self._runs.popitem(last=False)
        return found

    def map(self, scenario: Scenario, fitted: Calibration, language: str) -> str:
        """Return the map of the last month with the levers at central values."""
        name = f"{_named(scenario)} {language}"
        with self._lock:
            if name in self._maps:
                return self._maps[name]
        flows = self.run(scenario, fitted).flows
        assert flows is not None  # of one draw
        found = corridor.flow_map(flows, language=language)
        with self._lock:
            self._maps[name] = found
            while len(self._maps) > _MOST_MAPS:
                self._maps.popitem(last=False)
        return found

    def drawn(self, scenario: Scenario, fitted: Calibration, draws: int, patience: float) -> Drawing:
        """Return draws of a scenario, begun if need be; given up when nobody asks again within ``patience`` seconds.

        Where too many wait already nothing is begun, and the draws returned stand at none.
        """
        name = f"{draws} {_named(scenario)}"
        with self._lock:
            found = self._drawings.get(name)
            if found is None:
                found = Drawing(draws, time.monotonic() + patience)
                if sum(not one.over for one in self._drawings.values()) >= _MOST_DRAWING:
                    return found
                self._drawings[name] = found
                while len(self._drawings) > _MOST_RUNS:
                    self._drawings.popitem(last=False)
                job = (name, found, scenario, fitted)
                threading.Thread(target=self._draw, args=job, daemon=True, name="draw").start()
            found.until = max(found.until, time.monotonic() + patience)
        return found

    def warm(self, scenario: Scenario, fitted: Calibration) -> None:
        """Run the baseline of a scenario in the processes that draw, once: draws of its levers are quick after that."""
        name = _beginning(scenario)
        with self._lock:
            if name in self._warm or any(not one.over for one in self._drawings.values()):
                return
            self._warm.add(name)
        job = Drawing(DRAWS, time.monotonic() + _WARMING)
        target = (f"warm {name}", job, scenario.baseline(), fitted)
        threading.Thread(target=self._draw, args=target, daemon=True, name="warm").start()

    def _draw(self, name: str, job: Drawing, scenario: Scenario, fitted: Calibration) -> None:
        def count(what: str, done: int, total: int) -> None:
            del total
            job.stages[what] = done
            if time.monotonic() > job.until:
                raise _Left

        try:
            with self._one_drawing:
                count("waiting", 0, 0)
                drawers = self._begin()
                job.found = levers.run(
                    scenario, draws=job.draws, calibration=fitted, executor=drawers, progress=count
                )
                if not scenario.settings and not job.done:  # it was on disk, and the processes saw none of it
                    corridor.simulate(fitted, scenario.horizon, draws=job.draws, executor=drawers)
                if job.draws >= DRAWS:
                    self._warm.add(_beginning(scenario))
        except _Left:
            with self._lock:
                self._drawings.pop(name, None)
        except CaudalError as error:
            job.wrong = error
        except Exception as error:
            self.close()  # a process that was ended takes its pool with it
            job.wrong = CaudalError(f"a mistake of ours, not yours ({type(error).__name__})")
        finally:
            self._rest()

    def _begin(self) -> Executor:
        if self._resting is not None:
            self._resting.cancel()
        if self._drawers is None:
            self._drawers = Steady(_PROCESSES, nice=_NICE)
        return self._drawers

    def _rest(self) -> None:
        """End the processes when nothing was drawn for a while: they hold memory."""
        self._resting = threading.Timer(_RESTING, self.close)
        self._resting.daemon = True
        self._resting.start()

    def close(self) -> None:
        """End the processes that draw; they begin again when they are needed."""
        with self._lock:
            drawers, self._drawers = self._drawers, None
            self._warm.clear()
        if drawers is not None:
            drawers.shutdown(wait=False, cancel_futures=True)
