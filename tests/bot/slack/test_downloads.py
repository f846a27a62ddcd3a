"""Files come from Slack only: the token is given to no other host, and a page for signing in is no file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.core.ports import DeliveryError
from bot.slack.web_api import WebApi

SEEN: list[str] = []


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SEEN.append(f"{self.path} {self.headers.get('Authorization')}")
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/file")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/gone" else 200)
        kind = "text/html" if self.path == "/page" else "text/csv"
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(b"a,b\n" * 10)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent names it
        pass


@contextmanager
def serving() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    SEEN.clear()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_file_of_slack_is_read_with_the_token() -> None:
    with serving() as base:
        assert WebApi("xoxb-1", url=f"{base}/api/").download(f"{base}/file", most=100) == b"a,b\n" * 10
    assert SEEN == ["/file Bearer xoxb-1"]


@pytest.mark.parametrize(
    ("path", "code"),
    [("/page", "missing_scope"), ("/gone", "file_not_given"), ("/away", "file_not_given")],
)
def test_what_is_no_file_says_so_and_no_redirect_is_followed(path: str, code: str) -> None:
    with serving() as base:
        with pytest.raises(DeliveryError) as failed:
            WebApi("xoxb-1", url=f"{base}/api/").download(f"{base}{path}", most=100)
        assert failed.value.code == code
    assert [f"{path} Bearer xoxb-1"] == SEEN


def test_more_than_the_limit_and_other_hosts_are_refused() -> None:
    with serving() as base:
        api = WebApi("xoxb-1", url=f"{base}/api/")
        with pytest.raises(DeliveryError) as failed:
            api.download(f"{base}/file", most=10)
        assert failed.value.code == "file_too_large"
        SEEN.clear()
        for address in (
            base.replace("127.0.0.1", "localhost") + "/file",
            "http://files.slack.com/x",
            "https://slack.com.evil.example/x",
            "file:///etc/passwd",
            "",
        ):
            with pytest.raises(DeliveryError) as failed:
                api.download(address, most=100)
            assert failed.value.code == "bad_answer"
    assert SEEN == []
