"""The reference pages of sources, written from their declarations and what the embedded archive holds of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from caudal._core.dates import period_label
from caudal._core.identifiers import dimension_title
from caudal._core.tables import declared
from caudal.figures._archive import Archive
from caudal.figures._declared import Source, Table, sources, tables

__all__ = ["source_pages", "write_source_pages"]


def source_pages(archive: Archive) -> dict[str, str]:
    """Return file name → text (Markdown) of one page per source and an index.

    Parameters
    ----------
    archive : Archive
        What coverage is told from; the embedded archive for the pages in the documentation.
    """
    fetched = {row["source"]: row["page"] for row in declared("caudal.figures", "updates.csv")}
    own = [source for source in sources().values() if not source.plugin]
    pages = {f"{source.id}.md": _page(source, archive, fetched) for source in own}
    rows = [
        f"| [{source.title_en}]({source.id}.md) | {source.publisher} | {_covered(source, archive)} | {source.licence} |"
        for source in own
    ]
    kept = [f"| `{row['pattern']}` | {row['reason']} |" for row in declared("caudal.figures", "scope.csv")]
    pages["index.md"] = "\n".join(
        [
            "# Sources",
            "",
            "Written by `caudal figures pages` from `sources.csv`, `tables.csv` and the embedded archive.",
            "",
            "| source | publisher | coverage | terms |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Files that are no source",
            "",
            "| file | why |",
            "|---|---|",
            *kept,
            "",
        ]
    )
    return pages


def write_source_pages(directory: Path, archive: Archive) -> list[Path]:
    """Write the pages into a directory and return them."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in source_pages(archive).items():
        (directory / name).write_text(text, encoding="utf-8")
        written.append(directory / name)
    return written


def _covered(source: Source, archive: Archive) -> str:
    """Return the span of all periods that releases of a source speak about."""
    spans = [
        (first, last, tables()[name].freq)
        for release in archive.releases
        if release.source == source.id
        for name, found in release.coverage.items()
        for first, last in found
    ]
    if not spans:
        return "nothing in the embedded archive"
    first, last = min(spans), max(spans, key=lambda span: span[1])
    return f"{period_label(first[2], first[0])} to {period_label(last[2], last[1])}"


def _page(source: Source, archive: Archive, fetched: Mapping[str, str]) -> str:
    notes = source.notes
    of_it = [release for release in archive.releases if release.source == source.id]
    update = (
        f"`caudal figures update {source.id}` asks <{fetched[source.id]}>"
        if source.id in fetched
        else "by hand: `caudal figures add FILE`"
    )
    rhythm = f"every month or so; stale after {notes['every_days']} days" if notes["every_days"] else "closed"
    lines = [
        f"# {source.title_en}",
        "",
        f"*{source.title_es}*",
        "",
        "| | |",
        "|---|---|",
        f"| source | `{source.id}` |",
        f"| publisher | {source.publisher_name} ({source.publisher}) |",
        f"| address | <{source.address}> |",
        f"| terms | {source.licence} |",
        f"| what is counted | {notes['counted']} |",
        f"| not covered | {notes['not_covered']} |",
        f"| coverage | {_covered(source, archive)} |",
        f"| rounding | {notes['rounding']} |",
        f"| revisions | {notes['revisions']} |",
        f"| rhythm | {rhythm}{'; ' + notes['ended'] if notes['ended'] else ''} |",
        f"| update | {update} |",
        "",
        "## Known traps",
        "",
        *(
            f"- {trap.strip()[:1].upper()}{trap.strip()[1:]}."
            for trap in notes["traps"].split(";")
            if trap.strip()
        ),
        "",
        "## Tables",
        "",
        "| table | counts | broken down by | all of | each |",
        "|---|---|---|---|---|",
        *(_table(table) for table in tables().values() if table.source == source.id),
        "",
        "## Releases in the embedded archive",
        "",
        "| release | day known | observations | carried by |",
        "|---|---|---|---|",
        *(
            f"| `{r.id}` | {r.certainty} | {r.observations:,} | {r.carried_by.replace('|', '/') or '-'} |"
            for r in of_it
        ),
        "",
    ]
    return "\n".join(lines)


def _table(table: Table) -> str:
    dims = ", ".join(dimension_title(name).lower() for name in table.dims) or "-"
    fixed = ", ".join(f"{name} {value}" for name, value in table.fixed.items()) or "-"
    rounding = "" if table.exact else f", rounded to {table.rounding}"
    return f"| `{table.id}` | {table.base}{rounding} | {dims} | {fixed} | {table.freq.replace('_', ' ')} |"
