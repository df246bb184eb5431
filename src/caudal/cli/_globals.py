"""What the options of the whole program say, handed to every command as ``ctx.obj``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import typer

__all__ = ["Globals", "settings"]


@dataclass(frozen=True)
class Globals:
    """The options that stand before any command."""

    store: Path | None = None
    quiet: bool = False
    embedded: bool = True

    def note(self, text: str) -> None:
        """Print a line for the person watching, never into the result."""
        if not self.quiet:
            print(text, file=sys.stderr)  # noqa: T201


def settings(ctx: typer.Context) -> Globals:
    """Return the options of the whole program for a command's context."""
    return cast(Globals, ctx.obj)
