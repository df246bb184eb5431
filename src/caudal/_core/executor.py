"""Where work is done: any `concurrent.futures.Executor`, from a number of workers or a cluster's address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, TypeVar

from caudal._core.errors import OptionError

__all__ = ["executor", "in_order"]

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def executor(workers: int = 1, cluster: str | None = None) -> Iterator[Executor]:
    """Yield an executor and shut it down afterwards, dropping what has not begun if there was an error.

    Parameters
    ----------
    workers : int
        Threads of this process (compiled code runs without the interpreter's lock).
    cluster : str, optional
        Address of a ``dask.distributed`` scheduler; needs the extra ``caudal[cluster]``.
    """
    if workers < 1:
        raise OptionError(f"{workers} workers cannot do anything", where="--workers", remedy="Use 1 or more")
    if cluster is None:
        pool = ThreadPoolExecutor(workers)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        pool.shutdown()
        return
    try:
        from distributed import Client
    except ImportError:
        raise OptionError(
            "a cluster needs dask.distributed", where="--cluster", remedy="pip install 'caudal[cluster]'"
        ) from None
    try:
        client = Client(cluster, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise OptionError(f"no scheduler answers at {cluster} ({error})", where="--cluster") from None
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
