"""The allowance of a key holds for everybody who uses it, whatever happens."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.store.budgets import PARTS, Budgets, FileUses, SqlUses, Uses
from assay.store.database import open_database, sqlite_url

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Limit:
    calls: int
    seconds: int


@dataclass
class Clock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture(params=["file", "sqlite", "postgresql"])
def uses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Uses]:
    """Yield each kind of place in which the use of keys is kept."""
    if request.param == "file":
        yield FileUses(tmp_path)
        return
    server = request.param == "postgresql"
    url = request.getfixturevalue("empty_postgres") if server else sqlite_url(tmp_path / "a.db")
    database = open_database(url)
    yield SqlUses(database)
    database.close()


def test_so_many_calls_and_no_more_are_let_through_and_the_next_says_when(uses: Uses) -> None:
    clock = Clock()
    budgets = Budgets(uses, clock)
    limits = [Limit(5, 60)]

    waits = [budgets.take("massive", limits, 1) for _ in range(6)]

    assert waits[:5] == [0.0] * 5
    assert 60.0 < waits[5] <= 61.0
    assert budgets.used("massive", limits) == [5]
    clock.wait(waits[5])
    assert budgets.take("massive", limits, 1) == 0.0


def test_the_tightest_limit_counts_and_a_refused_call_takes_nothing(uses: Uses) -> None:
    budgets = Budgets(uses, Clock())
    limits = [Limit(25, 86_400), Limit(2, 60)]
    budgets.take("x", limits, 2)

    for _ in range(5):
        assert budgets.take("x", limits, 1) > 0.0

    assert budgets.used("x", limits) == [2, 2]


def test_a_pause_is_for_all_and_the_longest_counts(uses: Uses) -> None:
    clock = Clock()
    budgets, other = Budgets(uses, clock), Budgets(uses, clock)
    budgets.pause("x", 30.0)
    budgets.pause("x", 5.0)

    assert other.take("x", [], 1) == pytest.approx(30.0)
    assert other.take("y", [], 1) == 0.0
    clock.wait(30.0)
    assert other.take("x", [], 1) == 0.0


def test_what_costs_more_than_a_whole_limit_goes_through_alone(uses: Uses) -> None:
    budgets = Budgets(uses, Clock())

    assert budgets.take("x", [Limit(10, 60)], 25) == 0.0
    assert budgets.take("x", [Limit(10, 60)], 1) > 0.0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"until": "x", "spans": {}}', b"\xff"])
def test_a_damaged_account_counts_as_no_use(tmp_path: Path, content: bytes) -> None:
    budgets = Budgets(FileUses(tmp_path), Clock())
    budgets.take("x", [Limit(1, 60)], 1)
    (tmp_path / "x.json").write_bytes(content)

    assert budgets.take("x", [Limit(1, 60)], 1) == 0.0


def test_the_name_of_an_account_is_no_path(tmp_path: Path) -> None:
    budgets = Budgets(FileUses(tmp_path / "budgets"), Clock())

    budgets.take("ccxt:kraken/../../x", [Limit(1, 60)], 1)

    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "budgets"}


@settings(max_examples=60, deadline=None)
@given(
    calls=st.integers(1, 6),
    seconds=st.sampled_from([1, 60, 86_400]),
    steps=st.lists(st.floats(0.0, 0.7), min_size=1, max_size=60),
    costs=st.lists(st.integers(1, 3), min_size=60, max_size=60),
)
def test_in_no_span_is_more_taken_than_allowed(
    tmp_path_factory: pytest.TempPathFactory,
    calls: int,
    seconds: int,
    steps: list[float],
    costs: list[int],
) -> None:
    clock = Clock()
    budgets = Budgets(FileUses(tmp_path_factory.mktemp("budgets")), clock)
    limit = Limit(calls, seconds)
    taken: list[tuple[datetime, int]] = []

    for step, cost in zip(steps, costs, strict=False):
        clock.wait(step * seconds)
        if cost <= calls and budgets.take("x", [limit], cost) == 0.0:
            taken.append((clock.at, cost))

    for at, _ in taken:
        start = at - timedelta(seconds=seconds)
        assert sum(cost for other, cost in taken if start < other <= at) <= calls


@settings(max_examples=30, deadline=None)
@given(calls=st.integers(1, 5), seconds=st.sampled_from([60, 3_600]))
def test_whoever_waits_as_told_gets_through_and_waits_hardly_too_long(
    tmp_path_factory: pytest.TempPathFactory, calls: int, seconds: int
) -> None:
    clock = Clock()
    budgets = Budgets(FileUses(tmp_path_factory.mktemp("budgets")), clock)
    limit = Limit(calls, seconds)

    for _ in range(3 * calls):
        wait = budgets.take("x", [limit], 1)
        assert wait <= seconds * (1 + 1 / PARTS)
        if wait:
            clock.wait(wait)
            assert budgets.take("x", [limit], 1) == 0.0


def taker(folder: Path, url: str | None, results: "multiprocessing.Queue[int]") -> None:
    database = open_database(url) if url else None
    uses = SqlUses(database) if database else FileUses(folder)
    budgets = Budgets(uses, Clock())
    results.put(sum(budgets.take("x", [Limit(40, 60)], 1) == 0.0 for _ in range(25)))


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_several_processes_share_one_allowance(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("empty_postgres") if kind == "postgresql" else None
    if url:
        open_database(url).close()
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    workers = [context.Process(target=taker, args=(tmp_path, url, results)) for _ in range(3)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(results.get() for _ in workers) == 40
