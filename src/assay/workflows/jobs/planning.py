"""What is due by itself, and when: the kinds' own times, as the settings change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from assay.core.errors import SettingsError
from assay.workflows.desk import Desk
from assay.workflows.jobs.catalog import KINDS, job_of
from assay.workflows.jobs.contract import BAR_CLOSE, NEVER
from assay.workflows.jobs.markets import next_close

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

KEPT_DAYS = 90
OFTEN = timedelta(hours=20)
"""What is due again within so long is not due once a day, whatever its kind's own time."""
MISSED = timedelta(days=8)
"""So far back it is looked whether a daily job was missed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """When a kind is due: a line as of cron (UTC) or `BAR_CLOSE`, and with which arguments."""

    kind: str
    when: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is due by itself, and for how many days jobs that ended are remembered."""

    entries: tuple[Entry, ...] = ()
    kept: timedelta = timedelta(days=KEPT_DAYS)


@dataclass(frozen=True, slots=True)
class Coming:
    """What is due next of a kind; `at` is None where nothing is to come."""

    kind: str
    when: str
    at: datetime | None
    arguments: Mapping[str, Any]


def schedule_of(
    told: Mapping[str, Mapping[str, Any]] | None = None, kept: timedelta = timedelta(days=KEPT_DAYS)
) -> Schedule:
    """Return the schedule of the kinds as `told` changes it.

    `told` says of a kind `when` it is due (`off` for never); all else are arguments. What cannot be
    is a `SettingsError`, a kind that nobody knows a `NotFoundError`.
    """
    told = told or {}
    for name in told:
        KINDS.get(name)
    entries = []
    for name in KINDS.names():
        kind, own = KINDS.get(name), dict(told.get(name, {}))
        when = str(own.pop("when", None) or kind.when or NEVER)
        arguments = {**kind.scheduled_with, **own}
        if when == NEVER:
            continue
        job_of(name, arguments)
        if when != BAR_CLOSE:
            cron(name, when)
        elif kind.when != BAR_CLOSE:
            raise SettingsError(f"{name} follows the clock, not bars; give a line as of cron")
        entries.append(Entry(name, when, arguments))
    return Schedule(tuple(entries), kept)


def cron(name: str, line: str) -> "CronTrigger":
    """Return when a line of cron is due, in UTC; one that cannot be read is a `SettingsError`."""
    from apscheduler.triggers.cron import CronTrigger

    try:
        return CronTrigger.from_crontab(line, timezone=UTC)
    except ValueError as error:
        raise SettingsError(
            f"{name} is due as cron says it in five fields, as 30 1 * * * for 01:30 UTC every day, "
            f"or {NEVER}; found {line!r} ({error})"
        ) from None


def coming(desk: Desk, schedule: Schedule) -> list[Coming]:
    """Return what is due next of each kind that is of use here, the soonest first."""
    now = desk.clock.now()
    found = [
        Coming(one.kind, one.when, _next(desk, one, now), one.arguments)
        for one in schedule.entries
        if KINDS.get(one.kind).is_of_use(desk)
    ]
    return sorted(found, key=lambda one: (one.at is None, one.at or now, one.kind))


def _next(desk: Desk, one: Entry, now: datetime) -> datetime | None:
    if one.when == BAR_CLOSE:
        return next_close(desk, now)
    found = cron(one.kind, one.when).get_next_fire_time(None, now)
    return found.astimezone(UTC) if found else None


def last_due(one: Entry, now: datetime, within: timedelta = MISSED) -> datetime | None:
    """Return when a kind was due last, None if it was not `within` that time."""
    trigger = cron(one.kind, one.when)
    at, last = now - within, None
    while (found := trigger.get_next_fire_time(None, at)) is not None and found <= now:
        last, at = found.astimezone(UTC), found + timedelta(seconds=1)
    return last


def key_of(one: Entry, due_at: datetime) -> str:
    """Return the key of a kind that fell due at `due_at`: of its day, if it is due once a day."""
    kind = KINDS.get(one.kind)
    later = cron(one.kind, one.when).get_next_fire_time(None, due_at + timedelta(seconds=1))
    is_often = later is not None and later - due_at < OFTEN
    return kind.key(one.kind, due_at, is_daily=kind.is_daily and not is_often)
