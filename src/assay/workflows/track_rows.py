"""Resolved signals as rows to be counted: of which kind and sample, on which day, what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.errors import HistoryError, SettingsError
from assay.core.values.timeframe import Timeframe
from assay.evaluation import track as statistics
from assay.evaluation.track import Said, Traded
from assay.store.resolutions import Chosen, Part, Resolutions
from assay.workflows.came import FANS, OUTCOMES, SIDES
from assay.workflows.desk import Desk
from assay.workflows.payload import NO_LEAN
from assay.workflows.resolving import LONGEST_CLOSED


class Kind(StrEnum):
    """How a signal came to be; the first that holds.

    One of a simulated market is SIMULATED. One that was made after the next bar of its series had
    closed, by the calendar, is a REPLAY: it was issued on history, whoever asked could have known
    what came. Every other is LIVE.
    """

    LIVE = "live"
    REPLAY = "replay"
    SIMULATED = "simulated"


class Sample(StrEnum):
    """Whether the fusion that spoke had learnt from what came of the signal."""

    OUT = "out"
    IN = "in"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which signals a record is of; None is any.

    `since` and `until` (UTC) are of the close of the signal's bar. With `member` it is that
    member's own probability that is judged, where it spoke.
    """

    symbol: str | None = None
    timeframe: Timeframe | None = None
    tier: str | None = None
    decision: str | None = None
    member: str | None = None
    kind: Kind | None = None
    sample: Sample = Sample.OUT
    since: datetime | None = None
    until: datetime | None = None

    @property
    def chosen(self) -> Chosen:
        """Return what the store can choose by."""
        return Chosen(self.symbol, self.timeframe, self.tier, self.decision, self.since, self.until)

    def holds(self, kind: Kind, *, in_sample: bool) -> bool:
        """Say whether a signal of this kind is asked for."""
        if self.kind is not None and kind is not self.kind:
            return False
        return self.sample is Sample.ALL or in_sample == (self.sample is Sample.IN)


EVERY = Asked(sample=Sample.ALL)


def asked_for(
    symbol: str | None = None,
    timeframe: Timeframe | None = None,
    tier: str | None = None,
    decision: str | None = None,
    member: str | None = None,
    kind: Kind | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    sample: Sample = Sample.OUT,
) -> Asked:
    """Return which signals are meant; a span (UTC) that ends before it begins is refused."""
    if since is not None and until is not None and since > until:
        raise SettingsError(
            f"The record was asked from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}, which "
            "is before it; give the earlier time first"
        )
    return Asked(symbol, timeframe, tier, decision, member, kind, sample, since, until)


@dataclass(frozen=True, slots=True)
class Row:
    """A resolved signal: its columns, its kind, its day, what it said, and how its trade ended."""

    columns: Mapping[str, Any]
    kind: Kind
    day: int
    came: Mapping[str, Any]
    trade: Mapping[str, Any] | None

    @property
    def series(self) -> str:
        """Return symbol and timeframe."""
        return f"{self.columns['symbol']} {self.columns['timeframe']}"


def resolved(desk: Desk, asked: Asked) -> tuple[list[Row], int]:
    """Return the signals asked for whose horizon is over, and how many the sample leaves out."""
    if not desk.has_database:
        return [], 0
    rows, left_out = [], 0
    for columns in Resolutions(desk.journal).chosen(asked.chosen):
        horizon = columns["outcomes"].get(Part.HORIZON)
        trade = columns["outcomes"].get(Part.TRADE)
        if horizon is None:
            continue
        came = horizon.found
        if asked.member and not spoke(came, asked.member):
            continue
        kind = kind_of(desk, columns)
        if asked.kind not in (None, kind):
            continue
        if not asked.holds(kind, in_sample=came["in_sample"]):
            left_out += 1
            continue
        rows.append(Row(columns, kind, 0, came, trade.found if trade else None))
    return _with_days(desk, rows), left_out


def kind_of(desk: Desk, columns: Mapping[str, Any]) -> Kind:
    """Return the kind of a signal, whose columns are `columns`; see `Kind`."""
    if columns["simulated"]:
        return Kind.SIMULATED
    table = calendar(desk.instrument(columns["symbol"]).calendar)
    late = is_late(table, Timeframe(columns["timeframe"]), columns["as_of"], columns["made_at"])
    return Kind.REPLAY if late else Kind.LIVE


def is_late(table: Calendar, timeframe: Timeframe, as_of: datetime, made_at: datetime) -> bool:
    """Say whether a signal of the bar that closed at `as_of` was made with hindsight.

    It was if the next bar had closed before it was made, or if it was made before its own bar had
    closed, which no clock that is right can show. Where nobody knows the calendar it was, too.
    """
    if made_at < as_of or made_at - as_of > timeframe.length + LONGEST_CLOSED:
        return True
    if made_at - as_of < timeframe.length / 2:  # no bar of any market follows as soon
        return False
    try:
        passed = table.expected_closes(timeframe, as_of + timedelta(microseconds=1), made_at)
    except HistoryError:
        return True
    return len(passed) > 0


def spoke(came: Mapping[str, Any], member: str) -> bool:
    """Say whether `member` was heard at a signal, of whose horizon `came` was found."""
    return any(part["member"] == member for part in came["members"])


Judged = tuple[Row, Mapping[str, Any] | None]
"""A signal and the member of it that is judged, None where it is the pool."""


def _with_days(desk: Desk, rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the trading day of each: days since 1970."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(row.series, []).append(place)
    days = np.zeros(len(rows), dtype=np.int64)
    for own in places.values():
        first = rows[own[0]].columns
        times = pl.Series(
            [rows[place].columns["as_of"] for place in own], dtype=pl.Datetime("us", "UTC")
        )
        days[own] = _days(desk.instrument(first["symbol"]).calendar, first["timeframe"], times)
    return [replace(row, day=day) for row, day in zip(rows, days.tolist(), strict=True)]


def _days(name: str, timeframe: str, times: pl.Series) -> NDArray[np.int64]:
    try:
        days = calendar(name).trading_day(times, Timeframe(timeframe))
    except HistoryError:  # of times that no calendar knows the date is the day
        days = times.dt.date()
    return days.to_physical().to_numpy().astype(np.int64)


def said_of(rows: Sequence[Judged]) -> Said:
    """Return what was said and what came, row for row."""
    outcomes = {name: place for place, name in enumerate(OUTCOMES)} | {None: statistics.UNKNOWN}
    probability = np.array(
        [(row.came if part is None else part)["probability"] for row, part in rows]
    )
    base = np.array([row.came["base"] for row, _ in rows])
    return Said(
        day=np.array([row.day for row, _ in rows], dtype=np.int64),
        probability=probability,
        base=base,
        side=np.array([_side(row, part) for row, part in rows], dtype=np.int64),
        outcome=np.array([outcomes[row.came["outcome"]] for row, _ in rows], dtype=np.int64),
        inside={share: _inside(rows, share) for share in FANS},
    )


def _inside(rows: Sequence[Judged], share: str) -> NDArray[np.float64]:
    told = (part["inside"] if part is not None else None for _, part in rows)
    return np.array([np.nan if one is None else float(one[share]) for one in told])


def _side(row: Row, part: Mapping[str, Any] | None) -> int:
    """Return to which side of climatology the pool leant, or the member."""
    if part is None:
        return SIDES[row.came["direction"]]
    lean = _log_odds(part["probability"]) - _log_odds(row.came["base"])
    return 0 if abs(lean) < NO_LEAN else int(np.sign(lean))


def _log_odds(probability: float) -> float:
    kept = min(max(probability, statistics.EDGE), 1.0 - statistics.EDGE)
    return float(np.log(kept / (1.0 - kept)))


def traded_of(rows: Sequence[Judged]) -> Traded:
    """Return the trades that ended; of a member those on the side that it leant to."""
    own = [
        (row.day, row.trade)
        for row, part in rows
        if row.trade is not None and (part is None or _side(row, part) == row.trade["side"])
    ]
    return Traded(
        day=np.array([day for day, _ in own], dtype=np.int64),
        net=np.array([trade["net"] for _, trade in own], dtype=np.float64),
        r=np.array([trade["r_net"] for _, trade in own], dtype=np.float64),
        taken=np.array([trade["taken"] for _, trade in own], dtype=np.bool_),
    )
