"""Maps of the corridor: what it is made of, and who moved over it in a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np

from caudal._core.charts import COLOURS
from caudal._core.dates import month_label, parse_month
from caudal._core.errors import OptionError, did_you_mean
from caudal.corridor._canvas import MODE_COLOURS, MODE_DASH, Sheet, document, text
from caudal.corridor._picture import Layer, Picture, Result, names, order, picture, spots
from caudal.corridor._tables import assumptions, links, places
from caudal.corridor._words import Words

__all__ = ["Drawing", "flow_map", "month_at", "network_map", "wrapped"]

_WIDTH = 900.0
_KINDS = {
    "entry": ("#CC79A7", 4.2),
    "hub": ("#1F2933", 3.6),
    "border_city": ("#D55E00", 3.8),
    "port": ("#0072B2", 2.2),
    "transit": ("#7B8794", 2.4),
}
_WIDEST, _LARGEST = 12.0, 20.0
#: Bars stand on this line and are at most so tall.
_BASE, _BARS = 200.0, 95.0


def network_map(*, language: str = "en") -> str:
    """Return the declared corridor as an SVG picture: places by kind, links by mode.

    Parameters
    ----------
    language : {"en", "es"}
        Language of words.
    """
    words, at, name = Words(language), spots(), names(language)
    sheet = Sheet(_WIDTH, top=62)
    ways = [row for row in links().iter_rows(named=True) if not row["to"].startswith(("sector-", "port-"))]
    shown = [row for row in places().iter_rows(named=True) if row["kind"] != "sector"]
    winding = assumptions().filter(parameter="road_winding")["central"][0]
    title = words.say("network_title", places=len(places()), links=len(links()))
    sub = words.say("network_sub", winding=f"{winding:g}")
    parts = [sheet.base()]
    for row in ways:
        opacity = 0.3 if row["mode"] == "air" else 0.75
        parts.append(sheet.link(at[row["from"]], at[row["to"]], row["mode"], 1.1, opacity=opacity))
    for row in shown:
        colour, radius = _KINDS[row["kind"]]
        x, y = sheet.xy(at[row["place"]])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" stroke="#fff"/>')
        sheet.taken(x - radius, y - radius, 2 * radius, 2 * radius)
    ranks = {"border_city": 0, "entry": 1, "hub": 2, "transit": 3}
    named = sorted((r for r in shown if r["kind"] in ranks), key=lambda r: ranks[r["kind"]])
    parts += [sheet.label(at[row["place"]], name[row["place"]], size=9.5) for row in named]
    parts += [text(12, 22, title, size=15, bold=True), *wrapped(12, 40, sub)]
    legend = [("entry", "legend_entry"), ("hub", "legend_hub"), ("border_city", "legend_border")]
    legend += [("port", "legend_port"), ("transit", "legend_other")]
    y = sheet.bottom - 200
    parts += _modes(words, 14, y)
    for i, (kind, key) in enumerate(legend):
        colour, radius = _KINDS[kind]
        parts.append(f'<circle cx="25" cy="{y + 92 + 17 * i:.0f}" r="{radius}" fill="{colour}"/>')
        parts.append(text(42, y + 96 + 17 * i, words.say(key)))
    parts.append(text(12, sheet.bottom + 16, words.say("note"), size=10, colour="#52606D"))
    modes = Counter(row["mode"] for row in ways)
    said = words.listed([f"{words.say(mode)} {count}" for mode, count in modes.most_common()])
    return document(_WIDTH, sheet.bottom + 26, words.say("alt_network", title=title, modes=said), parts)


def flow_map(result: Result, *, month: str | None = None, language: str = "en") -> str:
    """Return one month of a result as an SVG map: flows, people waiting and in line, encounters by sector.

    Parameters
    ----------
    result : Outcomes
        Of `caudal.corridor.simulate`.
    month : str, optional
        ``"2024-01"``; the last one otherwise.
    language : {"en", "es"}
        Language of words.

    Raises
    ------
    OptionError
        When the month is not in the result, or the language is not known.
    InputError
        When the result was kept without its flows.
    """
    seen = picture(result)
    return Drawing(seen, language).svg(month_at(seen.months, month))


def month_at(months: Sequence[date], wanted: str | None) -> int:
    """Return the position of a month, or of the last one."""
    if wanted is None:
        return len(months) - 1
    labels = [month_label(m) for m in months]
    label = month_label(parse_month(wanted))
    if label not in labels:
        raise OptionError(f"{wanted} is not in the result", where="month", remedy=did_you_mean(label, labels))
    return labels.index(label)


class Drawing:
    """One result drawn month by month on one scale, so that months can be compared.

    Parameters
    ----------
    seen : Picture
        What is drawn.
    language : {"en", "es"}
        Language of words.
    """

    def __init__(self, seen: Picture, language: str = "en") -> None:
        self.seen, self.words, self.at = seen, Words(language), spots()
        self.sheet = Sheet(_WIDTH, top=250)
        self.busiest = max(float(seen.flow.max(initial=0.0)), 1.0)
        stocks = [
            layer.high.max(initial=0.0) for key, layer in seen.layers.items() if key in ("waiting", "queue")
        ]
        self.fullest = max([1.0, *map(float, stocks)])
        bars = [layer.high.max(initial=0.0) for key, layer in seen.layers.items() if key in ("between", "at")]
        self.tallest = max([1.0, *map(float, bars)])

    def width(self, people: float) -> float:
        """Return the width of a link in pixels: in proportion to people."""
        return _WIDEST * people / self.busiest

    def radius(self, people: float) -> float:
        """Return the radius of a circle in pixels: its area in proportion to people."""
        return float(_LARGEST * np.sqrt(max(people, 0.0) / self.fullest))

    def title(self, t: int) -> str:
        """Return what a month shows, as a sentence."""
        seen, say = self.seen, self.words
        month = say.month(seen.months[t])
        if "between" in seen.totals and "waiting" in seen.totals:
            between, layer = seen.totals["between"][0][t], seen.layers["between"]
            top = int(layer.mean[t].argmax())
            return say.say(
                "map_title",
                month=month,
                between=say.number(between),
                share=say.percent(layer.mean[t, top] / max(between, 1.0)),
                sector=say.area(layer.places[top]),
                waiting=say.number(seen.totals["waiting"][0][t]),
            )
        start, end, _ = seen.links[int(seen.flow[t].argmax())]
        name = names(self.words.language)
        return say.say(
            "map_title_plain",
            month=month,
            total=say.number(seen.flow[t].sum()),
            links=len(seen.links),
            start=name[start],
            end=name[end],
        )

    def subtitle(self, t: int) -> str:
        """Return interval, as-of day and what is assumed."""
        seen, say = self.seen, self.words
        if seen.draws < 2 or "between" not in seen.totals or "waiting" not in seen.totals:
            return say.say("map_sub_one", as_of=say.day(seen.as_of))
        (_, low, high), (_, few, many) = seen.totals["between"], seen.totals["waiting"]
        return say.say(
            "map_sub",
            low=say.number(low[t]),
            high=say.number(high[t]),
            wait_low=say.number(few[t]),
            wait_high=say.number(many[t]),
            draws=seen.draws,
            as_of=say.day(seen.as_of),
        )

    def alternative(self, t: int) -> str:
        """Return the month's picture in words."""
        seen, say, name = self.seen, self.words, names(self.words.language)
        largest = np.argsort(-seen.flow[t])[:3]
        flows = [
            f"{name[seen.links[k][0]]} – {name[seen.links[k][1]]} {say.number(seen.flow[t, k])}"
            for k in largest
        ]
        waiting = []
        if layer := seen.layers.get("waiting"):
            most = np.argsort(-layer.mean[t])[:3]
            waiting = [
                f"{name.get(layer.places[i], layer.places[i])} {say.number(layer.mean[t, i])}" for i in most
            ]
        return say.say(
            "alt_map",
            title=self.title(t),
            sub=self.subtitle(t),
            flows=say.listed(flows),
            waiting=say.listed(waiting) or "–",
        )

    def svg(self, t: int) -> str:
        """Return one month as a whole picture."""
        parts = [text(12, 22, self.title(t), size=15, bold=True), *wrapped(12, 40, self.subtitle(t))]
        return self.document(self.alternative(t), [*self.ground(), *parts, *self.body(t)])

    def document(self, alternative: str, parts: list[str]) -> str:
        """Return parts as a whole picture."""
        return document(_WIDTH, self.sheet.bottom + 26, alternative, parts)

    def body(self, t: int) -> list[str]:
        """Return what changes from month to month, below the title and above the ground."""
        self.sheet.boxes.clear()
        parts = [*self._bars(t), *self._flows(t), *self._stocks(t)]
        return [*parts, *self._labels(t), *self._people(t)]

    def ground(self) -> list[str]:
        """Return what is the same in every month: outlines, leaders and legend."""
        note = text(12, self.sheet.bottom + 16, self.words.say("note"), size=10, colour="#52606D")
        return [self.sheet.base(), *self._leaders(), *self._legend(), note]

    def _flows(self, t: int) -> list[str]:
        flow = self.seen.flow[t]
        parts = []
        for k in np.argsort(-flow):  # the thin ones lie on top
            start, end, mode = self.seen.links[k]
            wide = self.width(float(flow[k]))
            if wide >= 0.15 and not end.startswith(("sector-", "port-")):
                parts.append(
                    self.sheet.link(self.at[start], self.at[end], mode, wide, more=f' id="link-{k}"')
                )
        return parts

    def _stocks(self, t: int) -> list[str]:
        parts = []
        for key, fill, edge in (("waiting", "#E69F00", "none"), ("queue", "none", "#D55E00")):
            layer = self.seen.layers.get(key)
            if layer is None:
                continue
            for i, place in enumerate(layer.places):
                if place not in self.at:
                    continue
                x, y = self.sheet.xy(self.at[place])
                r = self.radius(layer.mean[t, i])
                ring = self.radius(layer.high[t, i])
                if key == "waiting" and ring > r + 0.5:
                    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{ring:.1f}" fill="none" stroke="#9C6A00" '
                                 'stroke-dasharray="1.5 2"/>')  # fmt: skip
                if r > 0.4:
                    parts.append(
                        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" fill-opacity=".8" '
                        f'stroke="{edge}" stroke-width="2"/>'
                    )
                self.sheet.taken(x - 4, y - 4, 8, 8)
        return parts

    def _labels(self, t: int) -> list[str]:
        """Name the places that most people pass or wait in, as many as there is room for."""
        weight: Counter[str] = Counter()
        for k, (start, end, _) in enumerate(self.seen.links):
            weight[start] += int(self.seen.flow[t, k])
            weight[end] += int(self.seen.flow[t, k])
        for key in ("waiting", "queue"):
            if layer := self.seen.layers.get(key):
                for i, place in enumerate(layer.places):
                    weight[place] += int(layer.mean[t, i] * 3)
        name = names(self.words.language)
        shown = [
            p for p, n in weight.most_common(60) if n and p in name and not p.startswith(("sector-", "port-"))
        ]
        return [self.sheet.label(self.at[p], name[p], away=7) for p in shown]

    def _bars(self, t: int) -> list[str]:
        """Draw encounters from west to east above the border, each tied to its stretch."""
        columns = {
            code: (layer, i, colour)
            for key, colour in (("between", COLOURS["highlight"]), ("at", "#56B4E9"))
            if (layer := self.seen.layers.get(key))
            for i, code in enumerate(layer.places)
        }
        step, parts = (_WIDTH - 24) / max(len(columns), 1), []
        for n, code in enumerate(order(list(columns))):
            parts += self._bar(t, code, *columns[code], 12 + (n + 0.5) * step)
        return parts

    def _bar(self, t: int, code: str, layer: Layer, i: int, colour: str, x: float) -> list[str]:
        tall, low, high = (
            _BARS * float(edge[t, i]) / self.tallest for edge in (layer.mean, layer.low, layer.high)
        )
        top = _BASE - max(tall, high if self.seen.draws > 1 else 0.0)
        parts = [
            f'<rect x="{x - 13:.1f}" y="{_BASE - tall:.1f}" width="26" height="{tall:.1f}" fill="{colour}"/>',
            text(x, top - 4, self.words.number(layer.mean[t, i]), size=10, anchor="middle"),
            text(x, _BASE + 13, self.words.area(code), size=10, anchor="middle"),
        ]
        if self.seen.draws > 1:
            parts.append(
                f'<path d="M{x:.1f},{_BASE - low:.1f}V{_BASE - high:.1f}M{x - 4:.1f},{_BASE - low:.1f}h8'
                f'M{x - 4:.1f},{_BASE - high:.1f}h8" stroke="{COLOURS["ink"]}" fill="none"/>'
            )
        if code.startswith("FO-"):
            under = self.words.say("ports_of")
            parts.append(text(x, _BASE + 25, under, size=9, anchor="middle", colour="#52606D"))
        return parts

    def _leaders(self) -> list[str]:
        """Tie each sector's bar to its stretch of the border."""
        codes = order(
            [
                code
                for key in ("between", "at")
                if key in self.seen.layers
                for code in self.seen.layers[key].places
            ]
        )
        step, parts = (_WIDTH - 24) / max(len(codes), 1), []
        for n, code in enumerate(codes):
            if at := _stretch(code):
                (xb, yb), x = self.sheet.xy(at), 12 + (n + 0.5) * step
                path = f"M{x:.1f},{_BASE + 18:.0f}V{self.sheet.top - 6:.0f}L{xb:.1f},{yb - 5:.1f}"
                parts.append(f'<path d="{path}" stroke="#9AA5B1" stroke-width=".7" fill="none"/>')
        return parts

    def _people(self, t: int) -> list[str]:
        """Say what no circle shows: people held in the south, deaths at risk."""
        parts: list[str] = []
        for key in ("held", "deaths"):
            if key in self.seen.totals:
                mean, low, high = (self.words.number(edge[t]) for edge in self.seen.totals[key])
                span = f" ({low}–{high})" if self.seen.draws > 1 else ""
                said = f"{self.words.say(f'legend_{key}')}: {mean}{span}"
                parts.append(text(215, self.sheet.bottom - 24 + 15 * len(parts), said, bold=True, size=10))
        return parts

    def _legend(self) -> list[str]:
        words, y = self.words, self.sheet.bottom - 218
        parts = _modes(words, 14, y)
        parts.append(text(14, y + 92, words.say("legend_flow"), bold=True, size=10))
        for i, people in enumerate(_steps(self.busiest)):
            wide = self.width(people)
            parts.append(
                f'<path d="M16,{y + 106 + 15 * i:.0f}h30" stroke="#52606D" stroke-width="{wide:.1f}"/>'
            )
            parts.append(text(54, y + 110 + 15 * i, words.number(people), size=10))
        x = 215.0
        parts.append(text(x, y + 92, words.say("legend_waiting"), bold=True, size=10))
        for i, people in enumerate(_steps(self.fullest)):
            r = self.radius(people)
            parts.append(
                f'<circle cx="{x + 22 + 68 * i:.0f}" cy="{y + 122:.0f}" r="{r:.1f}" fill="#E69F00" fill-opacity=".8"/>'
            )
            parts.append(text(x + 22 + 68 * i, y + 156, words.number(people), size=10, anchor="middle"))
        if "queue" in self.seen.layers:
            parts.append(
                f'<circle cx="{x + 8:.0f}" cy="{y + 172:.0f}" r="6" fill="none" stroke="#D55E00" stroke-width="2"/>'
            )
            parts.append(text(x + 22, y + 176, words.say("legend_queue"), size=10))
        parts.append(_key(12, 62, COLOURS["highlight"], words.say("legend_between")))
        if "at" in self.seen.layers:
            parts.append(_key(190, 62, "#56B4E9", words.say("legend_at")))
        return parts


def _key(x: float, y: float, colour: str, words: str) -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="10" height="10" fill="{colour}"/>' + text(
        x + 15, y + 9, words, size=10
    )


def _steps(most: float) -> list[float]:
    """Return three round numbers that span a scale."""
    top = 10 ** np.floor(np.log10(most))
    top *= next(f for f in (5, 2, 1) if f * top <= most)
    return [float(top), float(top / 4), float(top / 20)]


def _modes(words: Words, x: float, y: float) -> list[str]:
    parts = []
    for i, (mode, colour) in enumerate(MODE_COLOURS.items()):
        dash = f' stroke-dasharray="{MODE_DASH[mode]}"' if MODE_DASH[mode] else ""
        parts.append(f'<path d="M{x:.0f},{y + 17 * i:.0f}h24" stroke="{colour}" stroke-width="2.4"{dash}/>')
        parts.append(text(x + 30, y + 4 + 17 * i, words.say(mode)))
    return parts


def _stretch(code: str) -> tuple[float, float] | None:
    """Return the middle of a sector's border cities."""
    from caudal.corridor._tables import sectors

    at = spots()
    cities = [at[row["border_city"]] for row in sectors().filter(sector=code).iter_rows(named=True)]
    if not cities:
        return None
    return sum(x for x, _ in cities) / len(cities), sum(y for _, y in cities) / len(cities)


def wrapped(x: float, y: float, words: str, *, most: int = 150) -> list[str]:
    """Return a subtitle in lines of at most so many letters."""
    lines, line = [], ""
    for word in words.split():
        if len(line) + len(word) >= most:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [text(x, y + 14 * i, each, size=11, colour="#52606D") for i, each in enumerate([*lines, line])]
