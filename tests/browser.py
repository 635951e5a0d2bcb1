"""A real browser that a test can steer: Chromium over its debugging pipe, without any library."""

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
)
PATIENCE = 60.0
"""Seconds without an answer after which something is wrong; a busy machine may need a few."""
SEEN = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


@dataclass
class Browser:
    """One page of a browser: what it was asked for, what it complained of, what it fetched."""

    to: int
    back: int
    session: str = ""
    number: int = 0
    rest: bytes = b""
    scripted: bool = True
    complaints: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def ask(self, method: str, **params: Any) -> Any:
        """Send one command and return its result; what happens meanwhile is remembered."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self.number:
                assert "error" not in found, found
                return found["result"]
            self._remember(found)

    def open(self, path: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Show the file at `path` and wait until its scripts have run."""
        wide = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.ask("Emulation.setDeviceMetricsOverride", **wide)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url=path.as_uri())
        while self.run("document.readyState + location.href") != f"complete{path.as_uri()}":
            time.sleep(0.02)
        if self.scripted:
            self.settle()

    def scripts(self, *, allowed: bool) -> None:
        """Let pages opened from now on run their scripts, or not."""
        self.ask("Emulation.setScriptExecutionDisabled", value=not allowed)
        self.scripted = allowed

    def settle(self) -> None:
        """Wait until the page has been drawn twice."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def run(self, script: str) -> Any:
        """Return what the expression `script` is in the page; a promise is awaited."""
        found = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def _next(self) -> Mapping[str, Any]:
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.back], [], [], PATIENCE)
            assert ready, f"the browser said nothing for {PATIENCE} seconds"
            more = os.read(self.back, 1 << 20)
            assert more, "the browser ended"
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        found: Mapping[str, Any] = json.loads(message)
        return found

    def _remember(self, found: Mapping[str, Any]) -> None:
        if found.get("method") in SEEN:
            self.complaints.append(json.dumps(found["params"])[:500])
        if found.get("method") == "Network.requestWillBeSent":
            self.fetched.append(found["params"]["request"]["url"])


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield a fresh page of a fresh browser; without one the test is skipped, in CI it fails."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium was found, and in CI a missing service is a failure")
        pytest.skip("no Chromium was found")
    read_by_it, to = os.pipe()
    back, written_by_it = os.pipe()
    command = f"exec {program} {' '.join(FLAGS)} 3<&{read_by_it} 4>&{written_by_it}"
    running = subprocess.Popen(
        ["/bin/bash", "-c", command],
        pass_fds=(read_by_it, written_by_it),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_by_it)
    os.close(written_by_it)
    try:
        page = Browser(to, back)
        target = page.ask("Target.createTarget", url="about:blank")["targetId"]
        joined = page.ask("Target.attachToTarget", targetId=target, flatten=True)
        page.session = joined["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.ask(f"{domain}.enable")
        yield page
    finally:
        running.kill()
        running.wait()
        os.close(to)
        os.close(back)
