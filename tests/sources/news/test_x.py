"""Posts of X: a week of them, each once, and a sentence for who has no key."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import stamina

from assay.core.errors import CredentialError, QuotaError, RefusedError, TransientError
from assay.sources.newsroom import NewsPage
from assay.sources.wire.http import ATTEMPTS
from tests.doubles.market import NOW, known
from tests.doubles.newsdesk import Item, NewsReached, news_reached, published, said
from tests.doubles.x import X

QUESTION = "$AAPL lang:en -is:retweet"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def here() -> Iterator[NewsReached]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    with news_reached(X) as found:
        yield found
    stamina.set_testing(False)


def test_every_instrument_is_asked_about_by_its_cashtag(here: NewsReached) -> None:
    subjects = [known(name) for name in ("AAPL", "BTCUSDT", "BTCUSD", "EURUSD", "XAUUSD")]

    asked = here.provider.questions(subjects)

    assert [one.split()[0] for one in asked] == ["$AAPL", "$BTC", "$EURUSD", "$XAUUSD"]


@pytest.mark.parametrize("called", ["GOLD", "$GOLD"])
def test_a_person_may_name_another_tag(here: NewsReached, called: str) -> None:
    provider = type(here.provider)(replace(here.provider.access, symbols={"XAUUSD": called}))

    assert provider.questions([known("XAUUSD")]) == ("$GOLD lang:en -is:retweet",)


def test_without_a_key_the_way_of_files_is_named() -> None:
    with news_reached(X, {}) as here, pytest.raises(CredentialError) as caught:
        here.provider.page(QUESTION, NOW - DAY, NOW)

    assert "ASSAY_X_key" in str(caught.value)
    assert "assay news import FILE" in str(caught.value)


def test_of_a_storm_of_one_second_no_post_is_lost_over_pages(here: NewsReached) -> None:
    first, storm = published()[0], NOW - 3 * MINUTE
    posts = [replace(first, number=number, published_at=storm) for number in range(1, 251)]

    def spoil(items: list[Item]) -> list[Item]:
        return [*posts, *items]

    here.double.spoil = spoil

    page = here.provider.page(QUESTION, NOW - 10 * MINUTE, NOW)

    names = [one.name for one in page.dispatches if one.published_at == storm]
    assert sorted(names, key=int) == [str(number) for number in range(1, 251)]


def test_a_tag_that_everybody_uses_is_read_in_shorter_spans_and_whole(here: NewsReached) -> None:
    first = published()[0]
    posts = [
        replace(first, number=number, published_at=NOW - timedelta(seconds=40 + 90 * number))
        for number in range(1, 3_001)
    ]
    here.double.spoil = lambda items: posts

    pages: list[NewsPage] = []
    at = NOW - 6 * DAY
    while not pages or not pages[-1].current:
        pages.append(here.provider.page(QUESTION, at, NOW))
        at = pages[-1].through

    told = [one.name for page in pages for one in page.dispatches]
    assert sorted(told, key=int) == [str(one.number) for one in posts]
    assert max(len(page.dispatches) for page in pages) <= 1_000
    assert len(here.double.asked) < 10 + 3_000 / 100 + 2 * len(pages)


def test_more_than_a_week_is_not_asked_for(here: NewsReached) -> None:
    here.provider.page(QUESTION, NOW - 30 * DAY, NOW)

    assert here.double.asked[0].query["start_time"] == "2026-11-13T15:08:30Z"


def test_what_is_younger_than_half_a_minute_is_told_by_the_next_question(here: NewsReached) -> None:
    here.double.clock = here.hands.at = NOW - 9 * MINUTE + timedelta(seconds=10)
    early = here.provider.page(QUESTION, NOW - DAY, NOW)
    here.double.clock = here.hands.at = NOW - 8 * MINUTE

    late = here.provider.page(QUESTION, early.through, NOW)

    assert early.current
    assert NOW - 9 * MINUTE not in {one.published_at for one in early.dispatches}
    assert [one.published_at for one in late.dispatches] == [NOW - 9 * MINUTE]


def test_an_edited_post_is_told_under_the_name_of_the_first(here: NewsReached) -> None:
    here.double.damage = lambda row: row | {"edit_history_tweet_ids": ["17", row["id"]]}

    page = here.provider.page(QUESTION, NOW - DAY, NOW)

    assert {one.name for one in page.dispatches} == {"17"}
    assert all(one.url.rpartition("/")[2] != "17" for one in page.dispatches)


def test_too_many_questions_wait_for_the_reset_that_x_names(here: NewsReached) -> None:
    reset = int(NOW.timestamp()) + 77
    headers = {"x-rate-limit-reset": str(reset)}
    here.double.faults.append(lambda _: said({"title": "Too Many Requests"}, 429, headers))

    here.provider.page(QUESTION, NOW - DAY, NOW)

    assert here.hands.slept == [pytest.approx(77.5, abs=1.0)]


@pytest.mark.parametrize(
    ("status", "title", "error"),
    [
        (403, "Client Forbidden", RefusedError),
        (402, "CreditsDepleted", RefusedError),
        (429, "UsageCapExceeded", QuotaError),
        (503, "Service Unavailable", TransientError),
    ],
)
def test_what_x_says_is_wrong_is_said_for_what_it_is(
    here: NewsReached, status: int, title: str, error: type[Exception]
) -> None:
    here.double.always = lambda _: said({"title": title, "detail": "not today"}, status)

    with pytest.raises(error, match=r"^X") as caught:
        here.provider.page(QUESTION, NOW - DAY, NOW)

    assert not isinstance(caught.value, CredentialError)
