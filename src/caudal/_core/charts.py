"""How charts look everywhere: one theme, colours that colour-blind readers can tell apart, inline SVG."""

from __future__ import annotations

import re
from typing import Any, Literal

__all__ = ["COLOURS", "COUNTS", "svg", "themed"]

#: One highlight over grey history; the second colour for a second series. From Okabe and Ito's palette.
COLOURS = {
    "highlight": "#0072B2",
    "second": "#D55E00",
    "history": "#9AA5B1",
    "ink": "#1F2933",
    "grid": "#E4E7EB",
}

#: Axis of counts. Vega gives every step the same prefix, so that nothing would be "0k".
COUNTS = {
    "format": "~s",
    "domain": False,
    "ticks": False,
    "labelExpr": "datum.value == 0 ? '0' : datum.label",
}

_LOCALES: dict[str, Literal["en-US", "es-MX"]] = {"en": "en-US", "es": "es-MX"}
_FONT = "Helvetica, Arial, sans-serif"


def themed(chart: Any) -> Any:
    """Return an Altair chart with the house's fonts, colours and axes."""
    axis = {
        "labelFont": _FONT,
        "titleFont": _FONT,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "labelColor": "#52606D",
        "titleColor": "#52606D",
        "titleFontWeight": "normal",
        "gridColor": COLOURS["grid"],
        "domainColor": COLOURS["history"],
        "tickColor": COLOURS["history"],
    }
    return (
        chart.configure(font=_FONT, background="white")
        .configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_legend(labelFont=_FONT, titleFont=_FONT, labelFontSize=11)
    )


def svg(chart: Any, *, name: str, alternative: str, language: str = "en") -> str:
    """Return an Altair chart as SVG for use inside a page.

    Parameters
    ----------
    chart : altair.TopLevelMixin
        The chart, not yet themed.
    name : str
        Unique in the page: identifiers inside the SVG are prefixed with it.
    alternative : str
        What the chart shows, in words.
    language : {"en", "es"}
        Language of months on axes.
    """
    import vl_convert

    text = vl_convert.vegalite_to_svg(themed(chart).to_dict(), time_format_locale=_LOCALES[language])
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    # The picture speaks once, through its label; Vega's own roles would read out every mark.
    text = re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", text)
    label = alternative.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return re.sub(r"<svg\b", f'<svg role="img" aria-label="{label}"', text, count=1)
