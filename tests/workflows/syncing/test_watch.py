"""Whoever watches has every bar, whatever the stream does."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from assay.core.secret import Secret
from assay.core.values.timeframe import Timeframe
from assay.sources.wire.growing import GRACE
from assay.sources.wire.proving import ENOUGH
from assay.workflows.desk import Desk
from assay.workflows.syncing.feeds import Feed, Terms
from assay.workflows.syncing.happenings import Happened, What
from assay.workflows.syncing.watching import LONGEST_WAIT, Watcher
from tests.doubles import faults
from tests.doubles.alpaca import Alpaca
from tests.doubles.kraken import Kraken
from tests.doubles.market import NOW, truth
from tests.doubles.massive import Massive
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Double, Row, Served
from tests.doubles.sockets import SOON, Streaming, Switchboard
from tests.workflows.syncing.conftest import Ticking
from tests.workflows.syncing.makers import feed, stored

M1 = Timeframe.M1
SYMBOL = "AAPL"
BEGAN = NOW.replace(minute=0, second=1)
"""Shortly after a full hour of New York's session."""


@dataclass
class Watched:
    """A watch that goes on in a thread, its double, and what has happened."""

    desk: Desk
    clock: Ticking
    double: Double
    board: Switchboard | None
    symbol: str = SYMBOL
    happened: list[Happened] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def report(self, one: Happened) -> None:
        with self.changed:
            self.happened.append(one)
            self.changed.notify_all()

    def wait_for(self, what: What, count: int = 1) -> Happened:
        """Return the `count`th thing of a kind that happened, once it has."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.of(what)) >= count, SOON), self.happened
            return self.of(what)[count - 1]

    def of(self, what: What) -> list[Happened]:
        return [one for one in self.happened if one.what is what]

    def pass_until(self, moment: datetime) -> None:
        """Let it be `moment`, here and at the source."""
        self.double.clock = self.clock.at = moment

    def minutes(self, count: int) -> None:
        """Let minutes pass, of which the source's history then knows."""
        self.pass_until(self.clock.at + timedelta(minutes=count))

    def tell(self, *places: int, dollars: bool = False) -> None:
        """Let the stream bring the bars that closed so many minutes after the beginning."""
        assert self.board is not None
        for place in places:
            close = BEGAN.replace(second=0) + timedelta(minutes=place)
            frame = truth(self.symbol, M1, close - M1.length, close)
            assert frame.height == 1, f"the market has no bar at {close}"
            _, *values = frame.row(0)
            opened = round((close - M1.length).timestamp() * 1e6)
            row = Row(opened, *values)
            row = row._replace(volume=row.volume * row.close) if dollars else row
            self.board.tell(self.symbol, M1, row)

    def has_all(self) -> None:
        """Wait until every bar that closed by now is stored, and nothing else."""
        want = truth(self.symbol, M1, BEGAN - timedelta(minutes=30), self.clock.at)
        until = time.monotonic() + SOON
        while time.monotonic() < until:
            if self.desk.has(self.symbol, M1) and stored(self.desk, self.symbol, M1).equals(want):
                return
            time.sleep(0.02)
        assert_frame_equal(stored(self.desk, self.symbol, M1), want)


def a_watch(kind: type[Double], source: str, home: Path, stack: ExitStack) -> Watched:
    double = kind()
    served = stack.enter_context(Served(double))
    board = stack.enter_context(Switchboard(double)) if isinstance(double, Streaming) else None
    clock = Ticking(BEGAN)
    double.clock = clock.at
    keys = {"KEY": GOOD_KEY, "SECRET": GOOD_SECRET}
    desk = Desk(
        home=home,
        clock=clock,
        terms={source: Terms((), served.address, board.address if board else None)},
        secret=lambda name: Secret(keys[name.rpartition("_")[2]]),
    )
    return Watched(desk, clock, double, board)


def going_on(watch: Watched, one: Feed, stack: ExitStack) -> None:
    watcher = Watcher(watch.desk, [one], watch.report, 0.05, np.random.default_rng(1))
    thread = threading.Thread(target=watcher.run)
    thread.start()

    def stop() -> None:
        watch.desk.reach.stopped.set()
        thread.join(SOON)
        assert not thread.is_alive()
        watch.desk.close()

    stack.callback(stop)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watched]:
    """Yield a watch of one share by stream, which has caught up."""
    before = threading.active_count()
    with ExitStack() as stack:
        found = a_watch(Alpaca, "alpaca", tmp_path / "home", stack)
        one = feed(SYMBOL, M1, sources=("alpaca",), since=BEGAN - timedelta(minutes=30))
        going_on(found, one, stack)
        found.wait_for(What.BARS)
        yield found
    assert threading.active_count() <= before


def test_what_was_missed_is_fetched_and_what_comes_is_stored(watch: Watched) -> None:
    watch.has_all()

    for place in (1, 2, 3):
        watch.minutes(1)
        watch.tell(place)
        watch.has_all()

    assert not watch.of(What.GAP)
    assert not watch.of(What.DROPPED)


def test_bars_that_grow_are_stored_when_they_have_closed(tmp_path: Path) -> None:
    pytest.importorskip("ccxt.pro", reason="the extra `live` is not installed")
    with ExitStack() as stack:
        watch = an_exchange(tmp_path / "home", stack)
        for place in (1, 2, 3):
            watch.tell(place)
            time.sleep(0.1)  # it has come before its time is over
            watch.pass_until(BEGAN + timedelta(minutes=place) + GRACE)
            asked = len(watch.double.asked)

            watch.has_all()

            assert len(watch.double.asked) == asked
        assert not watch.of(What.GAP)
        assert not watch.of(What.DROPPED)


def test_a_stream_nobody_has_tried_proves_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ccxt.pro", reason="the extra `live` is not installed")
    monkeypatch.setattr("assay.sources.adapters.ccxt.READ", frozenset())
    with ExitStack() as stack:
        watch = an_exchange(tmp_path / "home", stack)
        asked = []
        for place in range(1, ENOUGH + 3):
            watch.tell(place)
            time.sleep(0.1)  # it has come before its time is over
            watch.pass_until(BEGAN + timedelta(minutes=place) + GRACE)
            watch.has_all()
            asked.append(len(watch.double.asked))

        assert asked[-1] == asked[-3]
        assert not watch.of(What.DROPPED)


def test_a_stream_in_another_unit_is_left_and_the_history_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ccxt.pro", reason="the extra `live` is not installed")
    monkeypatch.setattr("assay.sources.adapters.ccxt.READ", frozenset())
    with ExitStack() as stack:
        watch = an_exchange(tmp_path / "home", stack)
        for place in range(1, ENOUGH + 2):
            watch.tell(place, dollars=True)
            time.sleep(0.1)  # it has come before its time is over
            watch.pass_until(BEGAN + timedelta(minutes=place) + GRACE)
            watch.has_all()

        said = watch.wait_for(What.FAILED)

        assert "Kraken streams other bars of BTCUSDT 1m than those of its history" in said.sentence
        assert "a volume of" in said.sentence
        watch.minutes(2)
        watch.has_all()


def an_exchange(home: Path, stack: ExitStack) -> Watched:
    """Return a watch of a coin at an exchange, which has caught up."""
    watch = a_watch(Kraken, "ccxt:kraken", home, stack)
    watch.symbol = "BTCUSDT"
    since = BEGAN - timedelta(minutes=30)
    going_on(watch, feed("BTCUSDT", M1, sources=("ccxt:kraken",), since=since), stack)
    watch.wait_for(What.BARS)
    watch.has_all()
    return watch


def test_after_a_broken_connection_nothing_is_lacking(watch: Watched) -> None:
    assert watch.board is not None
    watch.minutes(1)
    watch.tell(1)
    watch.has_all()
    watch.board.drop()
    watch.wait_for(What.DROPPED)
    watch.minutes(3)

    watch.wait_for(What.CONNECTED, 2)

    watch.has_all()


def test_a_bar_that_the_stream_left_out_is_asked_for(watch: Watched) -> None:
    watch.minutes(3)
    watch.tell(1, 3)

    watch.wait_for(What.GAP)

    watch.has_all()


def test_a_stream_that_is_mute_is_opened_again(watch: Watched) -> None:
    assert watch.board is not None
    watch.minutes(5)

    watch.wait_for(What.MUTE)

    watch.board.wait_for(2)
    watch.has_all()


def test_a_market_that_is_quiet_is_no_mute_stream(watch: Watched) -> None:
    assert watch.board is not None
    known = stored(watch.desk, SYMBOL, M1)["time"][-1]
    last = round((known - M1.length).timestamp() * 1e6)
    watch.double.spoil = lambda rows: [row for row in rows if row.opened <= last]
    asked = len(watch.double.asked)
    watch.minutes(10)

    until = time.monotonic() + SOON
    while len(watch.double.asked) == asked and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.2)

    assert len(watch.double.asked) > asked
    assert not watch.of(What.MUTE)
    assert watch.board.greeted == 1


def test_a_correction_over_the_stream_is_a_newer_version(watch: Watched) -> None:
    assert watch.board is not None
    watch.minutes(1)
    watch.tell(1)
    watch.has_all()
    close = BEGAN.replace(second=0) + M1.length
    _, *values = truth(SYMBOL, M1, close - M1.length, close).row(0)
    values[-1] += 17.0
    opened = round((close - M1.length).timestamp() * 1e6)

    watch.board.correct(SYMBOL, M1, Row(opened, *values))

    watch.wait_for(What.CORRECTED)
    assert stored(watch.desk, SYMBOL, M1)["volume"][-1] == values[-1]
    changes = watch.desk.bars.changes(SYMBOL, M1)
    assert changes[-1].reason == "a late correction by alpaca"


def test_without_a_stream_bars_are_asked_for_when_they_have_closed(tmp_path: Path) -> None:
    with ExitStack() as stack:
        watch = a_watch(Massive, "massive", tmp_path / "home", stack)
        one = feed(SYMBOL, M1, sources=("massive",), since=BEGAN - timedelta(minutes=30))
        going_on(watch, one, stack)
        watch.wait_for(What.BARS)
        asked = len(watch.double.asked)

        time.sleep(0.3)
        idle = len(watch.double.asked) - asked
        watch.minutes(2)
        watch.wait_for(What.BARS, 2)

        assert idle == 0
        watch.has_all()


def test_a_source_that_is_down_is_tried_again_and_the_watch_goes_on(tmp_path: Path) -> None:
    with ExitStack() as stack:
        watch = a_watch(Massive, "massive", tmp_path / "home", stack)
        watch.double.always = faults.broken(503)
        one = feed(SYMBOL, M1, sources=("massive",), since=BEGAN - timedelta(minutes=30))
        going_on(watch, one, stack)
        failed = watch.wait_for(What.FAILED)
        watch.double.always = None
        watch.minutes(1)

        watch.wait_for(What.BARS)

        assert "out of order" in failed.sentence
        watch.has_all()


def test_waits_double_and_differ_from_watcher_to_watcher(tmp_path: Path) -> None:
    waited: list[float] = []

    class Recording(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return True

    desk = Desk(home=tmp_path, clock=Ticking(BEGAN))
    object.__setattr__(desk.reach, "stopped", Recording())
    for seed in (1, 2):
        watcher = Watcher(desk, [], lambda _: None, 0.05, np.random.default_rng(seed))
        for failures in range(12):
            watcher.wait(failures)

    first, second = waited[:12], waited[12:]
    assert first != second
    for failures, seconds in enumerate(first):
        longest = min(LONGEST_WAIT, 2.0**failures)
        assert longest / 2 <= seconds <= longest
