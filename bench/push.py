"""Measure the push channel: 200 clients at 5,000 messages a second, and bar close to pushed signal.

    python bench/push.py [--market WORKSPACE]

The client is a process of its own on the same cores. `load` pushes small messages to 200 clients
over real WebSockets and measures publishing to receipt; both processes read one clock. `close` lets
a copy of the workspace of `bench/market.py`, which is made where there is none, close bars until
all its 95 series have closed at once, `ROUNDS` times, and measures from the moment the last bar is
stored to the receipt of each signal.
"""

import argparse
import asyncio
import contextlib
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
from assay.workflows.ticking import Ticking, origin_of, reach, steps
from figures import Figure, keep
from market import SERIES, TIMEFRAMES
from market import make as make_market

PUSH = "/api/v1/push"
CLIENTS, A_SECOND = 200, 5_000
SILENCE_SECONDS, UNTIL_SILENCE = 4.0, "1000000"
"""How long nothing is pushed until all is; more signals than there are."""
GOAL_PUSH_MS, GOAL_CLOSE_SECONDS = 250.0, 2.0
ROUNDS = 5
"""So often all series close at once, after once for opening what is needed."""


def main() -> int:
    """Measure both and keep the figures; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=("listen", "wait"), help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument(
        "--market", type=Path, default=Path("bench-market"), help="Of market.py; it is copied."
    )
    asked = parser.parse_args()
    if asked.what:
        asyncio.run((_listen if asked.what == "listen" else _wait)(*asked.rest))
        return 0
    make_market(asked.market)
    pushed, closed = load(asked.seconds), close(asked.market, asked.seconds)
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


def _of_close(found: Sequence[float]) -> list[Figure]:
    spread = _spread(found)
    said = f"{SERIES} series close at once, {ROUNDS} times; {len(found)} signals"
    return [
        Figure("bar close to pushed signal, p99", spread["p99_s"], "s", GOAL_CLOSE_SECONDS,
               note=said),
        Figure("bar close to pushed signal, median", spread["p50_s"], "s"),
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


def close(home: Path, seconds: float) -> list[float]:
    """Let bars close, and return the seconds to each signal where all of them did."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(home, Path(folder) / "home")
        desk = open_desk(Path(folder) / "home")
        with _Service(desk) as service:
            return _closed(desk, service, seconds)


def _closed(desk: Desk, service: "_Service", seconds: float) -> list[float]:
    origin = origin_of(desk)
    now = desk.bars.series()
    last = max(one.last for one in now if one.simulated)
    part, _ = reach(origin, None, last)
    ticking = Ticking(desk, service.parts.live.nudge)
    ticking.now = last
    whole: list[float] = []
    rounds = 0
    client = _begun(service, UNTIL_SILENCE, SILENCE_SECONDS)
    for step in steps(desk, origin, part):
        closing = sum(one.timeframe in TIMEFRAMES for one in step.bars)
        if closing < SERIES:
            ticking.take(origin, step, part)
            continue
        client.communicate()  # until nothing more is pushed of what closed before
        client = _begun(service, str(SERIES), seconds)
        ticking.take(origin, step, part)
        stored = time.monotonic_ns()
        told = json.loads(client.communicate()[0])
        came = [(at - stored) / 1e9 for at in told["received_ns"]]
        sys.stderr.write(f"{step.at} {closing} series {_spread(came)}\n")
        if rounds:
            whole += came
        rounds += 1
        if rounds > ROUNDS:
            break
        client = _begun(service, UNTIL_SILENCE, SILENCE_SECONDS)
    return whole


def _begun(service: "_Service", expected: str, silence: float) -> "subprocess.Popen[str]":
    """Return a client that has subscribed; it ends with so many signals, or after a silence."""
    client = service.client("wait", expected, str(silence))
    assert client.stdout is not None
    client.stdout.readline()
    return client


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


async def _wait(address: str, token: str, expected: str, silence: str) -> None:
    received: list[int] = []
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=headers) as channel:
        await channel.send('{"subscribe": ["signals"]}')
        await channel.recv()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        with contextlib.suppress(TimeoutError):
            while len(received) < int(expected):
                async with asyncio.timeout(float(silence)):
                    message = json.loads(await channel.recv())
                if "data" in message:
                    received.append(time.monotonic_ns())
    sys.stdout.write(json.dumps({"received_ns": received}))


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {"count": 0}
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
