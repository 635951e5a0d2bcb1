"""How tests reach an adapter behind a double: with a clock, a budget and keys of their own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assay.core.secret import Secret
from assay.sources.catalog import SOURCES
from assay.sources.provider import Access, Limit, Provider
from tests.doubles.market import NOW
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Double
from tests.doubles.sockets import Streaming, Switchboard

GOOD = {"key": GOOD_KEY, "secret": GOOD_SECRET}


@dataclass
class Hands:
    """A clock that a person moves, by sleeping too, and a budget that remembers."""

    at: datetime = NOW
    slept: list[float] = field(default_factory=list)
    taken: list[tuple[str, int]] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)
    wait: float = 0.0

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
        self.wait = 0.0

    def take(self, name: str, limits: Sequence[Limit], cost: int) -> float:
        """See `Budget.take`."""
        if self.wait == 0.0:
            self.taken.append((name, cost))
        return self.wait

    def pause(self, name: str, seconds: float) -> None:
        """See `Budget.pause`."""
        self.paused.append(seconds)
        self.wait = seconds


@dataclass
class Reached:
    """An adapter, its double behind a port, and what the test holds in its hands.

    `streams` is where the double's stream is, if it has one.
    """

    provider: Provider
    double: Double
    hands: Hands
    address: str
    streams: Switchboard | None = None


@contextmanager
def reached(
    kind: type[Double],
    secrets: Mapping[str, str] = GOOD,
    *,
    address: str | None = None,
    stream: str | None = None,
    timeout: float = 5.0,
    symbols: Mapping[str, str] | None = None,
) -> Iterator[Reached]:
    """Yield the adapter of a double; `address` and `stream` lead elsewhere."""
    double, hands = kind(), Hands()
    board = Switchboard(double) if isinstance(double, Streaming) else None
    with double.served() as served, board or nullcontext():
        made = SOURCES.get(kind.adapter)
        assert issubclass(made, Provider)
        needed = made.abilities.keys
        access = Access(
            name=kind.source or kind.adapter,
            clock=hands,
            budget=hands,
            sleep=hands.sleep,
            secrets={name: Secret(text) for name, text in secrets.items() if name in needed},
            where=f"ASSAY_{kind.adapter.upper()}_{{}}".format,
            symbols=symbols or (kind.symbols if kind.needs_symbols else {}),
            address=address or served,
            stream=stream or (board.address if board else None),
            zone=kind.zone,
            timeout=timeout,
        )
        with closing(made(access)) as provider:
            yield Reached(provider, double, hands, served, board)
