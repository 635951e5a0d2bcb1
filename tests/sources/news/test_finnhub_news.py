"""What is Finnhub's own: days of an unknown zone, answers cut in silence, markets of today."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assay.core.errors import RefusedError
from tests.doubles.finnhub_news import EXAMPLE, FinnhubNews
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.newsdesk import BURST, NewsReached, news_reached, said
from tests.doubles.server import GOOD_KEY, Question


@pytest.fixture
def here() -> Iterator[NewsReached]:
    with news_reached(FinnhubNews) as found:
        yield found


def test_the_double_writes_stories_as_the_document_does() -> None:
    query = {"symbol": "AAPL", "from": "2026-10-12", "to": "2026-11-20"}
    question = Question("GET", "/api/v1/company-news", query, {"x-finnhub-token": GOOD_KEY})

    told = json.loads(FinnhubNews().reply(question).body)

    assert {name: type(value) for name, value in told[0].items()} == {
        name: type(value) for name, value in EXAMPLE[0].items()
    }


def test_a_share_is_asked_for_by_name_and_all_else_by_its_market(here: NewsReached) -> None:
    subjects = [known(name) for name in ("AAPL", "EURUSD", "XAUUSD", "BTCUSDT", "ETHUSDT", "SPX")]

    assert here.provider.questions(subjects) == (
        "company AAPL",
        "market forex",
        "market crypto",
        "market general",
    )


@pytest.mark.parametrize(
    "zone", ["UTC", "America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati"]
)
def test_in_whatever_zone_its_days_are_nothing_is_missing(here: NewsReached, zone: str) -> None:
    assert isinstance(here.double, FinnhubNews)
    here.double.days = ZoneInfo(zone)
    start = datetime(2026, 10, 30, 23, 30, tzinfo=UTC)

    found = here.on("AAPL", start)

    assert found == here.double.truth("AAPL", start, NOW)


def test_a_day_that_fills_an_answer_is_said_and_the_days_before_it_come(here: NewsReached) -> None:
    here.double.most = 6

    pages = here.pages("company AAPL", BEGAN)

    names = {one.name for page in pages for one in page.dispatches}
    want = here.double.truth("AAPL", BEGAN, NOW)
    day = BURST.astimezone(ZoneInfo("America/New_York")).date()
    lost = {one.published_at.date() for one in want if one.name not in names}
    assert lost == {day}
    notes = [note for page in pages for note in page.notes]
    assert [note.code for note in notes] == ["cut"]
    assert f"{day}" in notes[0].sentence


def test_stories_of_a_market_that_are_no_longer_told_are_said_to_be_lost(
    here: NewsReached,
) -> None:
    assert isinstance(here.double, FinnhubNews)
    here.double.held = 10

    page = here.provider.page("market forex", BEGAN, NOW)
    again = here.provider.page("market forex", page.dispatches[0].published_at, NOW)

    assert len(page.dispatches) == 10
    assert [note.code for note in page.notes] == ["begins_late"]
    assert not again.notes


def test_a_share_with_news_every_day_is_asked_for_once_in_four_weeks(here: NewsReached) -> None:
    here.provider.page("company AAPL", BURST + timedelta(hours=12), NOW)

    assert len(here.double.asked) == 1


def test_what_a_plan_lacks_is_no_wrong_key(here: NewsReached) -> None:
    words = "You don't have access to this resource."
    here.double.always = lambda _: said({"error": words}, 403)

    with pytest.raises(RefusedError, match="paid one") as caught:
        here.provider.page("company AAPL", BEGAN, NOW)

    assert type(caught.value) is RefusedError
