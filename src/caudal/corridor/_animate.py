"""Months one after another: one HTML file, nothing loaded from elsewhere."""

from __future__ import annotations

from caudal.corridor._canvas import escape, text
from caudal.corridor._map import Drawing, wrapped
from caudal.corridor._picture import Picture, Result, picture
from caudal.corridor._words import Words

__all__ = ["animated_map"]

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body{{font:15px/1.45 Helvetica,Arial,sans-serif;color:#1F2933;margin:1rem auto;max-width:60rem;padding:0 .8rem}}
h1{{font-size:1.25rem}} svg{{width:100%;height:auto;display:block}}
.row{{display:flex;gap:.8rem;align-items:center;margin:.6rem 0}} input{{flex:1}} button{{font:inherit}}
output{{min-width:9rem}} table{{border-collapse:collapse;font-size:.9rem}} .wide{{overflow-x:auto}}
th,td{{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #E4E7EB}} th:first-child{{text-align:left}}
</style></head><body>
<h1>{title}</h1>
<div class="row"><button id="play" type="button">{play}</button>
<label for="month">{month}</label>
<input id="month" type="range" min="0" max="{last}" value="0" step="1">
<output id="label" for="month">{first}</output></div>
{picture}
<details><summary>{numbers}</summary><div class="wide">{table}</div></details>
<script>
"use strict";
const frames = [...document.querySelectorAll("g[data-month]")];
const slider = document.getElementById("month"), play = document.getElementById("play");
const picture = document.querySelector("svg"), label = document.getElementById("label");
let timer = null;
function show() {{
  const t = Number(slider.value);
  frames.forEach((frame, i) => frame.setAttribute("display", i === t ? "inline" : "none"));
  label.textContent = frames[t].dataset.month;
  slider.setAttribute("aria-valuetext", frames[t].dataset.month);
  picture.setAttribute("aria-label", frames[t].dataset.words);
}}
function stop() {{ clearInterval(timer); timer = null; play.textContent = "{play}"; }}
play.addEventListener("click", () => {{
  if (timer) return stop();
  play.textContent = "{pause}";
  timer = setInterval(() => {{ slider.value = (Number(slider.value) + 1) % frames.length; show(); }}, 1200);
}});
slider.addEventListener("input", () => {{ stop(); show(); }});
show();
</script></body></html>
"""


def animated_map(result: Result, *, language: str = "en") -> str:
    """Return all months of a result as one HTML page with a slider, a button and the numbers as a table.

    Without JavaScript the first month is shown. All months share one scale.

    Parameters
    ----------
    result : Outcomes
        Of `caudal.corridor.simulate`.
    language : {"en", "es"}
        Language of words.

    Raises
    ------
    OptionError
        When the language is not known.
    InputError
        When the result was kept without its flows.
    """
    seen, words = picture(result), Words(language)
    drawing = Drawing(seen, language)
    months = [words.month(month) for month in seen.months]
    frames = []
    for t, month in enumerate(months):
        hidden = "" if t == 0 else ' display="none"'
        head = [text(12, 22, drawing.title(t), size=15, bold=True), *wrapped(12, 40, drawing.subtitle(t))]
        about = f'data-month="{escape(month)}" data-words="{escape(drawing.alternative(t))}"'
        frames.append(f"<g {about}{hidden}>{''.join([*head, *drawing.body(t)])}</g>")
    svg = drawing.document(drawing.alternative(0), [*drawing.ground(), *frames])
    return _PAGE.format(
        language=language,
        title=escape(words.say("animated_title", first=months[0], last=months[-1])),
        play=words.say("play"),
        pause=words.say("pause"),
        month=words.say("month"),
        last=len(months) - 1,
        first=escape(months[0]),
        picture=svg,
        numbers=words.say("table"),
        table=_table(seen, words, months),
    )


def _table(seen: Picture, words: Words, months: list[str]) -> str:
    keys = [key for key in ("between", "at", "waiting", "queue", "held", "deaths") if key in seen.totals]
    short = {"waiting": "waiting_short"}
    head = "".join(
        f'<th scope="col">{escape(words.say(short.get(key, f"legend_{key}")))}</th>' for key in keys
    )
    rows = []
    for t, month in enumerate(months):
        cells = []
        for key in keys:
            mean, low, high = (words.number(edge[t]) for edge in seen.totals[key])
            cells.append(f"<td>{mean}" + (f" ({low}–{high})" if seen.draws > 1 else "") + "</td>")
        rows.append(f'<tr><th scope="row">{escape(month)}</th>{"".join(cells)}</tr>')
    head = f'<tr><th scope="col">{words.say("month")}</th>{head}</tr>'
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
