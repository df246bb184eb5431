"""Make what the documentation shows: the picture in the README and the schema of the briefing.

Usage: python docs/make.py (or ``make docs``). The picture needs Chromium (Debian: apt-get install chromium); without it
the schema alone is made and that is said.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from caudal import brief, figures

HERE = Path(__file__).resolve().parent


def schema() -> None:
    text = json.dumps(brief.json_schema(), indent=1) + "\n"
    (HERE / "reference" / "briefing.schema.json").write_text(text)


def picture() -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        print("no Chromium here: the picture is left as it is", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as directory:
        page = brief.write(
            Path(directory) / "brief.html", as_of="2023-12-22", archive=figures.open_archive("/nonexistent")
        )
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                f"--user-data-dir={directory}/profile",
                "--window-size=900,1000",
                f"--screenshot={HERE / 'images' / 'briefing.png'}",
                page.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


if __name__ == "__main__":
    schema()
    picture()
