"""The sessions of one market in UTC: the value every calendar question is answered from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

Micros = npt.NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = timedelta(microseconds=1)

DAY_SCHEMA = pl.Schema(
    {
        "date": pl.Date(),
        "open": pl.Datetime("us"),
        "close": pl.Datetime("us"),
        "day_close": pl.Datetime("us"),
        "break_start": pl.Datetime("us"),
        "break_end": pl.Datetime("us"),
        "note": pl.String(),
    }
)
"""Days as rules and frozen tables give them: local times without a zone, one row a session."""
CLOSED_SCHEMA = pl.Schema({"date": pl.Date(), "name": pl.String()})


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The sessions of one market from `first` to `last`, both dates inclusive.

    `sessions` has the columns of `DAY_SCHEMA` with times in UTC: trading runs from `open` to
    `close` with an optional break; the day's bar is stamped `day_close`, never before `close`;
    `note` says what is special ("early close"). `closed` names the weekdays without a session.
    The arrays hold the same in microseconds since 1970 UTC, sorted: `opens`, `closes`,
    `day_closes` a session, and the open stretches `from_` to `until` with the index `of` their
    session. `rule` says where the table came from; after `degraded_after` part of it is unknown,
    as `degraded` says.
    """

    name: str
    zone: str
    first: date
    last: date
    sessions: pl.DataFrame
    closed: pl.DataFrame
    opens: Micros
    closes: Micros
    day_closes: Micros
    from_: Micros
    until: Micros
    of: Micros
    after_holiday: npt.NDArray[np.bool_]
    rule: str
    degraded_after: date | None = None
    degraded: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a market in its local time, before they are laid out in UTC."""

    name: str
    zone: str
    first: date
    last: date
    days: pl.DataFrame
    closed: pl.DataFrame
    rule: str
    degraded_after: date | None = None
    degraded: str = ""


def laid_out(source: Days) -> Table:
    """Return the table of `source`, its local times taken to UTC through the zone's rules."""
    times = [name for name, kind in DAY_SCHEMA.items() if isinstance(kind, pl.Datetime)]
    sessions = source.days.sort("date").with_columns(
        pl.col(times).dt.replace_time_zone(source.zone).dt.convert_time_zone("UTC")
    )
    opens, closes = micros(sessions["open"]), micros(sessions["close"])
    starts, ends, owner = _stretches(sessions, opens, closes)
    return Table(
        name=source.name,
        zone=source.zone,
        first=source.first,
        last=source.last,
        sessions=sessions,
        closed=source.closed.sort("date"),
        opens=opens,
        closes=closes,
        day_closes=micros(sessions["day_close"]),
        from_=starts,
        until=ends,
        of=owner,
        after_holiday=_after_holiday(sessions["date"], source.closed["date"]),
        rule=source.rule,
        degraded_after=source.degraded_after,
        degraded=source.degraded,
    )


def micros(times: pl.Series) -> Micros:
    """Return a time column as microseconds since 1970 UTC; null is the smallest integer."""
    found: Micros = times.cast(pl.Datetime("us")).to_numpy().view(np.int64)
    return found


def micro(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // STEP


def moment_of(value: int | np.int64) -> datetime:
    """Return the UTC moment `value` microseconds after 1970."""
    return EPOCH + timedelta(microseconds=int(value))


def usual_days(
    dates: pl.Series, opened: str, closed: str, *, open_day: int = 0, pause: Sequence[str] = ()
) -> pl.DataFrame:
    """Return one day a date with the local hours `HH:MM`; `open_day` -1 opens the day before."""

    def at(clock: str, shift: int = 0) -> pl.Expr:
        hour, minute = clock.split(":")
        span = pl.duration(days=shift, hours=int(hour), minutes=int(minute))
        return pl.col("date").cast(pl.Datetime("us")) + span

    nothing = pl.lit(None, dtype=pl.Datetime("us"))
    return (
        pl.DataFrame({"date": dates})
        .select(
            "date",
            open=at(opened, open_day),
            close=at(closed),
            day_close=at(closed),
            break_start=at(pause[0]) if pause else nothing,
            break_end=at(pause[1]) if pause else nothing,
            note=pl.lit(None, dtype=pl.String()),
        )
        .cast(DAY_SCHEMA)
    )


def weekdays(first: date, last: date) -> pl.Series:
    """Return every Monday to Friday from `first` to `last`, both inclusive."""
    every = pl.date_range(first, last, "1d", eager=True).alias("date")
    return every.filter(every.dt.weekday() <= 5)


def _stretches(sessions: pl.DataFrame, opens: Micros, closes: Micros) -> tuple[Micros, ...]:
    index = np.arange(len(opens), dtype=np.int64)
    paused = sessions["break_start"].is_not_null().to_numpy()
    pause = micros(sessions["break_start"].drop_nulls())
    resume = micros(sessions["break_end"].drop_nulls())
    first_ends = closes.copy()
    first_ends[paused] = pause
    starts = np.concatenate([opens, resume])
    ends = np.concatenate([first_ends, closes[paused]])
    owner = np.concatenate([index, index[paused]])
    order = np.argsort(starts, kind="stable")
    return starts[order], ends[order], owner[order]


def _after_holiday(dates: pl.Series, closed: pl.Series) -> npt.NDArray[np.bool_]:
    """Say of every session whether a named holiday lies between it and the one before."""
    days = dates.cast(pl.Int32).to_numpy()
    missed = np.sort(closed.cast(pl.Int32).to_numpy())
    before = np.searchsorted(missed, days)
    return np.diff(before, prepend=before[:1]) > 0
