"""After a sync the rules look at what came: it is told, kept, and nothing is decided on it."""

import json
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from assay.cli.syncs import SHOWN_FLAWS, run_sync
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.risk.reasons import BIT
from assay.sources.quality.flaw import Code
from assay.workflows.check import check_series
from assay.workflows.gather import Series, micros, prepare
from assay.workflows.replay import situations_of
from assay.workflows.syncing.sync import EVERYTHING, sync
from tests.doubles.market import BEGAN
from tests.doubles.server import Row
from tests.workflows.syncing.conftest import World
from tests.workflows.syncing.makers import M15, feed, stored, wanted

QUARTER = 15 * 60 * 1_000_000


def spiked(at: int) -> Callable[[list[Row]], list[Row]]:
    """Return what tells a high of the bar that opened `at` (microseconds) far from its others."""
    return lambda rows: [
        row._replace(high=round(row.high * 1.05, 5)) if row.opened == at else row for row in rows
    ]


def opened(world: World, place: int) -> int:
    """Return when the stored bar at `place` opened."""
    return micros(stored(world.desk)["time"][place]) - QUARTER


def test_sound_bars_come_without_a_flag(world: World) -> None:
    _, run = sync(world.desk, [feed("EURUSD", M15, Timeframe.H1), feed("USDJPY")])

    assert [one.flaws for one in run.synced] == [(), (), ()]


def test_a_bad_bar_is_told_of_once_and_kept(world: World) -> None:
    desk, whole = world.desk, [feed(since=BEGAN)]
    bad = wanted(desk, since=BEGAN)["time"][1_000]
    world.doubles["massive"].spoil = spiked(micros(bad) - QUARTER)

    _, first = sync(desk, whole)
    world.later(timedelta(minutes=30))
    _, second = sync(desk, whole)

    [flaw] = first.synced[0].flaws
    assert (flaw.code, flaw.first) == (Code.SPIKE, bad)
    assert (flaw.start, flaw.end, flaw.known) == (0, 0, 1), "rows count from its own first"
    [told] = first.to_json()["synced"][0]["flaws"]
    assert (told["code"], told["rows"], told["sentence"]) == ("spike", 1, flaw.sentence)
    held = stored(desk).filter(pl.col("time") == bad)
    assert held["high"][0] > held["close"][0] * 1.04, "it is stored all the same"
    assert check_series(desk, "EURUSD", M15).flagged == 1
    assert second.synced[0].added == 2
    assert not second.synced[0].flaws, "what was said of old bars is not said again"


def test_a_spike_that_a_later_sync_shows_to_be_one_is_told_then(world: World) -> None:
    desk = world.desk
    sync(desk, [feed(since=BEGAN)])
    bad = opened(world, -1) + QUARTER
    world.doubles["massive"].spoil = spiked(bad)
    flaws = []

    for _ in range(3):
        world.later(timedelta(minutes=15))
        _, run = sync(desk, [feed(since=BEGAN)])
        flaws.append([flaw.code for flaw in run.synced[0].flaws])

    # the bar itself says nothing yet; the next one takes it back
    assert flaws == [[], [Code.SPIKE], []]


def test_a_backtest_waits_for_what_was_synced_as_a_signal_does(world: World) -> None:
    desk = world.desk
    sync(desk, [feed(since=BEGAN)])
    world.later(timedelta(hours=1))
    bad = opened(world, -5)
    world.doubles["massive"].spoil = spiked(bad)

    _, run = sync(desk, [feed(since=BEGAN)])

    item = prepare(desk, Series("EURUSD", M15))
    rows = np.arange(len(item.time) - 30, len(item.time))
    waits = (situations_of(item, rows).blocks & BIT[Reason.BAD_BAR]) != 0
    assert [flaw.code for flaw in run.synced[0].flaws] == [Code.SPIKE]
    assert waits.tolist() == item.doubted[rows].tolist()
    assert waits.any()


def test_the_command_says_how_many_of_what_and_the_first_sentences(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [
        micros(time) - QUARTER for time in wanted(world.desk, since=BEGAN)["time"][600:1_400:160]
    ]

    def spoiled(rows: list[Row]) -> list[Row]:
        for at in bad:
            rows = spiked(at)(rows)
        return rows

    world.doubles["massive"].spoil = spoiled
    run_sync(world.desk, [feed(since=BEGAN)], EVERYTHING, dry_run=False, json=False)

    out = capsys.readouterr().out
    assert "! EURUSD 15m: the rules flag 5 x spike (5 bars); a signal waits while" in out
    assert out.count("local ATR off, and the next bar took it back") == SHOWN_FLAWS == 3
    assert "and 2 more; --json gives all" in out


def test_as_json_the_command_gives_every_flaw(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = micros(wanted(world.desk, since=BEGAN)["time"][600]) - QUARTER
    world.doubles["massive"].spoil = spiked(bad)

    run_sync(world.desk, [feed(since=BEGAN)], EVERYTHING, dry_run=False, json=True)

    [one] = json.loads(capsys.readouterr().out)["synced"]
    assert [flaw["code"] for flaw in one["flaws"]] == ["spike"]
