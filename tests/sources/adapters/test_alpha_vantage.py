"""What Alpha Vantage does that no other provider does."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.errors import (
    CredentialError,
    DataError,
    NotFoundError,
    QuotaError,
    RefusedError,
    TransientError,
)
from assay.core.instruments import defined, equity, instrument
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.alpha_vantage import AlphaVantage as Adapter
from assay.sources.adapters.alpha_vantage import parsed
from assay.sources.provider import Cache
from assay.store.answers import Answers
from tests.doubles import faults
from tests.doubles.alpha_vantage import AlphaVantage, burst
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.reach import Reached, reached
from tests.doubles.server import GOOD_KEY, Reply, Row, Spoiler

DAY = timedelta(days=1)
OCTOBER_ENDS = datetime(2026, 11, 1, 4, tzinfo=UTC)
"""The midnight of New York, in summer time for two more hours."""
AAPL, EURUSD = known("AAPL"), known("EURUSD")


@dataclass
class Shelf:
    """A `Cache` in which tests look."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        return self.kept.get(key)

    def put(self, key: str, content: bytes) -> None:
        """See `Cache.put`."""
        self.kept[key] = content


class StampedAtTheEnd(AlphaVantage):
    """It tells the end of a minute where it was the start so far."""

    def rows(self, symbol: str, timeframe: Timeframe) -> list[Row]:
        """See `Double.rows`."""
        shift = timeframe.minutes * 60_000_000 if timeframe.is_intraday else 0
        rows = super().rows(symbol, timeframe)
        return [row._replace(opened=row.opened + shift) for row in rows]


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(AlphaVantage) as found:
        yield found


@pytest.fixture
def double(here: Reached) -> AlphaVantage:
    assert isinstance(here.double, AlphaVantage)
    return here.double


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


def with_cache(here: Reached, cache: Cache) -> Adapter:
    """Return another adapter of the same double that keeps answers in `cache`."""
    return Adapter(replace(here.provider.access, cache=cache))


def answered(here: Reached, body: object) -> None:
    """Let the double answer with `body` from now on."""
    here.double.always = lambda _: Reply(json.dumps(body).encode())


def months(here: Reached) -> list[str]:
    """Return the months that were asked for."""
    return [question.query["month"] for question in here.double.asked]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (equity("AAPL"), "AAPL"),
        (instrument("USDJPY"), "USD/JPY"),
        (defined("BTCUSD", AssetClass.CRYPTO), "BTC/USD"),
        (instrument("BTCUSDT"), "BTC/USDT"),
        (defined("BTCUSDT.P", AssetClass.CRYPTO), "BTCUSDT.P"),
    ],
)
def test_names_are_those_of_alpha_vantage(here: Reached, ours: Instrument, theirs: str) -> None:
    assert here.provider.symbol(ours) == theirs


def test_a_share_whose_currency_nobody_tells_is_refused(here: Reached) -> None:
    with pytest.raises(NotFoundError, match=r"in which currency .* \[providers.alpha_vantage"):
        here.provider.page(equity("VOD", "XLON", "GBP"), Timeframe.D1, NOW - 9 * DAY, NOW)


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_a_coin_in_another_money_is_not_taken_for_dollars(here: Reached, symbol: str) -> None:
    with pytest.raises(NotFoundError, match=symbol):
        here.provider.page(known(symbol), Timeframe.D1, NOW - 9 * DAY, NOW)


def test_minutes_are_asked_for_a_month_at_a_time_as_they_were_traded(here: Reached) -> None:
    found = here.provider.bars(AAPL, Timeframe.M5, BEGAN, NOW)

    assert_frame_equal(found.bars.frame, here.double.truth("AAPL", Timeframe.M5, BEGAN, NOW))
    assert months(here) == ["2026-10", "2026-11"]
    assert here.provider.calls(AAPL, Timeframe.M5, BEGAN, NOW) == 2
    (asked, _) = here.double.asked
    assert asked.query["adjusted"] == asked.query["extended_hours"] == "false"


def test_where_nothing_closed_nothing_is_asked(here: Reached) -> None:
    saturday = datetime(2026, 11, 14, 12, tzinfo=UTC)

    minutes = here.provider.page(AAPL, Timeframe.M1, saturday, saturday + DAY)
    days = here.provider.page(AAPL, Timeframe.D1, saturday, saturday + DAY)
    today = here.provider.page(AAPL, Timeframe.D1, NOW - timedelta(hours=3), NOW + DAY)

    assert not here.double.asked
    assert minutes.through == days.through == saturday + DAY
    assert (today.through, today.current) == (NOW, True)


def test_a_month_that_is_over_is_asked_for_once_for_ever(here: Reached) -> None:
    shelf = Shelf()

    first = with_cache(here, shelf).bars(AAPL, Timeframe.M5, BEGAN, NOW)
    again = with_cache(here, shelf).bars(AAPL, Timeframe.M5, BEGAN, NOW)

    assert months(here) == ["2026-10", "2026-11", "2026-11"]
    assert_frame_equal(first.bars.frame, again.bars.frame)
    (content,) = shelf.kept.values()
    (key,) = shelf.kept
    assert content == here.double.reply(here.double.asked[0]).body
    assert GOOD_KEY not in key
    assert here.address in key


def test_part_of_a_month_keeps_all_of_it(here: Reached) -> None:
    shelf = Shelf()
    start = OCTOBER_ENDS - 3 * DAY

    with_cache(here, shelf).page(AAPL, Timeframe.M5, start, start + DAY)
    page = with_cache(here, shelf).page(AAPL, Timeframe.M5, BEGAN, start)

    assert len(here.double.asked) == 1
    assert_frame_equal(page.bars.frame, here.double.truth("AAPL", Timeframe.M5, BEGAN, start))


@pytest.mark.parametrize(
    ("moment", "is_kept"),
    [
        (OCTOBER_ENDS - DAY, False),
        (OCTOBER_ENDS + timedelta(hours=20), False),
        (OCTOBER_ENDS + timedelta(hours=25), True),
    ],
)
def test_a_month_is_kept_when_it_has_settled(
    here: Reached, moment: datetime, *, is_kept: bool
) -> None:
    here.double.clock = here.hands.at = moment
    shelf = Shelf()

    with_cache(here, shelf).page(AAPL, Timeframe.M5, BEGAN, moment)

    assert bool(shelf.kept) == is_kept


def without_the_last_days(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.opened < rows[0].opened - 3 * 86_400_000_000]


@pytest.mark.parametrize(
    "spoil",
    [without_the_last_days, faults.none, faults.twice, faults.contradicting(7)],
    ids=["short", "empty", "twice", "contradicting"],
)
def test_an_answer_with_a_fault_is_not_kept(here: Reached, spoil: Spoiler) -> None:
    here.double.spoil = spoil
    shelf = Shelf()

    with_cache(here, shelf).page(AAPL, Timeframe.M5, BEGAN, OCTOBER_ENDS)
    with_cache(here, shelf).page(EURUSD, Timeframe.D1, BEGAN, NOW)

    assert not shelf.kept


def test_a_row_that_cannot_be_read_keeps_the_answer_off_the_shelf(here: Reached) -> None:
    here.double.damage = faults.wrong("1. open", "?", every=400)
    shelf = Shelf()

    page = with_cache(here, shelf).page(AAPL, Timeframe.M5, BEGAN, OCTOBER_ENDS)

    assert {note.code for note in page.notes} == {"unreadable_row"}
    assert not shelf.kept


@pytest.mark.parametrize("symbol", ["AAPL", "EURUSD", "BTCUSD"])
def test_days_are_asked_for_again_when_a_further_one_has_closed(here: Reached, symbol: str) -> None:
    shelf = Shelf()
    start = NOW - 20 * DAY

    first = with_cache(here, shelf).page(known(symbol), Timeframe.D1, start, NOW)
    again = with_cache(here, shelf).page(known(symbol), Timeframe.D1, start, NOW)
    here.double.clock = here.hands.at = NOW + DAY
    with_cache(here, shelf).page(known(symbol), Timeframe.D1, start, NOW + DAY)

    assert len(here.double.asked) == 2
    assert first.bars.frame.equals(again.bars.frame)


def test_kept_on_disk_an_answer_is_there_for_the_next_process(
    here: Reached, tmp_path: Path
) -> None:
    with_cache(here, Answers(tmp_path)).page(AAPL, Timeframe.M15, BEGAN, OCTOBER_ENDS)

    page = with_cache(here, Answers(tmp_path)).page(AAPL, Timeframe.M15, BEGAN, OCTOBER_ENDS)

    assert len(here.double.asked) == 1
    want = here.double.truth("AAPL", Timeframe.M15, BEGAN, OCTOBER_ENDS)
    assert_frame_equal(page.bars.frame, want)
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert GOOD_KEY.encode() not in held


def test_a_month_without_trades_of_a_known_share_is_empty(here: Reached) -> None:
    start = BEGAN - 60 * DAY

    page = here.provider.page(AAPL, Timeframe.M5, start, NOW)

    assert len(page.bars) == 0
    assert page.through == datetime(2026, 9, 1, 4, tzinfo=UTC)
    assert [one.query["function"] for one in here.double.asked] == [
        "TIME_SERIES_INTRADAY",
        "SYMBOL_SEARCH",
    ]


def test_a_day_of_currencies_is_stamped_when_it_is_over_and_says_so(here: Reached) -> None:
    page = here.provider.page(EURUSD, Timeframe.D1, BEGAN, NOW)

    assert [note.code for note in page.notes] == ["other_day"]
    assert "midnight UTC" in page.notes[0].sentence
    assert_frame_equal(page.bars.frame, here.double.truth("EURUSD", Timeframe.D1, BEGAN, NOW))
    assert page.bars.last_time == datetime(2026, 11, 19, 22, tzinfo=UTC)


def test_a_short_history_is_asked_for_in_the_small_size(here: Reached) -> None:
    here.provider.page(AAPL, Timeframe.D1, NOW - 60 * DAY, NOW)
    here.provider.page(AAPL, Timeframe.D1, NOW - 600 * DAY, NOW)

    assert [one.query["outputsize"] for one in here.double.asked] == ["compact", "full"]


def test_a_small_plan_gives_a_hundred_days_and_says_so(here: Reached, double: AlphaVantage) -> None:
    double.premium = False
    start = NOW - 900 * DAY

    page = here.provider.page(AAPL, Timeframe.D1, start, NOW)
    more = here.provider.page(EURUSD, Timeframe.D1, start, NOW)

    assert [note.code for note in page.notes] == ["plan"]
    assert [note.code for note in more.notes] == ["plan", "other_day"]
    assert_frame_equal(page.bars.frame, double.truth("AAPL", Timeframe.D1, start, NOW))
    assert [one.query["outputsize"] for one in double.asked] == ["full", "compact", "compact"]


def test_a_wrong_key_is_no_small_plan() -> None:
    with reached(AlphaVantage, {"key": "wrong-key-0815"}) as here:
        with pytest.raises(CredentialError, match="ASSAY_ALPHA_VANTAGE_key"):
            here.provider.page(AAPL, Timeframe.D1, NOW - 900 * DAY, NOW)

        assert len(here.double.asked) == 1


def test_minutes_are_refused_with_the_words_of_the_provider_where_the_plan_has_none(
    here: Reached, double: AlphaVantage
) -> None:
    double.premium = False

    with pytest.raises(RefusedError, match=r"plan does not include .* premium end") as caught:
        here.provider.page(AAPL, Timeframe.M1, NOW - DAY, NOW)

    assert not isinstance(caught.value, CredentialError)
    assert len(double.asked) == 1


def test_a_used_up_day_ends_at_midnight_in_new_york_for_everybody(
    here: Reached, double: AlphaVantage
) -> None:
    double.left = 0

    with pytest.raises(QuotaError, match="25 requests per day") as caught:
        here.provider.page(AAPL, Timeframe.D1, NOW - 9 * DAY, NOW)

    until = NOW + timedelta(seconds=caught.value.retry_after)
    assert until == datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert here.hands.paused == [caught.value.retry_after]
    assert GOOD_KEY not in str(caught.value)
    assert len(double.asked) == 1


def test_two_questions_within_a_second_are_no_used_up_day(here: Reached) -> None:
    here.double.faults.append(burst)

    page = here.provider.page(AAPL, Timeframe.D1, NOW - 9 * DAY, NOW)

    assert len(page.bars) == 7
    assert len(here.double.asked) == 2


REFUSALS: list[tuple[str, str, type[Exception]]] = [
    (
        "Note",
        "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute "
        "and 500 calls per day.",
        TransientError,
    ),
    ("Information", "The **demo** API key is for demo purposes only.", CredentialError),
    ("Error Message", "This API function (FX) does not exist.", RefusedError),
    ("Information", "Something that was never said before.", RefusedError),
]


@pytest.mark.parametrize(("name", "said", "kind"), REFUSALS, ids=[one[1][:30] for one in REFUSALS])
def test_a_refusal_with_status_200_is_of_its_kind_and_keeps_its_words(
    here: Reached, name: str, said: str, kind: type[Exception]
) -> None:
    answered(here, {name: said})

    with pytest.raises(kind) as caught:
        here.provider.page(AAPL, Timeframe.D1, NOW - 9 * DAY, NOW)

    assert type(caught.value) is kind
    assert said.rstrip(".") in str(caught.value)
    assert str(caught.value).startswith("Alpha Vantage")


@pytest.mark.parametrize(
    ("zone", "asked"),
    [
        ("UTC", (AAPL, Timeframe.M5)),
        ("UTC", (AAPL, Timeframe.D1)),
        ("GMT+8", (EURUSD, Timeframe.D1)),
        ("US/Eastern", (known("BTCUSD"), Timeframe.D1)),
    ],
)
def test_times_of_another_zone_than_documented_are_refused(
    here: Reached, double: AlphaVantage, zone: str, asked: tuple[Instrument, Timeframe]
) -> None:
    double.says_zone = zone

    with pytest.raises(DataError, match="says its times are of"):
        here.provider.page(*asked, NOW - 9 * DAY, NOW)


def test_bars_stamped_at_their_end_are_refused() -> None:
    with (
        reached(StampedAtTheEnd) as here,
        pytest.raises(DataError, match="stamps bars of AAPL at their end"),
    ):
        here.provider.page(AAPL, Timeframe.M5, BEGAN, OCTOBER_ENDS)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b'"AAPL"', b'"MSFT"'),
        lambda body: body.replace(b'"5min"', b'"1min"'),
    ],
    ids=["share", "interval"],
)
def test_an_answer_to_another_question_is_refused(
    here: Reached, change: Callable[[bytes], bytes]
) -> None:
    here.double.always = lambda reply: replace(reply, body=change(reply.body))

    with pytest.raises(DataError, match="asked for AAPL 5min and answered for something else"):
        here.provider.page(AAPL, Timeframe.M5, NOW - DAY, NOW)


def test_a_name_that_comes_twice_in_json_is_not_lost() -> None:
    assert parsed(b'{"a": {"b": 1}, "c": 2}') == {"a": {"b": 1}, "c": 2}
    assert parsed(b'{"a": 1, "a": 2}') == [("a", 1), ("a", 2)]


def test_the_key_is_a_parameter_and_nothing_else(here: Reached) -> None:
    here.provider.page(AAPL, Timeframe.D1, NOW - 9 * DAY, NOW)

    (asked,) = here.double.asked
    assert asked.query["apikey"] == GOOD_KEY
    assert GOOD_KEY not in " ".join(asked.headers.values())
