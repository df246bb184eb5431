"""The sheet maps are drawn on: projection, outlines, curved links, labels that do not cover one another."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from caudal._core.charts import COLOURS
from caudal.corridor._outlines import Shape, outlines

__all__ = ["MODE_COLOURS", "Sheet", "escape", "text"]

Point = tuple[float, float]

#: Okabe and Ito's palette; modes differ in dash as well, for those who do not see the colours.
MODE_COLOURS = {"road": "#0072B2", "rail": "#D55E00", "air": "#8E6BBF", "foot": "#009E73"}
MODE_DASH = {"road": "", "rail": "", "air": "5 3", "foot": "2 2"}
#: How far the middle of a link bows out, as a share of its length: modes and directions lie side by side.
_BOW = {"road": 0.07, "rail": -0.07, "air": 0.2, "foot": 0.02}
_FONT = "Helvetica, Arial, sans-serif"
_WEST, _EAST, _SOUTH, _NORTH = -118.8, -76.9, 7.0, 34.2
_SQUEEZE = math.cos(math.radians(23))


def escape(value: object) -> str:
    """Return text that is safe inside an element or an attribute."""
    return html.escape(str(value), quote=True)


def text(
    x: float,
    y: float,
    words: object,
    *,
    size: float = 11,
    anchor: str = "start",
    colour: str = COLOURS["ink"],
    bold: bool = False,
    halo: bool = False,
    more: str = "",
) -> str:
    """Return an SVG text element."""
    weight = ' font-weight="bold"' if bold else ""
    edge = ' paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{_FONT}" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="{colour}"{weight}{edge}{more}>{escape(words)}</text>'
    )


@dataclass
class Sheet:
    """A map of the corridor: plate carrée squeezed to the scale of 23° N, which is nearly true to distance here.

    Parameters
    ----------
    width : float
        Of the map, in pixels.
    top : float
        Pixels above it that are left free.
    """

    width: float = 900.0
    top: float = 0.0
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    @property
    def scale(self) -> float:
        """Pixels by degree of latitude."""
        return self.width / ((_EAST - _WEST) * _SQUEEZE)

    @property
    def bottom(self) -> float:
        """Where the map ends."""
        return self.top + (_NORTH - _SOUTH) * self.scale

    def xy(self, point: Point) -> Point:
        """Return the pixels of a longitude and latitude."""
        return (point[0] - _WEST) * _SQUEEZE * self.scale, self.top + (_NORTH - point[1]) * self.scale

    def base(self) -> str:
        """Return sea, land, borders and the schematic areas of sectors."""
        window = (
            f'<rect x="0" y="{self.top:.0f}" width="{self.width:.0f}" height="{self.bottom - self.top:.0f}"'
        )
        shapes = {kind: [s for s in outlines() if s.kind == kind] for kind in ("country", "state", "sector")}
        parts = [
            f'<clipPath id="window">{window}/></clipPath>{window} fill="#EAF0F5"/><g clip-path="url(#window)">',
            *(self._shape(s, "#FBFAF7", "#B8C2CC", 0.8) for s in shapes["country"]),
            *(self._shape(s, "none", "#C9D1D9", 0.6) for s in shapes["state"]),
            *(
                self._shape(s, "#E3EBF3" if i % 2 else "#EEF3F8", "#A9B7C4", 0.7, dash="3 2")
                for i, s in enumerate(sorted(shapes["sector"], key=_westmost))
            ),
            "</g>",
        ]
        return "".join(parts)

    def _shape(self, shape: Shape, fill: str, stroke: str, width: float, dash: str = "") -> str:
        path = "".join(
            "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in map(self.xy, ring)) + "Z" for ring in shape.rings
        )
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<path d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"{dashes}/>'

    def link(
        self, a: Point, b: Point, mode: str, width: float, *, opacity: float = 0.75, more: str = ""
    ) -> str:
        """Return a link as a curve that bows to the side of its mode."""
        (xa, ya), (xb, yb) = self.xy(a), self.xy(b)
        bow = _BOW[mode]
        xm, ym = (xa + xb) / 2 - (yb - ya) * bow, (ya + yb) / 2 + (xb - xa) * bow
        dash = f' stroke-dasharray="{MODE_DASH[mode]}"' if MODE_DASH[mode] else ""
        return (
            f'<path d="M{xa:.1f},{ya:.1f}Q{xm:.1f},{ym:.1f} {xb:.1f},{yb:.1f}" fill="none" '
            f'stroke="{MODE_COLOURS[mode]}" stroke-width="{width:.2f}" stroke-opacity="{opacity:g}" '
            f'stroke-linecap="round"{dash}{more}/>'
        )

    def taken(self, x: float, y: float, w: float, h: float) -> None:
        """Keep labels off a box whose upper left corner is (x, y)."""
        self.boxes.append((x, y, x + w, y + h))

    def label(
        self, point: Point, words: str, *, size: float = 10.5, away: float = 6.0, bold: bool = False
    ) -> str:
        """Return a label beside a point where none is yet, or nothing when there is no room."""
        x, y = self.xy(point)
        w, h = 0.56 * size * len(words) + 2, size + 1
        places = (
            (x + away, y - h / 2, "start"), (x - away - w, y - h / 2, "end"),
            (x - w / 2, y + away, "middle"), (x - w / 2, y - away - h, "middle"),
            (x + away * 0.7, y + away * 0.7, "start"), (x - away * 0.7 - w, y + away * 0.7, "end"),
            (x + away * 0.7, y - away * 0.7 - h, "start"), (x - away * 0.7 - w, y - away * 0.7 - h, "end"),
        )  # fmt: skip
        for left, up, anchor in places:
            box = (left, up, left + w, up + h)
            room = left > 2 and left + w < self.width - 2 and up > self.top and up + h < self.bottom
            if room and not any(_overlap(box, other) for other in self.boxes):
                self.boxes.append(box)
                at = left if anchor == "start" else left + w if anchor == "end" else left + w / 2
                return text(at, up + h - 3, words, size=size, anchor=anchor, bold=bold, halo=True)
        return ""


def _overlap(a: Sequence[float], b: Sequence[float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _westmost(shape: Shape) -> float:
    return min(x for ring in shape.rings for x, _ in ring)


def document(width: float, height: float, alternative: str, parts: Iterable[str]) -> str:
    """Return a whole SVG picture that speaks once, through its label."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(alternative)}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )
