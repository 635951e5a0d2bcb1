"""What is due is queued at its time, once; markets that are closed are skipped and said."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from assay.core.errors import NotFoundError, SettingsError, TransientError
from assay.core.values.timeframe import Timeframe
from assay.store.job_rows import JobRow, JobState
from assay.workflows.jobs.contract import BAR_CLOSE
from assay.workflows.jobs.markets import all_closed, closed_on
from assay.workflows.jobs.planning import Entry, Schedule, coming, last_due, schedule_of
from assay.workflows.jobs.running import perform
from assay.workflows.jobs.scheduling import SEND_AGAIN, SETTLE, Planner
from assay.workflows.syncing.feeds import Feed
from tests.workflows.jobs.conftest import Work

PREDICT = Entry("predict", BAR_CLOSE)
BACKUP = Entry("backup", "15 3 * * *")


@pytest.fixture
def fed(work: Work) -> Work:
    """Return the work of a workspace whose bars are fed, and so expected to go on."""
    frames = (Timeframe.H1, Timeframe.H4)
    work.desk.feeds = {"EURUSD": Feed("EURUSD", ("yahoo",), frames)}
    return work


def planner(work: Work) -> Planner:
    return Planner(work.desk, Schedule((PREDICT, BACKUP)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def closes(rows: list[JobRow]) -> list[tuple[str, str]]:
    return sorted((row.arguments["timeframe"], row.arguments["at"]) for row in rows)


def test_at_each_close_the_signals_of_its_bars_are_queued_once(fed: Work) -> None:
    fed.clock.at = at("2026-11-25 16:00:01")

    for _ in range(2):
        planner(fed).bar_closed(PREDICT)
    fed.clock.at = at("2026-11-25 17:00:01")
    planner(fed).bar_closed(PREDICT)

    rows = fed.jobs.list(kind="predict")
    assert closes(rows) == [
        ("1h", "2026-11-25T16:00:00+00:00"),
        ("1h", "2026-11-25T17:00:00+00:00"),
        ("4h", "2026-11-25T16:00:00+00:00"),
    ]
    assert {row.asked_by for row in rows} == {"schedule"}


def test_a_bar_that_comes_late_is_asked_for_again_and_then_said_to_be_missing(
    fed: Work,
) -> None:
    fed.desk.feeds = {}
    closed = fed.desk.bars.info("EURUSD", Timeframe.H1).last + timedelta(hours=1)
    fed.clock.at = closed + timedelta(seconds=1)
    row = fed.do("predict", timeframe="1h", at=closed.isoformat())

    assert row.outcome == "0 signals issued, 1 bars are not there"
    assert row.result["behind"] == ["EURUSD 1h"]
    assert [line.text for line in fed.jobs.lines(row.id)] == ["EURUSD 1h: its bar is not there"]


def test_a_day_without_a_session_is_a_record_that_says_why(fed: Work) -> None:
    fed.clock.at = at("2025-12-25 18:00:00")
    planner(fed).bar_closed(PREDICT)
    planner(fed).bar_closed(PREDICT)

    [row] = fed.jobs.list(kind="predict")
    perform(fed.desk, fed.claim(row.id), Event())

    ended = fed.jobs.get(row.id)
    assert ended.state is JobState.DONE
    assert ended.outcome == "skipped: FX was closed on 2025-12-25 (Christmas)"


@pytest.mark.parametrize(
    ("market", "moment", "said"),
    [
        ("XNYS", "2026-11-26 17:00", "XNYS was closed on 2026-11-26 (Thanksgiving)"),
        ("XNYS", "2026-11-28 17:00", "XNYS was closed on 2026-11-28 (weekend)"),
        ("XNYS", "2026-11-27 17:00", None),
        ("FX", "2026-11-28 17:00", "FX was closed on 2026-11-28 (weekend)"),
        ("CRYPTO", "2025-12-25 12:00", None),
    ],
)
def test_why_a_market_is_closed_is_said(market: str, moment: str, said: str | None) -> None:
    assert closed_on(market, at(moment)) == said


def test_a_sync_is_skipped_while_no_market_brings_bars(fed: Work) -> None:
    saturday, monday = at("2026-11-28 12:05"), at("2026-11-30 12:05")

    assert all_closed(fed.desk, saturday) == "FX was closed on 2026-11-28 (weekend)"
    assert all_closed(fed.desk, monday) is None
    fed.clock.at = saturday
    row = fed.do("sync", when_open=True)
    assert (row.state, row.outcome) == (
        JobState.DONE,
        "skipped: FX was closed on 2026-11-28 (weekend)",
    )


def test_simulated_and_abandoned_series_are_not_waited_for(work: Work) -> None:
    work.clock.at = at("2026-11-25 16:00:01")

    planner(work).bar_closed(PREDICT)

    assert work.jobs.list() == []


def test_it_looks_again_right_after_the_next_close(fed: Work) -> None:
    plan = planner(fed)

    assert plan.next_look(at("2026-11-25 16:59")) == at("2026-11-25 17:00") + SETTLE
    assert plan.next_look(at("2026-11-25 17:00:01")) == at("2026-11-25 17:05:01")


def test_two_that_keep_the_time_queue_a_daily_job_once_and_a_frequent_one_each_time(
    work: Work,
) -> None:
    often = Entry("backup", "0 */6 * * *")
    for moment in ("2026-11-26 03:15:01", "2026-11-26 03:15:40", "2026-11-27 03:15:00"):
        work.clock.at = at(moment)
        for one in (planner(work), planner(work)):
            one.fall_due(BACKUP)
    for moment in ("2026-11-26 06:00:01", "2026-11-26 12:00:01"):
        work.clock.at = at(moment)
        planner(work).fall_due(often)

    assert sorted(row.key for row in work.jobs.list()) == [
        "backup:2026-11-26",
        "backup:2026-11-26T06:00Z",
        "backup:2026-11-26T12:00Z",
        "backup:2026-11-27",
    ]


def test_a_daily_job_that_was_missed_is_made_up_for_where_it_ran_before(work: Work) -> None:
    work.clock.at = at("2026-11-26 09:00")
    planner(work).catch_up()
    new = work.jobs.list()
    planner(work).fall_due(BACKUP)
    work.clock.at = at("2026-11-28 09:00")

    for _ in range(2):
        planner(work).catch_up()

    assert new == []
    assert work.jobs.list()[0].key == "backup:2026-11-28"
    assert len(work.jobs.list()) == 2


def test_what_ended_long_ago_is_forgotten(work: Work) -> None:
    old = work.do("resolve", "old")
    work.later(days=91)
    new = work.do("resolve", "new")

    assert planner(work).prune() == 1
    assert [row.id for row in work.jobs.list()] == [new.id]
    assert old.id != new.id


class Redis:
    """A queue that can be away."""

    def __init__(self) -> None:
        self.is_away, self.told = False, list[str]()

    def __call__(self, row: JobRow) -> None:
        if self.is_away:
            raise TransientError("Redis at 127.0.0.1:6379 could not be reached", 30.0)
        self.told.append(row.id)


def test_what_could_not_be_sent_waits_and_is_found_by_the_sweep(work: Work) -> None:
    redis = Redis()
    redis.is_away = True
    plan = Planner(work.desk, Schedule((BACKUP,)), redis, sweeps=True)
    plan.fall_due(BACKUP)
    [row] = work.jobs.list()

    away = plan.sweep()
    redis.is_away = False
    found, again = plan.sweep(), plan.sweep()
    work.later(seconds=SEND_AGAIN.total_seconds())
    forgotten = plan.sweep()

    assert row.state is JobState.QUEUED
    assert (away, found, again, forgotten) == (0, 1, 0, 1)
    assert redis.told == [row.id, row.id]
    assert work.jobs.lines(row.id)[0].text == (
        "Redis at 127.0.0.1:6379 could not be reached; the job waits in the database, and is sent "
        "with the next sweep"
    )


def test_the_settings_change_what_is_due_and_how() -> None:
    usual = {one.kind: one for one in schedule_of().entries}
    told: dict[str, dict[str, Any]] = {
        "backup": {"when": "0 4 * * 1", "keep": 14},
        "retrain": {"when": "off"},
    }
    changed = {one.kind: one for one in schedule_of(told).entries}

    assert set(usual) == {"sync", "predict", "resolve", "retrain", "drift", "backup"}
    assert "retrain" not in changed
    assert (changed["backup"].when, changed["backup"].arguments) == ("0 4 * * 1", {"keep": 14})
    assert changed["drift"] == usual["drift"]


@pytest.mark.parametrize(
    ("told", "kind", "said"),
    [
        ({"bakup": {}}, NotFoundError, "No job is called 'bakup' .did you mean backup"),
        ({"backup": {"when": "daily"}}, SettingsError, "as cron says it in five fields"),
        ({"backup": {"kep": 3}}, SettingsError, "was given 'kep'"),
        ({"backup": {"when": BAR_CLOSE}}, SettingsError, "follows the clock, not bars"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_in_one_sentence(
    told: Mapping[str, Mapping[str, Any]], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        schedule_of(told)


def test_what_is_due_next_is_told_the_soonest_first(fed: Work) -> None:
    fed.clock.at = at("2026-11-25 16:30")

    found = [(one.kind, one.at) for one in coming(fed.desk, schedule_of())]

    assert found == [
        ("predict", at("2026-11-25 17:00")),
        ("sync", at("2026-11-25 17:05")),
        ("resolve", at("2026-11-25 17:20")),
        ("drift", at("2026-11-26 01:00")),
        ("retrain", at("2026-11-26 01:30")),
        ("backup", at("2026-11-26 03:15")),
    ]


def test_when_something_was_due_last_is_known_for_a_week() -> None:
    moment = at("2026-11-26 03:14")

    assert last_due(BACKUP, moment) == at("2026-11-25 03:15")
    assert last_due(BACKUP, moment + timedelta(minutes=1)) == at("2026-11-26 03:15")
    assert last_due(BACKUP, moment, timedelta(hours=1)) is None


def test_the_clockwork_queues_by_itself(
    fed: Work, until: Callable[[Callable[[], bool]], None]
) -> None:
    every_minute = Entry("backup", "* * * * *")
    fed.do("backup", "earlier")
    fed.later(days=2)
    plan = Planner(fed.desk, Schedule((every_minute, BACKUP)))

    plan.start()
    until(lambda: len(fed.jobs.list()) > 1)
    plan.stop()

    assert fed.jobs.list()[0].asked_by == "schedule"
