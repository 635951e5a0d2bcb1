"""What every provider of news promises: questions, pages, order, times, and nothing lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from assay.sources.catalog import NEWS
from assay.sources.wire.http import ATTEMPTS
from tests.doubles.market import NOW, known
from tests.doubles.newsdesk import (
    BURST,
    NewsDouble,
    NewsReached,
    news_doubles,
    news_reached,
    published,
)
from tests.doubles.newsreach import lately, question, since, subject
from tests.doubles.server import Reply

Kind = type[NewsDouble]


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture(params=sorted(news_doubles()))
def kind(request: pytest.FixtureRequest) -> Kind:
    return news_doubles()[request.param]


@pytest.fixture
def here(kind: Kind) -> Iterator[NewsReached]:
    with news_reached(kind) as found:
        yield found


def test_every_provider_has_a_double_and_every_double_a_provider() -> None:
    assert set(NEWS.names()) == set(news_doubles())


def test_abilities_say_what_a_person_must_know(kind: Kind) -> None:
    abilities = NEWS.get(kind.adapter).abilities

    assert abilities.title[0].isupper() or abilities.title[0].isdigit()
    assert abilities.licence.endswith(".")
    assert abilities.document.startswith("https://")
    assert kind.document.startswith("https://")
    assert abilities.a_call > 0
    assert all(limit.calls > 0 and limit.seconds > 0 for limit in abilities.limits)
    assert bool(abilities.keys) == bool(abilities.sign_up)
    assert abilities.late >= timedelta()


def test_the_world_holds_what_is_hard() -> None:
    stories = published()
    by_second = [one.published_at for one in stories]
    words = [one.headline for one in stories]

    assert by_second.count(BURST) == 12
    assert len(set(words)) < len(words), "copies of one text"
    assert any(not text.isascii() for text in words)
    assert any(one.rewritten_at and one.rewritten_at > NOW for one in stories)
    assert any(one.rewritten_at and one.rewritten_at < NOW for one in stories)
    for change in (datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)):
        assert {change - timedelta(minutes=30), change + timedelta(minutes=30)} <= set(by_second)
    assert sum(at > NOW for at in by_second) > 3
    assert by_second == sorted(by_second)


def test_questions_are_short_and_always_the_same(here: NewsReached) -> None:
    subjects = [known(symbol) for symbol in here.double.subjects]

    asked = here.provider.questions(subjects)

    assert asked
    assert len(set(asked)) == len(asked)
    assert all(one.isprintable() and one == one.strip() for one in asked)
    assert all(0 < len(one) <= 500 for one in asked)
    assert set(here.provider.questions(subjects[::-1])) == set(asked)
    one_by_one = {text for one in subjects for text in here.provider.questions([one])}
    assert one_by_one == set(asked), "a question does not depend on what else is asked about"
    assert not here.double.asked


def test_page_by_page_the_whole_history_comes_and_nothing_else(here: NewsReached) -> None:
    start = since(here)
    for symbol in here.double.subjects:
        found = here.on(symbol, start)

        want = here.double.truth(symbol, start, NOW)
        assert found == want
        assert want


@pytest.mark.parametrize("most", [3, 5, 13, 14, 20])
def test_of_stories_of_one_second_none_is_lost_and_none_comes_twice(
    here: NewsReached, most: int
) -> None:
    here.double.most = max(most, here.double.least)
    start = since(here)
    symbol = subject(here)

    pages = here.pages(question(here), start)

    told = [(one.name, one.worded_at) for page in pages for one in page.dispatches]
    want = here.double.truth(symbol, start, NOW)
    assert len(told) == len(set(told))
    assert set(told) >= {(one.name, one.worded_at) for one in want}
    if len(here.provider.questions([known(symbol)])) == 1:
        assert len(told) == len(want)
    assert start > BURST or any(one.published_at == BURST for one in want)


def test_a_page_says_how_far_it_holds_and_is_in_order(here: NewsReached) -> None:
    here.double.most = max(10, here.double.least)
    start = since(here)

    page = here.provider.page(question(here), start, NOW)

    assert start < page.through <= NOW
    times = [one.worded_at for one in page.dispatches]
    assert times == sorted(times)
    assert all(start < at <= page.through for at in times)
    if len(here.provider.questions([known(subject(here))])) == 1:
        want = here.double.truth(subject(here), start, page.through)
        assert list(page.dispatches) == want


def test_a_span_without_stories_is_no_error_and_moves_on(here: NewsReached) -> None:
    instants = [one.worded_at for one in here.double.truth(subject(here), since(here), NOW)]
    gap = max(range(1, len(instants)), key=lambda at: instants[at] - instants[at - 1])
    start, end = instants[gap - 1], instants[gap] - timedelta(seconds=1)

    page = here.provider.page(question(here), start, end)

    assert start < page.through <= end
    assert here.on(subject(here), start, end) == []


def test_no_story_is_known_before_its_words_were_written(here: NewsReached) -> None:
    for symbol in here.double.subjects:
        items = {here.double.as_dispatch(one).name: one for one in here.double.on(symbol)}
        for story in here.on(symbol, since(here)):
            item = items[story.name]
            newest = bool(item.rewritten) and item.rewritten == story.headline
            known_at = item.rewritten_at if newest else item.published_at
            assert story.worded_at >= (known_at or item.published_at)
            assert story.published_at >= item.published_at
            assert story.worded_at >= story.published_at


def test_a_rewritten_story_comes_again_with_its_new_words(here: NewsReached) -> None:
    if not here.double.tells_rewrites:
        return
    symbol, item = next(
        (symbol, one)
        for symbol in here.double.subjects
        for one in here.double.on(symbol)
        if one.rewritten_at and one.published_at > since(here) and one.rewritten_at < NOW
    )
    assert item.rewritten_at
    between = item.published_at + timedelta(minutes=1)
    here.double.clock = here.hands.at = between
    first = here.on(symbol, item.published_at - timedelta(seconds=1), between)
    here.double.clock = here.hands.at = NOW
    second = here.on(symbol, between, item.rewritten_at)

    before = [one for one in first if item.url in (one.url, one.name)]
    after = [one for one in second if item.url in (one.url, one.name)]
    assert [one.headline for one in before] == [item.headline]
    assert [one.headline for one in after] == [item.rewritten]
    assert after[0].name == before[0].name
    assert after[0].worded_at == item.rewritten_at
    assert after[0].published_at == item.published_at


def test_what_lies_ahead_of_either_clock_is_told_when_its_time_has_come(here: NewsReached) -> None:
    symbol, start = subject(here), lately(here)
    want = here.double.truth(symbol, start, NOW)
    early = want[len(want) // 2].worded_at + here.provider.abilities.late
    here.hands.at = early

    behind = here.pages(question(here), start)
    here.hands.at = NOW + timedelta(hours=30)
    rest = here.pages(question(here), behind[-1].through, NOW + timedelta(hours=30))

    assert start < behind[-1].through <= early
    assert rest[-1].through <= NOW
    before, after = (
        [one.name for page in pages for one in page.dispatches] for pages in (behind, rest)
    )
    assert before
    assert after or not here.double.dates_itself
    assert not set(before) & set(after)
    assert {*before, *after} >= {one.name for one in want}


def test_stories_that_come_while_it_asks_are_neither_lost_nor_doubled(here: NewsReached) -> None:
    here.double.most = max(6, here.double.least)
    symbol, start = subject(here), lately(here)

    def later(reply: Reply) -> Reply:
        here.double.clock += timedelta(seconds=90)
        here.hands.at = here.double.clock
        return reply

    here.double.always = later

    found = here.on(symbol, start, NOW + timedelta(minutes=30))

    last = max(one.worded_at for one in found)
    want = here.double.truth(symbol, start, last)
    assert [one.name for one in found] == [one.name for one in want]
    assert not {one.name for one in here.double.truth(symbol, start, NOW)} - {
        one.name for one in found
    }
