"""A feed that fell silent makes a signal wait; one that never began does not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.workflows.gather import Series, prepare
from assay.workflows.heard import QUIET_FIGURES, QUIET_NEWS, silent_since
from tests.workflows.workspace import copied, open_at

START = datetime(2020, 1, 1, tzinfo=UTC)
SERIES = Series("EURUSD", Timeframe.H1)


def at(*hours: float) -> pl.Series:
    moments = [START + timedelta(hours=hour) for hour in hours]
    return pl.Series("time", moments, dtype=pl.Datetime("us", "UTC"))


def test_silence_begins_when_the_last_thing_is_too_long_ago() -> None:
    found = silent_since(at(0, 5, 10, 10.1, 20, 30.2), timedelta(hours=10), at(0, 20))

    assert found.tolist() == [False, False, False, True, False, True]


def test_before_the_first_and_without_any_there_is_no_silence() -> None:
    assert silent_since(at(0, 50), timedelta(hours=1), at(60)).tolist() == [False, False]
    assert silent_since(at(0, 50), timedelta(hours=1), at()).tolist() == [False, False]


@given(
    times=st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True),
    seen=st.lists(st.integers(0, 400), max_size=12).map(sorted),
    cut=st.integers(0, 400),
)
def test_what_comes_later_changes_nothing_before(
    times: list[int], seen: list[int], cut: int
) -> None:
    early = [hour for hour in sorted(times) if hour <= cut]
    longest = timedelta(hours=24)

    whole = silent_since(at(*sorted(times)), longest, at(*seen))
    known = silent_since(at(*early), longest, at(*[hour for hour in seen if hour <= cut]))

    assert np.array_equal(whole[: len(early)], known)


def test_of_several_feeds_the_last_thing_heard_counts() -> None:
    times, longest = at(0, 5, 10, 15, 20, 40), timedelta(hours=6)

    found = silent_since(times, longest, at(1, 9), at(), at(6, 25))

    assert found.tolist() == silent_since(times, longest, at(1, 6, 9, 25)).tolist()
    assert found.tolist() == [False, False, False, False, True, True]


def test_news_and_figures_that_stopped_are_known_at_each_bar(
    workspace: Path, tmp_path: Path
) -> None:
    desk = open_at(copied(workspace, tmp_path / "home"))
    quiet = prepare(desk, SERIES)
    first = quiet.bars.first_time
    story = Story(first, first + timedelta(days=2), "wire", "Euro rises", ("EURUSD",))
    figure = Release("cpi_percent", "EUR", first, first + timedelta(days=1), 2.0)
    desk.documents.add_stories([story], simulated=False)
    news = prepare(desk, SERIES)
    desk.documents.add_releases([figure], simulated=False)
    both = prepare(desk, SERIES, rows=1_500)

    times = quiet.bars.frame["time"]
    assert quiet.unheard is not None
    assert not quiet.unheard.any()
    assert news.unheard is not None
    assert news.unheard.tolist() == (times > story.seen_at + QUIET_NEWS).to_list()
    assert both.unheard is not None
    assert both.unheard[-1]
    assert QUIET_FIGURES > QUIET_NEWS
