"""What every source promises that is no provider over the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.calendars.calendar import calendar
from assay.core.errors import UserError
from assay.core.instruments import instrument
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.catalog import SOURCES
from assay.sources.contract import Fetched, Source
from assay.sources.provider import Provider
from tests.factories import make_bars

PAIR, METAL, COIN = map(instrument, ("EURUSD", "XAUUSD", "BTCUSDT"))


@dataclass(frozen=True, slots=True)
class Example:
    """A source, made for tests, and the series it is asked for."""

    source: Source
    series: Sequence[tuple[Instrument, Timeframe]]


def a_file(kind: type[Source], folder: Path) -> Example:
    frame = make_bars(500, timeframe=Timeframe.H1).frame
    frame.rename({"time": "close_time"}).write_parquet(folder / "bars.parquet")
    made = kind(folder / "bars.parquet")  # type: ignore[call-arg]  # each source has its own arguments
    return Example(made, [(PAIR, Timeframe.H1)])


def a_market(kind: type[Source], _: Path) -> Example:
    instruments = [PAIR, METAL, COIN]
    made = kind(seed=11, years=0.5, instruments=instruments, timeframe=Timeframe.M15)  # type: ignore[call-arg]  # each source has its own arguments
    lengths = (Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1)
    return Example(made, [(known, length) for known in instruments for length in lengths])


MADE_BY: dict[str, Callable[[type[Source], Path], Example]] = {
    "file": a_file,
    "simulated": a_market,
}
"""How each source is made for these tests; a new source needs a line here."""
LOCAL = tuple(name for name in SOURCES.names() if not issubclass(SOURCES.get(name), Provider))


@pytest.fixture(scope="module", params=LOCAL)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Example:
    name: str = request.param
    assert name in MADE_BY, f"say in MADE_BY how the source {name!r} is made for these tests"
    return MADE_BY[name](SOURCES.get(name), tmp_path_factory.mktemp(name))


@pytest.fixture(scope="module")
def fetched(example: Example) -> list[Fetched]:
    return [example.source.bars(known, length) for known, length in example.series]


def test_the_sources_made_here_are_the_sources_there_are() -> None:
    assert set(MADE_BY) == set(LOCAL)


def test_bars_are_of_the_series_that_was_asked_for(
    example: Example, fetched: list[Fetched]
) -> None:
    for (known, length), one in zip(example.series, fetched, strict=True):
        assert (one.bars.instrument, one.bars.timeframe) == (known, length)
        assert len(one.bars) > 0


def test_bars_close_on_the_grid_in_order(fetched: list[Fetched]) -> None:
    for one in fetched:
        times = one.bars.frame["time"]
        assert times.is_sorted()
        assert times.is_unique().all()
        if one.bars.timeframe.is_intraday:
            micro = one.bars.timeframe.minutes * 60_000_000
            assert (times.dt.timestamp("us") % micro == 0).all()
        else:
            market = calendar(one.bars.instrument.calendar)
            closes = market.expected_closes(one.bars.timeframe, times[0], times[-1])
            assert times.is_in(closes.implode()).all()


def test_notes_are_sentences_with_a_code(fetched: list[Fetched]) -> None:
    for note in (note for one in fetched for note in one.notes):
        assert note.code == note.code.lower()
        assert note.code.replace("_", "").isalnum()
        assert not note.sentence[0].islower()
        assert len(note.sentence.split()) >= 3
        assert "\n" not in note.sentence
        assert note.line is None or note.line >= 1


def test_asking_twice_gives_the_same(example: Example, fetched: list[Fetched]) -> None:
    known, length = example.series[0]

    again = example.source.bars(known, length)

    assert_frame_equal(again.bars.frame, fetched[0].bars.frame, check_exact=True)
    assert again.notes == fetched[0].notes


def test_stories_and_releases_come_in_the_order_they_were_seen(example: Example) -> None:
    stories = [story.seen_at for story in example.source.stories()]
    releases = [release.seen_at for release in example.source.releases()]

    assert stories == sorted(stories)
    assert releases == sorted(releases)


def test_until_a_moment_only_what_had_been_seen_is_told(example: Example) -> None:
    moments = [story.seen_at for story in example.source.stories()]
    moments += [release.seen_at for release in example.source.releases()]
    middle = sorted(moments)[len(moments) // 2] if moments else datetime(2020, 1, 1, tzinfo=UTC)

    stories, releases = example.source.stories(middle), example.source.releases(middle)

    assert list(stories) == [s for s in example.source.stories() if s.seen_at <= middle]
    assert list(releases) == [r for r in example.source.releases() if r.seen_at <= middle]


def test_series_it_does_not_have_are_refused_in_words(example: Example) -> None:
    with pytest.raises(UserError) as caught:
        example.source.bars(METAL, Timeframe.M1)

    assert "\n" not in str(caught.value)


def test_nothing_lies_wholly_in_hours_the_market_is_closed(fetched: list[Fetched]) -> None:
    for one in fetched:
        if not one.bars.timeframe.is_intraday:
            continue
        times = one.bars.frame["time"]
        market = calendar(one.bars.instrument.calendar)
        closes = market.expected_closes(one.bars.timeframe, times[0], times[-1])
        outside = times.filter(~times.is_in(closes.implode()))
        said = any(note.code == "outside_hours" for note in one.notes)
        assert said or outside.is_empty(), f"{one.bars.instrument.symbol}: {pl.Series(outside)}"
