"""Measure the push channel: 200 clients at 5,000 messages a second, and bar close to pushed signal.

    python bench/push.py [--home WORKSPACE]

The client is a process of its own on the same cores. `load` pushes small messages to 200 clients
over real WebSockets and measures publishing to receipt; both processes read one clock. `close` lets
a copy of a trained simulated workspace close bars, all that close in an hour at once, and measures
from the moment the last one is stored to the receipt of each signal.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from websockets.asyncio.client import connect

from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import Serving
from assay.app import open_desk
from assay.core.values.scope import Scope
from assay.workflows.access.tokens import make_token
from assay.workflows.desk import Desk
from assay.workflows.ticking import Ticking, origin_of, reach, simulated_series, steps
from figures import Figure, keep

PUSH = "/api/v1/push"
CLIENTS, A_SECOND = 200, 5_000
SERIES = 95
GOAL_PUSH_MS, GOAL_CLOSE_SECONDS = 250.0, 2.0
ROUNDS = 3
"""Hours that close one after the other; in the first one every model is opened."""


def main() -> int:
    """Measure both and keep the figures; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=("listen", "wait"), help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument(
        "--home", type=Path, default=Path("demo"), help="A trained simulated one; it is copied."
    )
    asked = parser.parse_args()
    if asked.what:
        asyncio.run((_listen if asked.what == "listen" else _wait)(*asked.rest))
        return 0
    if not (asked.home / "assay.db").is_file():
        sys.exit(f"{asked.home} is no workspace; make one with assay --home {asked.home} demo")
    pushed, closed = load(asked.seconds), close(asked.home, asked.seconds)
    return keep("push", [*_of_load(pushed), *_of_close(closed)], "uvicorn", "uvloop", "websockets")


def _of_load(found: dict[str, Any]) -> list[Figure]:
    lost = found["deliveries_expected"] - found["deliveries"]
    said = f"{CLIENTS} clients, {found['deliveries_a_second']:,} messages a second, {lost} lost"
    return [
        Figure("pushed messages, p99", 1000 * found["p99_s"], "ms", GOAL_PUSH_MS, note=said),
        Figure("pushed messages, median", 1000 * found["p50_s"], "ms"),
        Figure(
            "the service's processor", 100 * found["server_cpu_share_of_one_core"], "% of one core"
        ),
    ]


def _of_close(found: dict[str, Any]) -> list[Figure]:
    last = found["rounds"][-1]
    reckoned = last["p99_s"] / last["closed"] * SERIES
    said = f"{last['closed']} series close at once, models open; {found['series']} are stored"
    return [
        Figure("bar close to pushed signal, p99", last["p99_s"], "s", note=said),
        Figure("bar close to pushed signal, median", last["p50_s"], "s"),
        Figure(f"the same of {SERIES} series, reckoned from it", reckoned, "s", GOAL_CLOSE_SECONDS,
               note="in proportion, for the processors are what is short"),
    ]  # fmt: skip


def load(seconds: float) -> dict[str, Any]:
    """Push to 200 clients from an empty workspace."""
    with tempfile.TemporaryDirectory() as folder:
        desk = open_desk(Path(folder))
        with _Service(desk) as service:
            client = service.client("listen", str(CLIENTS), str(seconds))
            while service.parts.hub.listeners < CLIENTS:
                time.sleep(0.05)
            time.sleep(1.0)
            cpu, begin = time.process_time(), time.monotonic()
            due, sent = begin, 0
            while due < begin + seconds:
                time.sleep(max(0.0, due - time.monotonic()))
                at = time.monotonic_ns()
                service.parts.hub.publish("bars:EURUSD:1h", {"at_ns": at, "bar": [1.1] * 5})
                due, sent = due + CLIENTS / A_SECOND, sent + 1
            took, cpu = time.monotonic() - begin, time.process_time() - cpu
            time.sleep(2.0)
            service.parts.hub.publish("bars:EURUSD:1h", {"end": True})
            told = json.loads(client.communicate(timeout=60)[0])
    return {
        "clients": CLIENTS,
        "published": sent,
        "deliveries_expected": sent * CLIENTS,
        "deliveries_a_second": round(sent * CLIENTS / took),
        **told,
        "server_cpu_share_of_one_core": round(cpu / took, 3),
        "dropped": service.parts.metrics.dropped._value.get(),
    }


def close(home: Path, seconds: float) -> dict[str, Any]:
    """Let hours close, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(home, Path(folder) / "home")
        desk = open_desk(Path(folder) / "home")
        with _Service(desk) as service:
            return _closed(desk, service, seconds)


def _closed(desk: Desk, service: "_Service", seconds: float) -> dict[str, Any]:
    origin = origin_of(desk)
    now = desk.bars.series()
    last = max(one.last for one in now if one.simulated)
    part, _ = reach(origin, None, last)
    series = len(simulated_series(desk))
    ticking = Ticking(desk, service.parts.live.nudge)
    ticking.now = last
    rounds: list[dict[str, object]] = []
    for step in steps(desk, origin, part):
        expected = len(step.bars)
        client = service.client("wait", str(expected), str(seconds))
        assert client.stdout is not None
        client.stdout.readline()
        ticking.take(origin, step, part)
        stored = time.monotonic_ns()
        told = json.loads(client.communicate(timeout=seconds + 60)[0])
        came = [(at - stored) / 1e9 for at in told["received_ns"]]
        sys.stderr.write(f"{step.at} {expected} {_spread(came)}\n")
        rounds.append({"at": step.at.isoformat(), "closed": expected, **_spread(came)})
        if len(rounds) == ROUNDS:
            break
    return {"series": series, "rounds": rounds}


class _Service:
    """The service in this process, in a thread, and clients in others."""

    def __init__(self, desk: Desk) -> None:
        self.parts = Parts(desk, Serving(names=("localhost",)))
        self._server = uvicorn.Server(
            uvicorn.Config(make(self.parts), port=0, log_config=None, ws="websockets-sansio",
                           ws_per_message_deflate=False)
        )  # fmt: skip
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._token = make_token(self.parts.door, "bench", (Scope.READ,)).secret

    def __enter__(self) -> "_Service":
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30)

    def client(self, what: str, *rest: str) -> "subprocess.Popen[str]":
        """Start a client."""
        port = self._server.servers[0].sockets[0].getsockname()[1]
        command = [sys.executable, __file__, what, f"ws://127.0.0.1:{port}{PUSH}", self._token]
        return subprocess.Popen([*command, *rest], stdout=subprocess.PIPE, text=True)


async def _listen(address: str, token: str, clients: str, seconds: str) -> None:
    delays: list[int] = []
    headers = {"Authorization": f"Bearer {token}"}

    async def one() -> None:
        async with connect(address, additional_headers=headers, compression=None) as channel:
            await channel.send('{"subscribe": ["bars:EURUSD:*"]}')
            async with asyncio.timeout(float(seconds) + 90):
                async for text in channel:
                    now = time.monotonic_ns()
                    message = json.loads(text)
                    if "data" in message:
                        if "end" in message["data"]:
                            return
                        delays.append(now - message["data"]["at_ns"])

    begin = time.process_time()
    tasks = []
    for _ in range(int(clients)):
        tasks.append(asyncio.ensure_future(one()))
        await asyncio.sleep(0.02)
    await asyncio.gather(*tasks)
    cpu = time.process_time() - begin
    told = {"deliveries": len(delays), **_spread([delay / 1e9 for delay in delays])}
    sys.stdout.write(json.dumps({**told, "client_cpu_seconds": round(cpu, 2)}))


async def _wait(address: str, token: str, expected: str, seconds: str) -> None:
    received: list[int] = []
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=headers) as channel:
        await channel.send('{"subscribe": ["signals"]}')
        await channel.recv()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        try:
            async with asyncio.timeout(float(seconds)):
                while len(received) < int(expected):
                    if "data" in json.loads(await channel.recv()):
                        received.append(time.monotonic_ns())
        except TimeoutError:
            pass
    sys.stdout.write(json.dumps({"received_ns": received}))


def _spread(values: Sequence[float]) -> dict[str, object]:
    if not values:
        return {"signals": 0}
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 4)

    return {
        "count": len(ordered),
        "p50_s": round(statistics.median(ordered), 4),
        "p99_s": at(0.99),
        "max_s": round(ordered[-1], 4),
    }


if __name__ == "__main__":
    sys.exit(main())
