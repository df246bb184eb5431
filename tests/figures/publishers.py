"""Publishers' files, made again from the embedded archive: the archive keeps every row, so the bytes come back.

Tests of ingest need real files in real formats, and must run where the originals are not. That these are the
originals is itself a test: their SHA-256 is the one in the manifest.
"""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl

from caudal._core.dates import MONTH_ABBREVIATIONS, fiscal_year
from caudal.figures import Archive

MONTHS = {number: name for name, number in MONTH_ABBREVIATIONS.items()}
REGIONS = {"southwest": "Southwest Land Border", "northern": "Northern Land Border", "other": "Other"}
COMPONENTS = {"USBP": "U.S. Border Patrol", "OFO": "Office of Field Operations"}
FAMILIES = {
    "single-adults": "Single Adults",
    "family-units": "FMUA",
    "accompanied-minors": "Accompanied Minors",
}
AUTHORITIES = {"title-8": "Title 8", "title-42": "Title 42"}
TYPES = {"apprehension": "Apprehensions", "inadmissible": "Inadmissibles", "expulsion": "Expulsions"}
GROUPS = {"MEX": "Mexico", "GTM": "Guatemala", "HND": "Honduras", "SLV": "El Salvador", "OTHER": "Other"}
CITIZENSHIPS = {
    "BRA": "BRAZIL",
    "CAN": "CANADA",
    "CHN": "CHINA, PEOPLES REPUBLIC OF",
    "COL": "COLOMBIA",
    "CUB": "CUBA",
    "ECU": "ECUADOR",
    "SLV": "EL SALVADOR",
    "GTM": "GUATEMALA",
    "HTI": "HAITI",
    "HND": "HONDURAS",
    "IND": "INDIA",
    "MEX": "MEXICO",
    "MMR": "MYANMAR (BURMA)",
    "NIC": "NICARAGUA",
    "OTHER": "OTHER",
    "PER": "PERU",
    "PHL": "PHILIPPINES",
    "ROU": "ROMANIA",
    "RUS": "RUSSIA",
    "TUR": "TURKEY",
    "UKR": "UKRAINE",
    "VEN": "VENEZUELA",
}
STATE_HEADER = [
    "Fiscal Year",
    "Month Grouping",
    "Month (abbv)",
    "Land Border Region",
    "State",
    "Demographic",
    "Citizenship",
    "Title of Authority",
    "Encounter Count",
]
SOUTHWEST_HEADER = [
    "Fiscal Year",
    "Month Grouping",
    "Month (abbv)",
    "Component",
    "Demographic",
    "Citizenship Grouping",
    "Title of Authority",
    "Encounter Type",
    "Encounter Count",
]


def rows_of(archive: Archive, release: str) -> list[list[str]]:
    """Return header and rows of a state or southwest file as CBP writes them."""
    (path,) = archive.files([release])
    frame = pl.read_parquet(path).sort("row")
    running = archive.release(release).provisional_from
    newest: date = frame["period"].max()  # type: ignore[assignment]
    minors = "UAC" if release.partition("@")[2] >= "2025" else "UC / Single Minors"
    families = {**FAMILIES, "unaccompanied": minors}
    state = release.startswith("cbp-nationwide-state")
    body = []
    for row in frame.to_dicts():
        month: date = row["period"]
        year = fiscal_year(month)
        in_year = running is not None and year == fiscal_year(newest)
        # Months of earlier years that the year in progress has not reached are "Remaining".
        position = (month.month - 10) % 12
        remaining = running is not None and position > (newest.month - 10) % 12
        common = [
            f"{year} (FYTD)" if in_year else str(year),
            "Remaining" if remaining else "FYTD",
            MONTHS[month.month],
        ]
        if state:
            cells = [
                REGIONS[row["region"]],
                row["state"],
                families[row["family_status"]],
                CITIZENSHIPS[row["citizenship"]],
            ]
            cells += [AUTHORITIES[row["authority"]]]
        else:
            cells = [
                COMPONENTS[row["component"]],
                families[row["family_status"]],
                GROUPS[row["citizenship_group"]],
            ]
            cells += [AUTHORITIES[row["authority"]], TYPES[row["encounter_type"]]]
        body.append([*common, *cells, str(int(row["value"]))])
    return [STATE_HEADER if state else SOUTHWEST_HEADER, *body]


def as_csv(rows: list[list[str]], end: str = "\r\n") -> bytes:
    """Return rows as CSV bytes."""
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(rows)
    return out.getvalue().encode()


def original(archive: Archive, release: str) -> bytes:
    """Return the bytes of the publisher's file."""
    return as_csv(rows_of(archive, release))
