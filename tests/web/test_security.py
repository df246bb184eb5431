"""What strangers may try: script in every parameter, paths, huge and slow requests, many connections, other hosts."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import httpx
import pytest

from caudal.web._ask import (
    BargainAsked,
    BriefAsked,
    CheckAsked,
    FiguresAsked,
    ForecastAsked,
    OpinionAsked,
    PlainAsked,
    SeriesAsked,
)
from conftest import Command
from serving import Server, running

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
FORMS = {
    "/": BriefAsked, "/figures": FiguresAsked, "/c/sw-encounters": SeriesAsked, "/check": CheckAsked,
    "/forecast": ForecastAsked, "/opinion": OpinionAsked, "/bargain": BargainAsked, "/sources": PlainAsked,
    "/docs": PlainAsked,
}  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
def test_script_in_any_parameter_comes_back_escaped(client: httpx.Client, path: str) -> None:
    names = [field.alias or name for name, field in FORMS[path].model_fields.items()]
    for name in [*names, SCRIPT]:
        answer = client.get(path, params={name: SCRIPT})
        assert answer.status_code in (200, 400, 404), name
        assert "<script>alert" not in answer.text, name
        assert "<img src=x" not in answer.text, name


def test_script_in_paths_file_names_and_documents_comes_back_escaped(client: httpx.Client) -> None:
    for path in (
        "/<script>alert(1)</script>",
        "/c/<script>alert(1)</script>",
        "/c/<script>alert(1)</script>.csv",
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "<script>alert" not in answer.text or answer.headers["content-type"] == "application/json"
    said = f"{SCRIPT} Encounters rose to 242,399 in November 2023, {SCRIPT} said."
    sent = client.post("/check", files={"document": (SCRIPT, said.encode(), "text/plain")})
    assert sent.status_code == 200
    assert "<script>alert" not in sent.text
    assert "<img src=x" not in sent.text
    pasted = client.post("/check", data={"passage": said, "date": SCRIPT})
    assert "<script>alert" not in pasted.text


def test_headers_forbid_inline_script_and_foreign_content(client: httpx.Client) -> None:
    for path in (
        "/",
        "/c/sw-encounters",
        "/c/sw-encounters.svg",
        "/api/v1/measures",
        "/static/app.js",
        "/nothing",
    ):
        headers = client.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'self'"
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert "server" not in headers
    framed = client.get("/c/sw-encounters?embed=yes").headers
    assert "frame-ancestors *" in framed["content-security-policy"]
    assert "x-frame-options" not in framed


def test_no_page_carries_an_inline_script_or_style(client: httpx.Client) -> None:
    for path in FORMS:
        text = client.get(path).text
        for piece in text.split("<script")[1:]:
            head = piece.partition(">")[0]
            assert 'src="/static/app.js"' in head or 'type="application/json"' in head, path
        assert "<style" not in text
        assert " style=" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../_app.py", "/static/%2e%2e/_app.py", "/static/..%2f_app.py", "/static//etc/passwd",
        "/c/../../etc/passwd",
        "/c/..%2f..%2fetc%2fpasswd.csv", "/api/v1/series/..%2f..%2fetc%2fpasswd",
        "/api/v1/bargain?template=../../../../etc/passwd", "/api/v1/bargain?template=/etc/passwd", "/c/%00.csv",
    ],
)  # fmt: skip
def test_no_path_from_a_request_reaches_the_file_system(server: Server, path: str) -> None:
    answer = _raw(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))
    assert b"root:" not in answer
    assert b"import annotations" not in answer


def test_a_huge_body_is_refused_before_it_is_read(server: Server) -> None:
    head = b"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\nContent-Type: text/plain\r\n\r\n"
    assert _raw(server, head).startswith(b"HTTP/1.1 413")
    try:  # refused while it is being sent, or answered when it was
        answer = httpx.post(
            f"{server.address}api/v1/read",
            content=_many(100),
            headers={"content-type": "application/json"},
            timeout=30,
        )
    except httpx.HTTPError:
        pass
    else:
        assert answer.status_code == 413
    assert httpx.get(f"{server.address}docs", timeout=30).status_code == 200


def _many(megabytes: int):  # type: ignore[no-untyped-def]
    for _ in range(megabytes):
        yield b"x" * 1_000_000


def test_a_long_address_and_a_foreign_host_are_refused(client: httpx.Client, server: Server) -> None:
    assert client.get("/check", params={"text": "x" * 9000}).status_code == 414
    assert client.get("/check", params={"text": "x" * 3000}).status_code == 400
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    for method in ("DELETE", "PUT", "PATCH"):
        answer = client.request(method, "/figures")
        assert answer.status_code == 405


_IMPATIENT = """
from caudal.web import Limits, serve
serve(port=0, ready=lambda address: print(address, flush=True),
      limits=Limits(connections=40, header_seconds=1.0, body_seconds=1.0))
"""


def test_slow_requests_and_too_many_connections_end_in_a_clear_refusal(tmp_path: Path) -> None:
    with running(tmp_path, _IMPATIENT) as server:
        assert _raw(server, b"GET / HTTP/1.1\r\nHost: loc").startswith(b"HTTP/1.1 408")
        kind = b"Content-Type: application/x-www-form-urlencoded"
        head = b"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n" + kind + b"\r\n\r\na"
        assert _raw(server, head).startswith(b"HTTP/1.1 408")
        held = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(300)]
        try:
            answers = [_answer_of(one) for one in held[60:]]
            assert {answer[:12] for answer in answers} == {b"HTTP/1.1 503"}
            assert all(b"Too many open connections" in answer for answer in answers)
        finally:
            for one in held:
                one.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:  # the places become free again
            if httpx.get(f"{server.address}docs", timeout=30).status_code == 200:
                break
        else:
            raise AssertionError("still refused after the others had gone")


def _raw(server: Server, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request)
        return _answer_of(connection)


def _answer_of(connection: socket.socket) -> bytes:
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
            if len(found) > 200_000 or b"HTTP/1.1 413" in found:
                break
    except ConnectionResetError:
        pass
    return found


def test_another_address_than_loopback_needs_the_flag(caudal_command: Command) -> None:
    done = caudal_command("serve", "--host", "0.0.0.0", "--port", "0", check=False)
    assert done.returncode == 2
    assert "--public" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said(server: Server, caudal_command: Command) -> None:
    done = caudal_command("serve", "--port", server.port, check=False)
    assert done.returncode == 2
    assert "--port 0" in done.stderr
