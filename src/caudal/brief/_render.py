"""Showing a briefing: one self-contained HTML file, the same as PDF, or JSON with a published schema."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from caudal._core.errors import OptionError, StoreError, did_you_mean
from caudal.brief._build import build
from caudal.brief._model import Briefing, Chart, Facts, Headline, Number, Paragraph, Table
from caudal.brief._phrases import Speech

__all__ = ["FORMATS", "html", "json_schema", "numbers", "pdf", "to_json", "write"]

FORMATS = ("html", "pdf", "json")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("caudal.brief", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def html(briefing: Briefing) -> str:
    """Return the briefing as one HTML file that needs nothing else: no script, no font, no address is loaded."""
    speech = Speech(briefing.language)
    template = _environment().get_template("briefing.html")
    return template.render(
        b=briefing,
        t=speech.text,
        day=speech.day,
        month=speech.month,
        numbers=list(numbers(briefing)),
        marks=_marks,
        inline=Markup,  # only for SVG that we drew ourselves
    )


def _marks(sources: list[int]) -> str:
    """Return ``1, 3–5`` for sources 1, 3, 4 and 5."""
    runs: list[list[int]] = []
    for number in sorted(sources):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def pdf(briefing: Briefing) -> bytes:
    """Return the briefing as PDF, for print and mail (needs the extra ``caudal[pdf]``).

    Raises
    ------
    OptionError
        When WeasyPrint or the system's Pango, which it draws text with, is not installed.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # OSError: the package is there, Pango is not
        raise OptionError(
            f"PDF needs WeasyPrint and Pango ({str(error).splitlines()[0]})",
            where="--format pdf",
            remedy="pip install 'caudal[pdf]', and your system's Pango (Debian: libpangoft2-1.0-0); or print the HTML",
        ) from None
    text = html(briefing)
    # The identifier would be random; made from the content it lets the same briefing be the same bytes.
    identifier = hashlib.sha256(text.encode()).digest()[:16]
    document = weasyprint.HTML(string=text, url_fetcher=_fetch_nothing)
    return bytes(document.write_pdf(pdf_identifier=identifier))


def _fetch_nothing(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    raise ValueError(f"a briefing loads nothing, not even {url}")


def to_json(briefing: Briefing) -> str:
    """Return the briefing as JSON; `json_schema` describes it."""
    return json.dumps(briefing.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a briefing."""
    return Briefing.model_json_schema()


def numbers(briefing: Briefing) -> Iterator[Number]:
    """Yield every number that is printed, in order."""
    yield from (span for span in briefing.standfirst if isinstance(span, Number))
    for section in briefing.sections:
        for block in section.blocks:
            yield from _in_block(block)


def _in_block(block: Paragraph | Facts | Headline | Table | Chart) -> Iterator[Number]:
    if isinstance(block, Paragraph):
        yield from (span for span in block.spans if isinstance(span, Number))
    elif isinstance(block, Facts):
        for fact in block.facts:
            yield fact.number
            yield from (span for span in fact.spans if isinstance(span, Number))
    elif isinstance(block, Headline):
        for chip in block.chips:
            yield from (span for span in chip.spans if isinstance(span, Number))
    elif isinstance(block, Table):
        for cell in (cell for row in block.rows for cell in row if cell):
            yield from (span for span in cell if isinstance(span, Number))


#: How each of `FORMATS` is made.
_SHOWN: dict[str, Callable[[Briefing], str | bytes]] = {"html": html, "pdf": pdf, "json": to_json}


def write(path: str | os.PathLike[str], *, format: str | None = None, **options: Any) -> Path:
    """Build a briefing and write it to a file, whole or not at all.

    Parameters
    ----------
    path : path
        The file. Its suffix chooses the format unless ``format`` does.
    format : {"html", "pdf", "json"}, optional
        How to show it.
    **options
        As in `build`: ``as_of``, ``language``, ``capacity``, ``archive``.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OptionError
        When the format is not known.
    StoreError
        When the file cannot be written.
    """
    target = Path(path)
    chosen = format or target.suffix.removeprefix(".").lower() or "html"
    if chosen not in FORMATS:
        raise OptionError(
            f"{chosen!r} is not a format", where="--format", remedy=did_you_mean(chosen, FORMATS)
        )
    briefing = build(**options)
    shown: str | bytes = _SHOWN[chosen](briefing)
    content = shown if isinstance(shown, bytes) else shown.encode()
    place = target.resolve()  # what a link leads to is written, not the link
    temporary = place.with_name(f".{place.name}.tmp")
    try:
        if (
            place.exists() and not place.is_file() and not place.is_dir()
        ):  # a device or a pipe stays what it is
            place.write_bytes(content)
        else:
            temporary.write_bytes(content)
            temporary.replace(place)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StoreError(
            f"cannot be written ({error.strerror or error})",
            where=str(target),
            remedy="Choose another file: -o FILE",
        ) from None
    return target
