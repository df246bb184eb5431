"""How quickly the application answers: every page, warm, with 20 clients at once; memory after 10,000 requests.

Usage: python benchmarks/web.py. Writes benchmarks/results/web.md. The server is a process of its own; the clients are
threads of this one, each with one connection, asking for pages in a shuffled order (seed 1), so that server and clients
share the machine's cores.
"""

from __future__ import annotations

import http.client
import os
import platform
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from serving import Server, running  # noqa: E402

CLIENTS, REQUESTS = 20, 10_000
#: What is asked: each page in both languages, exports, the API.
ADDRESSES = [
    path + ("&" if "?" in path else "?") + f"lang={language}"
    for language in ("en", "es")
    for path in (
        "/",
        "/?as_of=2023-12-22",
        "/figures",
        "/figures?measure=usbp-encounters&by=sector",
        "/c/sw-encounters",
        "/c/sw-encounters?as_of=2023-12-22",
        "/c/sw-encounters.csv",
        "/c/sw-encounters.json",
        "/c/sw-encounters.svg",
        "/check?text=November+2023+was+the+highest+November+for+encounters",
        "/forecast",
        "/bargain",
        "/opinion",
        "/sources",
        "/docs",
        "/api/v1/series/sw-encounters",
    )
]


def main() -> None:
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        cold = {address: _ask(server, [address])[0] for address in ADDRESSES}
        begun = time.perf_counter()
        warm, wrong = _load(server)
        spent = time.perf_counter() - begun
        memory = server.memory()
    everything = sorted(second for seconds in warm.values() for second in seconds)
    lines = [
        "# The application under load",
        "",
        f"`python benchmarks/web.py`: {REQUESTS:,} requests, {CLIENTS} clients at once, on {os.cpu_count()} cores "
        f"(Python {platform.python_version()}), clients and server on the same machine.",
        "",
        f"- answered {REQUESTS / spent:,.0f} a second; 5xx: {wrong}",
        f"- warm, all addresses: median {1000 * _at(everything, 0.5):.0f} ms, 95 % within "
        f"{1000 * _at(everything, 0.95):.0f} ms, 99 % within {1000 * _at(everything, 0.99):.0f} ms",
        f"- memory of the server afterwards: {memory / 2**20:,.0f} MiB",
        "",
        "| address | first answer, ms | warm median, ms | warm 95 %, ms |",
        "|---|---:|---:|---:|",
    ]
    for address in ADDRESSES:
        seconds = sorted(warm[address])
        lines.append(
            f"| `{address}` | {1000 * cold[address]:.0f} | {1000 * _at(seconds, 0.5):.0f} "
            f"| {1000 * _at(seconds, 0.95):.0f} |"
        )
    text = "\n".join(lines) + "\n"
    (HERE / "results" / "web.md").write_text(text)
    print(text)


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _ask(server: Server, addresses: list[str]) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    found = []
    for address in addresses:
        begun = time.perf_counter()
        connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - begun if answer.status < 500 else -1.0)
    connection.close()
    return found


def _load(server: Server) -> tuple[dict[str, list[float]], int]:
    plan = [ADDRESSES[i % len(ADDRESSES)] for i in range(REQUESTS)]
    random.Random(1).shuffle(plan)
    warm: dict[str, list[float]] = {address: [] for address in ADDRESSES}
    wrong = [0] * CLIENTS

    def client(number: int) -> None:
        mine = plan[number::CLIENTS]
        for address, seconds in zip(mine, _ask(server, mine), strict=True):
            if seconds < 0:
                wrong[number] += 1
            else:
                warm[address].append(seconds)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return warm, sum(wrong)


if __name__ == "__main__":
    main()
