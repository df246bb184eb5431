"""Placebos: the same estimators on groups and dates in which nothing was done to that group alone.

A `Pool` keeps the gaps it has computed, so that a placebo in space, a placebo in time and the null test share them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from caudal.levers._estimators import STEPS, STRUCTURAL_WINDOW, Gap, gaps
from caudal.levers._events import Event, load_events
from caudal.levers._panel import Panel

__all__ = ["HORIZONS", "Placebo", "Pool"]

Array = npt.NDArray[np.float64]

HORIZONS = (1, 3, 6, 12)
#: A control or a placebo needs as many encounters a month: below, logarithms jump.
_MIN_CONTROL, _MIN_PLACEBO = 30, 100
#: A unit with an event of its own in these months around the end of a baseline is no control; or no placebo.
_OWN_CONTROL, _OWN_PLACEBO = (-3, 7), (-3, STEPS - 1)
_OTHER_EVENT = (-3, 0)
#: Two eras: before the pandemic a month moved less, and fewer citizenships came. (first, last, step in months)
ERAS = {
    "early": (date(2010, 10, 1), date(2019, 1, 1), 3),
    "recent": (date(2021, 3, 1), date(2099, 1, 1), 1),
}


@dataclass(frozen=True)
class Placebo:
    """One unit at one date in which nothing was done to it alone."""

    unit: str
    end: int
    gap: Gap


@dataclass
class Pool:
    """All placebos of one panel.

    Attributes
    ----------
    panel : Panel
        Where they come from.
    known : datetime.date or None
        Events known of later do not count as exposures.
    """

    panel: Panel
    known: date | None = None
    _gaps: dict[tuple[str, int, tuple[str, ...]], Gap] = field(default_factory=dict)
    _placebos: dict[str, list[Placebo]] = field(default_factory=dict)
    _own: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._logs = self.panel.logs
        for e in self._events():
            for code in (*e.exposed, *e.spillover):
                self._own.setdefault(code, []).append(self.panel.index(e.baseline_end))

    def _events(self) -> list[Event]:
        return [e for e in load_events().values() if self.known is None or e.known <= self.known]

    def other_event(self, unit: str, of: Event) -> bool:
        """Return whether another event reached a unit just before an event's baseline ends, or in the same month."""
        end = self.panel.index(of.baseline_end)
        return any(
            _OTHER_EVENT[0] <= self.panel.index(e.baseline_end) - end <= _OTHER_EVENT[1]
            for e in self._events()
            if e.event != of.event and unit in e.exposed
        )

    def _touched(self, unit: str, end: int, around: tuple[int, int]) -> bool:
        return any(around[0] <= own - end <= around[1] for own in self._own.get(unit, ()))

    def mean_before(self, unit: str, end: int, months: int = 18) -> float:
        """Return the mean of a unit's encounters in the months before."""
        column = self.panel.names.index(unit)
        return float(self.panel.counts[max(0, end - months) : end, column].mean())

    def controls(self, unit: str, end: int, exposed: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the units that nothing was done to alone around that date, and that have enough people."""
        return tuple(
            name
            for name in self.panel.names
            if name != unit
            and name not in exposed
            and not self._touched(name, end, _OWN_CONTROL)
            and self.mean_before(name, end) >= _MIN_CONTROL
        )

    def gap(self, unit: str, end: int, controls: tuple[str, ...]) -> Gap:
        """Return the gap of a unit after a baseline that ends before row ``end``; computed once."""
        key = (unit, end, controls)
        if key not in self._gaps:
            index = self.panel.names.index
            columns = self._logs[:, [index(c) for c in controls]]
            self._gaps[key] = gaps(
                self._logs[:, index(unit)], columns, controls, end, self.panel.total, self.panel.first.month
            )
        return self._gaps[key]

    def placebos(self, era: str) -> list[Placebo]:
        """Return every placebo of an era: unexposed unit × date."""
        if era not in self._placebos:
            first, last, step = ERAS[era]
            start = max(self.panel.index(first), STRUCTURAL_WINDOW)
            ends = range(start, min(self.panel.index(last), len(self.panel) - 1), step)
            self._placebos[era] = [
                Placebo(unit, end, self.gap(unit, end, self.controls(unit, end)))
                for unit in self.panel.names
                for end in ends
                if not self._touched(unit, end, _OWN_PLACEBO) and self.mean_before(unit, end) >= _MIN_PLACEBO
            ]
        return self._placebos[era]

    def quantile(self, era: str, step: int, without: str | None = None) -> tuple[float, float]:
        """Return the half width of an 80 % interval and the smallest fall that stands out, at a step.

        The first is the 80 % quantile of absolute placebo effects, the second the 10 % quantile of signed ones with the
        sign turned. Both are logarithms. ``without`` leaves one unit out, as a held-out placebo must.
        """
        values = np.array([p.gap.effect[step] for p in self.placebos(era) if p.unit != without])
        values = values[np.isfinite(values)]
        if len(values) < 30:
            return float("nan"), float("nan")
        return float(np.quantile(np.abs(values), 0.8)), float(-np.quantile(values, 0.1))

    def p_space(self, effect: float, end: int, step: int, controls: tuple[str, ...]) -> float | None:
        """Return the rank of an effect among those of its controls at the same date."""
        others = [self.gap(c, end, self.controls(c, end)).effect[step] for c in controls]
        return _rank(effect, others, least=9)

    def p_time(self, unit: str, effect: float, era: str, end: int, step: int) -> float | None:
        """Return the rank of an effect among those of the same unit at other dates."""
        others = [p.gap.effect[step] for p in self.placebos(era) if p.unit == unit and p.end != end]
        return _rank(effect, others, least=9)


def _rank(effect: float, others: list[float], *, least: int) -> float | None:
    """Return (1 + those as large) / (1 + all), or None when there are too few to reach 0.10."""
    values = np.abs([o for o in others if np.isfinite(o)])
    if len(values) < least:
        return None
    return float((1 + (values >= abs(effect)).sum()) / (1 + len(values)))
