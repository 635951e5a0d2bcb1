"""A WebSocket that speaks JSON: opened in one go, silent about keys, closed from any thread."""

import json
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from assay.core.errors import AssayError, CredentialError, RefusedError, TransientError
from assay.sources.provider import Abilities, Access
from assay.sources.wire.http import cleaned

LARGEST_MESSAGE = 4 * 2**20
"""Bytes; more is no message about bars."""
WAITING = 256
"""Messages that may wait here; then nothing more is read, and the other side has to wait."""
PING_EVERY, PONG_WITHIN, GOODBYE_WITHIN = 20.0, 20.0, 1.0
"""Seconds: how often a line is tried, how long an answer may take, and that to a goodbye."""
AGAIN, LATER = 5.0, 60.0
"""Seconds before one may connect again: a line that broke off, a provider that is busy."""
_SILENT = logging.Logger("websockets", logging.CRITICAL + 1)
"""The library would write every frame to its log, and a key is in one of the first."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: the parsed body."""

    body: Any


Greeting = Callable[["Socket"], None]
"""Says who we are and what we want, by the customs of a provider; returns when that is granted."""


class Socket:
    """One WebSocket to a provider; making one connects and greets, or leaves nothing behind.

    Errors name the provider and hold no secret: `TransientError` where it cannot be reached, is
    busy, broke off or sent what cannot be read; `CredentialError` where it refuses the key;
    `RefusedError` where it refuses the question. As over HTTP, redirects are not followed and no
    proxy is used. The other side is pinged (unless `pinged` is False), so that a dead line is
    noticed; one that lives and says nothing is for the reader to notice, whose `receive` returns
    None. `decode` reads messages and raises a `ValueError` for one that it cannot.
    """

    def __init__(
        self,
        access: Access,
        abilities: Abilities,
        address: str,
        path: str,
        greeting: Greeting,
        *,
        decode: Callable[[bytes], Any] = json.loads,
        pinged: bool = True,
    ) -> None:
        self.title = f"{abilities.title}'s stream"
        self._access, self._keys = access, abilities.keys
        self._decode, self._pinged = decode, pinged
        self._is_closed = False
        self._connection = self._connected((access.stream or address).rstrip("/") + path)
        try:
            greeting(self)
        except BaseException:
            self.close()
            raise

    def send(self, body: object) -> None:
        """Send a message as JSON."""
        self.say(json.dumps(body))

    def say(self, text: str) -> None:
        """Send a message as it is."""
        try:
            self._connection.send(text)
        except ConnectionClosed as error:
            wrong = self._broken_off(error)
        else:
            return
        raise wrong  # out here: what the other side said may hold a key, and is in no traceback

    def receive(self, timeout: float) -> Heard | None:
        """Return the next message, or None when none came for `timeout` seconds."""
        wrong: AssayError
        try:
            content = self._connection.recv(timeout, decode=False)
            return Heard(self._decode(content))
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            wrong = self._broken_off(error)
        except (ValueError, RecursionError):
            wrong = self.unreadable(content.decode("utf-8", "replace"))
        raise wrong

    def answer(self) -> Heard:
        """Return the next message, which must come within the time an answer may take."""
        heard = self.receive(self._access.timeout)
        if heard is None:
            raise TransientError(f"{self.title} did not answer in time; try again later", LATER)
        return heard

    def close(self) -> None:
        """Let go of it, from any thread: who waits for a message is told at once."""
        self._is_closed = True
        self._connection.close()

    def unreadable(self, said: str) -> TransientError:
        """Return the error for words that are no message: bars may be lost, so ask for them."""
        words = self._clean(said) or "nothing"
        return TransientError(
            f"{self.title} sent something that cannot be read ({words}); connect again and ask "
            "for the bars since the last",
            AGAIN,
        )

    def busy(self, said: str, retry_after: float = LATER) -> TransientError:
        """Return the error for a provider that says it cannot now; `said` is why."""
        return TransientError(f"{self.title} {self._clean(said)}", retry_after)

    def refused(self, said: str) -> RefusedError:
        """Return the error for a question that it will not answer; `said` is why."""
        return RefusedError(f"{self.title} refused what was asked ({self._clean(said)})")

    def refused_key(self, said: str) -> CredentialError:
        """Return the error for a key that it does not accept; `said` are its words."""
        where = " and ".join(self._access.where(name) for name in self._keys)
        return CredentialError(
            f"{self.title} refused the key ({self._clean(said)}); check {where or 'its terms'}"
        )

    def _connected(self, url: str) -> ClientConnection:
        timeout = self._access.timeout
        wrong: AssayError
        try:
            made = connect(
                url,
                sock=_reached(url, timeout),
                user_agent_header="assay",
                open_timeout=timeout,
                ping_interval=PING_EVERY if self._pinged else None,
                ping_timeout=PONG_WITHIN,
                close_timeout=GOODBYE_WITHIN,
                max_size=LARGEST_MESSAGE,
                max_queue=WAITING,
                logger=_SILENT,
            )
            return made.__enter__()  # its way out is `close`, in another thread perhaps
        except InvalidStatus as error:
            wrong = self._turned_away(error)
        except (OSError, EOFError, ValueError, WebSocketException) as error:
            why = "it did not answer in time" if isinstance(error, TimeoutError) else str(error)
            wrong = TransientError(
                f"{self.title} cannot be reached ({self._clean(why) or type(error).__name__}); "
                "try again later",
                LATER,
            )
        raise wrong

    def _turned_away(self, error: InvalidStatus) -> AssayError:
        response = error.response
        status, text = (
            response.status_code,
            (response.body or b"")[:1000].decode("utf-8", "replace"),
        )
        said = f"{status}: {text}" if text.strip() else str(status)
        if status in (401, 403) and self._keys:
            return self.refused_key(said)
        if status == 429 or status >= 500:
            wait = response.headers.get("Retry-After", "").strip()
            said = f"is busy ({self._clean(said)}); try again later"
            return self.busy(said, float(wait) if wait.isdecimal() else LATER)
        return self.refused(said)

    def _broken_off(self, error: ConnectionClosed) -> TransientError:
        if self._is_closed:
            return TransientError(f"{self.title} was closed here", AGAIN)
        sent = error.rcvd or error.sent
        why = f"{sent.code} {sent.reason}" if sent else "without a goodbye"
        return TransientError(
            f"{self.title} broke off ({self._clean(why)}); connect again and ask for the bars "
            "since the last",
            AGAIN,
        )

    def _clean(self, text: str) -> str:
        return cleaned(text, tuple(self._access.secrets.values()))


def _reached(url: str, timeout: float) -> socket.socket:
    """Return a connection to the host of `url`; one made here is neither proxied nor redirected."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    found = socket.create_connection((parts.hostname or "", port), timeout=min(10.0, timeout))
    found.settimeout(None)
    return found
