"""Stories scored once serve every later question, and are scored again when one arrives."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.clock import FixedClock
from assay.core.instruments import instrument
from assay.core.values.story import Story
from assay.text import aggregate
from assay.workflows.desk import Desk

EURUSD = instrument("EURUSD")
START = datetime(2024, 3, 4, tzinfo=UTC)


def story(hours: float, text: str) -> Story:
    at = START + timedelta(hours=hours)
    return Story(at, at, "wire", text, ("EURUSD",))


def desk_of(home: Path) -> Desk:
    return Desk(home, FixedClock(START + timedelta(days=30)))


def asked(desk: Desk, until: datetime | None = None, since: datetime | None = None) -> pl.DataFrame:
    found = desk.scored_stories(EURUSD, simulated=False, until=until, since=since)
    return pl.DataFrame() if found is None else found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = desk_of(tmp_path)
    told = [story(7.0 * n, f"Euro rallies after note {n} on rates and growth") for n in range(40)]
    made.documents.add_stories([*told, story(8, told[0].text)], simulated=False)
    return made


def test_a_part_is_what_is_scored_alone(desk: Desk) -> None:
    asked(desk)

    for since, until in ((None, 100), (4, 100), (30, None), (100, 101)):
        ends = [None if h is None else START + timedelta(hours=h) for h in (since, until)]
        alone = asked(desk_of(desk.home), ends[1], ends[0])
        assert_frame_equal(asked(desk, ends[1], ends[0]), alone)


def test_all_of_it_is_scored_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(desk, since=START + timedelta(hours=50))
    whole = asked(desk)
    monkeypatch.setattr(aggregate, "score_stories", None)

    again = asked(desk)
    part = asked(desk, until=START + timedelta(hours=60), since=START + timedelta(hours=20))

    assert_frame_equal(again, whole)
    assert 0 < part.height < whole.height


def test_a_story_stored_later_is_heard(desk: Desk) -> None:
    before = asked(desk)

    desk.documents.add_stories(
        [story(3, "Euro tumbles as banks fail in the south")], simulated=False
    )
    after = asked(desk)

    assert after.height == before.height + 1


def test_nothing_seen_yet_is_nothing(desk: Desk) -> None:
    asked(desk)

    early = START - timedelta(hours=1)
    assert desk.scored_stories(EURUSD, simulated=False, until=early) is None
