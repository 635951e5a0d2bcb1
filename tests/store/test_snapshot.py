"""What was known at a time is the same whenever it is asked, whatever came since, in any order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.errors import NotFoundError
from assay.core.values.bars import Bars
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.store.bars import BarStore
from assay.store.database import Database, open_database, sqlite_url
from assay.store.documents import DocumentStore
from assay.store.snapshot import SeriesThen, Snapshot
from assay.store.universes import Membership, Universes
from tests.factories import make_bars

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
PAST = datetime(2020, 1, 6, tzinfo=UTC)
WHOLE = make_bars(120, gaps=False)
HOUR = timedelta(hours=1)


@dataclass
class Clock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class Stores:
    """All the stores of a workspace, and what was asked of them."""

    root: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.bars = BarStore(self.root / "bars")
        self.documents = DocumentStore(self.root / "documents", self.clock)
        self.database: Database = open_database(sqlite_url(self.root / "assay.db"))
        self.universes = Universes(self.database)

    def as_of(self, moment: datetime) -> Snapshot:
        return Snapshot(moment, self.bars, self.documents, self.universes)


def asked(snapshot: Snapshot) -> dict[str, Any]:
    """Return everything that a snapshot can answer."""
    try:
        members: Any = snapshot.members("big", date(2020, 6, 1))
    except NotFoundError:
        members = None
    series = snapshot.series()
    return {
        "series": series,
        "bars": snapshot.bars(WHOLE.instrument, Timeframe.H1).frame if series else None,
        "stories": snapshot.stories(None),
        "mine": snapshot.stories(["EURUSD"]),
        "releases": snapshot.releases(None),
        "members": members,
    }


def assert_same(now: dict[str, Any], then: dict[str, Any]) -> None:
    for name, value in then.items():
        if isinstance(value, pl.DataFrame):
            assert_frame_equal(now[name], value, check_exact=True)
        else:
            assert now[name] == value, name


def a_bar(stores: Stores, place: int, change: float) -> None:
    """Store bars up to a place, or correct one that is stored."""
    row = WHOLE.frame.slice(place, 1)
    if not stores.bars.series([]):
        first = WHOLE.frame.slice(0, place + 1)
        stores.bars.append(
            Bars(WHOLE.instrument, Timeframe.H1, first), source="x", known_at=stores.clock.at
        )
        return
    last = stores.bars.info("EURUSD", Timeframe.H1).last
    if row["time"][0] > last:
        fresh = WHOLE.frame.filter(pl.col("time").is_between(last + HOUR, row["time"][0]))
        made = Bars(WHOLE.instrument, Timeframe.H1, fresh)
        stores.bars.append(made, source="x", known_at=stores.clock.at)
        return
    other = row.with_columns(volume=pl.col("volume") + change)
    made = Bars(WHOLE.instrument, Timeframe.H1, other)
    stores.bars.correct(made, reason="late", known_at=stores.clock.at)


def a_story(stores: Stores, place: int, change: float) -> None:
    """Store a story of the past, seen at some time of the past."""
    event = PAST + place * HOUR
    seen = event + timedelta(minutes=abs(change) * 100)
    about = ("EURUSD",) if place % 2 else ()
    story = Story(event, seen, "wire", f"Euro moves {place % 7}", about)
    stores.documents.add_stories([story], simulated=False)


def a_figure(stores: Stores, place: int, change: float) -> None:
    """Store a figure or a revision of one, told or assumed."""
    event = PAST + (place % 5) * timedelta(days=30)
    seen = event + place * timedelta(days=1)
    told = Release("cpi", "EUR", event, seen, change, period=str(place % 5), assumed=place % 3 == 0)
    stores.documents.add_releases([told], simulated=False)


def a_member(stores: Stores, place: int, change: float) -> None:
    """Store that somebody came, or left."""
    first = date(2020, 1, 1) + timedelta(days=place % 4)
    last = first + timedelta(days=place * 3) if change > 0 else None
    one = Membership("ABCD"[place % 4], first, last)
    stores.universes.add("big", [one], known_at=stores.clock.at, source="x")


STEPS: list[Callable[[Stores, int, float], None]] = [a_bar, a_bar, a_story, a_figure, a_member]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(STEPS), st.integers(0, 119), st.floats(-5, 5).filter(lambda x: x != 0)
        ),
        min_size=2,
        max_size=14,
    )
)
def test_an_as_of_read_never_changes_afterwards(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[Callable[[Stores, int, float], None], int, float]],
) -> None:
    stores = Stores(tmp_path_factory.mktemp("stores"))
    known: dict[datetime, dict[str, Any]] = {}

    for step, place, change in steps:
        stores.clock.at += HOUR
        step(stores, place, change)
        between = stores.clock.at + HOUR / 2
        known[stores.clock.at] = asked(stores.as_of(stores.clock.at))
        known[between] = asked(stores.as_of(between))

    for moment, then in known.items():
        assert_same(asked(stores.as_of(moment)), then)
    stores.database.close()


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


def test_before_anything_came_there_is_nothing(stores: Stores) -> None:
    stores.clock.at += HOUR
    for step in (a_bar, a_story, a_figure, a_member):
        step(stores, 30, 1.0)

    found = asked(stores.as_of(START))

    assert found["series"] == []
    assert (found["stories"].height, found["releases"].height, found["members"]) == (0, 0, None)


def test_a_story_of_last_year_that_came_today_was_not_here_yesterday(stores: Stores) -> None:
    a_story(stores, 30, 1.0)

    day_before = stores.as_of(START - timedelta(days=1)).stories(None)
    now = stores.as_of(START).stories(None)
    plain = stores.documents.stories(None, START - timedelta(days=1), simulated=False)

    assert (day_before.height, now.height) == (0, 1)
    assert plain.height == 1  # what the world knew then, which research joins on


def test_a_corrected_bar_is_as_it_was_before(stores: Stores) -> None:
    a_bar(stores, 50, 0.0)
    stores.clock.at += HOUR
    a_bar(stores, 20, 3.0)

    before = stores.as_of(START).bars(WHOLE.instrument, Timeframe.H1).frame
    after = stores.as_of(stores.clock.at).bars(WHOLE.instrument, Timeframe.H1).frame

    assert_frame_equal(before, WHOLE.frame.head(51), check_exact=True)
    assert after["volume"][20] == before["volume"][20] + 3.0
    first, last = WHOLE.frame["time"][0], WHOLE.frame["time"][50]
    assert stores.as_of(START).series() == [SeriesThen("EURUSD", Timeframe.H1, 51, first, last)]


def test_what_was_stored_before_that_was_written_down_counts_from_when_it_was_seen(
    tmp_path: Path,
) -> None:
    old = DocumentStore(tmp_path / "documents")
    seen = PAST + 2 * HOUR
    old.add_stories([Story(PAST, seen, "wire", "Euro moves", ())], simulated=False)
    stores = Stores(tmp_path)

    assert stores.as_of(seen - HOUR).stories(None).is_empty()
    assert stores.as_of(seen).stories(None).height == 1
