"""Several symbols and timeframes at bar close: what is remembered changes no bit of any answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.workflows.data import resample_series
from assay.workflows.desk import Desk
from assay.workflows.issue import hear, issue
from assay.workflows.train import train
from assay.workflows.warm import WarmDesk, warm
from tests.workflows.workspace import LIGHT, HandClock, copied, open_at, trending_bars

H1, H4 = Timeframe.H1, Timeframe.H4
SYMBOLS = ("EURUSD", "GBPUSD")
ROWS, HOURS = 6_000, 5
WORLD = {name: trending_bars(ROWS, seed) for name, seed in zip(SYMBOLS, (18, 19), strict=True)}
TIMES = WORLD["EURUSD"].frame["time"]
TRAINED = ROWS - HOURS


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of two pairs, peers of each other, with news and figures."""
    home = tmp_path_factory.mktemp("many") / "home"
    desk = open_at(home, TIMES[-1] + timedelta(hours=1))
    months = range(ROWS // 500)
    add_documents(desk, [TIMES[500 * month + 3] for month in months])
    for name in SYMBOLS:
        store(desk, name, 0, TRAINED)
        resample_series(desk, name, H1, H4)
    train(desk, members=LIGHT)
    desk.close()
    return home


def store(desk: Desk, name: str, first: int, last: int) -> None:
    rows = WORLD[name].frame[first:last]
    bars = Bars(instrument(name), H1, rows)
    desk.bars.append(bars, source="test", known_at=desk.clock.now())


def add_documents(desk: Desk, moments: list[datetime]) -> None:
    chance = np.random.default_rng(5)
    releases = [
        Release(series, money, at, at, float(figure), float(asked))
        for at in moments
        for series in ("cpi_yoy_percent", "policy_rate_percent", "yield_2y_percent")
        for money in ("EUR", "USD", "GBP")
        for figure, asked in [chance.normal(2, 0.5, 2)]
    ]
    stories = [
        Story(at, at, "wire", f"{name} climbs as report {number} beats hopes", (name,))
        for number, at in enumerate(moments)
        for name in SYMBOLS
    ]
    desk.documents.add_releases(releases, simulated=False)
    desk.documents.add_stories(stories, simulated=False)


def closes(desk: Desk, hour: int) -> Iterator[tuple[str, Timeframe]]:
    """Store what comes in one hour; yield the series that have models."""
    if hour % 2:
        add_documents(desk, [TIMES[TRAINED + hour] - timedelta(minutes=20)])
    for name in SYMBOLS:
        store(desk, name, 0, TRAINED + hour + 1)
        resample_series(desk, name, H1, H4)
    for name in SYMBOLS:
        yield name, H1
        yield name, H4


def moved(clock: object, hour: int) -> None:
    assert isinstance(clock, HandClock)
    clock.at = TIMES[-1] + timedelta(hours=1, minutes=hour)


def test_every_series_gets_the_same_signal_and_the_same_journal(
    trained: Path, tmp_path: Path
) -> None:
    one, other = copied(trained, tmp_path / "one"), copied(trained, tmp_path / "other")
    writer = open_at(one, TIMES[-1] + timedelta(hours=1))
    remembering = warm(writer)
    issued = 0
    for hour in range(HOURS):
        plain = open_at(other, TIMES[-1] + timedelta(hours=1))
        for desk in (remembering, plain, writer):
            moved(desk.clock, hour)
        asked = list(closes(writer, hour))
        assert asked == list(closes(plain, hour))
        for name, timeframe in asked:
            with remembering.bars.looked_at_once():
                kept = issue(remembering, name, timeframe)

            assert kept == issue(plain, name, timeframe)
            issued += 1
        plain.close()
    plain = open_at(other)
    remembered, written = remembering.journal.last(500), plain.journal.last(500)

    assert issued == HOURS * 4
    assert remembered == written
    assert remembering.journal.verify().intact
    assert len({entry.signal_id for entry in written}) >= HOURS * 2
    plain.close()
    remembering.close()


def test_what_the_store_says_of_bars_is_the_same_from_memory(trained: Path, tmp_path: Path) -> None:
    home = copied(trained, tmp_path / "home")
    plain = open_at(home, TIMES[-1] + timedelta(hours=1))
    kept = warm(plain)
    for hour in range(2):
        list(closes(plain, hour))
        for name in SYMBOLS:
            for timeframe in (H1, H4):
                where = instrument(name), timeframe
                last = plain.bars.info(name, timeframe).last
                start, end = last - timedelta(days=70), last - timedelta(hours=9)

                assert kept.bars.info(name, timeframe) == plain.bars.info(name, timeframe)
                assert kept.bars.changes(name, timeframe) == plain.bars.changes(name, timeframe)
                assert kept.bars.read(*where, start, end).frame.equals(
                    plain.bars.read(*where, start, end).frame
                )
                for span in ((start, end), (start, None), (None, end), (last, last)):
                    assert kept.bars.fingerprint(name, timeframe, *span) == (
                        plain.bars.fingerprint(name, timeframe, *span)
                    )
    plain.close()


def test_hearing_the_models_writes_nothing_and_opens_what_a_signal_needs(
    trained: Path, tmp_path: Path
) -> None:
    desk = warm(open_at(copied(trained, tmp_path / "home"), TIMES[-1] + timedelta(hours=1)))
    before = desk.journal.last(10)

    heard = hear(desk, "EURUSD", H1)
    again = hear(desk, "EURUSD", H1)

    assert isinstance(desk, WarmDesk)
    assert heard.spoken == again.spoken
    assert all(again.frames[each] is item for each, item in heard.frames.items())
    assert desk.journal.last(10) == before
    assert heard.at == desk.bars.info("EURUSD", H1).last
    desk.close()


def test_a_figure_that_is_seen_later_changes_no_earlier_row(trained: Path, tmp_path: Path) -> None:
    home = copied(trained, tmp_path / "home")
    plain = open_at(home, TIMES[-1] + timedelta(hours=1))
    kept = warm(plain)
    early = hear(kept, "GBPUSD", H1)
    add_documents(plain, [TIMES[TRAINED] + timedelta(minutes=5)])

    late, anew = hear(kept, "GBPUSD", H1), hear(plain, "GBPUSD", H1)

    assert late.spoken == early.spoken == anew.spoken
    for timeframe, item in anew.frames.items():
        np.testing.assert_array_equal(late.frames[timeframe].x, item.x)
    names = anew.frames[H1].columns
    surprised = [place for place, name in enumerate(names) if "surprise" in name]
    assert surprised
    assert np.nanmax(np.abs(anew.frames[H1].x[:, surprised])) > 0
    plain.close()
