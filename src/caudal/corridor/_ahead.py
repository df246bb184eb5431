"""What drives the corridor after the last month known: inflow, destinations, interceptions, what ports admit."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from caudal._core.dates import add_months, month_range
from caudal.corridor._build import Drivers, build
from caudal.corridor._calibrate import _CHOICE_TO_ENCOUNTER, Calibration, _entries, _month_of, _row
from caudal.corridor._inflow import mixture, whittaker
from caudal.corridor._inputs import Inputs
from caudal.corridor._outlook import Outlook, appointments_in_force, outlook
from caudal.corridor._parameters import Parameters
from caudal.corridor._rules import Record, run_tables

__all__ = ["BURN_IN", "Ahead", "ahead", "near_sector_shares"]

Floats = npt.NDArray[np.float64]

#: Months before the first month ahead that are run again, so that people are where the parameters put them.
BURN_IN = 4
#: Bound on the log odds ratio of ports ahead against the last three months.
_MOST_ODDS = 5.0
#: Citizenships of the parole processes that began in October 2022 and January 2023.
PAROLE = ("venezuela", "cuba", "haiti", "nicaragua")


@dataclass(frozen=True)
class Ahead:
    """Monthly drivers from the burn-in to the horizon.

    Attributes
    ----------
    months : tuple of date
        `BURN_IN` months, then those ahead.
    base, log_scale : array
        As in `Calibration`, by these months.
    counted : array, (months, classes)
        Interceptions counted; NaN ahead.
    rate, removed : array, (months, classes)
    shares : array, (classes, destinations)
        Of the encounters of the months ahead.
    """

    months: tuple[date, ...]
    base: Floats
    log_scale: Floats
    counted: Floats
    rate: Floats
    removed: Floats
    shares: Floats


def ahead(
    cal: Calibration, horizon: int, *, actual: Inputs | None = None, inflow: bool = True, counts: bool = False
) -> Ahead:
    """Return drivers for months ahead.

    Parameters
    ----------
    cal : Calibration
        Fitted as of a day.
    horizon : int
        Months ahead.
    actual : Inputs, optional
        Later inputs: people counted on the way are then taken from them (a test of the model given the inflow; never
        used for a forecast). Otherwise they go on as in the last month, drawn to the mean of the last year by the
        declared share a month.

    Notes
    -----
    The scale on the inflow ahead is set so that encounters by class follow the outlook (`caudal.corridor._outlook`),
    and the shares so that those at ports do: a scenario's baseline is the forecast that was scored.
    inflow, counts : bool
        What to take from ``actual``: people counted on the way, Mexico's interceptions.
    """
    months = month_range(add_months(cal.last, 1 - BURN_IN), add_months(cal.last, horizon))
    future = months[BURN_IN:]
    base = cal.base[-BURN_IN:]
    given = actual if inflow else None
    if given is not None:
        _, later = _entries(cal.setting, given, [_row(m) for m in future], cal.observed)
    else:
        later = _projected(cal, horizon)
    scale = np.concatenate([cal.log_scale[-BURN_IN:], np.repeat(cal.log_scale[-1:], horizon, axis=0)])
    known = max(cal.known_counts, 3)
    rate = cal.rate[max(known - 3, 0) : known].mean(axis=0)
    removed = cal.removed[max(known - 3, 0) : known].mean(axis=0)
    counted = np.full((horizon, len(cal.classes)), np.nan)
    if actual is not None and counts:
        seen = actual.counts["mexico-inm-encounters"]
        for h, month in enumerate(future):
            counted[h] = seen[_row(month)]
            counted[h, cal.classes.index("mexico")] = 0.0
    nobody = np.full((horizon, len(cal.classes)), np.nan)
    expected = outlook(cal, horizon, actual=given)
    far = Ahead(
        tuple(months),
        np.concatenate([base, later]),
        scale,
        np.concatenate([cal.counted[-BURN_IN:], nobody]),
        np.concatenate([cal.rate[-BURN_IN:], np.repeat(rate[None], horizon, axis=0)]),
        np.concatenate([cal.removed[-BURN_IN:], np.repeat(removed[None], horizon, axis=0)]),
        _shares(cal, expected),
    )
    # Interceptions that were counted later come after the scale is set: else it would make up for them.
    far = _aligned(cal, far, expected.classes)
    return replace(far, counted=np.concatenate([cal.counted[-BURN_IN:], counted]))


def _shares(cal: Calibration, expected: Outlook) -> Floats:
    """Return shares of destinations by class: the last three months', with one odds ratio on all ports.

    The ratio is the one at which as many people are sent to the ports, in the mean of the months ahead, as the outlook
    expects there.
    """
    port = np.array([d.startswith("FO-") for d in cal.destinations])
    people = expected.classes.mean(axis=0)
    wanted = expected.destinations[:, port].sum(axis=1).mean()

    def moved(log_odds: float) -> Floats:
        weight = cal.recent * np.where(port, np.exp(log_odds), 1.0)
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def too_many(log_odds: float) -> float:
        return float(people @ moved(log_odds)[:, port].sum(axis=1) - wanted)

    if not too_many(-_MOST_ODDS) < 0 < too_many(_MOST_ODDS):
        return cal.recent
    return moved(float(brentq(too_many, -_MOST_ODDS, _MOST_ODDS)))


def free(cal: Calibration, far: Ahead) -> Record:
    """Run the burn-in and the months ahead with central assumptions and ports that admit everybody."""
    par = Parameters(cal.setting.central, None, cal.classes)
    plain = np.zeros((len(cal.setting.net.ports), len(cal.classes)))
    drive = drivers(cal, far, par, far.shares, plain, None, 0, len(far.months))
    ways = cal.cache.setdefault("ways", {})
    return run_tables(build(cal.setting.net, cal.classes, cal.setting.riders, par, drive, cache=ways))


def _aligned(cal: Calibration, far: Ahead, wanted: Floats) -> Ahead:
    """Return drivers whose encounters by class follow ``wanted``, as far as people already on the way allow."""
    c = len(cal.classes)
    column = np.array([cal.classes.index(x) for _, x, _ in cal.entries])
    total = np.stack([far.base[:, column == i].sum(axis=1) for i in range(c)], axis=1)
    scale = far.log_scale.copy()
    for _ in range(3):
        made = free(cal, replace(far, log_scale=scale))
        kinds = (made.between + made.at_ports)[BURN_IN:, c:].reshape(len(wanted), c, -1).sum(axis=2)
        gap = np.log(wanted + 20.0) - np.log(kinds + 20.0)
        for i in range(c):
            inflow = total[:, i] * np.exp(scale[:, i])
            jacobian = mixture(inflow, cal.cache["response"][:, i])[BURN_IN:, BURN_IN:]
            left = jacobian.T @ jacobian + 0.02 * (np.eye(len(wanted)) + whittaker(len(wanted), 1))
            scale[BURN_IN:, i] += np.linalg.solve(left, jacobian.T @ gap[:, i])
    return replace(far, log_scale=scale)


def _projected(cal: Calibration, horizon: int) -> Floats:
    pull = cal.setting.assumptions["upstream_reversion"].central
    last, year = cal.base[-1], cal.base[-12:].mean(axis=0)
    return np.stack([year + (last - year) * (1 - pull) ** (h + 1) for h in range(horizon)])


def near_sector_shares(cal: Calibration, seen: Floats, par: Parameters) -> tuple[Floats, Floats]:
    """Return shares with those who will give up waiting added to the ports, and the chance per day of giving up.

    Whoever leaves a line tries between ports, at the nearest sector. Shares seen are after that: so that the baseline
    reproduces them, the same people are taken from the sector and sent to the line first.
    """
    net = cal.setting.net
    rate, wait = par.number("abandonment"), par.number("queue_days")
    shares = seen.copy()
    chance = np.zeros((len(net.ports), len(cal.classes)))
    near_of = [net.near_sector(p.city) for p in net.ports]
    offices = {d: i for i, d in enumerate(net.destinations) if d.startswith("FO-")}
    for office, k in offices.items():
        mine = [g for g, p in enumerate(net.ports) if p.office == office]
        for c in range(len(cal.classes)):
            wanted = seen[c, k] * rate * wait
            if wanted <= 0:
                continue
            room = np.zeros(len(mine))
            near = [near_of[g] for g in mine]
            for i, g in enumerate(mine):
                room[i] = min(wanted * net.ports[g].part, 0.5 * shares[c, near[i]])
                shares[c, near[i]] -= room[i]
            shares[c, k] += room.sum()
            # One chance for the whole office: people are spread over its ports by their parts.
            chance[mine, c] = rate * room.sum() / wanted
    return shares, chance


def drivers(
    cal: Calibration,
    far: Ahead,
    par: Parameters,
    shares: Floats,
    chance: Floats,
    capacity: Floats | None,
    first: int,
    count: int,
) -> Drivers:
    """Return daily drivers of ``count`` months from the ``first`` of ``far`` on.

    Parameters
    ----------
    shares : array, (classes, destinations)
        For months ahead; the burn-in has its own quarters.
    chance : array, (ports, classes)
        Of leaving a line.
    capacity : array, (ports,)
        People admitted a day; None admits everybody (while the corridor fills up).
    """
    months = far.months[first : first + count]
    end = add_months(months[-1], 1)
    days = tuple(months[0] + timedelta(days=i) for i in range((end - months[0]).days))
    of = first + np.array([_month_of(months, d) for d in days])
    per_day = np.array([monthrange(d.year, d.month)[1] for d in days])[:, None]
    column = np.array([cal.classes.index(c) for _, c, _ in cal.entries])
    inflow = (far.base * np.exp(far.log_scale[:, column]))[of] / per_day
    inflow, extra = _handled(cal, par, inflow, days)
    ahead_of = len(cal.months)
    late = [_month_of(far.months, d + timedelta(days=_CHOICE_TO_ENCOUNTER)) for d in days]
    quarters = np.concatenate([cal.shares, shares[None]])
    row = np.array(
        [
            len(cal.shares) if m >= BURN_IN or first >= BURN_IN else cal.quarter[ahead_of - BURN_IN + m]
            for m in late
        ]
    )
    return Drivers(
        days,
        (*cal.entries, *extra[0]),
        np.concatenate([inflow, extra[1]], axis=1),
        quarters,
        row,
        far.counted[of] / per_day,
        far.rate[of],
        far.removed[of],
        None if capacity is None else _admitted(cal, par, capacity, days),
        cal.setting.entry_mix(),
        chance,
    )


def _handled(
    cal: Calibration, par: Parameters, inflow: Floats, days: tuple[date, ...]
) -> tuple[Floats, tuple[tuple[tuple[str, str, str], ...], Floats]]:
    """Apply the handles on inflow; return it and, separately, those who come by land instead of by air."""
    column = np.array([cal.classes.index(c) for _, c, _ in cal.entries])
    inflow = inflow * par.by_class("origin_inflow", days)[:, column]
    inflow = _paroled(cal, par, inflow, days, column)
    by_air = np.array([kind == "air" for *_, kind in cal.entries])
    managua = np.array([place == "managua" for place, *_ in cal.entries])
    factor = np.where(by_air, par.by_class("air_share", days)[:, column], 1.0)
    factor = np.where(managua & by_air, factor * par.by_class("air_share_managua", days)[:, column], factor)
    kept = inflow * factor
    share = par.number("air_to_land")
    lost = inflow - kept
    if share <= 0 or not lost.any():
        return kept, ((), np.zeros((len(days), 0)))
    later = int(par.number("air_to_land_days"))
    names = [c for c in cal.classes if lost[:, column == cal.classes.index(c)].any()]
    added = np.zeros((len(days), len(names)))
    for i, name in enumerate(names):
        off = lost[:, column == cal.classes.index(name)].sum(axis=1) * share
        added[later:, i] = off[: max(len(days) - later, 0)]
    return kept, (tuple(("darien", n, "land") for n in names), added)


def _paroled(
    cal: Calibration, par: Parameters, inflow: Floats, days: tuple[date, ...], column: npt.NDArray[np.int64]
) -> Floats:
    """Take those out of the inflow who are paroled instead, beyond the baseline."""
    added = par.by_class("parole_added", days) * par.number("parole_substitution")
    if not added.any():
        return inflow
    out = inflow.copy()
    for c in range(len(cal.classes)):
        mine = column == c
        whole = out[:, mine].sum(axis=1)
        less = np.minimum(added[:, c] / 30.4, 0.95 * whole)
        out[:, mine] *= (1 - np.divide(less, whole, out=np.zeros_like(whole), where=whole > 0))[:, None]
    return out


def _admitted(cal: Calibration, par: Parameters, capacity: Floats, days: tuple[date, ...]) -> Floats:
    """Return what ports admit by day: walk-ins as before, appointments as asked."""
    ports = cal.setting.net.ports
    cap = appointments_in_force(cal.last)
    wanted = par.daily("appointments_per_day", days)
    walk = par.number("walk_in_share")
    out = np.tile(capacity, (len(days), 1))
    asked = wanted >= 0
    if asked.any():
        if cap > 0:
            out[asked] *= (walk + (1 - walk) * wanted[asked] / cap)[:, None]
        else:
            part = np.array([p.appointments for p in ports])
            out[asked] += wanted[asked][:, None] * part / part.sum()
    factor = par.by_key("port_capacity", days, [p.code for p in ports])
    return np.asarray(out * np.stack([factor[p.code] for p in ports], axis=1))
