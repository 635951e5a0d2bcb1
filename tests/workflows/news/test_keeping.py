"""Whatever is told, in whatever order and however often: nothing is lost, nothing counts twice."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.core.instruments import equity, instrument
from assay.sources.news.reddit import Reddit
from assay.sources.news.rss import Rss
from assay.sources.newsroom import Dispatch
from assay.store.circumstances import COUNTS
from assay.workflows.desk import FOREVER, Desk
from assay.workflows.news.keeping import NewsGained, NewsKeeper
from assay.workflows.syncing.feeds import Feed
from tests.doubles.market import NOW
from tests.workflows.workspace import HandClock

SUBJECTS = [instrument("EURUSD"), instrument("BTCUSDT"), equity("AAPL"), equity("MSFT")]
MINUTE = timedelta(minutes=1)
TEXTS = (
    "Apple and Microsoft rally after strong results from both",
    "Apple and Microsoft rally after strong results from both - Reuters",
    "UPDATE 1-Apple and Microsoft rally after strong results from both",
    "Oil slips as OPEC keeps its output where it was in June",
)


def dispatch(
    text: str, at: datetime, *tickers: str, name: str = "1", outlet: str = "Wire"
) -> Dispatch:
    return Dispatch(name, at, at, outlet, text, tickers=tickers)


class Keeping:
    """A keeper and its store."""

    def __init__(self, home: Path) -> None:
        self.clock = HandClock(NOW)
        self.desk = Desk(home=home, clock=self.clock)
        self.keeper = NewsKeeper(self.desk, SUBJECTS)
        self.gained = NewsGained()

    def take(self, *told: Dispatch, source: str = "wire") -> pl.DataFrame:
        """Keep what is told, and return everything that is stored."""
        self.keeper.take(source, told, Rss.abilities, None, self.gained)
        return self.desk.documents.told(FOREVER, simulated=False)


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(tmp_path)


def test_a_copy_counts_for_what_no_earlier_telling_was_about(keeping: Keeping) -> None:
    keeping.take(dispatch(TEXTS[0], NOW - 90 * MINUTE, "AAPL"))

    stored = keeping.take(dispatch(TEXTS[1], NOW - 60 * MINUTE, "AAPL", "MSFT", outlet="Reuters"))

    assert stored["instruments"].to_list() == [["AAPL"], ["MSFT"]]
    assert stored["origin"].to_list() == ["", stored["id"][0]]
    again = keeping.take(dispatch(TEXTS[1], NOW - 60 * MINUTE, "AAPL", "MSFT", outlet="Reuters"))
    assert again.equals(stored)


def test_a_company_is_known_by_the_name_that_its_feed_gives(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    keeping.desk.feeds = {"AAPL": Feed("AAPL", ("yahoo",), (), names=("Apple",))}
    keeping.keeper = NewsKeeper(keeping.desk, SUBJECTS)

    stored = keeping.take(dispatch("Apple shares rise on strong sales", NOW - MINUTE))

    assert stored["instruments"].to_list() == [["AAPL"]]


def test_of_one_moment_the_copy_does_not_come_before_its_origin(keeping: Keeping) -> None:
    stored = keeping.take(
        dispatch(TEXTS[1], NOW, "MSFT", outlet="A"), dispatch(TEXTS[2], NOW, "AAPL", outlet="B")
    )

    origins = stored.filter(pl.col("origin") == "")
    assert origins.height == 1
    assert set(stored.filter(pl.col("origin") != "")["origin"]) == set(origins["id"])
    assert sorted(stored["instruments"].explode()) == ["AAPL", "MSFT"]


def test_of_one_moment_the_telling_that_says_most_is_the_origin(keeping: Keeping) -> None:
    short = "Apple and Microsoft rally after strong results from both of them"

    stored = keeping.take(
        dispatch(short, NOW, outlet="A"), dispatch(f"{short} in March", NOW, outlet="B")
    )

    assert stored.filter(pl.col("origin") == "")["source"].to_list() == ["B"]


def test_what_another_process_has_stored_meanwhile_is_known(keeping: Keeping) -> None:
    keeping.take(dispatch(TEXTS[3], NOW))
    other = NewsKeeper(Desk(home=keeping.desk.home, clock=keeping.clock), SUBJECTS)
    first = dispatch(TEXTS[0], NOW, outlet="Reuters")
    other.take("wire", [first], Rss.abilities, None, NewsGained())

    stored = keeping.take(dispatch(TEXTS[1], NOW, outlet="AP"))

    assert sorted(stored.filter(pl.col("origin") == "")["source"]) == ["Reuters", "Wire"]


def test_a_telling_from_before_a_stored_one_leaves_that_as_it_is(keeping: Keeping) -> None:
    first = keeping.take(dispatch(TEXTS[0], NOW, "AAPL"))

    both = keeping.take(dispatch(TEXTS[1], NOW - 90 * MINUTE, "AAPL", outlet="Reuters"))

    assert both.filter(pl.col("origin") == "").equals(first)
    assert both.filter(COUNTS).equals(first)


def test_after_three_days_the_same_words_are_another_story(keeping: Keeping) -> None:
    keeping.take(dispatch(TEXTS[3], NOW - timedelta(days=5)))

    stored = keeping.take(dispatch(TEXTS[3], NOW - timedelta(days=1)))

    assert stored["origin"].to_list() == ["", ""]


def test_a_story_that_is_linked_to_more_instruments_later_reaches_them(keeping: Keeping) -> None:
    told = dispatch("Apple and Microsoft, side by side: $AAPL and $MSFT", NOW - 90 * MINUTE)
    keeping.keeper = NewsKeeper(keeping.desk, SUBJECTS[:3])
    keeping.take(told)
    keeping.keeper = NewsKeeper(keeping.desk, SUBJECTS)

    stored = keeping.take(told)

    assert stored.sort("origin")["instruments"].to_list() == [["AAPL"], ["MSFT"]]
    assert keeping.take(told).equals(stored)


def test_a_post_that_names_no_instrument_is_about_none_and_not_kept(keeping: Keeping) -> None:
    told = [dispatch("What is your favourite colour?", NOW), dispatch("YOLO $AAPL calls", NOW)]

    keeping.keeper.take("reddit", told, Reddit.abilities, None, keeping.gained)

    stored = keeping.desk.documents.told(FOREVER, simulated=False)
    assert stored["instruments"].to_list() == [["AAPL"]]
    assert (keeping.gained.unlinked, keeping.gained.added) == (1, 1)


def test_what_is_endless_is_stored_bounded(keeping: Keeping) -> None:
    tickers = [f"T{number}" for number in range(500)]

    (row,) = keeping.take(dispatch("gold " * 100_000, NOW, *tickers, outlet="x" * 5_000)).rows(
        named=True
    )

    assert len(row["text"]) <= 2_000
    assert len(row["source"]) <= 80
    assert len(row["instruments"]) <= 20


BATCHES = st.lists(
    st.lists(
        st.builds(
            lambda text, ago, tickers, outlet: dispatch(
                text, NOW - ago * MINUTE, *tickers, outlet=outlet
            ),
            st.sampled_from(TEXTS),
            st.integers(0, 5_000),
            st.lists(st.sampled_from(["AAPL", "MSFT", "BTC", "GONE"]), max_size=3, unique=True),
            st.sampled_from(["Reuters", "AP", "Wire"]),
        ),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(BATCHES)
def test_every_instrument_has_each_story_once_and_every_telling_is_kept(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Dispatch]]
) -> None:
    keeping = Keeping(tmp_path_factory.mktemp("kept"))
    for batch in [*batches, *batches]:
        stored = keeping.take(*batch)

    told = {(one.published_at, one.outlet, one.headline) for batch in batches for one in batch}
    assert set(stored.select("event_at", "source", "text").rows()) == told
    clusters = stored.with_columns(
        head=pl.when(pl.col("origin") == "").then("id").otherwise("origin")
    )
    counted = clusters.filter(COUNTS).explode("instruments", empty_as_null=True, keep_nulls=True)
    assert not counted.select("head", "instruments").is_duplicated().any()
    assert set(clusters["head"]) <= set(stored.filter(pl.col("origin") == "")["id"])
    kept = set(counted.select("head", "instruments").rows())
    heads = {
        (at, source, text): head
        for at, source, text, head in clusters.select("event_at", "source", "text", "head").rows()
    }
    wanted = {
        (heads[one.published_at, one.outlet, one.headline], {"BTC": "BTCUSDT"}.get(name, name))
        for batch in batches
        for one in batch
        for name in one.tickers
    }
    assert wanted <= kept
