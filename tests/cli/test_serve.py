"""`assay serve` as its user runs it: a process that answers, and ends when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.workflows.workspace import copied

SOON = 30.0


@contextmanager
def serving(home: Path, *, owned: bool = True) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a process that serves `home`, and its address; all of what it says, if not `owned`."""
    port = a_port()
    words = ["--home", str(home), "serve", "--port", str(port), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "assay", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate(timeout=SOON)
        address = json.loads(line)["address"]
        yield process, address.partition("/#")[0] if owned else address
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def a_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def asked(address: str) -> Any:
    with urlopen(address, timeout=SOON) as answer:
        return json.load(answer)


@pytest.fixture
def home(workspace: Path, tmp_path: Path) -> Path:
    return copied(workspace, tmp_path / "home")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_ends_well_when_told_to(home: Path, stop: signal.Signals) -> None:
    with serving(home) as (process, address):
        assert asked(f"{address}/readyz")["status"] == "ready"

        process.send_signal(stop)
        _, err = process.communicate(timeout=SOON)

    assert process.returncode == 0, err
    lines = [json.loads(line) for line in err.splitlines()]
    assert lines[-1]["event"] == "stopped"
    assert all(line["logger"] for line in lines)


def test_until_it_has_an_owner_it_says_the_token_that_makes_one(home: Path) -> None:
    with serving(home, owned=False) as (_, address):
        plain, _, token = address.partition("/#owner=")
        asking = {"token": token, "name": "ada", "password": "a long enough one 42"}
        made = Request(
            f"{plain}/api/v1/access/owner",
            json.dumps(asking).encode(),
            {"content-type": "application/json", "origin": plain},
        )

        with urlopen(made, timeout=SOON) as answer:
            assert answer.status == 201

    with serving(home, owned=False) as (_, address):
        assert "#" not in address
        assert asked(f"{address}/api/v1/access/standing") == {"has_owner": True}


def test_a_workspace_without_anything_is_served_too(tmp_path: Path) -> None:
    with serving(tmp_path / "new") as (_, address):
        assert asked(f"{address}/readyz")["status"] == "ready"


def test_what_is_under_way_is_answered_before_it_ends(home: Path) -> None:
    with serving(home) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=SOON) as line:
            line.sendall(
                b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\nab"
            )
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            line.sendall(b"cd")
            answer = line.recv(4096)
        process.communicate(timeout=SOON)

    assert answer.startswith(b"HTTP/1.1 405")
    assert process.returncode == 0


def test_a_port_that_is_taken_is_one_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "assay", "--home", str(home), "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=SOON,
            check=False,
        )

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("assay: The service could not listen at")
    assert "Traceback" not in done.stderr


def test_an_open_address_without_encryption_is_refused(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assay", "--home", str(home), "serve", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        timeout=SOON,
        check=False,
    )

    assert done.returncode == 2
    assert "--behind-proxy" in done.stderr


def test_killed_it_leaves_nothing_behind_that_stops_the_next(home: Path) -> None:
    with serving(home) as (process, _):
        process.kill()
        process.communicate(timeout=SOON)

    with serving(home) as (_, address):
        assert asked(f"{address}/readyz")["status"] == "ready"
