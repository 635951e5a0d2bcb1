"""What is CoinGecko's own: spans until now, candles told in part, ids, and codes of errors."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import CredentialError, NotFoundError, RefusedError
from assay.core.symbols import COINS
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.coingecko import COIN_IDS, KEYLESS
from assay.sources.adapters.coingecko import Coingecko as Provider
from assay.sources.provider import Limit
from tests.doubles.coingecko import EXAMPLE, Coingecko
from tests.doubles.market import NOW, known, truth
from tests.doubles.reach import Hands, Reached, reached
from tests.doubles.server import Question, Reply

COIN = known("BTCUSD")


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Coingecko) as found:
        yield found


def test_the_double_writes_candles_as_the_document_does() -> None:
    query = {"vs_currency": "usd", "days": "1"}

    told = json.loads(
        Coingecko().reply(Question("GET", "/api/v3/coins/bitcoin/ohlc", query, {})).body
    )

    assert len(told[0]) == len(EXAMPLE[0])
    assert {row[0] % 1_800_000 for row in [*told, *EXAMPLE]} == {0}


@pytest.mark.parametrize(("ago", "span"), [(2, "7"), (6, "7"), (7, "14"), (20, "30"), (60, "30")])
def test_the_shortest_span_is_asked_for_that_holds_the_whole(
    here: Reached, ago: int, span: str
) -> None:
    start = NOW - timedelta(days=ago)

    page = here.provider.page(COIN, Timeframe.H4, start, NOW)

    want = here.double.truth("BTCUSD", Timeframe.H4, start, NOW)
    assert_frame_equal(page.bars.frame, want)
    assert [one.query["days"] for one in here.double.asked] == [span]


def test_a_candle_that_began_before_the_span_is_not_taken(here: Reached) -> None:
    page = here.provider.page(COIN, Timeframe.M30, NOW - timedelta(days=2), NOW)

    whole = page.bars.frame["time"][0] - timedelta(minutes=30)
    assert NOW - timedelta(days=1) <= whole < NOW - timedelta(days=1) + timedelta(minutes=30)


def test_a_candle_is_taken_when_no_answer_is_older_than_it(here: Reached) -> None:
    start = NOW - timedelta(hours=5)

    page = here.provider.page(COIN, Timeframe.M30, start, NOW)

    want = truth("BTCUSD", Timeframe.M30, start, NOW - timedelta(minutes=35))
    assert page.bars.frame["low"].to_list() == want["low"].to_list()
    assert page.through == NOW - timedelta(minutes=35)
    assert page.current


def test_volume_is_nought_where_none_is_published(here: Reached) -> None:
    page = here.provider.page(COIN, Timeframe.H4, NOW - timedelta(days=3), NOW)

    assert page.bars.frame["volume"].sum() == 0.0


def test_the_ids_are_those_of_coins_that_are_known_and_each_of_one() -> None:
    assert COIN_IDS.keys() == COINS
    assert len(set(COIN_IDS.values())) == len(COIN_IDS)


@pytest.mark.parametrize("symbol", ["BTCUSD.P", "WIFUSD"])
def test_a_coin_that_is_not_known_for_sure_has_to_be_named(here: Reached, symbol: str) -> None:
    base = symbol.removesuffix(".P").removesuffix("USD")
    other = replace(COIN, symbol=symbol, base=base)

    with pytest.raises(NotFoundError, match=r"\[providers\.coingecko\.symbols\]"):
        here.provider.page(other, Timeframe.H4, NOW - timedelta(days=3), NOW)

    assert not here.double.asked


def test_a_person_names_the_coin() -> None:
    other = replace(COIN, symbol="WIFUSD", base="WIF")
    with reached(Coingecko, symbols={"WIFUSD": "bitcoin"}) as here:
        page = here.provider.page(other, Timeframe.H4, NOW - timedelta(days=3), NOW)

    assert len(page.bars)


def test_a_dollar_coin_is_not_the_dollar(here: Reached) -> None:
    with pytest.raises(RefusedError, match="USDT"):
        here.provider.page(known("BTCUSDT"), Timeframe.H4, NOW - timedelta(days=3), NOW)


def test_a_wrong_key_is_refused_and_said_where_it_is_set() -> None:
    with (
        reached(Coingecko, {"key": "wrong-key-0815"}) as here,
        pytest.raises(CredentialError, match="ASSAY_COINGECKO_key") as caught,
    ):
        here.provider.page(COIN, Timeframe.H4, NOW - timedelta(days=3), NOW)

    assert "wrong-key-0815" not in str(caught.value)


def test_without_a_key_it_is_asked_more_seldom() -> None:
    seen: list[Sequence[Limit]] = []

    class Watching(Hands):
        def take(self, name: str, limits: Sequence[Limit], cost: int) -> float:
            seen.append(limits)
            return super().take(name, limits, cost)

    with reached(Coingecko, {}) as here:
        provider = Provider(replace(here.provider.access, budget=Watching()))

        provider.page(COIN, Timeframe.H4, NOW - timedelta(days=3), NOW)

    assert seen == [KEYLESS]
    assert "x-cg-demo-api-key" not in here.double.asked[0].headers


@pytest.mark.parametrize("code", [10_005, 10_012])
def test_what_a_plan_does_not_include_is_no_wrong_key(here: Reached, code: int) -> None:
    status = {"error_code": code, "error_message": "exceeds the allowed time range"}
    body = json.dumps({"error": {"status": status}}).encode()
    here.double.always = lambda _: Reply(body, 401)

    with pytest.raises(RefusedError, match="plan") as caught:
        here.provider.page(COIN, Timeframe.H4, NOW - timedelta(days=3), NOW)

    assert not isinstance(caught.value, CredentialError)
