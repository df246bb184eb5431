"""Many draws from the command line: on the processors there are, with progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from typing import Any

from caudal.cli._globals import Globals

__all__ = ["drawing"]

#: Fewer draws are done before other processes have started.
_ALONE = 24
_MOST = 8


@contextmanager
def drawing(options: Globals, draws: int) -> Iterator[tuple[Executor | None, Any]]:
    """Yield where to run ``draws`` draws (None: here) and whom to tell (what, done, all)."""
    from rich.console import Console
    from rich.progress import Progress

    from caudal._core.executor import executor

    count = min(os.cpu_count() or 1, _MOST)
    alone = draws < _ALONE or count < 2
    bars = Progress(
        console=Console(file=sys.stderr), transient=True, disable=options.quiet or not sys.stderr.isatty()
    )
    tasks: dict[str, Any] = {}

    def told(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total)
        bars.update(tasks[what], completed=done)

    with nullcontext() if alone else executor(count, processes=True, steady=True) as pool, bars:
        yield pool, told
