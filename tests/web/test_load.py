"""Under load: no 5xx in 2,000 requests, memory and answers kept within bounds, each worked out once."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from caudal.web import Limits
from caudal.web._desk import Desk, Reply
from serving import Server

CLIENTS, REQUESTS = 20, 2_000
MOST = 2**30
#: Asked again and again, and every tenth request something never asked before.
KEPT = ("/", "/figures", "/c/sw-encounters", "/c/sw-encounters.svg", "/sources", "/docs", "/api/v1/releases")


def _plan(number: int) -> list[str]:
    mine = range(number, REQUESTS, CLIENTS)
    return [_fresh(i) if i % 10 == 3 else KEPT[i % len(KEPT)] for i in mine]


def _fresh(i: int) -> str:
    return f"/c/usbp-encounters.csv?from={2001 + i % 20}-{1 + i // 170:02d}&citizenship=MEX"


@pytest.mark.slow
def test_two_thousand_requests_bring_no_5xx_and_bounded_memory(server: Server) -> None:
    statuses: list[int] = []
    lock = threading.Lock()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        mine = []
        for address in _plan(number):
            connection.request("GET", address)
            answer = connection.getresponse()
            answer.read()
            mine.append(answer.status)
        connection.close()
        with lock:
            statuses.extend(mine)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == REQUESTS
    assert set(statuses) == {200}
    assert server.memory() < MOST


def _request() -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})


def test_an_answer_asked_for_by_many_is_worked_out_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, True, Limits())
    made: list[int] = []

    def make(_: Any) -> Reply:
        made.append(1)
        time.sleep(0.05)
        return Reply(b"x", "text/plain")

    async def ask() -> list[bytes]:
        answers = await asyncio.gather(*(desk.answer(_request(), "one", make) for _ in range(30)))
        return [bytes(answer.body) for answer in answers]

    assert asyncio.run(ask()) == [b"x"] * 30
    assert len(made) == 1
    desk.close()


def test_what_is_kept_stays_within_its_bound(tmp_path: Path) -> None:
    desk = Desk(tmp_path, True, Limits(cache_bytes=1_000_000))
    noise = bytes(range(256)) * 150

    async def ask() -> None:
        for i in range(200):
            await desk.answer(_request(), str(i), lambda _: Reply(noise, "image/png"))

    asyncio.run(ask())
    kept = sum(reply.size for reply in desk._kept.values())
    assert 0 < kept <= 1_000_000
    assert kept == desk._bytes
    desk.close()


def test_more_work_than_may_wait_is_refused(tmp_path: Path) -> None:
    from starlette.exceptions import HTTPException

    desk = Desk(tmp_path, True, Limits(workers=1, waiting=3))
    go = threading.Event()

    def make(_: Any) -> Reply:
        go.wait(20)
        return Reply(b"x", "text/plain")

    async def ask() -> list[Any]:
        waiting = [asyncio.create_task(desk.answer(_request(), str(i), make)) for i in range(10)]
        await asyncio.sleep(0.1)
        go.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    found = asyncio.run(ask())
    refused = [one for one in found if isinstance(one, HTTPException)]
    assert len(refused) == 7
    assert {one.status_code for one in refused} == {503}
    desk.close()


def test_a_new_release_or_file_of_ones_own_makes_new_answers(tmp_path: Path) -> None:
    desk = Desk(tmp_path, True, Limits())
    before = desk.state()
    assert desk.state() == before
    (tmp_path / "polls").mkdir()
    (tmp_path / "polls" / "mine.csv").write_text("pollster\n")
    assert desk.state() != before
    desk.close()
