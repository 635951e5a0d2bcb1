"""What is GeckoTerminal's own: pools that a person names, what they trade, gaps."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import NotFoundError
from assay.core.values.timeframe import Timeframe
from tests.doubles.geckoterminal import EXAMPLE, Geckoterminal
from tests.doubles.market import BEGAN, NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import Question

POOLS = Geckoterminal.symbols
DAY_AGO = NOW - timedelta(days=1)


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Geckoterminal) as found:
        yield found


def test_the_double_writes_candles_as_the_document_does() -> None:
    network, pool = POOLS["BTCUSD"].split("/")
    path = f"/api/v2/networks/{network}/pools/{pool}/ohlcv/day"

    told = json.loads(Geckoterminal().reply(Question("GET", path, {"limit": "1"}, {})).body)

    assert told.keys() == EXAMPLE.keys()
    assert told["data"].keys() == EXAMPLE["data"].keys()
    candles = [one["data"]["attributes"]["ohlcv_list"] for one in (told, EXAMPLE)]
    assert len(candles[0]) == len(candles[1])
    assert len(candles[0][0]) == len(candles[1][0])


def test_a_page_is_one_question(here: Reached) -> None:
    page = here.provider.page(known("ETHUSDT"), Timeframe.M5, DAY_AGO, NOW)

    want = here.double.truth("ETHUSDT", Timeframe.M5, DAY_AGO, NOW)
    assert_frame_equal(page.bars.frame, want)
    assert len(here.double.asked) == 1


def test_a_pool_without_older_candles_is_asked_for_them_once(here: Reached) -> None:
    start, end = BEGAN - timedelta(days=3), BEGAN + timedelta(days=5)

    page = here.provider.page(known("ETHUSDT"), Timeframe.H4, start, end)

    assert_frame_equal(page.bars.frame, truth("ETHUSDT", Timeframe.H4, start, end))
    assert len(here.double.asked) == 2


def test_where_nothing_was_swapped_a_gap_stays(here: Reached) -> None:
    page = here.provider.page(known("ETHUSDT"), Timeframe.M1, DAY_AGO, NOW)

    want = truth("ETHUSDT", Timeframe.M1, DAY_AGO, page.through)
    assert_frame_equal(page.bars.frame, want)
    assert len(page.bars) < 1_000


def test_without_a_pool_it_says_how_to_name_one() -> None:
    with (
        reached(Geckoterminal, symbols={"ETHUSDT": POOLS["ETHUSDT"]}) as here,
        pytest.raises(NotFoundError, match=r'BTCUSD = "eth/0x'),
    ):
        here.provider.page(known("BTCUSD"), Timeframe.H1, DAY_AGO, NOW)

    assert not here.double.asked


@pytest.mark.parametrize("name", ["0x11b8", "eth/0x11?a=b", "eth/../x", "/0x11"])
def test_what_cannot_be_a_pool_is_not_asked_for(name: str) -> None:
    with reached(Geckoterminal, symbols={"BTCUSD": name}) as here, pytest.raises(NotFoundError):
        here.provider.page(known("BTCUSD"), Timeframe.H1, DAY_AGO, NOW)

    assert not here.double.asked


def test_a_pool_nobody_knows_is_named() -> None:
    with (
        reached(Geckoterminal, symbols={"BTCUSD": "eth/0xdead"}) as here,
        pytest.raises(NotFoundError, match="eth/0xdead"),
    ):
        here.provider.page(known("BTCUSD"), Timeframe.H1, DAY_AGO, NOW)


def test_a_pool_of_another_coin_is_not_taken_for_it() -> None:
    with (
        reached(Geckoterminal, symbols={"BTCUSD": POOLS["ETHUSDT"]}) as here,
        pytest.raises(NotFoundError, match="prices WETH in USDT, and BTCUSD is BTC in USD"),
    ):
        here.provider.page(known("BTCUSD"), Timeframe.H1, DAY_AGO, NOW)


def test_a_price_in_another_token_is_not_taken_for_it() -> None:
    other = replace(known("ETHUSDT"), symbol="ETHDAI", quote="DAI")
    with (
        reached(Geckoterminal, symbols={"ETHDAI": POOLS["ETHUSDT"]}) as here,
        pytest.raises(NotFoundError, match="ETHDAI is ETH in DAI"),
    ):
        here.provider.page(other, Timeframe.H1, DAY_AGO, NOW)


@pytest.mark.parametrize(("symbol", "currency"), [("BTCUSD", "usd"), ("ETHUSDT", "token")])
def test_prices_are_in_dollars_or_in_the_other_token(
    here: Reached, symbol: str, currency: str
) -> None:
    here.provider.page(known(symbol), Timeframe.H1, DAY_AGO, NOW)

    assert [one.query["currency"] for one in here.double.asked] == [currency]


def test_a_candle_is_taken_when_no_answer_is_older_than_it(here: Reached) -> None:
    page = here.provider.page(known("ETHUSDT"), Timeframe.M1, NOW - timedelta(minutes=9), NOW)

    assert page.through == NOW - timedelta(seconds=60)
    assert page.current
    assert page.bars.frame["time"][-1] <= page.through
