"""The page and the data of a scenario: expected flows at once, draws when they are done."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from caudal import levers
from caudal._core.dates import parse_day
from caudal._core.errors import CaudalError
from caudal.figures import Archive
from caudal.levers import Result
from caudal.web._ask import ScenarioAsked
from caudal.web._bars import Panel, bars
from caudal.web._desk import Reply, status_of
from caudal.web._exports import about, envelope, pending
from caudal.web._lab import Drawing, Laboratory
from caudal.web._levers import GROUPS, address_of, degrees_of, scenario_of, sliders, targets_said
from caudal.web._pages import release_days
from caudal.web._render import address, page
from caudal.web._words import Words, words

__all__ = ["changes", "scenario_data", "scenario_page", "scenario_progress"]

#: Outcomes that are drawn by month.
_DRAWN = (
    "encounters", "lawful_entries", "interceptions", "stock_in_mexico", "waiting_days", "deaths_at_risk",
)  # fmt: skip
#: Seconds after which draws are given up when a page, or a program, does not ask again.
_PAGE_PATIENCE, _PROGRAM_PATIENCE = 5.0, 60.0


def changes(found: Result, other: Result | None) -> dict[str, list[dict[str, Any]]]:
    """Return the change of every outcome by month and over all: against no lever, or against another scenario.

    Draw by draw: both have the same assumptions and inflow in each.
    """
    rows: dict[str, list[dict[str, Any]]] = found.table() if other is None else found.against(other)
    return rows


def scenario_data(archive: Archive, asked: ScenarioAsked, lab: Laboratory) -> Reply:
    """Return what `caudal.levers.Result.to_dict` says of a scenario; how far it is while it is worked out."""
    scenario, than = scenario_of(asked, asked.set, "set"), scenario_of(asked, asked.than, "than")
    fitted = lab.fitted(scenario.day)
    if fitted is None:
        return pending("the model is being fitted to that day", 0, 1)
    wanted = [scenario, than] if asked.than else [scenario]
    if asked.draws == 1:
        results = [lab.run(one, fitted) for one in wanted]
    else:
        drawings = [lab.drawn(one, fitted, asked.draws, _PROGRAM_PATIENCE) for one in wanted]
        for one in drawings:
            if one.wrong is not None:
                raise one.wrong
        results = [one.found for one in drawings if one.found is not None]
        if len(results) < len(wanted):
            return pending("it is being drawn", sum(d.done for d in drawings), 2 * asked.draws * len(wanted))
    data = results[0].to_dict()
    if asked.than:
        data |= {"than": results[1].to_dict(), "change": changes(results[0], results[1])}
    return envelope(data, about(archive.at(scenario.day), []))


def scenario_page(archive: Archive, asked: ScenarioAsked, lab: Laboratory) -> Reply:
    """Return the page; not to be kept while the model is being fitted or draws are under way."""
    shared: dict[str, Any] = {
        "targets_said": targets_said,
        "sliders": {group: {n: s for n, s in sliders().items() if s.group == group} for group in GROUPS},
        "degrees": degrees_of(asked.set), "targets": _targets(asked.set), "known": _known(asked.as_of),
        "days": release_days(archive), "shipped": _shipped(asked.lang),
    }  # fmt: skip
    path = "/scenarios"
    try:
        scenario, than = scenario_of(asked, asked.set, "set"), scenario_of(asked, asked.than, "than")
        fitted = lab.fitted(scenario.day)
        if fitted is None:
            reply = page("scenarios.html", path, asked, error=None, ready=False, **shared)
            return Reply(reply.body, reply.media, reply.status, keep=False)
        found, other = lab.run(scenario, fitted), lab.run(than, fitted) if asked.than else None
        drawings = []
        if asked.draws == 1:
            lab.warm(scenario, fitted)
        else:
            wanted = [scenario, than] if asked.than else [scenario]
            drawings = [lab.drawn(one, fitted, asked.draws, _PAGE_PATIENCE) for one in wanted]
    except CaudalError as error:
        return page(
            "scenarios.html", path, asked, status=status_of(error), error=error, ready=False, **shared
        )
    state = _Drawn(drawings)
    if state.ready:
        found, other = state.results[0], state.results[1] if asked.than else None
    t = words(asked.lang)
    reply = page(
        "scenarios.html", path, asked, error=None, ready=True, rows=_rows(found, other), result=found,
        sentences=found.sentences(asked.lang) if state.ready else [], drawing=state,
        chart=_chart(found, other, t), map=lab.map(scenario, fitted, asked.lang),
        changed=any(s.degree for s in scenario.settings), **shared,
    )  # fmt: skip
    return Reply(reply.body, reply.media, reply.status, keep=state.ready or not drawings)


def scenario_progress(_: Archive, asked: ScenarioAsked, lab: Laboratory) -> Reply:
    """Return how far the draws behind a page are, for a page that waits for them."""
    wanted = [scenario_of(asked, asked.set, "set")]
    if asked.than:
        wanted.append(scenario_of(asked, asked.than, "than"))
    fitted = lab.fitted(wanted[0].day)
    if fitted is None:
        return pending("fit", 0, 1)
    state = _Drawn([lab.drawn(one, fitted, asked.draws, _PAGE_PATIENCE) for one in wanted])
    return pending("draws", state.total if not state.under_way else state.done, state.total)


class _Drawn:
    """How far the draws behind a page are."""

    def __init__(self, drawings: list[Drawing]) -> None:
        self.results = [one.found for one in drawings if one.found is not None]
        self.ready = bool(drawings) and len(self.results) == len(drawings)
        self.wrong = next((one.wrong for one in drawings if one.wrong is not None), None)
        self.done, self.total = sum(one.done for one in drawings), sum(2 * one.draws for one in drawings)
        self.under_way = bool(drawings) and not self.ready and self.wrong is None


def _targets(pairs: list[str]) -> dict[str, str]:
    """Return the targets an address names, so that moving a slider keeps them."""
    split = [(text.partition(":")[0], text.partition("@")[2]) for text in pairs]
    return {name: targets for name, targets in split if targets}


def _known(day: str) -> dict[str, levers.Prior]:
    """Return what was known of each lever by a day; nothing for what is no day."""
    try:
        when = parse_day(day, option="as_of")
        return {name: levers.prior(name, when) for name in sliders()}
    except (CaudalError, ValueError):
        return {}


@cache
def _shipped(language: str) -> dict[str, dict[str, Any]]:
    """Return the sets of scenarios that come with the package, as last run with draws, and their addresses here."""
    found: dict[str, dict[str, Any]] = {}
    for group, day in levers.published_sets().items():
        table = levers.published(group)
        scenarios = []
        for name in levers.scenario_names():
            one = levers.load_scenario(name)
            rows = table.filter(pl.col("scenario") == one.name).to_dicts()
            if one.settings and rows and name.startswith(f"{group}/"):
                query = {**address_of(one), "lang": language}
                scenarios.append(
                    {"title": one.title.get(language, one.name), "address": address("/scenarios", query),
                     "rows": {row["outcome"]: row for row in rows}}
                )  # fmt: skip
        found[group] = {"day": day, "draws": table["draws"][0], "scenarios": scenarios}
    return found


def _rows(found: Result, other: Result | None) -> list[dict[str, Any]]:
    """Return a row per outcome, over all months: the scenario, what it is compared with, the change."""
    mine = found.table("scenario")
    against = other.table("scenario") if other is not None else found.table("baseline")
    apart = changes(found, other)
    rows = []
    for name in mine:
        value, compared, change = mine[name][-1], against[name][-1], apart[name][-1]
        base = compared["median"]
        share = 100 * change["median"] / base if base and not name.endswith("_days") else None
        low, high = change["interval_80"]
        rows.append(
            {"outcome": name, "value": value["median"], "compared": base, "change": change["median"],
             "percent": share, "low": low, "high": high}
        )  # fmt: skip
    return rows


def _chart(found: Result, other: Result | None, t: Words) -> str:
    """Draw the change of some outcomes by month; with draws, 80 % of them over each."""
    apart = {name: rows[:-1] for name, rows in changes(found, other).items()}
    panels = [
        Panel(
            t(f"outcome_{name}"), [t.month_short(month) for month in found.months],
            [cell["median"] for cell in apart[name]],
            [cell["interval_80"][0] for cell in apart[name]], [cell["interval_80"][1] for cell in apart[name]],
        )
        for name in _DRAWN
    ]  # fmt: skip
    said = "; ".join(
        f"{one.title}: "
        + ", ".join(
            f"{month} {t.signed(change, 1)}" for month, change in zip(one.months, one.change, strict=True)
        )
        for one in panels
    )
    return bars(panels, t, alternative=t("lab_alt", rows=said), intervals=found.draws > 1)
