"""How often somebody may ask: buckets that fill again, in the memory of one process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from assay.api.problems import problem

READS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_KEYS = 20_000
"""So many askers are remembered; the one that was silent longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and so many at once."""

    per_second: float
    at_once: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What is allowed; many principals may share an address, so that an address may more."""

    principal_reads: Rate = Rate(2_000, 4_000)
    principal_changes: Rate = Rate(100, 400)
    address_reads: Rate = Rate(4_000, 8_000)
    address_changes: Rate = Rate(200, 800)
    address_unknown: Rate = Rate(5, 50)
    """Sessions and tokens that do not count: whoever guesses is soon stopped."""


@dataclass
class Throttle:
    """The buckets of everybody who asked lately; only the event loop touches them."""

    rates: Rates = field(default_factory=Rates)
    ticks: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[tuple[str, str], tuple[float, float]] = field(
        default_factory=OrderedDict, repr=False
    )

    def by_principal(self, who: str, method: str) -> None:
        """Count a call of somebody known; more than may be is a 429."""
        reads = method in READS
        rate = self.rates.principal_reads if reads else self.rates.principal_changes
        self._refuse(self._take(("reads" if reads else "changes", who), rate))

    def by_address(self, address: str, method: str) -> float:
        """Count a call from an address; return 0.0, or after how many seconds to come again."""
        reads = method in READS
        rate = self.rates.address_reads if reads else self.rates.address_changes
        return self._take(("from, reads" if reads else "from, changes", address), rate)

    def unknown(self, address: str) -> None:
        """Count something shown that did not count; too many of them are a 429."""
        self._refuse(self._take(("unknown", address), self.rates.address_unknown))

    def _refuse(self, wait: float) -> None:
        if wait > 0.0:
            raise HTTPException(429, _sentence(wait), _retry(wait))

    def _take(self, key: tuple[str, str], rate: Rate) -> float:
        now = self.ticks()
        left, at = self._buckets.pop(key, (rate.at_once, now))
        left = min(rate.at_once, left + (now - at) * rate.per_second)
        taken = left >= 1.0
        self._buckets[key] = (left - 1.0 if taken else left, now)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1.0 - left) / rate.per_second


class Throttled:
    """Refuses what comes too often from one address, before anything is looked up."""

    def __init__(self, app: ASGIApp, throttle: Throttle) -> None:
        self._app, self._throttle = app, throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or tell it to wait."""
        if scope["type"] == "http":
            wait = self._throttle.by_address(address_of(scope), scope["method"])
            if wait > 0.0:
                said = _sentence(wait), scope["state"]["request_id"], _retry(wait)
                await problem(429, *said)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Return the address that asks; behind a proxy it is what the proxy said."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _sentence(wait: float) -> str:
    return f"That was asked too often; try again in {ceil(wait)} s"


def _retry(wait: float) -> dict[str, str]:
    return {"retry-after": str(ceil(wait))}
