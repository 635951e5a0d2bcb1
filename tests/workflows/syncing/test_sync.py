"""A sync brings the store to what the sources know, whatever happens on the way."""

import threading
from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import NotFoundError, SettingsError
from assay.core.secret import Secret
from assay.core.values.bars import PRICES
from assay.core.values.timeframe import Timeframe
from assay.workflows.data import list_series
from assay.workflows.syncing.planning import Part
from assay.workflows.syncing.sync import feed_from, feeds_of, plan_sync, sync
from tests.doubles import faults
from tests.doubles.market import NOW
from tests.doubles.server import Reply, Row
from tests.factories import make_bars
from tests.workflows.syncing.conftest import World
from tests.workflows.syncing.makers import M15, SINCE, feed, stored, wanted

HOUR = timedelta(hours=1)


def test_the_first_sync_stores_what_the_source_knows(world: World) -> None:
    feeds = [feed("EURUSD", M15, Timeframe.H1), feed("AAPL", Timeframe.M30)]

    _, run = sync(world.desk, feeds)

    assert not run.failed
    for symbol, timeframe in (("EURUSD", M15), ("EURUSD", Timeframe.H1), ("AAPL", Timeframe.M30)):
        want = wanted(world.desk, symbol, timeframe)
        assert_frame_equal(stored(world.desk, symbol, timeframe), want, check_exact=True)


def test_bars_that_no_source_has_are_made_of_the_longest_that_divide_them(world: World) -> None:
    feeds = [
        feed("EURUSD", Timeframe.H4, Timeframe.D1),
        feed("AAPL", Timeframe.H1, Timeframe.D1, since=NOW - timedelta(days=30)),
    ]

    sync(world.desk, feeds)

    names = [f"{one.symbol} {one.timeframe} {one.source}" for one in list_series(world.desk)]
    assert names == [
        *("AAPL 30m massive", "AAPL 1h resampled:30m", "AAPL 1d resampled:30m"),
        *("EURUSD 1h massive", "EURUSD 4h resampled:1h", "EURUSD 1d resampled:1h"),
    ]


def test_a_second_sync_adds_what_is_new_and_nothing_else(world: World) -> None:
    feeds = [feed("EURUSD", M15, Timeframe.H4)]
    sync(world.desk, feeds)
    world.later(HOUR)

    _, second = sync(world.desk, feeds)
    _, third = sync(world.desk, feeds)

    assert [one.added for one in second.synced] == [4, 1]
    assert [one.added + one.filled + one.corrected for one in third.synced] == [0, 0]
    assert_frame_equal(stored(world.desk), wanted(world.desk), check_exact=True)
    assert_frame_equal(
        stored(world.desk, timeframe=Timeframe.H4), wanted(world.desk, timeframe=Timeframe.H4)
    )


def test_a_sync_that_broke_off_goes_on_where_it_was(world: World) -> None:
    double = world.doubles["massive"]
    double.most = 1_500  # minutes: a hundred bars a page
    feeds = [feed()]
    answered = 0

    def breaks_off(reply: Reply) -> Reply:
        nonlocal answered
        answered += 1
        return reply if answered <= 4 else faults.broken(503)(reply)

    double.always = breaks_off
    _, broken = sync(world.desk, feeds)
    half = stored(world.desk).height
    double.always = None
    _, whole = sync(world.desk, feeds)

    assert half == 400
    assert [one.reason[:23] for one in broken.failed] == ["Massive is out of order"]
    assert not whole.failed
    assert_frame_equal(stored(world.desk), wanted(world.desk), check_exact=True)


def test_earlier_bars_come_newest_first_so_that_no_hole_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.workflows.syncing.running.STRETCH", 100)
    late, early = NOW - timedelta(days=4), NOW - timedelta(days=20)
    sync(world.desk, [feed(since=late)])
    world.doubles["massive"].asked.clear()
    answered = 0

    def breaks_off(reply: Reply) -> Reply:
        nonlocal answered
        answered += 1
        return reply if answered <= 4 else faults.broken(503)(reply)

    world.doubles["massive"].always = breaks_off
    sync(world.desk, [feed(since=early)])
    half = stored(world.desk)
    world.doubles["massive"].always = None
    sync(world.desk, [feed(since=early)])

    first = half["time"][0]
    assert early < first < late
    assert_frame_equal(half, wanted(world.desk, since=first - M15.length))
    assert_frame_equal(stored(world.desk), wanted(world.desk, since=early), check_exact=True)


def missing(rows: list[Row]) -> list[Row]:
    """Leave out every fortieth bar."""
    return [row for row in rows if row.opened // (15 * 60 * 1_000_000) % 40]


def test_bars_that_come_late_are_asked_for_again_and_others_not(world: World) -> None:
    double = world.doubles["massive"]
    double.spoil = missing
    settled = world.clock.at - timedelta(days=2)
    sync(world.desk, [feed()])
    lacking = wanted(world.desk).join(stored(world.desk), on="time", how="anti")
    world.later(timedelta(minutes=30))
    double.spoil = None

    _, run = sync(world.desk, [feed()])

    late = lacking.filter(pl.col("time") > settled).height
    for_good = lacking.filter(pl.col("time") <= settled)
    assert late > 3
    assert run.synced[0].filled == late
    assert_frame_equal(stored(world.desk), wanted(world.desk).join(for_good, on="time", how="anti"))


def test_what_a_source_does_not_have_is_asked_of_the_others_alone(world: World) -> None:
    world.doubles["massive"].spoil = missing
    sync(world.desk, [feed()])

    plan = plan_sync(world.desk, [feed(sources=("massive", "finnhub"))])

    gaps = [one for one in plan.questions if one.part is Part.GAP]
    settled = world.clock.at - timedelta(days=2, hours=1)
    assert {one.source for one in gaps if one.span.start < settled} == {"finnhub"}


def test_a_second_source_fills_what_the_first_lacks(world: World) -> None:
    world.doubles["massive"].spoil = missing
    both = [feed(sources=("massive", "finnhub"))]
    sync(world.desk, both)

    _, run = sync(world.desk, both)

    assert run.synced[0].filled > 10
    reasons = {change.reason for change in world.desk.bars.changes("EURUSD", M15)}
    assert "a gap filled from finnhub" in reasons
    assert (
        stored(world.desk)
        .select("time", *PRICES)
        .equals(wanted(world.desk).select("time", *PRICES))
    )


def test_where_the_first_source_is_down_the_next_is_asked_and_both_are_said(world: World) -> None:
    world.doubles["massive"].always = faults.broken(503)
    feeds = [feed(sources=("massive", "finnhub")), feed("USDJPY", sources=("massive", "finnhub"))]

    _, run = sync(world.desk, feeds)

    assert [one.source for one in run.failed] == ["massive", "massive"]
    assert all("out of order" in one.reason for one in run.failed)
    assert len(world.doubles["massive"].asked) == 5  # it was down for the first series already
    assert all(one.sources == ("finnhub",) for one in run.synced)
    for symbol in ("EURUSD", "USDJPY"):
        frame = stored(world.desk, symbol)
        assert frame.select("time", *PRICES).equals(
            wanted(world.desk, symbol).select("time", *PRICES)
        )


def test_one_wrong_key_keeps_nobody_else_from_going_on(world: World) -> None:
    good = world.desk.secret
    world.desk.secret = lambda name: Secret("stale") if "MASSIVE" in name else good(name)
    feeds = [feed(), feed("USDJPY", sources=("finnhub",))]

    _, run = sync(world.desk, feeds)

    assert [(one.symbol, one.source) for one in run.failed] == [("EURUSD", "massive")]
    assert "ASSAY_MASSIVE_KEY" in run.failed[0].reason
    assert "stale" not in run.failed[0].reason
    assert len(world.doubles["massive"].asked) == 1
    assert stored(world.desk, "USDJPY").height > 500


def test_a_late_correction_by_the_source_is_a_newer_version(world: World) -> None:
    sync(world.desk, [feed()])
    before, then = stored(world.desk), world.clock.at
    world.later(HOUR)

    def corrected(rows: list[Row]) -> list[Row]:
        last = int(before["time"][-2].timestamp() * 1e6) - 15 * 60 * 1_000_000
        return [row._replace(close=row.low) if row.opened == last else row for row in rows]

    world.doubles["massive"].spoil = corrected
    _, run = sync(world.desk, [feed()])

    instrument = world.desk.instrument("EURUSD")
    known_then = world.desk.bars.read(instrument, M15, known_at=then).frame
    assert run.synced[0].corrected == 1
    assert_frame_equal(known_then, before, check_exact=True)
    now = stored(world.desk).filter(pl.col("time") == before["time"][-2])
    assert now["close"][0] == now["low"][0]


def test_what_another_source_tells_otherwise_is_counted_and_left(world: World) -> None:
    sync(world.desk, [feed()])
    before = stored(world.desk)
    world.doubles["finnhub"].spoil = lambda rows: [row._replace(close=row.low) for row in rows]

    _, run = sync(world.desk, [feed(sources=("finnhub", "massive"))])

    assert run.synced[0].disagreed > 0
    assert run.synced[0].corrected == 0
    assert_frame_equal(stored(world.desk).head(before.height), before, check_exact=True)


def test_after_a_split_all_stored_bars_stand_on_the_new_scale(world: World) -> None:
    feeds = [feed("AAPL", Timeframe.M30)]
    sync(world.desk, feeds)
    before, then = stored(world.desk, "AAPL", Timeframe.M30), world.clock.at
    world.later(HOUR)
    quarter = dict.fromkeys(PRICES, 0.25)
    world.doubles["massive"].spoil = lambda rows: [
        row._replace(
            **{name: round(getattr(row, name) * part, 2) for name, part in quarter.items()},
            volume=row.volume * 4,
        )
        for row in rows
    ]

    sync(world.desk, feeds)

    after = stored(world.desk, "AAPL", Timeframe.M30).head(before.height)
    instrument = world.desk.instrument("AAPL")
    known_then = world.desk.bars.read(instrument, Timeframe.M30, known_at=then).frame
    assert (after["close"] / before["close"] - 0.25).abs().max() < 1e-9  # type: ignore[operator]
    assert (after["volume"] / before["volume"] - 4.0).abs().max() < 1e-9  # type: ignore[operator]
    assert_frame_equal(known_then, before, check_exact=True)


def test_before_the_first_bar_of_a_market_that_was_closed_nothing_is_asked(world: World) -> None:
    saturday = NOW - timedelta(days=6)
    sync(world.desk, [feed(since=saturday)])

    plan = plan_sync(world.desk, [feed(since=saturday, sources=("massive", "finnhub"))])

    assert stored(world.desk)["time"][0] > saturday + timedelta(days=1)
    assert [one.part for one in plan.questions] == [Part.NEWER]


def test_a_plan_asks_nothing_and_costs_what_it_says(world: World) -> None:
    feeds = [feed("EURUSD", M15, Timeframe.H1), feed("USDJPY", sources=("finnhub",))]

    plan = plan_sync(world.desk, feeds)
    asked_by_plan = [len(double.asked) for double in world.doubles.values()]
    sync(world.desk, feeds)

    assert asked_by_plan == [0, 0]
    assert plan.cost == {name: len(double.asked) for name, double in world.doubles.items()}
    assert not plan.refused


def test_real_bars_do_not_follow_simulated_ones(world: World) -> None:
    bars = make_bars(50, timeframe=M15, start=NOW - timedelta(days=9))
    world.desk.bars.append(bars, source="x", known_at=world.desk.clock.now(), simulated=True)

    plan, run = sync(world.desk, [feed(), feed("USDJPY")])

    assert [one.name for one in plan.refused] == ["EURUSD 15m"]
    assert "another workspace" in str(plan.refused[0].error)
    assert [one.symbol for one in run.synced] == ["USDJPY"]


def test_a_delisted_share_is_synced_to_its_end_and_is_no_failure(world: World) -> None:
    _, run = sync(world.desk, [feed("GONE", Timeframe.M30, since=NOW - timedelta(days=30))])

    assert not run.failed
    want = wanted(world.desk, "GONE", Timeframe.M30, NOW - timedelta(days=30))
    assert_frame_equal(stored(world.desk, "GONE", Timeframe.M30), want, check_exact=True)


def test_waiting_for_an_allowance_ends_at_once_when_stopped(world: World) -> None:
    double = world.doubles["massive"]
    double.always = faults.busy("60")
    reach = world.desk.reach
    threading.Timer(0.5, reach.stopped.set).start()

    _, run = sync(world.desk, [feed()])

    assert "Stopped" in run.failed[0].reason or "asked too often" in run.failed[0].reason


def test_a_series_no_source_can_serve_is_refused_with_what_they_have(world: World) -> None:
    plan = plan_sync(world.desk, [feed("AAPL", sources=("massive",)), feed("XYZ")])

    assert [one.name for one in plan.refused] == ["XYZ"]
    assert [str(one.route) for one in plan.questions] == ["AAPL 15m"]


def test_a_feed_that_is_not_configured_says_how_to_write_one(world: World) -> None:
    with pytest.raises(SettingsError, match=r"\[feeds.EURUSD\]"):
        feeds_of(world.desk)
    world.desk.feeds = {"EURUSD": feed()}
    with pytest.raises(NotFoundError, match="EURUSD"):
        feeds_of(world.desk, ["EURUSX"])

    assert feeds_of(world.desk) == feeds_of(world.desk, ["eurusd"])


def test_a_beginning_in_the_future_is_refused(world: World) -> None:
    with pytest.raises(SettingsError, match="past"):
        feed_from(world.desk, "massive", "EURUSD", [M15], NOW + HOUR)
    with pytest.raises(NotFoundError, match="massive"):
        feed_from(world.desk, "masive", "EURUSD", [M15], SINCE)
