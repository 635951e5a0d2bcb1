"""What is Alpaca's own: extended hours, two endpoints, a plan, and the conversation of a stream."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import (
    AssayError,
    CredentialError,
    DataError,
    NotFoundError,
    RefusedError,
    TransientError,
)
from assay.core.instruments import equity
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Stream
from tests.doubles import faults
from tests.doubles.alpaca import Alpaca
from tests.doubles.market import NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Row
from tests.doubles.sockets import HangUp, Line

AAPL, BTC = known("AAPL"), known("BTCUSD")
DAY_AGO = NOW - timedelta(days=1)
M1, M5 = Timeframe.M1, Timeframe.M5


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Alpaca, timeout=2.0) as found:
        yield found


def asked(here: Reached) -> list[tuple[str, str]]:
    """Return from when to when was asked, each time."""
    return [(one.query["start"], one.query["end"]) for one in here.double.asked]


def opened(series: str, count: int) -> list[Row]:
    """Return the last closed minutes as a double tells of them."""
    frame = truth(series, M1, DAY_AGO, NOW).tail(count)
    stamps = (frame["time"] - M1.length).dt.epoch("us").to_list()
    prices = frame.select("open", "high", "low", "close", "volume").rows()
    return [Row(at, *values) for at, values in zip(stamps, prices, strict=True)]


def heard(stream: Stream) -> pl.DataFrame:
    found = stream.next(5.0)
    assert found is not None
    return found.bars.frame


def test_what_is_traded_before_and_after_the_session_is_left_out_and_said(here: Reached) -> None:
    page = here.provider.page(AAPL, M5, DAY_AGO, NOW)

    assert_frame_equal(page.bars.frame, truth("AAPL", M5, DAY_AGO, NOW))
    assert {note.code for note in page.notes} == {"outside_hours"}


def test_whole_bars_are_asked_for_and_the_one_that_is_open_is_not(here: Reached) -> None:
    here.provider.page(BTC, M5, NOW - timedelta(minutes=21), NOW)

    assert asked(here) == [("2026-11-20T14:45:00Z", "2026-11-20T15:04:59Z")]


def test_nothing_is_asked_where_no_bar_can_have_closed(here: Reached) -> None:
    page = here.provider.page(BTC, M5, NOW - timedelta(minutes=1), NOW)

    assert not here.double.asked
    assert len(page.bars) == 0
    assert page.through == NOW


def test_raw_prices_of_iex_are_asked_for_and_coins_have_no_such_choice(here: Reached) -> None:
    here.provider.page(AAPL, M5, DAY_AGO, NOW)
    here.provider.page(BTC, M5, DAY_AGO, NOW)

    share, coin = here.double.asked
    assert (share.query["feed"], share.query["adjustment"]) == ("iex", "raw")
    assert not {"feed", "adjustment"} & set(coin.query)


def test_coins_need_no_key_and_shares_do() -> None:
    with reached(Alpaca, {}) as here:
        page = here.provider.page(BTC, M5, DAY_AGO, NOW)
        with pytest.raises(CredentialError):
            here.provider.page(AAPL, M5, DAY_AGO, NOW)

    assert_frame_equal(page.bars.frame, truth("BTCUSD", M5, DAY_AGO, NOW))
    assert not any(name.startswith("apca") for name in here.double.asked[0].headers)


def test_coins_are_asked_for_with_the_key_where_there_is_one(here: Reached) -> None:
    here.provider.page(BTC, M5, DAY_AGO, NOW)

    assert here.double.asked[0].headers["apca-api-key-id"] == GOOD_KEY


def test_of_two_keys_the_missing_one_is_named() -> None:
    with reached(Alpaca, {"key": GOOD_KEY}) as here, pytest.raises(CredentialError) as caught:
        here.provider.page(AAPL, M5, DAY_AGO, NOW)

    assert "ASSAY_ALPACA_secret" in str(caught.value)


def test_a_symbol_of_another_form_is_unknown(here: Reached) -> None:
    with pytest.raises(NotFoundError) as caught:
        here.provider.page(equity("BRK-B"), M5, DAY_AGO, NOW)

    assert "[providers.alpaca.symbols]" in str(caught.value)


def test_a_coin_against_a_currency_it_lacks_is_unknown(here: Reached) -> None:
    strange = replace(BTC, symbol="BTCGBP", quote="GBP")

    with pytest.raises(NotFoundError) as caught:
        here.provider.page(strange, M5, DAY_AGO, NOW)

    assert "BTC/GBP" in str(caught.value)


def test_whether_a_symbol_is_known_is_asked_once(here: Reached) -> None:
    here.double.spoil = faults.none

    for _ in range(3):
        here.provider.page(AAPL, M5, DAY_AGO, NOW)

    sizes = [one.query["timeframe"] for one in here.double.asked]
    assert sizes == ["5Min", "1Month", "5Min", "5Min"]


def test_no_bars_at_all_may_be_told_as_null(here: Reached) -> None:
    here.provider.page(AAPL, M5, DAY_AGO, NOW)
    here.double.always = lambda reply: replace(
        reply, body=b'{"bars": null, "next_page_token": null}'
    )

    page = here.provider.page(AAPL, M5, DAY_AGO, NOW)

    assert len(page.bars) == 0
    assert page.through == NOW


@pytest.mark.parametrize("bars", ["[]", "7", '"AAPL"'])
def test_bars_of_another_shape_are_refused(here: Reached, bars: str) -> None:
    body = f'{{"bars": {bars}, "next_page_token": null}}'.encode()
    here.double.always = lambda reply: replace(reply, body=body)

    with pytest.raises(DataError) as caught:
        here.provider.page(AAPL, M5, DAY_AGO, NOW)

    assert "Alpaca" in str(caught.value)


def test_a_plan_without_the_data_is_no_wrong_key(here: Reached) -> None:
    said = "subscription does not permit querying recent SIP data"
    body = json.dumps({"code": 42210000, "message": said}).encode()
    here.double.always = lambda reply: replace(reply, status=403, body=body)

    with pytest.raises(RefusedError) as caught:
        here.provider.page(AAPL, M5, DAY_AGO, NOW)

    assert not isinstance(caught.value, CredentialError)
    assert said in str(caught.value)


def test_a_stream_asks_for_minutes_and_what_late_trades_make_of_them(here: Reached) -> None:
    assert here.streams is not None
    with here.provider.stream([(AAPL, M1)]):
        here.streams.wait_for(1)
        (line,) = here.streams.lines

    assert line.wants == {"bars AAPL", "updatedBars AAPL"}
    assert (line.path, line.query) == ("/v2/iex", "")
    assert GOOD_KEY not in str(line.headers)


def test_a_late_trade_in_a_minute_that_was_not_told_is_a_correction(here: Reached) -> None:
    assert here.streams is not None
    with here.provider.stream([(AAPL, M1)]) as stream:
        here.streams.correct("AAPL", M1, opened("AAPL", 1)[0])
        found = stream.next(5.0)

    assert found is not None
    assert found.corrected
    assert len(found.bars) == 1


def test_coins_stream_from_an_address_of_their_own(here: Reached) -> None:
    assert here.streams is not None
    with here.provider.stream([(BTC, M1)]) as stream:
        here.streams.tell("BTCUSD", M1, opened("BTCUSD", 1)[0])
        frame = heard(stream)

    assert_frame_equal(frame, truth("BTCUSD", M1, DAY_AGO, NOW).tail(1))


def test_shares_and_coins_are_two_streams(here: Reached) -> None:
    with pytest.raises(NotFoundError) as caught:
        here.provider.stream([(AAPL, M1), (BTC, M1)])

    assert "open one for each" in str(caught.value)
    with here.provider.stream([(AAPL, M1)]), here.provider.stream([(BTC, M1)]):
        pass


def test_a_second_stream_is_told_of_the_first(here: Reached) -> None:
    with here.provider.stream([(AAPL, M1)]), pytest.raises(TransientError) as caught:
        here.provider.stream([(AAPL, M1)])

    assert caught.value.retry_after == 90.0
    assert "406" in str(caught.value)
    assert "close the other" in str(caught.value)


def test_more_symbols_than_the_plan_streams_are_refused_with_their_number(here: Reached) -> None:
    many = [(equity("A" * count), M1) for count in range(1, 32)]

    with pytest.raises(RefusedError) as caught:
        here.provider.stream(many)

    assert "405" in str(caught.value)
    assert "30 symbols" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (400, "invalid syntax", RefusedError),
        (401, "not authenticated", RefusedError),
        (402, "auth failed", CredentialError),
        (404, "auth timeout", TransientError),
        (407, "slow client", TransientError),
        (409, "insufficient subscription", RefusedError),
        (500, "internal error", TransientError),
        (599, "what is to come", RefusedError),
    ],
)
def test_what_the_stream_says_is_wrong_has_its_kind(
    here: Reached, code: int, said: str, expected: type[AssayError]
) -> None:
    assert here.streams is not None
    with here.provider.stream([(AAPL, M1)]) as stream:
        here.streams.say(json.dumps([{"T": "error", "code": code, "msg": said}]))

        with pytest.raises(AssayError) as caught:
            stream.next(5.0)

    assert type(caught.value) is expected
    assert f"{code} {said}" in str(caught.value)


def test_live_minutes_outside_the_session_are_a_sign_of_life(here: Reached) -> None:
    assert here.streams is not None
    early = opened("BTCUSD", 700)[0]  # 03:27 UTC: the share is not traded on its exchange
    with here.provider.stream([(AAPL, M1)]) as stream:
        here.streams.tell("AAPL", M1, early)

        assert heard(stream).height == 0


def test_minutes_of_a_slow_line_come_in_one_message(here: Reached) -> None:
    assert here.streams is not None
    rows = opened("AAPL", 4)
    with here.provider.stream([(AAPL, M1)]) as stream:
        double = here.double
        assert isinstance(double, Alpaca)
        parts = [json.loads(double.live("AAPL", M1, row))[0] for row in rows]
        here.streams.say(json.dumps(parts))

        found = pl.concat(heard(stream) for _ in rows)

    assert_frame_equal(found, truth("AAPL", M1, DAY_AGO, NOW).tail(4))


class Mute(Alpaca):
    """Takes calls and says nothing."""

    def greet(self, line: Line) -> None:
        line.hear()


class Strange(Alpaca):
    """Says something else than hello."""

    def greet(self, line: Line) -> None:
        line.say(json.dumps([{"T": "weather", "msg": f"fine, {GOOD_SECRET}"}]))
        line.hear()


class Curt(Alpaca):
    """Hangs up before it says anything."""

    def greet(self, line: Line) -> None:
        raise HangUp


@pytest.mark.parametrize(
    ("kind", "said"), [(Mute, "in time"), (Strange, "weather"), (Curt, "broke off")]
)
def test_a_conversation_that_goes_wrong_ends_in_a_sentence(kind: type[Alpaca], said: str) -> None:
    with reached(kind, timeout=0.5) as here, pytest.raises(TransientError) as caught:
        here.provider.stream([(AAPL, M1)])

    assert said in str(caught.value)
    assert GOOD_SECRET not in str(caught.value)
