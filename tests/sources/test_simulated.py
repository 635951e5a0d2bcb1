import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import KNOWN, equity, instrument
from assay.core.resample import resample
from assay.core.values.bars import BAR_SCHEMA
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import Simulated
from assay.sources.catalog import SOURCES

EURUSD, BTCUSDT, ACME = instrument("EURUSD"), instrument("BTCUSDT"), equity("ACME")
START = datetime(2016, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def market() -> Simulated:
    chosen = [EURUSD, instrument("USDJPY"), instrument("XAUUSD"), BTCUSDT, ACME]
    return Simulated(seed=11, years=0.5, instruments=chosen)


def test_it_is_a_source_by_its_file_name() -> None:
    assert SOURCES.get("simulated") is Simulated
    assert Simulated.simulated


def test_without_a_choice_all_known_instruments_take_part() -> None:
    assert Simulated(seed=1, years=0.1).instruments == tuple(KNOWN.values())


@pytest.mark.parametrize("one", [EURUSD, BTCUSDT, ACME], ids=lambda one: one.symbol)
def test_bars_stand_only_where_the_calendar_expects_them(
    market: Simulated, one: Instrument
) -> None:
    frame = market.bars(one, Timeframe.H1).bars.frame

    end = START + timedelta(hours=round(0.5 * 8766))
    expected = calendar(one.calendar).expected_closes(Timeframe.H1, START, end)
    expected = expected.filter(expected > START)
    assert frame["time"].is_in(expected.implode()).all()
    assert 0.99 < frame.height / len(expected) <= 1.0
    assert frame.schema == BAR_SCHEMA


def test_prices_sit_on_the_tick(market: Simulated) -> None:
    frame = market.bars(EURUSD, Timeframe.H1).bars.frame

    ticks = frame.select(pl.col("open", "high", "low", "close") / 1e-5).to_numpy()

    assert np.allclose(ticks, np.round(ticks), atol=1e-4)


def test_the_notes_say_that_it_is_simulated_and_how_much_is_missing(market: Simulated) -> None:
    notes = {note.code: note.sentence for note in market.bars(EURUSD, Timeframe.H1).notes}

    assert notes["simulated"] == "These bars are simulated (seed 11)"
    assert notes["outages"].endswith("1h bars are missing")


@pytest.mark.parametrize("longer", [Timeframe.H4, Timeframe.D1])
def test_longer_bars_are_made_of_the_shortest_ones(market: Simulated, longer: Timeframe) -> None:
    shortest = market.bars(EURUSD, Timeframe.H1).bars

    made = market.bars(EURUSD, longer).bars

    assert made.frame.equals(resample(shortest, longer, calendar("FX")).frame)


@pytest.mark.parametrize("base", [Timeframe.M5, Timeframe.M15, Timeframe.M30])
def test_shorter_base_bars_join_up_to_hours(base: Timeframe) -> None:
    one = Simulated(seed=3, years=0.15, instruments=[EURUSD], timeframe=base)

    frame = one.bars(EURUSD, base).bars.frame

    gap = frame["time"].diff().dt.total_minutes()
    within = gap == base.minutes
    jump = (frame["open"] / frame["close"].shift()).log().abs().filter(within)
    move = (frame["close"] / frame["open"]).log().abs().filter(within)
    assert frame.height > 100
    assert jump.median() < 0.35 * move.median()  # type: ignore[operator]  # a Float64 column
    assert len(one.bars(EURUSD, Timeframe.H1).bars) > 0.9 * frame.height * base.minutes / 60


def test_a_shorter_bar_than_the_base_is_refused(market: Simulated) -> None:
    with pytest.raises(SettingsError, match="shortest are 1h"):
        market.bars(EURUSD, Timeframe.M5)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="shortest bars can be"):
        Simulated(seed=1, timeframe=Timeframe.H4)
    with pytest.raises(SettingsError, match=r"0\.1 to 30 years"):
        Simulated(seed=1, years=0.0)
    with pytest.raises(SettingsError, match="full hour"):
        Simulated(seed=1, start=datetime(2016, 1, 4, 0, 30, tzinfo=UTC))


def test_instruments_it_cannot_make_are_refused(market: Simulated) -> None:
    krone = Instrument(
        "EURNOK", EURUSD.asset_class, "OTC", EURUSD.tick, EURUSD.lot, "NOK", "FX", "EUR"
    )

    with pytest.raises(NotFoundError, match="knows no NOK"):
        Simulated(seed=1, instruments=[krone])
    with pytest.raises(NotFoundError, match="has no 'GBPUSD'"):
        market.bars(instrument("GBPUSD"), Timeframe.H1)


def test_who_else_takes_part_changes_nothing(market: Simulated) -> None:
    alone = Simulated(seed=11, years=0.5, instruments=[EURUSD])
    other = Simulated(seed=11, years=0.5, instruments=[ACME, EURUSD])
    other.bars(ACME, Timeframe.H1)

    for one in (alone, other):
        assert one.bars(EURUSD, Timeframe.H1).bars.frame.equals(
            market.bars(EURUSD, Timeframe.H1).bars.frame
        )
        assert one.spreads(EURUSD).equals(market.spreads(EURUSD))
        assert one.releases() == market.releases()
        own = [story for story in market.stories() if story.instruments == ("EURUSD",)]
        assert [story for story in one.stories() if story.instruments == ("EURUSD",)] == own


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    script = (
        "import sys, hashlib\n"
        "from assay.core.instruments import instrument\n"
        "from assay.core.values.timeframe import Timeframe\n"
        "from assay.sources.adapters.simulated import Simulated\n"
        "one = Simulated(seed=5, years=0.1, instruments=[instrument('USDCAD')])\n"
        "frame = one.bars(instrument('USDCAD'), Timeframe.H1).bars.frame\n"
        "told = repr(one.stories()) + repr(one.releases())\n"
        "text = frame.drop('time').to_numpy().tobytes() + told.encode()\n"
        "print(hashlib.sha256(text).hexdigest())\n"
    )

    prints = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(prints) == 1


def test_another_seed_is_another_market(market: Simulated) -> None:
    other = Simulated(seed=12, years=0.5, instruments=[EURUSD])

    left = market.bars(EURUSD, Timeframe.H1).bars.frame
    right = other.bars(EURUSD, Timeframe.H1).bars.frame
    both = left.join(right, on="time")
    moves = both.select(pl.col("close", "close_right").log().diff()).drop_nulls().to_numpy()
    assert abs(np.corrcoef(moves.T)[0, 1]) < 0.08


def test_stories_come_in_the_order_they_are_seen(market: Simulated) -> None:
    stories = market.stories()

    assert all(a.seen_at <= b.seen_at for a, b in pairwise(stories))
    assert all(story.event_at <= story.seen_at for story in stories)
    late = sorted((story.seen_at - story.event_at).total_seconds() for story in stories)
    assert 5 < late[len(late) // 2] < 120
    assert late[-1] > 300


def test_asking_until_a_moment_is_cutting_the_whole(market: Simulated) -> None:
    moment = START + timedelta(days=60)

    assert market.stories(moment) == [s for s in market.stories() if s.seen_at <= moment]
    assert market.releases(moment) == [r for r in market.releases() if r.seen_at <= moment]
    assert 0 < len(market.releases(moment)) < len(market.releases())


def test_each_instrument_has_a_few_stories_a_day_and_many_wordings(market: Simulated) -> None:
    stories = [story for story in market.stories() if story.instruments == ("EURUSD",)]

    days = 0.5 * 365.25 * 5 / 7
    assert 3.0 < len(stories) / days < 12.0
    assert len({story.text for story in stories}) > 250
    assert all("{" not in story.text and "  " not in story.text for story in stories)


def test_some_stories_are_carried_by_several_desks(market: Simulated) -> None:
    stories = [story for story in market.stories() if story.instruments == ("USDJPY",)]

    copies = [s for s in stories if s.text.startswith(("UPDATE", "RPT", "WRAPUP"))]

    assert 0.01 < len(copies) / len(stories) < 0.1
    assert any(story.text == copy.text.partition("-")[2] for copy in copies for story in stories)


def test_the_world_has_stories_about_no_instrument(market: Simulated) -> None:
    assert any(not story.instruments for story in market.stories())


def test_releases_are_seen_seconds_after_they_are_due(market: Simulated) -> None:
    releases = market.releases()

    late = [(one.seen_at - one.event_at).total_seconds() for one in releases]
    assert min(late) > 0
    assert max(late) < 60
    counts = Counter((one.currency, one.series) for one in releases)
    assert {currency for currency, _ in counts} >= {"USD", "EUR", "JPY", "NZD"}
    assert counts["USD", "cpi_yoy_percent"] == 6
    assert counts["GBP", "policy_rate_percent"] in (4, 5)
    assert {one.event_at.weekday() for one in releases} <= {0, 1, 2, 3, 4}


def test_surprises_have_no_bias_and_the_size_they_say() -> None:
    releases = Simulated(seed=2, years=6.0, instruments=[]).releases()

    surprise = np.array(
        [
            one.actual - one.consensus
            for one in releases
            if one.series == "retail_sales_mom_percent" and one.consensus is not None
        ]
    )

    assert surprise.size > 500
    assert abs(surprise.mean()) < 4 * surprise.std() / np.sqrt(surprise.size)
    assert 0.38 < surprise.std() < 0.52


def test_spreads_widen_at_the_roll_and_narrow_in_london(market: Simulated) -> None:
    spreads = market.spreads(EURUSD).with_columns(
        york=pl.col("time").dt.convert_time_zone("America/New_York").dt.hour(),
        london=pl.col("time").dt.convert_time_zone("Europe/London").dt.hour(),
    )

    def usual(rows: pl.Expr) -> float:
        value = spreads.filter(rows)["half_spread"].median()
        assert isinstance(value, float)
        return value

    assert usual(pl.col("york") == 18) > 1.8 * usual(pl.col("london").is_between(9, 15))
    assert 0.1e-4 < usual(pl.lit(value=True)) < 1.5e-4
    assert spreads["time"].equals(market.bars(EURUSD, Timeframe.H1).bars.frame["time"])


def test_nothing_but_the_truth_file_tells_what_was_planted(market: Simulated) -> None:
    public = {name for name in dir(market) if not name.startswith("_")}

    assert public == {
        "bars", "instruments", "releases", "simulated", "spreads", "stories", "write_truth",
    }  # fmt: skip
