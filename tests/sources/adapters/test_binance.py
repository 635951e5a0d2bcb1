"""What is special about Binance: weights, bans, symbols that are halted, futures, its stream."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.errors import NotFoundError, QuotaError, RefusedError, TransientError
from assay.core.values.timeframe import Timeframe
from tests.doubles.binance import EXAMPLE, Binance
from tests.doubles.binanceus import SHARE, BinanceUs
from tests.doubles.market import BEGAN, NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import Question, Reply, Row
from tests.doubles.sockets import Line, Switchboard

M1, M5 = Timeframe.M1, Timeframe.M5
BITCOIN, FUTURE = known("BTCUSDT"), known("BTCUSDT.P")


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Binance) as found:
        yield found


def board(here: Reached) -> Switchboard:
    assert here.streams is not None
    return here.streams


def double(here: Reached) -> Binance:
    assert isinstance(here.double, Binance)
    return here.double


def five_minutes(here: Reached, hours: int = 10) -> pl.DataFrame:
    page = here.provider.page(BITCOIN, M5, NOW - timedelta(hours=hours), NOW)
    return page.bars.frame


def as_told(time: object, *values: float) -> Row:
    return Row(pl.Series([time]).dt.epoch("us")[0] - 300_000_000, *values)


def test_a_kline_of_the_document_has_the_form_of_the_doubles() -> None:
    told = Binance().reply(
        Question("GET", "/api/v3/klines", {"symbol": "BTCUSDT", "interval": "1m"}, {})
    )

    first = json.loads(told.body)[0]
    assert [type(one) for one in first] == [type(one) for one in EXAMPLE]


def test_what_is_counted_here_is_what_it_counts_itself(here: Reached) -> None:
    here.provider.bars(BITCOIN, M1, NOW - timedelta(days=5), NOW)
    here.provider.bars(FUTURE, M1, NOW - timedelta(days=5), NOW)

    taken: dict[str, int] = {}
    for name, cost in here.hands.taken:
        taken[name] = taken.get(name, 0) + cost
    said = {name: used for (name, _), used in double(here).used.items()}
    assert taken == {"binance": said["api"], "binance-futures": said["fapi"]}


def test_so_it_is_at_the_american_exchange() -> None:
    with reached(BinanceUs) as here:
        here.provider.bars(BITCOIN, M1, NOW - timedelta(days=5), NOW)

        (said,) = double(here).used.values()
        assert sum(cost for _, cost in here.hands.taken) == said


def test_when_others_use_the_allowance_up_the_minute_is_waited_for(here: Reached) -> None:
    double(here).others = 5_690

    five_minutes(here)

    assert here.hands.paused[0] == 31.0
    assert here.hands.slept[0] == 31.0


def test_with_enough_left_nobody_waits(here: Reached) -> None:
    double(here).others = 3_000

    five_minutes(here)

    assert not here.hands.paused


def test_too_much_weight_is_waited_for_as_it_says(here: Reached) -> None:
    double(here).others = 6_000

    with pytest.raises(TransientError) as caught:
        five_minutes(here)

    assert "6000 request weight" in str(caught.value)
    assert here.hands.paused == [30.0, 30.0, 30.0]


def test_a_ban_is_a_used_up_allowance_until_it_ends(here: Reached) -> None:
    said = b'{"code": -1003, "msg": "Way too much request weight used; IP banned until 1795"}'
    here.double.always = lambda _: Reply(said, 418, {"Retry-After": "1800"})

    with pytest.raises(QuotaError) as caught:
        five_minutes(here)

    assert caught.value.retry_after == 1800.0
    assert here.hands.paused == [1800.0]
    assert len(here.double.asked) == 1


def test_a_country_it_does_not_serve_is_no_key_and_no_outage(here: Reached) -> None:
    said = {"code": 0, "msg": "Service unavailable from a restricted location according to 'b.'"}
    here.double.always = lambda reply: replace(reply, status=451, body=json.dumps(said).encode())

    with pytest.raises(RefusedError) as caught:
        five_minutes(here)

    assert "restricted location" in str(caught.value)
    assert len(here.double.asked) == 1


def test_a_firewall_is_no_wrong_key(here: Reached) -> None:
    here.double.always = lambda _: Reply(b'{"code": 0, "msg": "WAF"}', 403)

    with pytest.raises(RefusedError) as caught:
        five_minutes(here)

    assert type(caught.value) is RefusedError


def test_a_symbol_that_is_traded_no_more_still_has_its_history(here: Reached) -> None:
    double(here).halted.add("BTCUSDT")
    end = BEGAN + timedelta(days=9)
    here.double.spoil = lambda rows: [r for r in rows if r.opened < end.timestamp() * 1e6]

    found = here.provider.bars(BITCOIN, Timeframe.H1, BEGAN, NOW)

    assert_frame_equal(found.bars.frame, truth("BTCUSDT", Timeframe.H1, BEGAN, end))


def test_perpetual_futures_are_another_instrument(here: Reached) -> None:
    start = NOW - timedelta(hours=10)

    page = here.provider.page(FUTURE, M5, start, NOW)

    assert_frame_equal(page.bars.frame, truth("BTCUSDT.P", M5, start, NOW), check_exact=True)
    assert not page.bars.frame.equals(five_minutes(here))
    assert {one.path.split("/")[1] for one in here.double.asked[:2]} == {"fapi"}


def test_spot_and_futures_are_two_streams(here: Reached) -> None:
    with pytest.raises(NotFoundError, match="two streams"):
        here.provider.stream([(BITCOIN, M5), (FUTURE, M5)])

    want = truth("BTCUSDT.P", M5, NOW - timedelta(hours=1), NOW).tail(1)
    with here.provider.stream([(FUTURE, M5)]) as stream:
        board(here).wait_for(1)
        assert board(here).lines[0].path == "/market/stream"
        board(here).tell("BTCUSDT.P", M5, as_told(*want.row(0)))
        found = stream.next(5.0)

    assert found is not None
    assert_frame_equal(found.bars.frame, want, check_exact=True)


def test_a_symbol_it_does_not_know_has_no_stream(here: Reached) -> None:
    strange = replace(BITCOIN, symbol="QQQUSDT", base="QQQ")

    with pytest.raises(NotFoundError, match="QQQ/USDT"):
        here.provider.stream([(strange, M5)])

    assert board(here).calls == 0


def test_a_server_that_shuts_down_says_so(here: Reached) -> None:
    event = {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1770123456789}}
    with here.provider.stream([(BITCOIN, M5)]) as stream:
        board(here).wait_for(1)
        board(here).say(json.dumps(event))

        with pytest.raises(TransientError, match="shut down") as caught:
            stream.next(5.0)

    assert caught.value.retry_after <= 5.0


class Unwilling(Binance):
    """Refuses every subscription."""

    def heard(self, line: Line, text: str | bytes) -> None:
        line.say('{"code": 2, "msg": "Invalid request: too many parameters"}')


def test_a_refused_subscription_is_said_in_its_words() -> None:
    with (
        reached(Unwilling) as here,
        pytest.raises(RefusedError, match="too many parameters"),
    ):
        here.provider.stream([(BITCOIN, M5)])


def test_after_a_break_the_bars_in_between_are_had_by_asking(here: Reached) -> None:
    start = NOW - timedelta(minutes=100)
    want = truth("BTCUSDT", M5, start, NOW)
    here.hands.at = want["time"][0]
    with here.provider.stream([(BITCOIN, M5)]) as stream:
        board(here).tell("BTCUSDT", M5, as_told(*want.row(0)))
        first = stream.next(5.0)
        board(here).drop()
        with pytest.raises(TransientError):
            stream.next(5.0)
    assert first is not None

    here.hands.at = NOW
    with here.provider.stream([(BITCOIN, M5)]) as stream:
        between = here.provider.page(BITCOIN, M5, first.bars.last_time, NOW)
        board(here).wait_for(1)
        board(here).tell("BTCUSDT", M5, as_told(*want.row(-1)))
        last = stream.next(5.0)

    assert last is not None
    assert_frame_equal(pl.concat([first.bars.frame, between.bars.frame]), want)
    assert_frame_equal(last.bars.frame, want.tail(1))


def test_the_american_exchange_has_a_volume_of_its_own_and_no_futures() -> None:
    start = NOW - timedelta(hours=10)
    with reached(BinanceUs) as here:
        page = here.provider.page(known("BTCUSD"), M5, start, NOW)
        with pytest.raises(NotFoundError, match="no perpetual futures"):
            here.provider.page(FUTURE, M5, start, NOW)

    whole = truth("BTCUSD", M5, start, NOW)["volume"].to_numpy()
    assert page.bars.frame["volume"].to_numpy() == pytest.approx(whole * SHARE)
