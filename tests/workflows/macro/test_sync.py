"""Syncs bring what became known since the last one, once, and go on where they were stopped."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest

from assay.core.errors import NotFoundError, SettingsError
from assay.sources.macro import fred as fred_adapter
from assay.workflows.desk import FOREVER
from assay.workflows.macro.feed import MacroFeed, feed_of
from assay.workflows.macro.sync import plan_macro, sync_macro
from tests.doubles import faults
from tests.doubles.macrodesk import SERIES, SINCE, happenings
from tests.doubles.market import NOW
from tests.doubles.server import Question, Reply
from tests.workflows.macro.conftest import World

DAILY = ("DGS10", "DFEDTARU")
MONTH = timedelta(days=30)


def stored(world: World) -> pl.DataFrame:
    return world.desk.documents.releases(None, FOREVER, simulated=False)


def told_by_fred(
    world: World, codes: Sequence[str] = SERIES
) -> set[tuple[str, str, datetime, float]]:
    return {
        (one.series, one.period, one.seen_at, one.actual or 0.0)
        for code in codes
        for one in world.fred.truth(code, SINCE, world.clock.at)
    }


def kept_of_fred(world: World) -> set[tuple[str, str, datetime, float]]:
    rows = stored(world).filter(pl.col("period") != "")
    return set(rows.select("series", "period", "seen_at", "actual").rows())


def _brings(asked: Question) -> bool:
    return asked.path.endswith("observations")


def test_a_sync_stores_every_version_and_the_same_again_nothing(world: World) -> None:
    feed = feed_of(world.desk)

    first = sync_macro(world.desk, feed)
    before = stored(world)
    again = sync_macro(world.desk, feed)

    assert kept_of_fred(world) == told_by_fred(world)
    assert sum(one.figures for one in first.answered) == before.height
    assert sum(one.figures + one.events for one in again.answered) == 0
    assert stored(world).equals(before)


def test_syncs_a_month_apart_hold_what_one_would(world: World) -> None:
    sync_macro(world.desk, feed_of(world.desk))
    world.later(MONTH)

    sync_macro(world.desk, feed_of(world.desk))

    assert kept_of_fred(world) == told_by_fred(world)
    assert world.clock.at == NOW


def test_a_later_sync_asks_for_what_is_new_alone(world: World) -> None:
    sync_macro(world.desk, feed_of(world.desk))
    asked = len(world.fred.asked)
    world.later(timedelta(hours=3))

    sync_macro(world.desk, feed_of(world.desk))

    last = world.fred.asked[asked:]
    told = [one for one in last if one.path.endswith("observations")]
    assert last
    assert {one.query["series_id"] for one in told} <= set(DAILY)


def test_what_is_stopped_in_the_middle_goes_on_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fred_adapter, "MOST_VINTAGES", 10)
    feed = MacroFeed(("fred",), ("USD",), SINCE)
    world.fred.always = lambda reply: reply if len(world.fred.asked) < 30 else Reply(b"", 503)

    torn = sync_macro(world.desk, feed)
    kept = stored(world).height
    world.fred.always = None
    asked = len(world.fred.asked)
    whole = sync_macro(world.desk, feed)

    assert torn.failed
    assert torn.failed[-1].left > 0
    assert 0 < kept < stored(world).height
    assert kept_of_fred(world) == told_by_fred(world, codes=("CPIAUCSL", "UNRATE", *DAILY))
    again = world.fred.asked[asked:]
    assert not any(one.query.get("series_id") == "CPIAUCSL" for one in again if _brings(one))
    assert not [one for one in whole.failed if "reached" in one.reason]


def test_a_source_that_is_down_leaves_the_others_alone(world: World) -> None:
    world.fred.always = faults.broken(503)

    done = sync_macro(world.desk, feed_of(world.desk))

    assert [one.source for one in done.failed] == ["fred"]
    assert done.failed[0].left > 5
    assert {one.source for one in done.answered} == {"fmp"}
    assert stored(world).height > 0


def test_a_key_that_is_refused_is_said_once(world: World) -> None:
    desk = replace(world.desk, secret=lambda name: None)

    done = sync_macro(desk, feed_of(desk))

    assert {one.source for one in done.failed} == {"fred", "fmp"}
    assert all("ASSAY_F" in one.reason for one in done.failed)
    assert not world.fred.asked


def test_series_that_a_source_does_not_have_are_named_and_the_others_come(world: World) -> None:
    done = sync_macro(world.desk, feed_of(world.desk))

    named = {one.question for one in done.failed}
    assert "PAYEMS" in named
    assert not named & set(SERIES)
    assert all(one.left == 0 for one in done.failed)


def test_a_plan_asks_nobody_and_says_what_it_costs(world: World) -> None:
    plan = plan_macro(world.desk, feed_of(world.desk))

    assert not world.fred.asked
    assert not world.fmp.asked
    assert {one.source for one in plan} == {"fred", "fmp"}
    assert all(one.calls >= 1 and one.start >= SINCE for one in plan)


def test_a_calendar_brings_figures_events_and_revisions(world: World) -> None:
    world.later(MONTH)

    sync_macro(world.desk, MacroFeed(("fmp",), ("USD",), SINCE))

    us = [one for one in happenings() if one.title == "CPI YoY" and one.at <= NOW]
    rows = stored(world).filter(pl.col("series") == "cpi_yoy")
    first = rows.unique("event_at", keep="first", maintain_order=True)
    revised = [a.at for a, b in pairwise(us) if b.previous != a.actual]
    assert first.select("event_at", "actual", "consensus").rows() == [
        (one.at, one.actual, one.estimate) for one in us
    ]
    assert rows.filter(pl.col("seen_at") > pl.col("event_at"))["event_at"].to_list() == revised
    assert revised
    due = world.desk.agenda.due(NOW, NOW + MONTH, world.clock.at, ["USD"])
    assert due.height > 0
    assert due.filter(pl.col("seen_at") > NOW).is_empty()


def test_a_figure_that_comes_after_the_sync_is_found_by_the_next(world: World) -> None:
    late = next(one for one in happenings() if one.at > NOW - timedelta(days=20) and one.actual)
    world.later(late.at + timedelta(minutes=1) - world.clock.at)
    world.fmp.damage = lambda row: {**row, "actual": None}
    feed = MacroFeed(("fmp",), ("USD",), late.at - timedelta(days=5))
    sync_macro(world.desk, feed)
    before = stored(world).height
    world.fmp.damage = None
    world.later(timedelta(hours=1))

    sync_macro(world.desk, feed)

    assert before == 0
    assert late.at in stored(world)["event_at"].to_list()


def test_without_a_feed_it_says_how_to_write_one(world: World) -> None:
    desk = replace(world.desk, macro=None)

    with pytest.raises(SettingsError, match=r"\[macro\]"):
        feed_of(desk)
    with pytest.raises(SettingsError, match="past"):
        feed_of(world.desk, since=NOW + MONTH)
    with pytest.raises(NotFoundError, match="fredd"):
        plan_macro(desk, feed_of(desk, ("fredd",)))
