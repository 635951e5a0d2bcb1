"""Sources are compared, a thin feed is recognised, and what is trained on it reads no volume."""

from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal

from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import SplitPlan
from assay.features.contract import Group
from assay.models.loading import load
from assay.sources.quality.overlap import Kind
from assay.store.comparisons import Comparisons
from assay.workflows.gather import Series, prepare
from assay.workflows.syncing.reconciling import reconcile
from assay.workflows.syncing.sync import sync
from assay.workflows.thin import declare, thin_of
from assay.workflows.train import train
from tests.doubles import faults
from tests.doubles.market import BEGAN
from tests.doubles.server import Row
from tests.workflows.syncing.conftest import World
from tests.workflows.syncing.makers import M15, feed, stored

COIN = "BTCUSD"
BOTH = ("finnhub", "massive")


def small(rows: list[Row]) -> list[Row]:
    """Print three per cent of the volume."""
    return [row._replace(volume=row.volume * 0.03) for row in rows]


def synced(world: World, *, thin: bool) -> None:
    world.doubles["finnhub"].spoil = small if thin else None
    sync(world.desk, [feed(COIN, M15, Timeframe.H1, sources=BOTH, since=BEGAN)])


def test_the_stored_bars_are_compared_with_every_other_source_and_left(world: World) -> None:
    synced(world, thin=True)
    before = stored(world.desk, COIN)

    found = reconcile(world.desk, [feed(COIN, M15, sources=BOTH)], days=5)

    [one] = found.compared
    assert (one.source, one.other) == BOTH
    assert [difference.kind for difference in one.overlap.differences] == [Kind.VOLUME]
    assert one.end - one.start == timedelta(days=5)
    assert_frame_equal(stored(world.desk, COIN), before, check_exact=True)
    [kept] = Comparisons(world.desk.database).newest(COIN, M15)
    assert kept.volume_share == pytest.approx(0.03)


def test_a_source_that_cannot_be_asked_is_named(world: World) -> None:
    synced(world, thin=False)
    world.doubles["massive"].always = faults.broken(503)

    found = reconcile(world.desk, [feed(COIN, M15, sources=BOTH)])

    assert [one.source for one in found.failed] == ["massive"]
    assert not found.compared


def test_a_thin_feed_loses_the_features_of_volume_and_what_is_made_of_it_too(
    world: World,
) -> None:
    synced(world, thin=True)
    desk = world.desk
    before = prepare(desk, Series(COIN, M15))
    reconcile(desk, [feed(COIN, M15, Timeframe.H1, sources=BOTH)])

    after = prepare(desk, Series(COIN, M15))

    volume = {c for c in before.columns if before.pipeline.groups[c] is Group.VOLUME}
    assert len(volume) > 3
    assert set(before.columns) - set(after.columns) == volume
    assert after.thin is not None
    assert "3.0% of the volume" in str(after.thin)
    assert thin_of(desk, COIN, Timeframe.H1) is not None


def test_a_full_feed_keeps_them(world: World) -> None:
    synced(world, thin=False)
    reconcile(world.desk, [feed(COIN, M15, sources=BOTH)])

    item = prepare(world.desk, Series(COIN, M15))

    assert item.thin is None
    assert Group.VOLUME in item.pipeline.groups.values()


def test_the_newest_comparison_counts(world: World) -> None:
    synced(world, thin=True)
    pair = [feed(COIN, M15, sources=BOTH)]
    reconcile(world.desk, pair)
    world.doubles["massive"].spoil = small

    reconcile(world.desk, pair)

    assert thin_of(world.desk, COIN, M15) is None


def test_what_a_source_says_of_itself_counts_at_once_and_is_kept_once(world: World) -> None:
    synced(world, thin=False)
    for _ in range(2):
        declare(world.desk, COIN, M15, "finnhub", 0.025)

    found = thin_of(world.desk, COIN, M15)

    assert found is not None
    assert str(found).startswith("finnhub prints 2.5% of the volume of its market")
    assert len(Comparisons(world.desk.database).newest(COIN, M15)) == 1


def test_a_model_of_a_thin_feed_says_so_and_reads_no_volume(world: World) -> None:
    world.doubles["finnhub"].spoil = small
    minutes = [feed(COIN, Timeframe.M5, sources=BOTH, since=BEGAN)]
    sync(world.desk, minutes)
    reconcile(world.desk, minutes)

    short = SplitPlan(embargo=timedelta(hours=6))
    trained = train(world.desk, [COIN], [Timeframe.M5], members=["ridge"], split=short)

    model = load(world.desk.models / trained.members[0].path)
    assert "3.0% of the volume" in model.data["thin_feeds"][f"{COIN} 5m"]
    assert not any("volume" in column for column in model.columns)
