"""K3, K9: `muster run` as a process: it says how it stands, stops on a signal, and tells a wrong token."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.playground import Fault, FaultKind, StandInSlack, Workspace

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def muster_run(folder: Path, environ: Mapping[str, str], *args: str) -> Iterator[subprocess.Popen[str]]:
    shutil.copy(ROOT / "app.yaml", folder / "app.yaml")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "MUSTER_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli.main", "--config", str(folder / "app.yaml"), "run", *args],
        env=clean | {"PYTHONPATH": str(ROOT), "MUSTER_LANG": "en"} | environ,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=10)


def health(port: int, until: str, seconds: float = 60) -> dict:
    """/health, as soon as Slack's state is the one waited for."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            last = httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).json()
            if last["slack"]["state"] == until:
                return last
        except httpx.HTTPError as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"no {until!r} within {seconds} s: {last}")


def ended(process: subprocess.Popen[str], seconds: float = 10) -> tuple[int, str, float]:
    began = time.monotonic()
    out, _ = process.communicate(timeout=seconds)
    return process.returncode, out, time.monotonic() - began


def test_sigterm_stops_it_although_a_call_to_slack_hangs(tmp_path: Path) -> None:
    port = free_port()
    with StandInSlack(Workspace()) as slack:
        slack.faults.add("users.list", Fault(kind=FaultKind.HANG_AFTER, seconds=30))
        with muster_run(tmp_path, slack.environment() | {"MUSTER_HTTP_PORT": str(port)}) as process:
            assert health(port, "connected")["status"] == "ok"
            process.send_signal(signal.SIGTERM)
            code, out, seconds = ended(process)
    assert code == 0, out
    assert seconds < 10
    assert "Stopped." in out


def test_ctrl_c_in_http_mode_says_how_it_stood_and_no_secret(tmp_path: Path) -> None:
    port = free_port()
    with StandInSlack(Workspace()) as slack:
        environ = slack.environment() | {"MUSTER_SLACK_MODE": "http", "MUSTER_HTTP_PORT": str(port)}
        with muster_run(tmp_path, environ | {"MUSTER_INTAKE_TOKEN": "secret-of-the-intake"}) as process:
            health(port, "connected")
            # Connected is told a moment after /health knows.
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            code, out, seconds = ended(process)
    assert code == 0, out
    assert seconds < 10
    assert "Connected with Slack (http)" in out
    assert "Traceback" not in out
    for secret in (slack.bot_token, slack.app_token, slack.signing_secret, "secret-of-the-intake"):
        assert secret not in out
