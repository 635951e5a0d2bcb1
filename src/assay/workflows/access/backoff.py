"""Whoever fails to be let in waits, longer each time; in the memory of one process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from assay.core.errors import TooOftenError

MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Patience:
    """After `free` attempts each further one waits twice as long, from 1 s to `longest` s."""

    free: int
    longest: float


NAMES = Patience(free=10, longest=60.0)
"""A name can be attacked from everywhere: its owner must not be locked out for long."""
ADDRESSES = Patience(free=10, longest=900.0)
FORGET_SECONDS = 3_600.0
"""After so long without an attempt all begins anew."""


@dataclass(slots=True)
class _Attempts:
    n: int
    last: float
    until: float


class BackOff:
    """The attempts that did not succeed, by name and by address.

    An attempt is counted before it is made, so that many at once cannot slip through; `succeeded`
    takes it back.
    """

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._attempts: OrderedDict[tuple[str, str], _Attempts] = OrderedDict()
        self._lock = Lock()

    def attempt(self, *, name: str, address: str) -> None:
        """Count an attempt, or refuse it with a `TooOftenError` that says when to come back."""
        keys = (("name", name), NAMES), (("address", address), ADDRESSES)
        now = self._ticks()
        with self._lock:
            wait = max(self._found(key, now).until - now for key, _ in keys)
            if wait > 0:
                raise TooOftenError(
                    "There were too many attempts to log in that failed; try again in "
                    f"{wait:.0f} s",
                    wait,
                )
            for key, patience in keys:
                found = self._found(key, now)
                found.n, found.last = found.n + 1, now
                over = found.n - patience.free
                found.until = now + min(2.0 ** min(over, 30), patience.longest) if over >= 0 else 0

    def succeeded(self, *, name: str, address: str) -> None:
        """Forget the failures of a name, and this attempt of the address."""
        with self._lock:
            self._attempts.pop(("name", name), None)
            found = self._attempts.get(("address", address))
            if found is not None:
                found.n, found.until = found.n - 1, 0.0

    def _found(self, key: tuple[str, str], now: float) -> _Attempts:
        found = self._attempts.get(key)
        if found is None or now - found.last > FORGET_SECONDS:
            found = self._attempts[key] = _Attempts(0, now, 0.0)
        self._attempts.move_to_end(key)
        while len(self._attempts) > MOST_KEYS:
            self._attempts.popitem(last=False)
        return found
