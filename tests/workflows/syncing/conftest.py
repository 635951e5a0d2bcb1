"""A workspace whose sources are doubles behind ports of this machine, and a clock that moves."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import stamina

from assay.core.secret import Secret
from assay.sources.wire.http import ATTEMPTS
from assay.workflows.desk import Desk
from assay.workflows.syncing.feeds import Terms
from tests.doubles.finnhub import Finnhub
from tests.doubles.market import NOW
from tests.doubles.massive import Massive
from tests.doubles.server import GOOD_KEY, Double, Served


@dataclass
class Ticking:
    """A clock that goes on by a millisecond each time it is read."""

    at: datetime = NOW

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class World:
    """A workspace and the doubles that its sources are."""

    desk: Desk
    clock: Ticking
    doubles: dict[str, Double]

    def later(self, span: timedelta) -> None:
        """Let time pass, here and at the sources."""
        self.clock.at += span
        for double in self.doubles.values():
            double.clock = self.clock.at


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield a workspace with two sources, `massive` and `finnhub`, as of an hour before `NOW`."""
    clock = Ticking(NOW - timedelta(hours=1))
    doubles: dict[str, Double] = {"massive": Massive(), "finnhub": Finnhub()}
    with ExitStack() as stack:
        served = {name: stack.enter_context(Served(one)) for name, one in doubles.items()}
        for double in doubles.values():
            double.clock = clock.at
        desk = Desk(
            home=tmp_path / "home",
            clock=clock,
            terms={name: Terms(limits=(), address=one.address) for name, one in served.items()},
            secret=lambda name: Secret(GOOD_KEY) if name.endswith("_KEY") else None,
        )
        yield World(desk, clock, doubles)
        desk.close()
