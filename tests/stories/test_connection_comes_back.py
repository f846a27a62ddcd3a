"""Socket Mode: an abruptly cut socket or a refresh costs seconds, not commands."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.stories.service import Setting, running
from tests.support.builders import at


def test_cut_refresh_and_many_at_once(tmp_path: Path) -> None:
    with running(tmp_path, Setting(shifts=[("bo", at(9), at(18))])) as service:
        bo = service.slack.user("bo")
        assert bo.command("/shift").ok

        service.slack.cut()
        began = time.monotonic()
        service.slack.wait_until_connected()
        assert time.monotonic() - began < 5
        assert "Today" in bo.command("/shift").answer().text
        assert service.health()["slack"]["state"] == "connected"

        service.slack.refresh(grace=0.5)
        for _ in range(5):
            assert "Today" in bo.command("/shift").answer().text

        with ThreadPoolExecutor(20) as people:
            outcomes = list(people.map(lambda _: bo.command("/shift", "week"), range(20)))
        assert all(outcome.ok for outcome in outcomes)
        assert max(outcome.latency or 9 for outcome in outcomes) < 3
        service.wait(
            lambda: len([m for m in bo.ephemerals if m.text.startswith("Your week")]) == 20, "every answer"
        )
