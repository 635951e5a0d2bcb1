"""Flagged bars: signals wait for them, live as in a backtest; mending is a newer version."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.errors import NotFoundError
from assay.core.values.bars import Bars
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.risk.reasons import BIT
from assay.sources.quality.flaw import Code
from assay.sources.quality.statistics import ATR_BARS
from assay.workflows.check import check_series
from assay.workflows.covered import is_sparse, sparse
from assay.workflows.desk import Desk
from assay.workflows.doubt import doubted, is_doubted, looks_back
from assay.workflows.gather import Series, prepare
from assay.workflows.issue import issue
from assay.workflows.mend import mend, plan_mending
from assay.workflows.replay import situations_of
from assay.workflows.reports import write_check
from tests.sources.test_quality import KINDS, flaws, put, walk
from tests.workflows.workspace import copied, open_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
H1 = Timeframe.H1


def bars_of(frame: pl.DataFrame) -> Bars:
    from assay.core.instruments import instrument

    return Bars(instrument("EURUSD"), H1, frame)


@pytest.fixture
def spiked() -> pl.DataFrame:
    frame = walk()
    return put(frame, 5_000, high=frame["high"][5_000] * 1.2)


def stored(home: Path, frame: pl.DataFrame) -> Desk:
    desk = open_at(home, NOW)
    desk.bars.append(bars_of(frame), source="file:test.csv", known_at=NOW)
    return desk


def test_nothing_is_decided_while_the_atr_holds_a_flagged_bar(spiked: pl.DataFrame) -> None:
    found = np.flatnonzero(doubted(bars_of(spiked)))

    assert found.tolist() == list(range(5_001, 5_001 + ATR_BARS))


def test_a_few_newest_bars_are_doubted_as_all_of_them_are(
    tmp_path: Path, spiked: pl.DataFrame
) -> None:
    thin = put(spiked, 4_980, volume=0.01)
    desk, series = stored(tmp_path / "home", thin), Series("EURUSD", H1)
    whole = prepare(desk, series)
    assert whole.doubted.any()

    for row in (4_975, 4_981, 4_999, 5_001, 5_008, 5_015, 5_030):
        until = thin["time"][row]
        live = prepare(desk, series, until=until, rows=1_200)
        last = whole.time.tolist().index(int(live.time[-1]))
        past = prepare(desk, series, until=until)
        assert live.doubted[-1] == past.doubted[-1] == whole.doubted[last], row


@pytest.mark.parametrize("symbol", ["EURUSD", "BTCUSDT", "AAPL"])
@pytest.mark.parametrize("timeframe", [Timeframe.M15, H1, Timeframe.D1])
def test_of_the_newest_bar_is_said_what_all_of_them_say_of_it(
    symbol: str, timeframe: Timeframe
) -> None:
    frame, kind = walk(symbol, timeframe), KINDS[symbol]
    chance, middle = np.random.default_rng(3), frame.height // 2
    frame = put(frame, middle, high=frame["high"][middle] * 1.2)
    frame = put(frame, middle + 40, low=frame["low"][middle + 40] * 0.8, volume=0.001)
    still = dict.fromkeys(("open", "high", "low", "close"), frame["close"][middle + 60])
    for row in range(middle + 61, middle + 75):
        frame = put(frame, row, **still)
    frame = frame.filter(
        ~pl.int_range(pl.len()).is_in(chance.integers(0, frame.height, frame.height // 12))
    )
    whole = Bars(kind, timeframe, frame)
    flagged, scarce = doubted(whole), sparse(whole, 0.9)
    assert flagged.any()

    near = np.flatnonzero(np.diff(flagged.astype(np.int8)))
    rows = {*near, *(near + 1), *chance.integers(20, frame.height, 60), 0, 1, 5, 30}
    for row in sorted(int(one) for one in rows):
        start = frame["time"][row] - looks_back(timeframe)
        until = Bars(kind, timeframe, frame[: row + 1].filter(pl.col("time") >= start))
        assert is_doubted(until) == flagged[row], row
        assert is_sparse(until, 0.9) == scarce[row], row


def test_a_backtest_waits_as_a_signal_does(tmp_path: Path, spiked: pl.DataFrame) -> None:
    item = prepare(stored(tmp_path / "home", spiked), Series("EURUSD", H1))
    rows = np.arange(4_990, 5_020)

    blocks = situations_of(item, rows).blocks

    waits = (blocks & BIT[Reason.BAD_BAR]) != 0
    assert waits.tolist() == item.doubted[rows].tolist()
    assert waits.any()


def test_a_signal_of_a_flagged_bar_waits_and_says_why(workspace: Path, tmp_path: Path) -> None:
    desk = open_at(copied(workspace, tmp_path / "home"), NOW)
    sound = issue(desk, "EURUSD", H1)
    bars = desk.bars.read(desk.instrument("EURUSD"), H1)
    row = len(bars) - 3
    wick = put(bars.frame, row, high=bars.frame["high"][row] * 1.2)
    desk.bars.correct(bars_of(wick), reason="a test", known_at=NOW + timedelta(days=1))

    waiting = issue(open_at(desk.home, NOW + timedelta(days=2)), "EURUSD", H1)

    assert Reason.BAD_BAR in waiting.payload["reasons"]
    assert waiting.decision == "WAIT"
    assert Reason.BAD_BAR not in sound.payload["reasons"]


def test_mending_is_a_newer_version_and_says_what_it_did(
    tmp_path: Path, spiked: pl.DataFrame
) -> None:
    desk = stored(tmp_path / "home", put(spiked, 6_000, volume=0.01))
    plan = plan_mending(desk, "EURUSD", H1)

    assert [flaw.code for flaw in plan.mended] == [Code.SPIKE]
    assert [flaw.code for flaw in plan.left] == [Code.THIN_VOLUME]
    assert mend(open_at(desk.home, NOW + timedelta(days=1)), plan) == 1

    again = plan_mending(desk, "EURUSD", H1)
    then = desk.bars.read(desk.instrument("EURUSD"), H1, known_at=NOW)
    assert not again
    assert mend(desk, again) == 0
    assert then.frame["high"][5_000] == spiked["high"][5_000]
    assert desk.bars.changes("EURUSD", H1)[-1].reason == "mended by rule: 1 x spike"
    assert check_series(desk, "EURUSD", H1).missing == 1


def test_a_week_in_another_zone_is_put_back(tmp_path: Path) -> None:
    frame = walk()
    week = (pl.col("time") + pl.duration(hours=9)).dt.truncate("1w") == pl.lit(
        datetime(2022, 9, 12, tzinfo=UTC)
    )
    late = frame.with_columns(
        pl.col("time") + pl.when(week).then(pl.duration(hours=5)).otherwise(pl.duration())
    )
    desk = stored(tmp_path / "home", late)

    mend(open_at(desk.home, NOW + timedelta(days=1)), plan_mending(desk, "EURUSD", H1))

    assert desk.bars.read(desk.instrument("EURUSD"), H1).frame.equals(frame)
    assert flaws(desk.bars.read(desk.instrument("EURUSD"), H1).frame) == ()


def test_a_check_counts_every_day_and_draws_it(tmp_path: Path, spiked: pl.DataFrame) -> None:
    holes = spiked.filter(~pl.int_range(pl.len()).is_between(3_000, 3_047))
    found = check_series(stored(tmp_path / "home", holes), "EURUSD", H1)

    page = write_check(found, tmp_path / "pages" / "check.html").read_text()

    assert sum(day.expected for day in found.days) == found.expected
    assert sum(day.there for day in found.days) == found.rows - found.outside
    assert sum(day.flagged for day in found.days) == 1
    assert [flaw.code for flaw in found.flaws] == [Code.SPIKE]
    assert "its high lies" in page
    empty = '<rect x="{}" width="12" y="{}" height="12.0" fill="url(#missing)"/>'
    pattern = re.escape(empty).replace(r"\{\}", r"\d+")
    assert re.search(pattern, page), "a day of which nothing is there"
    assert page.count('<g class="flagged">') == 1
    assert "://" not in page.replace("http://www.w3.org", "")


def test_a_check_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        check_series(open_at(tmp_path / "home", NOW), "EURUSD", H1)
