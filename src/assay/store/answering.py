"""Answers that were given, kept for a while: in this process, or in a Redis that several share."""

import time
from collections import OrderedDict
from importlib import import_module
from threading import Lock
from typing import Any, Protocol

from assay.core.errors import MissingExtraError, StoreError

MOST_ANSWERS = 2_000
LONGEST_WAIT_SECONDS = 0.25
"""A Redis that is slower than this is not quicker than computing."""
PAUSE_SECONDS = 5.0
"""So long a Redis that did not answer is left alone."""
AT_ONCE = 500
"""Keys that are looked at or removed in one go."""


class AnswerCache(Protocol):
    """Texts by name, each for so many seconds; what cannot be reached is a `StoreError`."""

    place: str

    def get(self, name: str) -> str | None:
        """Return the text kept under `name`, None where there is none any more."""
        ...

    def put(self, name: str, text: str, seconds: float) -> None:
        """Keep `text` under `name` for so many seconds."""
        ...

    def clear(self) -> int:
        """Forget everything; return how many texts were kept."""
        ...

    def count(self) -> int:
        """Return how many texts are kept."""
        ...


class MemoryAnswers:
    """Answers in this process, the oldest of more than `most` forgotten."""

    place = "memory"

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> str | None:
        """See `AnswerCache.get`."""
        with self._lock:
            until, text = self._kept.get(name, (0.0, ""))
            return text if until > time.monotonic() else None

    def put(self, name: str, text: str, seconds: float) -> None:
        """See `AnswerCache.put`."""
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = (time.monotonic() + seconds, text)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> int:
        """See `AnswerCache.clear`."""
        with self._lock:
            found = self._alive()
            self._kept.clear()
            return found

    def count(self) -> int:
        """See `AnswerCache.count`."""
        with self._lock:
            return self._alive()

    def _alive(self) -> int:
        now = time.monotonic()
        return sum(until > now for until, _ in self._kept.values())


def redis_library() -> Any:  # noqa: ANN401 - a module that is not always installed
    """Return the client library of Redis; one that is not installed is a `MissingExtraError`."""
    try:
        return import_module("redis")
    except ModuleNotFoundError as error:
        raise MissingExtraError("redis_url", "redis", "scale") from error


class RedisAnswers:
    """Answers in a Redis, under names that begin with `prefix`; its own expiry forgets them.

    Whatever goes wrong with it is a `StoreError`, at once while it was found away lately.
    """

    place = "redis"

    def __init__(self, url: str, prefix: str) -> None:
        redis = redis_library()
        self._failed: tuple[type[Exception], ...] = (redis.RedisError, OSError, ValueError)
        self._prefix = f"{prefix}:"
        self._client: Any = redis.Redis.from_url(
            url,
            socket_timeout=LONGEST_WAIT_SECONDS,
            socket_connect_timeout=LONGEST_WAIT_SECONDS,
            decode_responses=True,
        )
        self._away_until = 0.0

    def get(self, name: str) -> str | None:
        """See `AnswerCache.get`."""
        found: str | None = self._asked("get", self._prefix + name)
        return found

    def put(self, name: str, text: str, seconds: float) -> None:
        """See `AnswerCache.put`."""
        self._asked("set", self._prefix + name, text, px=max(1, round(seconds * 1000)))

    def clear(self) -> int:
        """See `AnswerCache.clear`."""
        names = self._names()
        removed = 0
        for start in range(0, len(names), AT_ONCE):
            removed += self._asked("unlink", *names[start : start + AT_ONCE])
        return removed

    def count(self) -> int:
        """See `AnswerCache.count`."""
        return len(self._names())

    def _names(self) -> list[str]:
        found: set[str] = set()
        cursor = 0
        while True:
            cursor, names = self._asked("scan", cursor, match=f"{self._prefix}*", count=AT_ONCE)
            found |= set(names)
            if cursor == 0:
                return sorted(found)

    def _asked(self, command: str, *words: object, **more: object) -> Any:  # noqa: ANN401 - as Redis answers
        if time.monotonic() < self._away_until:
            raise StoreError("Redis did not answer a moment ago; it is asked again soon")
        try:
            return getattr(self._client, command)(*words, **more)
        except self._failed as error:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            kind = type(error).__name__
            raise StoreError(
                f"Redis does not answer ({kind}); start it or check ASSAY_REDIS_URL"
            ) from error
