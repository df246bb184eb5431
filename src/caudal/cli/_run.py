"""Build the command line for one call and turn every mistake into one line and an exit code.

Only the module of the command that is called is imported; the others are listed by their one line of help.
Exit codes: 0 done, 1 a finding (a disagreement, a failed check), 2 a user's mistake, 70 a mistake of ours,
130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import caudal
from caudal._core.errors import CaudalError
from caudal.cli._globals import Globals

__all__ = ["run"]

#: Options of the whole program, and whether they take a value. They may stand before or after the command.
_GLOBAL_OPTIONS = {"--store": True, "--quiet": False, "--no-embedded": False}


def run(commands: Mapping[str, tuple[str, str]], arguments: Sequence[str]) -> int:
    """Run one command line and return the exit code."""
    arguments = _globals_first(arguments)
    app = _application(commands, arguments)
    try:
        app(list(arguments), prog_name="caudal")
    except SystemExit as stop:
        return (
            0 if isinstance(stop.__context__, BrokenPipeError) else _code(stop)
        )  # the reader has seen enough
    except CaudalError as error:
        print(f"error: {_as_typed(error, arguments)}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; nothing was left half done", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"error: the result could not be written ({error.strerror or error})", file=sys.stderr)  # noqa: T201
        return 2
    except Exception as error:
        if os.environ.get("CAUDAL_TRACEBACK"):
            raise
        first = (str(error).splitlines() or [""])[0][:200]
        print(  # noqa: T201
            f"error: a mistake of ours, not yours ({type(error).__name__}: {first}). "
            "Please report it with the output under CAUDAL_TRACEBACK=1",
            file=sys.stderr,
        )
        return 70
    return 0


def _as_typed(error: CaudalError, arguments: Sequence[str]) -> CaudalError:
    """Return the error with its place as the option that was typed: the library's ``as_of`` is ``--as-of`` here."""
    option = "--" + (error.where or "").replace("_", "-")
    if error.where and any(word.partition("=")[0] == option for word in arguments):
        return CaudalError(error.what, where=option, remedy=error.remedy)
    return error


def _code(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    return stop.code if isinstance(stop.code, int) else 1


def _globals_first(arguments: Sequence[str]) -> list[str]:
    """Move the options of the whole program to the front, wherever they were written."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name = word.partition("=")[0]
        if word == "--":
            rest += [word, *words]
        elif name not in _GLOBAL_OPTIONS:
            rest.append(word)
        else:
            front.append(word)
            if _GLOBAL_OPTIONS[name] and "=" not in word:
                front += [value for value in [next(words, None)] if value is not None]
    return front + rest


def _application(commands: Mapping[str, tuple[str, str]], arguments: Sequence[str]) -> typer.Typer:
    app = typer.Typer(
        help="The movement of people towards the US-Mexico border: the official figures and what follows.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for name, (module_name, line) in commands.items():
        if name not in arguments:
            app.command(name, help=line)(_stub)
            continue
        module = importlib.import_module(module_name)
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name, help=line)
        else:
            command: Callable[..., Any] = module.command
            app.command(name, help=line)(command)
    return app


def _stub() -> None:
    """Stand in for a command that is not the one called, so that help can list it."""


def _version(value: bool) -> None:
    if value:
        typer.echo(f"caudal {caudal.__version__}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    store: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Directory of your own archive (else CAUDAL_HOME, else the user data directory).",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print results only, no progress or notes.")] = False,
    no_embedded: Annotated[
        bool, typer.Option("--no-embedded", help="Leave out the archive that came with the package.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    del version
    ctx.obj = Globals(store=store, quiet=quiet, embedded=not no_embedded)
