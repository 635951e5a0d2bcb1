"""What is special about a terminal: the clock of its server, and history that has to be loaded."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import polars as pl
import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.errors import (
    CredentialError,
    DataError,
    NotFoundError,
    RefusedError,
    SettingsError,
    TransientError,
)
from assay.core.instruments import equity
from assay.core.secret import Secret
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters import metatrader5 as adapter
from assay.sources.wire.http import ATTEMPTS
from tests.doubles import metatrader5 as double
from tests.doubles.market import BEGAN, NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import Reply

EURUSD, BTCUSD = known("EURUSD"), known("BTCUSD")
M5, H1 = Timeframe.M5, Timeframe.H1
DAY = timedelta(days=1)
LATELY = NOW - 3 * DAY
ATHENS, LONDON = ("Europe/Athens", 0, None), ("Europe/London", 0, None)


class Unsaid(double.MetaTrader5):
    """A terminal of whose server's clock nobody has said anything."""

    zone: ClassVar[str | None] = None
    symbols: ClassVar = {**double.MetaTrader5.symbols, "BTCUSD": "BTCUSD"}


class Said(Unsaid):
    zone = "America/New_York+7h"


class Renamed(Unsaid):
    symbols: ClassVar = {"EURUSD": "EURUSD.r", "XAUUSD": "GOLD"}


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture
def unsaid() -> Iterator[Reached]:
    with reached(Unsaid) as found:
        yield found


@pytest.fixture
def said() -> Iterator[Reached]:
    with reached(Said) as found:
        yield found


def terminal(here: Reached) -> double.MetaTrader5:
    assert isinstance(here.double, double.MetaTrader5)
    return here.double


def codes(here: Reached, timeframe: Timeframe = M5, start: datetime = LATELY) -> set[str]:
    return {note.code for note in here.provider.page(EURUSD, timeframe, start, NOW).notes}


def check_last_days(here: Reached) -> None:
    page = here.provider.page(EURUSD, M5, LATELY, NOW)

    assert_frame_equal(page.bars.frame, truth("EURUSD", M5, LATELY, NOW), check_exact=True)


@contextmanager
def refused(kind: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(kind) as caught:
        yield
    said = str(caught.value)
    assert said.startswith("MetaTrader 5")
    assert "\n" not in said
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("America/New_York", 7),
        ("Europe/Athens", 0),
        ("Europe/London", 0),
        ("Europe/Berlin", 0),
        ("UTC", 0),
        ("UTC", 3),
        ("America/New_York", 0),
    ],
)
def test_the_clock_is_made_out_from_the_weeks_of_the_bars(
    unsaid: Reached, zone: str, hours: int
) -> None:
    terminal(unsaid).server = [(zone, hours, None)]

    found = unsaid.provider.bars(EURUSD, M5, BEGAN, NOW)

    assert_frame_equal(found.bars.frame, truth("EURUSD", M5, BEGAN, NOW), check_exact=True)
    (note,) = found.notes
    assert note.code == "server_clock"


def test_the_clock_is_made_out_once_and_for_all_instruments(unsaid: Reached) -> None:
    unsaid.provider.page(EURUSD, M5, LATELY, NOW)
    before = len(unsaid.double.asked)

    for symbol in ("EURUSD", "XAUUSD", "SPX"):
        page = unsaid.provider.page(known(symbol), M5, LATELY, NOW)
        assert_frame_equal(page.bars.frame, truth(symbol, M5, LATELY, NOW), check_exact=True)

    assert len(unsaid.double.asked) == before + 3


def test_bars_older_than_those_that_show_the_clock_are_refused(unsaid: Reached) -> None:
    terminal(unsaid).oldest_of["EURUSD"] = datetime(2026, 10, 22, tzinfo=UTC)

    with refused(SettingsError, "XAUUSD", "2026-10-22", "zone"):
        unsaid.provider.page(known("XAUUSD"), M5, BEGAN, NOW)

    page = unsaid.provider.page(known("XAUUSD"), M5, LATELY, NOW)
    assert_frame_equal(page.bars.frame, truth("XAUUSD", M5, LATELY, NOW), check_exact=True)


def test_clocks_that_read_the_same_so_far_count_until_they_part(unsaid: Reached) -> None:
    here = terminal(unsaid)
    here.server, here.oldest = [("Europe/Berlin", 0, None)], datetime(2026, 10, 25, 12, tzinfo=UTC)
    check_last_days(unsaid)
    shown = len(here.asked)
    check_last_days(unsaid)
    once = len(here.asked)

    unsaid.hands.at = datetime(2027, 4, 1, tzinfo=UTC)  # Europe has changed its clocks
    check_last_days(unsaid)

    assert once == shown + 1
    assert len(here.asked) > once + 1


def test_a_clock_that_a_few_days_do_not_show_is_asked_for(unsaid: Reached) -> None:
    terminal(unsaid).oldest = NOW - 5 * DAY

    with refused(SettingsError, "nothing shows", "[providers.metatrader5]", "zone ="):
        unsaid.provider.page(EURUSD, M5, LATELY, NOW)


def test_a_clock_that_a_person_says_needs_no_evidence(said: Reached) -> None:
    terminal(said).oldest = NOW - 5 * DAY

    check_last_days(said)

    assert {one.query["period"] for one in said.double.asked} == {"M5"}


@pytest.mark.parametrize("hours", [1, -1])
def test_bars_and_terminal_that_contradict_each_other_are_refused(
    unsaid: Reached, hours: int
) -> None:
    terminal(unsaid).fast = timedelta(hours=hours)

    with refused(SettingsError, "America/New_York+7h", f"{2 - hours} hour", "ahead of UTC now"):
        unsaid.provider.page(EURUSD, M5, LATELY, NOW)


def test_what_a_person_says_holds_and_a_doubt_is_noted(said: Reached) -> None:
    terminal(said).fast = timedelta(hours=1)

    assert codes(said) == {"clock_doubt"}


def test_a_computer_that_is_a_minute_slow_is_none_of_a_clocks_business(unsaid: Reached) -> None:
    terminal(unsaid).fast = timedelta(seconds=-70)

    check_last_days(unsaid)


def test_a_clock_that_is_changed_later_is_noticed_at_the_next_question(unsaid: Reached) -> None:
    check_last_days(unsaid)
    terminal(unsaid).server = [("America/New_York", 7, NOW - DAY), LONDON]

    with refused(SettingsError, "America/New_York+7h", "0 hours"):
        unsaid.provider.page(EURUSD, M5, LATELY, NOW)


def test_a_clock_that_was_changed_on_the_way_is_not_guessed(unsaid: Reached) -> None:
    terminal(unsaid).server = [
        ("Asia/Tokyo", 0, datetime(2026, 11, 1, tzinfo=UTC)),
        ("America/New_York", 7, None),
    ]

    with refused(SettingsError, "zone ="):
        unsaid.provider.page(EURUSD, M5, LATELY, NOW)


def test_clocks_in_turn_are_read_as_a_person_says_them() -> None:
    class Moved(Unsaid):
        zone = "Europe/London until 2026-11-08, Europe/Athens"

    with reached(Moved) as here:
        terminal(here).server = [
            ("Europe/London", 0, datetime(2026, 11, 8, tzinfo=UTC)),
            ATHENS,
        ]

        found = here.provider.bars(EURUSD, M5, BEGAN, NOW)

    assert_frame_equal(found.bars.frame, truth("EURUSD", M5, BEGAN, NOW), check_exact=True)


@pytest.mark.parametrize("timeframe", [Timeframe.M1, M5, H1])
def test_of_a_coin_only_the_hour_that_the_clock_shows_twice_is_missing(
    said: Reached, timeframe: Timeframe
) -> None:
    found = said.provider.bars(BTCUSD, timeframe, BEGAN, NOW)

    first = datetime(2026, 11, 1, 5, tzinfo=UTC)  # 01:00 in New York, for the first time
    twice = pl.col("time").is_between(first, first + timedelta(hours=2), closed="right")
    want = truth("BTCUSD", timeframe, BEGAN, NOW).filter(~twice)
    assert_frame_equal(found.bars.frame, want, check_exact=True)
    assert any(note.code == "doubtful_hour" for note in found.notes)


@pytest.mark.parametrize("most", [7, 40, 90])
def test_however_short_the_answers_are_the_seams_of_a_clock_are_passed(
    said: Reached, most: int
) -> None:
    said.double.most = most
    start = datetime(2026, 10, 31, 20, tzinfo=UTC)
    end = datetime(2026, 11, 1, 14, tzinfo=UTC)

    found = said.provider.bars(BTCUSD, M5, start, end)

    first = datetime(2026, 11, 1, 5, tzinfo=UTC)
    twice = pl.col("time").is_between(first, first + timedelta(hours=2), closed="right")
    want = truth("BTCUSD", M5, start, end).filter(~twice)
    assert_frame_equal(found.bars.frame, want, check_exact=True)


def test_what_shows_the_clock_may_be_called_otherwise() -> None:
    with (
        reached(Renamed, symbols={"XAUUSD": "GOLD"}) as here,
        refused(SettingsError, "EURUSD", "[providers.metatrader5.symbols]"),
    ):
        here.provider.page(known("XAUUSD"), M5, LATELY, NOW)

    with reached(Renamed, symbols={"XAUUSD": "GOLD", "EURUSD": "EURUSD.r"}) as here:
        page = here.provider.page(known("XAUUSD"), M5, LATELY, NOW)

    assert_frame_equal(page.bars.frame, truth("XAUUSD", M5, LATELY, NOW), check_exact=True)


@pytest.mark.parametrize("symbol", ['EUR"USD', "EUR\\USD", "EUR€", "E" * 2_000, "EUR\nUSD"])
def test_a_name_that_the_expert_cannot_read_is_not_sent(symbol: str) -> None:
    with reached(Said, symbols={"EURUSD": symbol}) as here, refused(NotFoundError, "EUR"[:1]):
        try:
            here.provider.page(EURUSD, M5, LATELY, NOW)
        finally:
            assert not here.double.asked


def test_history_that_is_being_loaded_is_waited_for(said: Reached) -> None:
    terminal(said).coming.extend(NOW - days * DAY for days in (1, 2, 9))

    check_last_days(said)

    assert said.hands.slept == [1.0, 1.0]
    assert codes(said) == set()


def test_history_that_does_not_come_is_said_and_not_waited_for_again(said: Reached) -> None:
    terminal(said).oldest = NOW - DAY

    page = said.provider.page(EURUSD, M5, LATELY, NOW)
    waited = list(said.hands.slept)
    said.provider.page(EURUSD, M5, LATELY, NOW)

    assert_frame_equal(page.bars.frame, truth("EURUSD", M5, NOW - DAY + M5.length, NOW))
    (note,) = page.notes
    assert note.code == "history_short"
    assert "Max bars in chart (now 100,000)" in note.sentence
    assert waited
    assert said.hands.slept == waited


def test_a_terminal_that_may_hold_no_more_is_not_waited_for(said: Reached) -> None:
    terminal(said).oldest = NOW - DAY
    terminal(said).limit = 10

    assert codes(said) == {"history_short"}
    assert not said.hands.slept


def test_a_terminal_that_does_not_catch_up_is_asked_later(said: Reached) -> None:
    terminal(said).synced = False

    with refused(TransientError, "still loading", "5m", "EURUSD"):
        said.provider.page(EURUSD, M5, LATELY, NOW)


def test_without_a_single_bar_there_is_no_clock_to_make_out(unsaid: Reached) -> None:
    terminal(unsaid).oldest = NOW + DAY

    page = unsaid.provider.page(EURUSD, M5, LATELY, NOW)

    assert (len(page.bars), page.through) == (0, NOW)
    assert [note.code for note in page.notes] == ["history_short"]


def test_a_terminal_without_its_broker_is_asked_later(said: Reached) -> None:
    terminal(said).connected = False

    with refused(TransientError, "no connection to its broker", "Broker-Demo"):
        said.provider.page(EURUSD, M5, LATELY, NOW)


def test_a_terminal_without_an_account_says_where_to_log_in(said: Reached) -> None:
    terminal(said).logged_in = False

    with refused(CredentialError, "logged into no account", "File, Login"):
        said.provider.page(EURUSD, M5, LATELY, NOW)


def test_a_symbol_outside_market_watch_is_put_there_or_refused(said: Reached) -> None:
    said.provider.page(known("USDJPY"), M5, LATELY, NOW)
    terminal(said).full = True

    assert "USDJPY" in terminal(said).watched
    with refused(RefusedError, "Market Watch", "4306"):
        said.provider.page(known("XAUUSD"), M5, LATELY, NOW)


def test_shares_days_and_four_hours_are_not_offered(said: Reached) -> None:
    offers = said.provider.offers

    assert not any(offers(equity("AAPL"), one) for one in Timeframe)
    assert not any(offers(EURUSD, one) for one in (Timeframe.H4, Timeframe.D1))
    assert not offers(known("SPX"), H1)


def test_both_sides_need_the_same_token() -> None:
    for theirs, ours in (("sesame", "sesame"), ("", "")):
        with reached(Said, {"token": ours}) as here:
            terminal(here).token = theirs
            check_last_days(here)

    for theirs, ours in (("sesame", "other"), ("sesame", ""), ("", "sesame")):
        with reached(Said, {"token": ours}) as here:
            terminal(here).token = theirs
            with refused(CredentialError, "token", "ASSAY_METATRADER5_token"):
                here.provider.page(EURUSD, M5, LATELY, NOW)


def test_an_expert_of_another_version_is_to_be_replaced(said: Reached) -> None:
    terminal(said).tamper = lambda line: line.replace(b"assay/1", b"assay/2")

    with refused(RefusedError, "version 2", "version 1", "AssayBridge.mq5"):
        said.provider.page(EURUSD, M5, LATELY, NOW)


def test_a_wrong_checksum_is_asked_again(said: Reached) -> None:
    wrong = iter([True, True])
    terminal(said).tamper = lambda line: (
        line.replace(b'"bars"', b'"bras"') if next(wrong, False) else line
    )

    check_last_days(said)

    assert len(said.double.asked) == 3


def test_answers_to_earlier_questions_are_passed_over(said: Reached) -> None:
    here = terminal(said)
    said.provider.page(EURUSD, M5, LATELY, NOW)
    old = here.reply(replace(here.asked[-1], query={**here.asked[-1].query, "id": "earlier"}))
    here.before = [here.line(old.body), here.line(old.body)]

    check_last_days(said)

    assert len(here.asked) == 2


@pytest.mark.parametrize("time", [None, "soon", -1, 2**70, 1.5, True])
def test_a_bar_without_a_time_is_left_out_and_said(said: Reached, time: object) -> None:
    rows = iter(range(10_000))
    said.double.damage = lambda row: [time, *row[1:]] if next(rows) == 7 else row

    page = said.provider.page(EURUSD, M5, LATELY, NOW)

    assert len(page.bars) == truth("EURUSD", M5, LATELY, NOW).height - 1
    assert [note.code for note in page.notes] == ["unreadable_row"]


@pytest.mark.parametrize("name", ["served", "ticked", "gmt", "oldest", "limit", "until", "synced"])
@pytest.mark.parametrize("value", ["null", "-1", "1e9", "18446744073709551616", '"a"'])
def test_an_answer_without_what_goes_with_the_bars_is_refused(
    said: Reached, name: str, value: str
) -> None:
    said.double.always = lambda reply: Reply(
        re.sub(rf'"{name}": [^,]+'.encode(), f'"{name}": {value}'.encode(), reply.body)
    )

    with refused(DataError, repr(name)):
        said.provider.page(EURUSD, M5, LATELY, NOW)


def test_an_answer_about_another_span_is_refused(said: Reached) -> None:
    said.double.always = lambda reply: Reply(reply.body.replace(b'"until": 1', b'"until": 2'))

    with refused(DataError, "another span"):
        said.provider.page(EURUSD, M5, LATELY, NOW)


def test_a_silent_expert_is_asked_once() -> None:
    with reached(Said, timeout=0.3) as here:
        terminal(here).silent = True

        with refused(TransientError, "in time", "AssayBridge"):
            here.provider.page(EURUSD, M5, LATELY, NOW)

        assert len(here.double.asked) == 1


@pytest.mark.parametrize(
    "address",
    ["tcp://0.0.0.0:8765", "tcp://example.com:8765", "tcp://127.0.0.1", "tcp://127.0.0.1:0",
     "tcp://127.0.0.1:99999", "http://127.0.0.1:8765", "8765"],
)  # fmt: skip
def test_only_this_machine_is_listened_to(address: str) -> None:
    with (
        reached(Said, address=address) as here,
        refused(SettingsError, "tcp://127.0.0.1:PORT", "file:FOLDER"),
    ):
        here.provider.page(EURUSD, M5, LATELY, NOW)


def test_without_address_and_package_both_ways_are_named(said: Reached) -> None:
    made = adapter.MetaTrader5(replace(said.provider.access, address=None))

    with refused(SettingsError, "EURUSD 1h", "pip install MetaTrader5", "AssayBridge.mq5", "tcp:"):
        made.page(EURUSD, H1, LATELY, NOW)


def test_adapters_of_one_process_share_a_port_and_programs_do_not(said: Reached) -> None:
    check_last_days(said)
    second = adapter.MetaTrader5(said.provider.access)
    page = second.page(EURUSD, M5, LATELY, NOW)

    assert len(page.bars)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        access = replace(said.provider.access, address=f"tcp://127.0.0.1:{port}")
        with refused(SettingsError, str(port), "another port"):
            adapter.MetaTrader5(access).page(EURUSD, M5, LATELY, NOW)


def test_the_token_is_on_no_line() -> None:
    lines: list[bytes] = []

    class Listening(Said):
        def speak(self, line: bytes) -> tuple[bytes, Reply]:
            answer, reply = super().speak(line)
            lines.extend([line, answer])
            return answer, reply

    with reached(Listening, {"token": "sesame"}) as here:
        terminal(here).token = "sesame"
        check_last_days(here)
        assert here.provider.access.secrets["token"] == Secret("sesame")

    assert len(lines) == 2
    assert not any(b"sesame" in line for line in lines)
