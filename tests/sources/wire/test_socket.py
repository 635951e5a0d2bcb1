"""What a socket does apart from what a provider says over it."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from assay.core.errors import AssayError, CredentialError, RefusedError, TransientError
from assay.core.secret import Secret
from assay.sources.provider import Abilities, Access
from assay.sources.wire import socket as wire
from assay.sources.wire.socket import Greeting, Socket
from tests.doubles.reach import Hands

SECRET = "secret-" + "0815" * 4


def abilities(*keys: str) -> Abilities:
    return Abilities("Example", {}, 1, (), "Free.", "https://example.org", keys)


def socket_to(
    address: str, *keys: str, timeout: float = 2.0, greeting: Greeting = lambda _: None
) -> Socket:
    hands = Hands()
    access = Access(
        "example",
        clock=hands,
        budget=hands,
        sleep=hands.sleep,
        secrets={name: Secret(SECRET) for name in keys},
        where="ASSAY_EXAMPLE_{}".format,
        stream=address,
        timeout=timeout,
    )
    return Socket(access, abilities(*keys), "wss://example.invalid", "/live", greeting)


@dataclass
class Here:
    """Where a server is, which paths were called, and which lines are open."""

    address: str
    paths: list[str] = field(default_factory=list)
    lines: list[ServerConnection] = field(default_factory=list)


@contextmanager
def served(response: Response | None = None) -> Iterator[Here]:
    """Yield a server that says back what it hears, or answers every call with `response`."""

    def door(connection: ServerConnection, request: Request) -> Response | None:
        here.paths.append(request.path)
        return response

    def echo(connection: ServerConnection) -> None:
        here.lines.append(connection)
        try:
            for message in connection:
                connection.send(message)
        except ConnectionClosed:
            connection.close()

    quiet = logging.Logger("server", logging.CRITICAL + 1)
    server: Server = serve(echo, "127.0.0.1", 0, process_request=door, logger=quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    here = Here(f"ws://127.0.0.1:{server.socket.getsockname()[1]}")
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()


def answered(status: int, text: str = "", **headers: str) -> Response:
    """Return an answer of HTTP."""
    return Response(status, HTTPStatus(status).phrase, Headers(headers), text.encode())


def test_what_is_sent_comes_back_as_json() -> None:
    with served() as here:
        socket = socket_to(here.address)
        socket.send({"rate": 1.25, "none": None})
        found = socket.answer().body
        silence = socket.receive(0.05)
        socket.close()

    assert found == {"rate": 1.25, "none": None}
    assert silence is None
    assert here.paths == ["/live"]


def test_nothing_said_is_not_the_same_as_null() -> None:
    with served() as here:
        socket = socket_to(here.address)
        socket.send(None)
        heard = socket.receive(2.0)
        socket.close()

    assert heard is not None
    assert heard.body is None


def turned_away(response: Response, *keys: str) -> AssayError:
    """Return the error for a door that answers `response`."""
    with served(response) as here, pytest.raises(AssayError) as caught:
        socket_to(here.address, *keys)
    return caught.value


def test_a_redirect_is_not_followed() -> None:
    with served() as other:
        error = turned_away(answered(302, Location=f"{other.address}/"), "key")

    assert isinstance(error, TransientError)
    assert str(error).startswith("Example's stream cannot be reached")
    assert not other.paths


@pytest.mark.parametrize("status", [401, 403])
def test_a_door_that_is_closed_to_the_key_names_where_it_is_set(status: int) -> None:
    error = turned_away(answered(status, f"no {SECRET} here"), "key", "secret")

    assert isinstance(error, CredentialError)
    assert "check ASSAY_EXAMPLE_key and ASSAY_EXAMPLE_secret" in str(error)
    assert SECRET not in str(error)


def test_without_keys_a_closed_door_is_a_refusal() -> None:
    error = turned_away(answered(403, "not in your country"))

    assert type(error) is RefusedError
    assert "not in your country" in str(error)


def test_a_busy_door_says_when_to_come_back() -> None:
    error = turned_away(answered(429, "slow down", **{"Retry-After": "17"}))

    assert isinstance(error, TransientError)
    assert error.retry_after == 17.0


@pytest.mark.parametrize("reason", [RefusedError("no"), KeyboardInterrupt(), KeyError("bug")])
def test_a_greeting_that_fails_leaves_no_line_open(reason: BaseException) -> None:
    def greeting(socket: Socket) -> None:
        socket.send("hello")
        socket.answer()
        raise reason

    with served() as here:
        with pytest.raises(type(reason)):
            socket_to(here.address, greeting=greeting)

        assert here.lines[0].wait_closed(2.0)


def test_sending_over_a_closed_line_is_said() -> None:
    with served() as here:
        socket = socket_to(here.address)
    with pytest.raises(TransientError) as caught:
        socket.send({})
    socket.close()

    assert "broke off" in str(caught.value)


def test_a_line_that_answers_no_ping_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PING_EVERY", 0.05)
    monkeypatch.setattr(wire, "PONG_WITHIN", 0.1)
    with served() as here:
        socket = socket_to(here.address)
        socket.send("hello")
        socket.answer()
        with here.lines[0].protocol_mutex:  # the other side can neither hear nor say anything
            began = time.monotonic()
            with pytest.raises(TransientError) as caught:
                socket.receive(5.0)
            took = time.monotonic() - began
        socket.close()

    assert "ping timeout" in str(caught.value)
    assert took < 3.0
