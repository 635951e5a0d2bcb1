"""A workspace whose sources of news are doubles behind ports of this machine."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import stamina

from assay.core.secret import Secret
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.wire.http import ATTEMPTS
from assay.workflows.desk import Desk
from assay.workflows.news.planning import NewsFeed
from assay.workflows.syncing.feeds import Feed, Terms
from tests.doubles.alpaca_news import AlpacaNews
from tests.doubles.market import NOW
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Answering, Served
from tests.sources.news.test_rss import Publisher
from tests.workflows.workspace import HandClock

BEGUN = NOW - timedelta(hours=1)


@dataclass
class World:
    """A workspace, its clock, and the doubles that its sources of news are."""

    desk: Desk
    clock: HandClock
    alpaca: AlpacaNews
    wire: Publisher

    def later(self, span: timedelta) -> None:
        """Let time pass, here and at the sources."""
        self.clock.at += span
        self.alpaca.clock = self.wire.clock = self.clock.at

    def feed(self, *sources: str, since: datetime | None = None) -> NewsFeed:
        """Return a feed from some of the sources."""
        return NewsFeed(sources or ("alpaca", "rss"), since)


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield a workspace of three instruments with the sources `alpaca` and `rss`."""
    clock = HandClock(BEGUN)
    doubles: dict[str, Answering] = {"alpaca": AlpacaNews(), "rss": Publisher()}
    with ExitStack() as stack:
        served = {name: stack.enter_context(Served(one)) for name, one in doubles.items()}
        keys = {"ASSAY_ALPACA_KEY": GOOD_KEY, "ASSAY_ALPACA_SECRET": GOOD_SECRET}
        shares = {"AAPL": AssetClass.EQUITY, "EURUSD": None, "BTCUSDT": None}
        desk = Desk(
            home=tmp_path / "home",
            clock=clock,
            feeds={
                name: Feed(name, ("yahoo",), (Timeframe.H1,), asset_class=kind)
                for name, kind in shares.items()
            },
            terms={
                name: Terms(
                    limits=(),
                    address=one.address,
                    places=(f"{one.address}/feed",) if name == "rss" else (),
                )
                for name, one in served.items()
            },
            secret=lambda name: Secret(keys[name]) if name in keys else None,
        )
        made = World(desk, clock, doubles["alpaca"], doubles["rss"])  # type: ignore[arg-type]  # by name
        made.later(timedelta())
        yield made
        desk.close()
