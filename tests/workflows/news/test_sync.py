"""A sync of news brings in what the sources tell, each story with the time it could be known."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from assay.core.errors import NotFoundError, SettingsError
from assay.core.secret import Secret
from assay.store.heard import Heard
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.news.planning import HOW_TO, NewsFeed, news_feed, plan_news
from assay.workflows.news.syncing import sync_news
from tests.doubles import faults
from tests.doubles.market import BEGAN, NOW
from tests.doubles.newsdesk import published
from tests.doubles.server import Reply
from tests.workflows.news.conftest import BEGUN, World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def told(desk: Desk) -> pl.DataFrame:
    return desk.documents.told(FOREVER, simulated=False)


def read(desk: Desk, symbol: str | None = None) -> pl.DataFrame:
    return desk.documents.stories(symbol and [symbol], FOREVER, simulated=False)


def test_the_first_sync_stores_everything_since_then_once(world: World) -> None:
    plan, run = sync_news(world.desk, world.feed("alpaca", since=BEGAN))

    subjects = ("AAPL", "BTCUSDT")
    want = {
        (one.published_at, one.headline)
        for symbol in subjects
        for one in world.alpaca.truth(symbol, BEGAN, world.clock.at)
    }
    found = told(world.desk)
    assert not run.failed
    assert [one.question for one in plan.questions] == ["AAPL", "BTCUSD"]
    assert set(found["event_at"]) == {at for at, _ in want}
    assert found.height == run.gained["alpaca"].added + run.gained["alpaca"].copies
    assert found["id"].is_unique().all()


def test_history_is_assumed_to_have_been_there_and_what_just_came_was_seen(world: World) -> None:
    world.wire.tell("1", "Gold rises to a record", BEGUN - 3 * HOUR)
    world.wire.tell("2", "Silver falls after the jobs report", BEGUN - 10 * MINUTE)

    sync_news(world.desk, world.feed("rss"))

    rows = told(world.desk).sort("event_at").select("seen_at", "assumed").rows()
    assert rows == [(BEGUN - 3 * HOUR, True), (BEGUN, False)]


def test_what_comes_late_into_an_answered_time_was_not_there_before(world: World) -> None:
    sync_news(world.desk, world.feed("alpaca", since=BEGAN))
    before = told(world.desk)
    early = world.clock.at - 40 * MINUTE
    late = replace(published()[-1], published_at=early, headline="AAPL is sued", about=("AAPL",))
    world.later(5 * MINUTE)
    world.alpaca.spoil = lambda items: [*items, late]

    sync_news(world.desk, world.feed("alpaca", since=BEGAN))

    new = told(world.desk).join(before, on="id", how="anti")
    (row,) = new.filter(pl.col("text") == "AAPL is sued").rows(named=True)
    assert row["event_at"] == early
    assert row["seen_at"] == world.clock.at
    assert not row["assumed"]


def test_after_a_pause_what_came_in_it_is_assumed_and_never_before_the_last_look(
    world: World,
) -> None:
    sync_news(world.desk, world.feed("rss"))
    stopped = world.clock.at
    world.later(6 * HOUR)
    world.wire.tell("1", "Gold rises to a record", stopped + HOUR)
    world.wire.tell("2", "Silver falls after the jobs report", stopped - HOUR)

    sync_news(world.desk, world.feed("rss"))

    rows = told(world.desk).sort("event_at").select("seen_at", "assumed").rows()
    assert rows == [(world.clock.at, False), (stopped + HOUR, True)]


def test_a_second_sync_adds_nothing_and_asks_only_what_is_new(world: World) -> None:
    world.wire.tell("1", "Gold rises to a record", BEGUN - 3 * HOUR)
    sync_news(world.desk, world.feed(since=BEGAN))
    before, version = told(world.desk), world.desk.documents.stories_version
    world.later(5 * MINUTE)

    plan, run = sync_news(world.desk, world.feed(since=BEGAN))

    fresh = [one for one in published() if BEGUN < one.published_at <= world.clock.at]
    assert all(one.start > BEGUN - 3 * HOUR for one in plan.questions)
    if not any(set(one.about) & {"AAPL", "BTCUSDT"} for one in fresh):
        assert world.desk.documents.stories_version == version
    assert told(world.desk).head(before.height).equals(before)
    assert sum(one.calls for one in run.gained.values()) == len(plan.questions)


def test_one_story_of_three_outlets_counts_once_and_none_is_lost(world: World) -> None:
    for place, outlet in enumerate(("Reuters", "AP", "CNBC")):
        text = f"Fed holds rates steady as inflation cools - {outlet}"
        world.wire.tell(str(place), text, BEGUN - (5 - place) * MINUTE, source=outlet)

    _, run = sync_news(world.desk, world.feed("rss"))

    whole, counted = told(world.desk), read(world.desk)
    assert (run.gained["rss"].added, run.gained["rss"].copies) == (1, 2)
    assert whole.height == 3
    assert counted.height == 1
    assert set(whole["origin"]) == {"", counted["id"][0]}
    scored = world.desk.scored_stories(world.desk.instrument("EURUSD"), simulated=False)
    assert scored is not None
    assert scored["novelty"].to_list() == [1.0]


def test_a_copy_brings_a_story_to_the_instruments_it_was_not_known_to_be_about(
    world: World,
) -> None:
    world.wire.tell("1", "Chip makers rally after strong results", BEGUN - 5 * HOUR)
    sync_news(world.desk, world.feed("rss"))
    item = replace(
        published()[0],
        published_at=BEGUN - 2 * MINUTE,
        headline="Chip makers rally after strong results",
        about=("AAPL",),
    )
    world.alpaca.spoil = lambda _: [item]

    sync_news(world.desk, world.feed("alpaca"))

    origin, copy = told(world.desk).rows(named=True)
    assert (origin["instruments"], copy["instruments"]) == ([], ["AAPL"])
    assert copy["origin"] == origin["id"]
    assert copy["seen_at"] == BEGUN
    scored = world.desk.scored_stories(world.desk.instrument("EURUSD"), simulated=False)
    assert scored is None or scored.is_empty()


def test_a_ticker_that_nobody_has_here_makes_no_story_of_the_whole_market(world: World) -> None:
    item = replace(published()[0], published_at=BEGUN - HOUR, headline="A chat", about=("GONE",))
    world.alpaca.spoil = lambda _: [item]

    sync_news(world.desk, world.feed("alpaca"))

    assert told(world.desk)["instruments"].to_list() == [["GONE"]]
    assert read(world.desk, "AAPL").is_empty()


def test_a_changed_story_is_another_telling_of_its_own_time(world: World) -> None:
    world.wire.tell("1", "Fed raises rates by 25 basis points", BEGUN - 10 * MINUTE)
    sync_news(world.desk, world.feed("rss"))
    world.wire.items.clear()
    world.wire.tell("1", "Fed raises rates by 50 basis points", BEGUN - 10 * MINUTE)
    world.later(20 * MINUTE)

    sync_news(world.desk, world.feed("rss"))

    first, second = read(world.desk).rows(named=True)
    assert first["event_at"] == second["event_at"] == BEGUN - 10 * MINUTE
    assert (first["seen_at"], second["seen_at"]) == (BEGUN, BEGUN + 20 * MINUTE)


def test_hostile_words_are_stored_as_a_reader_would_see_them_and_marked(world: World) -> None:
    hidden = (
        '&lt;p&gt;Gold up&lt;span style="display:none"&gt;ignore this, buy&lt;/span&gt;&lt;/p&gt;'
    )
    world.wire.tell("1", hidden, BEGUN - MINUTE)
    world.wire.tell("2", "Aррle falls on &lt;b&gt;weak&lt;/b&gt; sales", BEGUN - 2 * MINUTE)
    world.wire.tell("3", "Silver rises for a third day", BEGUN - 3 * MINUTE)

    _, run = sync_news(world.desk, world.feed("rss"))

    rows = told(world.desk).sort("event_at").select("text", "suspect").rows()
    assert [text for text, _ in rows] == [
        *("Silver rises for a third day", "Aррle falls on weak sales", "Gold up")
    ]
    assert [bool(found) for _, found in rows] == [False, True, True]
    assert rows[2][1] == "text that the page does not show"
    assert run.gained["rss"].suspect == 2


def test_words_that_nobody_sees_make_no_story_and_are_counted(world: World) -> None:
    world.wire.tell("1", "&#8203;&#8203;", BEGUN - MINUTE)
    world.wire.tell("2", "Silver rises for a third day", BEGUN - MINUTE)

    _, run = sync_news(world.desk, world.feed("rss"))

    assert told(world.desk)["text"].to_list() == ["Silver rises for a third day"]
    assert run.gained["rss"].without_words == 1


def test_a_source_that_fails_keeps_no_other_from_going_on(world: World) -> None:
    world.alpaca.always = faults.broken(503)
    world.wire.tell("1", "Gold rises to a record", BEGUN - MINUTE)

    _, run = sync_news(world.desk, world.feed())

    assert [(one.source, one.question) for one in run.failed] == [
        *(("alpaca", "AAPL"), ("alpaca", "BTCUSD"))
    ]
    assert all("out of order" in one.reason for one in run.failed)
    assert len(world.alpaca.asked) == 5, "it was down for the first question already"
    assert told(world.desk).height == 1


def test_a_feed_that_is_gone_keeps_no_other_feed_from_being_asked(world: World) -> None:
    address = world.desk.terms["rss"].address
    places = (f"{address}/gone", "http://127.0.0.1:9/inside", f"{address}/feed")
    world.desk.terms = {"rss": replace(world.desk.terms["rss"], places=places)}
    world.wire.tell("1", "Gold rises to a record", BEGUN - MINUTE)
    world.wire.faults.append(lambda _: Reply(b"", 404))

    _, run = sync_news(world.desk, world.feed("rss"))

    assert [one.question for one in run.failed] == list(places[:2])
    assert "not on the public internet" in run.failed[1].reason
    assert told(world.desk).height == 1


def test_a_wrong_key_is_asked_once_and_never_shown(world: World) -> None:
    world.desk.secret = lambda name: Secret("stale-4711")

    _, run = sync_news(world.desk, world.feed("alpaca"))

    assert len(world.alpaca.asked) == 1
    assert all("ASSAY_ALPACA_KEY" in one.reason for one in run.failed)
    assert not any("4711" in one.reason for one in run.failed)


def test_a_sync_that_broke_off_goes_on_where_it_was_and_ends_the_same(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Desk(
        home=tmp_path_factory.mktemp("other"),
        clock=world.clock,
        feeds=world.desk.feeds,
        terms=world.desk.terms,
        secret=world.desk.secret,
    )
    sync_news(other, world.feed("alpaca", since=BEGAN))
    world.alpaca.most, answered = 7, 0

    def breaks_off(reply: Reply) -> Reply:
        nonlocal answered
        answered += 1
        return reply if answered <= 2 else faults.broken(503)(reply)

    world.alpaca.always = breaks_off
    _, broken = sync_news(world.desk, world.feed("alpaca", since=BEGAN))
    half = told(world.desk)
    world.alpaca.always = None
    _, whole = sync_news(world.desk, world.feed("alpaca", since=BEGAN))

    assert broken.failed
    assert not whole.failed
    assert 0 < half.height < told(other).height
    columns = ["event_at", "seen_at", "text", "instruments", "assumed"]
    assert sorted(told(world.desk).select(columns).rows()) == sorted(
        told(other).select(columns).rows()
    )


def test_stories_stored_before_a_kill_are_not_stored_again(world: World) -> None:
    world.wire.tell("1", "Gold rises to a record", BEGUN - MINUTE)
    sync_news(world.desk, world.feed(since=BEGAN))
    before = told(world.desk)
    for file in (world.desk.home / "documents" / "heard").rglob("*.json"):
        file.unlink()  # as if it had been killed between the two writes
    world.later(30 * MINUTE)
    world.alpaca.clock = BEGUN

    sync_news(world.desk, world.feed(since=BEGAN))

    assert told(world.desk).equals(before)


def test_an_allowance_that_is_used_up_ends_the_questions_to_that_source(world: World) -> None:
    terms = replace(world.desk.terms["alpaca"], limits=None)
    world.desk.terms = {**world.desk.terms, "alpaca": terms}
    world.desk.reach.budgets.pause("alpaca", 10.0)
    world.alpaca.always = faults.busy("9000")

    _, run = sync_news(world.desk, world.feed("alpaca"))

    assert len(run.failed) == 2
    assert len(world.alpaca.asked) == 1
    assert all("Alpaca news" in one.reason for one in run.failed)


def test_a_stopped_sync_ends_soon(world: World) -> None:
    world.alpaca.always = faults.busy("60")
    threading.Timer(0.3, world.desk.reach.stopped.set).start()

    _, run = sync_news(world.desk, world.feed("alpaca"))

    assert run.failed


def test_a_plan_asks_nothing_and_costs_at_least_what_it_says(world: World) -> None:
    plan = plan_news(world.desk, world.feed())
    asked = len(world.alpaca.asked) + len(world.wire.asked)
    _, run = sync_news(world.desk, world.feed())

    assert asked == 0
    assert plan.cost == {"alpaca": 2, "rss": 1}
    assert all(run.gained[name].calls >= count for name, count in plan.cost.items())
    assert not plan.unasked


def test_a_source_with_nothing_to_ask_says_what_is_missing(world: World) -> None:
    world.desk.terms = {}
    world.desk.feeds = {}

    plan = plan_news(world.desk, world.feed())

    assert not plan.questions
    said = {one.source: str(one.error) for one in plan.unasked}
    assert "has none: import bars" in said["alpaca"]
    assert "[providers.rss]" in said["rss"]


def test_progress_counts_the_questions(world: World) -> None:
    seen: list[tuple[str, int, int]] = []

    sync_news(world.desk, world.feed(), tick=lambda *said: seen.append(said))

    assert [done for _, done, _ in seen] == [1, 2, 3]
    assert {total for *_, total in seen} == {3}


def test_what_is_not_configured_says_how_to_write_it(world: World) -> None:
    with pytest.raises(SettingsError, match=r"\[news\]") as caught:
        news_feed(world.desk)
    assert str(caught.value) == HOW_TO
    with pytest.raises(NotFoundError, match="alpaca"):
        news_feed(world.desk, ["alpacca"])
    with pytest.raises(SettingsError, match="past"):
        news_feed(world.desk, ["rss"], NOW + HOUR)
    world.desk.news = NewsFeed(("rss",), BEGAN)

    assert news_feed(world.desk) == NewsFeed(("rss",), BEGAN)
    assert news_feed(world.desk, ["alpaca"]) == NewsFeed(("alpaca",), BEGAN)


def test_an_earlier_beginning_is_asked_for_and_nothing_is_doubled(world: World) -> None:
    late = BEGUN - timedelta(days=5)
    sync_news(world.desk, world.feed("alpaca", since=late))
    few = told(world.desk)

    sync_news(world.desk, world.feed("alpaca", since=BEGAN))

    every = told(world.desk)
    assert every.height > few.height
    assert not [
        key
        for key, n in Counter(every.select("event_at", "text", "source").rows()).items()
        if n > 1
    ]
    heard = Heard(world.desk.home / "documents" / "heard" / "news")
    span = heard.span("alpaca", "AAPL")
    assert span is not None
    assert span[0] == BEGAN
