"""Lets services that share a workspace and a Redis know at once that something was written.

Each service has numbers of its own, and finds in the stores itself what is new; so all tell the
same, and none depends on Redis for what is true. What goes through Redis is only that it is worth
looking now. Without it the others look within half a second anyway. A client that comes back to
another service finds another stream, is told of the gap, and reads again what it shows.
"""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from assay.api.logs import logger
from assay.store.answering import redis_library

CHANNEL = "assay:nudge"
TRY_AGAIN_SECONDS = 2.0
TIMEOUT_SECONDS = 1.0
CLAIM_SECONDS = 60


class Nudges:
    """Sends and hears nudges; `heard` is called in a thread of its own when another was sent.

    `is_up` says whether Redis answers; `changed` is called when that changes.
    """

    def __init__(
        self, url: str, own: str, heard: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        redis = redis_library()
        self._failed: type[Exception] = redis.RedisError
        self._own, self._heard, self._changed = own, heard, changed
        self._client: Any = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="nudges", daemon=True)
        self.is_up: bool | None = None

    def start(self) -> None:
        """Begin to hear."""
        self._thread.start()

    def stop(self) -> None:
        """Hear no more."""
        self._stopping.set()
        self._thread.join(TIMEOUT_SECONDS + TRY_AGAIN_SECONDS)
        self._client.close()

    def send(self) -> None:
        """Let the others look now; while Redis is away they look by themselves."""
        if self.is_up:
            with contextlib.suppress(self._failed):
                self._client.publish(CHANNEL, self._own)

    def claim(self, what: str) -> bool:
        """Say whether `what` is ours to do: of several services one gets it, all if Redis is away.

        Only to spare work: what is done must be the same however often it is done.
        """
        if not self.is_up:
            return True
        try:
            mine = self._client.set(f"assay:claim:{what}", self._own, nx=True, ex=CLAIM_SECONDS)
        except self._failed:
            return True
        return bool(mine)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen_once()
            except self._failed as error:
                self._now(up=False, why=str(error))
                self._stopping.wait(TRY_AGAIN_SECONDS)

    def _listen_once(self) -> None:
        channel = self._client.pubsub(ignore_subscribe_messages=True)
        with contextlib.closing(channel):
            channel.subscribe(CHANNEL)
            self._client.ping()
            self._now(up=True)
            self._heard()  # what was written while nothing was heard
            while not self._stopping.is_set():
                message = channel.get_message(timeout=TIMEOUT_SECONDS / 2)
                if message and message["data"] != self._own.encode():
                    self._heard()

    def _now(self, *, up: bool, why: str = "") -> None:
        if up == self.is_up:
            return
        self.is_up = up
        if up:
            logger().info("redis answers")
        else:
            logger().warning("redis is away; services look for news by themselves", why=why)
        self._changed()
