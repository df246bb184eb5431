"""Border Patrol encounters by sector and month, FY2000–FY2020: text out of the published PDF, one file a fiscal year.

The text keeps the page's line breaks: a sector's name may stand on the line above its numbers (``Big Bend``), the
heading is broken, thousands have commas or not, Livermore is ``N/A`` after it closed. Every printed total is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from caudal._core.dates import fiscal_start, month_range
from caudal._core.errors import InputError, OptionError
from caudal._core.identifiers import resolve
from caudal.figures._release import ParsedRelease, SourceFile, observations
from caudal.figures.sources._csv import place

__all__ = ["parse", "recognise"]

_SOURCE = "usbp-sector-months"
_TITLE = re.compile(
    r"Total (?:Illegal Alien Apprehensions|Encounters) By Month - FY ((?:19|20)\d\d)", re.IGNORECASE
)
_HEADING = re.compile(
    r"United States Border Patrol|Yearly|Total|SECTOR\|October\|November.*|\(formerly [A-Z][A-Za-z]+\)|"
    r"Beginning in March FY20, USBP encounters statistics include .*|"
    r"\*Livermore Sector was closed after FY 2004"
)
_TOTALS = {"Coastal Border": "coastal", "Northern Border": "northern", "Southwest Border": "southwest"}
#: The page counts Livermore, which closed in 2004, among the coastal sectors.
_REGIONS = {
    "coastal": ("LVM", "MIP", "NLL", "RMY"),
    "northern": ("BLW", "BUN", "DTM", "GFN", "HVM", "HLT", "SPW", "SWB"),
    "southwest": ("BBT", "DRT", "ELC", "EPT", "LRT", "RGV", "SDC", "TCA", "YUM"),
}
_REGION_OF = {sector: region for region, sectors in _REGIONS.items() for sector in sectors}


class _Line(NamedTuple):
    row: int
    name: str
    months: list[int]


def recognise(file: SourceFile) -> bool:
    """Return whether the page's title is in the first lines."""
    return (
        b"United States Border Patrol" in file.content[:200]
        and b"by month - fy" in file.content[:300].lower()
    )


def parse(file: SourceFile) -> list[ParsedRelease]:
    """Return the one release the page is."""
    title = _TITLE.search(file.text)
    if title is None:
        raise InputError(
            "does not say which fiscal year it is",
            where=f"{file.name}, row 2",
            remedy="Expected e.g. 'Total Illegal Alien Apprehensions By Month - FY 2004'",
        )
    year = int(title[1])
    sectors: dict[str, _Line] = {}
    printed: dict[str, _Line] = {}
    for line in _lines(file):
        if line.name in _TOTALS or line.name == "Monthly Total":
            kept, key = printed, _TOTALS.get(line.name, "total")
        else:
            kept, key = sectors, _sector(file, line)
        if key in kept:
            raise InputError(
                f"prints {line.name!r} a second time",
                where=place(file, line.row),
                remedy="Use the page as it is",
            )
        kept[key] = line
    _check_whole(file, sectors, printed)
    start = fiscal_start(year)
    period = month_range(start, start.replace(year=start.year + 1, month=9))
    cells = [(day, code, line, i) for code, line in sectors.items() for i, day in enumerate(period)]
    frame = observations(
        _SOURCE,
        {
            "period": [day for day, *_ in cells],
            "region": [_REGION_OF[code] for _, code, *_ in cells],
            "area": [code for _, code, *_ in cells],
            "value": [float(line.months[i]) for *_, line, i in cells],
            "status": ["final"] * len(cells),
            "row": [line.row for *_, line, _ in cells],
        },
    )
    return [ParsedRelease(_SOURCE, frame, part=f"FY{year}")]


def _lines(file: SourceFile) -> Iterator[_Line]:
    """Yield the lines of numbers with their names, and refuse any line that is neither that nor a heading."""
    above = ""
    for row, text in enumerate(file.text.splitlines(), start=1):
        bare = text.strip()
        if not bare or _HEADING.fullmatch(bare) or _TITLE.search(bare):
            continue
        fields = [field.strip() for field in bare.split("|")]
        if len(fields) == 1:
            above = bare
            continue
        if len(fields) == 13 and above:
            fields = [above, *fields]
        above = ""
        if len(fields) != 14:
            raise InputError(
                f"has {len(fields)} fields where a name, twelve months and a total are expected",
                where=place(file, row),
                remedy="The text is cut off or broken in an unknown way",
            )
        name = fields[0].rstrip("*")
        if set(fields[1:]) == {"N/A"}:
            continue
        numbers = [_number(file, row, field) for field in fields[1:]]
        if sum(numbers[:12]) != numbers[12] and "totals" not in file.accept:
            raise InputError(
                f"months of {name!r} add up to {sum(numbers[:12]):,}, the page says {numbers[12]:,}",
                where=place(file, row),
                remedy="Use the page as it is (or --accept totals)",
            )
        yield _Line(row, name, numbers[:12])
    if above:
        raise InputError(f"{above!r} has no numbers", where=place(file, row), remedy="The text is cut off")


def _number(file: SourceFile, row: int, text: str) -> int:
    if re.fullmatch(r"\d{1,3}(,\d{3})+|\d{1,7}", text, re.ASCII):
        return int(text.replace(",", ""))
    raise InputError(f"{text!r} is not a count", where=place(file, row), remedy="Expected e.g. 1,234")


def _sector(file: SourceFile, line: _Line) -> str:
    try:
        code = resolve("sector", line.name)
    except OptionError as error:
        raise InputError(error.what, where=place(file, line.row), remedy=error.remedy) from None
    return code


def _check_whole(file: SourceFile, sectors: dict[str, _Line], printed: dict[str, _Line]) -> None:
    """Hold the page to its own totals, and to having every sector and every total."""
    missing = [code for code in _REGION_OF if code not in sectors and code != "LVM"]
    missing += [name for name in (*_REGIONS, "total") if name not in printed]
    if missing:
        raise InputError(
            f"lacks {', '.join(missing)}", where=file.name, remedy="The text is cut off; use the whole page"
        )
    if "totals" in file.accept:
        return
    for name, codes in (*_REGIONS.items(), ("total", tuple(sectors))):
        for month in range(12):
            added = sum(sectors[code].months[month] for code in codes if code in sectors)
            if added != printed[name].months[month]:
                raise InputError(
                    f"sectors add up to {added:,} in month {month + 1} of the fiscal year, "
                    f"the page says {printed[name].months[month]:,}",
                    where=place(file, printed[name].row),
                    remedy="Use the page as it is (or --accept totals)",
                )
