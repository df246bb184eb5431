"""The one way functions are compiled: kept on disk between processes, without the interpreter's lock.

Compiled code lies beside the modules, or in the user's cache directory where that cannot be written. The
first call ever compiles for some seconds; `announced` says so.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba as nb
import numba.np.linalg as _linalg
from numba.core import event
from numba.core.caching import FunctionCache

__all__ = ["announced", "compiled"]


def _put_off_linear_algebra() -> None:
    """Let numba set itself up without importing scipy's linear algebra, which takes as long as a whole run.

    It asks at import whether ``dot`` could be compiled. Here scipy is always there, so the answer is yes; numba asks
    again wherever linear algebra is really compiled, so other code in the process loses nothing.
    """
    asks = getattr(_linalg, "ensure_blas", None)
    if asks is None or "numba.np.arraymath" in sys.modules:
        return
    _linalg.ensure_blas = lambda: None
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        _linalg.ensure_blas = asks


_put_off_linear_algebra()

F = TypeVar("F", bound=Callable[..., Any])


@cache
def _digest(room: Path) -> str:
    """Return a digest of a room's modules."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(room.glob("*.py")))).hexdigest()


class _Kept(FunctionCache):  # type: ignore[misc]
    """What numba keeps of a function, found again only while no module of its room has changed.

    Compiled code holds that of the functions it calls, and numba looks only at the file of the outermost: after a
    change to another one (an edit, a pull) old code would run without a word.
    """

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        room = Path(self._py_func.__code__.co_filename).parent
        return (*super()._index_key(sig, codegen), _digest(room))


def compiled(*, inline: bool = False, inner: bool = False) -> Callable[[F], F]:
    """Return a decorator that compiles a function.

    ``inline`` merges a small one into its callers; ``inner`` is for one that only compiled code calls. Both
    need no way in from Python, and are kept with their callers.
    """

    def decorate(function: F) -> F:
        made = nb.njit(
            nogil=True,
            error_model="numpy",
            forceinline=inline,
            no_cpython_wrapper=inner or inline,
            no_cfunc_wrapper=True,
        )(function)
        if not (inner or inline):
            made._cache = _Kept(function)
        return cast(F, made)

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
