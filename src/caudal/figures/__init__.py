"""What was published: official figures with every release, seen as of any day.

``series`` answers what a measure was; ``triangle`` how one month's figure moved from release to release; ``trace``
which rows of which file add up to it; ``reconcile`` whether tables that count the same thing agree.
"""

from __future__ import annotations

from caudal.figures._archive import Archive, open_archive, store_directory
from caudal.figures._chart import breaks, chart, svg_of, with_publisher
from caudal.figures._compile import compile_archive
from caudal.figures._declared import Measure, Source, Table, measures, sources, tables
from caudal.figures._derive import rolling, same_month, share, year_on_year
from caudal.figures._export import export, export_release
from caudal.figures._fetch import Fetcher, OfflineError
from caudal.figures._history import release_table, releases_of, trace, triangle
from caudal.figures._ingest import ACCEPTABLE, Added, add_file
from caudal.figures._pages import source_pages, write_source_pages
from caudal.figures._reconcile import Reconciliation, reconcile
from caudal.figures._release import ParsedRelease, SourceFile
from caudal.figures._reports import Report, add_report, events, release_days, reports
from caudal.figures._series import Calendar, series
from caudal.figures._status import source_table
from caudal.figures._store import Release, Store
from caudal.figures._update import Place, Updated, places, update

__all__ = [
    "ACCEPTABLE",
    "Added",
    "Archive",
    "Calendar",
    "Fetcher",
    "Measure",
    "OfflineError",
    "ParsedRelease",
    "Place",
    "Reconciliation",
    "Release",
    "Report",
    "Source",
    "SourceFile",
    "Store",
    "Table",
    "Updated",
    "add_file",
    "add_report",
    "breaks",
    "chart",
    "compile_archive",
    "events",
    "export",
    "export_release",
    "measures",
    "open_archive",
    "places",
    "reconcile",
    "release_days",
    "release_table",
    "releases_of",
    "reports",
    "rolling",
    "same_month",
    "series",
    "share",
    "source_pages",
    "source_table",
    "sources",
    "store_directory",
    "svg_of",
    "tables",
    "trace",
    "triangle",
    "update",
    "with_publisher",
    "write_source_pages",
    "year_on_year",
]
