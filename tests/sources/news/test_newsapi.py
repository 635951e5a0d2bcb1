"""What is News API's own: words, a day's delay, a hundred results, plans."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from assay.core.errors import (
    CredentialError,
    DataError,
    QuotaError,
    RefusedError,
)
from assay.core.instruments import FX_PAIRS, equity, instrument
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.newsapi import EXAMPLE, LATE, Newsapi, matches
from tests.doubles.newsdesk import BURST, NewsReached, news_reached, said
from tests.doubles.server import GOOD_KEY, Question

MONTH_AGO = NOW - timedelta(days=29)


@pytest.fixture
def here() -> Iterator[NewsReached]:
    with news_reached(Newsapi) as found:
        yield found


def test_the_double_writes_stories_as_the_document_does() -> None:
    question = Question("GET", "/v2/everything", {"q": "AAPL"}, {"x-api-key": GOOD_KEY})

    told = json.loads(Newsapi().reply(question).body)

    assert told.keys() == EXAMPLE.keys()
    articles = EXAMPLE["articles"]
    assert isinstance(articles, list)
    assert told["articles"][0].keys() == articles[0].keys()
    assert told["articles"][0]["source"].keys() == articles[0]["source"].keys()


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ("EURUSD", '"EUR/USD" OR "EURUSD" OR ("euro" AND "dollar")'),
        ("XAUUSD", '"gold price" OR "XAU"'),
        ("BTCUSDT", '"bitcoin" OR "BTC"'),
        ("AAPL", '"AAPL"'),
    ],
)
def test_a_question_is_the_words_that_name_an_instrument(
    here: NewsReached, symbol: str, words: str
) -> None:
    assert here.provider.questions([known(symbol)]) == (words,)


@pytest.mark.parametrize("symbol", FX_PAIRS)
def test_every_known_pair_has_words_that_find_it(here: NewsReached, symbol: str) -> None:
    pair = instrument(symbol)

    (words,) = here.provider.questions([pair])

    assert matches(words, f"Why {pair.base}/{pair.quote} fell")
    assert not matches(words, "Why shares fell")


def test_what_a_person_calls_an_instrument_replaces_our_words(here: NewsReached) -> None:
    names = {"AAPL": 'Apple Inc, "iPhone" OR Android \\', "GONE": " , "}
    access = replace(here.provider.access, symbols=names)
    with closing(type(here.provider)(access)) as provider:
        asked = provider.questions([equity("AAPL"), equity("GONE")])

    assert asked == ('"Apple Inc" OR "iPhone OR Android"', '"GONE"')


def test_what_is_younger_than_a_day_is_left_for_later(here: NewsReached) -> None:
    page = here.provider.page('"AAPL"', NOW - timedelta(days=3), NOW)

    assert page.through == NOW - LATE
    assert page.current


def test_a_plan_that_is_not_late_is_believed(here: NewsReached) -> None:
    assert isinstance(here.double, Newsapi)
    here.double.paid = True
    start = NOW - timedelta(days=6)

    page = here.provider.page('"AAPL"', start, NOW)

    want = here.double.truth("AAPL", start, NOW)
    assert list(page.dispatches) == want
    assert page.through == want[-1].published_at > NOW - LATE


def test_the_hundredth_result_is_gone_round_by_time(here: NewsReached) -> None:
    here.double.most = 13

    page = here.provider.page('"AAPL"', BURST - timedelta(days=5), NOW)

    assert list(page.dispatches) == here.double.truth(
        "AAPL", BURST - timedelta(days=5), page.through
    )
    assert not page.notes
    assert {one.query["page"] for one in here.double.asked} == {"1"}
    ends = [one.query["to"] for one in here.double.asked]
    assert len(ends) > 1
    assert ends == sorted(set(ends), reverse=True)


def test_more_of_one_second_than_are_shown_are_said_to_be_lost(here: NewsReached) -> None:
    here.double.most = 5
    start = BURST - timedelta(days=5)

    page = here.provider.page('"AAPL"', start, NOW)

    names = {one.name for one in page.dispatches}
    lost = [one for one in here.double.truth("AAPL", start, page.through) if one.name not in names]
    assert {one.published_at for one in lost} == {BURST}
    assert len(lost) == 7
    assert [note.code for note in page.notes] == ["cut"]


def test_a_story_that_was_taken_back_is_no_story(here: NewsReached) -> None:
    def damage(row: dict[str, object]) -> dict[str, object]:
        taken = {"title": "[Removed]", "publishedAt": "1970-01-01T00:00:00Z"}
        return {**row, **taken} if str(row["url"]).endswith(("1", "3")) else row

    here.double.damage = damage

    page = here.provider.page('"AAPL"', BURST - timedelta(days=5), NOW)

    assert page.dispatches
    assert not page.notes
    assert not any(one.name.endswith(("1", "3")) for one in page.dispatches)


def test_words_that_everything_has_are_refused(here: NewsReached) -> None:
    article = {"title": "Words", "url": "https://news.example/1", "source": None}
    moments = iter(range(1, 10_000))

    def endless(_: object) -> object:
        at = NOW - timedelta(days=2, seconds=next(moments))
        row = {**article, "publishedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        return said({"status": "ok", "totalResults": 10**6, "articles": [row]})

    here.double.always = endless  # type: ignore[assignment]

    with pytest.raises(DataError, match=r"News API has more than 10,000 stories a week"):
        here.provider.page('"the"', NOW - timedelta(days=7), NOW)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "apiKeyInvalid", CredentialError),
        (401, "apiKeyDisabled", CredentialError),
        (401, "apiKeyMissing", CredentialError),
        (429, "rateLimited", QuotaError),
        (429, "apiKeyExhausted", QuotaError),
        (426, "maximumResultsReached", RefusedError),
        (426, "parameterInvalid", RefusedError),
        (400, "parametersMissing", RefusedError),
    ],
)
def test_its_codes_are_told_apart(
    here: NewsReached, status: int, code: str, kind: type[Exception]
) -> None:
    body = {"status": "error", "code": code, "message": "Words of theirs."}
    here.double.always = lambda _: said(body, status)

    with pytest.raises(kind, match="Words of theirs") as caught:
        here.provider.page('"AAPL"', MONTH_AGO, NOW)

    assert type(caught.value) is kind
    assert len(here.double.asked) == 1
    if isinstance(caught.value, QuotaError):
        assert caught.value.retry_after == 43_200.0
        assert here.hands.paused == [43_200.0]


def test_further_back_than_a_month_is_refused_with_how_far_it_goes(here: NewsReached) -> None:
    with pytest.raises(RefusedError, match="too far in the past"):
        here.provider.page('"AAPL"', BEGAN, NOW)
