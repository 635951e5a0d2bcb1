"""Each run of missing bars is told with who was asked for it in vain and who can be asked."""

from datetime import timedelta

from assay.core.values.timeframe import Timeframe
from assay.workflows.covered import covered
from assay.workflows.lacking import Lacking, lacking
from assay.workflows.syncing.sync import sync
from tests.workflows.syncing.conftest import World
from tests.workflows.syncing.makers import M15, feed
from tests.workflows.syncing.test_sync import missing

BOTH = ("massive", "finnhub")


def lack(world: World) -> list[Lacking]:
    every = [(info.symbol, info.timeframe) for info in world.desk.bars.series()]
    problems: list[str] = []
    found = lacking(world.desk, every, problems=problems)
    assert not problems
    return found


def test_each_gap_names_who_lacks_it_and_who_can_be_asked(world: World) -> None:
    world.doubles["massive"].spoil = missing
    sync(world.desk, [feed(sources=("massive",))])
    world.desk.feeds = {"EURUSD": feed(sources=BOTH)}
    settled = world.clock.at - timedelta(days=2)

    found = lack(world)

    assert sum(one.gap.bars for one in found) > 10
    for one in found:
        old = one.gap.last <= settled
        assert one.without == (("massive",) if old else ())
        assert one.open == (("finnhub",) if old else BOTH)
    assert {one.gap.last <= settled for one in found} == {True, False}


def test_the_gaps_are_those_of_the_series_the_longest_first(world: World) -> None:
    world.doubles["massive"].spoil = lambda rows: missing(rows)[:-7] + rows[-3:]
    sync(world.desk, [feed("EURUSD", M15, Timeframe.H1)])

    found = lack(world)

    assert [one.gap.bars for one in found] == sorted((one.gap.bars for one in found), reverse=True)
    own = [one.gap for one in found if one.timeframe is M15]
    bars = world.desk.bars.read(world.desk.instrument("EURUSD"), M15)
    assert sorted(own, key=lambda gap: gap.first) == covered(bars).gaps()


def test_when_every_source_has_answered_nobody_can_be_asked(world: World) -> None:
    for double in world.doubles.values():
        double.spoil = missing
    both = feed(sources=BOTH)
    sync(world.desk, [both])
    sync(world.desk, [both])
    world.desk.feeds = {"EURUSD": both}
    settled = world.clock.at - timedelta(days=2, minutes=1)

    old = [one for one in lack(world) if one.gap.last <= settled]

    assert len(old) > 3
    assert {(one.without, one.open) for one in old} == {(BOTH, ())}


def test_bars_made_of_shorter_ones_come_when_those_do(world: World) -> None:
    day = 24 * 3_600 * 1_000_000
    world.doubles["massive"].spoil = lambda rows: [r for r in rows if (r.opened // day) % 7 != 6]
    sync(world.desk, [feed("EURUSD", Timeframe.H4)])

    found = [one for one in lack(world) if one.timeframe is Timeframe.H4]

    assert found
    assert {(one.made_of, one.open) for one in found} == {("1h", ())}
    assert found[0].to_json()["made_of"] == "1h"


def test_without_a_feed_those_are_named_that_the_bars_came_from(world: World) -> None:
    world.doubles["massive"].spoil = missing
    sync(world.desk, [feed()])

    recent = lack(world)
    late = [one for one in recent if one.gap.last > world.clock.at - timedelta(days=2)]

    assert late
    assert {one.open for one in late} == {("massive",)}


def test_to_say_so_nobody_is_asked(world: World) -> None:
    world.doubles["massive"].spoil = missing
    sync(world.desk, [feed()])
    world.desk.feeds = {"EURUSD": feed(sources=BOTH)}
    for double in world.doubles.values():
        double.asked.clear()

    assert lack(world)

    assert [len(double.asked) for double in world.doubles.values()] == [0, 0]
