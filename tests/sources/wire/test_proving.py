"""A stream that nobody has tried is believed when it tells what the history tells."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import RefusedError, TransientError
from assay.core.values.bars import Bars
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import LiveBars, Page, Stream, no_rows
from assay.sources.wire.proving import ENOUGH, ProvingStream
from tests.doubles.market import NOW, known, truth

BTC, M5 = known("BTCUSDT"), Timeframe.M5
BARS = truth("BTCUSDT", M5, NOW - timedelta(hours=1), NOW)
"""Twelve bars, and something was traded in each."""

Change = Callable[[pl.DataFrame], pl.DataFrame]


class Handed(Stream):
    """A stream of what is handed in."""

    def __init__(self, heard: Sequence[LiveBars | None]) -> None:
        self._heard = list(heard)
        self.closed = False

    def next(self, timeout: float) -> LiveBars | None:
        return self._heard.pop(0)

    def close(self) -> None:
        self.closed = True


class History:
    """The bars before `until`; `asked` is how often."""

    def __init__(self, frame: pl.DataFrame = BARS) -> None:
        self.frame, self.asked, self.is_down = frame, 0, False

    def __call__(self, one: Instrument, length: Timeframe, start: datetime, end: datetime) -> Page:
        self.asked += 1
        if self.is_down:
            raise TransientError("The exchange is out of order", 60.0)
        found = self.frame.filter(pl.col("time").is_between(start, end, closed="right"))
        return Page(Bars(one, length, found), (), end)


def told(frame: pl.DataFrame, *, corrected: bool = False) -> LiveBars:
    return LiveBars(Bars(BTC, M5, frame), corrected)


def each(change: Change = lambda frame: frame) -> list[LiveBars]:
    """Return the bars one by one, as they come."""
    return [told(change(BARS[at : at + 1])) for at in range(BARS.height)]


def proving(heard: Sequence[LiveBars | None], history: History) -> tuple[ProvingStream, Handed]:
    handed = Handed(heard)
    return ProvingStream("Gate", handed, [(BTC, M5)], history), handed


def given(stream: Stream, count: int) -> pl.DataFrame:
    found = [stream.next(0.0) for _ in range(count)]
    return pl.concat(one.bars.frame for one in found if one is not None)


def scaled(column: str, factor: float) -> Change:
    return lambda frame: frame.with_columns(pl.col(column) * factor)


def test_once_it_was_right_the_history_is_asked_no_more() -> None:
    history = History()
    stream, handed = proving(each(), history)

    assert_frame_equal(given(stream, BARS.height), BARS)

    assert history.asked == ENOUGH
    assert not handed.closed


def test_until_then_the_history_is_given() -> None:
    stream, _ = proving(each(scaled("volume", 1.004)), History())

    found = given(stream, BARS.height)

    assert_frame_equal(found[:ENOUGH], BARS[:ENOUGH])
    assert_frame_equal(found[ENOUGH:], scaled("volume", 1.004)(BARS[ENOUGH:]))


@pytest.mark.parametrize(
    ("column", "factor"), [("volume", 61_000.0), ("volume", 1.02), ("high", 1.002), ("low", 0.99)]
)
def test_another_unit_or_another_price_ends_it_before_a_wrong_bar_was_given(
    column: str, factor: float
) -> None:
    stream, handed = proving(each(scaled(column, factor)), History())

    assert_frame_equal(given(stream, ENOUGH - 1), BARS[: ENOUGH - 1])
    with pytest.raises(RefusedError, match=f"^Gate streams other bars of BTCUSDT 5m .*a {column} "):
        stream.next(0.0)
    assert handed.closed


def test_a_bar_told_late_or_cut_condemns_nobody() -> None:
    heard = each()
    heard[0] = told(scaled("volume", 0.5)(BARS[:1]))
    stream, _ = proving(heard, History())

    assert_frame_equal(given(stream, BARS.height), BARS)


def test_what_the_history_does_not_hold_yet_is_left_out() -> None:
    history = History(BARS[:1])
    stream, _ = proving(each(), history)

    first, second = stream.next(0.0), stream.next(0.0)
    history.frame = BARS

    assert first is not None
    assert second is not None
    assert len(first.bars) == 1
    assert len(second.bars) == 0
    assert_frame_equal(given(stream, BARS.height - 2), BARS[2:])


def test_a_history_that_is_out_of_order_proves_nothing() -> None:
    history = History()
    history.is_down = True
    stream, handed = proving(each(scaled("volume", 9.0)), history)

    assert given(stream, BARS.height).is_empty()
    assert not handed.closed


def test_bars_without_trades_prove_nothing() -> None:
    quiet = scaled("volume", 0.0)
    history = History(quiet(BARS))
    stream, _ = proving(each(quiet), history)

    given(stream, BARS.height)

    assert history.asked == BARS.height


def test_silence_and_heartbeats_go_through() -> None:
    history = History()
    stream, _ = proving([None, told(no_rows())], history)

    assert stream.next(0.0) is None
    heartbeat = stream.next(0.0)

    assert heartbeat is not None
    assert len(heartbeat.bars) == 0
    assert history.asked == 0


def test_a_correction_stays_one() -> None:
    stream, _ = proving([told(BARS[:1], corrected=True)], History())

    found = stream.next(0.0)

    assert found is not None
    assert found.corrected
