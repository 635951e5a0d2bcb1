"""What Yahoo does that no other provider does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.errors import DataError, NotFoundError, RefusedError, TransientError
from assay.core.instruments import defined, equity, index, instrument
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.yahoo import DELAY
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.reach import Reached, reached
from tests.doubles.server import Reply
from tests.doubles.yahoo import Split, Yahoo

DAY = timedelta(days=1)
CLOSE = datetime(2026, 11, 19, 21, tzinfo=UTC)
"""The end of a session in New York."""


class WithGold(Yahoo):
    """A market in which there are futures on gold."""

    symbols = {**Yahoo.symbols, "XAUUSD": "GC=F"}  # noqa: RUF012 - as its parent has it


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Yahoo) as found:
        yield found


@pytest.fixture
def double(here: Reached) -> Yahoo:
    assert isinstance(here.double, Yahoo)
    return here.double


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


def closed_at(here: Reached, moment: datetime) -> None:
    """Set both clocks."""
    here.double.clock = here.hands.at = moment


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (instrument("EURUSD"), "EURUSD=X"),
        (instrument("USDJPY"), "JPY=X"),
        (instrument("EURGBP"), "EURGBP=X"),
        (defined("BTCUSD", AssetClass.CRYPTO), "BTC-USD"),
        (instrument("BTCUSDT"), "BTC-USDT"),
        (defined("BTCUSDT.P", AssetClass.CRYPTO), "BTCUSDT.P"),
        (index("SPX", calendar="XNYS"), "^GSPC"),
        (index("NDX", calendar="XNYS"), "^NDX"),
        (index("US500"), "^US500"),
        (equity("BRK.B"), "BRK-B"),
        (equity("VOD", "XLON", "GBP"), "VOD.L"),
        (equity("VOD.L", "XLON", "GBP"), "VOD.L"),
        (equity("7203", "XTKS", "JPY"), "7203.T"),
    ],
)
def test_names_are_those_of_yahoo(here: Reached, ours: Instrument, theirs: str) -> None:
    assert here.provider.symbol(ours) == theirs


def test_gold_is_refused_with_the_future_that_a_person_may_name(here: Reached) -> None:
    gold = known("XAUUSD")

    with pytest.raises(NotFoundError) as caught:
        here.provider.page(gold, Timeframe.H1, NOW - DAY, NOW)

    assert not here.provider.offers(gold, Timeframe.H1)
    assert 'XAUUSD = "GC=F"' in str(caught.value)
    assert "[providers.yahoo.symbols]" in str(caught.value)
    assert not here.double.asked


def test_gold_is_the_future_where_a_person_says_so() -> None:
    gold = known("XAUUSD")

    with reached(WithGold, symbols={"XAUUSD": "GC=F"}) as here:
        page = here.provider.page(gold, Timeframe.H1, NOW - DAY, NOW)

        assert here.provider.offers(gold, Timeframe.H1)
        assert_frame_equal(
            page.bars.frame, here.double.truth("XAUUSD", Timeframe.H1, NOW - DAY, NOW)
        )


@pytest.mark.parametrize(
    ("symbol", "timeframe"),
    [
        ("AAPL", Timeframe.M30),
        ("AAPL", Timeframe.H1),
        ("SPX", Timeframe.H1),
        ("EURUSD", Timeframe.M30),
        ("EURUSD", Timeframe.D1),
    ],
)
def test_bars_on_another_grid_than_ours_are_not_offered(
    here: Reached, symbol: str, timeframe: Timeframe
) -> None:
    assert not here.provider.offers(known(symbol), timeframe)


def test_usdjpy_may_be_written_in_full() -> None:
    with reached(Yahoo, symbols={"USDJPY": "USDJPY=X"}) as here:
        page = here.provider.page(known("USDJPY"), Timeframe.H1, NOW - DAY, NOW)

        assert_frame_equal(
            page.bars.frame, here.double.truth("USDJPY", Timeframe.H1, NOW - DAY, NOW)
        )


@pytest.mark.parametrize("instead", [("BTC-USD", "5m"), ("AAPL", "1d"), ("AAPL", "60m")])
def test_a_chart_nobody_asked_for_is_refused(
    here: Reached, double: Yahoo, instead: tuple[str, str]
) -> None:
    double.instead = instead

    with pytest.raises(TransientError) as caught:
        here.provider.page(known("AAPL"), Timeframe.M5, NOW - DAY, NOW)

    said = str(caught.value)
    assert "asked for AAPL 5m" in said
    assert instead[0] in said
    assert caught.value.retry_after == 60.0


def test_pence_are_not_taken_for_pounds(here: Reached, double: Yahoo) -> None:
    double.money = "GBp"
    ours = replace(known("AAPL"), quote="GBP")

    with pytest.raises(DataError, match="in GBp, while AAPL is in GBP"):
        here.provider.page(ours, Timeframe.M5, NOW - DAY, NOW)


def test_steps_without_a_trade_are_gaps_and_no_note(here: Reached) -> None:
    page = here.provider.page(known("AAPL"), Timeframe.M1, BEGAN + 15 * DAY, BEGAN + 20 * DAY)

    assert b"null" in here.double.reply(here.double.asked[-1]).body
    assert 1_500 < len(page.bars) < 4 * 390
    assert page.notes == ()


@pytest.mark.parametrize("moment", [NOW, CLOSE, CLOSE + timedelta(seconds=3)])
def test_the_price_of_the_moment_is_no_bar_and_no_note(here: Reached, moment: datetime) -> None:
    closed_at(here, moment)

    page = here.provider.page(known("AAPL"), Timeframe.M15, moment - DAY, moment)

    want = here.double.truth("AAPL", Timeframe.M15, moment - DAY, moment)
    assert_frame_equal(page.bars.frame, want)
    assert page.notes == ()


def test_a_day_that_comes_twice_has_the_later_ones_volume(here: Reached) -> None:
    moment = CLOSE + timedelta(seconds=3)
    closed_at(here, moment)

    page = here.provider.page(known("AAPL"), Timeframe.D1, moment - 10 * DAY, moment)

    want = here.double.truth("AAPL", Timeframe.D1, moment - 10 * DAY, moment)
    assert_frame_equal(page.bars.frame.drop("volume"), want.drop("volume"))
    assert page.bars.frame["volume"][-1] == want["volume"][-1] + 100
    assert page.notes == ()


def test_bars_that_delayed_trades_may_still_change_are_left_for_later(
    here: Reached, double: Yahoo
) -> None:
    double.behind = timedelta(minutes=20)

    page = here.provider.page(known("AAPL"), Timeframe.M5, NOW - DAY, NOW + DAY)

    seen = NOW - double.behind
    assert_frame_equal(page.bars.frame, here.double.truth("AAPL", Timeframe.M5, NOW - DAY, seen))
    assert (page.through, page.current) == (seen, True)


def test_a_market_that_rests_is_not_waited_for(here: Reached, double: Yahoo) -> None:
    double.behind = timedelta(hours=17)

    page = here.provider.page(known("AAPL"), Timeframe.M5, NOW - 3 * DAY, NOW)

    assert page.through == NOW - DELAY


def test_splits_are_told_with_date_and_ratio(here: Reached, double: Yahoo) -> None:
    double.splits = [Split(datetime(2026, 11, 2, 14, 30, tzinfo=UTC), 4, 1)]

    page = here.provider.page(known("AAPL"), Timeframe.D1, BEGAN, NOW)

    (note,) = page.notes
    assert note.code == "split"
    assert "AAPL on 2026-11-02, 4 for 1" in note.sentence
    assert here.provider.abilities.adjusted


@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.M5, Timeframe.H1])
def test_older_bars_than_it_keeps_are_not_asked_for(here: Reached, timeframe: Timeframe) -> None:
    pair = known("EURUSD")
    earliest = here.provider.earliest(timeframe)

    found = here.provider.bars(pair, timeframe, NOW - 3_000 * DAY, NOW)

    want = here.double.truth("EURUSD", timeframe, max(earliest, BEGAN - DAY), NOW)
    assert_frame_equal(found.bars.frame, want)


def test_what_is_all_too_old_is_an_empty_page_without_a_question(here: Reached) -> None:
    page = here.provider.page(known("EURUSD"), Timeframe.M1, NOW - 90 * DAY, NOW - 80 * DAY)

    assert len(page.bars) == 0
    assert page.through == NOW - 80 * DAY
    assert not here.double.asked


def test_minutes_come_a_week_at_a_time(here: Reached) -> None:
    found = here.provider.bars(known("AAPL"), Timeframe.M1, NOW - 20 * DAY, NOW)

    assert len(here.double.asked) == 3
    assert here.provider.calls(known("AAPL"), Timeframe.M1, NOW - 20 * DAY, NOW) == 3
    want = here.double.truth("AAPL", Timeframe.M1, NOW - 20 * DAY, NOW)
    assert_frame_equal(found.bars.frame, want)


def test_a_time_before_the_first_bar_is_empty_and_no_error(here: Reached) -> None:
    page = here.provider.page(known("AAPL"), Timeframe.D1, BEGAN - 900 * DAY, BEGAN - 800 * DAY)

    assert len(page.bars) == 0
    assert page.through == BEGAN - 800 * DAY
    assert len(here.double.asked) == 1


def test_strangers_turned_away_have_no_key_to_mend(here: Reached) -> None:
    body = (
        b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}'
    )
    here.double.always = lambda _: Reply(body, 401)

    with pytest.raises(RefusedError, match="no strangers at the moment: Invalid Crumb") as caught:
        here.provider.page(known("AAPL"), Timeframe.D1, NOW - DAY, NOW)

    assert type(caught.value) is RefusedError
    assert len(here.double.asked) == 1


def test_no_cookie_and_no_crumb_are_sent(here: Reached) -> None:
    here.provider.page(known("AAPL"), Timeframe.D1, NOW - 5 * DAY, NOW)

    (asked,) = here.double.asked
    assert "cookie" not in asked.headers
    assert "crumb" not in asked.query
    assert "assay" in asked.headers["user-agent"]


def test_columns_of_different_lengths_are_refused(here: Reached) -> None:
    here.double.always = lambda reply: replace(
        reply, body=reply.body.replace(b'"volume": [', b'"volume": [7, ')
    )

    with pytest.raises(DataError, match="columns of different lengths"):
        here.provider.page(known("AAPL"), Timeframe.M5, NOW - DAY, NOW)
