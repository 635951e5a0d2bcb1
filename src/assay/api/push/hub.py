"""Everything that is pushed, numbered once and kept for a while, for all who listen."""

import asyncio
import contextlib
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.api.metrics import Metrics
from assay.api.push.topics import Topics
from assay.core.clock import Clock
from assay.core.ids import plain

KEPT = 10_000
"""So many messages are kept for clients that come back."""
MOST_BEHIND = 2_000
"""A client that is so many messages behind is dropped: its queue is full."""
SLOW_SECONDS = 10.0
"""A client that takes nothing for so long is dropped."""
SLOW_CODE, AWAY_CODE = 4008, 1012
AT_ONCE = 128
"""So many messages a client is handed before the others have their turn."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its number, its topic, and the JSON text that every client is sent."""

    seq: int
    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages that are kept no more: numbers `first` to `last`, both included."""

    first: int
    last: int


class Listener:
    """One client as the hub sees it: how far it has come, and what it wants.

    What waits for it is what the hub keeps behind `position`: one copy for all, so that a queue of
    its own costs nothing, and `MOST_BEHIND` bounds it.
    """

    def __init__(self, position: int) -> None:
        self.position, self.sent = position, 0
        self.turn = 0
        self.topics = Topics()
        self.sending_since: float | None = None
        self.ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._more = asyncio.Event()

    def move(self, position: int) -> None:
        """Go on after `position`; what this client was sent already is not sent again."""
        self.position = max(position, self.sent)
        self.turn += 1
        self.wake()

    def took(self, seq: int, turn: int) -> bool:
        """Note that a message was sent; return whether the next ones are still those due."""
        self.sent = seq
        if self.turn != turn:
            self.position = max(self.position, seq)
            return False
        self.position = seq
        return True

    async def more(self) -> None:
        """Wait until there may be more to send."""
        self._more.clear()
        await self._more.wait()

    def wake(self) -> None:
        """Let it look for more."""
        self._more.set()

    def drop(self, code: int, why: str) -> None:
        """End it: it is told why, if it can still be told anything."""
        if not self.ended.done():
            self.ended.set_result((code, why))


class Hub:
    """Numbers messages 1, 2, 3 … for as long as the service lives, and wakes who listens.

    `stream` names this life: a number means something only beside it. `publish` may be called from
    any thread and waits for nobody; all else belongs to the event loop that was `opened`.
    """

    def __init__(self, clock: Clock, metrics: Metrics, kept: int = KEPT) -> None:
        self.stream = f"str-{secrets.token_hex(6)}"
        self.last = 0
        self._clock, self._metrics = clock, metrics
        self._slots: list[Message | None] = [None] * kept
        self._writing = threading.Lock()
        self._listeners: set[Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_waking = False

    def open(self) -> None:
        """Belong to the running event loop."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Let go of the event loop and of everybody who listens."""
        for one in self._listeners:
            one.drop(AWAY_CODE, "The service is being stopped; come back in a moment")
        self._loop = None

    @property
    def listeners(self) -> int:
        """Return how many listen."""
        return len(self._listeners)

    def publish(self, topic: str, data: Mapping[str, Any]) -> int:
        """Send `data` (JSON data, see `core.ids.plain`) under `topic`; return its number."""
        at, written = _text(self._clock.now()), _text(data)
        with self._writing:
            seq = self.last + 1
            text = f'{{"seq":{seq},"topic":"{topic}","at":{at},"data":{written}}}'
            self._slots[seq % len(self._slots)] = Message(seq, topic, text)
            self.last = seq
            wakes, self._is_waking = not self._is_waking, True
        self._metrics.pushed.labels(topic.partition(":")[0]).inc()
        if wakes:
            self._call()
        return seq

    def now(self) -> str:
        """Return the time as JSON has it."""
        return _text(self._clock.now())

    def join(self) -> Listener:
        """Return a new listener, which hears what comes from now on."""
        found = Listener(self.last)
        self._listeners.add(found)
        self._metrics.clients.set(len(self._listeners))
        return found

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)
        self._metrics.clients.set(len(self._listeners))

    def resume(self, listener: Listener, stream: str, after: int) -> Gap | None:
        """Let a listener go on after a number of a stream; return what is lost to it, if anything.

        Of another life of the service everything so far counts as lost, and it goes on from now.
        """
        last = self.last
        oldest = max(1, last - len(self._slots) + 1)
        if stream != self.stream:
            return Gap(1, last)
        listener.move(max(after, oldest - 1))
        return Gap(after + 1, oldest - 1) if after < oldest - 1 else None

    def due(self, listener: Listener) -> list[Message]:
        """Return what the listener wants of the next messages, moving it behind what it does not.

        One that has fallen out of what is kept is dropped.
        """
        found: list[Message] = []
        seq, size = listener.position, len(self._slots)
        while seq < self.last and len(found) < AT_ONCE:
            message = self._slots[(seq + 1) % size]
            if message is None or message.seq != seq + 1:
                self._drop(listener)
                break
            seq += 1
            if listener.topics.want(message.topic):
                found.append(message)
            elif not found:
                listener.position = seq
        return found

    def check(self, listener: Listener, now: float) -> None:
        """Drop a listener that takes nothing, or is too far behind; `now` is the loop's time."""
        since = listener.sending_since
        if since is not None and (
            self.last - listener.position > MOST_BEHIND or now - since > SLOW_SECONDS
        ):
            self._drop(listener)

    def _drop(self, listener: Listener) -> None:
        if not listener.ended.done():
            self._metrics.dropped.inc()
            listener.drop(
                SLOW_CODE,
                "Messages were not taken as fast as they came; come back and resume, or subscribe "
                "to less",
            )

    def _call(self) -> None:
        """Have the listeners woken; a loop that ends meanwhile has none any more."""
        loop = self._loop
        if loop is None:
            self._is_waking = False
            return
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._is_waking = False
        now = asyncio.get_running_loop().time()
        for one in self._listeners:
            one.wake()
            self.check(one, now)


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON data
    return json.dumps(plain(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
