"""The service over a PostgreSQL that may go away and come back."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import Serving
from assay.workflows.desk import Desk
from assay.workflows.train import train
from tests.api.conftest import ADDRESS, bearer
from tests.store.conftest import empty_postgres, postgres_server
from tests.workflows.workspace import LIGHT, HandClock, copied

__all__ = ["empty_postgres", "postgres_server"]

SERIES = {"symbol": "EURUSD", "timeframe": "1h"}


class Way:
    """The way to a server, over a port of ours; it can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self.is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Let nothing through, and end what is open."""
        self.is_cut = True
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                here.close()
                continue
            there = socket.create_connection(self._to)
            self._open += [here, there]
            for ends in ((here, there), (there, here)):
                threading.Thread(target=_carry, args=ends, daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(65_536):
            other.sendall(content)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def way(empty_postgres: str) -> Iterator[Way]:
    url = sa.make_url(empty_postgres)
    found = Way(url.host or "127.0.0.1", url.port or 5432)
    yield found
    found.close()


@pytest.fixture
def parts(way: Way, empty_postgres: str, workspace: Path, tmp_path: Path) -> Iterator[Parts]:
    """Yield a service whose rows are in PostgreSQL, with trained models and no signal."""
    home = copied(workspace, tmp_path / "home")
    for file in (*home.glob("assay.db*"), *home.glob("journal.head*")):
        file.unlink()
    url = sa.make_url(empty_postgres).set(host="127.0.0.1", port=way.port)
    clock = HandClock(datetime(2022, 1, 3, 12, tzinfo=UTC))
    address = url.render_as_string(hide_password=False)
    desk = Desk(home=home, clock=clock, jobs=1, database_url=address)
    train(desk, members=LIGHT)
    yield Parts(desk, Serving())
    desk.close()


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    with TestClient(make(parts), base_url=ADDRESS, headers=bearer(parts)) as found:
        yield found


def test_a_signal_goes_all_the_way(client: TestClient) -> None:
    made = client.post("/api/v1/signals", json=SERIES)

    assert made.status_code in (200, 201), made.text
    name = made.json()["id"]
    assert client.get(f"/api/v1/signals/{name}").json()["id"] == name
    assert client.get(f"/api/v1/signals/{name}/explanation").json()["how"]["journal"]["intact"]
    board = client.get("/api/v1/board").json()["places"]
    assert name in [one["signal"]["id"] for one in board if one["signal"]]
    assert client.get("/api/v1/system").json()["database"] == "PostgreSQL"
    for path in ("members", "journal", "jobs", "track", "audit", "quality", "backtests"):
        assert client.get(f"/api/v1/{path}").status_code == 200, path
    job = client.post("/api/v1/jobs", json={"kind": "resolve"})
    assert job.status_code == 202
    assert client.post("/api/v1/journal/verify").json()["intact"]


def test_a_database_that_goes_away_is_said_and_nothing_is_lost(
    client: TestClient, way: Way
) -> None:
    name = client.post("/api/v1/signals", json=SERIES).json()["id"]
    way.cut()

    ready = client.get("/readyz")
    asked = client.get("/api/v1/journal")
    wanted = client.post("/api/v1/signals", json=SERIES)

    assert ready.status_code == 503
    assert ready.json()["checks"]["bars"] is None
    for one in (asked, wanted):
        assert one.status_code == 503, one.text
        assert int(one.headers["retry-after"]) > 0
        assert one.json()["detail"]
        assert "Traceback" not in one.text

    way.mend()

    assert client.get("/readyz").status_code == 200
    assert client.post("/api/v1/signals", json=SERIES).json()["id"] == name
    assert client.post("/api/v1/journal/verify").json()["intact"]
