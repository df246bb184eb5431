"""Everything that is compiled, in the order in which one table needs the other."""

from __future__ import annotations

from pathlib import Path

from caudal._core.errors import InputError
from caudal.corridor._compile import compile_places_and_links
from caudal.corridor._compile_deaths import compile_deaths
from caudal.corridor._compile_outlines import compile_outlines

__all__ = ["compile_tables"]


def compile_tables(source: str | Path, out: str | Path, *, atlas: str | Path | None = None) -> dict[str, int]:
    """Compile places, links, deaths by sector and, given an atlas, outlines; return rows (deaths) per file.

    Parameters
    ----------
    source : path
        The publishers' files: ``geography/`` and ``deaths/``.
    out : path
        A directory that exists.
    atlas : path, optional
        Where npm put ``world-atlas`` and ``us-atlas``.

    Raises
    ------
    InputError
        When a file or the directory is missing.
    """
    source, out = Path(source), Path(out)
    if not out.is_dir():
        raise InputError(
            "there is no such directory", where=str(out), remedy="Run it in the source tree, or give --out"
        )
    counts = compile_places_and_links(source / "geography", out)
    counts["sector_deaths.csv"] = compile_deaths(source / "deaths", out)
    if atlas is not None:
        counties = source / "geography" / "usbp_sector_counties.csv"
        counts["outlines.json"] = compile_outlines(Path(atlas), counties, out)
    return counts
