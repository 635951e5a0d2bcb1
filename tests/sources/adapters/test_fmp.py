"""What is Financial Modeling Prep's own: New York's clock, cut answers, plans, allowances."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import CredentialError, NotFoundError, QuotaError, RefusedError
from assay.core.instruments import equity
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from tests.doubles.fmp import EXAMPLE, Fmp
from tests.doubles.market import BEGAN, NOW, known, truth
from tests.doubles.reach import Reached, reached
from tests.doubles.server import GOOD_KEY, Question, Reply

WEEK_AGO = NOW - timedelta(days=7)


@pytest.fixture
def here() -> Iterator[Reached]:
    with reached(Fmp) as found:
        yield found


def saying(words: str, status: int) -> Reply:
    return Reply(json.dumps({"Error Message": words}).encode(), status)


def test_the_double_writes_bars_as_the_document_does() -> None:
    query = {"symbol": "EURUSD", "from": "2026-11-18", "to": "2026-11-18"}
    question = Question("GET", "/stable/historical-chart/1hour", query, {"apikey": GOOD_KEY})

    told = json.loads(Fmp().reply(question).body)

    assert told[0].keys() == EXAMPLE[0].keys()
    assert len(told[0]["date"]) == len("2025-07-24 12:00:00")


def test_what_an_answer_left_out_is_asked_for_until_it_is_whole(here: Reached) -> None:
    here.double.most = 30

    page = here.provider.page(known("AAPL"), Timeframe.M15, WEEK_AGO, NOW)

    assert_frame_equal(page.bars.frame, truth("AAPL", Timeframe.M15, WEEK_AGO, NOW))
    ends = [one.query["to"] for one in here.double.asked]
    assert len(ends) > 3
    assert ends == sorted(set(ends), reverse=True)


def test_a_page_holds_up_to_the_end_of_a_day_in_new_york(here: Reached) -> None:
    page = here.provider.page(known("EURUSD"), Timeframe.M5, BEGAN, NOW)

    assert f"{page.through:%Y-%m-%d %H:%M}" == "2026-10-18 04:00"


def test_a_day_of_a_share_closes_with_its_session(here: Reached) -> None:
    found = here.provider.bars(known("AAPL"), Timeframe.D1, BEGAN, NOW)

    assert {one.hour for one in found.bars.frame["time"]} == {20, 21}
    assert len(here.double.asked) == 1


@pytest.mark.parametrize("status", [200, 429])
def test_an_allowance_used_up_is_waited_for_by_the_hour(here: Reached, status: int) -> None:
    here.double.always = lambda _: saying("Limit Reach . Please upgrade your plan", status)

    with pytest.raises(QuotaError) as caught:
        here.provider.page(known("AAPL"), Timeframe.M5, WEEK_AGO, NOW)

    assert caught.value.retry_after == 6 * 3600
    assert len(here.double.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        saying("Exclusive Endpoint : This endpoint is not available under your subscription", 403),
        saying("Restricted Endpoint: not available under your current subscription", 402),
        saying("Special Endpoint : not available under your current subscription", 200),
        Reply(b"Premium Query Parameter: not available under your current subscription", 402),
    ],
    ids=["exclusive", "restricted", "special", "plain text"],
)
def test_what_a_plan_does_not_include_is_no_wrong_key(here: Reached, answer: Reply) -> None:
    here.double.always = lambda _: answer

    with pytest.raises(RefusedError, match="subscription") as caught:
        here.provider.page(known("AAPL"), Timeframe.M5, WEEK_AGO, NOW)

    assert not isinstance(caught.value, CredentialError)
    assert len(here.double.asked) == 1


def test_a_wrong_key_may_be_said_with_200(here: Reached) -> None:
    here.double.always = lambda _: saying("Invalid API KEY. Feel free to create one", 200)

    with pytest.raises(CredentialError, match="ASSAY_FMP_key"):
        here.provider.page(known("AAPL"), Timeframe.M5, WEEK_AGO, NOW)


def test_the_key_goes_in_a_header(here: Reached) -> None:
    here.provider.page(known("AAPL"), Timeframe.M5, WEEK_AGO, NOW)

    (question,) = here.double.asked
    assert set(question.query) == {"symbol", "from", "to", "nonadjusted"}


def test_the_clock_of_another_exchange_is_not_guessed(here: Reached) -> None:
    vodafone = equity("VOD", calendar="XLON", quote="GBP")

    with pytest.raises(NotFoundError, match="elsewhere than in New York"):
        here.provider.page(vodafone, Timeframe.M5, WEEK_AGO, NOW)

    assert not here.double.asked
    assert here.provider.offers(vodafone, Timeframe.D1)


def test_coins_are_not_offered(here: Reached) -> None:
    with pytest.raises(NotFoundError, match="crypto"):
        here.provider.page(known("BTCUSD"), Timeframe.H1, WEEK_AGO, NOW)

    assert AssetClass.CRYPTO not in here.provider.abilities.bars


def test_a_symbol_without_bars_is_looked_up_once(here: Reached) -> None:
    saturday = NOW - timedelta(days=6)

    for hour in range(3):
        until = saturday + timedelta(hours=1 + hour)
        assert not len(here.provider.page(known("AAPL"), Timeframe.M5, saturday, until).bars)

    paths = [one.path for one in here.double.asked]
    assert paths.count("/stable/historical-price-eod/light") == 1
