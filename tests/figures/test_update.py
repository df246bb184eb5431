"""Updating from a real server on this machine that serves publishers' files, and misbehaves in every way we know of.

Each misbehaviour ends in one clear line, and the store is as it was.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from caudal import figures
from caudal._core.errors import FetchError, OptionError
from caudal.figures import _update

TODAY = date(2026, 8, 1)
JULY = "observation_date,JTSJOL\n2026-05-01,7594\n2026-06-01,7601\n"
PLACE = "bls-job-openings"
PATH = "/graph/fredgraph.csv"

Answer = Callable[["Handler", int], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each path by its script; the number of the request is handed over."""

    protocol_version = "HTTP/1.1"
    script: dict[str, Answer]
    counts: dict[str, int]
    seen: list[dict[str, str]]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.counts[path] = self.counts.get(path, 0) + 1
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        answer = self.script.get(path)
        if answer is None:
            self.say(404, b"not here")
        else:
            answer(self, self.counts[path])

    def say(self, code: int, body: bytes = b"", kind: str = "text/csv", **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        length = headers.pop("length", str(len(body)))
        if code != 304:
            self.send_header("Content-Length", length)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


class Server:
    def __init__(self) -> None:
        self.handler = type("Scripted", (Handler,), {"script": {}, "counts": {}, "seen": []})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def on(self, path: str, answer: Answer) -> None:
        self.handler.script[path] = answer

    @property
    def requests(self) -> list[dict[str, str]]:
        return self.handler.seen


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def run(server: Server, home: Path, only: str = PLACE, **options: object) -> figures.Updated:
    store = figures.Store(home)
    limits: dict[str, object] = {"timeout": 2, "deadline": 5, "wait": 0.01, "attempts": 3}
    limits |= {k: options.pop(k) for k in list(options) if k in ("timeout", "deadline", "limit")}
    fetcher = figures.Fetcher(home / ".downloads", **limits)  # type: ignore[arg-type]
    (done,) = figures.update(
        figures.open_archive(home),
        store,
        figures.places([only], server.address),
        today=TODAY,
        fetcher=fetcher,
        **options,  # type: ignore[arg-type]
    )
    return done


def held(home: Path) -> list[str]:
    return [release.id for release in figures.Store(home).releases()]


def good(body: str = JULY, **headers: str) -> Answer:
    return lambda handler, _: handler.say(200, body.encode(), **headers)


def test_a_new_file_is_taken_in_and_an_unchanged_one_is_not_fetched_again(
    server: Server, tmp_path: Path
) -> None:
    def answer(handler: Handler, _: int) -> None:
        if handler.headers.get("If-None-Match") == '"a"':
            handler.say(304, ETag='"a"')
        else:
            handler.say(200, JULY.encode(), ETag='"a"', Last_Modified="Fri, 31 Jul 2026 10:00:00 GMT")

    server.on(PATH, answer)
    # The embedded archive holds another release of the same day, with other figures.
    first = run(server, tmp_path)
    assert first.outcome == "failed"
    assert "differs from the release of 2026-07-31" in first.detail
    server.on(
        PATH,
        lambda h, n: (
            answer(h, n) if h.headers.get("If-None-Match") else h.say(200, JULY.encode(), ETag='"a"')
        ),
    )
    second = run(server, tmp_path)
    assert (second.outcome, held(tmp_path)) == ("new", ["bls-job-openings@2026-08-01"])
    assert run(server, tmp_path).outcome == "unchanged"
    assert server.requests[-1]["if-none-match"] == '"a"'
    frame = figures.series(
        "us-job-openings", archive=figures.open_archive(tmp_path), period=("2026-06", None)
    )
    assert frame["value"].to_list() == [7601]


def test_a_dry_run_writes_nothing(server: Server, tmp_path: Path) -> None:
    server.on(PATH, good())
    done = run(server, tmp_path / "home", dry_run=True)
    assert done.outcome == "would fetch"
    assert "fredgraph.csv" in done.detail
    assert not (tmp_path / "home").exists()


def test_a_server_that_fails_twice_is_asked_a_third_time(server: Server, tmp_path: Path) -> None:
    server.on(PATH, lambda h, n: h.say(500, b"sorry") if n < 3 else h.say(200, JULY.encode()))
    assert run(server, tmp_path).outcome == "new"
    assert len(server.requests) == 3


def short(handler: Handler, _: int) -> None:
    handler.say(200, b"observation_date,JTSJOL\n2026-", length="500")
    handler.close_connection = True


def circle(handler: Handler, _: int) -> None:
    handler.say(302, Location=PATH)


def never(handler: Handler, _: int) -> None:
    time.sleep(1.5)
    handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda h, n: h.say(404, b"gone"), "answered 404"),
        (lambda h, n: h.say(403, b"no"), "answered 403"),
        (lambda h, n: h.say(500, b"sorry"), "answered 500"),
        (
            lambda h, n: h.say(200, b"<!DOCTYPE html><title>Log in</title>", "text/html"),
            "a web page, not a table",
        ),
        (
            lambda h, n: h.say(200, b"  <html><body>Log in</body></html>", "text/csv"),
            "a web page, not a table",
        ),
        (short, "broke off"),
        (circle, "redirects in a circle"),
        (lambda h, n: h.say(200, b"observation_date", length=str(3 * 2**30)), "announces 3,072 MiB"),
        (lambda h, n: h.say(200, b"observation_date,JTSJOL\n2026-05-01,7594"), "cut off"),
        (lambda h, n: h.say(200, b"a,b\n1,2\n"), "is not a file of any declared source"),
        (lambda h, n: h.say(200, b""), "is empty"),
        (lambda h, n: h.say(200, b"\x00\xff" * 500, "application/octet-stream"), "binary"),
        (
            lambda h, n: h.say(200, b"event_date,usbp_nationwide_t8_apprehensions\n2024-04-01,1\n"),
            "usbp-daily",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whatever_comes_the_store_is_as_it_was(
    server: Server, tmp_path: Path, answer: Answer, says: str
) -> None:
    server.on(PATH, good())
    assert run(server, tmp_path).outcome == "new"
    before = (tmp_path / "manifest.json").read_bytes(), held(tmp_path)
    server.on(PATH, answer)
    done = run(server, tmp_path, timeout=1)
    assert done.outcome == "failed"
    assert says in done.detail
    assert "\n" not in done.detail
    assert ((tmp_path / "manifest.json").read_bytes(), held(tmp_path)) == before
    server.on(PATH, good())
    assert run(server, tmp_path).outcome == "unchanged"


def test_a_file_that_drips_is_left_and_taken_up_again(server: Server, tmp_path: Path) -> None:
    body = JULY.encode()

    def slow(handler: Handler, _: int) -> None:
        if "Range" in handler.headers:
            start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            assert handler.headers["If-Range"] == '"slow"'
            handler.say(
                206, body[start:], ETag='"slow"', Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}"
            )
            return
        handler.send_response(200)
        handler.send_header("Content-Type", "text/csv")
        handler.send_header("ETag", '"slow"')
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            for byte in body:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    server.on(PATH, slow)
    first = run(server, tmp_path, deadline=0.5)
    assert first.outcome == "failed"
    assert "is too slow" in first.detail
    assert held(tmp_path) == []
    assert run(server, tmp_path).outcome == "new"
    assert not list((tmp_path / ".downloads").iterdir())


def test_a_server_that_never_answers_is_given_up(server: Server, tmp_path: Path) -> None:
    server.on(PATH, never)
    done = run(server, tmp_path, timeout=0.2)
    assert done.outcome == "failed"
    assert "does not answer in time" in done.detail


def test_a_body_without_end_meets_the_limit(server: Server, tmp_path: Path) -> None:
    def flood(handler: Handler, _: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/csv")
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass
        handler.close_connection = True

    server.on(PATH, flood)
    done = run(server, tmp_path, limit=2**20)
    assert done.outcome == "failed"
    assert "larger than the limit of 1 MiB" in done.detail
    assert not list((tmp_path / ".downloads").iterdir())


def test_a_file_that_changed_under_the_same_name_is_a_release_of_its_own(
    server: Server, tmp_path: Path
) -> None:
    server.on(PATH, good(ETag='"a"', Last_Modified="Fri, 28 Aug 2026 10:00:00 GMT"))
    assert run(server, tmp_path).outcome == "new"
    changed = JULY.replace("7601", "7650")
    server.on(PATH, good(changed, ETag='"b"'))
    done = run(server, tmp_path)
    assert done.outcome == "failed"  # two files of one day cannot both be that day's release
    assert "differs from the release of 2026-08-01" in done.detail
    server.on(PATH, good(changed, ETag='"b"', Last_Modified="Thu, 30 Jul 2026 10:00:00 GMT"))
    assert run(server, tmp_path).outcome == "new"
    assert held(tmp_path) == ["bls-job-openings@2026-07-30", "bls-job-openings@2026-08-01"]


def test_nobody_answers_is_one_line(tmp_path: Path, caudal_command) -> None:  # type: ignore[no-untyped-def]
    silent = Server()
    address = silent.address
    silent.http.server_close()
    with pytest.raises(figures.OfflineError, match="no publisher can be reached"):
        figures.update(
            figures.open_archive(tmp_path),
            figures.Store(tmp_path),
            figures.places((), address),
            today=TODAY,
            fetcher=figures.Fetcher(tmp_path / ".downloads", wait=0.01, attempts=2),
        )
    done = caudal_command("figures", "update", PLACE, "--mirror", address, "--timeout", "0.5", check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "Nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr


def page(*names: str) -> bytes:
    links = "".join(f'<a href="/sites/default/files/{name}">x</a>' for name in names)
    return f"<!DOCTYPE html><html><body><a href='/other.csv'>y</a>{links}</body></html>".encode()


STATE = "nationwide-encounters-fy{}-fy{}{}-state.csv"


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        ([STATE.format(21, 24, "-nov"), STATE.format(21, 24, "-dec"), STATE.format(21, 24, "-oct")], 1),
        ([STATE.format(21, 24, "-sep"), STATE.format(22, 25, "-oct")], 1),
        ([STATE.format(21, 24, "-aug"), STATE.format(21, 24, "")], 1),
        ([STATE.format(22, 25, "-jan"), STATE.format(21, 24, ""), STATE.format(22, 25, "-dec")], 0),
    ],
)
def test_the_newest_of_the_names_on_a_page_is_chosen(names: list[str], newest: int) -> None:
    place = figures.places(["cbp-nationwide-state"])[0]
    body = page(*names, "nationwide-encounters-fy22-fy25-jan-aor.csv")
    listing = _update.Fetched("http://h/document/stats/x", body, "", "", None, 0)
    assert _update.newest_link(listing, place) == f"http://h/sites/default/files/{names[newest]}"


def test_a_page_that_lists_nothing_that_fits_says_so() -> None:
    place = figures.places(["cbp-nationwide-state"])[0]
    with pytest.raises(FetchError, match="lists no file like"):
        _update.newest_link(_update.Fetched("http://h/", page("report.pdf"), "", "", None, 0), place)


def test_a_month_is_found_on_the_page_and_taken_in(server: Server, tmp_path: Path, shared_data: Path) -> None:
    import gzip

    (path,) = (shared_data / "cbp" / "southwest").glob("2025-09-15*")
    name = "sbo-encounters-fy22-fy25-aug.csv"
    listing = page("sbo-encounters-fy22-fy25-jul.csv", name)
    body = gzip.decompress(path.read_bytes())
    dated = {"Last_Modified": "Tue, 16 Sep 2025 10:00:00 GMT"}
    where = "/document/stats/southwest-land-border-encounters"
    server.on(where, lambda h, n: h.say(200, listing, "text/html"))
    server.on(f"/sites/default/files/{name}", lambda h, n: h.say(200, body, **dated))
    done = run(server, tmp_path, "cbp-southwest")
    assert done.outcome == "unchanged"  # the embedded archive has the same bytes
    assert held(tmp_path) == []
    store = figures.Store(tmp_path / "own")
    (alone,) = figures.update(
        figures.open_archive(store.path, embedded=False),
        store,
        figures.places(["cbp-southwest"], server.address),
        today=TODAY,
    )
    assert alone.outcome == "new"
    assert [r.id for r in store.releases()] == ["cbp-southwest@2025-09-16"]
    assert store.releases()[0].certainty == "day of the file"


def test_only_what_can_be_fetched_is() -> None:
    with pytest.raises(OptionError, match="figures add"):
        figures.places(["iom-darien"])
    with pytest.raises(OptionError, match="cbp-southwest"):
        figures.places(["cbp-southwets"])
    with pytest.raises(OptionError, match="not an address"):
        figures.places((), "somewhere")
