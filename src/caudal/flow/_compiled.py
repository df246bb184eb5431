"""The one way functions are compiled: kept on disk between processes, without the interpreter's lock.

Compiled code lies beside the modules, or in the user's cache directory where that cannot be written. The
first call ever compiles for some seconds; `announced` says so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numba as nb
from numba.core import event

__all__ = ["announced", "compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(*, inline: bool = False) -> Callable[[F], F]:
    """Return a decorator that compiles a function; ``inline`` merges a small one into its callers."""

    def decorate(function: F) -> F:
        made: F = nb.njit(cache=True, nogil=True, error_model="numpy", forceinline=inline)(function)
        return made

    return decorate


class _Once(event.Listener):  # type: ignore[misc]
    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.said = say, False

    def on_start(self, event: Any) -> None:
        if not self.said:
            self.said = True
            self.say("compiling the flow engine, once on this machine (some seconds) …")

    def on_end(self, event: Any) -> None:
        return


@contextmanager
def announced(say: Callable[[str], None] | None = None) -> Iterator[None]:
    """Say one line (to standard error by default) if anything has to be compiled meanwhile."""
    listener = _Once(say or (lambda line: print(line, file=sys.stderr)))  # noqa: T201
    event.register("numba:compile", listener)
    try:
        yield
    finally:
        event.unregister("numba:compile", listener)
