"""What is Finnhub's own: answers cut without a word, plans, venues and the hours of shares."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import CredentialError, DataError, NotFoundError, RefusedError
from assay.core.values.timeframe import Timeframe
from tests.doubles.finnhub import Finnhub
from tests.doubles.market import NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import Reply, Row

DAY_AGO = NOW - timedelta(days=1)


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Finnhub) as found:
        yield found


def test_what_an_answer_left_out_is_asked_for_until_it_is_whole(here: Reached) -> None:
    here.double.most = 100

    page = here.provider.page(known("BTCUSDT"), Timeframe.M5, DAY_AGO, NOW)

    want = truth("BTCUSDT", Timeframe.M5, DAY_AGO, NOW)
    assert_frame_equal(page.bars.frame, want)
    ends = [int(one.query["to"]) for one in here.double.asked]
    assert len(ends) == 3
    assert ends == sorted(ends, reverse=True)


def test_an_answer_that_begins_where_the_market_does_is_whole(here: Reached) -> None:
    friday, monday = NOW - timedelta(days=7), NOW - timedelta(days=4)
    saturday = friday + timedelta(days=1)

    page = here.provider.page(known("EURUSD"), Timeframe.H1, saturday, monday)

    assert len(page.bars)
    assert len(here.double.asked) == 1


def test_a_page_holds_for_four_weeks_at_most(here: Reached) -> None:
    start = NOW - timedelta(days=35)

    page = here.provider.page(known("EURUSD"), Timeframe.H1, start, NOW)

    assert page.through == start + timedelta(days=28)


@pytest.mark.parametrize("status", [401, 403])
def test_a_plan_without_candles_is_no_wrong_key(here: Reached, status: int) -> None:
    body = json.dumps({"error": "You don't have access to this resource."}).encode()
    here.double.always = lambda _: Reply(body, status)

    with pytest.raises(RefusedError) as caught:
        here.provider.page(known("AAPL"), Timeframe.M5, DAY_AGO, NOW)

    assert not isinstance(caught.value, CredentialError)
    assert "plan" in str(caught.value)
    assert len(here.double.asked) == 1


def test_the_key_goes_in_a_header(here: Reached) -> None:
    here.provider.page(known("AAPL"), Timeframe.M5, DAY_AGO, NOW)

    (question,) = {one.path: one for one in here.double.asked}.values()
    assert "x-finnhub-token" in question.headers
    assert set(question.query) == {"symbol", "resolution", "from", "to"}


def test_trades_before_the_session_are_no_bars_of_a_share(here: Reached) -> None:
    def early(rows: list[Row]) -> list[Row]:
        before = rows[0]._replace(opened=rows[0].opened - 3_600_000_000)
        return [before, *rows]

    here.double.spoil = early

    page = here.provider.page(known("AAPL"), Timeframe.M30, NOW - timedelta(days=2), NOW)

    want = truth("AAPL", Timeframe.M30, NOW - timedelta(days=2), NOW)
    assert_frame_equal(page.bars.frame, want)
    assert [note.code for note in page.notes] == ["outside_hours"]


def test_of_shares_no_bars_are_offered_that_hold_other_hours_or_later_splits(here: Reached) -> None:
    share = known("AAPL")

    lacking = [t for t in Timeframe if not here.provider.offers(share, t)]

    assert lacking == [Timeframe.M10, Timeframe.H1, Timeframe.H4, Timeframe.D1]


@pytest.mark.parametrize(
    ("symbol", "called"),
    [
        ("AAPL", "AAPL"),
        ("EURUSD", "OANDA:EUR_USD"),
        ("XAUUSD", "OANDA:XAU_USD"),
        ("BTCUSDT", "BINANCE:BTCUSDT"),
        ("BTCUSD", "COINBASE:BTC-USD"),
    ],
)
def test_instruments_are_called_by_their_venue(here: Reached, symbol: str, called: str) -> None:
    assert here.provider.symbol(known(symbol)) == called


@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTCUSD"])
def test_a_perpetual_future_is_not_its_coin(here: Reached, symbol: str) -> None:
    future = replace(known(symbol), symbol=f"{symbol}.P")

    with pytest.raises(NotFoundError, match=r"\.P"):
        here.provider.page(future, Timeframe.H1, DAY_AGO, NOW)


def test_a_symbol_without_candles_is_looked_up_once(here: Reached) -> None:
    share, length = known("AAPL"), Timeframe.M5
    sunday = NOW - timedelta(days=5)

    for hour in range(3):
        page = here.provider.page(share, length, sunday, sunday + timedelta(hours=1 + hour))
        assert not len(page.bars)

    assert [one.path for one in here.double.asked].count("/api/v1/search") == 1


def test_columns_that_are_not_equally_long_are_no_candles(here: Reached) -> None:
    def short(reply: Reply) -> Reply:
        body = json.loads(reply.body)
        return replace(reply, body=json.dumps({**body, "v": body["v"][1:]}).encode())

    here.double.always = short

    with pytest.raises(DataError, match="columns"):
        here.provider.page(known("AAPL"), Timeframe.M5, DAY_AGO, NOW)


def test_calls_count_the_months_and_the_candles(here: Reached) -> None:
    start = NOW - timedelta(days=84)

    hours, minutes = (
        here.provider.calls(known("BTCUSDT"), length, start, NOW)
        for length in (Timeframe.H1, Timeframe.M1)
    )

    assert hours == 3
    assert minutes == 49
