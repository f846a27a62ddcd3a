"""Headless Chromium as a person at a screen: look, click, type.  Driven over its debugging protocol."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

PATIENCE = 90.0
"""Seconds after which a wait is given up; nothing is measured with it."""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--remote-debugging-port=0",
)


class Tab:
    """One tab.  Everything that is asked for is waited for; ``problems`` are errors of the page's script."""

    def __init__(self, loop: asyncio.AbstractEventLoop, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.problems: list[str] = []
        self._loop = loop
        self._socket = socket
        self._number = 0

    def open(self, url: str, *, width: int = 1280, height: int = 900) -> None:
        for domain in ("Runtime", "Page", "Log"):
            self._send(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 760}
        self._send("Emulation.setDeviceMetricsOverride", **size)
        self._send("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """The value of an expression; a promise is awaited."""
        answer = self._send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str, what: str = "") -> Any:
        """The value of an expression as soon as it is true."""
        until = time.monotonic() + PATIENCE
        while True:
            value = self.run(script)
            if value:
                return value
            if time.monotonic() > until:
                shown = self.run("document.body.innerText")
                raise AssertionError(f"waited in vain for {what or script}; on the screen:\n{shown}")
            self._loop.run_until_complete(asyncio.sleep(0.05))

    def sees(self, text: str, where: str = "body") -> None:
        """Wait until a text is on the screen, inside of the first element that matches."""
        look = f"document.querySelector({json.dumps(where)})?.innerText.includes({json.dumps(text)})"
        self.wait(look, repr(text))

    def click(self, selector: str, label: str | None = None) -> None:
        """Click the last element that matches and shows the label, once nothing lies over it."""
        self.wait(
            f"""(() => {{
              const found = [...document.querySelectorAll({json.dumps(selector)})]
                .filter((one) => [null, one.innerText.trim()].includes({json.dumps(label)}));
              const target = found.at(-1);
              if (!target || target.disabled) return false;
              target.scrollIntoView({{ block: "center" }});
              const box = target.getBoundingClientRect();
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              if (!target.contains(top)) return false;
              target.click();
              return true;
            }})()""",
            f"{selector} {label or ''} to click",
        )

    def type(self, selector: str, text: str) -> None:
        """Put the cursor into a field and type."""
        self.wait(
            f"(document.querySelector({json.dumps(selector)})?.focus(), "
            f"document.activeElement?.matches({json.dumps(selector)}))",
            f"{selector} to type in",
        )
        self._send("Input.insertText", text=text)

    def key(self, key: str) -> None:
        code = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40}[key]
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self._send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text
            )

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._loop.run_until_complete(self._exchange(method, parameters))

    async def _exchange(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        number = self._number
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE):
            while True:
                heard = json.loads((await self._socket.receive()).data)
                if heard.get("method") == "Runtime.exceptionThrown":
                    self.problems.append(json.dumps(heard["params"]["exceptionDetails"])[:1000])
                if (
                    heard.get("method") == "Log.entryAdded"
                    and heard["params"]["entry"]["source"] == "security"
                ):
                    self.problems.append(heard["params"]["entry"]["text"])
                if heard.get("id") == number:
                    assert "error" not in heard, heard["error"]
                    return dict(heard["result"])


@contextmanager
def chromium() -> Iterator[Tab]:
    """A fresh browser with one tab, whose page must have had no problem.  Skips where there is none."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("Chromium is not installed")
    folder = tempfile.mkdtemp(prefix="chromium-")
    browser = subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    loop = asyncio.new_event_loop()
    try:
        session, socket = loop.run_until_complete(_connected(Path(folder)))
        tab = Tab(loop, socket)
        try:
            yield tab
            assert tab.problems == []
        finally:
            loop.run_until_complete(session.close())
    finally:
        browser.terminate()
        browser.wait(timeout=30)
        loop.close()
        # Its own processes may still write while they end.
        shutil.rmtree(folder, ignore_errors=True)


async def _connected(folder: Path) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    told = folder / "DevToolsActivePort"
    session = aiohttp.ClientSession()
    try:
        async with asyncio.timeout(PATIENCE):
            while not (told.exists() and told.read_text().strip()):
                await asyncio.sleep(0.05)
            port = told.read_text().split()[0]
            while True:
                async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                    tabs = [tab for tab in await answer.json() if tab["type"] == "page"]
                if tabs:
                    address = tabs[0]["webSocketDebuggerUrl"]
                    return session, await session.ws_connect(address, max_msg_size=0)
                await asyncio.sleep(0.05)
    except BaseException:
        await session.close()
        raise
