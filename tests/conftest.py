"""What every test may use: the real files, and a command line that runs in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of publishers' files: `CAUDAL_SHARED_DATA`, else `../shared/data` beside the checkout.

    They are not part of the repository. Tests that read them say so when they are absent; what the package
    promises is tested without them, from the embedded archive.
    """
    for place in (os.environ.get("CAUDAL_SHARED_DATA"), ROOT.parent / "shared" / "data"):
        if place and (Path(place) / "INDEX.md").is_file():
            return Path(place)
    pytest.skip("publishers' files are absent: set CAUDAL_SHARED_DATA to the directory that holds INDEX.md")


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let tests see the embedded archive only, and write nothing to the store of the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAUDAL_HOME", str(tmp_path_factory.mktemp("home")))
        yield


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def caudal_command(tmp_path: Path) -> Command:
    """Run ``caudal …`` in a process of its own, with an empty store unless told otherwise."""

    def call(*arguments: object, check: bool = True, **options: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "CAUDAL_HOME": str(tmp_path / "home"), "PYTHONPATH": str(SRC)}
        environment |= options.pop("env", {})  # type: ignore[call-overload]
        done = subprocess.run(
            [sys.executable, "-m", "caudal", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
            **options,  # type: ignore[call-overload]
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return call
