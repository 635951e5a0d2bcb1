"""Bars that are told of while they grow, over the double of an exchange that never closes one."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import NotFoundError, RefusedError
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import LiveBars, Stream
from assay.sources.wire.growing import GRACE
from tests.doubles.bitstamp import Bitstamp
from tests.doubles.kraken import Kraken
from tests.doubles.market import NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import Row

pytest.importorskip("ccxt.pro", reason="the extra `live` is not installed")

SERIES = (known("BTCUSDT"), Timeframe.M5)
BARS = truth("BTCUSDT", Timeframe.M5, NOW - timedelta(hours=2), NOW)
AT = 6
"""The bar that is open when a stream is opened."""


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Kraken, timeout=2.0) as found:
        found.hands.at = found.double.clock = closes(AT) - timedelta(minutes=2)
        yield found


def closes(at: int) -> datetime:
    moment: datetime = BARS["time"][at]
    return moment.astimezone(UTC)


def tell(here: Reached, at: int, *, volume: float | None = None) -> None:
    _, *values = BARS.row(at)
    row = Row(round((closes(at) - SERIES[1].length).timestamp() * 1e6), *values)
    assert here.streams is not None
    here.streams.tell(
        "BTCUSDT", Timeframe.M5, row if volume is None else row._replace(volume=volume)
    )


def heard(stream: Stream, seconds: float = 0.5) -> list[LiveBars]:
    """Return the bars that come until nothing is said for so long."""
    found = iter(lambda: stream.next(seconds), None)
    return [one for one in found if len(one.bars)]


def test_bars_from_before_the_stream_are_left_out(here: Reached) -> None:
    with here.provider.stream([SERIES]) as stream:
        assert heard(stream) == []
        here.hands.at = closes(AT) + timedelta(seconds=1)
        tell(here, AT + 1)

        (one,) = heard(stream)

    assert_frame_equal(one.bars.frame, BARS[AT : AT + 1])


def test_a_younger_bar_closes_one_at_once(here: Reached) -> None:
    with here.provider.stream([SERIES]) as stream:
        here.hands.at = closes(AT) + timedelta(seconds=1)
        tell(here, AT, volume=7.0)
        assert heard(stream) == []
        tell(here, AT)
        tell(here, AT + 1, volume=0.5)

        (one,) = heard(stream)

    assert not one.corrected
    assert_frame_equal(one.bars.frame, BARS[AT : AT + 1])


def test_where_nothing_is_traded_the_clock_closes_a_bar(here: Reached) -> None:
    with here.provider.stream([SERIES]) as stream:
        tell(here, AT)
        here.hands.at = closes(AT) + GRACE - timedelta(seconds=1)
        assert heard(stream) == []
        here.hands.at = closes(AT) + GRACE

        (one,) = heard(stream)

    assert_frame_equal(one.bars.frame, BARS[AT : AT + 1])


def test_what_comes_after_the_grace_is_a_correction(here: Reached) -> None:
    with here.provider.stream([SERIES]) as stream:
        tell(here, AT, volume=7.0)
        assert heard(stream) == []
        here.hands.at = closes(AT) + GRACE
        (first,) = heard(stream)
        tell(here, AT)
        tell(here, AT)

        (second,) = heard(stream)

    assert [first.corrected, second.corrected] == [False, True]
    assert_frame_equal(second.bars.frame, BARS[AT : AT + 1])


def test_what_was_said_while_nobody_listened_closes_no_bar_too_early(here: Reached) -> None:
    with here.provider.stream([SERIES]) as stream:
        for volume in (1.0, 2.0, 3.0):
            tell(here, AT, volume=volume)
        tell(here, AT)
        time.sleep(0.2)  # all is on this side of the line, and nothing of it read
        here.hands.at = closes(AT) + timedelta(minutes=1)

        found = heard(stream)

    assert [one.corrected for one in found] == [False]
    assert_frame_equal(found[0].bars.frame, BARS[AT : AT + 1])


def test_a_pair_that_is_refused_ends_the_stream(here: Reached) -> None:
    error = {"error": "Currency pair not supported BTC/USDT", "method": "subscribe", "req_id": 1}
    with here.provider.stream([SERIES]) as stream:
        assert here.streams is not None
        here.streams.say(json.dumps({**error, "success": False}))

        with pytest.raises(RefusedError, match=r"Kraken's stream refused .*pair not supported"):
            heard(stream)


@pytest.mark.parametrize("name", ["BTCUSDT.P", "EURUSD"])
def test_what_cannot_be_streamed_is_refused(here: Reached, name: str) -> None:
    other: Instrument = known(name)

    with pytest.raises(NotFoundError, match="Kraken"):
        here.provider.stream([(other, Timeframe.M5)])


def test_an_exchange_whose_live_bars_nobody_checked_has_none() -> None:
    with reached(Bitstamp) as here:
        assert not here.provider.abilities.live

        with pytest.raises(NotFoundError, match="of crypto it streams nothing"):
            here.provider.stream([SERIES])
