from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, StoreError
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.store.documents import (
    RELEASE_SCHEMA,
    SCORE_SCHEMA,
    STORY_SCHEMA,
    DocumentStore,
    story_id,
)
from assay.store.seen import MOST_PARTS

DAY = datetime(2026, 3, 2, tzinfo=UTC)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


def minutes(count: int) -> datetime:
    return DAY + timedelta(minutes=count)


def story(event: int, seen: int, text: str = "Fed holds", *about: str) -> Story:
    return Story(minutes(event), minutes(seen), "wire", text, about)


def release(seen: int, actual: float, currency: str = "USD", event: int = 0) -> Release:
    return Release("CPI", currency, minutes(event), minutes(seen), actual, 3.0)


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path)


def test_stories_come_back_in_order_of_first_sight(store: DocumentStore) -> None:
    stories = [story(0, 9, "late"), story(3, 4, "early", "EURUSD"), story(5, 5, "middle")]

    added = store.add_stories(stories, simulated=False)

    found = store.stories(None, NEVER, simulated=False)
    assert added == 3
    assert found.schema == STORY_SCHEMA
    assert found["text"].to_list() == ["early", "middle", "late"]
    assert found["instruments"].to_list() == [["EURUSD"], [], []]
    assert found["event_at"][2] == DAY
    assert found["id"].to_list()[2] == story_id(stories[0])


def test_what_is_seen_later_is_not_there_earlier(store: DocumentStore) -> None:
    store.add_stories([story(0, 1, "at once"), story(0, 10, "late")], simulated=False)
    store.add_releases([release(1, 3.1), release(10, 3.2)], simulated=False)
    just_before = minutes(10) - timedelta(microseconds=1)

    stories = [store.stories(None, t, simulated=False).height for t in (just_before, minutes(10))]
    releases = [store.releases(None, t, simulated=False).height for t in (just_before, minutes(10))]

    assert stories == [1, 2]
    assert releases == [1, 2]


def test_the_same_story_again_keeps_its_first_sight(store: DocumentStore) -> None:
    store.add_stories([story(0, 5)], simulated=False)

    again = store.add_stories([story(0, 9), story(0, 2)], simulated=False)
    other = store.add_stories([story(0, 9, "Fed holds", "EURUSD")], simulated=False)

    assert (again, other) == (0, 1)
    assert store.stories(None, NEVER, simulated=False)["seen_at"].to_list() == [
        minutes(5),
        minutes(9),
    ]


def test_stories_are_chosen_by_instrument_and_span(store: DocumentStore) -> None:
    stories = [
        story(1, 1, "a", "EURUSD", "GBPUSD"),
        story(2, 2, "b", "BTCUSDT"),
        story(3, 3, "c"),
        story(4, 4, "d", "GBPUSD"),
    ]
    store.add_stories(stories, simulated=False)

    def texts(*symbols: str, since: int | None = None, until: int = 9) -> str:
        begin = None if since is None else minutes(since)
        found = store.stories(symbols, minutes(until), begin, simulated=False)
        return "".join(found["text"])

    assert texts("EURUSD") == "ac"
    assert texts("EURUSD", "BTCUSDT") == "abc"
    assert texts("USDJPY") == "c"
    assert texts("GBPUSD", since=3) == "cd"
    assert texts("GBPUSD", since=2, until=3) == "c"


def test_simulated_documents_are_never_read_with_real_ones(store: DocumentStore) -> None:
    store.add_stories([story(0, 1, "real")], simulated=False)
    store.add_stories([story(0, 1, "invented"), story(0, 1, "real")], simulated=True)
    store.add_releases([release(1, 3.1)], simulated=True)

    real = store.stories(None, NEVER, simulated=False)
    invented = store.stories(None, NEVER, simulated=True)

    assert real["text"].to_list() == ["real"]
    assert sorted(invented["text"]) == ["invented", "real"]
    assert store.releases(None, NEVER, simulated=False).height == 0
    info = store.info()
    assert info["stories", True].rows == 2
    assert info["releases", False].rows == 0
    assert info["stories", False].last_seen == minutes(1)


def test_revisions_are_kept_and_repeats_are_not(store: DocumentStore) -> None:
    store.add_releases([release(1, 3.1)], simulated=False)
    poll = [release(5, 3.1), release(9, 3.2), release(12, 3.2), release(20, 3.1)]

    added = store.add_releases(poll, simulated=False)
    again = store.add_releases(poll, simulated=False)

    found = store.releases(["USD"], NEVER, simulated=False)
    assert (added, again) == (2, 0)
    assert found.schema == RELEASE_SCHEMA
    assert found["actual"].to_list() == [3.1, 3.2, 3.1]
    assert found["seen_at"].to_list() == [minutes(1), minutes(9), minutes(20)]
    assert store.releases(["USD"], minutes(8), simulated=False)["actual"].to_list() == [3.1]
    assert store.releases(["EUR"], NEVER, simulated=False).height == 0


def test_a_figure_that_is_no_number_is_refused(store: DocumentStore) -> None:
    with pytest.raises(DataError, match="CPI"):
        store.add_releases([release(1, float("nan"))], simulated=False)

    assert store.releases(None, NEVER, simulated=False).height == 0


def scores(*rows: tuple[str, str, float, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCORE_SCHEMA, orient="row")


def test_scores_are_kept_by_scorer_and_version(store: DocumentStore) -> None:
    store.add_scores("rules", 1, scores(("a", "EURUSD", 0.5, 0.1), ("a", "", -0.5, 0.1)), DAY)
    store.add_scores("rules", 2, scores(("a", "EURUSD", 0.7, 0.0)), DAY)

    again = store.add_scores(
        "rules", 1, scores(("a", "", -0.5, 0.1), ("b", "", 0.0, 0.0)), minutes(1)
    )

    assert again == 1
    assert store.scores("rules", 1).rows() == [
        ("a", "", -0.5, 0.1),
        ("a", "EURUSD", 0.5, 0.1),
        ("b", "", 0.0, 0.0),
    ]
    assert store.scores("rules", 2)["score"].to_list() == [0.7]
    assert store.scores("other", 1).schema == SCORE_SCHEMA


def test_scores_that_contradict_or_leave_their_range_are_refused(store: DocumentStore) -> None:
    store.add_scores("rules", 1, scores(("a", "", 0.5, 0.1)), DAY)

    with pytest.raises(DataError, match="raise the scorer's version"):
        store.add_scores("rules", 1, scores(("a", "", 0.6, 0.1)), DAY)
    for wrong in (1.1, float("nan"), None):
        with pytest.raises(DataError, match=r"lies in \[-1, 1\]"):
            store.add_scores("rules", 1, scores(("b", "", wrong, 0.1)), DAY)  # type: ignore[arg-type]  # None is what is refused
    with pytest.raises(DataError, match="columns"):
        store.add_scores("rules", 1, pl.DataFrame({"id": ["a"]}), DAY)

    assert store.scores("rules", 1).height == 1


def test_many_small_additions_become_few_files(store: DocumentStore, tmp_path: Path) -> None:
    for i in range(MOST_PARTS + 5):
        store.add_stories([story(i, i, f"story {i}")], simulated=False)

    found = store.stories(None, NEVER, simulated=False)

    assert found["text"].to_list() == [f"story {i}" for i in range(MOST_PARTS + 5)]
    assert len(list((tmp_path / "stories").glob("*.parquet"))) == 6


def test_what_is_large_is_not_written_again_for_what_is_small(
    store: DocumentStore, tmp_path: Path
) -> None:
    many = [story(i, i, f"story number {i} of the past") for i in range(500)]
    store.add_stories(many, simulated=False)
    (first,) = (tmp_path / "stories").glob("*.parquet")

    for i in range(3 * MOST_PARTS):
        store.add_stories([story(500 + i, 500 + i, f"story {i}")], simulated=False)
        files = sorted((tmp_path / "stories").glob("*.parquet"))
        assert first in files
        assert len(files) <= MOST_PARTS + 1

    assert store.stories(None, NEVER, simulated=False).height == 500 + 3 * MOST_PARTS


def test_damage_names_the_file(store: DocumentStore, tmp_path: Path) -> None:
    store.add_stories([story(0, 1)], simulated=False)
    part = next((tmp_path / "stories").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-1])

    with pytest.raises(StoreError, match=part.name):
        store.stories(None, NEVER, simulated=False)
    with pytest.raises(StoreError, match=part.name):
        store.add_stories([story(0, 2, "more")], simulated=False)


@settings(max_examples=25, deadline=None)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6)), max_size=8), max_size=6
    ),
    asked=st.integers(-1, 30),
)
def test_the_store_is_a_set_with_first_sight(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[int, int]]], asked: int
) -> None:
    store = DocumentStore(tmp_path_factory.mktemp("law"))
    model: dict[str, int] = {}
    for batch in batches:
        new: dict[str, int] = {}
        for seen, which in batch:
            new[f"text {which}"] = min(seen, new.get(f"text {which}", seen))
        store.add_stories([story(0, s, f"text {w}") for s, w in batch], simulated=False)
        model = {**new, **model}

    found = store.stories(None, minutes(asked), simulated=False)

    expected = {text: minutes(seen) for text, seen in model.items() if seen <= asked}
    assert dict(zip(found["text"], found["seen_at"], strict=True)) == expected
