"""Where work is done: any `concurrent.futures.Executor`, from a number of workers or a cluster's address."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from typing import Any, TypeVar

from caudal._core.errors import CaudalError, OptionError

__all__ = ["Steady", "executor", "in_order"]

T = TypeVar("T")
R = TypeVar("R")

#: What numerical libraries read once, when they are loaded.
_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


@contextmanager
def executor(
    workers: int = 1, cluster: str | None = None, *, processes: bool = False, steady: bool = False
) -> Iterator[Executor]:
    """Yield an executor and shut it down afterwards, dropping what has not begun if there was an error.

    Parameters
    ----------
    workers : int
        Threads of this process (compiled code runs without the interpreter's lock), or processes.
    cluster : str, optional
        Address of a ``dask.distributed`` scheduler; needs the extra ``caudal[cluster]``.
    processes : bool
        Processes of their own instead of threads, for work that holds the interpreter's lock. They start
        afresh (nothing is forked), so what they are given must pickle, and a script of the user's needs
        ``if __name__ == "__main__":``; each computes on one thread. An error or an interrupt ends them at once.
    steady : bool
        Processes to which `Executor.map` always gives the same items; see `Steady`.

    Raises
    ------
    OptionError
        No workers, or no cluster that answers.
    CaudalError
        A worker process was ended from outside, as happens when memory is short.
    """
    if workers < 1:
        raise OptionError(f"{workers} workers cannot do anything", where="--workers", remedy="Use 1 or more")
    if cluster is not None:
        with _cluster(cluster) as pool:
            yield pool
    elif processes:
        with _processes(workers, steady) as pool:
            yield pool
    else:
        with _threads(workers) as pool:
            yield pool


@contextmanager
def _threads(workers: int) -> Iterator[Executor]:
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def _processes(workers: int, steady: bool) -> Iterator[Executor]:
    pool: Executor = Steady(workers) if steady else _pool(workers)
    try:
        with _interrupts_held():
            for _ in range(workers):  # each is born while Ctrl-C is held back, so that it is ours alone
                pool.submit(os.getpid)
        yield pool
    except BaseException as error:
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.terminate()  # as `terminate_workers` of Python 3.14: what is under way may be long
        pool.shutdown(wait=True, cancel_futures=True)
        if isinstance(error, BrokenExecutor):
            raise CaudalError(
                "a worker process was ended from outside", remedy="Memory may be short: use fewer workers"
            ) from error
        raise
    pool.shutdown()


def _pool(workers: int, nice: int = 0) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=(nice,))


def _begin(nice: int = 0) -> None:
    """Make a new process compute on one thread, leave Ctrl-C to the one that began it, and end with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def _end_with(parent: Any) -> None:
    if parent is not None:
        parent.join()
        os._exit(0)


class Steady(Executor):
    """Processes to which `map` gives items in turn: item *i* always goes to the same one.

    For work that remembers: the corridor keeps the beginning of a draw, which no lever changes, in the memory of the
    process that ran it. Were items handed out as processes come free, each would in the end hold the beginnings of all.

    Parameters
    ----------
    count : int
        Processes; they start afresh, one thread each.
    nice : int
        How far they give way to others.
    """

    def __init__(self, count: int, *, nice: int = 0) -> None:
        self._pools = [_pool(1, nice) for _ in range(count)]
        self._next = 0

    @property
    def _processes(self) -> dict[int, Any]:
        return {pid: one for pool in self._pools for pid, one in (pool._processes or {}).items()}

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        """Give one piece of work to the next process."""
        pool = self._pools[self._next % len(self._pools)]
        self._next += 1
        return pool.submit(fn, *args, **kwargs)

    def map(
        self,
        fn: Callable[..., R],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
    ) -> Iterator[R]:
        """Yield ``fn(*items)`` in order; item *i* is worked out by process *i* modulo their number."""
        items = list(zip(*iterables, strict=True))
        count = len(self._pools)
        parts = [
            pool.map(fn, *zip(*items[i::count], strict=True), timeout=timeout, chunksize=chunksize)
            for i, pool in enumerate(self._pools[: len(items)])
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


@contextmanager
def _interrupts_held() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise OptionError(
            "a cluster needs dask.distributed", where="--cluster", remedy="pip install 'caudal[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise OptionError(f"no scheduler answers at {address} ({error})", where="--cluster") from None
    with client:
        yield client.get_executor()


def in_order(
    pool: Executor, function: Callable[[T], R], items: Sequence[T], *, ahead: int = 16
) -> Iterator[R]:
    """Yield ``function(item)`` for every item, in the order of the items, at most ``ahead`` under way.

    Unlike `Executor.map` this keeps a bounded number of results in memory and can be stopped at any point.
    """
    waiting: dict[int, Future[Any]] = {}
    begun = 0
    for done in range(len(items)):
        while begun < len(items) and begun < done + ahead:
            waiting[begun] = pool.submit(function, items[begun])
            begun += 1
        future = waiting.pop(done)
        wait([future], return_when=FIRST_COMPLETED)
        yield future.result()
