"""The annotated copy of a document: its paragraphs with each claim marked and its verdict beside it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from caudal.statements._say import phrase

if TYPE_CHECKING:
    from caudal.statements._read import DocumentClaim, Reading

__all__ = ["annotated", "fragment"]

_STYLE = """
body{font:17px/1.6 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem;line-height:1.25}p.about{color:#555}
mark{padding:.05em .15em;border-bottom:3px solid #767676;background:#f2f2f2;color:inherit}
mark.true{border-color:#1b6e3c;background:#e8f4ec}mark.false{border-color:#a11f1f;background:#fbeaea}
mark.misleading,mark.true_as_first_published{border-color:#8a5a00;background:#fdf3e0}
ul.verdicts{font:14px/1.45 system-ui,sans-serif;margin:.3rem 0 1rem;padding:.5rem .8rem;list-style:none;
border-left:3px solid #999;background:#fafafa}
@media (prefers-color-scheme:dark){body{background:#121212;color:#e8e8e8}p.about{color:#aaa}mark{background:#2c2c2c}
mark.true{background:#14301f}mark.false{background:#3a1717}mark.misleading,mark.true_as_first_published{background:#3a2c10}
ul.verdicts{background:#1b1b1b}}
"""


def annotated(reading: Reading) -> str:
    """Return a self-contained page; nothing of the original's mark-up or scripts is taken over."""
    language = escape(str(reading.document["language"]))
    title = escape(str(reading.document["title"] or reading.document["source"]))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>\n{fragment(reading)}\n</main></body></html>\n"
    )


def fragment(reading: Reading) -> str:
    """Return the heading and the marked paragraphs."""
    document = reading.document
    about = " · ".join(
        str(part) for part in (document["outlet"], document["date"], document["source"]) if part
    )
    parts = [
        f"<h1>{escape(str(document['title'] or document['source']))}</h1>",
        f'<p class="about">{escape(about)}</p>',
    ]
    for number, paragraph in enumerate(reading.paragraphs):
        claims = [claim for claim in reading.claims if claim.paragraph == number]
        parts.append(f"<p>{_marked(paragraph, claims)}</p>")
        parts += [_verdicts(claim, reading.language) for claim in claims]
    return "\n".join(parts)


def _class(claim: DocumentClaim) -> str:
    found = {one.verdict for one in claim.verdicts if one.edition == "current"} - {"unknown"}
    if not found:
        return "unknown"
    return next(iter(found)) if len(found) == 1 else "misleading"


def _marked(paragraph: str, claims: list[DocumentClaim]) -> str:
    spans: list[tuple[int, int, str]] = []
    for claim in claims:
        start = paragraph.find(claim.text)
        if start >= 0 and not any(start < end and start + len(claim.text) > begin for begin, end, _ in spans):
            spans.append((start, start + len(claim.text), _class(claim)))
    out, at = [], 0
    for begin, end, kind in sorted(spans):
        out.append(escape(paragraph[at:begin]))
        out.append(f'<mark class="{kind}">{escape(paragraph[begin:end])}</mark>')
        at = end
    out.append(escape(paragraph[at:]))
    return "".join(out)


def _verdicts(claim: DocumentClaim, language: str) -> str:
    who = claim.speaker or claim.source
    head = f"<li><i>{escape(who)}</i></li>" if who else ""
    rows = "".join(
        f"<li><b>{escape(phrase(f'verdict_{one.verdict}', language))}</b> {escape(one.sentence)}</li>"
        for one in claim.verdicts
    )
    if not rows:
        rows = f"<li>– {escape(claim.reason)}</li>"
    return f'<ul class="verdicts">{head}{rows}</ul>'
