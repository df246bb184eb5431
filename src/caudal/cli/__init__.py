"""The ``caudal`` command: one thin command per verb, each room's commands loaded when they are called.

``COMMANDS`` declares what exists; a room adds its line there and a module beside this one.
"""

from __future__ import annotations

import sys

from caudal.cli._run import run

__all__ = ["COMMANDS", "main"]

#: command → (module that holds its Typer ``app``, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "bargain": ("caudal.cli.bargain", "Who wants what, and which packages all could sign."),
    "brief": ("caudal.cli.brief", "Write the briefing, as of any day."),
    "read": ("caudal.cli.read", "Read an article or report and check what it claims."),
    "check": ("caudal.cli.check", "Check a sentence against the official figures."),
    "corridor": (
        "caudal.cli.corridor",
        "The ways to the border: places, links, ports, assumptions; the model.",
    ),
    "events": ("caudal.cli.events", "Policy events with their sources."),
    "evidence": ("caudal.cli.evidence", "What encounters did after an event, and how well that is known."),
    "figures": ("caudal.cli.figures", "Official figures: series, releases, ingest, reconciliation."),
    "flow": ("caudal.cli.flow", "People moving over a network: run, check, validate, compare, calibrate."),
    "forecast": ("caudal.cli.forecast", "What comes next, as of any day; scoreboard, nowcast, ledger."),
    "serve": ("caudal.cli.serve", "The application: pages, charts and an API, on this machine."),
    "opinion": ("caudal.cli.opinion", "What the public thinks: polls with their addresses, pooled."),
    "scenario": (
        "caudal.cli.scenario",
        "What each lever would change, with what is known of it; run and compare.",
    ),
}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(COMMANDS, sys.argv[1:] if arguments is None else arguments))
