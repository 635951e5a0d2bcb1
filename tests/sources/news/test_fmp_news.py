"""What is Financial Modeling Prep's own: New York's clock, numbered pages, plans, allowances."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assay.core.errors import CredentialError, QuotaError, RefusedError
from tests.doubles.fmp_news import EXAMPLE, FmpNews
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.newsdesk import NewsReached, news_reached, published, said
from tests.doubles.server import GOOD_KEY, Question, Reply


@pytest.fixture
def here() -> Iterator[NewsReached]:
    with news_reached(FmpNews) as found:
        yield found


def test_the_double_writes_stories_as_the_document_does() -> None:
    query = {"symbols": "AAPL", "limit": "5"}

    told = json.loads(
        FmpNews().reply(Question("GET", "/stable/news/stock", query, {"apikey": GOOD_KEY})).body
    )

    assert told[0].keys() == EXAMPLE[0].keys()
    assert len(told[0]["publishedDate"]) == len(EXAMPLE[0]["publishedDate"])


def test_each_kind_has_a_place_of_its_own(here: NewsReached) -> None:
    subjects = [known(name) for name in ("AAPL", "EURUSD", "XAUUSD", "BTCUSDT", "BTCUSD", "SPX")]

    assert here.provider.questions(subjects) == (
        "stock AAPL",
        "forex EURUSD",
        "forex XAUUSD",
        "crypto BTCUSD",
        "general-latest",
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-10-31 23:59:59", datetime(2026, 11, 1, 3, 59, 59, tzinfo=UTC)),
        ("2026-11-01 01:30:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),  # it comes twice
        ("2026-11-01 02:00:00", datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
        ("2026-03-08 02:30:00", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # it is skipped
        ("2026-07-01 16:05:00", datetime(2026, 7, 1, 20, 5, tzinfo=UTC)),
        ("2026-01-14", datetime(2026, 1, 15, 5, 0, tzinfo=UTC)),  # a day is its end
    ],
)
def test_its_times_are_new_yorks_and_the_later_of_two(
    here: NewsReached, written: str, meant: datetime
) -> None:
    rows = [{**EXAMPLE[0], "publishedDate": written}]
    here.double.always = lambda _: said(rows)

    page = here.provider.page("stock AAPL", meant - timedelta(hours=2), meant + timedelta(hours=2))

    assert [one.published_at for one in page.dispatches] == [meant]


def test_no_story_is_earlier_than_it_was(here: NewsReached) -> None:
    real = {one.url: one.published_at for one in published()}

    found = [one for symbol in here.double.subjects for one in here.on(symbol, BEGAN)]

    late = [one for one in found if one.published_at > real[one.name]]
    assert all(one.published_at >= real[one.name] for one in found)
    assert {one.published_at - real[one.name] for one in late} == {timedelta(hours=1)}
    assert {f"{real[one.name]:%m-%d %H}" for one in late} == {"11-01 05"}


def test_pages_are_asked_for_until_one_reaches_back_to_the_start(here: NewsReached) -> None:
    here.double.most = 4
    start = NOW - timedelta(days=20)

    page = here.provider.page("stock AAPL", start, NOW)

    assert list(page.dispatches) == here.double.truth("AAPL", start, NOW)
    numbers = [int(one.query["page"]) for one in here.double.asked]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 4
    assert {one.query["limit"] for one in here.double.asked} == {"250"}


def test_a_story_of_several_symbols_is_one_with_all_of_them(here: NewsReached) -> None:
    row: dict[str, Any] = {**EXAMPLE[0], "publishedDate": "2026-11-18 10:00:00"}
    here.double.always = lambda _: said([row, {**row, "symbol": "MSFT"}])

    page = here.provider.page("stock AAPL", NOW - timedelta(days=3), NOW)

    assert [one.tickers for one in page.dispatches] == [("AAPL", "MSFT")]


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (401, "Invalid API KEY. Please retry", CredentialError),
        (429, "Limit Reach . Please upgrade your plan", QuotaError),
        (200, "Limit Reach . Please upgrade your plan", QuotaError),
        (402, "Exclusive Endpoint : not available under your plan", RefusedError),
        (403, "Special Endpoint : not available under your plan", RefusedError),
    ],
)
def test_what_it_refuses_is_said_in_its_words(
    here: NewsReached, status: int, words: str, kind: type[Exception]
) -> None:
    here.double.always = lambda _: said({"Error Message": words}, status)

    with pytest.raises(kind, match=words[:12]) as caught:
        here.provider.page("stock AAPL", BEGAN, NOW)

    assert type(caught.value) is kind
    assert len(here.double.asked) == 1


def test_a_refusal_that_is_no_json_is_said_too(here: NewsReached) -> None:
    words = b"Premium Query Parameter: not available under your current subscription"
    here.double.always = lambda _: Reply(words, 402, {"Content-Type": "text/plain"})

    with pytest.raises(RefusedError, match="Premium Query Parameter"):
        here.provider.page("stock AAPL", BEGAN, NOW)
