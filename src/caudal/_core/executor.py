"""Where work is done: any `concurrent.futures.Executor`, from a number of workers or a cluster's address."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
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

__all__ = ["executor", "in_order"]

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
def executor(workers: int = 1, cluster: str | None = None, *, processes: bool = False) -> Iterator[Executor]:
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
        with _processes(workers) as pool:
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
def _processes(workers: int) -> Iterator[Executor]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    try:
        with _interrupts_held():
            for _ in range(workers):  # each is born while Ctrl-C is held back, so that it is ours alone
                pool.submit(_begin)
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


def _begin() -> None:
    """Make a new process compute on one thread and leave Ctrl-C to the one that began it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))


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
