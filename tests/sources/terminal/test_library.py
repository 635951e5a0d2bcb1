"""A terminal through its maker's package, which is handed in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.errors import CredentialError, NotFoundError, RefusedError, TransientError
from assay.core.instruments import instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.metatrader5 import MetaTrader5
from assay.sources.provider import Access
from assay.sources.terminal.answers import PERIODS
from assay.sources.wire.http import ATTEMPTS
from tests.doubles import metatrader5 as double
from tests.doubles.market import BEGAN, NOW, known, truth
from tests.doubles.reach import Hands
from tests.doubles.terminals import Library

EURUSD, M5 = known("EURUSD"), Timeframe.M5
DAY = timedelta(days=1)
LATELY = NOW - 3 * DAY


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture
def terminal() -> double.MetaTrader5:
    return double.MetaTrader5()


@pytest.fixture
def library(terminal: double.MetaTrader5) -> Library:
    return Library(terminal)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def provider(library: Library, hands: Hands) -> MetaTrader5:
    return MetaTrader5(Access("metatrader5", hands, hands, hands.sleep), library)


@pytest.mark.parametrize("timeframe", list(PERIODS))
def test_the_whole_history_comes_on_a_clock_that_the_bars_show(
    provider: MetaTrader5, timeframe: Timeframe
) -> None:
    found = provider.bars(EURUSD, timeframe, BEGAN, NOW)

    assert_frame_equal(found.bars.frame, truth("EURUSD", timeframe, BEGAN, NOW), check_exact=True)


def test_from_the_beginning_of_time_the_empty_years_are_leapt_over(
    provider: MetaTrader5, library: Library
) -> None:
    found = provider.bars(EURUSD, M5)

    want = truth("EURUSD", M5, BEGAN - M5.length, NOW)
    assert_frame_equal(found.bars.frame, want, check_exact=True)
    assert library.asked.count("copy_rates_range") < 40


def test_a_history_that_begins_later_is_said(
    provider: MetaTrader5, terminal: double.MetaTrader5
) -> None:
    terminal.oldest = NOW - 30 * DAY

    page = provider.page(EURUSD, Timeframe.M30, NOW - 60 * DAY, NOW)

    want = truth("EURUSD", Timeframe.M30, NOW - 30 * DAY + timedelta(minutes=30), NOW)
    assert_frame_equal(page.bars.frame, want.head(len(page.bars)), check_exact=True)
    assert len(page.bars)
    assert {note.code for note in page.notes} == {"server_clock", "history_short"}


def test_a_symbol_outside_market_watch_is_put_there_or_refused(
    provider: MetaTrader5, terminal: double.MetaTrader5
) -> None:
    assert len(provider.page(known("USDJPY"), M5, LATELY, NOW).bars)
    terminal.full = True

    with pytest.raises(RefusedError, match="Market Watch"):
        provider.page(known("XAUUSD"), M5, LATELY, NOW)


def test_a_symbol_it_does_not_know_is_named(provider: MetaTrader5) -> None:
    with pytest.raises(NotFoundError, match=r"'GBPUSD'.*\[providers.metatrader5.symbols\]"):
        provider.page(instrument("GBPUSD"), M5, LATELY, NOW)


def test_a_terminal_that_is_not_there_is_said_with_its_words(
    provider: MetaTrader5, library: Library
) -> None:
    library.installed = False

    with pytest.raises(TransientError, match=r"cannot be reached \(IPC initialize failed.*-10003"):
        provider.page(EURUSD, M5, LATELY, NOW)


def test_a_terminal_without_an_account_says_where_to_log_in(
    provider: MetaTrader5, terminal: double.MetaTrader5
) -> None:
    terminal.logged_in = False

    with pytest.raises(CredentialError, match="logged into no account"):
        provider.page(EURUSD, M5, LATELY, NOW)


def test_a_terminal_without_its_broker_is_asked_later(
    provider: MetaTrader5, terminal: double.MetaTrader5
) -> None:
    terminal.connected = False

    with pytest.raises(TransientError, match="no connection to its broker"):
        provider.page(EURUSD, M5, LATELY, NOW)


def test_a_span_without_history_is_no_error_and_any_other_failure_is_one(
    provider: MetaTrader5, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.page(EURUSD, M5, LATELY, NOW)
    said = {"code": -4}
    monkeypatch.setattr(library, "copy_rates_range", lambda *_: None)
    monkeypatch.setattr(library, "last_error", lambda: (said["code"], "Terminal: words"))

    page = provider.page(EURUSD, M5, LATELY, NOW)
    said["code"] = -1

    assert len(page.bars) == 0
    with pytest.raises(TransientError, match=r"Terminal: words, -1"):
        provider.page(EURUSD, M5, LATELY, NOW)


def test_a_bar_that_no_quote_has_ended_is_taken_when_our_clock_is_well_past_it(
    provider: MetaTrader5, terminal: double.MetaTrader5, hands: Hands
) -> None:
    closed = NOW.replace(minute=5, second=0)
    terminal.clock = closed - timedelta(seconds=20)
    provider.page(EURUSD, M5, LATELY, NOW)

    hands.at = closed + timedelta(seconds=30)
    early = provider.page(EURUSD, M5, LATELY, NOW)
    hands.at = closed + timedelta(seconds=150)
    later = provider.page(EURUSD, M5, LATELY, NOW)

    assert early.bars.last_time == closed - M5.length
    assert later.bars.last_time == closed
