"""An animated map and a Sankey diagram of results: one HTML file each, nothing loaded from elsewhere."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import numpy as np

from caudal.flow._ensemble import Ensemble

__all__ = ["animated_map", "sankey"]

_COLOURS = {
    "conflict_zone": "#D55E00",
    "camp": "#0072B2",
    "idpcamp": "#56B4E9",
    "forwarding_hub": "#CC79A7",
    "town": "#777777",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:14px/1.4 system-ui,sans-serif;margin:1rem;max-width:60rem}}svg{{width:100%;height:auto}}
text{{font-size:11px;fill:#222}}input{{width:60%}}.range{{fill:none;stroke:#000;stroke-opacity:.35}}</style>
<h1>{title}</h1>
{body}
</html>
"""
_SCRIPT = """<script>
const d = JSON.parse(document.getElementById('data').textContent);
const day = document.getElementById('day'), play = document.getElementById('play');
const radius = v => Math.sqrt(v / d.most) * 26 + (v > 0 ? 1 : 0);
let timer = null;
function draw() {
  const t = +day.value;
  document.getElementById('label').textContent = d.dates[t];
  d.mean[t].forEach((v, i) => {
    document.getElementById('p' + i).setAttribute('r', radius(v));
    document.getElementById('q' + i).setAttribute('r', radius(d.high[t][i]));
    document.getElementById('n' + i).textContent = d.names[i] + ' ' + Math.round(v).toLocaleString('en');
  });
  d.links[t].forEach((v, k) => document.getElementById('l' + k).setAttribute('stroke-width', 0.5 + 6 * v /
  d.busy));
}
play.onclick = () => {
  if (timer) { clearInterval(timer); timer = null; play.textContent = 'Play'; return; }
  play.textContent = 'Pause';
  timer = setInterval(() => { day.value = (+day.value + 1) % d.dates.length; draw(); }, 80);
};
day.oninput = draw; draw();
</script>"""


def animated_map(ensemble: Ensemble, path: str | Path, *, frames: int = 120) -> Path:
    """Write a map of people at places and on links over the days, with the 95 % quantile as an outer ring.

    Parameters
    ----------
    ensemble : Ensemble
        With its outcomes kept.
    path : path
        The HTML file.
    frames : int
        How many days are shown at most.
    """
    program = ensemble.program
    days = np.unique(np.linspace(0, program.days - 1, min(frames, program.days)).astype(int))
    people, roads = ensemble.occupancy[:, days], ensemble.on_link[:, days].mean(axis=0)
    mean, high = people.mean(axis=0), np.quantile(people, 0.95, axis=0)
    both = _both_ways(program, roads)
    start = np.datetime64(program.case.start)
    data = {
        "dates": [f"{start + int(day)} (day {day})" for day in days],
        "names": [p.name for p in program.case.network.places],
        "mean": np.round(mean, 1).tolist(),
        "high": np.round(high, 1).tolist(),
        "links": np.round(both, 1).tolist(),
        "most": float(max(high.max(), 1.0)),
        "busy": float(max(both.max(initial=0.0), 1.0)),
    }
    text = json.dumps(data).replace("</", "<\\/")  # "</" inside a script element would end it
    body = (
        f"<p>Mean of {len(ensemble.summaries)} replicates; the ring is the 95 % quantile. "
        "Places where the case puts them, not to scale for distances by road.</p>"
        '<p><button id="play">Play</button> <input id="day" type="range" min="0" '
        f'max="{len(days) - 1}" value="0" aria-label="Day"> <span id="label"></span></p>'
        f"{_figure(ensemble)}"
        f'<script type="application/json" id="data">{text}</script>{_SCRIPT}'
    )
    return _write(path, f"{program.case.name}: people by place and day", body)


def _both_ways(program: Any, roads: Any) -> Any:
    """Add the directions (and parallel links) of each row of links."""
    out = np.zeros((len(roads), len(program.case.network.links)))
    for k, link in enumerate(program.schedule.links.all):
        out[:, link.row] += roads[:, k]
    return out


def _figure(ensemble: Ensemble) -> str:
    places = ensemble.program.case.network.places
    x = np.array([p.longitude for p in places])
    y = np.array([-p.latitude for p in places])
    wide, high = max(float(np.ptp(x)), 1e-9), max(float(np.ptp(y)), 1e-9)
    scale = min(820 / wide, 560 / high)
    px, py = 40 + (x - x.min()) * scale, 40 + (y - y.min()) * scale
    index = ensemble.program.case.network.index
    parts = []
    for k, link in enumerate(ensemble.program.case.network.links):
        a, b = index[link.start], index[link.end]
        parts.append(
            f'<line id="l{k}" x1="{px[a]:.1f}" y1="{py[a]:.1f}" x2="{px[b]:.1f}" y2="{py[b]:.1f}" '
            'stroke="#999" stroke-width="0.5"/>'
        )
    for i, place in enumerate(places):
        colour = _COLOURS.get(place.kind, "#777777")
        parts.append(
            f'<circle id="q{i}" class="range" cx="{px[i]:.1f}" cy="{py[i]:.1f}" r="0"/>'
            f'<circle id="p{i}" cx="{px[i]:.1f}" cy="{py[i]:.1f}" r="0" fill="{colour}" fill-opacity=".75"/>'
            f'<text id="n{i}" x="{px[i] + 5:.1f}" y="{py[i] - 5:.1f}">{html.escape(place.name)}</text>'
        )
    size = f"0 0 {wide * scale + 160:.0f} {high * scale + 80:.0f}"
    return f'<svg viewBox="{size}" role="img" aria-label="Map of places and links">{"".join(parts)}</svg>'


def sankey(ensemble: Ensemble, path: str | Path, *, most: int = 40) -> Path:
    """Write a Sankey diagram of net movements over links during the whole period, the largest first.

    Parameters
    ----------
    ensemble : Ensemble
        With its outcomes kept.
    path : path
        The HTML file.
    most : int
        How many flows are drawn.
    """
    flows = net_flows(ensemble)[:most]
    names = [p.name for p in ensemble.program.case.network.places]
    body = (
        f"<p>Net movements over the period, mean of {len(ensemble.summaries)} replicates "
        f"(the {len(flows)} largest). Widths are people.</p>{_ribbons(flows, names)}"
    )
    return _write(path, f"{ensemble.program.case.name}: net movements", body)


def net_flows(ensemble: Ensemble) -> list[tuple[int, int, float]]:
    """Return (start, end, people) net of the opposite direction, the largest first."""
    total = ensemble.entered.mean(axis=0).sum(axis=0)
    between: dict[tuple[int, int], float] = {}
    for link, people in zip(ensemble.program.schedule.links.all, total, strict=True):
        between[link.start, link.end] = between.get((link.start, link.end), 0.0) + float(people)
    net = [(a, b, n - between.get((b, a), 0.0)) for (a, b), n in between.items()]
    return sorted((f for f in net if f[2] > 0.5), key=lambda f: -f[2])


def _ribbons(flows: list[tuple[int, int, float]], names: list[str]) -> str:
    """Lay places out in columns by their distance from the sources, and draw each flow as a ribbon."""
    used = sorted({i for a, b, _ in flows for i in (a, b)})
    ends = {b for _, b, _ in flows}
    column = {i: 0 for i in used if i not in ends} or dict.fromkeys(used[:1], 0)
    for _ in used:
        for a, b, _ in flows:
            if a in column and b not in column:
                column[b] = column[a] + 1
    for i in used:
        column.setdefault(i, 0)
    into, out = dict.fromkeys(used, 0.0), dict.fromkeys(used, 0.0)
    for a, b, n in flows:
        out[a] += n
        into[b] += n
    size = {i: max(into[i], out[i]) for i in used}
    tallest = max(sum(size[i] for i in used if column[i] == c) for c in column.values()) if used else 1.0
    scale, step = 480 / tallest, 900 / max(1, max(column.values(), default=1))
    top: dict[int, float] = {}
    parts = []
    for c in sorted(set(column.values())):
        y = 20.0
        for i in sorted((i for i in used if column[i] == c), key=lambda i: -size[i]):
            top[i] = y
            x = 10 + c * step
            parts.append(
                f'<rect x="{x:.0f}" y="{y:.1f}" width="12" height="{size[i] * scale:.1f}" fill="#0072B2">'
                f"<title>{html.escape(names[i])}: {size[i]:,.0f}</title></rect>"
                f'<text x="{x + 16:.0f}" y="{y + 10:.1f}">{html.escape(names[i])} {size[i]:,.0f}</text>'
            )
            y += size[i] * scale + 14
    left, right = dict(top), dict(top)
    for a, b, n in flows:
        w = n * scale
        x1, x2 = 22 + column[a] * step, 10 + column[b] * step
        y1, y2 = left[a] + w / 2, right[b] + w / 2
        left[a] += w
        right[b] += w
        middle = (x1 + x2) / 2
        parts.append(
            f'<path d="M{x1:.0f},{y1:.1f} C{middle:.0f},{y1:.1f} {middle:.0f},{y2:.1f} {x2:.0f},{y2:.1f}" '
            f'fill="none" stroke="#999" stroke-opacity=".45" stroke-width="{max(w, 0.5):.1f}">'
            f"<title>{html.escape(names[a])} → {html.escape(names[b])}: {n:,.0f}</title></path>"
        )
    rows = max((sum(column[i] == c for i in used) for c in set(column.values())), default=1)
    frame = f"0 0 1060 {520 + 14 * rows}"
    return f'<svg viewBox="{frame}" role="img" aria-label="Sankey diagram">{"".join(parts)}</svg>'


def _write(path: str | Path, title: str, body: str) -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PAGE.format(title=html.escape(title), body=body), encoding="utf-8")
    return path
