"""CP7: the running service tells the survey tool of a solved case, and what it missed reaches an admin."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from bot.core.survey_requests import SurveySettings
from tests.stories.service import Setting, event, running
from tests.support.builders import at, settings

ASKING = replace(settings(), surveys=SurveySettings(after=timedelta(minutes=30)))


@contextmanager
def tool(answers: list[int]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The survey tool: its address, and what it heard; answers with the codes in turn, the last for good."""
    heard: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers[min(len(heard), len(answers)) - 1])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ask", heard
    finally:
        server.shutdown()
        server.server_close()


def test_a_solved_case_is_told_once_however_many_replicas_run(tmp_path: Path) -> None:
    with tool([200]) as (url, heard):
        environ = {"MUSTER_SURVEY_URL": url, "MUSTER_SURVEY_SECRET": "shared"}
        setting = Setting(start=at(10), settings=ASKING, environ=environ)
        with running(tmp_path, setting) as service, service.replica() as replica:
            service.opened("GD1", at(10))
            service.tell(event("GD1", "resolved", at(10), agent="bo"))
            service.application.runner.wake("surveys")
            service.settle()
            assert heard == []
            service.clock.forward_to(at(10, 31))
            for application in (service.application, replica.application):
                application.runner.wake("surveys")
            service.wait(lambda: heard, "the survey tool")
            service.settle()
            assert [told["contact"] for told in heard] == ["GD1"]
            said = service.slack.user("lin").command("/muster", "kpi").answer()
            assert "Surveys:" not in service.slack.render(said, "lin")  # of last week, when nobody was asked


def test_without_the_tools_address_nothing_is_sent_and_nothing_breaks(tmp_path: Path) -> None:
    with running(tmp_path, Setting(start=at(10), settings=ASKING)) as service:
        service.opened("GD1", at(10))
        assert service.tell(event("GD1", "resolved", at(10), agent="bo")).status_code == 202
        service.clock.forward_to(at(11))
        service.application.runner.wake("surveys")
        service.settle()
        assert service.health()["status"] == "ok"


def test_a_tool_that_never_answers_is_told_to_the_admin(tmp_path: Path) -> None:
    with tool([503]) as (url, heard):
        environ = {"MUSTER_SURVEY_URL": url, "MUSTER_SURVEY_SECRET": "shared"}
        with running(tmp_path, Setting(start=at(10), settings=ASKING, environ=environ)) as service:
            service.opened("GD1", at(10))
            service.tell(event("GD1", "resolved", at(10), agent="bo"))
            service.clock.forward_to(at(10, 31))
            for n in range(1, 11):
                service.application.runner.wake("surveys")
                service.wait(lambda n=n: len(heard) >= n, f"try {n}")
                service.clock.forward_to(service.clock() + timedelta(minutes=61))
            found = service.wait(
                lambda: [m for m in service.direct("ada") if "survey tool" in m.text], "the notice"
            )
            assert "MUSTER_SURVEY_URL" in service.slack.render(found[0], "ada")
            service.application.runner.wake("surveys")
            service.settle()
            assert len(heard) == 10
