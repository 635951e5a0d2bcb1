"""A workspace whose sources of figures are doubles behind ports of this machine."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import stamina

from assay.core.secret import Secret
from assay.sources.wire.http import ATTEMPTS
from assay.workflows.desk import Desk
from assay.workflows.macro.feed import MacroFeed
from assay.workflows.syncing.feeds import Terms
from tests.doubles.fmp_calendar import FmpCalendar
from tests.doubles.fred import Fred
from tests.doubles.macrodesk import SINCE, MacroDouble
from tests.doubles.market import NOW
from tests.doubles.server import GOOD_KEY, Served
from tests.workflows.workspace import HandClock


@dataclass
class World:
    """A workspace and the doubles that its sources are."""

    desk: Desk
    clock: HandClock
    fred: Fred
    fmp: FmpCalendar

    @property
    def doubles(self) -> tuple[MacroDouble, ...]:
        """Return both."""
        return self.fred, self.fmp

    def later(self, span: timedelta) -> None:
        """Let time pass, here and at the sources."""
        self.clock.at += span
        for double in self.doubles:
            double.clock = self.clock.at


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield a workspace that syncs `fred` and `fmp`, on dollars and pounds, as of a month ago."""
    clock = HandClock(NOW - timedelta(days=30))
    fred, fmp = Fred(), FmpCalendar()
    with ExitStack() as stack:
        places = {
            name: stack.enter_context(Served(one)) for name, one in (("fred", fred), ("fmp", fmp))
        }
        desk = Desk(
            home=tmp_path / "home",
            clock=clock,
            terms={name: Terms(limits=(), address=one.address) for name, one in places.items()},
            secret=lambda name: Secret(GOOD_KEY) if name.endswith("_KEY") else None,
            macro=MacroFeed(("fred", "fmp"), ("USD", "GBP"), SINCE),
        )
        made = World(desk, clock, fred, fmp)
        made.later(timedelta())
        yield made
        desk.close()
