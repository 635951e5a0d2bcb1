"""What is drawn of a stretch: every bar, a place for what is missing, and what is flagged."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.candles import decode
from assay.workflows.covered import covered
from assay.workflows.desk import Desk
from assay.workflows.pictured import BLANKS, MOST, NEWEST, Pictured, _slots, marked, pictured
from tests.factories import make_bars
from tests.sources.test_quality import put, walk
from tests.workflows.workspace import open_at

NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)
H1 = Timeframe.H1


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a workspace of two years with a long gap, a short one, and a spike."""
    found = open_at(tmp_path_factory.mktemp("pictured") / "home", NOW)
    whole = walk()
    row = pl.int_range(pl.len())
    frame = put(whole, 5_000, high=whole["high"][5_000] * 1.2).filter(
        ~row.is_between(4_900, 4_999) & (row != 5_050)
    )
    bars = Bars(instrument("EURUSD"), H1, frame)
    found.bars.append(bars, source="file:a.csv", known_at=NOW)
    return found


def stretch(desk: Desk) -> Pictured:
    time = walk()["time"]
    return pictured(desk, "EURUSD", H1, time[4_800], time[5_100])


def test_the_newest_bars_are_shown_unless_a_time_is_named(desk: Desk) -> None:
    whole = desk.bars.read(desk.instrument("EURUSD"), H1).frame

    newest = pictured(desk, "EURUSD", H1)
    before = pictured(desk, "EURUSD", H1, end=whole["time"][2_000])

    assert_frame_equal(newest.bars.frame, whole.tail(NEWEST))
    assert before.bars.last_time == whole["time"][2_000]
    assert len(before.bars) == NEWEST


def test_a_gap_keeps_its_place_and_a_long_one_some_of_it(desk: Desk) -> None:
    found = stretch(desk)

    assert [gap.bars for gap in found.gaps] == [100, 1]
    assert (found.rows < 0).sum() == BLANKS + 1
    assert found.rows[found.rows >= 0].tolist() == list(range(len(found.bars)))
    assert (np.diff(found.slots) > 0).all()


def test_flags_are_those_of_the_whole_series_that_lie_in_the_stretch(desk: Desk) -> None:
    found, elsewhere = stretch(desk), pictured(desk, "EURUSD", H1)

    assert [str(flaw.code) for flaw in found.flaws] == ["spike"]
    held = marked(found)
    assert held.sum() == 1
    assert found.bars.frame["time"][int(np.flatnonzero(held)[0])] == found.flaws[0].first
    assert elsewhere.flaws == ()
    assert not marked(elsewhere).any()


def test_as_json_the_candles_are_the_bars_to_the_tick(desk: Desk) -> None:
    found = stretch(desk)
    told = found.to_json()

    minutes, prices = decode(told["candles"])

    frame = found.bars.frame
    assert minutes.tolist() == (frame["time"].dt.epoch("s") // 60).to_list()
    closes = frame["close"].to_numpy()
    assert np.abs(prices[:, 3] * told["tick"] - closes).max() <= told["tick"] / 2 + 1e-12
    assert len(told["missing"]) == BLANKS + 1
    assert not set(told["missing"]) & set(minutes.tolist())


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_missing_every_bar_has_one_place(data: st.DataObject) -> None:
    whole = make_bars(200, gaps=False)
    gone = data.draw(st.sets(st.integers(1, 198), max_size=150))
    kept = pl.Series([row not in gone for row in range(200)])
    bars = Bars(whole.instrument, H1, whole.frame.filter(kept))
    found = covered(bars)

    slots, rows = _slots(bars, found.expected, found.there)

    assert rows[rows >= 0].tolist() == list(range(len(bars)))
    assert (np.diff(slots) > 0).all()
    most = sum(min(gap.bars, BLANKS) for gap in found.gaps())
    assert (rows < 0).sum() == most


def test_a_stretch_without_bars_or_with_too_many_is_refused_with_what_there_is(
    tmp_path: Path, desk: Desk
) -> None:
    with pytest.raises(NotFoundError, match="No bar of EURUSD 1h closed in that stretch; stored"):
        pictured(desk, "EURUSD", H1, NOW, NOW + timedelta(days=1))
    many = open_at(tmp_path / "home", datetime(2030, 1, 1, tzinfo=UTC))
    bars = make_bars(MOST + 5, gaps=False)
    many.bars.append(bars, source="test", known_at=many.clock.now())
    with pytest.raises(SettingsError, match="20,005 bars of EURUSD 1h lie in that stretch"):
        pictured(many, "EURUSD", H1, bars.first_time)
    with pytest.raises(NotFoundError, match="There are no bars of EURUSD 5m"):
        pictured(desk, "EURUSD", Timeframe.M5)
