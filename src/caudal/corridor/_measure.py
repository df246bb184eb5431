"""What a run of the corridor is read as: encounters, entries, stocks, waits, delay, deaths, by place and class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from caudal._core.dates import add_months, month_label
from caudal._core.tables import declared
from caudal.corridor._calibrate import Calibration
from caudal.corridor._deaths import SEASONS
from caudal.corridor._ground import Ground
from caudal.corridor._outlook import appointments_in_force
from caudal.corridor._parameters import Parameters
from caudal.corridor._rules import Record, Tables

__all__ = ["death_rates", "measured", "pace"]

Floats = npt.NDArray[np.float64]


def measured(
    cal: Calibration, net: Ground, tab: Tables, record: Record, par: Parameters, at_first: tuple[float, float]
) -> dict[str, Floats]:
    """Return outcomes of a draw: name → (months, places, classes); ``at_first`` is the `pace` before."""
    c, k = len(cal.classes), len(net.destinations)
    months = record.between.shape[0]
    sectors = sum(not d.startswith("FO-") for d in net.destinations)

    def pairs(by_kind: Floats) -> Floats:
        return by_kind[:, c:].reshape(months, c, k).transpose(0, 2, 1)

    between, ports = pairs(record.between)[:, :sectors], pairs(record.at_ports)[:, sectors:]
    country = np.array(net.country)
    kind = np.array(net.kind)
    south = (country == "MEX") & (np.nan_to_num(net.latitude) < 18.9)
    border = kind == "border_city"
    lines = np.isin(kind, ["line", "port", "gave-up", "sector"])
    others = ~south & ~border & ~lines
    held = record.stock[:, south].sum(axis=1) + record.away[:, south].sum(axis=1)
    on_way = (
        record.coming.sum(axis=1) + record.stock[:, others].sum(axis=1) + record.away[:, ~south].sum(axis=1)
    )
    waits = np.divide(record.waited, record.served, out=np.zeros_like(record.waited), where=record.served > 0)
    out = {
        "encounters_between_ports": between,
        "encounters_at_ports": ports,
        "lawful_entries": _lawful(cal, net, tab, record, par),
        "unseen_crossings": record.unseen[:, None],
        "interceptions": record.intercepted[:, None],
        "removals": record.removals[:, None],
        "returned_south": record.sent_south[:, None],
        "discouraged": record.discouraged[:, None],
        "waiting": record.stock[:, border],
        "held": held[:, None],
        "on_the_way": on_way[:, None],
        "queue": record.queue,
        "waiting_days": waits[:, :, None],
        "delay_days": _delay(tab, record, at_first)[:, None, None],
    }
    out["deaths_at_risk"] = _deaths(cal, net, tab, between.sum(axis=2), par)[:, :, None]
    out["_entered"] = record.entered
    inside = record.stock[-1].sum() + record.away[-1].sum() + record.coming[-1].sum() + record.queue[-1].sum()
    out["_left"] = np.array(record.left.sum())
    out["_inside"] = np.array(inside)
    return out


def _lawful(cal: Calibration, net: Ground, tab: Tables, record: Record, par: Parameters) -> Floats:
    """Return appointments kept by port (what a port admits less walk-ins) and, last, paroles by air."""
    months = record.ports.shape[0]
    days = [cal.last.fromordinal(add_months(cal.last, 1).toordinal() + i) for i in range(tab.month.size)]
    wanted = par.daily("appointments_per_day", days)
    cap = np.where(wanted >= 0, wanted, appointments_in_force(cal.last))
    walk = par.number("walk_in_share")
    share = np.where(cap > 0, 1 - walk, 0.0)
    by_month = np.array([share[tab.month == m].mean() for m in range(months)])
    at_ports = record.ports * by_month[:, None, None]
    known = cal.inputs.paroles[~np.isnan(cal.inputs.paroles)]
    base = float(known[-1]) if known.size else 0.0
    parole = np.zeros((months, 1, len(cal.classes)))
    added = par.by_class("parole_added", days)
    for i, name in enumerate(cal.classes):
        if name in ("venezuela", "cuba", "haiti", "nicaragua"):
            parole[:, 0, i] = base / 4
        parole[:, 0, i] += [added[tab.month == m, i].mean() for m in range(months)]
    return np.concatenate([at_ports, np.maximum(parole, 0.0)], axis=1)


def pace(record: Record) -> tuple[float, float]:
    """Return days in the corridor at the end of a run (Little's law), and people who leave it a day."""
    return _days(record, record.stock.shape[0] - 1, 30), float(record.left[-30:].sum(axis=1).mean())


def _days(one: Record, month: int, length: int) -> float:
    """Return people inside over people who leave a day."""
    inside = one.stock[month].sum() + one.away[month].sum() + one.coming[month].sum() + one.queue[month].sum()
    out = one.between[month].sum() - one.repeat[month].sum() + one.unseen[month].sum()
    out += one.at_ports[month].sum() + one.removals[month].sum() + one.discouraged[month].sum()
    return float(inside / max(out / length, 1e-9))


def _delay(tab: Tables, record: Record, at_first: tuple[float, float]) -> Floats:
    """Return days in the corridor less those at first, the line there was at the start counted in."""
    start = at_first[0] + float(tab.queue.sum() / max(at_first[1], 1e-9))
    lengths = np.bincount(tab.month)
    return np.array([_days(record, m, int(n)) - start for m, n in enumerate(lengths)])


def _deaths(cal: Calibration, net: Ground, tab: Tables, between: Floats, par: Parameters) -> Floats:
    """Return encounters between ports times deaths per 10,000 of the sector and season (declared table)."""
    rates = death_rates(cal)
    sectors = net.destinations[: between.shape[1]]
    days = [cal.last.fromordinal(add_months(cal.last, 1).toordinal() + i) for i in range(tab.month.size)]
    factor = par.by_key("death_rate", days, sectors)
    out = np.zeros_like(between)
    for m in range(between.shape[0]):
        month = add_months(cal.last, m + 1).month
        for s, sector in enumerate(sectors):
            moved = float(factor[sector][tab.month == m].mean())
            out[m, s] = between[m, s] * rates.get((sector, month), 0.0) / 1e4 * moved
    return out


def death_rates(cal: Calibration) -> dict[tuple[str, int], float]:
    """Return deaths per 10,000 encounters by sector and month of the year, over the last three years known.

    Events are Missing Migrants' up to two months before the last month of encounters (they reach the record late);
    encounters are those of the calibration's inputs, so that both count the same years.
    """
    if "deaths" not in cal.cache:
        months = cal.inputs.months[:-2][-36:]
        row = {month_label(m): i for i, m in enumerate(cal.inputs.months)}
        wanted = {month_label(m) for m in months}
        dead: dict[tuple[str, str], int] = {}
        for event in declared("caudal.corridor.data", "sector_deaths.csv"):
            if event["month"] in wanted:
                key = (event["sector"], SEASONS[int(event["month"][5:])])
                dead[key] = dead.get(key, 0) + int(event["deaths"])
        met: dict[tuple[str, str], float] = {}
        for label in wanted:
            for k, sector in enumerate(cal.destinations):
                key = (sector, SEASONS[int(label[5:])])
                met[key] = met.get(key, 0.0) + float(cal.inputs.encounters[row[label], :, k].sum())
        cal.cache["deaths"] = {
            (sector, month): 1e4 * dead.get((sector, season), 0) / met[sector, season]
            for month, season in SEASONS.items()
            for sector in cal.destinations
            if met.get((sector, season), 0) > 0
        }
    return cal.cache["deaths"]  # type: ignore[no-any-return]
