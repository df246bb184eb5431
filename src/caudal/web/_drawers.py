"""Processes that draw: draw *i* always goes to the same one, which remembers how that draw begins."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any

__all__ = ["Drawers"]

#: Draws sent to a process at a time: progress is told, and draws are given up, in such steps.
_AT_A_TIME = 10


class Drawers(Executor):
    """An executor of processes that do not fork.

    The corridor keeps the beginning of a draw, which no lever changes, in the memory of the process that ran it. Were
    draws handed out as processes come free, each process would in the end hold the beginnings of all.

    Parameters
    ----------
    count : int
        Processes.
    """

    def __init__(self, count: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pools = [ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin) for _ in range(count)]

    def map(  # type: ignore[override]
        self, fn: Callable[..., Any], /, *iterables: Iterable[Any], **options: Any
    ) -> Iterator[Any]:
        """Yield ``fn(*items)`` in order; item *i* is worked out by process *i* modulo their number."""
        del options
        items = list(zip(*iterables, strict=True))
        count = len(self._pools)
        parts = [
            pool.map(fn, *zip(*items[i::count], strict=True), chunksize=_AT_A_TIME)
            if items[i::count]
            else iter(())
            for i, pool in enumerate(self._pools)
        ]
        try:
            for i in range(len(items)):
                yield next(parts[i % count])
        finally:
            for part in parts:  # what has not begun is dropped
                if isinstance(part, Generator):
                    part.close()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        for pool in self._pools:
            pool.shutdown(wait=wait, cancel_futures=cancel_futures)


def _begin() -> None:
    """Make a new process give way to pages, leave Ctrl-C to the server, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1"))
    if hasattr(os, "nice"):
        os.nice(5)
    server = multiprocessing.parent_process()

    def watch() -> None:
        if server is not None:
            server.join()
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
