"""A reference page and a chart for every studied event, made from the event table and the studies."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from caudal import figures
from caudal.levers._displacement import displacement
from caudal.levers._events import Event, event
from caudal.levers._evidence import Evidence, Study, evidence, studies, study_gap
from caudal.levers._panel import OFFSET

__all__ = ["evidence_chart", "evidence_pages", "write_evidence_pages"]

_BEFORE = 24
_LINES = ("recorded", "synthetic control", "structural", "seasonal")
_MADE = "<!-- made by docs/make.py from src/caudal/levers/events.csv and studies.csv -->"


def evidence_chart(study: Study, *, archive: figures.Archive | None = None) -> Any:
    """Return an Altair chart of a study: what was recorded, and what each estimator would have said.

    Parameters
    ----------
    study : Study
        One of `studies`.
    archive : Archive, optional
        Where the figures come from.
    """
    import altair as alt

    panel, unit, end, gap = study_gap(study, archive=archive)
    logs = panel.logs[:, panel.names.index(unit)]

    def points(line: str, rows: range, values: Any) -> list[dict[str, object]]:
        return [
            {"month": str(panel.month(i)), "series": line, "encounters": round(float(np.exp(v) - OFFSET))}
            for i, v in zip(rows, values, strict=False)
            if math.isfinite(v)
        ]

    steps = range(end, min(end + gap.paths.shape[1], len(panel)))
    data = points("recorded", range(end - _BEFORE, steps.stop), logs[end - _BEFORE : steps.stop])
    for line, path in zip(_LINES[1:], gap.paths, strict=True):
        data += points(line, steps, logs[steps.start : steps.stop] - path[: len(steps)])
    rule = alt.Chart(alt.InlineData([{"month": str(study.event.month)}])).mark_rule(strokeDash=[4, 3])
    line = (
        alt.Chart(alt.InlineData(data))
        .mark_line()
        .encode(
            x=alt.X("month:T", title=None),
            y=alt.Y(
                "encounters:Q", title="encounters a month (log)", scale=alt.Scale(type="symlog", constant=10)
            ),
            color=alt.Color("series:N", title=None, sort=list(_LINES)),
            strokeDash=alt.StrokeDash("series:N", sort=list(_LINES), legend=None),
        )
    )
    title = alt.TitleParams(
        f"{study.group}: recorded, and what would have been expected",
        subtitle=[f"{study.event.event}, {study.measure}; the rule marks month 0"],
        anchor="start",
    )
    return alt.layer(line, rule.encode(x="month:T")).properties(width=560, height=240, title=title)


def evidence_pages(
    *, archive: figures.Archive | None = None, as_of: str | date | None = None
) -> dict[str, str]:
    """Return Markdown pages by name: one per studied event and an index."""
    rows, moved = evidence(as_of=as_of, archive=archive), displacement(as_of=as_of, archive=archive)
    names = list(dict.fromkeys(s.event.event for s in studies(as_of)))
    pages = {
        f"{name}.md": _page(
            event(name), [r for r in rows if r.event == name], moved.filter(event=name).to_dicts()
        )
        for name in names
    }
    lines = ["# Evidence", _MADE, "", _INTRODUCTION, "", "| event | group | measure | at 3 months | status |",
             "|---|---|---|---|---|"]  # fmt: skip
    for r in rows:
        if r.horizon_months == 3:
            low, high = r.interval_80
            lines.append(f"| [{r.event}]({r.event}.md) | {r.group} | {r.measure} | {r.effect:+.2f} "
                         f"[{low:+.2f}, {high:+.2f}] | {r.status} |")  # fmt: skip
    return {"index.md": "\n".join(lines) + "\n", **pages}


_INTRODUCTION = (
    "Natural logarithms: −0.69 is half, +0.69 double. In brackets, 80 % intervals from placebos. The status is set by "
    "a declared rule ([methods](../../methods/evidence.md)). `caudal evidence` prints the same."
)


def _page(e: Event, rows: list[Evidence], moved: list[dict[str, Any]]) -> str:
    def stamp(name: str) -> str:
        marks = [w for w, names in (("disputed", e.disputed), ("unverified", e.unverified)) if name in names]
        note = f" ({', '.join(marks)})" if marks else ""
        return f"| {name} | {getattr(e, name) or '–'}{note} | {e.sources.get(name, '')} |"

    lines = [f"# {e.event}", _MADE, "", f"{e.what}. {e.who}; {e.verification}; times in {e.zone}.", ""]
    lines += [
        "| | when | source |",
        "|---|---|---|",
        *(stamp(s) for s in ("announced", "signed", "effective")),
    ]
    lines += [f"| suspended | {a} to {b or 'open'} | {e.sources['suspended']} |" for a, b in e.suspended]
    lines += ["", f"Exposed: {', '.join(e.exposed)}. Exempt: {', '.join(e.exempt) or 'none declared'}.", ""]
    for group, measure in dict.fromkeys((r.group, r.measure) for r in rows):
        lines += [f"## {group}, {measure}", ""]
        if measure == "usbp-encounters":
            lines += [f"![{group}]({_picture(e.event, group)})", ""]
        lines += ["| months | effect | p space | p time | error before | spread | smallest fall seen | status |",
                  "|---|---|---|---|---|---|---|---|"]  # fmt: skip
        lines += [_line(r) for r in rows if (r.group, r.measure) == (group, measure)]
        lines.append("")
    if moved:
        lines += ["## Elsewhere", "",
                  "Monthly means of the same citizenship in other series: a comparison, no more.", "",
                  "| group | series | before | months after | after | ratio |",
                  "|---|---|---|---|---|---|"]  # fmt: skip
        lines += [
            f"| {m['group']} | {m['measure']} | {m['before']:,.0f} | {m['months']} | {m['after']:,.0f} | "
            f"{'–' if m['ratio'] is None else format(m['ratio'], '.2f')} |"
            for m in moved
        ]
    return "\n".join(lines).rstrip() + "\n"


def _line(r: Evidence) -> str:
    def short(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    told = r.status + (f": {r.reason}" if r.reason else "")
    return (f"| {r.horizon_months} | {r.effect:+.2f} [{r.interval_80[0]:+.2f}, {r.interval_80[1]:+.2f}] | "
            f"{short(r.p_space)} | {short(r.p_time)} | {short(r.pre_rmse)} | {r.spread:.2f} | "
            f"{100 * (1 - math.exp(-r.minimum_detectable)):.0f} % | {told} |")  # fmt: skip


def _picture(name: str, group: str) -> str:
    return f"{name}-{group.lower().replace(' ', '-')}.svg"


def write_evidence_pages(directory: str | Path, *, archive: figures.Archive | None = None) -> list[Path]:
    """Write the pages and one chart per group into a directory; return what was written."""
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in evidence_pages(archive=archive).items():
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    for study in studies():
        if study.measure == "usbp-encounters":
            path = folder / _picture(study.event.event, study.group)
            path.write_text(figures.svg_of(evidence_chart(study, archive=archive)), encoding="utf-8")
            written.append(path)
    return written
