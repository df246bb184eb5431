"""How quickly the application answers: levers and draws of the laboratory; every page with 20 clients at once.

Usage: python benchmarks/web.py. Writes benchmarks/results/web.md. The server is a process of its own; the clients are
threads of this one, each with one connection, asking for pages in a shuffled order (seed 1), so that server and clients
share the machine's cores.
"""

from __future__ import annotations

import http.client
import json
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
        "/corridor",
        "/scenarios",
        "/scenarios?set=rail_control:0.6",
        "/bargain",
        "/opinion",
        "/sources",
        "/docs",
        "/api/v1/series/sw-encounters",
        "/api/v1/scenario?set=rail_control:0.6",
    )
]


#: Scenarios drawn one after another, the first with processes that have just begun.
DRAWN = (
    "set=rail_control:0.6",
    "set=rail_control:0.5",
    "set=ports_open:1",
    "set=rail_control:0.6&set=southward_return:0.5&set=interior_enforcement:0.5&set=mexican_visas:10000",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        laboratory = _laboratory(server)
        cold = {address: _ask(server, [address])[0] for address in ADDRESSES}
        begun = time.perf_counter()
        warm, wrong = _load(server)
        spent = time.perf_counter() - begun
        memory = server.memory()
    everything = sorted(second for seconds in warm.values() for second in seconds)
    lines = [
        "# The application under load",
        "",
        f"`python benchmarks/web.py` on {os.cpu_count()} cores (Python {platform.python_version()}), clients "
        "and server on the same machine.",
        "",
        "## Every page",
        "",
        f"{REQUESTS:,} requests, {CLIENTS} clients at once.",
        "",
        f"- answered {REQUESTS / spent:,.0f} a second; 5xx: {wrong}",
        f"- warm, all addresses: median {1000 * _at(everything, 0.5):.0f} ms, 95 % within "
        f"{1000 * _at(everything, 0.95):.0f} ms, 99 % within {1000 * _at(everything, 0.99):.0f} ms",
        f"- memory of the server afterwards: {memory / 2**20:,.0f} MiB",
        f"- others were at work on the machine: load {os.getloadavg()[0]:.1f} at the end",
        "",
        *laboratory,
        "## Addresses",
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


def _laboratory(server: Server) -> list[str]:
    """Move every lever to both ends and the middle, then draw scenarios; return lines about it."""
    from caudal.web._levers import sliders

    begun = time.perf_counter()
    while _read(server, "/api/v1/scenario")[0] == 202:
        time.sleep(0.1)
    fitted = time.perf_counter() - begun
    _wait(server, "")  # the baseline's draws, which the page begins beforehand
    wall, processor = [], []
    for name, one in sliders().items():
        for share in (0.0, 0.5, 1.0):
            degree = one.lever.low + share * (one.lever.high - one.lever.low)
            before, start = _processor(server.process.pid), time.perf_counter()
            status, _ = _read(server, f"/scenarios?set={name}:{round(degree / one.step) * one.step:.12g}")
            assert status == 200, name
            wall.append(time.perf_counter() - start)
            processor.append(_processor(server.process.pid) - before)
    wall.sort()
    processor.sort()
    lines = [
        "## The laboratory",
        "",
        f"- the model fitted to a day, once: {fitted:.1f} s",
        f"- expected flows, {len(wall)} positions of {len(sliders())} levers, none asked before: "
        f"median {_at(wall, 0.5):.2f} s, longest {wall[-1]:.2f} s; processor time of the server: "
        f"median {_at(processor, 0.5):.2f} s, longest {processor[-1]:.2f} s",
        "",
        "| 200 draws, until they are shown | s | processor time, server, s | processes that draw, s | load |",
        "|---|---:|---:|---:|---:|",
    ]
    for query in DRAWN:
        own, drawers = _processor(server.process.pid), _drawers(server.process.pid)
        seconds = _wait(server, query)
        after = _drawers(server.process.pid)
        spent = sum(after[number] - drawers.get(number, 0.0) for number in after)
        lines.append(
            f"| `{query}` | {seconds:.1f} | {_processor(server.process.pid) - own:.1f} | {spent:.1f} "
            f"| {os.getloadavg()[0]:.1f} |"
        )
    held = [_resident(number) / 2**20 for number in _drawers(server.process.pid)]
    said = " and ".join(f"{one:,.0f} MiB" for one in held if one > 50)
    return [
        *lines,
        "",
        f"The processes that draw hold {said}; they end when nothing was drawn for two minutes.",
        "",
    ]


def _wait(server: Server, query: str) -> float:
    begun = time.perf_counter()
    while True:
        status, body = _read(server, f"/scenarios/progress?draws=200&{query}")
        said = json.loads(body)["pending"]
        if status == 202 and said["what"] == "draws" and said["done"] >= said["total"]:
            break
        time.sleep(0.2)  # as the page does
    assert _read(server, f"/scenarios?draws=200&{query}")[0] == 200
    return time.perf_counter() - begun


def _read(server: Server, address: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("GET", address)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def _processor(number: int) -> float:
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(number: int) -> int:
    return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _drawers(parent: int) -> dict[int, float]:
    """Return processor time of the children of a process."""
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    found = {int(number): _processor(int(number)) for number in text.split()}
    for task in Path(f"/proc/{parent}/task").iterdir():
        for number in (task / "children").read_text().split():
            found[int(number)] = _processor(int(number))
    return found


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
