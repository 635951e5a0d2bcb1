"""The service under load: reads a second, and what the start takes.

    python bench/service.py --home WORKSPACE [--seconds 10]

WORKSPACE is a trained simulated one, as `assay demo` makes; it is copied. The service is started as
its user starts it. The client is a process of its own on the same cores: it holds `CLIENTS`
connections and asks the reads of a terminal in turn, each as soon as the one before was answered.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

from figures import Figure, keep

CLIENTS = 8
GOAL_A_SECOND, GOAL_P99_MS, GOAL_START_SECONDS = 500.0, 100.0, 3.0
READS = (
    "/api/v1/board",
    "/api/v1/bars/EURUSD/1h?limit=500",
    "/api/v1/signals?limit=50",
    "/api/v1/instruments",
    "/api/v1/forecasts/EURUSD/1h",
    "/api/v1/members?limit=50",
    "/api/v1/track?by=tier",
    "/api/v1/jobs?limit=50",
    "/api/v1/journal/head",
)
"""What the pages of the terminal ask all the time."""
STARTS = 3


def main() -> int:
    """Measure; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--home", type=Path, default=Path("demo"))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--client", nargs=2, metavar=("PORT", "TOKEN"))
    asked = parser.parse_args()
    if asked.client:
        print(json.dumps(asyncio.run(_ask(int(asked.client[0]), asked.client[1], asked.seconds))))
        return 0
    if not (asked.home / "assay.db").is_file():
        sys.exit(f"{asked.home} is no workspace; make one with assay --home {asked.home} demo")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(asked.home, home)
        return keep("service", measured(home, asked.seconds), "fastapi", "uvicorn", "uvloop")


def measured(home: Path, seconds: float) -> list[Figure]:
    """Return the figures of a service over `home`."""
    starts = []
    for _ in range(STARTS):
        with Served(home) as served:
            starts.append(served.ready)
    with Served(home) as served:
        token = served.token()
        for path in READS:
            served.ask(path, token)  # the first of each reads the stores
        words = ["--client", str(served.port), token, "--seconds", str(seconds)]
        before = served.cpu()
        done = subprocess.run(
            [sys.executable, __file__, *words], capture_output=True, text=True, check=True
        )
        used = served.cpu() - before
    told = json.loads(done.stdout)
    every = [one for each in told["ms"].values() for one in each]
    rate = len(every) / told["seconds"]
    figures = [
        Figure("start to ready", statistics.median(starts), "s", GOAL_START_SECONDS,
               note=f"median of {STARTS} starts, from the command to an answer of /readyz"),
        Figure("reads", rate, "1/s", GOAL_A_SECOND, better="higher",
               note=f"{CLIENTS} connections, {len(READS)} reads in turn, {told['wrong']} failed"),
        Figure("p99 of all reads", _high(every), "ms", GOAL_P99_MS),
        Figure("median of all reads", statistics.median(every), "ms"),
        Figure("the service's processor", 100 * used / told["seconds"], "% of one core"),
    ]  # fmt: skip
    for path, each in told["ms"].items():
        figures.append(Figure(f"p99 of {path}", _high(each), "ms", GOAL_P99_MS))
    return figures


def _high(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]


class Served:
    """A service in a process of its own; `ready` is how many seconds its start took."""

    def __init__(self, home: Path, *flags: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._home, self._flags = home, flags

    def __enter__(self) -> "Served":
        words = ["--home", str(self._home), "serve", "--json", "--port", str(self.port)]
        words += self._flags
        begin = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assay", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            sys.exit("the service did not begin")
        self.ask("/readyz", None)
        self.ready = time.perf_counter() - begin
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def pid(self) -> int:
        """Return the process's number."""
        return self._process.pid

    def ask(self, path: str, token: str | None) -> bytes:
        """Return the body of an answer."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        with urlopen(Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)) as answer:
            return answer.read()

    def token(self) -> str:
        """Return a token that may read, made on the machine as its owner makes one."""
        words = ["token", "make", "bench", "--scope", "read", "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "assay", "--home", str(self._home), *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return str(json.loads(done.stdout)["token"])

    def cpu(self) -> float:
        """Return the seconds of a processor that the service has used."""
        told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


async def _ask(port: int, token: str, seconds: float) -> dict[str, object]:
    """Ask until the time is over; the milliseconds of each read, and how many went wrong."""
    ms: dict[str, list[float]] = {path: [] for path in READS}
    wrong = 0
    until = time.perf_counter() + seconds

    async def one(number: int) -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        at = number
        while time.perf_counter() < until:
            path = READS[at % len(READS)]
            at += 1
            begin = time.perf_counter()
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                f"Authorization: Bearer {token}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            ms[path].append((time.perf_counter() - begin) * 1000)
            wrong += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    begin = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(CLIENTS)))
    return {"ms": ms, "wrong": wrong, "seconds": time.perf_counter() - begin}


if __name__ == "__main__":
    sys.exit(main())
