"""How a story was met is kept beside it, and a copy counts only for what is new about it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.values.story import Story
from assay.store.circumstances import CIRCUMSTANCES_SCHEMA, Circumstances
from assay.store.documents import STORY_SCHEMA, TOLD_SCHEMA, DocumentStore, story_id
from assay.store.seen import SeenLog

DAY = datetime(2026, 3, 2, tzinfo=UTC)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
FULL = Circumstances("rss", "https://w.example/1", "More of it", True, "hidden text", "abc")


def story(minute: int, text: str, *about: str) -> Story:
    at = DAY + timedelta(minutes=minute)
    return Story(at, at, "wire", text, about)


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(tmp_path)


def test_circumstances_come_back_as_they_were_stored(store: DocumentStore) -> None:
    store.add_stories(
        [story(1, "plain"), story(2, "full", "AAPL")],
        simulated=False,
        circumstances=[Circumstances(), FULL],
    )

    found = store.told(NEVER, simulated=False)

    assert found.schema == TOLD_SCHEMA
    rows = found.select(list(CIRCUMSTANCES_SCHEMA)).rows(named=True)
    assert [Circumstances(**row) for row in rows] == [Circumstances(), FULL]


def test_a_copy_that_brings_nothing_counts_for_nobody_and_is_not_lost(store: DocumentStore) -> None:
    origin = story(1, "Fed holds", "EURUSD")
    copies = [story(2, "Fed holds -AP"), story(3, "Fed holds -AFP", "XAUUSD")]
    found = Circumstances(origin=story_id(origin))

    store.add_stories(
        [origin, *copies], simulated=False, circumstances=[Circumstances(), found, found]
    )

    def texts(*symbols: str) -> list[str]:
        return store.stories(symbols, NEVER, simulated=False)["text"].to_list()

    assert texts("EURUSD") == ["Fed holds"]
    assert texts("XAUUSD") == ["Fed holds -AFP"]
    assert texts("USDJPY") == []
    assert store.info()["stories", False].rows == 2
    assert store.told(NEVER, simulated=False).height == 3


def test_stories_of_an_earlier_version_are_read_and_followed(tmp_path: Path) -> None:
    old = story(1, "of long ago", "AAPL")
    schema = pl.Schema({**STORY_SCHEMA, "simulated": pl.Boolean()})
    row = [old.event_at, old.seen_at, old.source, old.text, ["AAPL"], story_id(old), False]
    log = SeenLog(tmp_path / "stories", schema, ["seen_at", "id"], "restore it")
    log.add(pl.DataFrame([row], schema=schema, orient="row"), lambda _: log_rows(row, schema))
    store = DocumentStore(tmp_path)

    again = store.add_stories([old], simulated=False)
    added = store.add_stories([story(2, "new")], simulated=False, circumstances=[FULL])

    found = store.told(NEVER, simulated=False)
    assert (again, added) == (0, 1)
    assert found["text"].to_list() == ["of long ago", "new"]
    assert found["origin"].to_list() == ["", "abc"]
    assert found["assumed"].to_list() == [False, True]
    assert store.stories(["AAPL"], NEVER, simulated=False)["text"].to_list() == ["of long ago"]


def log_rows(row: list[object], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame([row], schema=schema, orient="row")
