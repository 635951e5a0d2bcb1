"""A universe is dated: who left stays in it, and what was known at a time never changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, NotFoundError
from assay.store.database import Database, open_database, sqlite_url
from assay.store.universes import Membership, Universes

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = date(2020, 1, 1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(sqlite_url(tmp_path / "assay.db"))
    yield opened
    opened.close()


def test_who_was_delisted_is_a_member_of_its_days(database: Database) -> None:
    universes = Universes(database)
    gone = Membership("GONE", date(2010, 1, 4), date(2020, 6, 30))
    stays = Membership("AAPL", date(2010, 1, 4))
    universes.add("big", [gone, stays], known_at=START, source="file:big.csv")

    assert universes.members("big", date(2020, 6, 30)) == ["AAPL", "GONE"]
    assert universes.members("big", date(2020, 7, 1)) == ["AAPL"]
    assert universes.members("big", date(2009, 1, 1)) == []
    [info] = universes.list()
    assert (info.ever, info.now, info.source) == (2, 1, "file:big.csv")


def test_a_departure_that_is_learned_later_is_not_known_before(database: Database) -> None:
    universes, later = Universes(database), START + timedelta(days=9)
    universes.add("big", [Membership("GONE", DAY)], known_at=START, source="a")
    left = Membership("GONE", DAY, date(2026, 1, 10))
    added = universes.add("big", [left], known_at=later, source="b")

    on = date(2026, 1, 12)
    assert added == 1
    assert universes.members("big", on) == []
    assert universes.members("big", on, known_at=START) == ["GONE"]
    with pytest.raises(NotFoundError, match="since 2026-01-05 12:00"):
        universes.members("big", on, known_at=START - timedelta(seconds=1))


def test_what_is_known_already_is_passed_over(database: Database) -> None:
    universes = Universes(database)
    told = [Membership("AAPL", DAY), Membership("GONE", DAY, date(2021, 1, 1))]
    universes.add("big", told, known_at=START, source="a")

    assert universes.add("big", told, known_at=START + timedelta(days=1), source="a") == 0


def test_the_past_is_not_rewritten(database: Database) -> None:
    universes = Universes(database)
    universes.add("big", [Membership("AAPL", DAY)], known_at=START, source="a")

    with pytest.raises(DataError, match="clock"):
        universes.add("big", [Membership("MSFT", DAY)], known_at=START, source="a")


@pytest.mark.parametrize(
    "told",
    [
        [Membership("AAPL", DAY), Membership("AAPL", date(2021, 1, 1))],
        [Membership("AAPL", DAY, date(2021, 5, 1)), Membership("AAPL", date(2021, 5, 1))],
    ],
)
def test_one_symbol_does_not_belong_twice_at_a_time(
    database: Database, told: list[Membership]
) -> None:
    with pytest.raises(DataError, match="left first"):
        Universes(database).add("big", told, known_at=START, source="a")


def test_nobody_leaves_before_it_came() -> None:
    with pytest.raises(DataError, match="before it came"):
        Membership("AAPL", DAY, DAY - timedelta(days=1))


def test_a_universe_nobody_knows_is_named_with_those_there_are(database: Database) -> None:
    universes = Universes(database)
    universes.add("sp500", [Membership("AAPL", DAY)], known_at=START, source="a")

    with pytest.raises(NotFoundError, match="sp500"):
        universes.members("sp50", DAY)


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from("ABCD"), st.integers(0, 3), st.none() | st.integers(0, 40)),
        min_size=1,
        max_size=12,
    )
)
def test_an_answer_about_a_time_never_changes_afterwards(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int | None]]
) -> None:
    database = open_database(sqlite_url(tmp_path_factory.mktemp("u") / "assay.db"))
    universes = Universes(database)
    days = [DAY + timedelta(days=n) for n in range(0, 60, 7)]
    answers: dict[datetime, list[list[str]]] = {}

    for number, (symbol, first, length) in enumerate(steps):
        at = START + timedelta(hours=number)
        begins = DAY + timedelta(days=10 * first)
        last = None if length is None else begins + timedelta(days=length)
        universes.add("u", [Membership(symbol, begins, last)], known_at=at, source="x")
        answers[at] = [universes.members("u", day, known_at=at) for day in days]

    for at, known in answers.items():
        assert [universes.members("u", day, known_at=at) for day in days] == known
    database.close()
