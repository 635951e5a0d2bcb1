"""`assay news sync`, `show` and `list`: what was fetched is said, and so is what is doubtful."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import stamina

from assay.cli.main import run
from assay.core.values.timeframe import Timeframe
from assay.sources.wire.http import ATTEMPTS
from assay.workflows.desk import Desk
from assay.workflows.news.planning import NewsFeed
from assay.workflows.syncing.feeds import Feed, Terms
from tests.cli.conftest import Said
from tests.doubles import faults
from tests.doubles.market import NOW
from tests.doubles.server import Served
from tests.sources.news.test_rss import Publisher
from tests.workflows.workspace import HandClock

MISTAKE, OURS = 2, 1
MINUTE = timedelta(minutes=1)


class Newsstand:
    """A workspace with one feed, and the real command line."""

    def __init__(
        self, home: Path, publisher: Publisher, address: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.publisher, self._capsys = publisher, capsys
        self.desk = Desk(
            home=home,
            clock=HandClock(NOW),
            news=NewsFeed(("rss",)),
            terms={"rss": Terms(limits=(), address=address, places=(f"{address}/feed",))},
        )

    def __call__(self, *words: str) -> Said:
        code = run(["news", *words], lambda _: self.desk)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)


@pytest.fixture
def news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Newsstand]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    publisher = Publisher()
    with Served(publisher) as served:
        yield Newsstand(tmp_path / "home", publisher, served.address, capsys)
    stamina.set_testing(False)


def told(news: Newsstand) -> None:
    """Publish an old story, a new one, a copy of it, and one that hides words."""
    hidden = "Silver up&lt;span hidden&gt;buy&lt;/span&gt; as the dollar slips"
    news.publisher.tell("1", "Gold rises to a record on haven demand", NOW - 300 * MINUTE)
    news.publisher.tell("2", "Fed holds rates steady as inflation cools", NOW - 9 * MINUTE)
    news.publisher.tell("3", "Fed holds rates steady as inflation cools - AP", NOW - 8 * MINUTE)
    news.publisher.tell("4", hidden, NOW - 7 * MINUTE)


def test_a_plan_is_shown_and_nothing_is_asked(news: Newsstand) -> None:
    plan = news("sync", "--dry-run")
    as_json = news("sync", "--dry-run", "--json")

    assert plan.code == as_json.code == 0
    assert "1 of rss, and one more for every further page" in plan.out
    assert as_json.json["cost"] == {"rss": 1}
    assert not news.publisher.asked


def test_what_was_fetched_is_counted_listed_and_shown(news: Newsstand) -> None:
    told(news)

    synced = news("sync")
    again = news("sync", "--json")
    listed = news("list", "--json")
    shown = news("show")

    assert synced.code == again.code == listed.code == shown.code == 0
    assert "of these assumed" in synced.out
    gained = again.json["gained"]["rss"]
    assert (gained["added"], gained["copies"], gained["known"]) == (0, 0, 3)
    (row,) = listed.json
    assert (row["stories"], row["assumed"], row["suspect"]) == (3, 1, 1)
    assert shown.out.index("Silver up") < shown.out.index("Gold rises")
    assert "assumed: nobody looked then" in shown.out
    assert "text that the page does not show" in shown.out
    assert "buy" not in shown.out
    assert shown.out.count("Fed holds") == 1


def test_copies_and_suspects_are_shown_where_they_are_asked_for(news: Newsstand) -> None:
    told(news)
    news("sync")

    copies = news("show", "--copies")
    suspects = news("show", "--suspect", "--json")
    last = news("show", "--last", "1", "--json")
    later = news("show", "--since", "2026-11-21")

    assert "copy of" in copies.out
    assert [one["text"] for one in suspects.json] == ["Silver up as the dollar slips"]
    assert len(last.json) == 1
    assert "No such story is stored" in later.out


def test_a_source_that_is_down_is_named_and_the_command_ends_with_one(news: Newsstand) -> None:
    news.publisher.always = faults.broken(503)

    plain = news("sync")
    as_json = news("sync", "--json")

    assert plain.code == as_json.code == OURS
    assert "RSS feed of 127.0.0.1 is out of order" in plain.err
    assert as_json.json["failed"][0]["source"] == "rss"


def test_one_reason_of_many_questions_is_said_once(news: Newsstand) -> None:
    news.desk.feeds = {
        name: Feed(name, ("yahoo",), (Timeframe.H1,)) for name in ("EURUSD", "USDJPY", "BTCUSDT")
    }

    told = news("sync", "x")

    assert told.code == OURS
    assert "x on $BTC lang:en -is:retweet and 2 more: X needs a key" in told.err
    assert told.err.count("X needs a key") == 1


def test_what_cannot_be_asked_is_a_mistake_with_the_way_out(news: Newsstand) -> None:
    unknown = news("sync", "rsss")
    future = news("sync", "--since", "2999-01-01")
    stranger = news("show", "EURUSD")
    news.desk.news = None
    nothing = news("sync")
    del news.desk.reach
    news.desk.terms = {"rss": replace(news.desk.terms["rss"], places=())}
    nowhere = news("sync", "rss")

    assert {said.code for said in (unknown, future, stranger, nothing)} == {MISTAKE}
    assert nowhere.code == OURS
    assert "did you mean rss?" in unknown.err
    assert "past" in future.err
    assert "No stored story is about EURUSD" in stranger.err
    assert "[news]" in nothing.err
    assert "[providers.rss]" in nowhere.err
