"""What people post is theirs to take back, and what they change is not taken for what was."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import stamina

from assay.core.errors import CredentialError, NotFoundError, RefusedError, SettingsError
from assay.sources.news.reddit import LISTED
from assay.sources.wire.http import ATTEMPTS
from tests.doubles.market import BEGAN, NOW
from tests.doubles.newsdesk import Item, NewsReached, news_reached, published
from tests.doubles.reddit import TOKEN, Reddit
from tests.doubles.server import GOOD_SECRET, Reply

DAY = timedelta(days=1)


@pytest.fixture
def here() -> Iterator[NewsReached]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    with news_reached(Reddit) as found:
        yield found
    stamina.set_testing(False)


def double(here: NewsReached) -> Reddit:
    assert isinstance(here.double, Reddit)
    return here.double


def changed(here: NewsReached, **fields: Any) -> list[Any]:
    """Return what is told of the newest post if some fields of it are others."""
    whole = here.provider.page("r/stocks", NOW - DAY, NOW).dispatches[-1].name
    here.double.damage = lambda row: row | fields if row["name"] == whole else row
    page = here.provider.page("r/stocks", NOW - DAY, NOW)
    return [one for one in page.dispatches if one.name == whole]


@pytest.mark.parametrize(
    "fields",
    [
        {"removed_by_category": "moderator"},
        {"removed_by_category": "deleted", "author": "[deleted]"},
        {"author": "[deleted]"},
        {"title": "[deleted by user]"},
        {"title": "[ Removed by Reddit ]"},
    ],
    ids=str,
)
def test_a_post_that_was_taken_back_is_left_out(here: NewsReached, fields: dict[str, Any]) -> None:
    assert changed(here, **fields) == []


def test_the_text_of_an_edited_post_is_left_out_and_its_title_is_not(here: NewsReached) -> None:
    (story,) = changed(here, edited=(NOW - timedelta(minutes=1)).timestamp())

    assert story.summary == ""
    assert story.headline
    assert story.worded_at == story.published_at


@pytest.mark.parametrize("text", ["[removed]", "[deleted]"])
def test_a_text_that_was_removed_is_no_text(here: NewsReached, text: str) -> None:
    (story,) = changed(here, selftext=text)

    assert story.summary == ""


def test_a_token_is_asked_for_once_an_hour(here: NewsReached) -> None:
    for _ in range(3):
        here.provider.page("r/stocks", NOW - DAY, NOW)
    before = [one.method for one in here.double.asked].count("POST")
    here.hands.at += timedelta(minutes=59, seconds=30)
    here.provider.page("r/stocks", NOW - DAY, NOW)

    assert before == 1
    assert [one.method for one in here.double.asked].count("POST") == 2
    assert here.double.asked[0].body == b"grant_type=client_credentials"


def test_a_token_that_was_taken_back_is_replaced_once(here: NewsReached) -> None:
    here.provider.page("r/stocks", NOW - DAY, NOW)
    double(here).tokens = {"another-token"}

    assert here.provider.page("r/stocks", NOW - DAY, NOW).dispatches


def test_a_key_that_no_token_helps_is_refused(here: NewsReached) -> None:
    here.double.always = lambda reply: (
        replace(reply, status=401) if b"Listing" in reply.body else reply
    )

    with pytest.raises(CredentialError, match="ASSAY_REDDIT_key and ASSAY_REDDIT_secret"):
        here.provider.page("r/stocks", NOW - DAY, NOW)

    assert [one.method for one in here.double.asked] == ["POST", "GET", "POST", "GET"]


def test_neither_token_nor_secret_is_in_an_error(here: NewsReached) -> None:
    def echo(reply: Reply) -> Reply:
        if b"access_token" in reply.body:
            return reply
        return Reply(f'{{"you sent": "{TOKEN} {GOOD_SECRET}"}}'.encode(), 400)

    here.double.always = echo

    with pytest.raises(RefusedError) as caught:
        here.provider.page("r/stocks", NOW - DAY, NOW)

    assert TOKEN not in str(caught.value)
    assert GOOD_SECRET not in str(caught.value)


def test_it_rests_when_reddit_says_that_its_allowance_is_used(here: NewsReached) -> None:
    double(here).remaining = 0.0

    here.provider.page("r/stocks", NOW - DAY, NOW)

    assert here.hands.paused[0] == 600 - int(NOW.timestamp()) % 600


def test_a_group_that_is_closed_or_not_there_is_named(here: NewsReached) -> None:
    with pytest.raises(RefusedError, match="private"):
        here.provider.page("r/closed", NOW - DAY, NOW)
    with pytest.raises(NotFoundError, match="r/no_such_group"):
        here.provider.page("r/no_such_group", NOW - DAY, NOW)


def test_what_lies_behind_the_newest_thousand_is_said_to_be_lost(here: NewsReached) -> None:
    first = published()[0]
    many = [
        replace(first, number=number, published_at=NOW - timedelta(minutes=number))
        for number in range(1, 1_200)
    ]

    def flood(items: list[Item]) -> list[Item]:
        return many

    here.double.spoil, here.double.most = flood, 100

    page = here.provider.page("r/stocks", BEGAN, NOW)

    assert len(page.dispatches) == LISTED
    assert [note.code for note in page.notes] == ["begins_late"]
    assert len(here.double.asked) == 1 + 10


def test_a_group_with_few_posts_lost_none(here: NewsReached) -> None:
    assert here.provider.page("r/stocks", BEGAN - DAY, NOW).notes == ()


def test_groups_are_named_in_any_of_the_usual_ways(here: NewsReached) -> None:
    places = ("stocks", "r/stocks", "/r/stocks/", "https://www.reddit.com/r/stocks", "Forex")

    asked = type(here.provider)(replace(here.provider.access, places=places)).questions([])

    assert asked == ("r/stocks", "r/Forex")


@pytest.mark.parametrize("place", ["", "a", "r/../../api", "stocks?x=1", "two words", "stöcks"])
def test_what_names_no_group_is_refused(here: NewsReached, place: str) -> None:
    provider = type(here.provider)(replace(here.provider.access, places=(place,)))

    with pytest.raises(SettingsError, match=r"\[providers\.reddit\]"):
        provider.questions([])
