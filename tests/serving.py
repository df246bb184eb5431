"""The application as a process of its own on a free port of the loopback interface, stopped whatever happens."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent / "src"
#: The program is imported and listens within this time, or the test fails.
STARTS_WITHIN = 90


@dataclass
class Server:
    address: str
    process: subprocess.Popen[str]

    def memory(self) -> int:
        """Resident bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    @property
    def port(self) -> int:
        return int(self.address.rstrip("/").rpartition(":")[2])


@contextmanager
def running(home: Path, program: str | None = None) -> Iterator[Server]:
    """Serve the embedded archive; ``program`` is Python to run in place of the command."""
    environment = {
        **os.environ, "CAUDAL_HOME": str(home), "PYTHONPATH": str(SRC), "POLARS_MAX_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    command = ["-c", program] if program else ["-m", "caudal", "serve", "--port", "0"]
    said = home / "said"
    home.mkdir(parents=True, exist_ok=True)
    with said.open("w") as complaints:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment
        )
        try:
            yield Server(_first_line(process, said), process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)
            assert process.stdout is not None
            process.stdout.close()


def _first_line(process: subprocess.Popen[str], said: Path) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        if not waiting.select(STARTS_WITHIN):
            raise AssertionError(f"the server did not start: {said.read_text()}")
    line = process.stdout.readline().strip()
    assert line.startswith("http://127.0.0.1:"), said.read_text()
    return line
