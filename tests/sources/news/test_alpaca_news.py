"""What is Alpaca's own: tokens within a second, one question a symbol, plans."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from assay.core.errors import DataError, NotFoundError, RefusedError
from tests.doubles.alpaca_news import EXAMPLE, AlpacaNews
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.newsdesk import BURST, NewsReached, news_reached, said
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Question

KEYS = {"apca-api-key-id": GOOD_KEY, "apca-api-secret-key": GOOD_SECRET}


@pytest.fixture
def here() -> Iterator[NewsReached]:
    with news_reached(AlpacaNews) as found:
        yield found


def test_the_double_writes_stories_as_the_document_does() -> None:
    query = {"symbols": "AAPL", "start": "2026-10-12", "limit": "2"}

    told = json.loads(AlpacaNews().reply(Question("GET", "/v1beta1/news", query, KEYS)).body)

    assert told.keys() == EXAMPLE.keys()
    row, example = told["news"][0], EXAMPLE["news"][0]
    assert isinstance(example, dict)
    assert row.keys() == example.keys()
    assert {name: type(value) for name, value in row.items()} == {
        name: type(value) for name, value in example.items()
    }


def test_a_symbol_is_a_question_and_what_has_no_news_of_its_own_is_none(here: NewsReached) -> None:
    subjects = [known(name) for name in ("AAPL", "BTCUSDT", "BTCUSD", "EURUSD", "XAUUSD", "SPX")]

    assert here.provider.questions(subjects) == ("AAPL", "BTCUSD")


def test_within_a_second_tokens_lead_on_until_it_is_whole(here: NewsReached) -> None:
    here.double.most = 3
    start = BURST - timedelta(seconds=1)

    page = here.provider.page("AAPL", start, NOW)

    assert {one.published_at for one in page.dispatches} == {BURST}
    assert len(page.dispatches) == 12
    assert BURST <= page.through < BURST + timedelta(seconds=1)
    tokens = [one.query.get("page_token") for one in here.double.asked]
    assert tokens[0] is None
    assert all(tokens[1:])
    assert len(tokens) == 5


def test_one_answer_is_enough_where_a_second_is_whole_in_it(here: NewsReached) -> None:
    here.double.most = 50

    here.provider.page("AAPL", BEGAN, NOW)

    assert len(here.double.asked) == 1


def test_a_full_answer_without_a_new_story_is_refused(here: NewsReached) -> None:
    body = {"news": [], "next_page_token": "MTY0MDk0ODkyMzAwMDAwMDAwMHwyNDg0MzE3MQ=="}
    here.double.always = lambda _: said(body)

    with pytest.raises(DataError, match=r"Alpaca news .* full page"):
        here.provider.page("AAPL", BEGAN, NOW)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (403, "subscription does not permit querying news", RefusedError),
        (400, "invalid symbol: !!", NotFoundError),
        (422, "symbol is malformed", NotFoundError),
        (400, "invalid limit", RefusedError),
    ],
)
def test_what_it_refuses_is_said_in_its_words(
    here: NewsReached, status: int, words: str, kind: type[Exception]
) -> None:
    here.double.always = lambda _: said({"message": words}, status)

    with pytest.raises(kind, match=words) as caught:
        here.provider.page("AAPL", BEGAN, NOW)

    assert type(caught.value) is kind
