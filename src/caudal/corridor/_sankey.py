"""Who went which way: net movements between the regions of the corridor as a Sankey diagram."""

from __future__ import annotations

from collections.abc import Sequence

from caudal._core.errors import OptionError
from caudal._core.tables import declared
from caudal.corridor._canvas import document, escape, text
from caudal.corridor._map import month_at, wrapped
from caudal.corridor._picture import Picture, Result, order, picture
from caudal.corridor._tables import places
from caudal.corridor._words import Words

__all__ = ["region_flows", "sankey"]

_WIDTH, _TOP, _TALL, _GAP, _BAR = 1000.0, 70.0, 520.0, 16.0, 12.0
_COLOURS = ("#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#7B8794")

Flow = tuple[str, str, float]


def sankey(result: Result, *, months: Sequence[str] = (), language: str = "en") -> str:
    """Return net movements between regions as an SVG Sankey diagram.

    Parameters
    ----------
    result : Outcomes
        Of `caudal.corridor.simulate`.
    months : sequence of str, optional
        Which are added up, e.g. ``["2024-01"]``; all otherwise.
    language : {"en", "es"}
        Language of words.

    Raises
    ------
    OptionError
        When a month is not in the result, nobody moved, or the language is not known.
    InputError
        When the result was kept without its flows.
    """
    seen, words = picture(result), Words(language)
    chosen = sorted({month_at(seen.months, month) for month in months}) or list(range(len(seen.months)))
    flows = region_flows(seen, chosen)
    column = _columns()
    drawn = [flow for flow in flows if column[flow[0]] < column[flow[1]]]
    aside = sum(people for *_, people in flows) - sum(people for *_, people in drawn)
    if not drawn:
        raise OptionError("nobody moved between regions in these months", where="months")
    into_border = [f for f in drawn if column[f[1]] == _border_column()]
    everyone = sum(people for *_, people in into_border) or 1.0
    before: dict[str, float] = {}
    for start, _, people in into_border:
        before[start] = before.get(start, 0.0) + people
    main = max(before or {drawn[0][0]: 1.0}, key=lambda region: before.get(region, 0.0))
    title = words.say(
        "sankey_title",
        share=words.percent(before.get(main, 0.0) / everyone),
        people=words.number(everyone),
        region=words.region(main),
    )
    first, last = (words.month(seen.months[t]) for t in (chosen[0], chosen[-1]))
    sub = words.say("sankey_sub", first=first, last=last, draws=seen.draws, aside=words.number(aside))
    largest = [f"{words.region(a)} – {words.region(b)} {words.number(n)}" for a, b, n in drawn[:4]]
    parts, height = _ribbons(drawn, column, words)
    head = [text(12, 22, title, size=15, bold=True), *wrapped(12, 40, sub)]
    alternative = words.say("alt_sankey", title=title, sub=sub, flows=words.listed(largest))
    return document(_WIDTH, height, alternative, [*head, *parts])


def region_flows(seen: Picture, months: Sequence[int]) -> list[Flow]:
    """Return (from, to, people) between regions, net of the opposite direction, the largest first."""
    region = dict(places().select("place", "region").iter_rows())
    people = seen.flow[list(months)].sum(axis=0)
    gross: dict[tuple[str, str], float] = {}
    for (start, end, _), n in zip(seen.links, people, strict=True):
        a, b = region[start], region[end]
        if a != b:
            gross[a, b] = gross.get((a, b), 0.0) + float(n)
    net = [(a, b, n - gross.get((b, a), 0.0)) for (a, b), n in gross.items()]
    return sorted((flow for flow in net if flow[2] > 0.5), key=lambda flow: (-flow[2], flow[0], flow[1]))


def _columns() -> dict[str, int]:
    """Return the column of every region; sectors and ports stand in the last."""
    column = {row["region"]: int(row["column"]) for row in declared("caudal.corridor.data", "regions.csv")}
    last = max(column.values()) + 1
    return (
        column
        | dict.fromkeys(places().filter(kind="sector")["region"], last)
        | dict.fromkeys(places().filter(kind="port")["region"], last)
    )


def _border_column() -> int:
    return max(int(row["column"]) for row in declared("caudal.corridor.data", "regions.csv"))


def _ribbons(flows: list[Flow], column: dict[str, int], words: Words) -> tuple[list[str], float]:
    """Lay regions out by column, west above east, and draw each flow as a ribbon; return parts and height."""
    regions = [row["region"] for row in declared("caudal.corridor.data", "regions.csv")]
    used = {name for a, b, _ in flows for name in (a, b)}
    rows = [r for r in regions if r in used] + order([r for r in used if r not in regions])
    into, out = dict.fromkeys(rows, 0.0), dict.fromkeys(rows, 0.0)
    for a, b, n in flows:
        out[a] += n
        into[b] += n
    size = {r: max(into[r], out[r]) for r in rows}
    stacks = {c: [r for r in rows if column[r] == c] for c in sorted({column[r] for r in rows})}
    scale = min((_TALL - _GAP * (len(s) - 1)) / sum(size[r] for r in s) for s in stacks.values())
    step = (_WIDTH - 24 - _BAR - 130) / max(max(stacks), 1)
    at: dict[str, tuple[float, float]] = {}
    for c, stack in stacks.items():
        tall = sum(size[r] * scale for r in stack) + _GAP * (len(stack) - 1)
        y = _TOP + (_TALL - tall) / 2
        for r in stack:
            at[r] = (12 + c * step, y)
            y += size[r] * scale + _GAP
    parts = _drawn(flows, at, scale, rows, words)
    for stack in stacks.values():
        parts += _named(stack, at, size, scale, words)
    return parts, _TOP + _TALL + 30


def _drawn(
    flows: list[Flow], at: dict[str, tuple[float, float]], scale: float, rows: list[str], words: Words
) -> list[str]:
    left, right = ({r: y for r, (_, y) in at.items()} for _ in range(2))
    parts = []
    for a, b, n in sorted(flows, key=lambda f: (rows.index(f[0]), rows.index(f[1]))):
        wide = max(n * scale, 0.4)
        x1, x2, y1, y2 = at[a][0] + _BAR, at[b][0], left[a], right[b]
        left[a] += n * scale
        right[b] += n * scale
        m = (x1 + x2) / 2
        there = f"M{x1:.1f},{y1:.1f}C{m:.1f},{y1:.1f} {m:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        y1, y2 = y1 + wide, y2 + wide
        back = f"L{x2:.1f},{y2:.1f}C{m:.1f},{y2:.1f} {m:.1f},{y1:.1f} {x1:.1f},{y1:.1f}Z"
        colour = _COLOURS[rows.index(a) % len(_COLOURS)]
        told = escape(f"{words.region(a)} – {words.region(b)}: {words.number(n)}")
        parts.append(
            f'<path d="{there}{back}" fill="{colour}" fill-opacity=".35"><title>{told}</title></path>'
        )
    return parts


def _named(
    stack: list[str], at: dict[str, tuple[float, float]], size: dict[str, float], scale: float, words: Words
) -> list[str]:
    """Draw a column's bars with names and people beside them, pushed down where they would overlap."""
    parts, free = [], 0.0
    for i, r in enumerate(stack):
        x, y = at[r]
        tall = max(size[r] * scale, 1.0)
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{_BAR:.0f}" height="{tall:.1f}" fill="{_bar_colour(i)}"/>'
        )
        lines = [*_broken(words.region(r)), words.number(size[r])]
        top = max(free, y + tall / 2 - 6 * len(lines)) + 9
        for k, line in enumerate(lines):
            parts.append(text(x + _BAR + 3, top + 12 * k, line, size=10, halo=True, bold=k < len(lines) - 1))
        free = top - 9 + 12 * len(lines) + 2
    return parts


def _bar_colour(i: int) -> str:
    return "#3E4C59" if i % 2 else "#52606D"


def _broken(name: str, most: int = 16) -> list[str]:
    """Return a name in lines of at most so many letters, if its words allow."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
