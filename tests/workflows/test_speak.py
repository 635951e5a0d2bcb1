"""What models say of a bar is kept while the bar is the same, and changes no answer."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.workflows.data import resample_series
from assay.workflows.desk import Desk
from assay.workflows.gather import Series
from assay.workflows.issue import hear
from assay.workflows.speak import Spoken
from assay.workflows.warm import WarmDesk, warm
from tests.workflows.workspace import open_at, trending_bars

H1, H4 = Timeframe.H1, Timeframe.H4
BARS = trending_bars()


def opened(home: Path) -> Desk:
    return open_at(home, BARS.last_time + timedelta(hours=2))


def heard(desk: Desk, timeframe: Timeframe = H1, as_of: datetime | None = None) -> Spoken:
    return hear(desk, "EURUSD", timeframe, as_of=as_of).spoken


def held(desk: WarmDesk) -> list[int]:
    """Return which forecasts the desk keeps."""
    bars = desk.said.values()
    return [id(said.forecast) for bar in bars for said in bar.said.values() if said]


def corrected(desk: Desk, bar: pl.DataFrame) -> None:
    moved = bar.with_columns(pl.col("high") * 1.01, pl.col("close") * 1.005)
    better = Bars(BARS.instrument, H1, moved)
    desk.bars.correct(better, reason="a test", known_at=desk.clock.now())


def test_signals_of_several_timeframes_ask_about_a_bar_once(own: Path) -> None:
    plain = opened(own)
    resample_series(plain, "EURUSD", H1, H4)
    desk = warm(plain)

    hourly, slower = heard(desk, H1), heard(desk, H4)

    asked = {id(each) for each in (*hourly.forecasts, *slower.forecasts)}
    assert len(asked) < len(hourly.forecasts) + len(slower.forecasts)
    assert sorted(asked) == sorted(held(desk))
    assert (hourly, slower) == (heard(plain, H1), heard(plain, H4))
    plain.close()


def test_a_bar_that_was_corrected_is_asked_about_again(own: Path) -> None:
    plain = opened(own)
    desk = warm(plain)
    before = heard(desk)

    corrected(plain, BARS.frame[-1:])
    after = heard(desk)

    assert after == heard(plain)
    assert [each.classes for each in after.forecasts] != [each.classes for each in before.forecasts]
    assert after.accounts != before.accounts
    plain.close()


def test_an_earlier_bar_asked_about_in_between_changes_nothing(workspace: Path) -> None:
    plain = opened(workspace)
    desk = warm(plain)
    newest, earlier = heard(plain), BARS.frame["time"][-30]

    found = [heard(desk), heard(desk, as_of=earlier), heard(desk)]

    assert found == [newest, heard(plain, as_of=earlier), newest]
    plain.close()


def test_no_more_is_kept_than_what_was_said_of_one_bar_a_series(workspace: Path) -> None:
    desk = warm(opened(workspace))

    for hour in (40, 30, 20, 10):
        for timeframe in (H1, H4):
            last = hear(desk, "EURUSD", timeframe, as_of=BARS.frame["time"][-hour])

    assert set(desk.said) == {Series("EURUSD", H1), Series("EURUSD", H4)}
    assert all(bar.item is last.frames[series.timeframe] for series, bar in desk.said.items())
    assert len(held(desk)) == len(last.spoken.forecasts)
    desk.close()
